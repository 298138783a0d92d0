"""Who might take an offer: the industries that the knowledge names, in a reader's words, and the members in them."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from kisu.lib.geography import Point, road_km
from kisu.lib.tables import Text
from members.models import Industry, Municipality, Organisation, Region, User
from members.permissions import Permission
from symbiosis.matching.knowledge import Knowledge
from symbiosis.matching.reading import Reading, read_listing
from symbiosis.matching.receivers import Taker, receiving_of
from symbiosis.models import Listing, ListingReading
from symbiosis.services.facts import facts_of
from symbiosis.services.knowledge import current_knowledge

logger = logging.getLogger(__name__)

SHOWN = 5
WAYS_SHOWN = 2
USUAL, POSSIBLE = 0.75, 0.4
"""The worth from which an industry is called usual or possible. They sort work; they are no probabilities."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A member in an industry. `here`: in the region of the goods. `km` by road, rough."""

    organisation: Organisation
    km: int
    here: bool


@dataclass(frozen=True, slots=True)
class ReadWay:
    """As what an industry might take the goods, and who in it; words, "" where the knowledge has none."""

    use: str
    material: str
    why: str


@dataclass(frozen=True, slots=True)
class ReadTaker:
    """An industry in the reader's words. `members`: those of the region first, then elsewhere, the nearest first."""

    rank: int
    code: str
    name: str
    worth: float
    likely: Text
    ways: list[ReadWay]
    members: list[Neighbour]
    register_url: str

    @property
    def here(self) -> int:
        return sum(one.here for one in self.members)

    @property
    def elsewhere(self) -> int:
        return len(self.members) - self.here

    @property
    def near(self) -> list[Neighbour]:
        return self.members[:3]

    @property
    def more(self) -> int:
        return len(self.members) - len(self.near)


@dataclass(frozen=True, slots=True)
class Receivers:
    """`takers`: those asked for, best first; `total`: how many there are. `understood`: anything was read at all."""

    takers: list[ReadTaker]
    total: int
    understood: bool


def receivers_of(
    *, listing: Listing, user: User, on: date, limit: int | None = None, regions: Sequence[Region] = ()
) -> Receivers | None:
    """For who sees matches of the offer; None for others and for what is no offer.

    `regions` restricts the members, never the industries. Three queries besides the reading.
    """
    if listing.kind != Listing.Kind.OFFER or not sees_matches_of(listing, user):
        return None
    known = current_knowledge()
    reading = reading_behind(listing, known)
    takers = [taker for taker in receiving_of(known).takers(reading) if taker.ways]
    shown = takers[:limit]
    return Receivers(
        takers=_in_words(shown, listing=listing, user=user, on=on, known=known, regions=regions),
        total=len(takers),
        understood=bool(reading.materials or reading.uses),
    )


def sees_matches_of(listing: Listing, user: User) -> bool:
    return Listing.objects.filter(pk=listing.pk).in_reach(user, Permission.MATCH_READ).exists()


def reading_behind(listing: Listing, known: Knowledge) -> Reading:
    """What the matcher goes by: the stored reading, else the text read now. Nothing where it can't be read."""
    stored: ListingReading | None = getattr(listing, "reading", None)
    if stored is not None:
        return Reading(
            materials=stored.materials,
            uses=stored.uses,
            properties=frozenset(stored.properties),
            without=frozenset(stored.without),
        )
    return read_now(listing, known)


def read_now(listing: Listing, known: Knowledge) -> Reading:
    try:
        return read_listing(facts_of(listing), known)
    except Exception:  # whatever a text provokes in the matcher: the page stands without it
        logger.exception("Listing %s could not be read", listing.pk)
        return Reading()


def _in_words(
    takers: Sequence[Taker], *, listing: Listing, user: User, on: date, known: Knowledge, regions: Sequence[Region]
) -> list[ReadTaker]:
    language = get_language() or "fi"
    digits = [taker.industry[1:] for taker in takers]
    names = {
        one.code: one.name
        for one in Industry.objects.filter(classification=Industry.Classification.TOL2008, code__in=digits)
    }
    members = _members(digits, listing=listing, user=user, on=on, regions=regions)
    register = user.may(Permission.ORGANISATION_REGISTER)
    region = listing.municipality.region.code
    return [
        ReadTaker(
            rank=rank,
            code=taker.industry,
            name=names.get(taker.industry[1:], taker.industry),
            worth=taker.worth,
            likely=_likely(taker.worth),
            ways=[
                ReadWay(
                    use=known.label(f"use:{way.use}", language),
                    material=known.label(f"material:{way.material}", language) if way.material else "",
                    why=way.why.get(language, ""),
                )
                for way in taker.ways[:WAYS_SHOWN]
            ],
            members=members[taker.industry[1:]],
            register_url=_register_url(taker.industry[1:], [one.code for one in regions] or [region])
            if register
            else "",
        )
        for rank, taker in enumerate(takers, start=1)
    ]


def _likely(worth: float) -> Text:
    if worth >= USUAL:
        return _("Usual")
    return pgettext_lazy("use of a material", "Possible") if worth >= POSSIBLE else _("Conceivable")


def _members(
    digits: Sequence[str], *, listing: Listing, user: User, on: date, regions: Sequence[Region]
) -> defaultdict[str, list[Neighbour]]:
    """By division, of either classification: their numbers mean the same but for the motor trade, which ended in 2025."""
    rows = (
        Organisation.objects.visible_to(user)
        .filter(state=Organisation.State.MEMBER, industry__code__in=digits)
        .members(on=on)
        .exclude(pk=listing.organisation_id)
        .select_related("industry", "municipality__region")
        .order_by("name", "pk")
    )
    if regions:
        rows = rows.filter(municipality__region__in=regions)
    place, region = point_of(listing.municipality), listing.municipality.region_id
    found: defaultdict[str, list[Neighbour]] = defaultdict(list)
    for row in rows:
        if row.industry is not None:
            km = round(road_km(place, point_of(row.municipality)))
            found[row.industry.code].append(Neighbour(row, km, row.municipality.region_id == region))
    for neighbours in found.values():
        neighbours.sort(key=lambda one: (not one.here, one.km))
    return found


def point_of(municipality: Municipality) -> Point:
    return Point(municipality.latitude, municipality.longitude)


def _register_url(division: str, regions: Iterable[str]) -> str:
    query = urlencode([("industry", division), *(("region", code) for code in regions)])
    return f"{reverse('members:organisation_list')}?{query}"
