"""Material classes, services and units that symbiosis ships."""

import csv
import re
from decimal import Decimal
from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / "symbiosis" / "data"


def read(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


CLASSES = read("material_classes")
SERVICES = read("services")
UNITS = read("units")


@pytest.mark.parametrize("rows", [CLASSES, SERVICES, UNITS], ids=["material_classes", "services", "units"])
def test_codes_and_names_are_unique_and_filled(rows: list[dict[str, str]]) -> None:
    for column in ("code", "name_fi", "name_sv", "name_en"):
        values = [row[column] for row in rows]
        assert all(values)
        assert len(set(values)) == len(values), column
    for row in rows:
        assert None not in row, row
        assert all(value == re.sub(r"\s+", " ", value).strip() for value in row.values()), row


@pytest.mark.parametrize("rows", [CLASSES, SERVICES], ids=["material_classes", "services"])
def test_codes_are_slugs_and_parents_are_top_level(rows: list[dict[str, str]]) -> None:
    top = {row["code"] for row in rows if not row["parent"]}
    for row in rows:
        assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", row["code"]), row
        assert not row["parent"] or row["parent"] in top, row


def test_each_material_class_is_waste_or_material_or_both() -> None:
    assert len(CLASSES) == 45
    assert {row[flag] for row in CLASSES for flag in ("is_waste", "is_material", "bulk")} == {"0", "1"}
    assert all(row["is_waste"] == "1" or row["is_material"] == "1" for row in CLASSES)
    assert CLASSES[-1]["code"] == "other"


@pytest.mark.parametrize("code", ["concrete", "soil", "ash", "slag", "manure", "asphalt", "sludge_wastewater"])
def test_heavy_cheap_materials_are_bulk(code: str) -> None:
    assert [row["bulk"] for row in CLASSES if row["code"] == code] == ["1"]


def test_each_dimension_has_one_base_unit_and_factors_are_exact_decimals() -> None:
    base = [(row["dimension"], row["code"]) for row in UNITS if Decimal(row["to_base"]) == 1]
    assert [row["code"] for row in UNITS if Decimal(row["to_base"]) <= 0] == []
    assert base == [
        ("mass", "t"),
        ("volume", "m3"),
        ("volume", "loose_m3"),  # a loose cubic metre is a cubic metre of chips with the air between them
        ("area", "m2"),
        ("count", "pcs"),
        ("energy", "MWh"),
    ]


def test_units_have_symbols_in_three_languages() -> None:
    assert all(row[f"symbol_{language}"] for row in UNITS for language in ("fi", "sv", "en"))
    assert {row["code"]: (row["symbol_fi"], row["symbol_sv"], row["symbol_en"]) for row in UNITS}["pcs"] == (
        "kpl",
        "st.",
        "pcs",
    )
