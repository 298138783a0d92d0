"""Scores every pair in blocks of needs: exact, and in memory bounded by BLOCK x offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kisu.lib.jobs import Progress
from symbiosis.matching import fit
from symbiosis.matching.facts import ListingFacts, MatchClass, Suggestion
from symbiosis.matching.reasons import Pair, check_first, reasons_of
from symbiosis.matching.words import SharedWords, TextVectors, asserted, vectorise

# How far each kind of evidence carries alone; they join as 1 - product of what each leaves open.
WORDS, MATERIAL, WASTE_CODE = 0.7, 0.4, 0.6
FULL_COSINE = 0.5
"""The cosine at which texts are as alike as two people's texts of one thing get."""
CODE_LEVELS = ((8, 1.0), (5, 0.5), (2, 0.15))
"""Letters of the code that agree ("NN NN NN") and what the agreement is worth: entry, sub-chapter, chapter."""
OTHER_MATERIAL = 0.6
"""Factor when both name a material class and they differ: people choose the wrong class often enough to leave a way."""

# Cuts for sorting work, not probabilities; docs/matching.md tells what they gave on the development set. Good asks
# besides that no reason speaks against, so neither texts alone nor a material class alone make a good match.
GOOD_AT, POSSIBLE_AT, FLOOR = 0.4, 0.15, 0.01

BLOCK = 64

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of the market as arrays, sorted by key so that the order of the rows given plays no part."""

    listings: list[ListingFacts]
    latitude: Floats
    longitude: Floats
    radius: Floats
    material: NDArray[np.int64]
    codes: list[NDArray[np.int64]]
    hazardous: NDArray[np.bool_]
    bulk: NDArray[np.bool_]
    since: NDArray[np.int64]
    until: NDArray[np.int64]
    amount: Floats
    unit: NDArray[np.int64]

    def __getitem__(self, part: slice) -> _Side:
        return _Side(
            self.listings[part],
            self.latitude[part],
            self.longitude[part],
            self.radius[part],
            self.material[part],
            [level[part] for level in self.codes],
            self.hazardous[part],
            self.bulk[part],
            self.since[part],
            self.until[part],
            self.amount[part],
            self.unit[part],
        )


class _Numbers:
    """Numbers for names; a missing name is -1."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def of(self, names: Sequence[str | None]) -> NDArray[np.int64]:
        seen = self._seen
        return np.array([seen.setdefault(name, len(seen)) if name else -1 for name in names], dtype=np.int64)


def _floats(values: Sequence[float | None]) -> Floats:
    return np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)


def _side(listings: Sequence[ListingFacts], numbers: _Numbers, since: date) -> _Side:
    rows = sorted(listings, key=lambda listing: listing.key)
    amounts = [row.yearly() for row in rows]
    return _Side(
        listings=rows,
        latitude=_floats([row.latitude for row in rows]),
        longitude=_floats([row.longitude for row in rows]),
        radius=_floats([row.radius_km for row in rows]),
        material=numbers.of([row.material_class and f"material {row.material_class}" for row in rows]),
        codes=[numbers.of([row.waste_code and row.waste_code[:length] for row in rows]) for length, _ in CODE_LEVELS],
        hazardous=np.array([row.hazardous is True for row in rows], dtype=bool),
        bulk=np.array([row.bulk for row in rows], dtype=bool),
        since=np.array([max(row.valid_from, since).toordinal() for row in rows], dtype=np.int64),
        until=np.array([row.valid_until.toordinal() for row in rows], dtype=np.int64),
        amount=_floats([amount and float(amount[0]) for amount in amounts]),
        unit=numbers.of([amount and f"unit {amount[1]}" for amount in amounts]),
    )


def _same(needs: NDArray[np.int64], offers: NDArray[np.int64]) -> NDArray[np.bool_]:
    same: NDArray[np.bool_] = (needs[:, None] == offers[None, :]) & (needs[:, None] >= 0)
    return same


@dataclass(frozen=True, slots=True)
class _Block:
    """Arrays of needs x offers."""

    score: Floats
    words: Floats
    code: Floats
    same_material: NDArray[np.bool_]
    other_material: NDArray[np.bool_]
    km: Floats
    limit_km: Floats
    days: Floats
    share: Floats
    distance: Floats
    radius: Floats
    time: Floats
    quantity: Floats


def _block(needs: _Side, offers: _Side, cosines: Floats) -> _Block:
    words = np.clip(cosines / FULL_COSINE, 0.0, 1.0)
    code = np.zeros(words.shape)
    for (_, worth), of_needs, of_offers in zip(CODE_LEVELS, needs.codes, offers.codes, strict=True):
        code = np.maximum(code, worth * _same(of_needs, of_offers))
    same_material = _same(needs.material, offers.material)
    both_material = (needs.material[:, None] >= 0) & (offers.material[None, :] >= 0)
    other_material = both_material & ~same_material
    evidence = 1 - (1 - WORDS * words) * (1 - MATERIAL * same_material) * (1 - WASTE_CODE * code)

    km = fit.road_km(
        needs.latitude[:, None], needs.longitude[:, None], offers.latitude[None, :], offers.longitude[None, :]
    )
    limit_km = np.fmin(needs.radius[:, None], offers.radius[None, :])
    days = (
        np.minimum(needs.until[:, None], offers.until[None, :]) - np.maximum(needs.since[:, None], offers.since) + 1.0
    )
    comparable = _same(needs.unit, offers.unit)
    share = np.where(comparable, offers.amount[None, :] / needs.amount[:, None], np.nan)
    distance = fit.distance(km, needs.bulk[:, None] | offers.bulk[None, :])
    radius, time, quantity = fit.radius(km, limit_km), fit.time(days), fit.quantity(share)

    gate = (days >= 1) & ~(offers.hazardous[None, :] & ~needs.hazardous[:, None])
    factors = distance * radius * time * quantity * np.where(other_material, OTHER_MATERIAL, 1.0)
    score = np.where(gate, evidence * factors, 0.0)
    return _Block(
        score, words, code, same_material, other_material, km, limit_km, days, share, distance, radius, time, quantity
    )


def match(
    offers: Sequence[ListingFacts],
    needs: Sequence[ListingFacts],
    *,
    on: date,
    limit: int = 10,
    floor: float = FLOOR,
    progress: Progress | None = None,
) -> list[Suggestion]:
    """See `symbiosis.matching.match`; floor 0 keeps every pair behind the gates. Time grows with offers x needs."""
    if not offers or not needs or limit < 1:
        return []
    tell = partial(progress, total=len(needs)) if progress else _nobody
    numbers = _Numbers()
    all_offers, all_needs = _side(offers, numbers, on), _side(needs, numbers, on)
    texts = ([_text(row) for row in side.listings] for side in (all_offers, all_needs))
    vectors: TextVectors = vectorise(*texts, each=partial(tell, 0))
    tell(0)
    shared = SharedWords([*all_offers.listings, *all_needs.listings])
    suggestions: list[Suggestion] = []
    for start in range(0, len(all_needs.listings), BLOCK):
        part = all_needs[start : start + BLOCK]
        block = _block(part, all_offers, vectors.cosines(start, start + BLOCK))
        for row, need in enumerate(part.listings):
            for column in _best(block.score[row], limit, floor):
                suggestions.append(_suggestion(block, row, int(column), all_offers.listings[column], need, shared, on))
        tell(start + len(part.listings))
    return suggestions


def _nobody(done: int) -> None:
    pass


def _text(listing: ListingFacts) -> str:
    """The title is said twice: it names the goods, the description their setting too."""
    return " ".join(asserted(f"{listing.title}. {listing.title}. {listing.description}"))


def _best(scores: Floats, limit: int, floor: float) -> NDArray[np.int64]:
    """Columns of the `limit` best scores above 0 and from `floor` up; equal scores in key order."""
    cut = max(floor, float(np.finfo(np.float64).tiny))
    if limit < len(scores):
        cut = max(cut, float(np.partition(scores, -limit)[-limit]))
    columns = np.flatnonzero(scores >= cut)
    return columns[np.argsort(-scores[columns], kind="stable")][:limit]


def _suggestion(
    block: _Block, row: int, column: int, offer: ListingFacts, need: ListingFacts, shared: SharedWords, on: date
) -> Suggestion:
    at = (row, column)
    km, limit_km, share = float(block.km[at]), float(block.limit_km[at]), float(block.share[at])
    candidates = {
        "words": (float(block.words[at]), block.words[at] > 0),
        "waste_code": (float(block.code[at]), block.code[at] > 0),
        "material": (1.0, bool(block.same_material[at])),
        "other_material": (OTHER_MATERIAL, bool(block.other_material[at])),
        "distance": (float(block.distance[at]), not np.isnan(km)),
        "place_unknown": (fit.PLACE_UNKNOWN, bool(np.isnan(km))),
        "radius": (float(block.radius[at]), not np.isnan(km) and not np.isnan(limit_km)),
        "time": (float(block.time[at]), True),
        "quantity": (float(block.quantity[at]), not np.isnan(share)),
        "hazard": (1.0, offer.hazardous is True),
    }
    parts = {name: round(value, 4) for name, (value, counted) in candidates.items() if counted}
    pair = Pair(
        offer=offer,
        need=need,
        parts=parts,
        km=km,
        limit_km=limit_km,
        days=int(block.days[at]),
        since=max(offer.valid_from, need.valid_from, on),
        until=min(offer.valid_until, need.valid_until),
        share=share,
        shared_words=shared.of(offer.key, need.key) if "words" in parts else [],
    )
    reasons = reasons_of(pair)
    score = round(float(block.score[at]), 6)
    return Suggestion(
        offer=offer.key,
        need=need.key,
        score=score,
        match_class=_class(score, has_obstacle=any(not reason.for_it for reason in reasons)),
        distance_km=None if np.isnan(km) else round(km, 1),
        parts=parts,
        reasons=reasons,
        check_first=check_first(pair, reasons),
    )


def _class(score: float, *, has_obstacle: bool) -> MatchClass:
    if score >= GOOD_AT and not has_obstacle:
        return MatchClass.GOOD
    return MatchClass.POSSIBLE if score >= POSSIBLE_AT else MatchClass.DISTANT
