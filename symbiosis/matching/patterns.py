"""Finds terms in texts: stems, whole words, parts of compounds, and several words in a row.

A term is one or more word patterns, separated by spaces. `stem` meets words that start with it, `stem$` the whole word
only, `*stem` also the inside of a compound. The longest term wins where several meet the same words.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

WORD = re.compile(r"[^\W_]+(?:[.,]\d+)?")
INSIDE_FROM = 2
"""Letters of a compound that come before its inner part at least."""
GENERIC = re.compile(
    r"^\w{0,2}-?(?:jät|jäännö|erä|eri|ylijääm|hävik|hävi|jäm|tähte|tähd|hukka|huka|rippe|parti|avfall|rest|spill|överskott|svinn|scrap|waste)"
)
"""A head that only says that something is left over: the first part is the goods (kahvinporojäte, träspill)."""
INFLECTION = 6
"""Letters after a stem that can still be endings; more, and the stem is the first part of another word."""
MISSPELT_FROM, SURE_STEM, SURE_START = 9, 8, 2
"""A word of so many letters that no term meets may be a slip of one letter in a stem of so many, behind the first two."""
CASE = re.compile(
    "(?:[ijeaouyäö]{0,2}(?:n|a|ä|ta|tä|tta|ttä|ssa|ssä|sta|stä|lla|llä|lta|ltä|lle|ksi|na|nä|hin|seen|siin|ja|jä|jen|den|iden"
    "|ien|en|t|in|s|er|ar|or|et|erna|arna)?)$"
)
"""What follows the stem of a misspelt word is an ending, or it is another word."""
SURE_END = 2
"""Letters at the end of a stem that are spelt right: else varaosat and varastossa are one word."""


@dataclass(frozen=True, slots=True)
class Term:
    """One term of one entry."""

    target: str
    words: tuple[str, ...]

    @property
    def length(self) -> int:
        return sum(len(word.strip("*$")) for word in self.words)


@dataclass(frozen=True, slots=True)
class Hit:
    """A term met at words[start:stop]. `head` False: the term is only the first part of a compound."""

    target: str
    start: int
    stop: int
    length: int
    head: bool

    @property
    def kind(self) -> str:
        """material, use or property"""
        return self.target.partition(":")[0]

    @property
    def key(self) -> str:
        return self.target.partition(":")[2]

    def overlaps(self, other: Hit) -> bool:
        return other.start < self.stop and self.start < other.stop

    def is_same_words(self, other: Hit) -> bool:
        return (other.start, other.stop) == (self.start, self.stop)


@dataclass(slots=True)
class Lexicon:
    """All terms, ready for lookup. Not changed after `seal`."""

    whole: dict[str, list[Term]] = field(default_factory=lambda: defaultdict(list))
    starts: dict[str, list[Term]] = field(default_factory=lambda: defaultdict(list))
    inside: dict[str, list[Term]] = field(default_factory=lambda: defaultdict(list))
    _lengths: tuple[int, ...] = ()
    _by_start: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _cache: dict[str, tuple[tuple[Term, bool], ...]] = field(default_factory=dict)

    def add(self, target: str, terms: Iterable[str]) -> None:
        for written in terms:
            words = tuple(written.lower().replace("-", " ").split())
            if not words:
                continue
            term, first = Term(target, words), words[0]
            if first.endswith("$") and not first.startswith("*"):
                self.whole[first[:-1]].append(term)
                continue
            self.starts[first.strip("*$")].append(term)
            if first.startswith("*"):
                self.inside[first.strip("*$")].append(term)

    def seal(self) -> Lexicon:
        self._lengths = tuple(sorted({len(stem) for stem in self.inside}))
        for stem, terms in self.starts.items():
            if len(stem) >= SURE_STEM and any(_is_plain(term) for term in terms):
                self._by_start[stem[:SURE_START]].append(stem)
        return self

    def of_word(self, word: str) -> tuple[tuple[Term, bool], ...]:
        """The terms whose first word pattern meets the word, each with whether the rest of the word is endings only. Of a
        word that none meets, those that it may be a slip of, as hints.
        """
        known = self._cache.get(word)
        if known is not None:
            return known
        found: dict[Term, bool] = dict.fromkeys(self.whole.get(word, ()), True)
        for end in range(2, len(word) + 1):
            for term in self.starts.get(word[:end], ()):
                if not term.words[0].endswith("$") or end == len(word):
                    found[term] = _ends(word[end:])
        for start in range(INSIDE_FROM, len(word) - 2):
            for length in self._lengths:
                if start + length > len(word):
                    break
                for term in self.inside.get(word[start : start + length], ()):
                    if not term.words[0].endswith("$") or start + length == len(word):
                        found[term] = found.get(term, False) or _ends(word[start + length :])
        if len(word) >= MISSPELT_FROM and not any(len(term.words) == 1 for term in found):
            found |= dict.fromkeys(self._misspelt(word), False)
        self._cache[word] = known = tuple(found.items())
        return known

    def _misspelt(self, word: str) -> list[Term]:
        """The longest names of materials whose stem the word begins with but for one letter: left out, put in, changed, or
        swapped.
        """
        near = [
            term
            for stem in self._by_start.get(word[:SURE_START], ())
            if any(
                end <= len(word) and CASE.match(word[end:]) and _one_slip(word[:end], stem)
                for end in range(len(stem) - 1, len(stem) + 2)
            )
            for term in self.starts[stem]
            if _is_plain(term) and term.target.startswith("material:")
        ]
        longest = max((term.length for term in near), default=0)
        return [term for term in near if term.length == longest]

    def hits(self, words: list[str]) -> list[Hit]:
        """Of terms over the same words only the longest are kept, ties all."""
        found: list[Hit] = []
        for start, word in enumerate(words):
            for term, head in self.of_word(word):
                if len(term.words) == 1:
                    found.append(Hit(term.target, start, start + 1, term.length, head))
                elif head and (first := _where(term, words, start)) is not None:
                    last = words[first if first < start else first + len(term.words) - 1]
                    ends = len(last) - len(term.words[-1].strip("*$")) <= INFLECTION
                    found.append(Hit(term.target, first, first + len(term.words), term.length, ends))
        return _longest(found)


def _where(term: Term, words: list[str], start: int) -> int | None:
    """Where a term of several words begins whose first one is met at `start`. The two words of a use may stand in
    either order: pölyä sitomaan, sitomaan pölyä.
    """
    stop = start + len(term.words)
    if stop <= len(words) and all(map(_meets, term.words[1:], words[start + 1 : stop])):
        return start
    if term.target.startswith("use:") and len(term.words) == 2 and start and _meets(term.words[1], words[start - 1]):
        return start - 1
    return None


def _ends(rest: str) -> bool:
    """Whether what follows the stem is endings, or a head that adds nothing."""
    return len(rest) <= INFLECTION or GENERIC.match(rest) is not None


def _is_plain(term: Term) -> bool:
    return len(term.words) == 1 and not term.words[0].endswith("$")


def _one_slip(written: str, meant: str) -> bool:
    """Whether they differ in one letter, or in two that are swapped, before the last letters of what is meant."""
    same = next((at for at, (one, other) in enumerate(zip(written, meant, strict=False)) if one != other), -1)
    if same < 0 or same >= len(meant) - SURE_END:
        return False
    if len(written) < len(meant):
        return written[same:] == meant[same + 1 :]
    if len(written) > len(meant):
        return written[same + 1 :] == meant[same:]
    swapped = meant[same + 1] + meant[same]
    return written[same + 1 :] == meant[same + 1 :] or written[same:] == swapped + meant[same + 2 :]


@lru_cache(maxsize=100_000)
def _meets(pattern: str, word: str) -> bool:
    stem = pattern.strip("*$")
    if pattern.startswith("*"):
        return word.endswith(stem) if pattern.endswith("$") else stem in word
    return word == stem if pattern.endswith("$") else word.startswith(stem)


def _longest(hits: list[Hit]) -> list[Hit]:
    """Each place goes to the longest hit of each kind that is kept there, ties all; what is dropped takes no place."""
    taken: dict[tuple[str, int], int] = {}
    kept = set()
    for hit in sorted(hits, key=lambda hit: -hit.length):
        places = [(hit.kind, place) for place in range(hit.start, hit.stop)]
        if all(taken.get(place, 0) <= hit.length for place in places):
            kept.add(hit)
            taken |= {place: max(hit.length, taken.get(place, 0)) for place in places}
    return sorted(kept, key=lambda hit: (hit.start, hit.target))
