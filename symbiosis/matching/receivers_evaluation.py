"""Measures which industries are named as takers, on a file of cases that came true.

CASES: CSV with case, material, description, giver_industry, receiver_industry. A case is left out whole, with all its
rows, from what its own rows are judged by. Nothing is written anywhere.
"""

from __future__ import annotations

import csv
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symbiosis.matching.facts import ListingFacts
from symbiosis.matching.industries import IndustryError, parse_industry
from symbiosis.matching.knowledge import Knowledge
from symbiosis.matching.languages import language_of
from symbiosis.matching.patterns import WORD
from symbiosis.matching.reading import Reading, read_listing
from symbiosis.matching.receivers import Receiving, receiving_of

COLUMNS = ("case", "material", "description", "giver_industry", "receiver_industry")
CUTS = (1, 3, 5)
DRAWS, SEED = 2000, 2026
DAY = date(2026, 1, 1)

EVERY, SAME_SECTION, SAME_DIVISION, ALIKE = 1.0, 1.0, 2.0, 40.0
"""What another case's receiver counts: whatever it is; from the same section, division; times the materials' likeness."""
UP = 0.5
"""What a broader material counts for likeness, a step."""
WEIGHTS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2)
OVERRATED = (0.0, 0.5, 1.0)
"""From which the weight of the other cases is chosen, and how far industries that the knowledge names too often or too
seldom among them are set right: by the cases other than the judged one, each judged without itself and without that one.
"""
LEAST_TOLD, LEAST_SHOWN = 0.003, 0.005

Vector = Mapping[str, float]
Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]


class CasesError(ValueError):
    """A file that can't be read as cases; the text names file and line."""


@dataclass(frozen=True, slots=True)
class Case:
    """One flow. `receivers` are sections or divisions, all of one level; `giver` may be empty."""

    case: str
    giver: str
    receivers: tuple[str, ...]
    reading: Reading
    materials: Vector
    words: Vector
    text: str

    @property
    def section(self) -> bool:
        return len(self.receivers[0]) == 1


def read_cases(path: Path, known: Knowledge) -> list[Case]:
    """Raises CasesError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
                raise CasesError(f"{path}, line 1: the columns {', '.join(missing)} are missing.")
            cases = [_case(row, f"{path}, line {rows.line_num}", known) for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CasesError(f"{path}: {error}") from error
    if len({case.case for case in cases}) < 2:
        raise CasesError(f"{path}: at least two cases are needed, for each is judged by the others.")
    return cases


def _case(row: Mapping[str, str | None], where: str, known: Knowledge) -> Case:
    values = {name: (row.get(name) or "").strip() for name in COLUMNS}
    if None in row:
        raise CasesError(f"{where}: there are more cells than columns. A text with a comma stands in quotes.")
    for name in ("case", "material", "receiver_industry"):
        if not values[name]:
            raise CasesError(f"{where}: {name} is empty.")
    try:
        giver = parse_industry(values["giver_industry"]) if values["giver_industry"] else ""
        receivers = tuple(parse_industry(code) for code in values["receiver_industry"].replace("|", ";").split(";"))
    except IndustryError as error:
        raise CasesError(f"{where}: {error}") from error
    if len({len(code) for code in receivers}) > 1:
        raise CasesError(f"{where}: the receivers are of two levels. Write sections or divisions.")
    reading = read_listing(_offer(values["material"], values["description"], known), known)
    text = f"{values['material']}. {values['description']}"
    return Case(values["case"], giver, receivers, reading, _with_broader(reading, known), _trigrams(text), text)


def _offer(title: str, description: str, known: Knowledge) -> ListingFacts:
    return ListingFacts(
        key="",
        kind="offer",
        language=language_of(f"{title} {description}", known),
        title=title,
        description=description,
        valid_from=DAY,
        valid_until=DAY,
    )


def _with_broader(reading: Reading, known: Knowledge) -> Vector:
    vector: dict[str, float] = {}
    for material, weight in reading.materials.items():
        for key, steps in {material: -1, **known.ancestors.get(material, {})}.items():
            vector[key] = max(vector.get(key, 0.0), weight * UP ** (steps + 1))
    return _unit(vector)


def _trigrams(text: str) -> Vector:
    padded = f"  {' '.join(WORD.findall(text.lower()))} "
    return _unit(Counter(padded[at : at + 3] for at in range(len(padded) - 2)))


def _unit(vector: Mapping[str, float]) -> Vector:
    length = sqrt(sum(value * value for value in vector.values()))
    return {key: value / length for key, value in vector.items()} if length else {}


def at_level(case: Case, *, section: bool) -> tuple[str, ...]:
    """The receivers at the level asked for; none when only the section is known."""
    if section:
        return tuple(sorted({code[:1] for code in case.receivers}))
    return () if case.section else case.receivers


# --- Who says what ----------------------------------------------------------------------------------------------------

SYSTEMS = ("most_frequent", "knowledge", "others", "both")


class _Level:
    """All cases against all industries, at the level of sections or divisions. Rows are cases, columns industries."""

    def __init__(self, cases: Sequence[Case], receiving: Receiving, *, section: bool) -> None:
        told = [receiving.takers(case.reading, section=section) for case in cases]
        received = [at_level(case, section=section) for case in cases]
        named = {taker.industry for takers in told for taker in takers}
        self.industries = sorted(named.union(*received))
        column = {industry: number for number, industry in enumerate(self.industries)}
        size = (len(cases), len(column))
        self.told, self.received = np.zeros(size), np.zeros(size)
        for row, takers in enumerate(told):
            for taker in takers:
                self.told[row, column[taker.industry]] = taker.worth
        self.told /= np.maximum(self.told.sum(axis=1, keepdims=True), 1e-9)
        for row, codes in enumerate(received):
            for code in codes:
                self.received[row, column[code]] = 1
        names = np.array([case.case for case in cases])
        self.other = names[:, None] != names[None, :]
        self.votes = _nearness(cases) * self.other
        self.shown = self.votes @ self.received

    def scores(self, row: int) -> dict[str, Floats]:
        """Of each system for a case. Ties are broken by how often an industry receives in the others."""
        others = self.other[row]
        frequent = _shares(others @ self.received)
        shown = _shares(self.shown[row])
        weight, overrated = self._learned(others)
        both = self._both(self.told[row], shown, self.told[others].mean(axis=0), weight, overrated)
        scores = {"most_frequent": frequent, "knowledge": self.told[row], "others": shown, "both": both}
        return {name: values + 1e-9 * frequent for name, values in scores.items()}

    def _learned(self, others: Bools) -> tuple[float, float]:
        """The weights that rank best the receivers of these cases, with nothing of any case outside them."""
        shown = _shares(self.shown[others] - self.votes[np.ix_(others, ~others)] @ self.received[~others])
        told, received = self.told[others], self.received[others]
        known = received.any(axis=1)
        usual = told.mean(axis=0)

        def worth(weights: tuple[float, float]) -> float:
            scores = self._both(told[known], shown[known], usual, *weights)
            ranks = _ranks(scores, received[known])
            return float(sum((ranks <= cut).mean() for cut in CUTS))

        choices = [(weight, overrated) for weight in WEIGHTS for overrated in OVERRATED]
        return max(choices, key=worth) if known.any() else (0.0, 0.0)

    @staticmethod
    def _both(told: Floats, shown: Floats, usual: Floats, weight: float, overrated: float) -> Floats:
        corrected = np.log(shown + LEAST_SHOWN) - overrated * np.log(usual + LEAST_SHOWN)
        score: Floats = np.log(told + LEAST_TOLD) + weight * corrected
        return score


def _nearness(cases: Sequence[Case]) -> Floats:
    sections = np.array([case.giver[:1] or f"?{number}" for number, case in enumerate(cases)])
    divisions = np.array([case.giver if len(case.giver) > 1 else f"?{number}" for number, case in enumerate(cases)])
    alike = np.maximum(_cosines([case.materials for case in cases]), _cosines([case.words for case in cases]))
    nearness: Floats = (
        EVERY
        + SAME_SECTION * (sections[:, None] == sections[None, :])
        + SAME_DIVISION * (divisions[:, None] == divisions[None, :])
        + ALIKE * alike**3
    )
    return nearness


def _cosines(vectors: Sequence[Vector]) -> Floats:
    keys = {key: number for number, key in enumerate(sorted({key for vector in vectors for key in vector}))}
    matrix = np.zeros((len(vectors), len(keys)))
    for row, vector in enumerate(vectors):
        for key, value in vector.items():
            matrix[row, keys[key]] = value
    cosines: Floats = matrix @ matrix.T
    return cosines


def _shares(values: Floats) -> Floats:
    shares: Floats = values / np.maximum(values.sum(axis=-1, keepdims=True), 1e-9)
    return shares


def _ranks(scores: Floats, wanted: Floats) -> Floats:
    """Of the best placed of the wanted in each row, from 1."""
    best = np.where(wanted > 0, scores, -np.inf).max(axis=1, keepdims=True)
    ranks: Floats = 1.0 + (scores > best).sum(axis=1)
    return ranks


# --- Figures ----------------------------------------------------------------------------------------------------------


def evaluate_receivers(cases: Sequence[Case], known: Knowledge) -> dict[str, Any]:
    """Hits of each system by level, JSON-serialisable; `as_table` shows them."""
    receiving = receiving_of(known)
    levels = {"section": True, "division": False}
    rows = {name: [row for row, case in enumerate(cases) if case.section is level] for name, level in levels.items()}
    rows = {name: numbers for name, numbers in rows.items() if numbers}
    ranks: dict[int, dict[str, int]] = {}
    named = 0
    for name, numbers in rows.items():
        level = _Level(cases, receiving, section=levels[name])
        for row in numbers:
            wanted = level.received[row : row + 1]
            named += bool((level.told[row] * wanted[0]).any())
            ranks[row] = {
                system: int(_ranks(scores[None, :], wanted)[0]) for system, scores in level.scores(row).items()
            }
    return {
        "rows": len(cases),
        "cases": len({case.case for case in cases}),
        "nothing_read": sum(not case.reading.materials and not case.reading.uses for case in cases),
        "named_by_knowledge": named,
        "by_level": {
            name: {
                system: _figures([ranks[row][system] for row in numbers], [cases[row].case for row in numbers])
                for system in SYSTEMS
            }
            for name, numbers in {"all": list(range(len(cases))), **rows}.items()
        },
        "by_giver": _by_giver(cases, ranks),
        "missed": [
            {"case": case.case, "text": case.text, "receivers": list(case.receivers), **ranks[row]}
            for row, case in enumerate(cases)
            if ranks[row]["both"] > CUTS[-1]
        ],
    }


def _figures(ranks: Sequence[int], cases: Sequence[str]) -> dict[str, Any]:
    figures: dict[str, Any] = {"rows": len(ranks)}
    for cut in CUTS:
        hits = [float(rank <= cut) for rank in ranks]
        low, high = _interval(hits, cases)
        figures[f"hit_at_{cut}"] = round(fmean(hits), 4)
        figures[f"hit_at_{cut}_interval"] = [round(low, 4), round(high, 4)]
    figures["mean_reciprocal_rank"] = round(fmean(1 / rank for rank in ranks), 4)
    return figures


def _interval(hits: Sequence[float], cases: Sequence[str]) -> tuple[float, float]:
    """Where the share lies in 95 of 100 draws of as many cases with replacement; rows of a case go together."""
    chance = random.Random(SEED)  # noqa: S311  # the same draws each time
    of_case: defaultdict[str, list[float]] = defaultdict(list)
    for hit, case in zip(hits, cases, strict=True):
        of_case[case].append(hit)
    sums = [(sum(some), len(some)) for some in of_case.values()]
    means = []
    for _draw in range(DRAWS):
        drawn = chance.choices(sums, k=len(sums))
        means.append(sum(hit for hit, _rows in drawn) / sum(rows for _hit, rows in drawn))
    means.sort()
    return means[int(0.025 * DRAWS)], means[int(0.975 * DRAWS)]


def _by_giver(cases: Sequence[Case], ranks: Mapping[int, Mapping[str, int]]) -> dict[str, dict[str, float]]:
    of_giver: defaultdict[str, list[Mapping[str, int]]] = defaultdict(list)
    for row, case in enumerate(cases):
        of_giver[case.giver[:1] or "–"].append(ranks[row])
    return {
        giver: {"rows": len(some)}
        | {f"{system}_hit_at_3": round(fmean(float(rank[system] <= 3) for rank in some), 4) for system in SYSTEMS}
        for giver, some in sorted(of_giver.items())
    }


def as_table(result: Mapping[str, Any]) -> str:
    lines = [
        f"{result['rows']} rows of {result['cases']} cases; nothing read in {result['nothing_read']}; "
        f"the knowledge names the receiver in {result['named_by_knowledge']}.",
        "",
    ]
    names = {
        "most_frequent": "most frequent receiver of the others",
        "knowledge": "knowledge alone",
        "others": "the other cases alone",
        "both": "both",
    }
    for level, figures in result["by_level"].items():
        lines.append(f"{level} ({figures['both']['rows']} rows)")
        lines.append(f"  {'':38}{'hit@1':>20}{'hit@3':>20}{'hit@5':>20}{'MRR':>8}")
        for name, label in names.items():
            cells = "".join(
                f"{figures[name][f'hit_at_{cut}']:>8.3f} ({figures[name][f'hit_at_{cut}_interval'][0]:.2f}–"
                f"{figures[name][f'hit_at_{cut}_interval'][1]:.2f})"
                for cut in CUTS
            )
            lines.append(f"  {label:38}{cells}{figures[name]['mean_reciprocal_rank']:>8.3f}")
        lines.append("")
    lines.append("hit@3 by the giver's section")
    for giver, figures in result["by_giver"].items():
        cells = "  ".join(f"{name} {figures[f'{name}_hit_at_3']:.2f}" for name in SYSTEMS)
        lines.append(f"  {giver} ({figures['rows']}): {cells}")
    return "\n".join(lines)
