"""The one formula: what a pair of listings shows, part by part, and the score that the parts add up to.

Arrays of pairs in, arrays of pairs out. The points of the parts: data/formula.toml, read by `formula`. Gates come before:
`open_pairs` and `gates.Barriers`. Explained in docs/matching.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symbiosis.matching import fit
from symbiosis.matching.formula import Formula
from symbiosis.matching.market import Side
from symbiosis.matching.wishes import Wishes

FULL_COSINE = 0.5
"""The cosine at which texts are as alike as two people's texts of one thing get."""
CODE_WORTH = (1.0, 0.5, 0.15)
"""Agreement of the waste codes: entry, sub-chapter, chapter (market.CODE_LETTERS)."""
NEARLY_AS_FAR = 0.9

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scored:
    """Pair by pair: the score, its parts, and what was compared. Numbers of things are -1 for none.

    `parts`: by name, 0 to 1, NaN where the part did not count. `goods`: the offer's material that answers the wish.
    `refused`, `missing`, `unmet`: properties. `apart`: a measure. `km`, `limit_km`, `share` are NaN when not stated.
    """

    score: Floats
    parts: Mapping[str, Floats]
    goods: Ints
    refused: Ints
    missing: Ints
    unmet: Ints
    apart: Ints
    km: Floats
    limit_km: Floats
    days: Ints
    share: Floats


def open_pairs(needs: Side, offers: Side, need: Ints, offer: Ints) -> Bools:
    """Gates of the listings themselves: hazardous goods only to who accepts them, at least one common day, and nobody
    is joined with themselves.
    """
    own = (needs.owner[need] == offers.owner[offer]) & (needs.owner[need] >= 0)
    harmful = offers.hazardous[offer] & ~needs.hazardous[need]
    opened: Bools = (_days(needs, offers, need, offer) >= 1) & ~harmful & ~own
    return opened


def reach(needs: Side, offers: Side, need: Ints, offer: Ints) -> tuple[Floats, Floats, Floats, Floats]:
    """Kilometres by road, the stated limit, and what is kept of 1 over that distance and in that search area."""
    km = fit.road_km(needs.latitude[need], needs.longitude[need], offers.latitude[offer], offers.longitude[offer])
    limit = np.fmin(needs.radius[need], offers.radius[offer])
    return km, limit, fit.distance(km, offers.pays_km[offer]), fit.radius(km, limit)


def known_of(wishes: Floats, offers: Side, need: Ints, offer: Ints) -> tuple[Floats, Ints]:
    """The best of wish x weight over the offer's materials, and which material it is."""
    worth = wishes[need[:, None], offers.goods[offer]] * offers.goods_weight[offer]
    best = worth.argmax(axis=1)
    rows = np.arange(len(need))
    known = worth[rows, best]
    return known, np.where(known > 0, offers.goods[offer][rows, best], -1)


def score(
    formula: Formula,
    needs: Side,
    offers: Side,
    wishes: Wishes,
    need: Ints,
    offer: Ints,
    *,
    known: Floats,
    goods: Ints,
    cosine: Floats,
    learned: Floats,
) -> Scored:
    """`learned`: a factor near 1 for each pair, from what people answered to pairs like it."""
    words = np.clip(cosine / FULL_COSINE, 0.0, 1.0)
    code = np.zeros(len(need))
    for worth, of_needs, of_offers in zip(CODE_WORTH, needs.codes, offers.codes, strict=True):
        code = np.maximum(code, worth * ((of_needs[need] == of_offers[offer]) & (of_needs[need] >= 0)))
    both = (needs.material[need] >= 0) & (offers.material[offer] >= 0)
    same = both & (needs.material[need] == offers.material[offer])
    refused, missing = _first(needs.refuses[need] & offers.has[offer]), _first(needs.asks[need] & offers.lacks[offer])
    asked, usual = needs.asks[need], offers.usual[offer]
    with np.errstate(invalid="ignore"):
        met = (asked & usual).sum(axis=1) / asked.sum(axis=1)
    apart = _first((needs.lowest[need] > offers.highest[offer]) | (needs.highest[need] < offers.lowest[offer]))
    km, limit_km, distance, radius = reach(needs, offers, need, offer)
    days = _days(needs, offers, need, offer)
    comparable = (needs.unit[need] == offers.unit[offer]) & (needs.unit[need] >= 0)
    share = np.where(comparable, offers.amount[offer] / needs.amount[need], np.nan)
    unsuited = (goods >= 0) & (needs.told_unsuited[need, goods] | offers.told_unsuited[offer, goods])
    parts = {
        "known": _some(known),
        "named": _some(np.where(goods >= 0, wishes.named[need, goods], 0)),
        "used": _some(np.where(goods >= 0, wishes.used[need, goods], 0)),
        "words": _some(words),
        "unread": _some(np.where(wishes.read[need] & offers.read[offer], 0, words)),
        "waste_code": _some(code),
        "material": _some(same),
        "other_material": _some(both & ~same),
        "refused": _some(refused >= 0),
        "missing": _some(missing >= 0),
        "ruled_out": _some(_ruled_out(needs, offers, need, offer)),
        "asked": met,
        "number": _some(apart >= 0),
        "distance": np.where(np.isnan(km), np.nan, distance),
        "place_unknown": _some(np.isnan(km)),
        "radius": np.where(np.isnan(km + limit_km), np.nan, radius),
        "time": fit.time(days),
        "quantity": fit.quantity(share),
        "months": _months_met(needs.months[need], offers.months[offer]),
        "told_far": _some(km >= NEARLY_AS_FAR * np.fmin(needs.told_far[need], offers.told_far[offer])),
        "told_little": _some(share <= np.fmax(needs.told_little[need], offers.told_little[offer])),
        "told_unsuited": _some(unsuited),
        "learned": np.where(learned == 1, np.nan, learned),
        "hazard": _some(offers.hazardous[offer]),
    }
    return Scored(
        score=formula.score(parts),
        parts=parts,
        goods=goods,
        refused=refused,
        missing=missing,
        unmet=_first(asked & ~usual),
        apart=apart,
        km=km,
        limit_km=limit_km,
        days=days,
        share=share,
    )


def _some(value: NDArray[Any]) -> Floats:
    """What is 0 did not count."""
    return np.where(value > 0, value, np.nan)


def _ruled_out(needs: Side, offers: Side, need: Ints, offer: Ints) -> Bools:
    """Whether the offer says a word that the need rules out."""
    found = np.zeros(len(need), dtype=bool)
    asked = np.flatnonzero(np.diff(needs.told.indptr)[need])
    common = needs.told[need[asked]].multiply(offers.told[offer[asked]]).sum(axis=1)
    found[asked] = np.asarray(common).ravel() > 0
    return found


def _days(needs: Side, offers: Side, need: Ints, offer: Ints) -> Ints:
    """Common days."""
    days: Ints = np.minimum(needs.until[need], offers.until[offer]) - np.maximum(needs.since[need], offers.since[offer])
    return days + 1


def _months_met(needed: Bools, offered: Bools) -> Floats:
    """Of the need's months the share in which there are goods; NaN when neither side limits them."""
    limited = ~(needed.all(axis=1) & offered.all(axis=1))
    share = (needed & offered).sum(axis=1) / np.maximum(needed.sum(axis=1), 1)
    return np.where(limited, share, np.nan)


def _first(table: Bools) -> Ints:
    """Of each row the first column that holds, -1 for none."""
    return np.where(table.any(axis=1), table.argmax(axis=1), -1)
