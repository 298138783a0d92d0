"""What this room's indicators count: synergies born and realised, and the organisations that gain from them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kisu.lib.metrics import MetricRow, metric
from members.models import Organisation
from members.permissions import Reach
from symbiosis.models import Synergy


def _parties(synergy: Any) -> str:
    return f"{synergy.giver} → {synergy.receiver}"


def _describe_born(synergy: Any) -> MetricRow:
    return MetricRow(
        label=synergy.title,
        detail=f"{_parties(synergy)} · {synergy.get_stage_display()}",
        on=synergy.started_on,
        amount=None,
        url=synergy.get_absolute_url(),
    )


def _describe_realised(synergy: Any) -> MetricRow:
    return MetricRow(
        label=synergy.title,
        detail=_parties(synergy),
        on=synergy.realised_on,
        amount=None,
        url=synergy.get_absolute_url(),
    )


def _describe_organisation(organisation: Any) -> MetricRow:
    return MetricRow(
        label=organisation.name,
        detail=_("%(municipality)s · first realised synergy") % {"municipality": organisation.municipality},
        on=organisation.benefits_since,
        amount=None,
        url=organisation.get_absolute_url(),
    )


def _in_region(synergies: QuerySet[Synergy], reach: Reach) -> QuerySet[Synergy]:
    return synergies.filter(region__in=reach.regions)


def _at_home(organisations: QuerySet[Organisation], reach: Reach) -> QuerySet[Organisation]:
    return organisations.filter(municipality__region__in=reach.regions)


@metric(
    "symbiosis.synergies",
    title=gettext_lazy("Synergies born"),
    describe=_describe_born,
    select=("giver", "receiver"),
    within=_in_region,
)
def synergies(on: date) -> QuerySet[Synergy]:
    return Synergy.objects.born(on=on)


@metric(
    "symbiosis.synergies_realised",
    title=gettext_lazy("Synergies realised"),
    describe=_describe_realised,
    select=("giver", "receiver"),
    within=_in_region,
)
def synergies_realised(on: date) -> QuerySet[Synergy]:
    return Synergy.objects.realised(on=on)


@metric(
    "symbiosis.organisations_benefiting",
    title=gettext_lazy("Organisations that gain from synergies"),
    describe=_describe_organisation,
    select=("municipality",),
    within=_at_home,
)
def organisations_benefiting(on: date) -> QuerySet[Organisation]:
    """Parties of realised synergies, each once, whether it is a member or not."""
    of_one = Synergy.objects.realised(on=on).filter(Q(giver=OuterRef("pk")) | Q(receiver=OuterRef("pk")))
    first = of_one.order_by("realised_on").values("realised_on")[:1]
    return Organisation.objects.filter(Exists(of_one)).annotate(benefits_since=Subquery(first))
