"""Reading with a knowledge of a few entries, so that each case shows its rule and not the vocabulary."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import pytest

from symbiosis.matching.facts import ListingFacts
from symbiosis.matching.knowledge import DATA, Fitness, Knowledge, Material, Property, Signals, Use, _toml
from symbiosis.matching.patterns import Lexicon
from symbiosis.matching.reading import _spelt_out, read_listing

NAMES = {"fi": "nimi", "sv": "namn", "en": "name"}
TERMS = {
    "fi": {
        "material:sawdust": ["*sahanpuru", "puru$", "purua$"],
        "material:shavings": ["kutterinlastu"],
        "material:straw": ["olki$", "olkea$", "olkien"],
        "material:plastic": ["muovi"],
        "material:soil": ["maa$", "maata$", "*maata$"],
        "material:tomato": ["tomaat"],
        "use:bedding": ["kuivik"],
        "property:glued": ["liima", "liimat"],
        "property:painted": ["maalat"],
        "property:dry": ["kuiva"],
        "property:elastic": ["muovi"],
    },
    "sv": {"material:sawdust": ["sågspån"], "property:painted": ["målad", "målat"], "property:asbestos": ["asbest"]},
    "en": {"material:sawdust": ["sawdust"], "property:asbestos": ["asbestos"], "use:bedding": ["bedding"]},
}


@pytest.fixture(scope="module")
def known() -> Knowledge:
    lexicons = {}
    for language, entries in TERMS.items():
        lexicons[language] = Lexicon()
        for target, terms in entries.items():
            lexicons[language].add(target, terms)
        lexicons[language].seal()
    materials = ("sawdust", "shavings", "straw", "plastic", "soil", "tomato")
    codes = {"sawdust": ("03 01 05",)}
    return Knowledge(
        materials={key: Material(key, NAMES, codes=codes.get(key, ())) for key in materials},
        uses={"bedding": Use("bedding", NAMES)},
        properties={key: Property(key, NAMES) for key in ("glued", "painted", "dry", "elastic", "asbestos")},
        fitness={("bedding", "sawdust"): Fitness(3)},
        terms=lexicons,
        signals={language: Signals.of(language, words) for language, words in _toml(DATA / "signals.toml").items()},
    )


def listing(title: str, text: str = "", kind: Literal["offer", "need"] = "offer", **fields: Any) -> ListingFacts:
    values = {"language": "fi", "valid_from": date(2026, 1, 1), "valid_until": date(2026, 12, 31)} | fields
    return ListingFacts(key="1", kind=kind, title=title, description=text, **values)


def test_the_title_names_the_goods_and_the_text_counts_less(known: Knowledge) -> None:
    read = read_listing(listing("Kutterinlastua", "Samalla linjalla tulee olkea."), known)
    assert read.materials["shavings"] == 1.0
    assert 0 < read.materials["straw"] < 0.5


def test_what_a_need_lists_in_its_text_would_do_as_well(known: Knowledge) -> None:
    read = read_listing(listing("Kuiviketta", "Käy purua tai olkea.", "need"), known)
    assert read.uses == {"bedding": 1.0}
    assert read.materials["sawdust"] == read.materials["straw"] >= 0.8


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("Ei liimaa eikä maalattua.", {"glued", "painted"}),
        ("Ei maalattua, liimattua eikä märkää.", {"glued", "painted"}),
        ("Maalattua emme ota.", {"painted"}),
        ("Liimattua, maalattua emme ota.", {"glued", "painted"}),
        ("Liimaton.", {"glued"}),
        ("Maalattu ei haittaa.", set()),
        ("Ei maalattua, mutta liimattu käy.", {"painted"}),
        ("Kuivaa.", set()),
    ],
)
def test_a_denial_reaches_over_its_list_and_no_further(known: Knowledge, text: str, without: set[str]) -> None:
    assert read_listing(listing("Purua", text), known).without == without


def test_refused_materials_are_no_goods(known: Knowledge) -> None:
    read = read_listing(listing("Kuiviketta", "Purua, olkea tai muovia emme käytä.", "need"), known)
    assert read.refused == {"sawdust", "straw", "plastic"}
    assert not read.materials


def test_to_be_without_other_goods_denies_no_quality_that_their_name_tells(known: Knowledge) -> None:
    read = read_listing(listing("Sahanpurua", "Ei muovia."), known)
    assert read.refused == {"plastic"}
    assert not read.without


@pytest.mark.parametrize(
    ("language", "text", "without"),
    [
        ("sv", "Inte målat.", {"painted"}),
        ("sv", "Fri från asbest.", {"asbestos"}),
        ("en", "Asbestos free.", {"asbestos"}),
        ("en", "No asbestos.", {"asbestos"}),
        ("en", "Asbestos is forbidden.", {"asbestos"}),
    ],
)
def test_denials_of_the_other_languages(known: Knowledge, language: str, text: str, without: set[str]) -> None:
    assert read_listing(listing("Sawdust sågspån", text, language=language), known).without == without


def test_where_goods_lie_and_what_is_mixed_in_hardly_count(known: Knowledge) -> None:
    read = read_listing(listing("Purua", "Lastaus muovissa. Seassa vähän olkea."), known)
    assert read.materials["plastic"] < 0.2
    assert read.materials["straw"] < 0.2


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fi", "Sahanpurua mitä kukaan ei huoli"),
        ("fi", "Sahanpurua, jota ei voi myydä"),
        ("sv", "Sågspån som inte duger"),
        ("en", "Sawdust which cannot be sold"),
        ("en", "Sawdust that is not wanted"),
    ],
)
def test_what_is_said_of_the_goods_does_not_refuse_them(known: Knowledge, language: str, text: str) -> None:
    read = read_listing(listing(text, language=language), known)
    assert read.materials == {"sawdust": 1.0}
    assert not read.refused


@pytest.mark.parametrize(
    ("title", "weights"),
    [
        ("Tomaattien muovia", {"tomato": 0.5, "plastic": 1.0}),
        ("Tomaatin olkea", {"tomato": 0.5, "straw": 1.0}),
        ("Tomaatit ja muovia", {"tomato": 1.0, "plastic": 1.0}),
        ("Tomaatteihin muovia", {"tomato": 1.0, "plastic": 1.0}),
    ],
)
def test_whose_the_goods_are_is_not_what_they_are(known: Knowledge, title: str, weights: dict[str, float]) -> None:
    assert read_listing(listing(title), known).materials == weights


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fi", "Olki, kutterinlastu ja sahanpuru: ei kiitos."),
        ("sv", "Sågspån, nej tack."),
        ("en", "Sawdust: no thanks."),
    ],
)
def test_no_thanks_refuses_the_list_before_it(known: Knowledge, language: str, text: str) -> None:
    read = read_listing(listing("Xyz", text, "need", language=language), known)
    assert "sawdust" in read.refused
    assert not read.materials


def test_where_an_offer_comes_from_is_not_what_it_is_for(known: Knowledge) -> None:
    assert read_listing(listing("Sahanpurua kuivikkeeksi"), known).uses == {"bedding": 1.0}
    assert read_listing(listing("Sahanpurua kuiviketehtaalta"), known).uses["bedding"] <= 0.5


def test_brackets_go_on_with_the_denial_before_them(known: Knowledge) -> None:
    read = read_listing(listing("Kuiviketta", "Ei lastua eikä olkea (kutterinlastu, purua)", "need"), known)
    assert {"straw", "shavings", "sawdust"} <= read.refused


@pytest.mark.parametrize(("language", "word"), [("fi", "kuivaston"), ("en", "kuivaton"), ("sv", "kuivaton")])
def test_what_only_ends_as_a_denial_denies_nothing(known: Knowledge, language: str, word: str) -> None:
    assert not read_listing(listing(word, language=language), known).without


def test_a_refusal_of_what_came_before_goes_no_further(known: Knowledge) -> None:
    read = read_listing(listing("Sahanpurua", "Olki ei saa olla maalattu, muovi ehjä."), known)
    assert read.refused == {"straw"}


def test_what_there_is_enough_of_is_refused(known: Knowledge) -> None:
    assert read_listing(listing("Sahanpurua", "Olkea on tarpeeksi.", kind="need"), known).refused == {"straw"}


def test_a_quality_of_something_else_is_not_asked_for(known: Knowledge) -> None:
    assert read_listing(listing("Sahanpurua kuivalle maalle", kind="need"), known).properties == frozenset()
    assert read_listing(listing("Sahanpurua, joka pitää mullan kuivana", kind="need"), known).properties == frozenset()
    assert read_listing(listing("Kuivaa sahanpurua", kind="need"), known).properties == {"dry"}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("kuusen- ja olkisahanpurua", "kuusensahanpurua ja olkisahanpurua"),
        ("muovi-, kuusen- tai olkisahanpurua", "muovisahanpurua, kuusensahanpurua tai olkisahanpurua"),
        ("puu- ja olkijätettä", "puujätettä ja olkijätettä"),
        ("a- ja b-luokka", "a- ja b-luokka"),
        ("puu- ja kukkalaatikko", "puu- ja kukkalaatikko"),
    ],
)
def test_compounds_that_share_their_head_are_each_read_with_it(known: Knowledge, written: str, read: str) -> None:
    assert _spelt_out(written, known.terms["fi"]) == read


def test_what_goods_go_into_is_not_what_a_need_wants(known: Knowledge) -> None:
    read = read_listing(listing("Kutterinlastua muoviin", kind="need"), known)
    assert read.materials == {"shavings": 1.0, "plastic": 0.25}
    assert read.titled == {"shavings"}


def test_the_own_work_of_a_need_is_not_what_it_wants(known: Knowledge) -> None:
    read = read_listing(listing("Kuiviketta", "Kasvatamme tomaattia.", "need"), known)
    assert read.materials.get("tomato", 0) < 0.2


def test_a_waste_code_speaks_alone_and_confirms(known: Knowledge) -> None:
    alone = read_listing(listing("Sivuvirtaa", waste_code="03 01 05"), known)
    both = read_listing(listing("Olkea", "Purua.", waste_code="03 01 05"), known)
    assert alone.materials["sawdust"] == 0.6
    assert both.materials["sawdust"] == pytest.approx(0.6, abs=0.05)


def test_nothing_known_is_said(known: Knowledge) -> None:
    read = read_listing(listing("Kissa", "Vain kissoja."), known)
    assert (read.materials, read.uses) == ({}, {})
