"""Small flows that together fill a need of which each alone gives too little."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import inf

from symbiosis.matching.facts import ListingFacts, MatchClass, Suggestion
from symbiosis.matching.knowledge import Knowledge, knowledge
from symbiosis.matching.reading import Reading, read_listing

ALONE_ENOUGH = Decimal("0.5")
"""An offer from this share of the need up is worth a deal of its own: then nothing is gathered. One that is only possible
counts when it is as near as the small ones would have to be."""
TOGETHER = Decimal("0.6")
MOST = 8
"""Offers of a pool: more contracts than that nobody keeps up."""
COMPACT_KM, BULK_COMPACT_KM = 150.0, 80.0
THOUSANDTH = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class PoolPart:
    """What an offer gives in a year, in the pool's unit; `density` in t/m³ when it was reckoned from the other unit."""

    offer: str
    amount: Decimal
    density: float | None = None


@dataclass(frozen=True, slots=True)
class FoundPool:
    """A need and the offers that fill it together, best first. Amounts of a year in `unit`."""

    need: str
    needed: Decimal
    unit: str
    parts: tuple[PoolPart, ...]

    @property
    def offered(self) -> Decimal:
        return sum((part.amount for part in self.parts), Decimal(0))


def find_pools(
    suggestions: Iterable[Suggestion],
    offers: Sequence[ListingFacts],
    needs: Sequence[ListingFacts],
    *,
    regions: Mapping[str, str] | None = None,
    known: Knowledge | None = None,
    read: Callable[[ListingFacts], Reading] | None = None,
) -> list[FoundPool]:
    """By need key. `suggestions` are those of a run: what its gates closed is not among them.

    `regions`: listing key to region. Goods of the need's own region are near however far, bulk excepted.
    `read`: a reading already made; asked only where tonnes meet cubic metres.
    """
    offer_of = {facts.key: facts for facts in offers}
    wanted = {facts.key: facts for facts in needs}
    found: dict[str, list[Suggestion]] = {}
    for one in suggestions:
        if one.match_class != MatchClass.DISTANT and one.offer in offer_of and one.need in wanted:
            found.setdefault(one.need, []).append(one)
    place = regions or {}

    def density(facts: ListingFacts) -> float | None:
        of = known or knowledge()
        main = (read(facts) if read else read_listing(facts, of)).main
        return of.materials[main].bulk_density if main else None

    pools = (_pool(wanted[need], found[need], offer_of, place, density) for need in sorted(found))
    return [pool for pool in pools if pool is not None]


def _pool(
    need: ListingFacts,
    suggestions: Sequence[Suggestion],
    offers: Mapping[str, ListingFacts],
    regions: Mapping[str, str],
    density: Callable[[ListingFacts], float | None],
) -> FoundPool | None:
    yearly = need.yearly()
    if yearly is None:
        return None
    needed, unit = yearly[0].quantize(THOUSANDTH), yearly[1]
    near: list[PoolPart] = []
    for one in sorted(suggestions, key=_best_first):
        part = _part(offers[one.offer], unit, density)
        if part is None:
            continue
        is_near = _is_near(one, need, offers[one.offer], regions)
        if part.amount >= ALONE_ENOUGH * needed:
            if is_near or one.match_class == MatchClass.GOOD:
                return None
        elif part.amount > 0 and is_near:
            near.append(part)
    parts: list[PoolPart] = []
    together = Decimal(0)
    for part in near[:MOST]:
        if together >= needed:
            break
        parts.append(part)
        together += part.amount
    return FoundPool(need.key, needed, unit, tuple(parts)) if together >= TOGETHER * needed else None


def _best_first(one: Suggestion) -> tuple[float, float, str]:
    return -one.score, inf if one.distance_km is None else one.distance_km, one.offer


def _part(offer: ListingFacts, unit: str, density: Callable[[ListingFacts], float | None]) -> PoolPart | None:
    yearly = offer.yearly()
    if yearly is None:
        return None
    amount, own = yearly
    if own == unit:
        return PoolPart(offer.key, amount.quantize(THOUSANDTH))
    if {own, unit} != {"t", "m3"} or not (weight := density(offer)):
        return None
    tonnes_a_cubic_metre = Decimal(str(weight))
    turned = amount * tonnes_a_cubic_metre if unit == "t" else amount / tonnes_a_cubic_metre
    return PoolPart(offer.key, turned.quantize(THOUSANDTH), weight)


def _is_near(one: Suggestion, need: ListingFacts, offer: ListingFacts, regions: Mapping[str, str]) -> bool:
    if one.distance_km is None:
        return False
    if need.bulk or offer.bulk:
        return one.distance_km <= BULK_COMPACT_KM
    same_region = need.key in regions and regions[need.key] == regions.get(offer.key)
    return same_region or one.distance_km <= COMPACT_KM
