"""Figures drawn on a page. One object holds what is drawn, what the table twin shows and what the CSV file holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil
from typing import Any, Literal

from kisu.lib.formats import number, unit

Role = Literal["actual", "target", "plain"]
Value = Decimal | int | float | None


@dataclass(frozen=True, slots=True)
class Series:
    """One line or set of bars. None is a gap. `role` decides the line: actual solid, target dashed, plain by order."""

    name: str
    values: Sequence[Value]
    role: Role = "plain"


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart for components/chart.html. `title` says what is seen, `subtitle` what is measured with its unit.

    `labels` are the points of the x axis (lines, columns) or the names of the bars (bars lie on their side);
    every series has one value for each. `band` is (name, low values, high values), e.g. the tolerance of a target.
    """

    key: str
    title: str
    subtitle: str
    label_name: str
    labels: Sequence[str]
    series: Sequence[Series]
    kind: Literal["line", "column", "bar", "stacked"] = "line"
    unit: str = ""
    places: int | None = None
    source: str = ""
    band: tuple[str, Sequence[Value], Sequence[Value]] | None = None
    notes: Sequence[str] = field(default_factory=tuple)

    def __post_init__(self) -> None:
        lengths = {len(one.values) for one in self.series} | {len(self.labels)}
        if len(lengths) > 1:
            raise ValueError(f"The series of chart {self.key!r} differ in length: {sorted(lengths)}")

    @property
    def spec(self) -> dict[str, Any]:
        """What static/js/charts.js reads: plain JSON, numbers as floats."""
        return {
            "kind": self.kind,
            "unit": unit(self.unit) if self.unit else "",
            "labels": list(self.labels),
            "series": [{"name": one.name, "role": one.role, "values": _floats(one.values)} for one in self.series],
            "band": None
            if self.band is None
            else {"name": self.band[0], "low": _floats(self.band[1]), "high": _floats(self.band[2])},
        }

    @property
    def header(self) -> list[str]:
        return [self.label_name, *(one.name for one in self.series)]

    @property
    def rows(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """For the table twin: (label, [(name of the series, value as written)])."""
        return [
            (label, [(one.name, number(one.values[place], self.places)) for one in self.series])
            for place, label in enumerate(self.labels)
        ]

    @property
    def raw_rows(self) -> list[list[Any]]:
        """For CSV: the values themselves."""
        return [[label, *(one.values[place] for one in self.series)] for place, label in enumerate(self.labels)]


def map_levels(values: Iterable[Value], classes: int = 5) -> list[int]:
    """The map class of each value: 0 no data, 1 to `classes` from few to many, equal numbers of areas in each class.

    Equal values always share a class.
    """
    listed = list(values)
    known = sorted(float(value) for value in listed if value is not None)
    if not known:
        return [0] * len(listed)

    def level(value: Value) -> int:
        if value is None:
            return 0
        rank = sum(1 for one in known if one <= float(value))
        return max(1, ceil(rank * classes / len(known)))

    return [level(value) for value in listed]


def _floats(values: Sequence[Value]) -> list[float | None]:
    return [None if value is None else float(value) for value in values]
