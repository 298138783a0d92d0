from __future__ import annotations

import pytest
from django.utils import translation

from symbiosis.matching import Reason, sentence
from symbiosis.matching.reasons import CODES, PART_OF

PARAMS = {
    "material": "wood",
    "waste_code": "03 01 05",
    "group": "03",
    "words": "sahanpuru, kuivaa",
    "km": 1412,
    "limit": 150,
    "since": "2026-11-24",
    "until": "2027-01-05",
    "offered": 4200.0,
    "needed": 0.05,
    "unit": "t",
    "goods": "sawdust",
    "wanted": "wood",
    "use": "animal_bedding",
    "property": "dry",
    "condition": "dry",
    "gate": "chemical_labels",
    "measure": "moisture",
    "asked_to": 15.0,
    "stated_from": 40.0,
    "stated_to": 50.0,
}


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (Reason("same_material", True, {"material": "wood"}), "Same material: wood"),
        (Reason("near", True, {"km": 36}), "Near: 36\u00a0km"),
        (Reason("far", False, {"km": 1412}), "Far: 1,412\u00a0km. Transport may not pay."),
        (
            Reason("quantity_small", False, {"offered": 25.0, "needed": 0.05, "unit": "m3"}),
            "The quantity is small for the need: 25\u00a0m³ offered, 0.05\u00a0m³ needed in a year.",
        ),
        (Reason("same_waste_code", True, {"waste_code": "03 01 05"}), "Both use the waste code 03 01 05."),
        (Reason("shared_words", True, {"words": "100 % puuta"}), "Both texts mention: 100 % puuta"),
    ],
    ids=lambda value: value.code if isinstance(value, Reason) else "",
)
def test_sentences_without_a_catalogue_are_the_msgids(reason: Reason, expected: str) -> None:
    with translation.override("en"):
        assert sentence(reason) == expected


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_has_a_sentence_in_every_language(code: str, language: str) -> None:
    with translation.override(language):
        text = sentence(Reason(code, True, PARAMS))
    assert text
    assert "%(" not in text


def test_material_names_are_the_callers() -> None:
    reason = Reason("other_material", False, {"offered": "wood", "needed": "paper"})
    with translation.override("en"):
        text = sentence(reason, material_name={"wood": "timber", "paper": "paper and board"}.__getitem__)
    assert text == "Different materials: timber is offered, paper and board is needed."


def test_finnish_figures_have_no_break_spaces_and_commas() -> None:
    reason = Reason("quantity_enough", True, {"offered": 4200.0, "needed": 12.5, "unit": "t"})
    with translation.override("fi"):
        text = sentence(reason)
    assert "4\u00a0200\u00a0t" in text
    assert "12,5\u00a0t" in text


def test_every_reason_belongs_to_a_part() -> None:
    assert set(PART_OF) == {code for code in CODES if not code.startswith("check_")}


def test_an_unknown_code_is_an_error() -> None:
    with pytest.raises(KeyError):
        sentence(Reason("of_tomorrow", True))
