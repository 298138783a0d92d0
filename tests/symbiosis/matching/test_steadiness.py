"""What must not sway the matcher: the order of rows, the case of letters, courtesy, the language; and what must."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbiosis.matching import ListingFacts, MatchClass, Suggestion, match

DAY = date(2026, 11, 24)


def listing(
    kind: Literal["offer", "need"], key: str, language: str, title: str, text: str, **fields: Any
) -> ListingFacts:
    values: dict[str, Any] = {
        "valid_from": date(2026, 1, 1),
        "valid_until": date(2027, 6, 30),
        "latitude": 62.2,
        "longitude": 25.7,
        "hazardous": False,
    }
    return ListingFacts(key=key, kind=kind, language=language, title=title, description=text, **values | fields)


OFFERS = [
    listing("offer", "o1", "fi", "Kuivaa kutterinlastua", "Höyläämöltä, kosteus 10 %, pölytöntä, ei liimaa."),
    listing("offer", "o2", "fi", "Betonimursketta 0-90", "Purkutyömaalta, raudat eroteltu, noin 800 tonnia."),
    listing("offer", "o3", "sv", "Drav från bryggeri", "Färsk mäsk varje vecka, cirka 12 ton."),
    listing("offer", "o4", "en", "Clear PE film, baled", "From our warehouse, clean, no labels."),
    listing("offer", "o5", "fi", "Työpöytiä ja toimistotuoleja", "Muutosta jää parikymmentä, ehjiä."),
    listing("offer", "o6", "fi", "Lentotuhkaa", "Puun poltosta, kuivana siilosta."),
]
NEEDS = [
    listing("need", "n1", "fi", "Kuiviketta pihattoon", "Purua, lastua tai olkea, kuivaa."),
    listing("need", "n2", "fi", "Täyttöä kenttään", "Mursketta tai louhetta kantavaan kerrokseen."),
    listing("need", "n3", "fi", "Rehua lypsylehmille", "Mäski tai vilja käy, tuoreena."),
    listing("need", "n4", "sv", "Plastfilm till återvinning", "Ren PE-film i balar."),
    listing("need", "n5", "en", "Furniture for a community space", "Desks and chairs, second hand."),
]


def scores(suggestions: list[Suggestion]) -> dict[tuple[str, str], float]:
    return {(one.offer, one.need): one.score for one in suggestions}


def tops(suggestions: list[Suggestion]) -> dict[str, str]:
    return {one.need: one.offer for one in reversed(suggestions)}


@given(chance=st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_the_order_of_rows_changes_nothing(chance: Any) -> None:
    offers, needs = OFFERS[:], NEEDS[:]
    chance.shuffle(offers)
    chance.shuffle(needs)
    assert match(offers, needs, on=DAY) == match(OFFERS, NEEDS, on=DAY)


def test_capital_letters_change_nothing_that_a_reader_would_see() -> None:
    loud = [replace(one, title=one.title.upper(), description=one.description.upper()) for one in OFFERS]
    before, after = match(OFFERS, NEEDS, on=DAY), match(loud, NEEDS, on=DAY)
    assert tops(after) == tops(before)
    assert scores(after) == pytest.approx(scores(before), abs=0.02)


@pytest.mark.parametrize(("before", "after"), [("Hei! ", " Ystävällisin terveisin, soitelkaa!"), ("Moi kaikki, ", "")])
def test_a_greeting_changes_little(before: str, after: str) -> None:
    polite = [replace(one, description=f"{before}{one.description}{after}") for one in OFFERS]
    plain, found = match(OFFERS, NEEDS, on=DAY), match(polite, NEEDS, on=DAY)
    assert tops(found) == tops(plain)
    for pair, score in scores(plain).items():
        if score > 0.15:
            assert scores(found)[pair] == pytest.approx(score, rel=0.15)


SAID: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "fi": (("Sahanpurua", "Kuivaa, puhdasta purua sahalta."), ("Kuiviketta hevosille", "Kuivaa purua tai lastua.")),
    "sv": (("Sågspån", "Torrt, rent spån från sågen."), ("Strö till hästar", "Torrt sågspån eller kutterspån.")),
    "en": (("Sawdust", "Dry, clean sawdust from a sawmill."), ("Bedding for horses", "Dry sawdust or shavings.")),
}


@pytest.mark.parametrize("of_offer", SAID)
@pytest.mark.parametrize("of_need", SAID)
def test_the_same_texts_in_other_languages_are_the_same_match(of_offer: str, of_need: str) -> None:
    offer = listing("offer", "o", of_offer, *SAID[of_offer][0])
    need = listing("need", "n", of_need, *SAID[of_need][1])
    (found,) = match([offer], [need], on=DAY)
    (finnish,) = match(
        [listing("offer", "o", "fi", *SAID["fi"][0])], [listing("need", "n", "fi", *SAID["fi"][1])], on=DAY
    )
    assert found.match_class is MatchClass.GOOD
    assert found.score == pytest.approx(finnish.score, rel=0.25)


@pytest.mark.parametrize(
    ("text", "use"),
    [
        ("Vanhentuneita lääkkeitä", "Eläinten rehuksi vanhentuneita lääkkeitä"),
        ("Asbestilevyjä", "Asbestilevyjä rakentamiseen"),
        ("Kreosoottikyllästettyjä ratapölkkyjä", "Ratapölkkyjä puutarhaan penkkien reunukseksi"),
    ],
)
def test_what_law_closes_no_likeness_opens(text: str, use: str) -> None:
    offer = listing("offer", "o", "fi", text, f"{text}.", hazardous=None)
    assert match([offer], [listing("need", "n", "fi", use, f"{text}.")], on=DAY) == []


@given(near=st.floats(0, 1), far=st.floats(0, 1))
@settings(max_examples=25, deadline=None)
def test_nearer_never_lowers(near: float, far: float) -> None:
    near, far = sorted((near, far))
    need = NEEDS[0]
    here, there = (match([replace(OFFERS[0], latitude=62.2 + 6 * away)], [need], on=DAY) for away in (near, far))
    assert not there or here[0].score >= there[0].score


@pytest.mark.parametrize(
    ("need", "plain", "cleaner"),
    [
        ("Puhdasta sahanpurua", "Sahanpurua sahalta.", "Puhdasta sahanpurua sahalta."),
        ("Kuivaa sahanpurua", "Sahanpurua sahalta.", "Kuivaa sahanpurua sahalta."),
        ("Sahanpurua, kosteus alle 15 %", "Sahanpurua, kosteus 40 %.", "Sahanpurua, kosteus 12 %."),
        ("Sahanpurua, ei öljyistä", "Öljyistä sahanpurua.", "Sahanpurua sahalta."),
        ("Sahanpurua, ei maalattua", "Maalattua puuta ja sahanpurua.", "Maalaamatonta puuta ja sahanpurua."),
    ],
)
def test_cleaner_never_lowers(need: str, plain: str, cleaner: str) -> None:
    wanted = listing("need", "n", "fi", need, "Navettaan.")
    worse, better = (
        match([listing("offer", "o", "fi", "Sahanpurua", text)], [wanted], on=DAY) for text in (plain, cleaner)
    )
    assert better[0].score >= (worse[0].score if worse else 0)


def test_goods_of_other_months_are_told_and_count_less() -> None:
    wanted = listing("need", "n", "fi", "Olkea katteeksi", "Tarvitaan huhti-toukokuussa.")
    same = listing("offer", "o", "fi", "Olkea", "Saatavilla huhtikuusta toukokuuhun.")
    other = replace(same, description="Saatavilla elokuusta lokakuuhun.")
    (inside,), (outside,) = match([same], [wanted], on=DAY), match([other], [wanted], on=DAY)
    assert outside.parts["months"] == 0
    assert outside.score < inside.score
    assert "other_months" in {reason.code for reason in outside.reasons}


def test_a_number_outside_what_is_asked_is_a_part_with_its_reason() -> None:
    wanted = listing("need", "n", "fi", "Sahanpurua", "Kosteus enintään 15 %.")
    (found,) = match([listing("offer", "o", "fi", "Sahanpurua", "Kosteus 45-50 %.")], [wanted], on=DAY)
    (reason,) = (one for one in found.reasons if one.code == "out_of_range")
    assert found.parts["number"] == 1
    assert (reason.params["measure"], reason.params["stated_from"], reason.params["asked_to"]) == (
        "moisture",
        45.0,
        15.0,
    )
    assert found.match_class is not MatchClass.GOOD
