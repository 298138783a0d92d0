"""What this room's indicators count: organisations in the network, and those that it has reached."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kisu.lib.dates import local_midnight
from kisu.lib.metrics import MetricRow, metric
from members.models import Organisation
from members.permissions import Reach


def _describe(organisation: Any) -> MetricRow:
    return MetricRow(
        label=organisation.name,
        detail=f"{organisation.get_state_display()} · {organisation.municipality}",
        on=organisation.joined_on,
        amount=None,
        url=organisation.get_absolute_url(),
    )


def _within(organisations: QuerySet[Organisation], reach: Reach) -> QuerySet[Organisation]:
    return organisations.filter(municipality__region__in=reach.regions)


@metric(
    "members.organisations",
    title=_("Organisations in the network"),
    describe=_describe,
    select=("municipality",),
    within=_within,
)
def organisations(on: date) -> QuerySet[Organisation]:
    return Organisation.objects.members(on=on)


@metric(
    "members.organisations_reached",
    title=_("Organisations reached"),
    describe=_describe,
    select=("municipality",),
    within=_within,
)
def organisations_reached(on: date) -> QuerySet[Organisation]:
    """Those that were members at some time, were invited or applied; a mere prospect was not reached.

    An organisation does not keep the day of its invitation or application: the day it came to the register stands
    for it.
    """
    asked = Q(
        state__in=(Organisation.State.INVITED, Organisation.State.APPLIED),
        created_at__lt=local_midnight(on + timedelta(days=1)),
    )
    return Organisation.objects.filter(Q(joined_on__lte=on) | asked)
