from __future__ import annotations

from datetime import date
from typing import Literal

import numpy as np
import pytest

from symbiosis.matching import ListingFacts, words
from symbiosis.matching.words import SharedWords, TextSpace, asserted, same_word


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tarjotaan kuivaa lastua, ei liimaa eikä maalia.", ["kuivaa", "lastua"]),
        ("Ei maalattua; lautaa ja 20 mm lankkua", ["lautaa", "lankkua"]),
        ("Vi söker ull utan färg.", ["ull"]),
        ("Clean film, no PVC, without labels. Bales", ["clean", "film", "bales"]),
        ("MARA-kelpoinen murske", ["mara-kelpoinen", "murske"]),
        ("Tar and bitumen", ["tar", "bitumen"]),
        ("", []),
    ],
)
def test_what_a_text_asserts(text: str, expected: list[str]) -> None:
    assert asserted(text) == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("lastua", "lastut", True),
        ("sahanpuru", "sahanpurussa", True),
        ("kuivaa", "kuivat", True),
        ("muovi", "muovi", True),
        ("kuorma", "kuori", False),
        ("kivi", "kivihiiliterva", False),
        ("ull", "uld", False),
        ("metallit", "metalliton", False),
        ("käsittelemätön", "käsittelemätöntä", True),
        ("betoni", "betoninpumppu", False),
    ],
)
def test_forms_of_one_word(one: str, other: str, same: bool) -> None:
    assert same_word(one, other) is same
    assert same_word(other, one) is same


def _listing(kind: Literal["offer", "need"], key: str, title: str, description: str = "") -> ListingFacts:
    return ListingFacts(
        key=key,
        kind=kind,
        language="fi",
        title=title,
        description=description,
        valid_from=date(2026, 1, 1),
        valid_until=date(2027, 1, 1),
    )


def test_shared_words_are_the_needs_own_words_titles_first_rarest_first() -> None:
    offer = _listing("offer", "1", "Sahanpuru", "kuivaa mäntyä paaleissa")
    need = _listing("need", "1", "Kuivike", "paaleina sahanpurua, männystä, kuivat")
    others = [_listing("offer", str(row), "Lavoja", "kuivaa") for row in range(2, 5)]
    assert SharedWords([offer, *others]).of("1", need) == ["sahanpurua", "paaleina", "kuivat"]


def test_a_word_of_every_fifth_listing_is_no_reason() -> None:
    rows = [_listing("offer", str(row), "Materiaalia" if row % 3 else "Turvetta") for row in range(30)]
    need = _listing("need", "1", "Materiaalia turvetta hevosille")
    assert SharedWords(rows).of("1", need) == []
    assert SharedWords(rows[:10]).of("1", need) == ["materiaalia"]


def cosines(space: TextSpace, needs: list[str]) -> np.ndarray:
    return np.asarray((space.of(needs) @ space.transposed).toarray())


def test_identical_texts_have_cosine_one_and_nothing_in_common_zero() -> None:
    found = cosines(TextSpace(["kuiva sahanpuru", "betoni"]), ["kuiva sahanpuru", ""])
    assert found[0, 0] == pytest.approx(1, abs=1e-5)
    assert found[0, 1] < 0.05
    assert found[1].tolist() == [0.0, 0.0]


def test_a_need_alone_gets_the_row_that_it_gets_among_others() -> None:
    space = TextSpace(["kuiva sahanpuru", "betoni", "villa"])
    together = cosines(space, ["sahanpurua", "betonia murskeeksi"])
    assert np.array_equal(together[:1], cosines(space, ["sahanpurua"]))


@pytest.mark.parametrize("offers", [[], ["", ""]])
def test_offers_without_a_word_are_like_nothing(offers: list[str]) -> None:
    assert not cosines(TextSpace(offers), ["villa"]).any()


def test_the_product_budget_drops_the_commonest_ngrams_first(monkeypatch: pytest.MonkeyPatch) -> None:
    offers = ["puru kosteus"] * 20 + ["villa kosteus"]
    full = TextSpace(offers)
    monkeypatch.setattr(words, "PRODUCT_BUDGET", 100)
    pruned = TextSpace(offers)
    assert pruned.offers.shape[1] < full.offers.shape[1]
    assert cosines(pruned, ["villa kosteus"])[0, 20] > 0.5  # villa is rare and stays
    assert np.all(cosines(pruned, ["puru kosteus"]) <= cosines(full, ["puru kosteus"]) + 1e-6)
