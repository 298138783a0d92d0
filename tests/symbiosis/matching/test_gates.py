"""Gates of law and sense: what they close, ask first, or note, and what spares a pair."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from symbiosis.matching import ListingFacts, Suggestion, match

DAY = date(2026, 11, 24)


def facts(kind: Any, title: str, description: str = "", **fields: Any) -> ListingFacts:
    values: dict[str, Any] = {"language": "fi", "valid_from": date(2026, 1, 1), "valid_until": date(2027, 6, 30)}
    return ListingFacts(key=kind, kind=kind, title=title, description=description, **values | fields)


def found(offer: ListingFacts, need: ListingFacts) -> Suggestion:
    (suggestion,) = match([offer], [need], on=DAY)
    return suggestion


def notes(offer: ListingFacts, need: ListingFacts) -> set[str]:
    return set(found(offer, need).notes)


SCREENS = facts("need", "Näyttöjä kouluille", "Toimivia tietokonenäyttöjä.", hazardous=True)


def test_goods_that_are_usually_hazardous_are_asked_about_but_need_no_paper() -> None:
    told = notes(facts("offer", "Tietokonenäyttöjä", nature="waste", hazardous=False), SCREENS)
    assert "hazardous_possible" in told
    assert "hazardous_transfer_document" not in told


def test_goods_that_are_said_to_be_hazardous_go_with_a_paper() -> None:
    told = notes(facts("offer", "Tietokonenäyttöjä", nature="waste", hazardous=True), SCREENS)
    assert {"hazardous_possible", "hazardous_transfer_document"} <= told


def test_rules_of_waste_do_not_bear_on_goods_offered_for_reuse() -> None:
    told = notes(facts("offer", "Tietokonenäyttöjä", nature="reusable", hazardous=False), SCREENS)
    assert not told & {"hazardous_possible", "hazardous_transfer_document"}


@pytest.mark.parametrize(
    ("offered", "wanted"),
    [
        ("Asbestia sisältäviä eternittilevyjä", "Levyjä hallin kattoon"),
        ("Kyllästettyä puuta, ratapölkkyjä", "Puuhaketta hevosten kuivikkeeksi"),
    ],
)
def test_what_a_gate_closes_is_not_suggested(offered: str, wanted: str) -> None:
    assert match([facts("offer", offered, nature="waste")], [facts("need", wanted)], on=DAY) == []


def test_rules_are_told_beside_the_match() -> None:
    pair = found(
        facts("offer", "Ruskeaa pahvia paalattuna", nature="waste"),
        facts("need", "Pahvia uusiopaperin valmistukseen"),
    )
    assert "packaging_producer" in pair.notes
