"""The one formula: parts of a pair and how they join. Arrays of pairs in, arrays of pairs out.

evidence = 1 - (1 - a known)(1 - b words)(1 - c waste code)(1 - d class), then times what stands in the way: properties,
numbers, distance, stated search area, common days, quantity, what the sides have answered before. Gates come before:
`open_pairs` and `gates.Barriers`. Explained in docs/matching.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symbiosis.matching import fit
from symbiosis.matching.market import Side

KNOWN, WORDS, WASTE_CODE, CLASS = 0.85, 0.75, 0.3, 0.15
"""How far each kind of evidence carries alone."""
FULL_COSINE = 0.5
"""The cosine at which texts are as alike as two people's texts of one thing get."""
CODE_WORTH = (1.0, 0.5, 0.15)
"""What agreement of the waste codes is worth: entry, sub-chapter, chapter (market.CODE_LETTERS)."""
OTHER_CLASS = 0.85
"""Factor when both name a material class and they differ: people choose the wrong one often enough."""
REFUSED, MISSING = 0.15, 0.6
"""Factors: the offer has a property that the need refuses; it lacks one that the need asks for."""
OUT_OF_RANGE = 0.6
"""Factor: a value that the offer states lies outside what the need asks for."""
UNMET = 0.5
"""What a pair loses when the offer and its material have none of the properties that the need asks for."""
OTHER_MONTHS = 0.3
"""What a pair loses when the goods come in none of the months in which they are needed."""
TOLD_FAR, TOLD_LITTLE, TOLD_UNSUITED = 0.6, 0.7, 0.6
"""Factors: a side has turned down a nearer one as too far, as large a share as too little, this material before."""
NEARLY_AS_FAR = 0.9

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scored:
    """Pair by pair: the score and its parts. Numbers of things are -1 for none, values NaN.

    `goods`: the offer's material that answers the wish. `refused`, `missing`, `unmet`: properties. `apart`: a measure.
    `met`: the share of the properties asked for that the goods have or usually have.
    """

    score: Floats
    known: Floats
    goods: Ints
    words: Floats
    code: Floats
    same_class: Bools
    other_class: Bools
    refused: Ints
    missing: Ints
    met: Floats
    unmet: Ints
    apart: Ints
    km: Floats
    limit_km: Floats
    days: Ints
    share: Floats
    distance: Floats
    radius: Floats
    time: Floats
    quantity: Floats
    months: Floats
    """Of the need's months those in which there are goods; NaN when neither side limits them."""
    told_far: Bools
    told_little: Bools
    told_unsuited: Bools
    learned: Floats


def open_pairs(needs: Side, offers: Side, need: Ints, offer: Ints) -> Bools:
    """Gates of the listings themselves: hazardous goods only to who accepts them, at least one common day, and nobody
    is joined with themselves.
    """
    own = (needs.owner[need] == offers.owner[offer]) & (needs.owner[need] >= 0)
    harmful = offers.hazardous[offer] & ~needs.hazardous[need]
    opened: Bools = (_days(needs, offers, need, offer) >= 1) & ~harmful & ~own
    return opened


def reach(needs: Side, offers: Side, need: Ints, offer: Ints) -> tuple[Floats, Floats, Floats, Floats]:
    """Kilometres by road, the stated limit, and the factors of distance and search area."""
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
    needs: Side, offers: Side, need: Ints, offer: Ints, *, known: Floats, goods: Ints, cosine: Floats, learned: Floats
) -> Scored:
    """`learned`: a factor near 1 for each pair, from what people answered to pairs like it."""
    words = np.clip(cosine / FULL_COSINE, 0.0, 1.0)
    code = np.zeros(len(need))
    for worth, of_needs, of_offers in zip(CODE_WORTH, needs.codes, offers.codes, strict=True):
        code = np.maximum(code, worth * ((of_needs[need] == of_offers[offer]) & (of_needs[need] >= 0)))
    both = (needs.material[need] >= 0) & (offers.material[offer] >= 0)
    same = both & (needs.material[need] == offers.material[offer])
    evidence = 1 - (1 - KNOWN * known) * (1 - WORDS * words) * (1 - WASTE_CODE * code) * (1 - CLASS * same)

    refused, missing = _first(needs.refuses[need] & offers.has[offer]), _first(needs.asks[need] & offers.lacks[offer])
    asked, usual = needs.asks[need], offers.usual[offer]
    with np.errstate(invalid="ignore"):
        met = (asked & usual).sum(axis=1) / asked.sum(axis=1)
    unmet = _first(asked & ~usual)
    apart = _first((needs.lowest[need] > offers.highest[offer]) | (needs.highest[need] < offers.lowest[offer]))
    km, limit_km, distance, radius = reach(needs, offers, need, offer)
    days = _days(needs, offers, need, offer)
    comparable = (needs.unit[need] == offers.unit[offer]) & (needs.unit[need] >= 0)
    share = np.where(comparable, offers.amount[offer] / needs.amount[need], np.nan)
    time, quantity = fit.time(days), fit.quantity(share)
    months = _months_met(needs.months[need], offers.months[offer])
    told_far = km >= NEARLY_AS_FAR * np.fmin(needs.told_far[need], offers.told_far[offer])
    told_little = share <= np.fmax(needs.told_little[need], offers.told_little[offer])
    told_unsuited = (goods >= 0) & (needs.told_unsuited[need, goods] | offers.told_unsuited[offer, goods])
    factors = np.where(np.isnan(met), 1.0, 1 - UNMET + UNMET * met)
    factors *= np.where(np.isnan(months), 1.0, 1 - OTHER_MONTHS + OTHER_MONTHS * months)
    for holds, factor in (
        (refused >= 0, REFUSED),
        (missing >= 0, MISSING),
        (apart >= 0, OUT_OF_RANGE),
        (both & ~same, OTHER_CLASS),
        (told_far, TOLD_FAR),
        (told_little, TOLD_LITTLE),
        (told_unsuited, TOLD_UNSUITED),
    ):
        factors = factors * np.where(holds, factor, 1.0)
    return Scored(
        score=np.clip(evidence * factors * distance * radius * time * quantity * learned, 0.0, 1.0),
        known=known,
        goods=goods,
        words=words,
        code=code,
        same_class=same,
        other_class=both & ~same,
        refused=refused,
        missing=missing,
        met=met,
        unmet=unmet,
        apart=apart,
        km=km,
        limit_km=limit_km,
        days=days,
        share=share,
        distance=distance,
        radius=radius,
        time=time,
        quantity=quantity,
        months=months,
        told_far=told_far,
        told_little=told_little,
        told_unsuited=told_unsuited,
        learned=learned,
    )


def _days(needs: Side, offers: Side, need: Ints, offer: Ints) -> Ints:
    """Common days."""
    days: Ints = np.minimum(needs.until[need], offers.until[offer]) - np.maximum(needs.since[need], offers.since[offer])
    return days + 1


def _months_met(needed: Bools, offered: Bools) -> Floats:
    limited = ~(needed.all(axis=1) & offered.all(axis=1))
    share = (needed & offered).sum(axis=1) / np.maximum(needed.sum(axis=1), 1)
    return np.where(limited, share, np.nan)


def _first(table: Bools) -> Ints:
    """Of each row the first column that holds, -1 for none."""
    return np.where(table.any(axis=1), table.argmax(axis=1), -1)
