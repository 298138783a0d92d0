"""Which industries might take what is offered, and as what: from a listing's reading, without any need being there."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from symbiosis.matching.industries import division_of
from symbiosis.matching.knowledge import DATA, FIT, INHERITED, LANGUAGES, Knowledge, KnowledgeError
from symbiosis.matching.reading import Reading

FILE, SCALE_FILE = "receivers.csv", "use_scale.csv"
WEIGHT = (0.0, 0.25, 0.6, 1.0)
"""The worth of the weights 0 to 3: rarely, sometimes, usually does what the use says."""
SCALE = (0.0, 0.4, 0.75, 1.0)
"""Of a use that takes small lots, loads now and then, loads as a matter of routine."""
UNWRITTEN = UNSCALED = 2
"""The weight of the industries that a use names itself, and its scale, for uses without rows in the files."""
SHARPNESS = 3.0
"""Of the sum over uses: 1 adds them all up, much more than that takes the best one only."""
NAMED = 0.6
"""What a use adds that the offer names itself."""
OWN_INDUSTRY = 0.1
"""What it adds that the material is usual in an industry: there it more often arises than goes."""
LEAST = 0.02


@dataclass(frozen=True, slots=True)
class Receiver:
    """An industry that does what a use says. `why`: who in it, by language; empty where only the use names it."""

    use: str
    industry: str
    weight: int
    why: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Way:
    """One use as which an industry might take a material. `fit` and `worth` from 0 to 1."""

    use: str
    material: str
    fit: float
    worth: float
    why: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Taker:
    """An industry with the ways in which it might take the offer, best first. `worth` orders; it is no probability.

    Without ways it is only an industry where the material is usual.
    """

    industry: str
    worth: float
    ways: tuple[Way, ...]


@dataclass(frozen=True)
class Receiving:
    """The receivers of a knowledge's uses, and its fitness by material."""

    known: Knowledge
    receivers: Mapping[str, Sequence[Receiver]]
    """By use."""
    scale: Mapping[str, int]
    """By use, 1 to 3: small lots, loads now and then, loads as a matter of routine."""

    @cached_property
    def _rows(self) -> dict[str, dict[str, float]]:
        rows: defaultdict[str, dict[str, float]] = defaultdict(dict)
        for (use, material), fitness in self.known.fitness.items():
            rows[material][use] = FIT[fitness.level]
        return dict(rows)

    @cached_property
    def _fits(self) -> dict[str, dict[str, float]]:
        return {}

    def fits(self, material: str) -> Mapping[str, float]:
        """By use, as a column of `Knowledge.fit`: own rows, else what broader materials and uses say, for less."""
        if material not in self._fits:
            own = self._rows.get(material, {})
            fits = self._of_material(material)
            for key, use in self.known.uses.items():
                if key not in own:
                    inherited = max((INHERITED * fits.get(parent, 0.0) for parent in use.broader), default=0.0)
                    if inherited > fits.get(key, 0.0):
                        fits[key] = inherited
            self._fits[material] = fits
        return self._fits[material]

    def _of_material(self, material: str) -> dict[str, float]:
        own = self._rows.get(material, {})
        fits: dict[str, float] = {}
        for parent in self.known.materials[material].broader:
            for use, fit in self._of_material(parent).items():
                fits[use] = max(fits.get(use, 0.0), INHERITED * fit)
        return fits | own

    def uses_of(self, reading: Reading) -> dict[str, tuple[float, str]]:
        """How well what was read serves each use, and by which material; "" for a use that the text names alone."""
        best: dict[str, tuple[float, str]] = {}
        for material, weight in reading.materials.items():
            if material in self.known.materials:
                for use, fit in self.fits(material).items():
                    best[use] = max(best.get(use, (0.0, "")), (fit * weight, material))
        for use, weight in reading.uses.items():
            if use in self.known.uses:
                fit, material = best.get(use, (0.0, ""))
                best[use] = 1 - (1 - fit) * (1 - NAMED * weight), material
        return best

    def takers(self, reading: Reading, *, section: bool = False) -> list[Taker]:
        """Best first. `section`: by section (C) instead of division (C23)."""
        sums: defaultdict[str, float] = defaultdict(float)
        ways: defaultdict[str, list[Way]] = defaultdict(list)
        for use, (fit, material) in self.uses_of(reading).items():
            for industry, receiver in _best_of_each(self.receivers.get(use, ()), section=section).items():
                worth = fit * WEIGHT[receiver.weight] * SCALE[self.scale[use]]
                if worth >= LEAST:
                    sums[industry] += worth**SHARPNESS
                    ways[industry].append(Way(use, material, fit, worth, receiver.why))
        usual = self._usual_in(reading, section=section)
        takers = []
        for industry in sorted({*sums, *usual}):
            worth = sums[industry] ** (1 / SHARPNESS) + OWN_INDUSTRY * usual.get(industry, 0.0)
            best_first = sorted(ways[industry], key=lambda way: (-way.worth, way.use))
            takers.append(Taker(industry, worth, tuple(best_first)))
        return sorted(takers, key=lambda taker: (-taker.worth, taker.industry))

    def _usual_in(self, reading: Reading, *, section: bool) -> dict[str, float]:
        usual: dict[str, float] = {}
        for material, weight in reading.materials.items():
            if material in self.known.materials:
                for industry in self.known.materials[material].industries:
                    key = industry[:1] if section else industry
                    usual[key] = max(usual.get(key, 0.0), weight)
        return usual


def _best_of_each(receivers: Sequence[Receiver], *, section: bool) -> dict[str, Receiver]:
    best: dict[str, Receiver] = {}
    for receiver in receivers:
        key = receiver.industry[:1] if section else receiver.industry
        if key not in best or receiver.weight > best[key].weight:
            best[key] = receiver
    return best


def receiving(known: Knowledge, folder: Path = DATA) -> Receiving:
    """Reads the file against the knowledge. Raises KnowledgeError with file and line."""
    rows: defaultdict[str, list[Receiver]] = defaultdict(list)
    for receiver in _read(folder / FILE, known):
        rows[receiver.use].append(receiver)
    written = dict(rows)
    for key, use in known.uses.items():
        if key not in written:
            named = [Receiver(key, industry, UNWRITTEN, {}) for industry in use.industries]
            rows[key] = named or [
                replace(receiver, use=key) for parent in use.broader for receiver in written.get(parent, ())
            ]
    scale = _scales(folder / SCALE_FILE, known)
    return Receiving(known=known, receivers=dict(rows), scale={key: scale.get(key, UNSCALED) for key in known.uses})


def _scales(path: Path, known: Knowledge) -> dict[str, int]:
    scales: dict[str, int] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            if row["use"] not in known.uses or row["use"] in scales or row["scale"] not in {"1", "2", "3"}:
                raise KnowledgeError(f"{path.name}, line {number}: a use of the knowledge, once, with a scale 1 to 3.")
            scales[row["use"]] = int(row["scale"])
    return scales


def _read(path: Path, known: Knowledge) -> Iterator[Receiver]:
    seen: set[tuple[str, str]] = set()
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            where = f"{path.name}, line {number}"
            use, industry = row["use"], row["industry"]
            if use not in known.uses:
                raise KnowledgeError(f"{where}: the use {use} is not there.")
            if division_of(industry) != industry:
                raise KnowledgeError(f"{where}: {industry} is no division of NACE such as C23.")
            if (use, industry) in seen:
                raise KnowledgeError(f"{where}: {use} has {industry} already.")
            if row["weight"] not in {"1", "2", "3"}:
                raise KnowledgeError(f"{where}: the weight is 1, 2 or 3.")
            why = {language: (row.get(f"why_{language}") or "").strip() for language in LANGUAGES}
            if not all(why.values()):
                raise KnowledgeError(f"{where}: who it is, is missing in a language.")
            seen.add((use, industry))
            yield Receiver(use, industry, int(row["weight"]), why)


_latest: list[Receiving] = []


def receiving_of(known: Knowledge) -> Receiving:
    """Of a knowledge that is asked again and again: read once as long as it stays the same object."""
    if not _latest or _latest[0].known is not known:
        _latest[:] = [receiving(known)]
    return _latest[0]
