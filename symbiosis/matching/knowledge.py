"""What the matcher knows: materials, uses, how well one serves the other, properties. Read from data/, checked as read.

The files and how to write them: data/README.md.
"""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symbiosis.matching.formula import Formula
from symbiosis.matching.gates import EVERY_USE, Gate
from symbiosis.matching.measures import Measure, names_of
from symbiosis.matching.patterns import Lexicon
from symbiosis.matching.words import STOP_WORDS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DATA = Path(__file__).parent / "data"
FORMULA = "formula.toml"
LANGUAGES = ("fi", "sv", "en")

NARROWER, BROADER, SIBLING = 0.9, 0.6, 0.35
"""A step down from what is wanted (sawdust for wood), a step up (wood for sawdust), and beside it (chips for sawdust)."""
INHERITED = 0.4
"""What a fitness of a broader material or use is worth for a narrower one that has no row of its own."""
BROAD = 0.3
"""What a use that nearly all materials serve says less of the goods than one that a single material serves."""
FIT = (0.0, 0.3, 0.65, 1.0)
"""The worth of the fitness levels 0 to 3."""

USUAL_KINDS = frozenset({"contaminant", "hazard", "origin"})
"""Kinds of properties that goods bring along from what they are made of; the others are qualities of a lot."""


class KnowledgeError(ValueError):
    """The files contradict themselves. The text names file and entry."""


@dataclass(frozen=True, slots=True)
class Material:
    key: str
    label: Mapping[str, str]
    broader: tuple[str, ...] = ()
    material_class: str = ""
    codes: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    value: str = "low"
    bulk_density: float | None = None
    """Tonnes a loose cubic metre."""
    setting: bool = False


@dataclass(frozen=True, slots=True)
class Use:
    key: str
    label: Mapping[str, str]
    does: Mapping[str, str] = field(default_factory=dict)
    broader: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    function_only: bool = False


@dataclass(frozen=True, slots=True)
class Property:
    key: str
    label: Mapping[str, str]
    opposite: str = ""
    kind: str = "quality"


@dataclass(frozen=True, slots=True)
class Fitness:
    """`because`, `conditions`: keys of the phrases. `words`: a reason written out, by language, instead of keys."""

    level: int
    because: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Additions:
    """What lies on top of the files. A term is target, language, pattern; a fitness row wins over the files' row."""

    materials: Sequence[Material] = ()
    uses: Sequence[Use] = ()
    terms: Sequence[tuple[str, str, str]] = ()
    fitness: Mapping[tuple[str, str], Fitness] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.materials or self.uses or self.terms or self.fitness)


NOTHING_ADDED = Additions()


@dataclass(frozen=True, slots=True)
class Signals:
    """Words of one language that give their neighbours a role, and Finnish endings that do."""

    without: frozenset[str]
    refuses: frozenset[str]
    forbids: frozenset[str]
    enough: frozenset[str]
    """At the end of a clause: what it names is there already."""
    leftovers: tuple[str, ...]
    """Beginnings of words for what is left over, of whatever: hukkapalat, offcuts."""
    harmless: frozenset[str]
    relative: frozenset[str]
    """Begin a clause about the goods: what is denied there is not the goods themselves."""
    but: frozenset[str]
    mixed: frozenset[str]
    made_from: frozenset[str]
    own_work: frozenset[str]
    free: frozenset[str]
    removed: frozenset[str]
    either: frozenset[str]
    further: frozenset[str]
    place_words: frozenset[str]
    from_words: frozenset[str]
    for_words: frozenset[str]
    looks: frozenset[str]
    place_case: tuple[str, ...]
    from_case: tuple[str, ...]
    for_case: tuple[str, ...]
    into_case: tuple[str, ...]
    no_case: tuple[str, ...]
    finnish: bool

    @classmethod
    def of(cls, language: str, data: Mapping[str, Sequence[str]]) -> Signals:
        """Words by the names of the fields; endings and beginnings in tuples, as str.endswith takes them."""
        words: dict[str, Any] = {
            each.name: (tuple if each.type == "tuple[str, ...]" else frozenset)(data.get(each.name, ()))
            for each in fields(cls)
            if each.name != "finnish"
        }
        return cls(**words, finnish=language == "fi")


@dataclass(frozen=True)
class Knowledge:
    """All tables. Rows and columns of the matrices go by `material_number` and `use_number`."""

    materials: Mapping[str, Material]
    uses: Mapping[str, Use]
    properties: Mapping[str, Property]
    fitness: Mapping[tuple[str, str], Fitness]
    """By (use, material)."""
    terms: Mapping[str, Lexicon]
    """By language; targets are "material:…", "use:…", "property:…"."""
    look_alikes: Sequence[Mapping[str, Any]] = ()
    """Words of several meanings: language, pattern, senses with their contexts, default."""
    signals: Mapping[str, Signals] = field(default_factory=dict)
    """By language."""
    measures: Mapping[str, Measure] = field(default_factory=dict)
    measure_names: Mapping[str, Lexicon] = field(default_factory=dict)
    """By language."""
    phrases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By "reason:…" and "condition:…": the words in each language; of a condition the question to ask."""
    gates: Mapping[str, Gate] = field(default_factory=dict)
    sources: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Statutes and rules that the gates name, in each language."""
    formula: Formula = field(default_factory=Formula)
    version: str = ""
    """Changes with the files, the code of the matching and the additions."""

    @cached_property
    def material_number(self) -> dict[str, int]:
        return {key: number for number, key in enumerate(self.materials)}

    @cached_property
    def use_number(self) -> dict[str, int]:
        return {key: number for number, key in enumerate(self.uses)}

    @cached_property
    def look_alike_words(self) -> dict[str, Lexicon]:
        """By language; targets are the numbers of the look-alikes."""
        words = {language: Lexicon() for language in LANGUAGES}
        for number, entry in enumerate(self.look_alikes):
            words[entry["language"]].add(str(number), [entry["pattern"]])
        return {language: lexicon.seal() for language, lexicon in words.items()}

    @cached_property
    def silent_words(self) -> dict[str, frozenset[str]]:
        """By language the words that name nothing: of every text, and those that only give others a role."""
        return {
            language: STOP_WORDS.union(
                of.without, of.refuses, of.forbids, of.enough, of.harmless, of.but, of.mixed, of.free
            )
            for language, of in self.signals.items()
        }

    @cached_property
    def material_keys(self) -> list[str]:
        return list(self.materials)

    @cached_property
    def property_keys(self) -> list[str]:
        return list(self.properties)

    @cached_property
    def measure_keys(self) -> list[str]:
        return list(self.measures)

    @cached_property
    def by_code(self) -> dict[str, tuple[str, ...]]:
        """Materials by waste code."""
        codes: dict[str, list[str]] = {}
        for key, material in self.materials.items():
            for code in material.codes:
                codes.setdefault(code, []).append(key)
        return {code: tuple(keys) for code, keys in codes.items()}

    @cached_property
    def use_keys(self) -> list[str]:
        return list(self.uses)

    @cached_property
    def ancestors(self) -> dict[str, dict[str, int]]:
        """By material: its broader ones with the steps to each."""
        found: dict[str, dict[str, int]] = {}

        def climb(key: str) -> dict[str, int]:
            if key not in found:
                steps: dict[str, int] = {}
                for parent in self.materials[key].broader:
                    for above, far in {parent: 0, **climb(parent)}.items():
                        steps[above] = min(steps.get(above, 99), far + 1)
                found[key] = steps
            return found[key]

        for key in self.materials:
            climb(key)
        return found

    def line(self, materials: Iterable[str]) -> set[str]:
        """The materials with all broader ones."""
        return {above for key in materials for above in (key, *self.ancestors[key])}

    @cached_property
    def narrower(self) -> dict[str, tuple[str, ...]]:
        """By material: everything below it."""
        below: dict[str, list[str]] = {key: [] for key in self.materials}
        for key, above in self.ancestors.items():
            for parent in above:
                below[parent].append(key)
        return {key: tuple(keys) for key, keys in below.items()}

    @cached_property
    def likeness(self) -> NDArray[np.float32]:
        """materials x materials: how well the column's material answers a wish for the row's."""
        import numpy as np

        number = self.material_number
        like = np.eye(len(number), dtype=np.float32)
        children: dict[str, list[str]] = {}
        for key, material in self.materials.items():
            for parent in material.broader:
                children.setdefault(parent, []).append(key)
        for parent, siblings in children.items():
            if not self.materials[parent].broader:
                continue  # all metals are not alike
            rows = [number[key] for key in siblings]
            for row in rows:
                like[row, rows] = np.maximum(like[row, rows], SIBLING)
        for key, steps in self.ancestors.items():
            for above, far in steps.items():
                like[number[above], number[key]] = max(like[number[above], number[key]], NARROWER**far)
                like[number[key], number[above]] = max(like[number[key], number[above]], BROADER**far)
        return like

    @cached_property
    def fit(self) -> NDArray[np.float32]:
        """uses x materials, 0 to 1: rows of their own, else what broader materials and uses say, for less."""
        import numpy as np

        own = np.zeros((len(self.uses), len(self.materials)), dtype=np.float32)
        stated = np.zeros(own.shape, dtype=bool)
        for (of_use, material), fitness in self.fitness.items():
            own[self.use_number[of_use], self.material_number[material]] = FIT[fitness.level]
            stated[self.use_number[of_use], self.material_number[material]] = True
        fit = own.copy()
        for key in sorted(self.materials, key=lambda key: len(self.ancestors[key])):
            column = self.material_number[key]
            for parent in self.materials[key].broader:
                inherited = INHERITED * fit[:, self.material_number[parent]]
                fit[:, column] = np.where(stated[:, column], fit[:, column], np.maximum(fit[:, column], inherited))
        for name, use in self.uses.items():
            row = self.use_number[name]
            for parent in use.broader:
                inherited = INHERITED * fit[self.use_number[parent]]
                fit[row] = np.where(stated[row], fit[row], np.maximum(fit[row], inherited))
        return fit

    @cached_property
    def telling(self) -> NDArray[np.float32]:
        """By use, 0 to 1: how much it says of the goods."""
        import numpy as np

        served = (self.fit >= FIT[2]).sum(axis=1)
        factors: NDArray[np.float32] = (1 - BROAD * np.log1p(served) / np.log1p(len(self.materials))).astype(np.float32)
        telling: NDArray[np.float32] = factors / factors.max()
        return telling

    def label(self, target: str, language: str) -> str:
        """Of "material:…", "use:…", "property:…", "reason:…", "condition:…" or "gate:…"; the key when it is no longer known."""
        if target in self.phrases:
            return self.phrases[target][language]
        kind, _, key = target.partition(":")
        if kind == "gate" and key in self.gates:
            return self.gates[key].text[language]
        tables: Mapping[str, Mapping[str, Material | Use | Property]] = {
            "material": self.materials,
            "use": self.uses,
            "property": self.properties,
        }
        entry = tables.get(kind, {}).get(key)
        return entry.label[language] if entry else key

    def why_fit(self, use: str, material: str) -> Fitness | None:
        """The row behind a fitness, its own or the nearest broader one's."""
        above = sorted(self.ancestors[material].items(), key=lambda item: item[1])
        for of_use in (use, *self.uses[use].broader):
            for candidate in (material, *(key for key, _ in above)):
                if row := self.fitness.get((of_use, candidate)):
                    return row
        return None


def read(folder: Path = DATA, additions: Additions = NOTHING_ADDED) -> Knowledge:
    """Reads and checks the files and what lies on top of them. Raises KnowledgeError."""
    lexicons = {language: Lexicon() for language in LANGUAGES}
    materials: dict[str, Material] = {}
    for path in sorted((folder / "materials").glob("*.toml")):
        for key, entry in _toml(path).items():
            if key in materials:
                raise KnowledgeError(f"{path.name}: {key} is there already.")
            materials[key] = Material(
                key=key,
                label=entry["label"],
                broader=tuple(entry.get("broader", ())),
                material_class=entry.get("class", ""),
                codes=tuple(entry.get("codes", ())),
                industries=tuple(entry.get("industries", ())),
                forms=tuple(entry.get("forms", ())),
                properties=tuple(entry.get("properties", ())),
                value=entry.get("value", "low"),
                bulk_density=entry.get("bulk_density"),
                setting=entry.get("setting", False),
            )
            _add_terms(lexicons, f"material:{key}", entry)
    uses: dict[str, Use] = {}
    for path in sorted(folder.glob("uses*.toml")):
        uses |= _uses(path, uses, lexicons)
    properties, measures, measure_names = _properties(folder / "properties.toml", lexicons)
    materials |= {material.key: material for material in additions.materials}
    uses |= {use.key: use for use in additions.uses}
    # What an upgrade of the files has taken away, additions name in vain: they are passed over, and the rest holds.
    tables: dict[str, Mapping[str, object]] = {"material": materials, "use": uses, "property": properties}
    there = {f"{kind}:{key}" for kind, table in tables.items() for key in table}
    for target, language, pattern in additions.terms:
        if target in there:
            lexicons[language].add(target, [pattern])
    added = {
        pair: row
        for pair, row in additions.fitness.items()
        if there.issuperset({f"use:{pair[0]}", f"material:{pair[1]}"})
    }
    fitness = dict(_fitness(folder, materials, uses)) | added
    _check_broader(materials)
    _check_broader(uses)
    gates, sources = _gates(folder / "gates.toml", materials, uses, properties)
    look_alikes = [entry for path in sorted(folder.glob("look_alikes*.toml")) for entry in _toml(path)["lookalike"]]
    signals = _toml(folder / "signals.toml") if (folder / "signals.toml").exists() else {}
    phrases = {
        f"{kind}:{key}": entry.get("ask", entry)
        for kind, name in (("reason", "reasons.toml"), ("condition", "conditions.toml"))
        for key, entry in _toml(folder / name).items()
    }
    return Knowledge(
        materials=materials,
        uses=uses,
        properties=properties,
        fitness=fitness,
        terms={language: lexicon.seal() for language, lexicon in lexicons.items()},
        look_alikes=look_alikes,
        signals={language: Signals.of(language, signals.get(language, {})) for language in LANGUAGES},
        measures=measures,
        measure_names=measure_names,
        phrases=phrases | _own_phrases(additions),
        gates=gates,
        sources=sources,
        formula=_formula(folder / FORMULA),
        version=_version(folder, additions),
    )


@lru_cache(maxsize=1)
def knowledge() -> Knowledge:
    """Of the files alone, read once a process."""
    return read()


def _version(folder: Path, additions: Additions) -> str:
    told = hashlib.sha256()
    for path in (*sorted(Path(__file__).parent.glob("*.py")), *sorted(folder.rglob("*.*"))):
        told.update(path.read_bytes())
    if additions:
        told.update(repr(additions).encode())
    return told.hexdigest()[:16]


def _uses(path: Path, known: Mapping[str, Use], lexicons: Mapping[str, Lexicon]) -> dict[str, Use]:
    uses: dict[str, Use] = {}
    for key, entry in _toml(path).items():
        if key in known:
            raise KnowledgeError(f"{path.name}: {key} is there already.")
        uses[key] = Use(
            key=key,
            label=entry["label"],
            does=entry.get("does", {}),
            broader=tuple(entry.get("broader", ())),
            industries=tuple(entry.get("industries", ())),
            wants=tuple(entry.get("wants", ())),
            excludes=tuple(entry.get("excludes", ())),
            function_only=entry.get("function_only", False),
        )
        _add_terms(lexicons, f"use:{key}", entry)
    return uses


def _properties(
    path: Path, lexicons: Mapping[str, Lexicon]
) -> tuple[dict[str, Property], dict[str, Measure], dict[str, Lexicon]]:
    """Properties, measures, and the measures' names by language."""
    properties: dict[str, Property] = {}
    written = dict(_toml(path))
    numeric, words = written.pop("numeric", {}), written.pop("number_words", {})
    for key, entry in written.items():
        properties[key] = Property(
            key=key, label=entry["label"], opposite=entry.get("opposite", ""), kind=entry.get("kind", "quality")
        )
        _add_terms(lexicons, f"property:{key}", entry)
    return (
        properties,
        {key: Measure.of(key, entry) for key, entry in numeric.items()},
        {language: names_of(numeric, words, language) for language in LANGUAGES},
    )


def _gates(
    path: Path, materials: Mapping[str, Material], uses: Mapping[str, Use], properties: Mapping[str, Property]
) -> tuple[dict[str, Gate], dict[str, Mapping[str, str]]]:
    written = _toml(path)
    gates = {key: Gate.of(key, entry) for key, entry in written["gate"].items()}
    sources: dict[str, Mapping[str, str]] = written["source"]
    for key, gate in gates.items():
        for names, table in (
            ((*gate.concepts, *gate.exact_concepts), materials),
            ((*gate.uses, *gate.except_uses), {EVERY_USE: None, **uses}),
            ((*gate.properties, *gate.unless_need, *gate.unless_offer), properties),
            (gate.sources, sources),
        ):
            if missing := set(names) - set(table):
                raise KnowledgeError(f"{path.name}: {key} names {', '.join(sorted(missing))}, which is not there.")
    return gates, sources


def _formula(path: Path) -> Formula:
    try:
        return Formula.of(_toml(path))
    except (KeyError, TypeError, ValueError) as error:
        raise KnowledgeError(f"{path.name}: {error}") from error


def _check_broader(entries: Mapping[str, Material] | Mapping[str, Use]) -> None:
    for key, entry in entries.items():
        for parent in entry.broader:
            if parent not in entries:
                raise KnowledgeError(f"{key}: its broader {parent} is not there.")


def _own_phrases(additions: Additions) -> dict[str, Mapping[str, str]]:
    """Reasons written out get a key of their own: reason:use.material."""
    return {
        f"reason:{use}.{material}": fitness.words
        for (use, material), fitness in additions.fitness.items()
        if fitness.words
    }


def _toml(path: Path) -> dict[str, Any]:
    """What the file holds, not to be changed. Raises KnowledgeError."""
    stat = path.stat()
    return _parsed(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=64)
def _parsed(path: Path, changed: int, size: int) -> dict[str, Any]:
    """`changed`, `size`: of the file as it is; parsing is two thirds of what reading the knowledge takes."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise KnowledgeError(f"{path.name}: {error}") from error


def _add_terms(lexicons: Mapping[str, Lexicon], target: str, entry: Mapping[str, Any]) -> None:
    for language, lexicon in lexicons.items():
        lexicon.add(target, entry.get(language, ()))


def _fitness(
    folder: Path, materials: Mapping[str, Material], uses: Mapping[str, Use]
) -> Iterable[tuple[tuple[str, str], Fitness]]:
    for path in sorted((folder / "fitness").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), start=2):
                use, material = row["use"], row["material"]
                if use not in uses or material not in materials:
                    raise KnowledgeError(f"{path.name}, line {number}: {use} or {material} is not there.")
                yield (
                    (use, material),
                    Fitness(int(row["fit"]), tuple(row["because"].split()), tuple((row["conditions"] or "").split())),
                )
