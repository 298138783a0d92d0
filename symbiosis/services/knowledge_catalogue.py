"""The matcher's knowledge as staff look at it: lists, the page of one entry, and drafts beside what is in force.

Plain Python over the tables, so that the web process never carries numpy.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from django.conf import settings
from django.db.models import Count, Func
from django.utils.translation import get_language

from kisu.lib.collation import finnish_key
from kisu.lib.texts import fold, search_terms
from symbiosis.matching.knowledge import Fitness, Knowledge, Material, Use
from symbiosis.matching.patterns import WORD
from symbiosis.models import AddedFitness, AddedMaterial, AddedTerm, AddedUse, Listing, ListingReading
from symbiosis.services.knowledge import current_knowledge

Kind = Literal["material", "use"]
Pair = tuple[str, str]
"""Use, material."""
KEPT = 3  # versions of the knowledge whose index a process keeps


@dataclass(frozen=True, slots=True)
class Named:
    """An entry by its key, to link to."""

    kind: Kind
    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Row:
    """A material or a use in a list. `others`: how many uses it serves, or materials it takes."""

    kind: Kind
    key: str
    label: str
    broader: str
    family: str
    fi: int
    sv: int
    en: int
    others: int
    listings: int
    entry: AddedMaterial | AddedUse | None
    text: str

    @property
    def standing(self) -> str:
        return str(self.entry.standing.label) if self.entry else ""


@dataclass(frozen=True, slots=True)
class Term:
    """A pattern; `entry` where the service centre has added it."""

    pattern: str
    entry: AddedTerm | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """How well the other entry suits. `by`: the broader material or use that says so, where the pair has no own row."""

    other: Named
    level: int
    reason: str
    condition: str
    by: str = ""
    entry: AddedFitness | None = None

    @property
    def level_label(self) -> str:
        return str(AddedFitness.Level(self.level).label)


@dataclass(frozen=True, slots=True)
class Page:
    """All that is known of one material or use."""

    named: Named
    entry: AddedMaterial | AddedUse | None
    labels: list[tuple[str, str]]
    broader: list[Named]
    narrower: list[Named]
    codes: tuple[str, ...]
    terms: list[tuple[str, str, list[Term]]]
    """Language, its name, its terms."""
    fits: list[Fit]

    @property
    def target(self) -> str:
        return f"{self.named.kind}:{self.named.key}"

    @property
    def is_mute(self) -> bool:
        """No term names it, so no listing is ever read as it."""
        return not any(terms for _code, _name, terms in self.terms)


@dataclass(frozen=True, slots=True)
class _Index:
    """What a list asks of every entry, counted once for a version of the knowledge."""

    terms: Mapping[str, Mapping[str, list[str]]]
    """By target, by language."""
    texts: Mapping[str, str]
    others: Counter[str]
    """By target: with how many of the other kind it has a fitness above 0."""


_indexes: dict[str, _Index] = {}


def _index(known: Knowledge) -> _Index:
    found = _indexes.get(known.version)
    if found is None:
        if len(_indexes) >= KEPT:
            _indexes.clear()
        found = _indexes[known.version] = _count(known)
    return found


def _count(known: Knowledge) -> _Index:
    terms: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for language, lexicon in known.terms.items():
        for written in (*lexicon.whole.values(), *lexicon.starts.values()):
            for term in written:
                terms[term.target][language].append(" ".join(term.words))
    texts = {}
    for kind, entries in (("material", known.materials), ("use", known.uses)):
        for key, entry in entries.items():
            target = f"{kind}:{key}"
            patterns = [pattern for written in terms[target].values() for pattern in written]
            texts[target] = fold(" ".join([key, *entry.label.values(), *patterns])).replace("$", "").replace("*", "")
    for by_language in terms.values():
        for language, patterns in by_language.items():
            by_language[language] = sorted(set(patterns), key=lambda pattern: finnish_key(pattern.strip("*")))
    others: Counter[str] = Counter()
    for use, material in _served(known):
        others[f"material:{material}"] += 1
        others[f"use:{use}"] += 1
    return _Index(terms=terms, texts=texts, others=others)


def _served(known: Knowledge) -> Iterable[Pair]:
    """Every pair with a fitness above 0, of its own or from what is broader."""
    stated: defaultdict[str, set[str]] = defaultdict(set)
    narrower_uses: defaultdict[str, list[str]] = defaultdict(list)
    for use in known.uses.values():
        for parent in use.broader:
            narrower_uses[parent].append(use.key)
    for use_key, material in known.fitness:
        stated[material].update((use_key, *narrower_uses[use_key]))
    for material in known.materials:
        line = _line(known, material)
        for use_key in set().union(*(stated[above] for above in line)):
            if (found := _row(known, use_key, line)) and found[1].level:
                yield use_key, material


def row_behind(known: Knowledge, use: str, material: str) -> tuple[Pair, Fitness] | None:
    """The row that decides the pair, and whose it is: its own or the nearest broader one's (`Knowledge.why_fit`)."""
    if use not in known.uses or material not in known.materials:
        return None
    return _row(known, use, _line(known, material))


def _line(known: Knowledge, material: str) -> list[str]:
    """The material and what is broader, nearest first."""
    above = sorted(known.ancestors[material].items(), key=lambda item: item[1])
    return [material, *(key for key, _steps in above)]


def _row(known: Knowledge, use: str, line: list[str]) -> tuple[Pair, Fitness] | None:
    for of_use in (use, *known.uses[use].broader):
        for candidate in line:
            if fitness := known.fitness.get((of_use, candidate)):
                return (of_use, candidate), fitness
    return None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What is in force, and the drafts of materials and uses."""

    known: Knowledge
    added: Mapping[Kind, Mapping[str, AddedMaterial | AddedUse]]
    drafts: Mapping[Kind, Mapping[str, Material | Use]] = field(default_factory=dict)

    def entries(self, kind: Kind) -> dict[str, Material | Use]:
        known: Mapping[str, Material | Use] = self.known.materials if kind == "material" else self.known.uses
        return {**known, **self.drafts[kind]}

    def label(self, kind: Kind, key: str, language: str | None = None) -> str:
        language = language or get_language() or "fi"
        draft = self.drafts[kind].get(key)
        return draft.label[language] if draft else self.known.label(f"{kind}:{key}", language)

    def named(self, kind: Kind, key: str) -> Named:
        return Named(kind, key, self.label(kind, key))

    def choices(self, kind: Kind) -> list[tuple[str, str]]:
        """For a select, in Finnish order."""
        labels = ((key, self.label(kind, key)) for key in self.entries(kind))
        return sorted(labels, key=lambda choice: finnish_key(choice[1]))


def catalogue() -> Catalogue:
    known = current_knowledge()
    materials = {row.key: row for row in AddedMaterial.objects.filter(until=None)}
    uses = {row.key: row for row in AddedUse.objects.filter(until=None)}
    return Catalogue(
        known=known,
        added={"material": materials, "use": uses},
        drafts={
            "material": {
                key: Material(key, row.labels, (row.broader,) if row.broader else (), value=row.value)
                for key, row in materials.items()
                if key not in known.materials
            },
            "use": {
                key: Use(key, row.labels, broader=(row.broader,) if row.broader else ())
                for key, row in uses.items()
                if key not in known.uses
            },
        },
    )


# --- Lists ------------------------------------------------------------------------------------------------------------


def rows_of(kind: Kind, *, on: date) -> list[Row]:
    """Every material or use with what is counted of it; drafts too. Five queries."""
    whole, language = catalogue(), get_language() or "fi"
    index = _index(whole.known)
    entries = whole.entries(kind)
    drafted = _drafted_terms(kind)
    listings = _readings(kind, on=on)
    rows = []
    for key, entry in entries.items():
        target = f"{kind}:{key}"
        terms, more = index.terms.get(target, {}), drafted[target]
        first = entry.broader[0] if entry.broader else ""
        text = index.texts.get(target) or fold(" ".join([key, *entry.label.values()]))
        rows.append(
            Row(
                kind=kind,
                key=key,
                label=entry.label[language],
                broader=entries[first].label[language] if first in entries else "",
                family=_family(entries, key),
                fi=len(terms.get("fi", ())) + more["fi"],
                sv=len(terms.get("sv", ())) + more["sv"],
                en=len(terms.get("en", ())) + more["en"],
                others=index.others[target],
                listings=listings.get(key, 0),
                entry=whole.added[kind].get(key),
                text=text,
            )
        )
    return rows


def families(kind: Kind) -> list[tuple[str, str]]:
    """The broadest entries that have narrower ones, as choices."""
    whole = catalogue()
    entries = whole.entries(kind)
    parents = {parent for entry in entries.values() for parent in entry.broader}
    tops = [(key, whole.label(kind, key)) for key in parents if key in entries and not entries[key].broader]
    return sorted(tops, key=lambda choice: finnish_key(choice[1]))


def found_by(rows: Iterable[Row], query: str) -> list[Row]:
    """Those whose names or terms hold all words of the query, and those that the matcher would read it as."""
    words = search_terms(query)
    asked = WORD.findall(query.lower().replace("-", " "))
    meant = {hit.target for lexicon in current_knowledge().terms.values() for hit in lexicon.hits(asked)}
    return [row for row in rows if all(word in row.text for word in words) or f"{row.kind}:{row.key}" in meant]


def _family(entries: Mapping[str, Material | Use], key: str) -> str:
    for _step in range(20):  # the files are checked for parents, not for rings
        broader = entries[key].broader
        if not broader or broader[0] not in entries:
            return key
        key = broader[0]
    return key


def _drafted_terms(kind: Kind) -> defaultdict[str, Counter[str]]:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    drafts = AddedTerm.objects.filter(since=None, until=None, target__startswith=f"{kind}:")
    for target, language in drafts.values_list("target", "language"):
        counts[target][language] += 1
    return counts


def _readings(kind: Kind, *, on: date) -> dict[str, int]:
    """Open listings by what they are read as: the weightiest material, or each use."""
    readings = ListingReading.objects.filter(listing__in=Listing.objects.published(on=on))
    if kind == "material":
        by = readings.exclude(main_material="").values_list("main_material")
    else:
        by = readings.annotate(use=Func("uses", function="jsonb_object_keys")).values_list("use")
    return dict(by.annotate(count=Count("pk")).order_by())


def listings_read_as(kind: Kind, key: str, *, on: date) -> list[Listing]:
    """Open listings whose weightiest material it is, or that name the use; newest first."""
    readings = ListingReading.objects.filter(main_material=key) if kind == "material" else ListingReading.objects.all()
    if kind == "use":
        readings = readings.filter(uses__has_key=key)
    found = Listing.objects.published(on=on).filter(pk__in=readings.values("pk"))
    return list(found.select_related("organisation").order_by("-published_at", "-pk"))


# --- One entry --------------------------------------------------------------------------------------------------------


def page_of(kind: Kind, key: str) -> Page | None:
    """None for a key that neither the knowledge nor a draft has."""
    whole = catalogue()
    entries = whole.entries(kind)
    if (entry := entries.get(key)) is None:
        return None
    names = dict(settings.LANGUAGES)
    narrower = [other for other, one in entries.items() if key in one.broader]
    return Page(
        named=whole.named(kind, key),
        entry=whole.added[kind].get(key),
        labels=[(str(names[language]), entry.label[language]) for language in names],
        broader=[whole.named(kind, parent) for parent in entry.broader],
        narrower=sorted((whole.named(kind, one) for one in narrower), key=lambda named: finnish_key(named.label)),
        codes=entry.codes if isinstance(entry, Material) else (),
        terms=_terms(whole, f"{kind}:{key}"),
        fits=_fits(whole, kind, key),
    )


def _terms(whole: Catalogue, target: str) -> list[tuple[str, str, list[Term]]]:
    """The files' and the added ones; what has been added since stands last."""
    added: defaultdict[str, list[AddedTerm]] = defaultdict(list)
    for row in AddedTerm.objects.filter(target=target, until=None).order_by("pattern", "pk"):
        added[row.language].append(row)
    written = _index(whole.known).terms.get(target, {})
    found = []
    for code, name in settings.LANGUAGES:
        own = {row.pattern for row in added[code]}
        files = [Term(pattern) for pattern in written.get(code, ()) if pattern not in own]
        found.append((code, str(name), [*files, *(Term(row.pattern, row) for row in added[code])]))
    return found


def _fits(whole: Catalogue, kind: Kind, key: str) -> list[Fit]:
    """Drafts first, then by how well; rows of its own before those of something broader."""
    rows = AddedFitness.objects.filter(until=None)
    added = list(rows.filter(material=key) if kind == "material" else rows.filter(use=key))
    in_force = {(row.use, row.material): row for row in added if row.since_id is not None}
    other_kind: Kind = "use" if kind == "material" else "material"
    fits = []
    for other in whole.known.uses if kind == "material" else whole.known.materials:
        pair = (other, key) if kind == "material" else (key, other)
        if (found := row_behind(whole.known, *pair)) is None:
            continue
        source, fitness = found
        fits.append(_fit(whole, whole.named(other_kind, other), fitness, _by(whole, pair, source), in_force.get(pair)))
    fits.sort(key=lambda fit: (-fit.level, bool(fit.by), finnish_key(fit.other.label)))
    drafts = [row for row in added if row.since_id is None]
    return [_drafted(whole, other_kind, row) for row in drafts] + fits


def _by(whole: Catalogue, pair: Pair, source: Pair) -> str:
    if source == pair:
        return ""
    said = [("use", source[0])] if source[0] != pair[0] else []
    said += [("material", source[1])] if source[1] != pair[1] else []
    return ", ".join(whole.known.label(f"{kind}:{key}", get_language() or "fi") for kind, key in said)


def _fit(whole: Catalogue, other: Named, fitness: Fitness, by: str, entry: AddedFitness | None) -> Fit:
    language = get_language() or "fi"
    words = [whole.known.label(f"reason:{key}", language) for key in fitness.because]
    asks = [whole.known.label(f"condition:{key}", language) for key in fitness.conditions]
    return Fit(other, fitness.level, ", ".join(words), " ".join(asks), by, entry)


def _drafted(whole: Catalogue, other_kind: Kind, row: AddedFitness) -> Fit:
    other = whole.named(other_kind, row.use if other_kind == "use" else row.material)
    return Fit(other, row.level, row.reason, "", "", row)
