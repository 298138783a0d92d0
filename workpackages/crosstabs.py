"""Cross-tables for download: pandas turns long lists into rows by columns. It is heavy, so imported where used."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kisu.lib.exports import Cell
from workpackages.models import Indicator, PersonMonths, Value, WorkPackage
from workpackages.models.package import Partner

Table = tuple[list[Cell], list[list[Cell]]]


def values_by_month(*, on: date) -> Table:
    """Each indicator's last value of each month: a row an indicator, a column a month (2026-11), gaps empty."""
    import pandas as pd

    indicators = list(Indicator.objects.select_related("package").order_by("position", "pk"))
    values = Value.objects.up_to(on).monthly()
    long = pd.DataFrame(
        [(value.indicator_id, f"{value.on:%Y-%m}", value.amount) for value in values],
        columns=["indicator", "month", "amount"],
    )
    wide = long.pivot(index="indicator", columns="month", values="amount").astype(object)
    wide = wide.reindex([indicator.pk for indicator in indicators])
    header: list[Cell] = [_("Indicator"), _("Work package"), _("Level"), _("Unit"), *wide.columns]
    rows: list[list[Cell]] = []
    for indicator, figures in zip(indicators, wide.itertuples(index=False), strict=True):
        package = indicator.package.code if indicator.package else ""
        head: list[Cell] = [indicator.name, package, indicator.get_level_display(), indicator.unit]
        rows.append(head + _cells(figures))
    return header, rows


def months_by_package() -> Table:
    """Person-months: a row a package, a column a year and organisation, with sums at both edges."""
    import pandas as pd

    packages = list(WorkPackage.objects.order_by("code"))
    long = pd.DataFrame(
        list(PersonMonths.objects.order_by("pk").values_list("package__code", "year", "partner", "months")),
        columns=["package", "year", "partner", "months"],
    )
    wide = long.pivot(index="package", columns=["year", "partner"], values="months").sort_index(axis="columns")
    wide = wide.reindex([package.code for package in packages]).astype(object)
    labels = [f"{year} {Partner(partner).label}" for year, partner in wide.columns]
    sums = wide.sum(axis="columns", skipna=True)
    rows: list[list[Cell]] = [
        [str(package), *_cells(figures), *_cells([total])]
        for package, figures, total in zip(packages, wide.itertuples(index=False), sums, strict=True)
    ]
    columns = wide.sum(axis="index", skipna=True)
    rows.append([_("In all"), *_cells(columns), *_cells([sums.sum()])])
    return [_("Work package"), *labels, _("In all")], rows


def _cells(figures: Sequence[Any]) -> list[Cell]:
    """A gap is NaN, the only thing that differs from itself."""
    return [None if figure != figure else figure for figure in figures]
