"""Loading this room's reference data from CSV: regions, municipalities, industries. Loading again changes nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from django.db import transaction

from kisu.lib.reference import read_rows
from members.models import Industry, Municipality, Region

FOLDER = Path(__file__).resolve().parent.parent / "data"


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@transaction.atomic
def load_reference(*, folder: Path = FOLDER) -> dict[str, int]:
    """Returns rows per table. A file that is not in the folder is left alone: staff may replace one table only."""
    counts = {}
    for name, load in (
        ("regions.csv", _regions),
        ("municipalities.csv", _municipalities),
        ("industries.csv", _industries),
    ):
        if (folder / name).exists():
            counts[name] = load(folder / name)
    return counts


def _regions(path: Path) -> int:
    columns = ("code", "iso", "name_fi", "name_sv", "name_en", "name_fi_in", "tile_column", "tile_row", "lat", "lon")
    rows = [
        Region(
            code=row["code"],
            iso=row["iso"],
            name_fi=row["name_fi"],
            name_sv=row["name_sv"],
            name_en=row["name_en"],
            name_fi_in=row["name_fi_in"],
            tile_column=int(row["tile_column"]),
            tile_row=int(row["tile_row"]),
            latitude=float(row["lat"]),
            longitude=float(row["lon"]),
        )
        for row in read_rows(path, columns=columns)
    ]
    fields = ["iso", "name_fi", "name_sv", "name_en", "name_fi_in", "tile_column", "tile_row", "latitude", "longitude"]
    Region.objects.bulk_create(rows, update_conflicts=True, unique_fields=["code"], update_fields=fields)
    return len(rows)


def _municipalities(path: Path) -> int:
    columns = ("code", "name_fi", "name_sv", "region_code", "lat", "lon", "valid_from", "valid_until", "successor_code")
    table = list(read_rows(path, columns=columns))
    regions = {region.code: region for region in Region.objects.all()}
    rows = [
        Municipality(
            code=row["code"],
            name_fi=row["name_fi"],
            name_sv=row["name_sv"],
            region=regions[row["region_code"]],
            latitude=float(row["lat"]),
            longitude=float(row["lon"]),
            valid_from=_day(row["valid_from"]),
            valid_until=_day(row["valid_until"]),
        )
        for row in table
    ]
    fields = ["name_fi", "name_sv", "region", "latitude", "longitude", "valid_from", "valid_until"]
    Municipality.objects.bulk_create(rows, update_conflicts=True, unique_fields=["code"], update_fields=fields)
    ids = dict(Municipality.objects.values_list("code", "pk"))
    for row in table:
        if row["successor_code"]:
            Municipality.objects.filter(code=row["code"]).update(successor=ids[row["successor_code"]])
    return len(rows)


def _industries(path: Path) -> int:
    columns = ("classification", "code", "level", "parent", "name_fi", "name_sv", "name_en", "checked")
    table = list(read_rows(path, columns=columns))
    fields = ["name_fi", "name_sv", "name_en", "checked", "parent"]
    for level in ("section", "division"):
        sections = {(row.classification, row.code): row for row in Industry.objects.filter(parent=None)}
        Industry.objects.bulk_create(
            [
                Industry(
                    classification=row["classification"],
                    code=row["code"],
                    parent=sections[row["classification"], row["parent"]] if row["parent"] else None,
                    name_fi=row["name_fi"],
                    name_sv=row["name_sv"],
                    name_en=row["name_en"],
                    checked=row["checked"] == "yes",
                )
                for row in table
                if row["level"] == level
            ],
            update_conflicts=True,
            unique_fields=["classification", "code"],
            update_fields=fields,
        )
    return len(table)
