from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from kisu.lib.dates import today
from kisu.lib.tables import Column, RowTable, filter_chips
from members.access import requires, signed_in
from members.permissions import Permission
from symbiosis.forms import PeriodForm
from symbiosis.models import MatchAnswer
from symbiosis.services import match_figures as figures
from symbiosis.services.match_figures import ClassFigures


def figure_columns() -> list[Column]:
    return [
        Column("label", gettext_lazy("Class"), order_by="rank"),
        *_measures(),
        Column("judged", pgettext_lazy("pairs", "Judged"), numeric=True),
        Column("precision", gettext_lazy("Precision, %"), numeric=True, export=lambda row: _rounded(row.precision)),
        Column("low", gettext_lazy("Precision at least, %"), numeric=True, export=lambda row: _bound(row, 0)),
        Column("high", gettext_lazy("Precision at most, %"), numeric=True, export=lambda row: _bound(row, 1)),
        *(_reason_column(place, str(label)) for place, label in enumerate(MatchAnswer.Reason.labels)),
    ]


def _measures() -> list[Column]:
    return [
        Column("suggested", pgettext_lazy("pairs", "Suggested"), numeric=True),
        Column("opened", pgettext_lazy("pairs", "Opened"), numeric=True),
        Column("answered", pgettext_lazy("pairs", "Answered"), numeric=True),
        Column("interested", pgettext_lazy("pairs", "Interested"), numeric=True),
        Column("dismissed", pgettext_lazy("pairs", "Turned down"), numeric=True),
        Column("contacted", pgettext_lazy("pairs", "In contact"), numeric=True),
        Column("synergies", gettext_lazy("Synergies"), numeric=True),
        Column("realised", pgettext_lazy("pairs", "Realised"), numeric=True),
    ]


def _reason_column(place: int, label: str) -> Column:
    name = _("Turned down: %(reason)s") % {"reason": label}
    return Column(f"reason_{place}", name, numeric=True, export=lambda row: row.reasons[place])


def _rounded(percent: float | None) -> float | None:
    return None if percent is None else round(percent, 1)


def _bound(row: ClassFigures, end: int) -> float | None:
    return None if row.interval is None else _rounded(row.interval[end])


@requires(Permission.MATCH_READ)
@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def match_figures(request: HttpRequest) -> HttpResponseBase:
    """For the service centre, and for a coordinator the own region's."""
    user, on = signed_in(request), today()
    if not figures.may_see_figures(user):
        raise PermissionDenied
    form = PeriodForm(request.GET)
    since, until = form.days(on=on) if form.is_valid() else (None, None)
    rows = figures.match_figures(user=user, since=since, until=until) if form.is_valid() else []
    table = RowTable(request, rows, figure_columns(), default="label")
    if form.is_valid() and (download := table.download(_("Figures of the matches"))):
        return download
    part = "#results" if request.headers.get("HX-Target") == "results" else ""
    classes = [*rows, figures.sum_of(rows)]
    return TemplateResponse(
        request,
        f"symbiosis/match_figures.html{part}",
        {
            "form": form,
            "chips": filter_chips(request, form),
            "table": table,
            "since": since,
            "until": until,
            "classes": classes,
            "total": classes[-1],
            "measures": [
                (column.label, [(row.label, getattr(row, column.key)) for row in classes]) for column in _measures()
            ],
            "reasons": [
                (reason, [(row.label, row.reasons[place]) for row in classes])
                for place, reason in enumerate(MatchAnswer.Reason.labels if classes[-1].dismissed else [])
            ],
            "least_judged": figures.LEAST_JUDGED,
            "everywhere": user.reach(Permission.MATCH_READ).everything,
        },
    )
