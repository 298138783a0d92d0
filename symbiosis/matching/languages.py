"""Which of the portal's languages a short text is in, where nobody has said."""

from __future__ import annotations

from symbiosis.matching.knowledge import LANGUAGES, Knowledge
from symbiosis.matching.patterns import WORD

SMALL = {
    "fi": "ja on ei sekä myös tai joka noin eri kuin käytetty hyvä jossa sisältää",
    "sv": "och från av för med är som till inte eller på den ett en vid utan samt",
    "en": "the of and from for with is to not or by at a an in that after which are used as",
}
SMALL_WORDS = {language: frozenset(words.split()) for language, words in SMALL.items()}
SMALL_WORD = 4
"""What such a word counts against a letter of a term that the knowledge has."""


def language_of(text: str, known: Knowledge) -> str:
    """By the small words and by the terms that the text has; English when it has none."""
    words = WORD.findall(text.lower().replace("-", " "))

    def points(language: str) -> int:
        small = sum(word in SMALL_WORDS[language] for word in words)
        return SMALL_WORD * small + sum(hit.length for hit in known.terms[language].hits(words))

    return max(reversed(LANGUAGES), key=points)
