"""Days and periods in Finnish time. Moments are aware and stored in UTC; a business day is a Helsinki day."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

HELSINKI = ZoneInfo("Europe/Helsinki")
EARLIEST_YEAR, LATEST_YEAR = 1900, 2100  # outside these a typed year is a slip
Span = Literal["month", "quarter", "year"]
_MONTHS: dict[Span, int] = {"month": 1, "quarter": 3, "year": 12}
_ROMAN = ("I", "II", "III", "IV")


def business_date(now: datetime) -> date:
    """The Helsinki day of a moment. Raises ValueError for a naive one: its day would depend on the server."""
    if now.tzinfo is None:
        raise ValueError("A moment without a time zone has no day.")
    return now.astimezone(HELSINKI).date()


def today() -> date:
    """The Helsinki day now; for views. Below them the day is a parameter."""
    return business_date(timezone.now())


def at_local(day: date, clock: time) -> datetime:
    """The moment, in UTC, when Finnish clocks show this.

    When clocks go back (03:00-03:59 comes twice) the first; when they go forward 03:30 is not there and 04:30 is taken.
    """
    return datetime.combine(day, clock.replace(fold=0, tzinfo=None), HELSINKI).astimezone(UTC)


def local_midnight(day: date) -> datetime:
    """The first moment of the Helsinki day, in UTC. Clocks never change at midnight."""
    return at_local(day, time.min)


def days_left(until: date, *, on: date) -> int:
    """Days from `on` to the last valid day: 0 on that day, negative after it."""
    return (until - on).days


def add_months(day: date, months: int) -> date:
    """The same day of another month, or its last day: 31 August and six months is 28 or 29 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A calendar month, quarter or year; both ends belong to it."""

    start: date
    end: date
    span: Span

    @classmethod
    def containing(cls, day: date, span: Span) -> Self:
        length = _MONTHS[span]
        start = date(day.year, (day.month - 1) // length * length + 1, 1)
        return cls(start, add_months(start, length) - timedelta(days=1), span)

    @classmethod
    def month(cls, year: int, month: int) -> Self:
        return cls.containing(date(year, month, 1), "month")

    @classmethod
    def quarter(cls, year: int, quarter: int) -> Self:
        return cls.containing(date(year, quarter * 3, 1), "quarter")

    @classmethod
    def year(cls, year: int) -> Self:
        return cls.containing(date(year, 1, 1), "year")

    @classmethod
    def parse(cls, key: str) -> Self:
        """The period with this key. Raises ValueError."""
        found = re.fullmatch(r"(\d{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?", key, re.ASCII)
        if found is None:
            raise ValueError(f"Not a period: {key[:20]!r}")
        year = int(found[1])
        if found[2]:
            return cls.quarter(year, int(found[2]))
        return cls.month(year, int(found[3])) if found[3] else cls.year(year)

    @property
    def key(self) -> str:
        """2026, 2026-Q4 or 2026-11: for addresses and stored rows; sorts in time within one span."""
        match self.span:
            case "year":
                return f"{self.start:%Y}"
            case "quarter":
                return f"{self.start:%Y}-Q{self.end.month // 3}"
            case "month":
                return f"{self.start:%Y-%m}"

    @property
    def label(self) -> str:
        """For readers: 2026, IV/2026 (English Q4 2026), marraskuu 2026."""
        match self.span:
            case "year":
                return f"{self.start.year}"
            case "quarter":
                number = self.end.month // 3
                english = (get_language() or "").startswith("en")
                return f"Q{number} {self.start.year}" if english else f"{_ROMAN[number - 1]}/{self.start.year}"
            case "month":
                return formats.date_format(self.start, "YEAR_MONTH_FORMAT")

    @property
    def starts_at(self) -> datetime:
        return local_midnight(self.start)

    @property
    def ends_before(self) -> datetime:
        """The first moment after the period: select with starts_at <= x < ends_before."""
        return local_midnight(self.end + timedelta(days=1))

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def shifted(self, steps: int) -> Self:
        """The period this many steps later, or earlier when negative."""
        return self.containing(add_months(self.start, steps * _MONTHS[self.span]), self.span)

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


def month_span(first: date, last: date) -> list[Period]:
    """Every month that the days from first to last touch, in order; empty when last is before first."""
    months = (last.year - first.year) * 12 + last.month - first.month if last >= first else -1
    start = Period.containing(first, "month")
    return [start.shifted(step) for step in range(months + 1)]


def parse_date(text: str) -> date:
    """24.11.2026 or 2026-11-24; nothing that could be read month first. Raises ValueError."""
    text = text.strip()
    if found := re.fullmatch(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})", text, re.ASCII):
        day, month, year = (int(part) for part in found.groups())
    elif found := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text, re.ASCII):
        year, month, day = (int(part) for part in found.groups())
    else:
        raise ValueError("Not a date.")
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise ValueError("Not a year of ours.")
    return date(year, month, day)


class FinnishDateInput(forms.DateInput):
    """A text field: the browser's own date picker shows the date in the browser's language, not the page's."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "numeric", "autocomplete": "off", "size": "10", **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        return f"{value.day}.{value.month}.{value.year}" if isinstance(value, date) else value


class FinnishDateField(forms.DateField):
    """Takes 24.11.2026 in every language, and ISO dates."""

    widget = FinnishDateInput
    default_error_messages = {"invalid": _("Enter the date as 24.11.2026.")}

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        try:
            return parse_date(str(value))
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
