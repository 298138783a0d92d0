from __future__ import annotations

import pytest

from symbiosis.matching.patterns import Lexicon


def lexicon(**terms: list[str]) -> Lexicon:
    made = Lexicon()
    for target, written in terms.items():
        made.add(f"material:{target}", written)
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


def test_what_is_done_is_said_in_either_order() -> None:
    uses = Lexicon()
    uses.add("use:dust_control", ["pölyä sito"])
    uses.seal()
    assert [(hit.start, hit.stop) for hit in uses.hits(["jotain", "pölyä", "sitomaan"])] == [(1, 3)]
    assert [(hit.start, hit.stop) for hit in uses.hits(["jolla", "sitoa", "pölyä", "tiellä"])] == [(1, 3)]
    assert uses.hits(["sitoa", "tiellä", "pölyä"]) == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("aaltophavia", True),  # swapped
        ("aalopahvia", True),  # left out
        ("aalttopahvia", True),  # put in
        ("aaltopehvia", True),  # changed
        ("alatopohvia", False),  # two slips
        ("eeltopahvia", False),  # the beginning is another word's
        ("aaltopehvitehdas", False),  # no ending follows
    ],
)
def test_a_slip_in_a_long_word_is_a_hint(written: str, meant: bool) -> None:
    board = lexicon(board=["aaltopahv"])
    assert [(hit.target, hit.head) for hit in board.hits([written])] == [("material:board", False)] * meant


def test_a_word_that_a_term_meets_is_no_slip_of_another() -> None:
    both = lexicon(film=["laivakontti"], skip=["lavakontti"])
    assert [hit.target for hit in both.hits(["lavakonttia"])] == ["material:skip"]
    assert lexicon(film=["laiva"]).hits(["lavia"]) == []


def test_the_longest_term_wins_and_ties_stay() -> None:
    both = lexicon(wood=["puu"], shavings=["kutterinlastu"], other=["kutterinlastu"], chips=["*lastu"])
    assert [hit.target for hit in both.hits(["kutterinlastua"])] == ["material:other", "material:shavings"]


def test_a_use_and_a_material_do_not_hide_each_other() -> None:
    made = Lexicon()
    made.add("material:compost", ["kompost"])
    made.add("use:composting", ["kompostointi"])
    assert [hit.target for hit in made.seal().hits(["kompostointia"])] == ["material:compost", "use:composting"]


def test_what_is_dropped_takes_no_place_from_others() -> None:
    three = lexicon(long=["aa bb cc"], dropped=["cc ddd"], kept=["dd"])
    assert [hit.target for hit in three.hits(["aa", "bb", "ccc", "ddd"])] == ["material:long", "material:kept"]


@pytest.mark.parametrize(
    ("word", "head"), [("kahvinporojäte", True), ("kahvinporosäilytys", False), ("kahvinporoerää", True)]
)
def test_a_head_that_adds_nothing_leaves_the_first_part_the_goods(word: str, head: bool) -> None:
    assert [hit.head for hit in lexicon(coffee=["kahvinpor"]).hits([word])] == [head]


def test_the_first_part_of_a_long_compound_is_no_head() -> None:
    coffee = lexicon(coffee=["kahvinporo"])
    assert coffee.hits(["kahvinporoja"])[0].head
    assert not coffee.hits(["kahvinporosäkeissä"])[0].head
