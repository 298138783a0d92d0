"""Loading this room's reference data from CSV: material classes, services, units, the List of Waste."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import models, transaction

from kisu.lib.reference import read_rows
from symbiosis.models import MaterialClass, Service, Unit, WasteChapter, WasteCode

FOLDER = Path(__file__).resolve().parent.parent / "data"
NAMES = ("name_fi", "name_sv", "name_en")


@transaction.atomic
def load_reference(*, folder: Path = FOLDER) -> dict[str, int]:
    """Returns rows per table. A file that is not in the folder is left alone: staff may replace one table only."""
    loaders = {
        "material_classes.csv": _material_classes,
        "services.csv": _services,
        "units.csv": _units,
        "waste_chapters.csv": _waste_chapters,
        "waste_codes.csv": _waste_codes,
    }
    return {name: load(folder / name) for name, load in loaders.items() if (folder / name).exists()}


def _upsert(model: type[models.Model], rows: list[Any], fields: list[str]) -> int:
    model._default_manager.bulk_create(rows, update_conflicts=True, unique_fields=["code"], update_fields=fields)
    return len(rows)


def _link_parents(model: type[models.Model], table: list[dict[str, str]]) -> None:
    ids = dict(model._default_manager.values_list("code", "pk"))
    for row in table:
        model._default_manager.filter(code=row["code"]).update(parent=ids[row["parent"]] if row["parent"] else None)


def _material_classes(path: Path) -> int:
    table = list(read_rows(path, columns=("code", "parent", *NAMES, "is_waste", "is_material", "bulk")))
    flags = ("is_waste", "is_material", "bulk")
    rows = [
        MaterialClass(code=row["code"], **{n: row[n] for n in NAMES}, **{f: row[f] == "1" for f in flags})
        for row in table
    ]
    count = _upsert(MaterialClass, rows, [*NAMES, *flags])
    _link_parents(MaterialClass, table)
    return count


def _services(path: Path) -> int:
    table = list(read_rows(path, columns=("code", "parent", *NAMES)))
    count = _upsert(Service, [Service(code=row["code"], **{n: row[n] for n in NAMES}) for row in table], list(NAMES))
    _link_parents(Service, table)
    return count


def _units(path: Path) -> int:
    texts = ("symbol_fi", "symbol_sv", "symbol_en", *NAMES, "dimension")
    rows = [
        Unit(code=row["code"], to_base=Decimal(row["to_base"]), **{t: row[t] for t in texts})
        for row in read_rows(path, columns=("code", *texts, "to_base"))
    ]
    return _upsert(Unit, rows, [*texts, "to_base"])


def _waste_chapters(path: Path) -> int:
    rows = [
        WasteChapter(code=row["code"], checked=row["checked"] == "yes", **{n: row[n] for n in NAMES})
        for row in read_rows(path, columns=("code", *NAMES, "checked"))
    ]
    return _upsert(WasteChapter, rows, [*NAMES, "checked"])


def _waste_codes(path: Path) -> int:
    chapters = {chapter.code: chapter for chapter in WasteChapter.objects.all()}
    rows = [
        WasteCode(
            code=row["code"],
            chapter=chapters[row["code"][:5]],
            hazardous=row["hazardous"] == "1",
            entry=row["entry"],
            checked=row["checked"] == "yes",
            **{n: row[n] for n in NAMES},
        )
        for row in read_rows(path, columns=("code", "hazardous", "entry", *NAMES, "checked"))
    ]
    return _upsert(WasteCode, rows, ["chapter", "hazardous", "entry", *NAMES, "checked"])
