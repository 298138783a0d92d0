"""The files of the knowledge hold together, and read what people write."""

from __future__ import annotations

from datetime import date
from math import inf
from pathlib import Path
from typing import Any

import pytest

from symbiosis.matching.facts import ListingFacts
from symbiosis.matching.knowledge import DATA, LANGUAGES, Knowledge, KnowledgeError, knowledge, read
from symbiosis.matching.measures import read_measures
from symbiosis.matching.reading import read_listing
from symbiosis.models import MaterialClass, WasteCode


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return knowledge()


def test_every_entry_has_its_names_and_terms(known: Knowledge) -> None:
    entries = [*known.materials.values(), *known.uses.values(), *known.properties.values()]
    assert [entry.key for entry in entries if set(entry.label) != set(LANGUAGES) or not all(entry.label.values())] == []
    met = {
        language: {term.target for terms in (*lexicon.whole.values(), *lexicon.starts.values()) for term in terms}
        for language, lexicon in known.terms.items()
    }
    assert [key for key in known.materials for language in LANGUAGES if f"material:{key}" not in met[language]] == []


def test_every_reason_and_condition_has_its_words(known: Knowledge) -> None:
    named = {f"reason:{key}" for row in known.fitness.values() for key in row.because}
    named |= {f"condition:{key}" for row in known.fitness.values() for key in row.conditions}
    assert {key for key in named if set(known.phrases.get(key, ())) < set(LANGUAGES)} == set()


def test_levels_are_one_to_three(known: Knowledge) -> None:
    assert {row.level for row in known.fitness.values()} <= {1, 2, 3}


@pytest.mark.django_db
def test_codes_and_classes_are_those_of_the_reference_data(known: Knowledge) -> None:
    codes = set(WasteCode.objects.values_list("code", flat=True))
    classes = set(MaterialClass.objects.values_list("code", flat=True))
    materials = known.materials.values()
    assert {code for material in materials for code in material.codes} - codes == set()
    assert {material.material_class for material in materials} - classes == set()


def test_nothing_is_above_itself(known: Knowledge) -> None:
    assert [key for key, above in known.ancestors.items() if key in above] == []


def test_look_alikes_lead_to_materials_that_are_there(known: Knowledge) -> None:
    senses = {sense for entry in known.look_alikes for sense in (*entry["senses"], entry["default"]) if sense}
    assert senses - set(known.materials) == set()


@pytest.mark.parametrize(
    ("language", "title", "material"),
    [
        ("fi", "Kuusen sahanpurua", "sawdust"),
        ("fi", "Kutterinlastut säkeissä", "cutter_shavings"),
        ("fi", "Ohran olkea", "straw"),
        ("fi", "Mäskiä panimosta", "brewers_spent_grain"),
        ("fi", "Lentotuhkaa", "fly_ash"),
        ("fi", "Alumiinilastua", "aluminium_swarf"),
        ("fi", "Kahvinporot", "coffee_grounds"),
        ("fi", "Kipsilevyn paloja", "plasterboard"),
        ("fi", "Betonimursketta", "crushed_concrete"),
        ("fi", "IBC-kontteja", "ibc"),
        ("sv", "Sågspån", "sawdust"),
        ("sv", "Kaffesump", "coffee_grounds"),
        ("sv", "Krossad betong", "crushed_concrete"),
        ("en", "Coffee grounds", "coffee_grounds"),
        ("en", "Fly ash", "fly_ash"),
        ("en", "Plasterboard offcuts", "plasterboard"),
    ],
)
def test_goods_are_known_in_the_form_that_people_write(
    known: Knowledge, language: str, title: str, material: str
) -> None:
    listing = ListingFacts(
        key="1",
        kind="offer",
        language=language,
        title=title,
        description="",
        valid_from=date(2026, 1, 1),
        valid_until=date(2026, 12, 31),
    )
    weights = read_listing(listing, known).materials
    assert weights[material] == max(weights.values())


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("materials/a.toml", "[wood\n", "a.toml"),
        ("materials/a.toml", '[wood]\nlabel = {}\nbroader = ["tree"]\n', "tree"),
        ("fitness/a.csv", "material,use,fit,because,conditions\nwood,fire,3,,\n", "line 2"),
    ],
)
def test_a_fault_in_the_files_is_named(tmp_path: Path, file: str, text: str, message: str) -> None:
    for name in ("uses", "properties", "reasons", "conditions"):
        (tmp_path / f"{name}.toml").write_text("", encoding="utf-8")
    (tmp_path / file).parent.mkdir()
    (tmp_path / file).write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError, match=message):
        read(tmp_path)


def test_the_files_are_where_they_are_looked_for() -> None:
    assert (DATA / "signals.toml").exists()


@pytest.mark.parametrize(
    ("text", "measure", "low", "high"),
    [
        ("Tuhkaa, CaO > 20 %", "neutralising_value", 20, inf),
        ("Kosteus alle 15 %", "moisture", -inf, 15),
        ("Kosteus <15 %", "moisture", -inf, 15),
        ("Kuumaa vettä 60 C", "temperature", 60, 60),
        ("Lauhdetta 35 astetta", "temperature", 35, 35),
        ("CaSO4 94 %, kosteus 11 %", "moisture", 11, 11),
        ("Palkkeja, korkeus 180–240 mm, pituus yli 6 m", "length", 6, inf),
    ],
)
def test_numbers_are_read_with_their_bounds_and_units(
    known: Knowledge, text: str, measure: str, low: float, high: float
) -> None:
    assert read_measures(text, known.measures, known.measure_names["fi"])[measure] == (low, high)


@pytest.mark.parametrize(
    ("kind", "language", "title", "named", "unnamed"),
    [
        ("offer", "fi", "XPS-levyn hukkapaloja", "expanded_polystyrene", "wood_offcut"),
        ("offer", "sv", "Transformatorplåt, stansspill", "electric_motor", "paperboard"),
        ("offer", "fi", "Puutavaran hukkapaloja", "wood_offcut", ""),
        ("need", "fi", "Mäntyä tammikuussa", "", "hardwood"),
        ("offer", "fi", "Öljyistä teräslastua", "steel_swarf", "oil"),
        ("offer", "fi", "EPS:ää ja PVC:tä sekaisin", "pvc", ""),
    ],
)
def test_what_words_beside_others_do_not_mean(
    known: Knowledge, kind: Any, language: str, title: str, named: str, unnamed: str
) -> None:
    day = date(2026, 11, 24)
    facts = ListingFacts(
        key="1", kind=kind, language=language, title=title, description="", valid_from=day, valid_until=day
    )
    reading = read_listing(facts, known)
    assert not named or named in reading.materials
    assert unnamed not in reading.materials
    assert unnamed not in reading.properties


def test_what_an_offer_is_for_is_not_offered(known: Knowledge) -> None:
    day = date(2026, 11, 24)
    facts = ListingFacts(
        key="1", kind="offer", language="sv", title="Lådor för fisk", description="", valid_from=day, valid_until=day
    )
    assert read_listing(facts, known).materials.get("fish_side_stream", 0) <= 0.25


def test_where_goods_lie_weighs_little_also_where_the_term_holds_the_ending(known: Knowledge) -> None:
    day = date(2026, 11, 24)
    facts = ListingFacts(
        key="1", kind="offer", language="fi", title="Kalkkia siilosta", description="", valid_from=day, valid_until=day
    )
    materials = read_listing(facts, known).materials
    assert materials["lime"] == 1.0
    assert materials.get("metal_tank", 0) <= 0.5
