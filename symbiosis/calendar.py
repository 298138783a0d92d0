from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kisu.lib.calendar import CalendarEntry, calendar_source
from symbiosis.models import Listing, Synergy


@calendar_source("symbiosis.expiring_listings", title=gettext_lazy("Own listings that expire"))
def expiring_listings(user: Any, first: date, last: date) -> Iterator[CalendarEntry]:
    own = Listing.objects.published(on=first).own_of(user).editable_by(user).filter(valid_until__lte=last)
    for listing in own.select_related("organisation").order_by("valid_until", "pk"):
        yield CalendarEntry(
            starts_on=listing.valid_until,
            ends_on=listing.valid_until,
            title=_("Listing expires: %(title)s") % {"title": listing.title},
            detail=str(listing.organisation),
            url=listing.get_absolute_url(),
        )


@calendar_source("symbiosis.next_steps", title=gettext_lazy("Next steps of synergies"))
def next_steps(user: Any, first: date, last: date) -> Iterator[CalendarEntry]:
    coming = Synergy.objects.visible_to(user).under_way().filter(next_step_on__range=(first, last))
    for synergy in coming.exclude(next_step="").order_by("next_step_on", "pk"):
        if synergy.next_step_on is not None:
            yield CalendarEntry(
                starts_on=synergy.next_step_on,
                ends_on=synergy.next_step_on,
                title=synergy.next_step,
                detail=synergy.title,
                url=synergy.get_absolute_url(),
            )
