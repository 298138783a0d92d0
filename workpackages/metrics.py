"""What this room's indicators count: material kept in use and emissions avoided, from the impacts of realised work.

Measured and calculated figures are summed; estimated ones stand apart and are never added. A figure is tonnes a year
of the changes that had begun by the day, times the network's share.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, ExpressionWrapper, F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kisu.lib.formats import percent
from kisu.lib.metrics import MetricRow, metric
from members.permissions import Reach
from workpackages.models import Impact

OWNERS = [relation.get_accessor_name() or "" for relation in Impact.owners()]
COUNTED = (Impact.Kind.MEASURED, Impact.Kind.CALCULATED)


def _begun(on: date, kinds: tuple[str, ...], column: str) -> QuerySet[Impact]:
    """Impacts of these kinds that had begun, `share` being the column times the network's share."""
    share = ExpressionWrapper(
        F(column) * F("attribution_percent") / Decimal(100), output_field=DecimalField(max_digits=20, decimal_places=3)
    )
    impacts = Impact.objects.filter(starts_on__lte=on, kind__in=kinds, **{f"{column}__isnull": False})
    return impacts.annotate(share=share)


def _describe(impact: Any) -> MetricRow:
    owner = impact.owner
    detail = str(impact.get_kind_display())
    if impact.attribution_percent != 100:
        share = percent(impact.attribution_percent)
        detail = _("%(kind)s, network's share %(share)s") % {"kind": detail, "share": share}
    return MetricRow(
        label=str(owner) if owner else impact.source,
        detail=detail,
        on=impact.starts_on,
        amount=impact.share,
        url=owner.get_absolute_url() if owner and hasattr(owner, "get_absolute_url") else None,
    )


def _within(impacts: QuerySet[Impact], reach: Reach) -> QuerySet[Impact]:
    """Those whose owner lies in one of the regions; an owner that has no region is in none."""
    there = Q(pk__in=[])
    for relation in Impact.owners():
        if any(field.name == "region" for field in relation.related_model._meta.get_fields()):
            there |= Q(**{f"{relation.name}__region__in": reach.regions})
    return impacts.filter(there)


@metric(
    "workpackages.material_kept_in_use_t",
    title=gettext_lazy("Material kept in use, t a year"),
    describe=_describe,
    amount="share",
    select=OWNERS,
    within=_within,
    apart="workpackages.material_estimated_t",
)
def material_kept_in_use(on: date) -> QuerySet[Impact]:
    return _begun(on, COUNTED, "kept_in_use_t")


@metric(
    "workpackages.material_estimated_t",
    title=gettext_lazy("Material kept in use by estimate, t a year"),
    describe=_describe,
    amount="share",
    select=OWNERS,
    within=_within,
)
def material_estimated(on: date) -> QuerySet[Impact]:
    return _begun(on, (Impact.Kind.ESTIMATED,), "kept_in_use_t")


@metric(
    "workpackages.co2e_reduction_t",
    title=gettext_lazy("Emissions avoided, t CO₂e a year"),
    describe=_describe,
    amount="share",
    select=OWNERS,
    within=_within,
    apart="workpackages.co2e_estimated_t",
)
def co2e_reduction(on: date) -> QuerySet[Impact]:
    return _begun(on, COUNTED, "co2e_t")


@metric(
    "workpackages.co2e_estimated_t",
    title=gettext_lazy("Emissions avoided by estimate, t CO₂e a year"),
    describe=_describe,
    amount="share",
    select=OWNERS,
    within=_within,
)
def co2e_estimated(on: date) -> QuerySet[Impact]:
    return _begun(on, (Impact.Kind.ESTIMATED,), "co2e_t")
