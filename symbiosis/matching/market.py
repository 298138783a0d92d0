"""One side of the market as arrays: what the listings say, and what was read of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from symbiosis.matching import fit
from symbiosis.matching.facts import ListingFacts
from symbiosis.matching.knowledge import Knowledge
from symbiosis.matching.reading import Reading
from symbiosis.matching.wishes import goods_of, properties_of, usual_of
from symbiosis.matching.words import beginning

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]
WORDS = 2**20
CODE_LETTERS = (8, 5, 2)
"""Of a waste code "NN NN NN": entry, sub-chapter, chapter."""
PAYS_KM = {"waste": 350.0, "low": 700.0, "medium": 1100.0, "high": 1200.0}
"""The road distance at which a pair keeps 37 % of its score, by the value of the goods."""
PAYS_UNKNOWN = 900.0
FAULTS = frozenset({"contaminant", "hazard"})
FAULTY = frozenset({"broken", "not_working", "mixed", "expired", "treated", "wet", "dusty", "odorous", "seasonal"})
"""Kinds of properties, and properties, that nobody wishes for."""
HAZARDOUS = "hazardous"
"""The property that the listing's own tick box tells too."""


@dataclass(frozen=True, slots=True)
class Side:
    """Sorted by key, so that the order of the rows given plays no part."""

    listings: list[ListingFacts]
    readings: list[Reading]
    latitude: Floats
    longitude: Floats
    place: NDArray[np.float32]
    """On a plane, in kilometres: fit.plane."""
    radius: Floats
    material: Ints
    codes: list[Ints]
    hazardous: NDArray[np.bool_]
    reusable: NDArray[np.bool_]
    """Goods for the use that they were made for, and no waste."""
    pays_km: Floats
    since: Ints
    until: Ints
    amount: Floats
    unit: Ints
    goods: Ints
    """listings x GOODS: numbers of the weightiest materials; unused places repeat the first with weight 0."""
    goods_weight: NDArray[np.float32]
    read: NDArray[np.bool_]
    """Whether any material was read."""
    has: NDArray[np.bool_]
    lacks: NDArray[np.bool_]
    states: NDArray[np.bool_]
    """What the listing says itself, of either side."""
    asks: NDArray[np.bool_]
    """What a need that says it wishes for: a fault that it names is one that it puts up with."""
    refuses: NDArray[np.bool_]
    usual: NDArray[np.bool_]
    lowest: Floats
    """listings x measures, NaN where nothing is stated."""
    highest: Floats
    told: csr_matrix
    """listings x WORDS: of offers the words said, of needs those ruled out."""
    months: NDArray[np.bool_]
    """listings x 12"""
    owner: Ints
    told_far: Floats
    told_little: Floats
    told_unsuited: NDArray[np.bool_]
    """listings x materials of the other side."""


class Numbers:
    """Numbers for names; a missing name is -1."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def of(self, names: Sequence[str | None]) -> Ints:
        seen = self._seen
        return np.array([seen.setdefault(name, len(seen)) if name else -1 for name in names], dtype=np.int64)


def _floats(values: Sequence[float | None]) -> Floats:
    return np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)


def side(
    listings: Sequence[ListingFacts], readings: Sequence[Reading], numbers: Numbers, since: date, known: Knowledge
) -> Side:
    """`listings` in the order of their keys."""
    rows = list(listings)
    amounts = [row.yearly() for row in rows]
    goods, weights = goods_of(readings, known)
    has, lacks = properties_of(readings, known, offers=True)
    states, refuses = properties_of(readings, known, offers=False)
    hazardous = np.array([row.hazardous is True for row in rows], dtype=bool)
    if HAZARDOUS in known.properties:
        for told in (has, states):
            told[:, known.property_keys.index(HAZARDOUS)] |= hazardous
    wished = np.array([one.kind not in FAULTS and key not in FAULTY for key, one in known.properties.items()], bool)
    latitude, longitude = _floats([row.latitude for row in rows]), _floats([row.longitude for row in rows])
    return Side(
        listings=rows,
        readings=list(readings),
        latitude=latitude,
        longitude=longitude,
        place=fit.plane(latitude, longitude),
        radius=_floats([row.radius_km for row in rows]),
        material=numbers.of([row.material_class and f"material {row.material_class}" for row in rows]),
        codes=[numbers.of([row.waste_code and row.waste_code[:length] for row in rows]) for length in CODE_LETTERS],
        hazardous=hazardous,
        reusable=np.array([row.nature == "reusable" for row in rows], dtype=bool),
        pays_km=np.array([_pays_km(row, reading, known) for row, reading in zip(rows, readings, strict=True)]),
        since=np.array([max(row.valid_from, since).toordinal() for row in rows], dtype=np.int64),
        until=np.array([row.valid_until.toordinal() for row in rows], dtype=np.int64),
        amount=_floats([amount and float(amount[0]) for amount in amounts]),
        unit=numbers.of([amount and f"unit {amount[1]}" for amount in amounts]),
        goods=goods,
        goods_weight=weights,
        read=np.asarray(weights.any(axis=1)),
        has=has,
        lacks=lacks,
        states=states,
        asks=states & wished,
        refuses=refuses,
        usual=usual_of(readings, known),
        lowest=_values(readings, known, 0),
        highest=_values(readings, known, 1),
        told=_told(readings),
        months=np.array([reading.months for reading in readings], dtype=bool).reshape(len(rows), 12),
        owner=numbers.of([row.owner and f"owner {row.owner}" for row in rows]),
        told_far=_floats([row.told.too_far_km for row in rows]),
        told_little=_floats([row.told.too_little for row in rows]),
        told_unsuited=_unsuited(rows, known),
    )


def _told(readings: Sequence[Reading]) -> csr_matrix:
    """Words by the hash of their beginnings: both sides have the same columns, whatever the other says."""
    rows = [sorted({crc32(beginning(word).encode()) % WORDS for word in reading.told}) for reading in readings]
    ends = np.cumsum([0, *(len(row) for row in rows)])
    columns = np.array([column for row in rows for column in row], dtype=np.int32)
    return csr_matrix((np.ones(len(columns), np.float32), columns, ends), shape=(len(rows), WORDS))


def _unsuited(rows: Sequence[ListingFacts], known: Knowledge) -> NDArray[np.bool_]:
    unsuited = np.zeros((len(rows), len(known.materials)), dtype=bool)
    for place, row in enumerate(rows):
        for key in row.told.unsuited & known.material_number.keys():
            unsuited[place, [known.material_number[below] for below in (key, *known.narrower[key])]] = True
    return unsuited


def _pays_km(row: ListingFacts, reading: Reading, known: Knowledge) -> float:
    if reading.main:
        return PAYS_KM[known.materials[reading.main].value]
    return PAYS_KM["waste"] if row.bulk else PAYS_UNKNOWN


def _values(readings: Sequence[Reading], known: Knowledge, end: int) -> Floats:
    nothing = (np.nan, np.nan)
    return np.array(
        [[reading.measures.get(key, nothing)[end] for key in known.measures] for reading in readings], dtype=np.float64
    ).reshape(len(readings), len(known.measures))
