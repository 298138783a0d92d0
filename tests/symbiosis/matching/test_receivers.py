from dataclasses import replace
from pathlib import Path
from shutil import copy

import pytest

from symbiosis.matching.industries import IndustryError, parse_industry
from symbiosis.matching.knowledge import DATA, LANGUAGES, KnowledgeError, Use, knowledge
from symbiosis.matching.languages import language_of
from symbiosis.matching.reading import Reading
from symbiosis.matching.receivers import FILE, SCALE_FILE, receiving, receiving_of


def best(reading: Reading, number: int = 3, *, section: bool = False) -> list[str]:
    return [taker.industry for taker in receiving_of(knowledge()).takers(reading, section=section)[:number]]


@pytest.mark.parametrize(
    ("material", "industry"),
    [
        ("whey", "A01"),
        ("tall_oil", "C20"),
        ("mineral_wool", "C23"),
        ("used_cooking_oil", "C19"),
        ("wood_ash", "A02"),
        ("foundry_sand", "F42"),
    ],
)
def test_a_usual_receiver_is_among_the_first(material, industry):
    known = knowledge()
    assert material in known.materials
    assert industry in best(Reading(materials={material: 1.0}), 4)


def test_nothing_read_gives_nobody():
    assert best(Reading()) == []


def test_a_use_that_the_offer_names_brings_its_doers_forward():
    plain = best(Reading(materials={"sawdust": 1.0}), 99)
    named = best(Reading(materials={"sawdust": 1.0}, uses={"mushroom_cultivation": 1.0}), 99)
    assert named.index("A01") <= plain.index("A01")
    assert "A01" in best(Reading(uses={"mushroom_cultivation": 1.0}), 1)


def test_a_weightier_material_counts_more():
    mostly_whey = best(Reading(materials={"whey": 1.0, "mixed_scrap": 0.1}), 1)
    assert mostly_whey in (["A01"], ["C10"])


def test_sections_are_ranked_by_themselves():
    codes = best(Reading(materials={"sawdust": 1.0}), 99, section=True)
    assert codes
    assert all(len(code) == 1 for code in codes)
    assert len(codes) == len(set(codes))


def test_each_way_tells_use_material_and_who_best_first():
    taker = receiving_of(knowledge()).takers(Reading(materials={"sawdust": 1.0}))[0]
    assert [way.worth for way in taker.ways] == sorted((way.worth for way in taker.ways), reverse=True)
    assert {way.material for way in taker.ways} == {"sawdust"}
    assert all(set(way.why) == set(LANGUAGES) for way in taker.ways)


def test_a_column_of_fitness_is_that_of_the_matrix():
    known, of = knowledge(), receiving_of(knowledge())
    for material in ("sawdust", "whey", "office_furniture", "steam"):
        column = known.fit[:, known.material_number[material]]
        for use, number in known.use_number.items():
            assert of.fits(material).get(use, 0.0) == pytest.approx(float(column[number]), abs=1e-5)


def test_an_added_use_without_rows_goes_by_the_industries_that_it_names():
    known = knowledge()
    use = Use(key="new_use", label=dict.fromkeys(LANGUAGES, "new"), industries=("C13",))
    more = receiving(replace(known, uses={**known.uses, "new_use": use}))
    takers = more.takers(Reading(uses={"new_use": 1.0}))
    assert [taker.industry for taker in takers] == ["C13"]
    assert takers[0].ways[0].why == {}


def test_an_added_use_that_names_none_goes_by_its_broader_use():
    known = knowledge()
    use = Use(key="new_use", label=dict.fromkeys(LANGUAGES, "new"), broader=("riding_surface",))
    takers = receiving(replace(known, uses={**known.uses, "new_use": use})).takers(Reading(uses={"new_use": 1.0}))
    assert {"R93", "A01"} <= {taker.industry for taker in takers}


def test_every_use_has_receivers_and_a_scale():
    known = knowledge()
    of = receiving(known)
    assert all(of.receivers.get(use) for use in known.uses)
    assert (DATA / SCALE_FILE).read_text(encoding="utf-8").count("\n") == len(known.uses) + 1


GOOD = "animal_bedding,A01,3,tilat,gårdar,farms"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("no_such_use,A01,3,a,b,c", "line 2: the use no_such_use"),
        ("animal_bedding,A99,3,a,b,c", "line 2: A99 is no division"),
        ("animal_bedding,A,3,a,b,c", "line 2: A is no division"),
        ("animal_bedding,A01,4,a,b,c", "line 2: the weight"),
        ("animal_bedding,A01,3,a,,c", "line 2: who it is"),
        (f"{GOOD}\n{GOOD}", "line 3: animal_bedding has A01 already"),
    ],
)
def test_a_wrong_row_is_told_by_its_line(tmp_path: Path, row: str, told: str):
    copy(DATA / SCALE_FILE, tmp_path)
    (tmp_path / FILE).write_text(f"use,industry,weight,why_fi,why_sv,why_en\n{row}\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match=told):
        receiving(knowledge(), tmp_path)


@pytest.mark.parametrize(
    ("text", "code"), [("C", "C"), ("c23", "C23"), ("23", "C23"), ("C 23", "C23"), ("1", "A01"), ("23.51", "C23")]
)
def test_codes_are_read_as_people_write_them(text, code):
    assert parse_industry(text) == code


@pytest.mark.parametrize("text", ["", "W", "C99", "A23", "cement", "34", "٣"])
def test_what_is_no_code_is_refused(text):
    with pytest.raises(IndustryError):
        parse_industry(text)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Kuivaa sahanpurua", "fi"),
        ("Torrt sågspån från hyvleri", "sv"),
        ("Dry sawdust from a planing mill", "en"),
        ("Xyz", "en"),
    ],
)
def test_the_language_of_a_short_text_is_guessed(text, language):
    assert language_of(text, knowledge()) == language
