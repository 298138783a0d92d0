from __future__ import annotations

import pytest

from symbiosis.matching.patterns import Lexicon


def lexicon(**terms: list[str]) -> Lexicon:
    made = Lexicon()
    for target, written in terms.items():
        made.add(target, written)
    return made.seal()


@pytest.mark.parametrize(
    ("term", "word", "meets"),
    [
        ("sahanpuru", "sahanpurua", True),
        ("sahanpuru", "kuusensahanpurua", False),
        ("*sahanpuru", "kuusensahanpurua", True),
        ("*sahanpuru", "sahanpuru", True),
        ("puu$", "puu", True),
        ("puu$", "puutarha", False),
        ("*muna$", "perunamuna", True),
        ("*muna$", "munakas", False),
    ],
)
def test_stem_whole_word_and_inner_part(term: str, word: str, meets: bool) -> None:
    assert bool(lexicon(it=[term]).hits([word])) is meets


def test_words_in_a_row_each_by_its_own_pattern() -> None:
    cake = lexicon(cake=["rypsi puriste"])
    assert [(hit.start, hit.stop) for hit in cake.hits(["myymme", "rypsin", "puristetta"])] == [(1, 3)]
    assert cake.hits(["puristettua", "rypsiä"]) == []
    assert cake.hits(["rypsin"]) == []


def test_the_longest_term_wins_and_ties_stay() -> None:
    both = lexicon(wood=["puu"], shavings=["kutterinlastu"], other=["kutterinlastu"], chips=["*lastu"])
    assert [hit.target for hit in both.hits(["kutterinlastua"])] == ["other", "shavings"]


def test_the_first_part_of_a_long_compound_is_no_head() -> None:
    coffee = lexicon(coffee=["kahvinporo"])
    assert coffee.hits(["kahvinporoja"])[0].head
    assert not coffee.hits(["kahvinporosäkeissä"])[0].head
