"""Words of the texts: what is asserted, in vectors for the score and in whole words for the reasons."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symbiosis.matching.facts import ListingFacts

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

STOP_WORDS = frozenset((Path(__file__).parent / "stop_words.txt").read_text(encoding="utf-8").split())
"""Closed classes of words and the marketplace's verbs in three languages: they tell that someone offers or looks for
something, not what. One file serves all languages, so a word that names a material in one (tar) is not in it; the price
is till, "to" in Swedish, moraine in English."""

DENIAL = re.compile(
    r"\b(?:ei|eivät|emme|en|eikä|eivätkä|ilman|inte|inga|inget|ingen|ej|utan|no|not|without|never)\b[^.,;:!?()–]*",
    re.IGNORECASE,
)
WITHOUT = re.compile("t[oö]n$|t[oö]nt[aä]|tt[oö]m")
"""The ending of being without: muoviton is no form of muovi."""
WORD = re.compile(r"[^\W\d_]{3,}(?:-[^\W\d_]{3,})*")
NGRAMS = (3, 5)
PRODUCT_BUDGET = 2e10
"""Multiplications allowed in one run. Beyond it the commonest n-grams, which weigh least, are left out."""

ENDING = 4
"""Letters in which two forms of one word may differ at the end, in Finnish at most (lastua, lastuista)."""
COMMON_SHARE, COMMON_FROM = 0.2, 20
"""A word in over a fifth of the listings tells nothing; judged only when there are at least twenty listings."""


def asserted(text: str) -> list[str]:
    """The words of a text in lower case, without stop words, numbers, and what a denial denies up to the next stop."""
    return [word for word in WORD.findall(DENIAL.sub(" ", text).lower()) if word not in STOP_WORDS]


@dataclass(frozen=True, slots=True)
class TextVectors:
    """Unit rows of TF-IDF weights of character n-grams, offers and needs in one space."""

    offers: csr_matrix
    needs: csr_matrix

    def cosines(self, start: int, stop: int) -> Any:
        """Dense float32 cosines of needs[start:stop] (rows) against all offers."""
        return (self.needs[start:stop] @ self.offers.T).toarray()


def vectorise(offers: Sequence[str], needs: Sequence[str], *, each: Callable[[], object] = lambda: None) -> TextVectors:
    """Vectors of space-joined asserted words. Inflection changes few n-grams of a word, so no stemmer is needed.

    `each` is called for each text that is read.
    """
    import numpy as np
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer

    if not any(offers) or not any(needs):
        return TextVectors(
            csr_matrix((len(offers), 1), dtype=np.float32), csr_matrix((len(needs), 1), dtype=np.float32)
        )
    vectoriser = TfidfVectorizer(analyzer="char_wb", ngram_range=NGRAMS, sublinear_tf=True, dtype=np.float32)

    def read() -> Iterator[str]:
        for text in (*offers, *needs):
            each()
            yield text

    matrix = vectoriser.fit_transform(read())
    rows_offer, rows_need = matrix[: len(offers)], matrix[len(offers) :]
    cost = np.bincount(rows_offer.indices, minlength=matrix.shape[1]).astype(float)
    cost *= np.bincount(rows_need.indices, minlength=matrix.shape[1])
    cheapest = np.argsort(cost, kind="stable")
    # An n-gram of one side only adds nothing to a product: left out after the rows were normalised, it changes none.
    kept = np.sort(cheapest[(np.cumsum(cost[cheapest]) <= PRODUCT_BUDGET) & (cost[cheapest] > 0)])
    return TextVectors(rows_offer[:, kept], rows_need[:, kept])


class SharedWords:
    """Whole words that two listings share up to inflection, rarest first."""

    def __init__(self, listings: Iterable[ListingFacts]) -> None:
        self._words: dict[tuple[str, str], dict[str, list[str]]] = {}
        self._titles: dict[tuple[str, str], set[str]] = {}
        counts: Counter[str] = Counter()
        for listing in listings:
            by_start: dict[str, list[str]] = defaultdict(list)
            for word in sorted(set(asserted(f"{listing.title}. {listing.description}"))):
                by_start[word[:3]].append(word)
            self._words[listing.kind, listing.key] = dict(by_start)
            self._titles[listing.kind, listing.key] = set(asserted(listing.title))
            counts.update({_stem(word) for words in by_start.values() for word in words})
        self._counts = counts

    def of(self, offer: str, need: str, most: int = 3) -> list[str]:
        """At most `most` words, each as written in the need. A word of a title comes before one of the running text."""
        found: dict[str, tuple[bool, float, str]] = {}
        total = len(self._words)
        words_of_offer = self._words["offer", offer]
        for start, needed in self._words["need", need].items():
            for theirs in words_of_offer.get(start, ()):
                for ours in needed:
                    stem = _stem(ours)
                    if stem in found or not same_word(ours, theirs):
                        continue
                    count = self._counts[stem]
                    if total >= COMMON_FROM and count > COMMON_SHARE * total:
                        continue
                    in_title = ours in self._titles["need", need] or theirs in self._titles["offer", offer]
                    found[stem] = (not in_title, -log(total / count), ours)
        return [word for *_, word in sorted(found.values())[:most]]


def _stem(word: str) -> str:
    return word[: max(4, len(word) - 3)]


def same_word(one: str, other: str) -> bool:
    """Whether two words are equal or look like two forms of one: a common start of two thirds and of 5 letters, in a
    short word 4. Stricter than Finnish is, since a wrong word in a reason costs more than a missing one.
    """
    if one == other:
        return True
    if bool(WITHOUT.search(one)) != bool(WITHOUT.search(other)):
        return False
    longer = max(len(one), len(other))
    common = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        common += 1
    return common >= (4 if longer <= 5 else 5) and longer - common <= ENDING and common * 3 >= longer * 2
