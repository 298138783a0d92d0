"""Open listings as the matcher takes them: their facts, what was read of them, what their owners have answered."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any, Literal

from symbiosis.matching import ListingFacts
from symbiosis.matching.facts import Told, is_bulk
from symbiosis.matching.knowledge import Knowledge
from symbiosis.matching.reading import Reading, read_listing
from symbiosis.models import Listing, ListingReading, MatchAnswer
from symbiosis.models.listing import ListingQuerySet

logger = logging.getLogger(__name__)

Reason = MatchAnswer.Reason
QUALITY = frozenset({Reason.WRONG_QUALITY, Reason.NOT_ALLOWED})
"""Reasons that speak of the goods, not of this pair's road, quantity or luck."""
LEARN_FROM, LEARN_OF_PAIR = 200, 8
"""Answers in all before anything is learned, and answers to pairs of one use and material."""
MOST_LEARNED = 0.2
"""How far the answers move a score, up or down."""


def facts_of(listing: Listing) -> ListingFacts:
    """What the matcher reads of a listing.

    Needs municipality, unit, material class and waste code selected, and the corrections of its reading prefetched.
    """
    kind: Literal["offer", "need"] = "need" if listing.kind == Listing.Kind.NEED else "offer"
    material, waste_code = listing.material_class, listing.waste_code
    return ListingFacts(
        key=str(listing.pk),
        kind=kind,
        language=listing.language,
        title=listing.title,
        description=listing.description,
        valid_from=listing.valid_from,
        valid_until=listing.valid_until,
        nature=listing.nature or None,
        material_class=material.code if material else None,
        waste_code=waste_code.code if waste_code else None,
        hazardous=listing.hazardous,
        quantity=listing.quantity,
        unit=listing.unit.code if listing.unit else None,
        frequency=listing.continuity or None,
        latitude=listing.municipality.latitude,
        longitude=listing.municipality.longitude,
        radius_km=listing.radius_km,
        bulk=material.bulk if material else is_bulk(waste_code.code if waste_code else None, None),
        owner=str(listing.organisation_id),
        corrections={one.target: one.holds for one in listing.reading_corrections.all()},
    )


def with_facts(listings: ListingQuerySet) -> ListingQuerySet:
    """With all that `facts_of` and `read_open` look at."""
    related = ("municipality", "unit", "material_class", "waste_code", "reading")
    return listings.select_related(*related).prefetch_related("reading_corrections")


def fingerprint(facts: ListingFacts) -> str:
    """Changes with what a reading depends on."""
    said = (
        facts.kind,
        facts.language,
        facts.title,
        facts.description,
        facts.waste_code,
        sorted(facts.corrections.items()),
    )
    return blake2b(repr(said).encode(), digest_size=12).hexdigest()


def kept_reading(row: ListingReading | None, facts: ListingFacts, known: Knowledge) -> Reading | None:
    """The reading that was kept, when it is of this text and of this knowledge."""
    if row is None or row.version != known.version or row.whole.get("of") != fingerprint(facts):
        return None
    return Reading.from_json(row.whole)


@dataclass(frozen=True, slots=True)
class OpenListings:
    """Facts and readings by key; `parked`: keys of listings whose reading raised, with the error's name."""

    facts: list[ListingFacts] = field(default_factory=list)
    readings: dict[str, Reading] = field(default_factory=dict)
    parked: dict[str, str] = field(default_factory=dict)


def read_open(listings: ListingQuerySet, *, known: Knowledge, told: Mapping[str, Told]) -> OpenListings:
    """A listing that cannot be read is parked, and the others go on."""
    found = OpenListings()
    for listing in with_facts(listings).order_by("pk").iterator(chunk_size=1000):
        facts = facts_of(listing)
        try:
            reading = kept_reading(getattr(listing, "reading", None), facts, known) or read_listing(facts, known)
        except Exception as error:  # whatever a text provokes in the matcher
            logger.exception("Listing %s could not be read", listing.pk)
            found.parked[facts.key] = type(error).__name__
            continue
        found.facts.append(replace(facts, told=told[facts.key]) if facts.key in told else facts)
        found.readings[facts.key] = reading
    return found


# --- What people answered ---------------------------------------------------------------------------------------------


def told_by_owners() -> dict[str, Told]:
    """By listing what its own side turned down before, as bounds for what comes next."""
    far: dict[str, float] = {}
    little: dict[str, float] = {}
    unsuited: defaultdict[str, set[str]] = defaultdict(set)
    for answer in _dismissals():
        match = answer.match
        own = match.offer if match.offer.organisation_id == answer.organisation_id else match.need
        key = str(own.pk)
        if answer.reason == Reason.TOO_FAR and match.distance_km is not None:
            far[key] = min(match.distance_km, far.get(key, match.distance_km))
        elif answer.reason == Reason.TOO_LITTLE and (share := _share(match.reasons)) is not None:
            little[key] = max(share, little.get(key, share))
        elif answer.reason in QUALITY and (goods := _named(match.reasons, "goods")):
            unsuited[key].add(goods)
    return {
        key: Told(too_far_km=far.get(key), too_little=little.get(key), unsuited=frozenset(unsuited.get(key, ())))
        for key in far.keys() | little.keys() | unsuited.keys()
    }


def learned_factors() -> dict[tuple[str, str], float]:
    """By (use, material), from what people answered to pairs joined by them: 1 ± MOST_LEARNED, {} until there are enough.

    Interest counts for, a dismissal for the quality or as not allowed against; other reasons say nothing of the goods.
    """
    useful: Counter[tuple[str, str]] = Counter()
    asked: Counter[tuple[str, str]] = Counter()
    answers = MatchAnswer.objects.exclude(answer=MatchAnswer.Answer.DISMISSED, reason__in=set(Reason) - QUALITY)
    total = 0
    for answer, reasons in answers.values_list("answer", "match__reasons"):
        total += 1
        if goods := _named(reasons, "goods"):
            pair = _named(reasons, "use"), goods
            asked[pair] += 1
            useful[pair] += answer == MatchAnswer.Answer.INTERESTED
    if total < LEARN_FROM:
        return {}
    return {
        pair: 1 + MOST_LEARNED * (2 * (useful[pair] + 1) / (count + 2) - 1)
        for pair, count in asked.items()
        if count >= LEARN_OF_PAIR
    }


def dismissed_pairs() -> set[tuple[int, int]]:
    """(offer, need) that a side has turned down: they keep their row and take nobody's place."""
    dismissed = MatchAnswer.objects.filter(answer=MatchAnswer.Answer.DISMISSED)
    return set(dismissed.values_list("match__offer", "match__need"))


def _dismissals() -> Iterable[MatchAnswer]:
    published = Listing.State.PUBLISHED
    return (
        MatchAnswer.objects.filter(
            answer=MatchAnswer.Answer.DISMISSED, match__offer__state=published, match__need__state=published
        )
        .select_related("match__offer", "match__need")
        .iterator(chunk_size=1000)
    )


def _named(reasons: list[dict[str, Any]], name: str) -> str:
    return next((str(reason["params"][name]) for reason in reasons if name in reason["params"]), "")


def _share(reasons: list[dict[str, Any]]) -> float | None:
    """A year's offer over a year's need, as the reasons have compared them."""
    for reason in reasons:
        if reason["code"] in {"quantity_small", "quantity_enough"} and reason["params"]["needed"]:
            return float(reason["params"]["offered"]) / float(reason["params"]["needed"])
    return None
