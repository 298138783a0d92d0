from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from kisu.lib.collation import finnish_order
from kisu.lib.dates import today
from kisu.lib.tables import Column, filter_chips, table_page
from members.access import editable_or_403, requires, signed_in, visible_or_404
from members.models import AuditEntry, Organisation, User
from members.permissions import Permission
from members.services.jobs import start_job
from symbiosis.filters import MatchFilter
from symbiosis.forms import MatchAnswerForm
from symbiosis.models import Enquiry, Match, MatchAnswer
from symbiosis.models.match import MatchQuerySet, class_rank
from symbiosis.services import SymbiosisError
from symbiosis.services.match_figures import mark_seen, may_see_figures
from symbiosis.services.matches import answer_match, answerable_sides, read_matches

HISTORY_SHOWN = 20


def match_columns() -> list[Column]:
    return [
        Column(
            "match_class",
            gettext_lazy("Match"),
            order_by=(class_rank(), "-score"),
            export=lambda row: row.get_match_class_display(),
        ),
        Column("offer", pgettext_lazy("listing", "Offer"), order_by=finnish_order("offer__title")),
        Column("offer.organisation", gettext_lazy("Provider")),
        Column("need", pgettext_lazy("listing", "Need"), order_by=finnish_order("need__title")),
        Column("need.organisation", gettext_lazy("Recipient")),
        Column("distance_km", gettext_lazy("Distance, km"), order_by="distance_km", numeric=True),
        Column("first_seen_at", gettext_lazy("First suggested"), order_by="first_seen_at", numeric=True),
    ]


@requires(Permission.MATCH_READ)
@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def match_list(request: HttpRequest) -> HttpResponseBase:
    user = signed_in(request)
    matches = Match.objects.visible_to(user).current().with_parties()
    found = MatchFilter(request.GET, queryset=matches, request=request)
    table = table_page(request, found.qs, match_columns(), default="match_class")
    if download := table.download(_("Matches")):
        return download
    part = "#results" if request.headers.get("HX-Target") == "results" else ""
    shown = cast(MatchQuerySet, table.page.object_list)
    return TemplateResponse(
        request,
        f"symbiosis/match_list.html{part}",
        {
            "table": table,
            "headers": {header.key: header for header in table.headers},
            "matches": read_matches(shown.fetched(), user=user, on=today()),
            "filter": found,
            "chips": filter_chips(request, found.form),
            "may_run": user.may(Permission.JOBS),
            "may_see_figures": may_see_figures(user),
        },
    )


@requires(Permission.MATCH_READ)
@require_safe
def match_detail(request: HttpRequest, pk: int) -> TemplateResponse:
    user = signed_in(request)
    match = visible_or_404(_matches(user), pk=pk)
    mark_seen(match=match, by=user, now=timezone.now())
    read = read_matches([match], user=user, on=today())[0]
    sides = answerable_sides(match=match, user=user)
    history = None
    if user.may(Permission.AUDIT_READ):
        entries = AuditEntry.objects.visible_to(user).about(match).select_related("actor__person", "organisation")
        history = entries.order_by("-at", "-pk")[:HISTORY_SHOWN]
    return TemplateResponse(
        request,
        "symbiosis/match_detail.html",
        {
            "match": match,
            "read": read,
            "answerable": set() if _is_synergy(match) else {side.pk for side in sides},
            "synergy_elsewhere": _is_synergy(match) and read.synergy is None,
            "contacts": Enquiry.objects.filter(match=match).count(),
            "may_contact": user.may(Permission.ENQUIRY) and read.enquiry is None,
            "may_open_synergy": not _is_synergy(match)
            and Match.objects.in_reach(user, Permission.SYNERGY_EDIT).filter(pk=match.pk).exists(),
            "history": history,
        },
    )


@requires(Permission.MATCH_ANSWER)
@require_http_methods(["GET", "HEAD", "POST"])
def match_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Interest is one press; turning it down asks why. Who may answer for both sides says for which."""
    user = signed_in(request)
    match = editable_or_403(_matches(user), Match.objects.answerable_by(user), pk=pk)
    sides = Organisation.objects.filter(pk__in=[side.pk for side in answerable_sides(match=match, user=user)])
    if request.method == "POST":
        form = MatchAnswerForm(request.POST, sides=sides)
    else:
        form = MatchAnswerForm(initial=_given(request, match, user), sides=sides)
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        try:
            answer_match(
                by=user,
                match=match,
                organisation=values["side"],
                answer=values["answer"],
                reason=values["reason"],
                note=values["note"],
                now=timezone.now(),
            )
        except SymbiosisError as error:
            form.add_error(None, str(error))
        else:
            if values["answer"] == MatchAnswer.Answer.INTERESTED:
                messages.success(request, _("The other side hears of the interest. You may write to them at once."))
            else:
                messages.success(request, _("The match was turned down. It is not suggested again as new."))
            return redirect(match)
    return TemplateResponse(request, "symbiosis/match_answer.html", {"form": form, "match": match})


def _given(request: HttpRequest, match: Match, user: User) -> dict[str, Any]:
    """The form begins with the answer that stands, or with what the link asked for."""
    side = request.GET.get("side", "")
    own = user.reach(Permission.MATCH_ANSWER).organisations
    given = next(
        (one for one in match.answers.all() if one.organisation_id in own or str(one.organisation_id) == side), None
    )
    start = {"answer": given.answer, "reason": given.reason, "note": given.note} if given else {}
    asked = request.GET.get("answer", "")
    return start | {"side": side} | ({"answer": asked} if asked in MatchAnswer.Answer.values else {})


@requires(Permission.JOBS)
@require_POST
def match_run(request: HttpRequest) -> HttpResponse:
    """Looks for matches now, as the night does; leads to the page of the run."""
    run = start_job(by=signed_in(request), job="symbiosis.match_listings", now=timezone.now())
    return redirect(run)


def _matches(user: User) -> MatchQuerySet:
    return Match.objects.visible_to(user).select_related(
        *(
            f"{side}__{part}"
            for side in ("offer", "need")
            for part in ("organisation__municipality__region", "municipality", "unit", "material_class", "waste_code")
        ),
        "synergy",
    )


def _is_synergy(match: Match) -> bool:
    """Whether there is one, also where the reader does not see it. Asked of what was selected."""
    return getattr(match, "synergy", None) is not None
