"""Where the plan's own figures disagree, computed from the figures."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from workpackages.plan_file.tree import EffortTable, Plan


@dataclass(frozen=True, slots=True)
class Finding:
    """A printed figure or date that differs from what the rest of the plan gives."""

    where: str
    kind: str
    printed: Decimal | dt.date
    computed: Decimal | dt.date


def findings(plan: Plan) -> tuple[Finding, ...]:
    """Every printed figure and date that differs from what the plan's other figures give.

    Sums are exact. Person-months are person-days divided by `days_per_month`, rounded to one decimal as printed,
    and shares are whole per cent, halves up.
    """
    budget = plan.budget
    parts = sum(line.eur for line in budget.subcontracting)
    checks: list[tuple[str, str, Decimal | dt.date | int, Decimal | dt.date | int]] = [
        ("sum", "budget.total", budget.printed_total, sum(line.eur for line in budget.lines)),
        ("sum", "subcontracting.total", budget.printed_subcontracting_total, parts),
        ("sum", "budget.subcontracting", sum(line.eur for line in budget.lines if line.package is None), parts),
        *_sum_checks("person_days", plan.person_days),
    ]
    for year, table in plan.person_months.items():
        checks += _sum_checks(f"person_months.{year}", table)
    first_year = plan.person_months[plan.person_days.starts_on.year]
    for code, total in first_year.printed_totals.items():
        for row in first_year.rows:
            expected = _rounded(plan.person_days.amount(row.package, code) / plan.days_per_month, "0.1")
            checks.append(("conversion", f"person_months.{row.package}.{code}", row.amounts[code], expected))
        expected = _rounded(plan.person_days.column(code) / plan.days_per_month, "0.1")
        checks.append(("conversion", f"person_months.total.{code}", total, expected))
    for code, share in plan.communication_split.items():
        for name, tables in (("days", [plan.person_days]), ("months", list(plan.person_months.values()))):
            own = sum((table.amount("tp6", code) for table in tables), Decimal(0))
            both = sum(
                (table.amount("tp6", other) for table in tables for other in plan.communication_split), Decimal(0)
            )
            checks.append(("share", f"communication.{name}.{code}", share, _rounded(100 * own / both, "1")))
    checks += [
        ("period", "coordination.handover", plan.service_handover_on, plan.source.handover_on),
        ("period", "staffing.end", plan.staffing_ends_on, plan.source.ends_on),
        ("period", "plan.date", max(plan.source.dated_on, plan.source.starts_on), plan.source.starts_on),
    ]
    return tuple(
        Finding(where=where, kind=kind, printed=_figure(printed), computed=_figure(computed))
        for kind, where, printed, computed in checks
        if printed != computed
    )


def _sum_checks(name: str, table: EffortTable) -> Iterable[tuple[str, str, Decimal, Decimal]]:
    totals = {row.package: sum(row.amounts.values(), Decimal(0)) for row in table.rows}
    for row in table.rows:
        if row.printed_total is not None:
            yield "sum", f"{name}.{row.package}", row.printed_total, totals[row.package]
    columns = {code: total for code, total in table.printed_totals.items() if code != "all"}
    for code, total in columns.items():
        yield "sum", f"{name}.{code}", total, table.column(code)
    if "all" in table.printed_totals:
        yield "sum", f"{name}.all", table.printed_totals["all"], sum(totals.values(), Decimal(0))
        yield "sum", f"{name}.all_columns", table.printed_totals["all"], sum(columns.values(), Decimal(0))


def _rounded(value: Decimal, step: str) -> Decimal:
    return value.quantize(Decimal(step), rounding=ROUND_HALF_UP)


def _figure(value: Decimal | dt.date | int) -> Decimal | dt.date:
    return Decimal(value) if isinstance(value, int) else value
