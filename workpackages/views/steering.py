from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kisu.lib.dates import today
from kisu.lib.exports import Cell, csv_response, xlsx_response
from members.access import requires
from members.permissions import Permission
from workpackages.brief import brief, data_day, tally
from workpackages.budget import Ledger, ledger_of
from workpackages.crosstabs import months_by_package
from workpackages.models import (
    Allocation,
    BudgetLine,
    BudgetPeriod,
    Indicator,
    LeadDays,
    PersonMonths,
    StaffingYear,
    WorkPackage,
)
from workpackages.models.package import Partner
from workpackages.progress import in_levels, standings

PERIOD = "kausi"


@dataclass(frozen=True, slots=True)
class Row:
    """A package's figures by column, and their sum; None is not known."""

    package: WorkPackage
    figures: list[Decimal | None]
    total: Decimal | None
    printed: Decimal | None = None

    @property
    def differs(self) -> bool:
        return self.printed is not None and self.printed != self.total


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums of columns beside what the plan prints; `all_` over all columns."""

    columns: list[Decimal | None]
    all_: Decimal | None
    printed: list[Decimal | None]
    printed_all: Decimal | None = None

    @property
    def pairs(self) -> list[tuple[Decimal | None, Decimal | None]]:
        """(sum, as printed) of each column."""
        return list(zip(self.columns, self.printed, strict=True))


@requires(Permission.STEERING_VIEW)
@require_safe
def steering(request: HttpRequest) -> TemplateResponse:
    """Reads only: the steering group changes nothing here."""
    on = today()
    found = standings(Indicator.objects.all(), on=on)
    periods = _periods()
    ledger = _ledger(request, periods, on=on)
    # National goals have no target path of the network's: they are told last, and not counted in the tally.
    own = [one for one in found if one.indicator.level != Indicator.Level.NATIONAL]
    return TemplateResponse(
        request,
        "workpackages/steering.html",
        {
            "sentences": brief(own, ledger),
            "tally": tally(own),
            "levels": in_levels(found),
            "data_day": data_day(found),
            "ledger": ledger,
            "periods": periods,
            "on": on,
        },
    )


@requires(Permission.STEERING_VIEW)
@require_safe
def steering_packages(request: HttpRequest) -> HttpResponse:
    """The table of money and person-days as CSV."""
    ledger = _ledger(request, _periods(), on=today())
    header: list[Cell] = [
        _("Work package"), _("Lead"), _("Budget, €"), _("Used, €"), _("Used, %"), _("Person-days planned"),
        _("Person-days used"), _("Person-days used, %"), _("Up to"), _("Part of the period passed, %"),
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [
            str(use.line.package or use.line.name),
            use.lead.get_partner_display() if use.lead else "",
            use.line.amount_eur,
            use.used_eur,
            _one_decimal(use.percent_eur),
            use.planned_days,
            use.used_days,
            _one_decimal(use.percent_days),
            use.actual.until if use.actual else None,
            _one_decimal(use.passed),
        ]
        for use in (ledger.uses if ledger else [])
    ]
    return csv_response(_("Budget and person-days"), header, rows)


@requires(Permission.STEERING_VIEW)
@require_safe
def ledger(request: HttpRequest) -> TemplateResponse:
    """The plan's money and work as printed, its sums as they are, and where the two differ."""
    on = today()
    periods = _periods()
    found = _ledger(request, periods, on=on)
    packages = list(WorkPackage.objects.order_by("code"))
    period = found.period if found else None
    years = list(StaffingYear.objects.order_by("year"))
    months = {(one.package_id, one.year, one.partner): one.months for one in PersonMonths.objects.all()}
    all_years = sorted({year for _package, year, _partner in months})
    columns = [(year, partner) for year in all_years for partner in Partner.values]
    parts = BudgetLine.objects.exclude(parent=None).select_related("package")
    return TemplateResponse(
        request,
        "workpackages/ledger.html",
        {
            "ledger": found,
            "periods": periods,
            "parts": parts.filter(period=period).order_by("position", "pk"),
            "days": _days(packages, period) if period else [],
            "days_sums": _days_sums(packages, period) if period else None,
            "lead_days": _lead_days(packages, period) if period else [],
            "years": [(year, Partner.choices) for year in all_years],
            "months": [
                _row(package, [months.get((package.pk, year, partner)) for year, partner in columns])
                for package in packages
            ],
            "months_sums": _months_sums(months, all_years, years),
        },
    )


@requires(Permission.STEERING_VIEW)
@require_safe
def ledger_crosstab(request: HttpRequest) -> HttpResponse:
    header, rows = months_by_package()
    return xlsx_response(_("Person-months"), header, rows)


def _periods() -> list[BudgetPeriod]:
    return list(BudgetPeriod.objects.order_by("-starts_on", "-pk"))


def _ledger(request: HttpRequest, periods: list[BudgetPeriod], *, on: date) -> Ledger | None:
    """Of the period asked for by its first month (2022-03), else of the newest one that has begun."""
    asked = request.GET.get(PERIOD, "")
    begun = [one for one in periods if one.starts_on <= on]
    period = next((one for one in periods if one.key == asked), begun[0] if begun else None)
    return ledger_of(period, on=on) if period else None


def _one_decimal(share: Decimal | None) -> Decimal | None:
    return None if share is None else share.quantize(Decimal("0.1"))


def _sum(figures: list[Decimal | None]) -> Decimal | None:
    known = [figure for figure in figures if figure is not None]
    return sum(known, Decimal(0)) if known else None


def _row(package: WorkPackage, figures: list[Decimal | None], printed: Decimal | None = None) -> Row:
    return Row(package, figures, _sum(figures), printed)


def _days(packages: list[WorkPackage], period: BudgetPeriod) -> list[Row]:
    found = {row.package_id: row for row in Allocation.objects.filter(period=period)}
    return [
        _row(package, [row.days_motiva, row.days_syke], row.printed_total)
        for package in packages
        if (row := found.get(package.pk)) is not None
    ]


def _days_sums(packages: list[WorkPackage], period: BudgetPeriod) -> Sums:
    rows = _days(packages, period)
    columns = [_sum([row.figures[place] for row in rows]) for place in range(2)]
    printed = [period.printed_days_motiva, period.printed_days_syke]
    return Sums(columns, _sum(columns), printed, period.printed_days_total)


def _lead_days(packages: list[WorkPackage], period: BudgetPeriod) -> list[Row]:
    found = {(one.package_id, one.partner): one.days for one in LeadDays.objects.filter(period=period)}
    rows = [_row(package, [found.get((package.pk, partner)) for partner in Partner.values]) for package in packages]
    return [row for row in rows if row.total is not None]


def _months_sums(months: dict[tuple[int, int, str], Decimal], all_years: list[int], years: list[StaffingYear]) -> Sums:
    columns, printed = [], []
    totals = {year.year: {Partner.MOTIVA: year.printed_motiva, Partner.SYKE: year.printed_syke} for year in years}
    for year in all_years:
        for partner in Partner:
            columns.append(_sum([figure for (_p, y, who), figure in months.items() if (y, who) == (year, partner)]))
            printed.append(totals.get(year, {}).get(partner))
    return Sums(columns, _sum(columns), printed)
