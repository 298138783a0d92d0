"""The rows of treatments hold together, and what contradicts them is refused."""

from pathlib import Path
from shutil import copy

import pytest

from symbiosis.matching.knowledge import DATA, KnowledgeError, knowledge
from symbiosis.matching.treatments import Treatments, read_treatments, treatments

HEADER = "treatment,from,into,worth,yield,hazardous,only,removes,industries,conditions"
GOOD = "chipping,wood_offcut,wood_chips,3,0.98,,,whole,E38,untreated"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "treatments.toml").write_text('chipping = { fi = "haketus", sv = "flisning", en = "chipping" }\n')
    return tmp_path


def read(folder: Path, *rows: str) -> Treatments:
    (folder / "treatments.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    return read_treatments(folder, known=knowledge())


def test_the_files_hold_more_than_150_rows_on_known_keys() -> None:
    ways = treatments()
    assert len(ways.routes) > 150
    assert {route.treatment for route in ways.routes.values()} == set(ways.labels)
    assert all(set(label) == {"fi", "sv", "en"} for label in ways.labels.values())


def test_no_hazardous_material_is_treated_by_what_does_not_take_hazards() -> None:
    known = knowledge()
    for route in treatments().routes.values():
        if "hazardous" in known.materials[route.made_from].properties and "hazardous" in route.removes:
            assert route.hazardous, route.key


def test_a_row_is_read(folder: Path) -> None:
    (route,) = read(folder, GOOD).routes.values()
    assert route.key == ("chipping", "wood_offcut", "wood_chips")
    assert (route.worth, route.output, route.hazardous, route.only) == (3, 0.98, False, False)
    assert route.removes == {"whole"}
    assert (route.industries, route.conditions) == (("E38",), ("untreated",))


def test_the_order_of_the_rows_plays_no_part(folder: Path) -> None:
    other = GOOD.replace("wood_offcut", "sawmill_slab")
    assert list(read(folder, GOOD, other).routes) == list(read(folder, other, GOOD).routes)


def test_an_unknown_treatment_is_named_by_its_key(folder: Path) -> None:
    ways = read(folder, GOOD)
    assert ways.label("chipping", "sv") == "flisning"
    assert ways.label("gone", "sv") == "gone"


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (GOOD.replace("wood_offcut", "unicorn"), "line 2: unicorn is not there"),
        (GOOD.replace("wood_chips", "unicorn"), "unicorn is not there"),
        (GOOD.replace("chipping", "magic"), "magic is not there"),
        (GOOD.replace("whole", "magical"), "magical is not there"),
        (GOOD.replace("untreated", "blessed"), "blessed is not there"),
        (GOOD.replace(",3,", ",4,"), "worth is 1 to 3"),
        (GOOD.replace("0.98", "1.2"), "yield above 0"),
        (GOOD.replace("0.98", "much"), "could not convert"),
        (GOOD.replace("0.98,,", "0.98,no,"), "hazardous is yes or empty"),
        (GOOD.replace("E38", "Z99"), "NACE"),
        (GOOD.replace("E38", ""), "NACE"),
        ("chipping,wood_chips,wood_chips,3,0.98,,,,E38,", "makes nothing new"),
        ("chipping,wood_offcut", "treatments.csv, line 2"),
    ],
)
def test_what_contradicts_itself_is_refused(folder: Path, row: str, says: str) -> None:
    with pytest.raises(KnowledgeError, match=says):
        read(folder, row)


def test_a_row_given_twice_is_refused(folder: Path) -> None:
    with pytest.raises(KnowledgeError, match="there already"):
        read(folder, GOOD, GOOD)


def test_a_name_without_rows_or_without_a_language_is_refused(folder: Path) -> None:
    copy(DATA / "treatments.toml", folder)
    with pytest.raises(KnowledgeError, match="no row uses"):
        read(folder, GOOD)
    (folder / "treatments.toml").write_text('chipping = { fi = "haketus", sv = "", en = "chipping" }\n')
    with pytest.raises(KnowledgeError, match="lacks a language"):
        read(folder, GOOD)
