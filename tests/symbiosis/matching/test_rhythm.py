"""Months and seasons of texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbiosis.matching.rhythm import ALL_YEAR, months_of, share_covered

WHOLE = set(range(1, 13))


def numbers(text: str, language: str = "fi") -> set[int]:
    return {number for number, holds in enumerate(months_of(text, language), start=1) if holds}


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("Purua syntyy jatkuvasti.", WHOLE),
        ("Syntyy kesäkuukausina.", {6, 7, 8}),
        ("Saatavilla kesäkuussa.", {6}),
        ("Toimitus marras–maaliskuu.", {11, 12, 1, 2, 3}),
        ("Tarve marras-maaliskuussa, muuten ei.", {11, 12, 1, 2, 3}),
        ("Noudettavissa touko- ja kesäkuussa", {5, 6}),
        ("Syntyy touko-, kesä- ja heinäkuussa.", {5, 6, 7}),
        ("Syntyy toukokuusta syyskuuhun.", {5, 6, 7, 8, 9}),
        ("Syntyy toukokuun alusta syyskuun loppuun.", {5, 6, 7, 8, 9}),
        ("Aikaväli lokakuu–tammikuu", {10, 11, 12, 1}),
        ("Naattia tulee satokaudella.", {8, 9, 10}),
        ("Sadonkorjuun aikaan paljon", {8, 9, 10}),
        ("Tarvitsemme haketta talvella.", {12, 1, 2}),
        ("Haketta lämmityskauden ajaksi", {10, 11, 12, 1, 2, 3, 4}),
        ("Multaa keväisin ja syksyisin", {3, 4, 5, 9, 10, 11}),
        ("Syntyy ympäri vuoden, talvella säilytetään hallissa.", WHOLE),
        ("Syntyy paitsi heinäkuussa.", WHOLE - {7}),
        ("Heinäkuussa ei nouda kukaan.", WHOLE - {7}),
        ("Talvella syntyy noin puolet kesän määrästä.", WHOLE),
        ("Eniten tulee heinäkuussa.", WHOLE),
        ("Purettu keväällä 2026.", WHOLE),
        ("Noudettava 24. marraskuuta.", WHOLE),
        ("Talvirenkaita ja kesärenkaita", WHOLE),
        ("Kesä- ja talvirenkaita", WHOLE),
        ("Elokuvateatterin penkkejä", WHOLE),
    ],
)
def test_finnish(text: str, months: set[int]) -> None:
    assert numbers(text) == months


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("Uppstår vintertid.", {12, 1, 2}),
        ("Flis behövs på vintern", {12, 1, 2}),
        ("Under vinterhalvåret", {10, 11, 12, 1, 2, 3}),
        ("Maj–september", {5, 6, 7, 8, 9}),
        ("Från maj till september varje år", {5, 6, 7, 8, 9}),
        ("Blast under skörden", {8, 9, 10}),
        ("Året runt utom i juli", WHOLE - {7}),
        ("Mest på hösten", WHOLE),
        ("Hämtas den 3 maj", WHOLE),
        ("Revs i mars 2025", WHOLE),
        ("Vinterdäck och sommardäck", WHOLE),
    ],
)
def test_swedish(text: str, months: set[int]) -> None:
    assert numbers(text, "sv") == months


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("Arises during harvest.", {8, 9, 10}),
        ("Available May to September", {5, 6, 7, 8, 9}),
        ("From November through March", {11, 12, 1, 2, 3}),
        ("Needed in the winter months", {12, 1, 2}),
        ("It may be wet", WHOLE),
        ("May contain stones", WHOLE),
        ("Year-round except July", WHOLE - {7}),
        ("Collected on 3 May", WHOLE),
        ("Heating season only", {10, 11, 12, 1, 2, 3, 4}),
        ("Spring washers and springs", WHOLE),
    ],
)
def test_english(text: str, months: set[int]) -> None:
    assert numbers(text, "en") == months


def test_the_share_is_of_the_needs_months() -> None:
    winter, year = months_of("talvella", "fi"), ALL_YEAR
    assert share_covered(winter, year) == 1.0
    assert share_covered(year, winter) == 0.25
    assert share_covered(winter, months_of("kesällä", "fi")) == 0.0


@given(text=st.text(max_size=200), language=st.sampled_from(["fi", "sv", "en"]))
def test_whatever_is_written_some_month_is_left(text: str, language: str) -> None:
    months = months_of(text, language)
    assert len(months) == 12
    assert any(months)
