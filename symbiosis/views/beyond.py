from __future__ import annotations

from django.db.models import F
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import get_language, gettext_lazy, pgettext, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from kisu.lib.collation import finnish_order
from kisu.lib.dates import today
from kisu.lib.tables import Column, filter_chips, table_page
from members.access import requires, signed_in
from members.permissions import Permission
from symbiosis.filters import ChainFilter, PoolFilter
from symbiosis.matching.treatments import treatments
from symbiosis.models import Chain, Pool
from symbiosis.services.beyond import read_chains, read_pools
from symbiosis.services.knowledge import current_knowledge


def pool_columns() -> list[Column]:
    return [
        Column("need", pgettext_lazy("listing", "Need"), order_by=finnish_order("need__title")),
        Column("need.organisation", gettext_lazy("Recipient")),
        Column("need.municipality", gettext_lazy("Municipality")),
        Column("open_parts", gettext_lazy("Offers"), order_by="open_parts", numeric=True),
        Column("together", gettext_lazy("Together"), order_by=F("together") / F("needed"), numeric=True),
        Column("needed", gettext_lazy("Needed"), order_by="needed", numeric=True),
        Column("unit", gettext_lazy("Unit")),
    ]


@requires(Permission.MATCH_READ)
@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def pool_list(request: HttpRequest) -> HttpResponseBase:
    user, on = signed_in(request), today()
    pools = Pool.objects.visible_to(user).open(on=on).select_related("need__organisation", "need__municipality__region")
    found = PoolFilter(request.GET, queryset=pools, request=request)
    table = table_page(request, found.qs, pool_columns(), default="-together")
    if download := table.download(_("Pools")):
        return download
    part = "#results" if request.headers.get("HX-Target") == "results" else ""
    return TemplateResponse(
        request,
        f"symbiosis/pool_list.html{part}",
        {
            "table": table,
            "headers": {header.key: header for header in table.headers},
            "pools": read_pools(table.rows, on=on),
            "filter": found,
            "chips": filter_chips(request, found.form),
        },
    )


def chain_columns() -> list[Column]:
    language = get_language() or "fi"
    known, ways = current_knowledge(), treatments()
    return [
        Column("offer", pgettext_lazy("listing", "Offer"), order_by=finnish_order("offer__title")),
        Column("offer.organisation", gettext_lazy("Provider")),
        Column("treatment", gettext_lazy("Treatment"), export=lambda row: ways.label(row.treatment, language)),
        Column(
            "made_into",
            gettext_lazy("What is made"),
            export=lambda row: known.label(f"material:{row.made_into}", language),
        ),
        Column("need", pgettext_lazy("listing", "Need"), order_by=finnish_order("need__title")),
        Column("need.organisation", gettext_lazy("Recipient")),
        Column("distance_km", gettext_lazy("Distance, km"), order_by="distance_km", numeric=True),
    ]


@requires(Permission.MATCH_READ)
@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def chain_list(request: HttpRequest) -> HttpResponseBase:
    user, on = signed_in(request), today()
    chains = Chain.objects.visible_to(user).open(on=on).with_parties()
    found = ChainFilter(request.GET, queryset=chains, request=request)
    table = table_page(request, found.qs, chain_columns(), default=("-score",))
    if download := table.download(_("Chains")):
        return download
    sorts = {
        "": pgettext("order", "Most promising first"),
        "distance_km": pgettext("order", "Nearest first"),
        "offer": pgettext("order", "By offer"),
        "need": pgettext("order", "By need"),
    }
    part = "#results" if request.headers.get("HX-Target") == "results" else ""
    return TemplateResponse(
        request,
        f"symbiosis/chain_list.html{part}",
        {
            "table": table,
            "chains": read_chains(table.rows, user=user, on=on),
            "filter": found,
            "chips": filter_chips(request, found.form),
            "sorts": [{"value": key, "label": label, "current": table.sort == key} for key, label in sorts.items()],
        },
    )
