"""The reference data that members ships: regions, municipalities, industries and the outline map."""

import csv
import json
import re
from datetime import date
from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / "members" / "data"
TODAY = "2026-11-24"  # the day that the files were made for
LANGUAGES = ("fi", "sv", "en")


def read(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


REGIONS = read("regions")
MUNICIPALITIES = read("municipalities")
INDUSTRIES = read("industries")
IN_FORCE = [row for row in MUNICIPALITIES if not row["valid_until"] or row["valid_until"] >= TODAY]
BY_CODE = {row["code"]: row for row in MUNICIPALITIES}


@pytest.mark.parametrize("name", ["regions", "municipalities", "industries"])
def test_cells_hold_no_stray_space_and_names_are_filled(name: str) -> None:
    for row in read(name):
        assert None not in row, row
        for column, value in row.items():
            assert value == re.sub(r"\s+", " ", value).strip(), (row, column)
            assert value or not column.startswith("name_"), (row, column)


def test_the_nineteen_regions_are_statistics_finlands() -> None:
    assert [row["code"] for row in REGIONS] == [f"{code:02}" for code in range(1, 22) if code not in (3, 20)]
    assert sorted(row["iso"] for row in REGIONS) == [f"FI-{number:02}" for number in range(1, 20)]
    for language in (*LANGUAGES, "fi_in"):
        assert len({row[f"name_{language}"] for row in REGIONS}) == 19


def test_the_inessive_is_the_name_inflected() -> None:
    for row in REGIONS:
        assert row["name_fi_in"].endswith(("ssa", "ssä", "lla")), row
        assert row["name_fi_in"][:4] == row["name_fi"][:4] or row["name_fi"] in ("Uusimaa", "Lappi"), row


def test_each_region_has_its_own_tile() -> None:
    tiles = {(int(row["tile_column"]), int(row["tile_row"])) for row in REGIONS}
    assert len(tiles) == 19
    assert {column for column, _ in tiles} == {1, 2, 3, 4, 5}
    assert {row for _, row in tiles} == {1, 2, 3, 4, 5, 6}


def test_coordinates_are_in_finland() -> None:
    for row in [*REGIONS, *MUNICIPALITIES]:
        assert 59.7 < float(row["lat"]) < 70.1, row
        assert 19.3 < float(row["lon"]) < 31.6, row


def test_municipalities_are_308_today_and_codes_are_never_used_twice() -> None:
    assert len(IN_FORCE) == 308
    assert len(BY_CODE) == len(MUNICIPALITIES)
    assert all(re.fullmatch(r"\d{3}", code) for code in BY_CODE)
    assert [row["code"] for row in MUNICIPALITIES] == sorted(BY_CODE)
    assert len({row["name_fi"] for row in IN_FORCE}) == len({row["name_sv"] for row in IN_FORCE}) == 308


def test_each_municipality_is_in_a_region_and_each_region_has_some() -> None:
    assert {row["region_code"] for row in MUNICIPALITIES} == {row["code"] for row in REGIONS}
    aland = [row for row in IN_FORCE if row["region_code"] == "21"]
    assert len(aland) == 16
    assert [row["code"] for row in aland if row["name_fi"] != row["name_sv"]] == ["478"]  # Maarianhamina, Mariehamn


def test_a_municipality_that_ended_names_a_successor_in_force_in_the_same_region() -> None:
    ended = [row for row in MUNICIPALITIES if row["valid_until"]]
    assert len(ended) == 41
    for row in ended:
        successor = BY_CODE[row["successor_code"]]
        assert successor["valid_until"] == "", row
        assert successor["region_code"] == row["region_code"], row
        last = date.fromisoformat(row["valid_until"])
        assert (last.month, last.day) == (12, 31), row
    assert all(not row["successor_code"] for row in MUNICIPALITIES if not row["valid_until"])


@pytest.mark.parametrize(
    ("day", "count"),
    [
        ("2010-01-01", 342),
        ("2011-01-01", 336),
        ("2013-01-01", 320),
        ("2015-01-01", 317),
        ("2016-01-01", 313),
        ("2017-01-01", 311),
        ("2020-01-01", 310),
        ("2021-01-01", 309),
        ("2025-01-01", 308),
    ],
)
def test_municipalities_in_force_are_as_many_as_there_were(day: str, count: int) -> None:
    assert count == sum(
        row["valid_from"] <= day and (not row["valid_until"] or day <= row["valid_until"]) for row in MUNICIPALITIES
    )


@pytest.mark.parametrize(
    ("finnish", "swedish"),
    [
        ("Helsinki", "Helsingfors"),
        ("Turku", "Åbo"),
        ("Tampere", "Tammerfors"),
        ("Oulu", "Uleåborg"),
        ("Vaasa", "Vasa"),
        ("Pori", "Björneborg"),
        ("Hämeenlinna", "Tavastehus"),
        ("Savonlinna", "Nyslott"),
        ("Mikkeli", "S:t Michel"),
        ("Huittinen", "Vittis"),
        ("Pedersören kunta", "Pedersöre"),
        ("Jyväskylä", "Jyväskylä"),
    ],
)
def test_swedish_names_are_finlands_own(finnish: str, swedish: str) -> None:
    assert [row["name_sv"] for row in IN_FORCE if row["name_fi"] == finnish] == [swedish]


@pytest.mark.parametrize(
    ("classification", "sections", "divisions"),
    [("TOL2008", "ABCDEFGHIJKLMNOPQRSTU", 88), ("TOL2025", "ABCDEFGHIJKLMNOPQRSTUV", 87)],
)
def test_industries_are_complete_and_each_division_is_in_the_section_before_it(
    classification: str, sections: str, divisions: int
) -> None:
    rows = [row for row in INDUSTRIES if row["classification"] == classification]
    assert "".join(row["code"] for row in rows if row["level"] == "section") == sections
    codes = [row["code"] for row in rows if row["level"] == "division"]
    assert len(codes) == divisions
    assert codes == sorted(set(codes))
    section = ""
    for row in rows:
        section = row["code"] if row["level"] == "section" else section
        assert row["parent"] == ("" if row["level"] == "section" else section), row
        assert row["checked"] in ("yes", "no"), row


def test_the_map_draws_each_region_inside_its_view_box() -> None:
    drawing = json.loads((DATA / "region_shapes.json").read_text())
    left, top, width, height = map(int, drawing["viewBox"].split())
    assert list(drawing["regions"]) == [row["code"] for row in REGIONS]
    for code, path in drawing["regions"].items():
        assert re.fullmatch(r"(M\d+ \d+l(-?\d+[ -]?)+z)+", path), code
        for piece in re.findall(r"M([^z]+)z", path):
            numbers = [int(number) for number in re.findall(r"-?\d+", piece)]
            x = y = 0
            for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
                x, y = x + dx, y + dy
                assert left <= x <= left + width, code
                assert top <= y <= top + height, code


def test_the_map_is_small_enough_to_stand_in_a_page() -> None:
    assert (DATA / "region_shapes.json").stat().st_size < 33_000
