"""Money and person-days of a budget period by package: planned, used, and how that stands to the time passed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from workpackages.models import Actual, Allocation, BudgetLine, BudgetPeriod, PackageLead
from workpackages.progress import percent_of

# How many per cent of the budget the use may be ahead of or behind the time passed.
AS_PLANNED, FAR_OFF = Decimal(5), Decimal(10)


def leads_on(leads: Sequence[PackageLead], on: date) -> tuple[PackageLead | None, PackageLead | None]:
    """The lead of one package on the day (after the last one's end: that last one), and the next to come."""
    ordered = sorted(leads, key=lambda lead: lead.starts_on)
    begun = [lead for lead in ordered if lead.starts_on <= on]
    coming = [lead for lead in ordered if lead.starts_on > on]
    return (begun[-1] if begun else None), (coming[0] if coming else None)


@dataclass(frozen=True, slots=True)
class Use:
    """A top line of the budget. `passed` is the share of the period gone on the day of the report, in per cent."""

    line: BudgetLine
    allocation: Allocation | None
    lead: PackageLead | None
    actual: Actual | None
    passed: Decimal | None

    @property
    def planned_days(self) -> Decimal | None:
        return self.allocation.days if self.allocation else None

    @property
    def used_eur(self) -> Decimal | None:
        return self.actual.amount_eur if self.actual else None

    @property
    def used_days(self) -> Decimal | None:
        return self.actual.days if self.actual and self.allocation else None

    @property
    def percent_eur(self) -> Decimal | None:
        return percent_of(self.used_eur, self.line.amount_eur)

    @property
    def percent_days(self) -> Decimal | None:
        return percent_of(self.used_days, self.planned_days)

    @property
    def deviation(self) -> Decimal | None:
        """Per cent of the budget by which the use of money is ahead (+) of the time passed or behind (−) it."""
        if self.percent_eur is None or self.passed is None:
            return None
        return self.percent_eur - self.passed

    @property
    def is_exception(self) -> bool:
        return self.deviation is not None and abs(self.deviation) > AS_PLANNED

    @property
    def tone(self) -> str:
        if self.deviation is None:
            return "neutral"
        off = abs(self.deviation)
        return "ok" if off <= AS_PLANNED else "watch" if off <= FAR_OFF else "late"

    @property
    def word(self) -> str:
        if self.deviation is None:
            return _("Not reported")
        if not self.is_exception:
            return _("As planned")
        return _("More used than planned") if self.deviation > 0 else _("Less used than planned")


@dataclass(frozen=True, slots=True)
class Total:
    """Sums over the lines. What was used is None when no line has a report."""

    planned_eur: Decimal
    used_eur: Decimal | None
    planned_days: Decimal | None
    used_days: Decimal | None

    @property
    def percent_eur(self) -> Decimal | None:
        return percent_of(self.used_eur, self.planned_eur)

    @property
    def percent_days(self) -> Decimal | None:
        return percent_of(self.used_days, self.planned_days)


@dataclass(frozen=True, slots=True)
class Ledger:
    """`until` is the day of the newest report, `passed` the share of the period gone by then, in per cent."""

    period: BudgetPeriod
    uses: Sequence[Use]
    until: date | None
    passed: Decimal | None

    @property
    def total(self) -> Total:
        return Total(
            planned_eur=sum((use.line.amount_eur for use in self.uses), Decimal(0)),
            used_eur=_sum(use.used_eur for use in self.uses),
            planned_days=_sum(use.planned_days for use in self.uses),
            used_days=_sum(use.used_days for use in self.uses),
        )

    @property
    def exceptions(self) -> list[Use]:
        return sorted(
            (use for use in self.uses if use.is_exception),
            key=lambda use: abs(use.deviation or Decimal(0)),
            reverse=True,
        )

    @property
    def as_planned(self) -> list[Use]:
        return [use for use in self.uses if use.deviation is not None and not use.is_exception]


def _sum(figures: Iterable[Decimal | None]) -> Decimal | None:
    known = [figure for figure in figures if figure is not None]
    return sum(known, Decimal(0)) if known else None


def ledger_of(period: BudgetPeriod, *, on: date) -> Ledger:
    """The period's lines with each one's newest report up to the day. Four queries."""
    actuals = {
        actual.line_id: actual
        for actual in Actual.objects.filter(line__period=period, until__lte=on)
        .order_by("line", "-until")
        .distinct("line")
    }
    allocations = {one.package_id: one for one in Allocation.objects.filter(period=period)}
    leads: dict[int, list[PackageLead]] = {}
    for row in PackageLead.objects.order_by("starts_on"):
        leads.setdefault(row.package_id, []).append(row)
    lines = BudgetLine.objects.filter(period=period).top().select_related("package").order_by("position", "pk")
    as_of = min(on, period.ends_on)
    uses = []
    for line in lines:
        actual = actuals.get(line.pk)
        passed = period.elapsed_share(on=actual.until) * 100 if actual else None
        lead = leads_on(leads.get(line.package_id, []), as_of)[0] if line.package_id else None
        allocation = allocations.get(line.package_id) if line.package_id else None
        uses.append(Use(line=line, allocation=allocation, lead=lead, actual=actual, passed=passed))
    until = max((actual.until for actual in actuals.values()), default=None)
    return Ledger(period, uses, until, period.elapsed_share(on=until) * 100 if until else None)
