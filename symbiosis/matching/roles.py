"""What a word says beside others: the goods, what they lie in or come from, what they serve, what is denied."""

from __future__ import annotations

from collections.abc import Sequence

from symbiosis.matching.knowledge import USUAL_KINDS, Knowledge, Signals
from symbiosis.matching.patterns import Hit, Lexicon

PLACE, FROM = 0.25, 0.5
"""Of what the goods themselves count."""
CASE_LETTERS = 3
"""Of the endings of place: -ssa, -sta, -lla, -lta, -lle."""
RAW = "raaka"
"""Of raaka-aine: what stands before it in the genitive is what will be made."""
AS_CASE = "ksi"
"""Goods as something: haketta polttoaineeksi."""
SHARE, TRACE = "procent", 15
"""What stands for % among the words; the greatest share that is a trace and not the goods."""
LIST_GOES_ON = 4
"""Words at most of a clause that still belongs to the denial before it."""


def denials(clauses: list[list[str]], signals: Signals) -> list[range]:
    """Of each clause the words that are denied or refused.

    A denial runs to the end of its clause and on over the members of a list; a refusal after what it refuses ("a, b tai
    c ei käy") runs back over them, and no further: "päiväys ei saa olla ohi, pakkaus ehjä".
    """
    denied = [denial(words, signals) for words in clauses]
    lists = [
        bool(of) and (of.start > 0 or words[0] in signals.without) for of, words in zip(denied, clauses, strict=True)
    ]
    for place, words in enumerate(clauses[1:], start=1):
        goes_on = len(words) <= LIST_GOES_ON or signals.further.intersection(words)
        if lists[place - 1] and goes_on and not signals.but.intersection(words):
            denied[place], lists[place] = range(len(words)), True
    for place in range(len(clauses) - 1, 0, -1):
        refuses = denied[place] and denied[place].start == 0 and not signals.without.intersection(clauses[place][:1])
        if refuses and len(clauses[place - 1]) < LIST_GOES_ON and not denied[place - 1]:
            denied[place - 1] = range(len(clauses[place - 1]))
    return denied


def named_goods(
    found: Sequence[list[Hit]], clauses: Sequence[Sequence[str]], known: Knowledge, signals: Signals
) -> list[list[Hit]]:
    """The hits of a sentence without materials that only a word for leftovers tells, where it names others that are no kin
    of theirs: XPS-levyn hukkapaloja are no offcuts of wood.
    """

    def vague(hit: Hit, words: Sequence[str]) -> bool:
        return hit.kind == "material" and words[hit.start].startswith(signals.leftovers)

    named = [
        known.line([hit.key])
        for hits, words in zip(found, clauses, strict=True)
        for hit in hits
        if hit.kind == "material" and not vague(hit, words)
    ]
    return [
        [
            hit
            for hit in hits
            if not named or not vague(hit, words) or any(known.line([hit.key]) & other for other in named)
        ]
        for hits, words in zip(found, clauses, strict=True)
    ]


def is_adjective(hit: Hit, hits: Sequence[Hit]) -> bool:
    """Whether a quality has a longer name in the same word: öljyistä lastua is no oil."""
    return any(other.kind == "property" and other.is_same_words(hit) and other.length > hit.length for other in hits)


def is_kind(hit: Hit, hits: Sequence[Hit], known: Knowledge) -> bool:
    """Whether the word names a kind of the goods, and only that is denied: no softwood is not no wood."""
    return any(
        known.properties[other.key].kind == "origin" and other.length >= hit.length
        for other in hits
        if other.kind == "property" and other.is_same_words(hit)
    )


def is_of_something_else(words: list[str], hit: Hit, signals: Signals) -> bool:
    """Whether a quality is one of something else than the goods: pitää mullan kosteana, happamille maille, på sur jord."""
    word, before = words[hit.stop - 1], words[hit.start - 1] if hit.start else ""
    if not signals.finnish:
        return before in signals.place_words or before in signals.for_words
    if word.endswith(signals.for_case) and len(word) > hit.length:
        return True
    return before.endswith("n") and word.endswith(("na", "nä"))


def is_asked(hit: Hit, hits: Sequence[Hit], known: Knowledge) -> bool:
    """A property among the words of a use is asked for only when the use wants it: a dust binder is not to be dusty."""
    over = [known.uses[other.key] for other in hits if other.kind == "use" and other.overlaps(hit)]
    return not over or any(hit.key in use.wants for use in over)


def is_of_goods(hit: Hit, hits: Sequence[Hit], known: Knowledge) -> bool:
    """Whether a quality is told by the name of goods: steel without aluminium is metallic. A contaminant is what it is."""
    if known.properties[hit.key].kind in USUAL_KINDS:
        return False
    return any(other.kind == "material" and other.overlaps(hit) for other in hits)


def removed(words: list[str], hit: Hit, signals: Signals) -> bool:
    """ruuvit poistettu, vetoketjut ja napit poistettuina: what the goods no longer have."""
    after = words[hit.stop : hit.stop + 3]
    if len(after) > 1 and after[0] in signals.further:
        after = after[2:]
    return bool(signals.removed.intersection(after[:1]))


def is_trace(words: list[str], hit: Hit) -> bool:
    """noin 3 % lyijyä, öljyä alle 1 %: a small share of the goods."""
    for place, word in enumerate(words):
        beside = place == hit.start - 1 or hit.stop < place <= hit.stop + 4
        if word == SHARE and place and beside:
            number = words[place - 1].replace(",", ".")
            return number.replace(".", "").isdigit() and float(number) <= TRACE
    return False


def denial(words: list[str], signals: Signals) -> range:
    """From the denying word on, or the whole clause when it refuses what it has named."""
    for place, word in enumerate(words):
        last = place == len(words) - 1
        if place and (word in signals.forbids or (last and word in signals.enough)):
            return range(place)  # "rauta on kielletty", "ravinteita on tarpeeksi"
        if word not in signals.without:
            continue
        after = words[place + 1 : place + 4]
        if place and words[place - 1] in signals.either:
            continue  # with or without
        if signals.harmless.intersection(after):
            return range(0)
        stop = next((at for at in range(place + 1, len(words)) if words[at] in signals.but), len(words))
        refused = not after or signals.refuses.intersection(after[:2])  # "rautaa ei", "rautaa ei oteta"
        of_goods = signals.relative.intersection(words[:place])  # "villaa, jota kukaan ei ota"
        return range(0 if refused and not of_goods else place, stop)
    return range(0)


def free_of(words: list[str], hit: Hit, signals: Signals) -> bool:
    """asbestos free, öljystä vapaa, fri från PCB."""
    return any(word in signals.free for word in words[hit.stop : hit.stop + 1]) or any(
        word in signals.free for word in words[max(0, hit.start - 2) : hit.start]
    )


def use_over(hit: Hit, hits: Sequence[Hit]) -> int:
    """The length of the longest name of a use that holds the word, when it is at least as long: kompostiaumoihin is
    composting, not compost. 0 for none.
    """
    over = (other.length for other in hits if other.kind == "use" and other.overlaps(hit))
    return max((length for length in over if length >= hit.length), default=0)


def is_served(words: list[str], hit: Hit, signals: Signals) -> bool:
    """Whether a need's words say of it only what the goods would serve: telttojen painoiksi, till hästboxar, for tents."""
    if signals.finnish:
        if words[hit.stop : hit.stop + 1] == [RAW] and words[hit.stop - 1].endswith("n"):
            return True
        for word in words[hit.stop - 1 : hit.stop + 4]:
            if word.endswith((*signals.into_case, *signals.for_case)):
                return word is not words[hit.stop - 1]
            if not word.endswith("n") and word not in signals.further:
                return False
        return False
    before = words[max(0, hit.start - 2) : hit.start]
    return bool(signals.for_words.intersection(before)) and not signals.looks.intersection(words[: hit.start])


def is_inflected(word: str, hit: Hit, terms: Lexicon) -> bool:
    """Whether the word is longer than its term, or the term holds an ending itself: siilosta beside siilo."""
    return len(word) > hit.length or any(
        term.target == hit.target for term, _head in terms.of_word(word[:-CASE_LETTERS])
    )


def takes_in(words: list[str], hit: Hit, hits: Sequence[Hit], signals: Signals) -> bool:
    """Whether goods named beside it go into it: kuonaa sementtiin, lavasteisiin levyä."""
    word = words[hit.stop - 1]
    return (
        signals.finnish
        and word.endswith(signals.into_case)
        and not word.endswith(AS_CASE)
        and any(other.kind == "material" and other.start not in range(hit.start, hit.stop) for other in hits)
    )


def is_owner(words: list[str], hit: Hit, hits: Sequence[Hit], known: Knowledge, signals: Signals) -> bool:
    """Whether it only tells whose the goods beside it are: koulukeittiöiden biojätettä is no kitchens."""
    word = words[hit.stop - 1]
    if not signals.finnish or len(word) == hit.length or not word.endswith("n") or word.endswith(signals.into_case):
        return False
    own = known.line([hit.key])
    return any(
        other.kind == "material" and other.head and other.start == hit.stop and own.isdisjoint(known.line([other.key]))
        for other in hits
    )


def role(words: list[str], hit: Hit, terms: Lexicon, signals: Signals, *, offered: bool) -> float:
    """The goods, what they come from, or the place where they are; of an offer also what it is for: lådor för fisk."""
    if signals.finnish:
        word = words[hit.stop - 1]
        if word.endswith(signals.no_case) or not is_inflected(word, hit, terms):
            return 1.0
        if word.endswith((*signals.place_case, *signals.for_case)):
            return PLACE
        return FROM if word.endswith(signals.from_case) else 1.0
    before = words[hit.start - 1] if hit.start else ""
    if before in signals.place_words or (offered and before in signals.for_words):
        return PLACE
    return FROM if before in signals.from_words else 1.0
