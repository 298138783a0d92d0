from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from workpackages.models import (
    Actual,
    Allocation,
    BudgetLine,
    BudgetPeriod,
    Indicator,
    PackageLead,
    Target,
    Value,
    WorkPackage,
)

_numbers = count(1)


def three(prefix: str, text: str) -> dict[str, str]:
    return {f"{prefix}_{language}": text for language in ("fi", "sv", "en")}


def create_package(code: str = "TP4", **fields: Any) -> WorkPackage:
    """The package with the code, made unless it is there."""
    values = {**three("name", f"Package {code}"), **three("summary", f"What {code} does")}
    return WorkPackage.objects.get_or_create(code=code, defaults=values | fields)[0]


def create_lead(**fields: Any) -> PackageLead:
    values: dict[str, Any] = {"partner": "motiva", "starts_on": date(2022, 3, 1), "ends_on": None}
    return PackageLead.objects.create(**{"package": fields.pop("package", None) or create_package(), **values} | fields)


def create_indicator(**fields: Any) -> Indicator:
    """An output of TP4 whose values people enter, unless the test gives a metric."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "code": f"indicator-{number}",
        "position": number,
        "level": Indicator.Level.OUTPUT,
        "unit_code": Indicator.Unit.PIECES,
        "package": fields.pop("package", None) or create_package(),
        **three("name", f"Indicator {number}"),
        **three("definition", f"What indicator {number} counts"),
    }
    return Indicator.objects.create(**values | fields)


def create_value(indicator: Indicator, on: date, amount: Decimal | int, **fields: Any) -> Value:
    """Entered with evidence; counted where the indicator has a metric."""
    origin = Value.Origin.COUNTED if indicator.metric else Value.Origin.ENTERED
    values: dict[str, Any] = {"origin": origin, "evidence": "" if indicator.metric else "Annual report"}
    return Value.objects.create(indicator=indicator, on=on, amount=amount, **values | fields)


def create_target(indicator: Indicator, on: date, amount: Decimal | int, **fields: Any) -> Target:
    return Target.objects.create(indicator=indicator, on=on, amount=amount, **fields)


def create_period(starts_on: date = date(2026, 3, 1), ends_on: date = date(2027, 2, 28), **fields: Any) -> BudgetPeriod:
    return BudgetPeriod.objects.create(starts_on=starts_on, ends_on=ends_on, **fields)


def create_line(
    period: BudgetPeriod, package: WorkPackage | None = None, eur: Decimal | int = 100_000, days: Decimal | int = 100
) -> BudgetLine:
    """A top line; with a package also its person-days, half and half."""
    number = next(_numbers)
    line = BudgetLine.objects.create(
        period=period,
        package=package,
        code=f"line-{number}",
        position=number,
        amount_eur=eur,
        **three("name", f"Line {number}"),
    )
    if package is not None:
        half = Decimal(days) / 2
        Allocation.objects.create(period=period, package=package, days_motiva=half, days_syke=half)
    return line


def create_actual(line: BudgetLine, until: date, eur: Decimal | int, days: Decimal | int = 0) -> Actual:
    return Actual.objects.create(line=line, until=until, amount_eur=eur, days=days)
