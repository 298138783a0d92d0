from __future__ import annotations

from datetime import date
from typing import Literal

import numpy as np
import pytest

from symbiosis.matching import ListingFacts, words
from symbiosis.matching.words import SharedWords, asserted, same_word, vectorise


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
    assert SharedWords([offer, need, *others]).of("1", "1") == ["sahanpurua", "paaleina", "kuivat"]


def test_a_word_of_every_fifth_listing_is_no_reason() -> None:
    rows = [_listing("offer", str(row), "Materiaalia" if row % 3 else "Turvetta") for row in range(30)]
    need = _listing("need", "1", "Materiaalia turvetta hevosille")
    assert SharedWords([*rows, need]).of("1", "1") == []
    assert SharedWords([*rows[:10], need]).of("1", "1") == ["materiaalia"]


def test_identical_texts_have_cosine_one_and_nothing_in_common_zero() -> None:
    cosines = vectorise(["kuiva sahanpuru", "betoni"], ["kuiva sahanpuru", ""]).cosines(0, 2)
    assert cosines[0, 0] == pytest.approx(1, abs=1e-5)
    assert cosines[0, 1] < 0.05
    assert cosines[1].tolist() == [0.0, 0.0]


def test_the_product_budget_drops_the_commonest_ngrams_first(monkeypatch: pytest.MonkeyPatch) -> None:
    offers = ["puru kosteus"] * 20 + ["villa kosteus"]
    needs = ["puru kosteus"] * 20 + ["villa kosteus"]
    full = vectorise(offers, needs)
    monkeypatch.setattr(words, "PRODUCT_BUDGET", 100)
    pruned = vectorise(offers, needs)
    assert pruned.offers.shape[1] < full.offers.shape[1]
    cosines = pruned.cosines(0, 21)
    assert cosines[20, 20] > 0.5  # villa is rare and stays
    assert np.all(cosines[0] <= full.cosines(0, 1)[0] + 1e-6)
