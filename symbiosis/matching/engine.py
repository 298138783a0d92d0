"""Joins the two sides: candidates by sparse products, then the formula on the pairs that are left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from kisu.lib.jobs import Progress
from symbiosis.matching import fit
from symbiosis.matching.facts import ListingFacts, MatchClass, Suggestion
from symbiosis.matching.knowledge import Knowledge, knowledge
from symbiosis.matching.market import Numbers, Side, side
from symbiosis.matching.reading import read_listing
from symbiosis.matching.reasons import Pair, check_first, reasons_of
from symbiosis.matching.scoring import Scored, known_of, open_pairs, reach, score
from symbiosis.matching.wishes import Wishes, wishes
from symbiosis.matching.words import SharedWords, TextVectors, asserted, vectorise

# Cuts for sorting work, not probabilities; docs/matching.md tells what they gave on the development set.
GOOD_AT, POSSIBLE_AT, FLOOR = 0.4, 0.165, 0.02

BLOCK = 256
CANDIDATES = 60
"""Pairs of a need that the formula looks at: the most promising by material, use and distance."""
TEXT_CANDIDATES = 20
"""Further ones by their texts alone: for listings of whose material nothing is known."""
POWER = 4
"""A sum of fourth powers is nearly their maximum, and a sum is what a sparse product makes."""

Ints = NDArray[np.int64]
Floats = NDArray[np.floating[Any]]


def match(
    offers: Sequence[ListingFacts],
    needs: Sequence[ListingFacts],
    *,
    on: date,
    limit: int = 10,
    floor: float = FLOOR,
    known: Knowledge | None = None,
    everything: bool = False,
    progress: Progress | None = None,
) -> list[Suggestion]:
    """See `symbiosis.matching.match`. `everything`: the formula looks at every pair behind the gates."""
    if not offers or not needs or limit < 1:
        return []
    known = known or knowledge()
    total = len(needs)

    def tell(done: int = 0) -> None:
        if progress:
            progress(done, total)

    numbers = Numbers()
    offer_side, need_side = (_prepared(rows, numbers, on, known, tell) for rows in (offers, needs))
    wished = wishes(need_side.readings, known)
    texts = vectorise(*([_text(row) for row in rows.listings] for rows in (offer_side, need_side)), each=tell)
    shared = SharedWords([*offer_side.listings, *need_side.listings])
    has = _goods(offer_side, known)
    found: list[Suggestion] = []
    for start in range(0, total, BLOCK):
        rows = np.arange(start, min(start + BLOCK, total))
        need, offer = (
            _every(rows, offer_side) if everything else _candidates(rows, wished, need_side, offer_side, texts, has)
        )
        opened = open_pairs(need_side, offer_side, need, offer)
        need, offer = need[opened], offer[opened]
        value, goods = known_of(wished.total, offer_side, need, offer)
        cosine = _cosines(texts.needs, texts.offers, need, offer)
        scored = score(need_side, offer_side, need, offer, known=value, goods=goods, cosine=cosine)
        for place in _best(need, scored.score, limit, floor):
            found.append(_suggestion(place, need, offer, scored, need_side, offer_side, wished, shared, known, on))
        tell(int(rows[-1]) + 1)
    return found


def _prepared(
    rows: Sequence[ListingFacts], numbers: Numbers, on: date, known: Knowledge, each: Callable[[], None]
) -> Side:
    listings = sorted(rows, key=lambda listing: listing.key)
    readings = []
    for row in listings:
        each()
        readings.append(read_listing(row, known))
    return side(listings, readings, numbers, on, known)


def _text(listing: ListingFacts) -> str:
    """The title is said twice: it names the goods, the description their setting too."""
    return " ".join(asserted(f"{listing.title}. {listing.title}. {listing.description}"))


def _every(rows: Ints, offers: Side) -> tuple[Ints, Ints]:
    count = len(offers.listings)
    return np.repeat(rows, count), np.tile(np.arange(count), len(rows))


def _goods(offers: Side, known: Knowledge) -> csr_matrix:
    """offers x materials, each weight to the POWER."""
    return csr_matrix(
        (
            (offers.goods_weight**POWER).ravel(),
            (np.repeat(np.arange(len(offers.listings)), offers.goods.shape[1]), offers.goods.ravel()),
        ),
        shape=(len(offers.listings), len(known.materials)),
    )


def _candidates(
    rows: Ints, wished: Wishes, needs: Side, offers: Side, texts: TextVectors, goods: csr_matrix
) -> tuple[Ints, Ints]:
    hopeful = (csr_matrix(wished.total[rows] ** POWER) @ goods.T).tocoo()
    need, offer = rows[hopeful.row], hopeful.col.astype(np.int64)
    _, _, distance, radius = reach(needs, offers, need, offer)
    promise = hopeful.data ** (1 / POWER) * distance * radius * open_pairs(needs, offers, need, offer)
    kept = _best(need, promise, CANDIDATES, 0.0)
    alike = texts.cosines(int(rows[0]), int(rows[-1]) + 1)
    by_text = np.argpartition(-alike, min(TEXT_CANDIDATES, alike.shape[1] - 1), axis=1)[:, :TEXT_CANDIDATES]
    need = np.concatenate([need[kept], np.repeat(rows, by_text.shape[1])])
    offer = np.concatenate([offer[kept], by_text.ravel()])
    pairs = np.unique(need * len(offers.listings) + offer)
    return pairs // len(offers.listings), pairs % len(offers.listings)


def _cosines(needs: csr_matrix, offers: csr_matrix, need: Ints, offer: Ints) -> Floats:
    cosine: Floats = np.asarray(needs[need].multiply(offers[offer]).sum(axis=1)).ravel()
    return cosine


def _best(need: Ints, value: Floats, limit: int, floor: float) -> Ints:
    """Places of the `limit` best values of each need above 0 and from `floor` up; equal ones in key order."""
    places = np.flatnonzero((value > 0) & (value >= floor))
    order = places[np.lexsort((places, -value[places], need[places]))]
    starts = np.flatnonzero(np.diff(need[order], prepend=-1))
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    return order[rank < limit]


def _suggestion(
    place: int,
    need_numbers: Ints,
    offer_numbers: Ints,
    scored: Scored,
    needs: Side,
    offers: Side,
    wished: Wishes,
    shared: SharedWords,
    known: Knowledge,
    on: date,
) -> Suggestion:
    row, column = int(need_numbers[place]), int(offer_numbers[place])
    need, offer = needs.listings[row], offers.listings[column]
    km, limit_km, share = (float(value[place]) for value in (scored.km, scored.limit_km, scored.share))
    goods = int(scored.goods[place])
    candidates = {
        "known": (float(scored.known[place]), goods >= 0),
        "named": (float(wished.named[row, goods]), goods >= 0 and wished.named[row, goods] > 0),
        "used": (float(wished.used[row, goods]), goods >= 0 and wished.used[row, goods] > 0),
        "words": (float(scored.words[place]), scored.words[place] > 0),
        "waste_code": (float(scored.code[place]), scored.code[place] > 0),
        "material": (1.0, bool(scored.same_class[place])),
        "other_material": (1.0, bool(scored.other_class[place])),
        "refused": (1.0, bool(scored.refused[place])),
        "missing": (1.0, bool(scored.missing[place])),
        "distance": (float(scored.distance[place]), not np.isnan(km)),
        "place_unknown": (fit.PLACE_UNKNOWN, bool(np.isnan(km))),
        "radius": (float(scored.radius[place]), not np.isnan(km) and not np.isnan(limit_km)),
        "time": (float(scored.time[place]), True),
        "quantity": (float(scored.quantity[place]), not np.isnan(share)),
        "hazard": (1.0, offer.hazardous is True),
    }
    parts = {name: round(value, 4) for name, (value, counted) in candidates.items() if counted}
    pair = Pair(
        offer=offer,
        need=need,
        parts=parts,
        km=km,
        limit_km=limit_km,
        days=int(scored.days[place]),
        since=max(offer.valid_from, need.valid_from, on),
        until=min(offer.valid_until, need.valid_until),
        share=share,
        shared_words=shared.of(offer.key, need.key) if "words" in parts and goods < 0 else [],
        **_explained(row, column, goods, scored, place, needs, offers, wished, known),
    )
    reasons = reasons_of(pair)
    value = round(float(scored.score[place]), 6)
    return Suggestion(
        offer=offer.key,
        need=need.key,
        score=value,
        match_class=_class(value, has_obstacle=any(not reason.for_it for reason in reasons)),
        distance_km=None if np.isnan(km) else round(km, 1),
        parts=parts,
        reasons=reasons,
        check_first=check_first(pair, reasons),
    )


def _explained(
    row: int,
    column: int,
    goods: int,
    scored: Scored,
    place: int,
    needs: Side,
    offers: Side,
    wished: Wishes,
    known: Knowledge,
) -> dict[str, Any]:
    """What the reasons name: the goods, what they answer, the use with its causes, the properties in the way."""
    explained: dict[str, Any] = {}
    if scored.refused[place]:
        explained["clash"] = known.property_keys[int((needs.refuses[row] & offers.has[column]).argmax())]
    if scored.missing[place]:
        explained["lack"] = known.property_keys[int((needs.asks[row] & offers.lacks[column]).argmax())]
    if goods < 0:
        return explained
    explained["goods"] = key = known.material_keys[goods]
    asked = needs.readings[row].materials
    if asked:
        explained["wanted"] = max(
            asked, key=lambda name: (asked[name] * known.likeness[known.material_number[name], goods], name)
        )
    if (use := int(wished.best_use[row, goods])) >= 0:
        explained["use"] = known.use_keys[use]
        if fitness := known.why_fit(known.use_keys[use], key):
            explained["because"], explained["conditions"] = fitness.because, fitness.conditions
    return explained


def _class(score: float, *, has_obstacle: bool) -> MatchClass:
    if score >= GOOD_AT and not has_obstacle:
        return MatchClass.GOOD
    return MatchClass.POSSIBLE if score >= POSSIBLE_AT else MatchClass.DISTANT
