"""Reads numbers with units: moisture, grain size, pH, temperature and the like, as ranges."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from symbiosis.matching.patterns import WORD, Lexicon

NUMBER = r"\d+(?:[.,]\d+)?"
MEASURE = re.compile(
    rf"(?P<low>{NUMBER})(?:\s*(?:-|–|—|/|\.\.\.?|…)\s*(?P<high>{NUMBER}))?\s*(?P<unit>%|°\s?c|°|[a-zµåäö]+[23³²]?(?:/[a-zµ]+[23³]?)?)?"
)
SENTENCE = re.compile(r"[.;!?](?!\d)\s|\n")
NAME_BEFORE, NAME_AFTER = 5, 2
"""Words between a number and the name of what it measures, at most. A unit may be the name: 80 astetta."""
SIGNS = {"<": "<", "≤": "<", ">": ">", "≥": ">"}


@dataclass(frozen=True, slots=True)
class Measure:
    """What may be measured: in which units, and what a value implies."""

    key: str
    label: Mapping[str, str]
    unit: str
    units: Mapping[str, float]
    pair: bool = False
    """Two numbers in millimetres are this also without a name."""
    implies: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(cls, key: str, entry: Mapping[str, Any]) -> Measure:
        return cls(
            key=key,
            label=entry["label"],
            unit=entry["unit"],
            units={unit: factor for unit, factor in entry["units"].items() if isinstance(factor, int | float)},
            pair=bool(entry.get("pair")),
            implies=tuple(entry.get("implies", ())),
        )


def names_of(
    entries: Mapping[str, Mapping[str, Any]], bounds: Mapping[str, Mapping[str, Any]], language: str
) -> Lexicon:
    """What measures are called: targets "moisture", "100-moisture" for what is left to a hundred, "<" and ">"."""
    names = Lexicon()
    for key, entry in entries.items():
        names.add(key, entry.get(language, ()))
        for derived in entry.get("derive", ()):
            names.add(f"100-{key}", derived.get(language, ()))
    for sign, name in (("<", "below"), (">", "above")):
        names.add(sign, bounds.get(name, {}).get(language, ()))
    return names.seal()


def read_measures(text: str, measures: Mapping[str, Measure], names: Lexicon) -> dict[str, tuple[float, float]]:
    """By measure the lowest and highest value that the text states, in the measure's unit; open ends are infinite."""
    found: dict[str, tuple[float, float]] = {}
    for sentence in SENTENCE.split(text.lower()):
        numbers = list(MEASURE.finditer(sentence))
        if not numbers:
            continue
        places = list(WORD.finditer(sentence))
        hits = names.hits([place[0] for place in places])
        for number in numbers:
            first = sum(place.end() <= number.start() for place in places)
            last = sum(place.start() < number.end() for place in places)
            after = sum(place.start() < _clause_end(sentence, number.end()) for place in places)
            near = sorted(
                (
                    hit
                    for hit in hits
                    if first - NAME_BEFORE <= hit.stop - 1 < first or first <= hit.start < min(last + NAME_AFTER, after)
                ),
                key=lambda hit: max(first - hit.stop, hit.start - last + 1),
            )
            for key in [*(hit.target for hit in near), *(m.key for m in measures.values() if _pair(number, m))]:
                turned = key.startswith("100-")
                measure = measures.get(key.removeprefix("100-"))
                factor = _factor(number["unit"] or "", measure) if measure else None
                if measure is None or factor is None:
                    continue
                signs = {hit.target for hit in near if first - 3 <= hit.start < first}
                signs.add(SIGNS.get(sentence[: number.start()].rstrip()[-1:], ""))
                low, high = _range(number, factor, signs)
                found.setdefault(measure.key, (100 - high, 100 - low) if turned else (low, high))
                break
    return found


def _clause_end(sentence: str, start: int) -> int:
    """Where the clause ends that goes on at `start`: kosteus 11 % in "94 %, kosteus 11 %" is another."""
    comma = sentence.find(",", start)
    return len(sentence) if comma < 0 else comma


def _pair(number: re.Match[str], measure: Measure) -> bool:
    return measure.pair and bool(number["high"]) and (number["unit"] or "").strip() == "mm"


def _range(number: re.Match[str], factor: float, signs: set[str]) -> tuple[float, float]:
    low = float(number["low"].replace(",", ".")) * factor
    if number["high"]:
        high = float(number["high"].replace(",", ".")) * factor
        return min(low, high), max(low, high)
    return (-inf if "<" in signs else low), (inf if ">" in signs else low)


def implied(ranges: Mapping[str, tuple[float, float]], measures: Mapping[str, Measure]) -> Iterator[str]:
    """The properties that the values speak of: 12 % of moisture is dry."""
    for key, (low, high) in ranges.items():
        for rule in measures[key].implies:
            if "from" in rule:
                holds = rule["from"] <= low and high <= rule["to"]
            elif "below" in rule:
                holds = high < rule["below"]
            else:
                holds = low > rule["above"]
            if holds:
                yield rule["property"]


def _factor(unit: str, measure: Measure) -> float | None:
    unit = unit.replace(" ", "").replace("³", "3")
    if unit in measure.units:
        return float(measure.units[unit])
    for known, factor in measure.units.items():
        if len(known) > 3 and unit.startswith(known):
            return float(factor)
    return float(measure.units[""]) if "" in measure.units and not unit else None
