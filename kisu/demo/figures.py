"""The demo's figures: three years of indicator values, targets, and the budgets of the years after the plan's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import count, cycle, takewhile
from math import pi, sin
from random import Random

from kisu.demo.cast import REGIONS_JOINED, SOURCE, Cast
from kisu.lib.dates import add_months, month_span
from workpackages.models import Actual, Allocation, BudgetLine, BudgetPeriod, Indicator, LeadDays, Target, Value

YEARS = 3


def month_ends(today: date) -> list[date]:
    """The last days of the months of three years, and today."""
    months = month_span(add_months(today, -12 * YEARS), add_months(today, -1))
    return [month.end for month in months] + [today]


def make_values(cast: Cast, *, today: date) -> None:
    """Counted values by the very metrics that the night runs; entered ones by the curves below."""
    days = month_ends(today)
    values = []
    for indicator in Indicator.objects.order_by("position", "pk"):
        if indicator.counts is not None:
            values += [
                Value(indicator=indicator, on=day, amount=indicator.counts.value(day), origin=Value.Origin.COUNTED)
                for day in days
            ]
        elif curve := CURVES.get(indicator.code):
            random = Random(indicator.code)
            values += [
                Value(
                    indicator=indicator,
                    on=day,
                    amount=amount,
                    origin=Value.Origin.ENTERED,
                    evidence=SOURCE,
                    entered_by=cast.staff,
                )
                # A month that has not ended has no figure that somebody could have entered.
                for number, day in enumerate(days[:-1])
                if (amount := curve(number, day, random)) is not None
            ]
    Value.objects.bulk_create(values)


Curve = Callable[[int, date, Random], Decimal | None]


def _growing(first: int, a_month: float, wobble: float = 0.0, season: float = 0.0) -> Curve:
    """A line with some noise; `season` is how much July lies under January."""

    def curve(number: int, day: date, random: Random) -> Decimal:
        level = first + a_month * number
        level *= 1 + wobble * (random.random() - 0.5) - season * sin(pi * (day.month - 1) / 12)
        return Decimal(round(level))

    return curve


def _in_december(*amounts: str) -> Curve:
    """One figure a year, the last one the newest."""

    def curve(number: int, day: date, random: Random) -> Decimal | None:
        return Decimal(amounts[number // 12]) if day.month == 12 and number // 12 < len(amounts) else None

    return curve


def _stepping(first: int, every: int) -> Curve:
    """One more every so many months."""
    return lambda number, day, random: Decimal(first + number // every)


def _regions_served(number: int, day: date, random: Random) -> Decimal:
    return Decimal(1 + sum(since <= day for since in REGIONS_JOINED.values()))


CURVES: dict[str, Curve] = {
    "website-visitors": _growing(2100, 118, wobble=0.18, season=0.25),
    "newsletter-subscribers": _growing(310, 41, wobble=0.01),
    "social-media-followers": _growing(880, 137, wobble=0.01),
    "event-participants": _growing(46, 3, wobble=0.6, season=0.3),
    "competence-level": _in_december("2.1", "2.4", "2.8"),
    "customer-satisfaction": _in_december("3.7", "3.9", "4.1"),
    "new-operating-models": _stepping(1, 7),
    "digital-solutions": _stepping(0, 11),
    "models-business-growth": _in_december("140000", "310000", "520000"),
    "actions-promoted": _stepping(2, 5),
    "consortia-and-projects": _stepping(3, 3),
    "funding-matched": _in_december("420000", "960000", "1350000"),
    "projects-resource-use": _in_december("2600", "4100", "6900"),
    "projects-emission-reduction": _in_december("540", "980", "1720"),
    "projects-business-growth": _in_december("220000", "450000", "610000"),
    "regions-in-symbiosis-service": _regions_served,
}
# Targets of the demo against the last value: some are passed, some just missed, some far.
AMBITION = (Decimal("0.95"), Decimal("1.05"), Decimal("1.10"), Decimal("1.00"), Decimal("1.40"))


def make_targets(*, today: date) -> None:
    """A target for the end of the year where the plan gives none and values are there."""
    latest = Value.objects.up_to(today).order_by("indicator", "-on").distinct("indicator").select_related("indicator")
    without = [value for value in latest.filter(indicator__targets=None) if value.amount]
    without.sort(key=lambda value: value.indicator.position)
    Target.objects.bulk_create(
        Target(
            indicator=value.indicator,
            on=date(today.year, 12, 31),
            amount=_rounded(value.amount * factor, value.indicator.decimals),
            source=SOURCE,
        )
        for value, factor in zip(without, cycle(AMBITION), strict=False)
    )


def _rounded(amount: Decimal, decimals: int) -> Decimal:
    """Two leading figures for the large, whole or to the decimal shown for the small: as people set targets."""
    if amount >= 100:
        digits = 2 - len(str(int(amount)))
        return Decimal(round(int(amount), digits))
    return round(amount, decimals) if decimals else Decimal(max(1, round(amount)))


def make_budgets(*, today: date) -> None:
    """March to February after the plan's own period, after its pattern; every line's name says that it is made up."""
    random = Random("budgets")
    plan = BudgetPeriod.objects.order_by("starts_on").first()
    if plan is None:
        return
    # Lines that are the split of another come after it.
    lines = sorted(plan.lines.order_by("position", "pk"), key=lambda line: line.parent_id is not None)
    for starts_on in takewhile(lambda day: day <= today, (add_months(plan.starts_on, 12 * n) for n in count(1))):
        period = BudgetPeriod.objects.create(starts_on=starts_on, ends_on=add_months(starts_on, 12) - timedelta(days=1))
        _make_lines(period, lines, random)
        days = _make_days(period, plan, random)
        Actual.objects.bulk_create(
            Actual(
                line=line,
                until=until,
                amount_eur=round(line.amount_eur * used, 2),
                days=round(days[line.package_id] * used),
            )
            for line in period.lines.top()
            for pace in [Decimal(random.randint(86, 106)) / 100]
            for quarter in range(1, 5)
            if (until := add_months(starts_on, 3 * quarter) - timedelta(days=1)) < today
            for used in [pace * quarter / 4]
        )


def _make_lines(period: BudgetPeriod, lines: list[BudgetLine], random: Random) -> None:
    amounts = {line.pk: round(line.amount_eur * Decimal(random.randint(92, 114)) / 100, -2) for line in lines}
    parts = defaultdict(list)
    for line in lines:
        parts[line.parent_id].append(amounts[line.pk])
    copies: dict[int | None, BudgetLine] = {}
    for line in lines:
        copies[line.pk] = BudgetLine.objects.create(
            period=period,
            package=line.package,
            parent=copies.get(line.parent_id),
            code=line.code,
            position=line.position,
            name_fi=f"{line.name_fi} (esittely)",
            name_sv=f"{line.name_sv} (demo)",
            name_en=f"{line.name_en} (demo)",
            group=line.group,
            amount_eur=sum(parts[line.pk]) if line.pk in parts else amounts[line.pk],
        )


def _make_days(period: BudgetPeriod, plan: BudgetPeriod, random: Random) -> dict[int | None, Decimal]:
    """Copies the person-days; returns those planned for each package, 0 for what no package owns."""
    allocations = []
    for one in plan.allocations.order_by("package"):
        share = Decimal(random.randint(90, 112)) / 100
        motiva, syke = round(one.days_motiva * share), round(one.days_syke * share)
        allocations.append(Allocation(period=period, package=one.package, days_motiva=motiva, days_syke=syke))
    Allocation.objects.bulk_create(allocations)
    LeadDays.objects.bulk_create(
        LeadDays(period=period, package=one.package, partner=one.partner, days=one.days) for one in plan.lead_days.all()
    )
    return defaultdict(Decimal, {one.package_id: Decimal(one.days) for one in allocations})
