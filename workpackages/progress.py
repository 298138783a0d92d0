"""How indicators stand against their target paths. The rule of the states stands here and nowhere else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from itertools import pairwise

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kisu.lib.dates import Period, add_months
from workpackages.models import Indicator, Target, Value

WATCH_FROM = Decimal(90)  # per cent of the target path: from 100 on track, from 90 to watch, below it late
SPARK_MONTHS = 12


def percent_of(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """`part` in per cent of `whole`, exact; None where one is missing or the whole is nothing. May pass 100."""
    if part is None or not whole:
        return None
    return part * 100 / whole


def target_path(targets: Sequence[Target], start: Value | None, on: date) -> Decimal | None:
    """Where the indicator should be on the day: straight lines from target to target, flat after the last one.

    Before the first target the line begins at `start`, the first known value. None on the starting day and before:
    a value is not held against itself. `targets` are in the order of their days.
    """
    points = [(target.on, target.amount) for target in targets]
    if not points:
        return None
    if start is not None and start.on < points[0][0]:
        if on <= start.on:
            return None
        points.insert(0, (start.on, start.amount))
    if on < points[0][0]:
        return None
    for (first, low), (last, high) in pairwise(points):
        if first <= on <= last:
            return low + (high - low) * Decimal((on - first).days) / Decimal((last - first).days)
    return points[-1][1]


@dataclass(frozen=True, slots=True)
class Standing:
    """An indicator with each month's last value and its targets, both oldest first."""

    indicator: Indicator
    values: Sequence[Value]
    targets: Sequence[Target]

    @property
    def latest(self) -> Value | None:
        return self.values[-1] if self.values else None

    @property
    def path(self) -> Decimal | None:
        """The target path on the day of the latest value."""
        return self.path_on(self.latest.on) if self.latest else None

    @property
    def path_places(self) -> int:
        """Decimals of the path: one more than the indicator's where rounding would hide that the value misses it."""
        places = self.indicator.decimals
        if self.latest is None or self.path is None or self.path == self.latest.amount:
            return places
        return places + (round(self.path, places) == round(self.latest.amount, places))

    def path_on(self, on: date) -> Decimal | None:
        return target_path(self.targets, self.values[0] if self.values else None, on)

    @property
    def percent(self) -> Decimal | None:
        """The latest value in per cent of the path; where less is better the path in per cent of the value."""
        return self.percent_of_path(self.latest.amount, self.path) if self.latest else None

    def percent_of_path(self, amount: Decimal | None, path: Decimal | None) -> Decimal | None:
        if self.indicator.direction == Indicator.Direction.DOWN:
            return percent_of(path, amount)
        return percent_of(amount, path)

    @property
    def percent_shown(self) -> Decimal | None:
        """Whole per cent, rounded down: 99.6 must not read as 100 beside the word "watch"."""
        return self.percent.to_integral_value(ROUND_FLOOR) if self.percent is not None else None

    @property
    def tone(self) -> str:
        return tone(self.percent)

    @property
    def word(self) -> str:
        return word(self.tone)

    @property
    def goal(self) -> Target | None:
        """The last target: where the path leads."""
        return self.targets[-1] if self.targets else None

    @property
    def bullet_full(self) -> Decimal | None:
        """The length of the bar: the last target, or the value where it has passed that."""
        if self.goal is None or self.latest is None:
            return None
        return max(self.goal.amount, self.latest.amount, self.path or Decimal(0)) or None

    @property
    def spark(self) -> list[Decimal | None]:
        """The last twelve months up to the latest value and the one before them; None for a month without a value."""
        if self.latest is None:
            return []
        by_month = {(value.on.year, value.on.month): value.amount for value in self.values}
        last = Period.containing(self.latest.on, "month")
        months = [last.shifted(step) for step in range(-SPARK_MONTHS, 1)]
        found = [by_month.get((month.start.year, month.start.month)) for month in months]
        while found and found[0] is None:
            found.pop(0)
        return found

    @property
    def year_before(self) -> Value | None:
        """The value twelve months before the latest one: the last one that stood then."""
        if self.latest is None:
            return None
        then = add_months(self.latest.on, -12)
        return next((value for value in reversed(self.values) if value.on <= then), None)

    @property
    def change(self) -> Decimal | None:
        """What was added in twelve months."""
        before = self.year_before
        return self.latest.amount - before.amount if self.latest and before else None


def tone(percent: Decimal | None) -> str:
    """ok, watch, late, or neutral where there is nothing to compare with."""
    if percent is None:
        return "neutral"
    return "ok" if percent >= 100 else "watch" if percent >= WATCH_FROM else "late"


def word(tone: str) -> str:
    return {
        "ok": _("On track"),
        "watch": pgettext("state of an indicator", "To watch"),
        "late": pgettext("state of an indicator", "Behind"),
        "neutral": _("No target path"),
    }[tone]


def standings(indicators: QuerySet[Indicator], *, on: date) -> list[Standing]:
    """How these indicators stand on the day, in their order. Three queries."""
    rows = list(indicators.select_related("package").order_by("position", "pk"))
    values, targets = defaultdict(list), defaultdict(list)
    for value in Value.objects.filter(indicator__in=rows).up_to(on).monthly():
        values[value.indicator_id].append(value)
    for target in Target.objects.filter(indicator__in=rows).order_by("on"):
        targets[target.indicator_id].append(target)
    return [Standing(row, values[row.pk], targets[row.pk]) for row in rows]


def in_levels(found: Sequence[Standing]) -> list[tuple[str, list[Standing]]]:
    """By level, in the order of the levels, those without any left out."""
    titles = {
        Indicator.Level.OUTPUT: _("Outputs"),
        Indicator.Level.OUTCOME: _("Outcomes"),
        Indicator.Level.NATIONAL: _("National goals"),
    }
    grouped = [(title, [one for one in found if one.indicator.level == level]) for level, title in titles.items()]
    return [(title, group) for title, group in grouped if group]
