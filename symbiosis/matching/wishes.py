"""Joins readings: what a need would take, as weights over materials, and what an offer has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from symbiosis.matching.knowledge import USUAL_KINDS, Knowledge
from symbiosis.matching.reading import Reading

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

NAMED_ONLY, USED_ONLY, USED_BESIDE_TITLE = 0.8, 0.6, 0.3
"""A named material that the use table does not know for the use; one that only the use speaks for, beside materials
named in the text, and beside those of the title."""
GENERAL = 0.45
"""A general word beside a specific one below it: "plastic: PP or HDPE"."""
ALL_USES = 0.4
"""How much it counts that goods serve all of the uses that a need names, and not one of them."""
USE_ALONE, SETTLED = 0.9, 0.4
"""A need that names only a use; the weight from which a material counts as named beside it (GENERAL still does)."""
SETTING = 0.3
VAGUE, VAGUE_FROM = 0.3, 10
"""A general word of the text with so many narrower ones, beside goods of the title that are no kin: styrofoam for the
press, "packaging and boards".
"""
FAINT = 0.05
"""Below it a wish is no wish."""

GOODS = 8
"""Materials of an offer that count, by weight."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """needs x materials: how gladly each material would be taken, and from where that comes."""

    total: Floats
    named: Floats
    used: Floats
    best_use: NDArray[np.int64]
    """Of each need and material the use that it serves best, -1 for none."""
    main_use: NDArray[np.int64]
    """The weightiest use of each need, -1 for none."""
    read: Bools
    """Whether the need wishes for any material that the knowledge has."""


def wishes(readings: Sequence[Reading], known: Knowledge) -> Wishes:
    size = (len(readings), len(known.materials))
    named, used = np.zeros(size, np.float32), np.zeros(size, np.float32)
    total, best_use = np.zeros(size, np.float32), np.full(size, -1, np.int64)
    main_use = np.full(len(readings), -1, np.int64)
    for row, reading in enumerate(readings):
        uses = _specific(reading, known)
        plausible: dict[str, float] = {}
        if reading.materials:
            numbers = [known.material_number[key] for key in reading.materials]
            weights = np.array(list(reading.materials.values()), np.float32)
            factors = _plausible(reading, uses, numbers, known)
            weights *= factors
            plausible = {
                key: weight
                for key, weight, factor in zip(reading.materials, weights.tolist(), factors.tolist(), strict=True)
                if factor == 1.0 or (key in reading.titled and factor > SETTING)
            }
            named[row] = (weights[:, None] * known.likeness[numbers]).max(axis=0)
        if uses:
            numbers = [known.use_number[key] for key in uses]
            weights = np.array([reading.uses[key] for key in uses], np.float32) * known.telling[numbers]
            fit = weights[:, None] * known.fit[numbers]
            used[row] = (1 - ALL_USES) * fit.max(axis=0) + ALL_USES * fit.sum(axis=0) / weights.sum()
            main_use[row] = numbers[int(weights.argmax())]
            best_use[row] = np.where(used[row] > 0, np.array(numbers)[fit.argmax(axis=0)], -1)
        total[row] = _joined(named[row], used[row], plausible, reading)
        welcome = {known.material_number[key] for key in reading.materials}
        for key in reading.refused:
            closed = {known.material_number[key], *(known.material_number[below] for below in known.narrower[key])}
            total[row, list(closed - welcome)] = 0
    total[total < FAINT] = 0
    return Wishes(total, named, used, best_use, main_use, read=np.asarray(total.any(axis=1)))


def _plausible(reading: Reading, uses: Sequence[str], numbers: Sequence[int], known: Knowledge) -> Floats:
    """Factors: a material in the running text that serves none of the uses is the setting, not what is wanted, a specific
    one narrows down the general one, and a general one says little beside other goods in the title.
    """
    specific = {parent for key in reading.materials for parent in known.ancestors[key]}
    factors = np.array([GENERAL if key in specific else 1.0 for key in reading.materials], np.float32)
    if reading.titled:
        kin = known.line(reading.titled)
        for place, key in enumerate(reading.materials):
            if len(known.narrower[key]) >= VAGUE_FROM and kin.isdisjoint(known.line([key])):
                factors[place] *= VAGUE
    if uses:
        fits = known.fit[[known.use_number[key] for key in uses]][:, numbers].max(axis=0) > 0
        titled = np.array([key in reading.titled for key in reading.materials])
        factors[~fits & ~titled] *= SETTING
    return factors


def _specific(reading: Reading, known: Knowledge) -> list[str]:
    """A specific use overrides the general one above it."""
    above = {parent for key in reading.uses for parent in known.uses[key].broader}
    return [key for key in reading.uses if key not in above] or list(reading.uses)


def _joined(named: Floats, used: Floats, plausible: Mapping[str, float], reading: Reading) -> Floats:
    """`plausible`: the weights of the named materials that serve a use."""
    if not reading.uses:
        return named
    joined: Floats
    if max(plausible.values(), default=0.0) < SETTLED:
        joined = np.maximum(USE_ALONE * used, named)
        return joined
    both = np.where((named > 0) & (used > 0), np.minimum(1.0, 0.75 * named + 0.35 * used), 0)
    beside = USED_BESIDE_TITLE if reading.titled.intersection(plausible) else USED_ONLY
    joined = np.maximum(np.maximum(NAMED_ONLY * named, beside * used), both)
    return joined


def goods_of(readings: Sequence[Reading], known: Knowledge) -> tuple[NDArray[np.int64], Floats]:
    """listings x GOODS: numbers of the weightiest materials and their weights."""
    numbers = np.zeros((len(readings), GOODS), np.int64)
    weights = np.zeros((len(readings), GOODS), np.float32)
    for row, reading in enumerate(readings):
        best = sorted(reading.materials.items(), key=lambda item: (-item[1], item[0]))[:GOODS]
        for place, (key, weight) in enumerate(best):
            numbers[row, place], weights[row, place] = known.material_number[key], weight
    return numbers, weights


def properties_of(readings: Sequence[Reading], known: Knowledge, *, offers: bool) -> tuple[Bools, Bools]:
    """listings x properties: of offers had and lacking, of needs asked for and refused.

    An offer has what its text says, and the contaminants, hazards and origin that its main material usually has; it
    lacks what its text denies and the opposite of what it says.
    """
    number = {key: place for place, key in enumerate(known.properties)}
    had = np.zeros((len(readings), len(number)), bool)
    denied = np.zeros_like(had)
    for row, reading in enumerate(readings):
        had[row, [number[key] for key in reading.properties if key in number]] = True
        denied[row, [number[key] for key in reading.without if key in number]] = True
        if not offers:
            continue
        for key in reading.properties:
            opposite = known.properties[key].opposite
            if opposite in number and opposite not in reading.properties:
                denied[row, number[opposite]] = True
        if reading.main:
            for key in known.materials[reading.main].properties:
                if key in number and known.properties[key].kind in USUAL_KINDS and not denied[row, number[key]]:
                    had[row, number[key]] = True
    return had, denied


def usual_of(readings: Sequence[Reading], known: Knowledge) -> Bools:
    """listings x properties: what an offer has, or its main material usually has, in quality and behaviour too."""
    number = {key: place for place, key in enumerate(known.properties)}
    usual = np.zeros((len(readings), len(number)), bool)
    for row, reading in enumerate(readings):
        usual[row, [number[key] for key in reading.properties if key in number]] = True
        if reading.main:
            main = known.materials[reading.main]
            usual[row, [number[key] for key in (*main.properties, *main.forms) if key in number]] = True
        usual[row, [number[key] for key in reading.without if key in number]] = False
    return usual
