"""Words of the texts: what is asserted, in vectors for the score and in whole words for the reasons."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from functools import cached_property
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
COMMON_GRAMS, COMMON_GRAM_SHARE = 20, 0.05
"""An n-gram of more offers than both is left out: it weighs next to nothing and costs most. On the judged sets nothing is
lost down to the share."""
PRODUCT_BUDGET = 2e9
"""Multiplications allowed against as many needs as there are offers. Beyond it the commonest n-grams are left out."""

ENDING = 4
"""Letters in which two forms of one word may differ at the end, in Finnish at most (lastua, lastuista)."""
COMMON_SHARE, COMMON_FROM = 0.2, 20
"""A word in over a fifth of the listings tells nothing; judged only when there are at least twenty listings."""


def asserted(text: str) -> list[str]:
    """The words of a text in lower case, without stop words, numbers, and what a denial denies up to the next stop."""
    return [word for word in WORD.findall(DENIAL.sub(" ", text).lower()) if word not in STOP_WORDS]


BEGINNING, SHORT = 7, 5
"""Letters that two words have in common to count as one where a need rules it out: all but the last of a word of five and
more, at most seven.
"""


def beginning(word: str) -> str:
    return word if len(word) < SHORT else word[: min(BEGINNING, len(word) - 1)]


class TextSpace:
    """Unit rows of TF-IDF weights of character n-grams. Inflection changes few n-grams of a word: no stemmer is needed.

    The weights are those of the offers, so that a need's row is the same whichever other needs there are. Texts are
    space-joined asserted words; `each` is called for each that is read.
    """

    def __init__(self, offers: Sequence[str], *, each: Callable[[], object] = lambda: None) -> None:
        import numpy as np
        from scipy.sparse import csr_matrix
        from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

        self._kept: Any = None
        if not any(offers):
            self.offers = csr_matrix((len(offers), 1), dtype=np.float32)
            return
        self._grams = CountVectorizer(analyzer="char_wb", ngram_range=NGRAMS, dtype=np.float32)
        self._weights = TfidfTransformer(sublinear_tf=True)
        words, counts = _words(offers, each)
        rows = self._weights.fit_transform(counts @ self._grams.fit_transform(words))
        offers_with = np.bincount(rows.indices, minlength=rows.shape[1]).astype(float)
        rarest = np.argsort(offers_with, kind="stable")
        cheap = np.cumsum(offers_with[rarest] ** 2) <= PRODUCT_BUDGET
        telling = offers_with[rarest] <= max(COMMON_GRAMS, COMMON_GRAM_SHARE * len(offers))
        self._kept = np.sort(rarest[cheap & telling])
        self.offers = rows[:, self._kept]

    def beside(self, offers: Sequence[str], *, each: Callable[[], object] = lambda: None) -> TextSpace:
        """Other offers by the weights of these."""
        other = copy(self)
        other.__dict__.pop("transposed", None)
        other.offers = self.of(offers, each=each)
        return other

    @cached_property
    def transposed(self) -> csr_matrix:
        return self.offers.T.tocsr()

    def of(self, needs: Sequence[str], *, each: Callable[[], object] = lambda: None) -> csr_matrix:
        """Rows for the needs in this space; empty ones when no offer has a word."""
        import numpy as np
        from scipy.sparse import csr_matrix

        if self._kept is None or not any(needs):
            return csr_matrix((len(needs), self.offers.shape[1]), dtype=np.float32)
        words, counts = _words(needs, each)
        rows: csr_matrix = self._weights.transform(counts @ self._grams.transform(words))[:, self._kept]
        return rows


def _words(texts: Sequence[str], each: Callable[[], object]) -> tuple[list[str], csr_matrix]:
    """Distinct words, and texts x words: how often each comes. A word's n-grams are cut once, not with each text."""
    import numpy as np
    from scipy.sparse import csr_matrix

    places: dict[str, int] = {}
    columns: list[int] = []
    ends = [0]
    for text in texts:
        each()
        columns += [places.setdefault(word, len(places)) for word in text.split()]
        ends.append(len(columns))
    counts = csr_matrix((np.ones(len(columns), np.float32), columns, ends), shape=(len(texts), len(places)))
    return list(places), counts


class SharedWords:
    """Whole words that an offer shares with a need up to inflection, rarest among the offers first."""

    def __init__(self, offers: Iterable[ListingFacts]) -> None:
        self._words = {offer.key: _by_start(offer) for offer in offers}
        self._titles = {offer.key: set(asserted(offer.title)) for offer in offers}
        self._counts: Counter[str] = Counter()
        for by_start in self._words.values():
            self._counts.update({_stem(word) for words in by_start.values() for word in words})

    def of(self, offer: str, need: ListingFacts, most: int = 3) -> list[str]:
        """At most `most` words, each as written in the need. A word of a title comes before one of the running text."""
        found: dict[str, tuple[bool, float, str]] = {}
        total = len(self._words) + 1
        titled = set(asserted(need.title))
        for start, needed in _by_start(need).items():
            for theirs in self._words[offer].get(start, ()):
                for ours in needed:
                    stem = _stem(ours)
                    if stem in found or not same_word(ours, theirs):
                        continue
                    count = self._counts[stem] + 1
                    if total >= COMMON_FROM and count > COMMON_SHARE * total:
                        continue
                    in_title = ours in titled or theirs in self._titles[offer]
                    found[stem] = (not in_title, -log(total / count), ours)
        return [word for *_, word in sorted(found.values())[:most]]


def _by_start(listing: ListingFacts) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for word in sorted(set(asserted(f"{listing.title}. {listing.description}"))):
        found[word[:3]].append(word)
    return found


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
