"""What can be made of a material before it serves: rows of data/treatments.csv, names of data/treatments.toml."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from symbiosis.matching.knowledge import DATA, LANGUAGES, Knowledge, KnowledgeError, knowledge

INDUSTRY = re.compile(r"[A-U]\d\d", re.ASCII)
"""NACE section and division, "E38"."""
HIGHEST_WORTH = 3

RouteKey = tuple[str, str, str]
"""Treatment, from, into."""


@dataclass(frozen=True, slots=True)
class Route:
    """One treatment of one material. `worth`: 3 usual practice, 2 with a condition or compromise, 1 conceivable.

    `output`: tonnes made of a tonne, roughly. `hazardous`: takes hazardous waste too. `only`: of this very material, not
    of narrower ones. `removes`: properties that the goods no longer have. `conditions`: keys of conditions.toml.
    """

    treatment: str
    made_from: str
    made_into: str
    worth: int
    output: float
    hazardous: bool = False
    only: bool = False
    removes: frozenset[str] = frozenset()
    industries: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()

    @property
    def key(self) -> RouteKey:
        return self.treatment, self.made_from, self.made_into


@dataclass(frozen=True)
class Treatments:
    """All routes, in the order of their keys, and the names of the treatments by language."""

    routes: Mapping[RouteKey, Route] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def label(self, treatment: str, language: str) -> str:
        """The key when it is no longer known."""
        return self.labels[treatment][language] if treatment in self.labels else treatment


@lru_cache(maxsize=1)
def treatments() -> Treatments:
    """Of the files, read once a process."""
    return read_treatments(known=knowledge())


def read_treatments(folder: Path = DATA, *, known: Knowledge) -> Treatments:
    """Reads the two files and checks them against what is known. Raises KnowledgeError."""
    with (folder / "treatments.toml").open("rb") as names:
        labels = tomllib.load(names)
    for key, label in labels.items():
        if sorted(label) != sorted(LANGUAGES) or not all(label.values()):
            raise KnowledgeError(f"treatments.toml: {key} lacks a language.")
    routes: dict[RouteKey, Route] = {}
    with (folder / "treatments.csv").open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                route = _route(row)
                _check(route, known, labels)
                if route.key in routes:
                    raise KnowledgeError(f"{' → '.join(route.key)} is there already.")
            except (KeyError, TypeError, ValueError) as error:
                raise KnowledgeError(f"treatments.csv, line {line}: {error}") from error
            routes[route.key] = route
    if unused := labels.keys() - {route.treatment for route in routes.values()}:
        raise KnowledgeError(f"treatments.toml: no row uses {', '.join(sorted(unused))}.")
    return Treatments({key: routes[key] for key in sorted(routes)}, labels)


def _route(row: Mapping[str, str]) -> Route:
    for name in ("hazardous", "only"):
        if row[name] not in {"", "yes"}:
            raise KnowledgeError(f"{name} is yes or empty, not {row[name]}.")
    return Route(
        treatment=row["treatment"],
        made_from=row["from"],
        made_into=row["into"],
        worth=int(row["worth"]),
        output=float(row["yield"]),
        hazardous=row["hazardous"] == "yes",
        only=row["only"] == "yes",
        removes=frozenset(row["removes"].split()),
        industries=tuple(row["industries"].split()),
        conditions=tuple(row["conditions"].split()),
    )


def _check(route: Route, known: Knowledge, labels: Mapping[str, Mapping[str, str]]) -> None:
    missing = [key for key in (route.made_from, route.made_into) if key not in known.materials]
    missing += [route.treatment] if route.treatment not in labels else []
    missing += sorted(route.removes - known.properties.keys())
    missing += [key for key in route.conditions if f"condition:{key}" not in known.phrases]
    if missing:
        raise KnowledgeError(f"{', '.join(missing)} is not there.")
    if not 1 <= route.worth <= HIGHEST_WORTH or not 0 < route.output <= 1:
        raise KnowledgeError("worth is 1 to 3, yield above 0 and at most 1.")
    if not route.industries or not all(INDUSTRY.fullmatch(code) for code in route.industries):
        raise KnowledgeError("industries are NACE sections with their divisions, as E38.")
    if route.made_from == route.made_into and not route.removes:
        raise KnowledgeError("what makes nothing new removes something.")
