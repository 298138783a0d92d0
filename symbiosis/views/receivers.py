from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from kisu.lib.dates import today
from kisu.lib.tables import Column, RowTable, filter_chips
from members.access import requires, signed_in, visible_or_404
from members.permissions import Permission
from symbiosis.forms.receivers import ReceiverFilterForm
from symbiosis.models import Listing
from symbiosis.services.facts import with_facts
from symbiosis.services.readings import is_read
from symbiosis.services.receivers import ReadTaker, receivers_of


def receiver_columns() -> list[Column]:
    return [
        Column("rank", gettext_lazy("Rank"), order_by="rank"),
        Column("code", gettext_lazy("Code")),
        Column("name", gettext_lazy("Industry"), order_by="name"),
        Column("ways", gettext_lazy("As what"), export=lambda row: "; ".join(way.use for way in row.ways)),
        Column("why", gettext_lazy("Who"), export=lambda row: "; ".join(way.why for way in row.ways if way.why)),
        Column("likely", gettext_lazy("How likely"), export=lambda row: str(row.likely)),
        Column("here", gettext_lazy("In the region"), order_by="here", numeric=True),
        Column("elsewhere", gettext_lazy("Elsewhere"), order_by="elsewhere", numeric=True),
        Column("members", gettext_lazy("Nearest members"), export=_names),
    ]


def _names(row: ReadTaker) -> str:
    return "; ".join(f"{one.organisation.name} ({one.organisation.municipality}, {one.km} km)" for one in row.members)


@requires(Permission.MATCH_READ)
@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def receiver_list(request: HttpRequest, pk: int) -> HttpResponseBase:
    """All industries that might take an offer, for who sees its matches."""
    user, on = signed_in(request), today()
    visible = Listing.objects.visible_to(user, on=on).in_reach(user, Permission.MATCH_READ)
    listing = visible_or_404(
        with_facts(visible).select_related("organisation", "municipality__region", "reading"), pk=pk
    )
    form = ReceiverFilterForm(request.GET)
    found = receivers_of(listing=listing, user=user, on=on, regions=form.regions)
    if found is None:  # a need has no receivers
        raise Http404
    rows = [row for row in found.takers if row.members or not form.only_with_members]
    table = RowTable(request, rows, receiver_columns(), default="rank")
    if download := table.download(_("Who might take it %(number)s") % {"number": listing.pk}):
        return download
    part = "#results" if request.headers.get("HX-Target") == "results" else ""
    return TemplateResponse(
        request,
        f"symbiosis/receiver_list.html{part}",
        {
            "listing": listing,
            "table": table,
            "headers": {header.key: header for header in table.headers},
            "form": form,
            "chips": filter_chips(request, form),
            "found": found,
            "correctable": is_read(listing) and Listing.objects.filter(pk=pk).editable_by(user).exists(),
        },
    )
