"""Finds materials and uses of the matcher's knowledge by words, in whichever of its languages they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kisu.lib.collation import finnish_key
from kisu.lib.texts import fold, search_key, search_terms
from symbiosis.matching.knowledge import LANGUAGES, Knowledge

MOST = 20
NAME, BEGINS, OWN, NAMED, HELD, NOT_FOUND = range(6)
"""The very name in the reader's language; it begins so; it holds the words; the name in another language, a term, or an
inflected word; names and terms hold the words between them."""


@dataclass(frozen=True, slots=True)
class Found:
    """A material or a use; `broader` says what it is a kind of, "" for the broadest."""

    target: str
    label: str
    broader: str

    @property
    def is_material(self) -> bool:
        return self.target.startswith("material:")


@dataclass(frozen=True, slots=True)
class _Entry:
    """`names` by language, with a second line for who types without dots; `terms` without the signs of patterns."""

    target: str
    names: dict[str, list[str]]
    terms: frozenset[str]
    everything: str


def find_targets(words: str, *, language: str, known: Knowledge) -> list[Found]:
    """The twenty best, in Finnish order where they are equally good."""
    asked, terms = fold(words), search_terms(words)
    if not terms:
        return []
    inflected = _inflected(terms, known)
    ranked = []
    for entry in _entries(known):
        rank = _rank(entry, asked, terms, language)
        if rank > NAMED and entry.target in inflected:
            rank = NAMED
        if rank < NOT_FOUND:
            ranked.append((rank, finnish_key(known.label(entry.target, language)), entry.target))
    return [_found(target, language, known) for _rank_, _name, target in sorted(ranked)[:MOST]]


def _rank(entry: _Entry, asked: str, terms: Sequence[str], language: str) -> int:
    own = entry.names[language]
    if asked in own:
        return NAME
    if any(name.startswith(asked) for name in own):
        return BEGINS
    if any(all(term in name for term in terms) for name in own):
        return OWN
    if asked in entry.terms or any(asked in names for names in entry.names.values()):
        return NAMED
    return HELD if all(term in entry.everything for term in terms) else NOT_FOUND


def _inflected(terms: Sequence[str], known: Knowledge) -> set[str]:
    """What a listing with these words would be read as: sahanpurua, sågspånen."""
    words = [word for term in terms for word in term.replace("-", " ").split()]
    return {hit.target for lexicon in known.terms.values() for hit in lexicon.hits(words) if hit.head}


def _found(target: str, language: str, known: Knowledge) -> Found:
    kind, _colon, key = target.partition(":")
    broader = (known.materials if kind == "material" else known.uses)[key].broader
    above = ", ".join(known.label(f"{kind}:{one}", language) for one in broader)
    return Found(target, known.label(target, language), above)


_kept: dict[str, list[_Entry]] = {}


def _entries(known: Knowledge) -> list[_Entry]:
    """A fifth of a second of work, kept for the version in use."""
    if known.version not in _kept:
        entries = list(_made(known))
        _kept.clear()
        _kept[known.version] = entries
    return _kept[known.version]


def _made(known: Knowledge) -> Iterable[_Entry]:
    terms: defaultdict[str, set[str]] = defaultdict(set)
    for lexicon in known.terms.values():
        for table in (lexicon.whole, lexicon.starts):
            for patterns in table.values():
                for pattern in patterns:
                    terms[pattern.target].add(" ".join(word.strip("*$") for word in pattern.words))
    for target in [*(f"material:{key}" for key in known.materials), *(f"use:{key}" for key in known.uses)]:
        names = {language: search_key(known.label(target, language)).split("\n") for language in LANGUAGES}
        told = [name for of_language in names.values() for name in of_language]
        yield _Entry(target, names, frozenset(terms[target]), "\n".join([*told, *sorted(terms[target])]))
