"""What the matcher reads of a listing, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

LOTS_A_YEAR = {
    "once": 1,
    "one_off": 1,
    "yearly": 1,
    "continuous": 1,
    "quarterly": 4,
    "monthly": 12,
    "weekly": 52,
    "daily": 250,
}
"""How often the stated quantity comes in a year. `continuous` states the year's amount; daily means working days."""

UNITS = {"kg": ("t", Decimal("0.001")), "l": ("m3", Decimal("0.001"))}

BULK_CODES = ("01 ", "02 01 06", "10 01", "10 02", "10 09", "17 01", "17 03 02", "17 05", "19 08 05")
"""Stone, manure, ash, slag, foundry sand, concrete, asphalt, soil, sludge in the European List of Waste."""
BULK_A_YEAR = Decimal(1000)
"""Tonnes or cubic metres a year from which a listing without a telling code is taken for heavy, cheap goods."""


class MatchClass(StrEnum):
    GOOD = "good"
    POSSIBLE = "possible"
    DISTANT = "distant"


@dataclass(frozen=True, slots=True)
class Reason:
    """One figure or word that counted. `code` is stable, so stored reasons can be worded again in any language."""

    code: str
    for_it: bool
    params: Mapping[str, str | float | int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "for_it": self.for_it, "params": dict(self.params)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Reason:
        return cls(code=data["code"], for_it=data["for_it"], params=dict(data["params"]))


@dataclass(frozen=True, slots=True)
class Told:
    """What a listing's owner has answered to earlier suggestions, as bounds for the next ones.

    `too_far_km`: the shortest road that was too far; `too_little`: the largest share of the need that was too little;
    `unsuited`: materials of the other side whose quality or kind did not do.
    """

    too_far_km: float | None = None
    too_little: float | None = None
    unsuited: frozenset[str] = frozenset()


NOTHING_TOLD = Told()


@dataclass(frozen=True, slots=True)
class ListingFacts:
    """An offer or a need. `hazardous` in a need means that it accepts hazardous goods; None in an offer: not stated.

    `waste_code` is "NN NN NN"; `material_class` any stable code; coordinates WGS84 degrees; `radius_km` by road.
    `bulk`: heavy and cheap, so transport far does not pay.
    """

    key: str
    kind: Literal["offer", "need"]
    language: str
    title: str
    description: str
    valid_from: date
    valid_until: date
    nature: str | None = None
    material_class: str | None = None
    waste_code: str | None = None
    hazardous: bool | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    frequency: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    radius_km: float | None = None
    bulk: bool = False
    owner: str = ""
    """Whose it is: nobody is joined with themselves. Blank: nobody's."""
    corrections: Mapping[str, bool] = field(default_factory=dict)
    """What the owner says of the reading, by "material:…", "use:…", "property:…": it wins over the text."""
    told: Told = field(default_factory=lambda: NOTHING_TOLD)

    def yearly(self) -> tuple[Decimal, str] | None:
        """The amount of a year and its unit (kg as t, l as m3), None when not stated. A single lot counts as it is."""
        if self.quantity is None or not self.unit or self.quantity <= 0:
            return None
        unit, factor = UNITS.get(self.unit, (self.unit, Decimal(1)))
        return self.quantity * factor * LOTS_A_YEAR.get(self.frequency or "once", 1), unit


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A pair worth a look. `parts`: what counted, each 0..1 (evidence and factors, docs/matching.md).

    `distance_km` is by road, None when a place is missing. `notes`: gates of law and sense that bear on it, those first
    that ask for something.
    """

    offer: str
    need: str
    score: float
    match_class: MatchClass
    distance_km: float | None
    parts: dict[str, float]
    reasons: list[Reason]
    check_first: Reason
    notes: tuple[str, ...] = ()


def is_bulk(waste_code: str | None, yearly: tuple[Decimal, str] | None) -> bool:
    """Whether goods without a material class are taken for heavy and cheap, from their waste code or sheer amount."""
    if waste_code and waste_code.startswith(BULK_CODES):
        return True
    return yearly is not None and yearly[1] in {"t", "m3"} and yearly[0] >= BULK_A_YEAR
