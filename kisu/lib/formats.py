"""How figures, dates and times are written in the reader's language.

Every function takes None for "not known" and returns an en dash for it, never 0. Moments are shown in Finnish time.
"""

from __future__ import annotations

from datetime import date as Date
from datetime import datetime as Moment
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from kisu.lib.dates import HELSINKI
from kisu.lib.numbers import MINUS, NO_BREAK_SPACE, decimal_text

UNKNOWN = "–"
Number = Decimal | int | float

_WEEKDAYS = {
    "fi": ("ma", "ti", "ke", "to", "pe", "la", "su"),
    "sv": ("må", "ti", "on", "to", "fr", "lö", "sö"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _language() -> str:
    language = (get_language() or "fi")[:2]
    return language if language in _WEEKDAYS else "fi"


def _decimal(value: Any) -> Decimal | None:
    """The value as a Decimal; None when there is none or it is not a finite number."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    return exact if exact.is_finite() else None


def number(value: Number | None, places: int | None = None) -> str:
    """1 000,5 and −5 (fi, sv), 1,000.5 (en). `places` rounds half up to exactly that many decimals."""
    exact = _decimal(value)
    if exact is None:
        return UNKNOWN
    if places is None:
        return decimal_text(exact)
    rounded = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{rounded or abs(rounded):,f}"  # no negative zero
    if _language() != "en":
        text = text.translate({ord(","): NO_BREAK_SPACE, ord("."): ","})
    return text.replace("-", MINUS)


def signed(value: Number | None, places: int | None = None) -> str:
    """A change: +33, −8, 0."""
    exact = _decimal(value)
    return ("+" if exact is not None and exact > 0 else "") + number(value, places)


def unit(code: str) -> str:
    """The short form of a unit. Codes are symbols (t, m3), with /a for a year (t/a); others stay as they are."""
    match code:
        case "pcs":
            return pgettext("unit", "pcs")
        case "person_days":
            return pgettext("unit", "person-days")
        case "co2e_t" | "tco2e":
            return pgettext("unit", "t CO₂e")
        case "eur":
            return "€"
        case _:
            mark, per, period = code.partition("/")
            mark = {"m3": "m³", "m2": "m²", "pcs": pgettext("unit", "pcs")}.get(mark, mark)
            if per and period == "a":
                return pgettext("unit", "%(unit)s/year") % {"unit": mark}
            return mark + per + period


def quantity(value: Number | None, unit_code: str, places: int | None = None) -> str:
    """A figure and its unit on one line: 12,5 t, 4 200 t/v."""
    if _decimal(value) is None:
        return UNKNOWN
    return number(value, places) + NO_BREAK_SPACE + unit(unit_code)


def tonnes(value: Number | None) -> str:
    """Tonnes to a sensible precision: whole from 100, one decimal from 1, three below."""
    exact = _decimal(value)
    if exact is None:
        return UNKNOWN
    places = 0 if abs(exact) >= 100 else 1 if abs(exact) >= 1 else 3
    return quantity(Decimal(str(round(exact, places))).normalize(), "t")


def money(value: Number | None) -> str:
    """Euros: 1 200 € (fi, sv), €1,200 (en); cents only where there are some."""
    exact = _decimal(value)
    if exact is None:
        return UNKNOWN
    text = number(exact, 0 if exact == exact.to_integral_value() else 2)
    if _language() == "en":
        return text.replace(MINUS, MINUS + "€") if text.startswith(MINUS) else f"€{text}"
    return f"{text}{NO_BREAK_SPACE}€"


def percent(value: Number | None, places: int | None = None) -> str:
    """A share that is already in per cent: 14.5 is 14,5 % (fi, sv), 14.5% (en)."""
    if _decimal(value) is None:
        return UNKNOWN
    return number(value, places) + ("%" if _language() == "en" else f"{NO_BREAK_SPACE}%")


def file_size(octets: int | None) -> str:
    """420 kt, 1,2 Mt (fi); kB, MB (sv, en). Thousands, as operating systems show them here."""
    if octets is None:
        return UNKNOWN
    if octets < 1_000_000:
        return number(max(1, round(octets / 1000))) + NO_BREAK_SPACE + pgettext("unit", "kB")
    return number(round(Decimal(octets) / 1_000_000, 1)) + NO_BREAK_SPACE + pgettext("unit", "MB")


def _day_of(value: Date | Moment | None) -> Date | None:
    """The Finnish day. A naive moment is taken as Finnish time."""
    if isinstance(value, Moment):
        return (value.astimezone(HELSINKI) if value.tzinfo else value).date()
    return value


def date(value: Date | Moment | None) -> str:
    """24.11.2026 (fi, sv), 24 November 2026 (en)."""
    on = _day_of(value)
    if on is None:
        return UNKNOWN
    if _language() == "en":
        return f"{on.day} {_MONTHS[on.month - 1]} {on.year}".replace(" ", NO_BREAK_SPACE, 1)
    return f"{on.day}.{on.month}.{on.year}"


def day(value: Date | Moment | None) -> str:
    """A near day, without the year: ti 24.11. (fi), ti 24.11 (sv), Tue 24 Nov (en)."""
    on = _day_of(value)
    if on is None:
        return UNKNOWN
    language = _language()
    weekday = _WEEKDAYS[language][on.weekday()] + NO_BREAK_SPACE
    if language == "en":
        return f"{weekday}{on.day}{NO_BREAK_SPACE}{_MONTHS[on.month - 1][:3]}"
    return f"{weekday}{on.day}.{on.month}" + ("." if language == "fi" else "")


def clock(value: Moment | None) -> str:
    """The time in Finland: 9.00 (fi, sv), 9:00 (en)."""
    if value is None:
        return UNKNOWN
    local = value.astimezone(HELSINKI) if value.tzinfo else value
    return f"{local.hour}{':' if _language() == 'en' else '.'}{local.minute:02}"


def datetime(value: Moment | None) -> str:
    """ti 24.11.2026 klo 9.00 (fi), ti 24.11.2026 kl. 9.00 (sv), Tue 24 November 2026 at 9:00 (en)."""
    on = _day_of(value)
    if value is None or on is None:
        return UNKNOWN
    language = _language()
    at = {"fi": "klo", "sv": "kl.", "en": "at"}[language]
    return f"{_WEEKDAYS[language][on.weekday()]}{NO_BREAK_SPACE}{date(on)} {at}{NO_BREAK_SPACE}{clock(value)}"


def date_range(first: Date | Moment | None, last: Date | Moment | None) -> str:
    """24.–26.11.2026 (fi), 24–26.11.2026 (sv), 24–26 November 2026 (en), with only what differs written twice."""
    start, end = _day_of(first), _day_of(last)
    if start is None or end is None or start == end:
        return date(start or end)
    if start.year != end.year:
        return f"{date(start)}–{date(end)}"
    language = _language()
    dot = "." if language == "fi" else ""
    if start.month == end.month:
        return f"{start.day}{dot}–{date(end)}"
    if language == "en":
        return f"{start.day}{NO_BREAK_SPACE}{_MONTHS[start.month - 1]}–{date(end)}"
    return f"{start.day}.{start.month}{dot}–{date(end)}"


def time_range(first: Moment | None, last: Moment | None) -> str:
    """klo 9.00–11.30 (fi), kl. 9.00–11.30 (sv), 9:00–11:30 (en)."""
    if first is None or last is None:
        return UNKNOWN
    at = {"fi": f"klo{NO_BREAK_SPACE}", "sv": f"kl.{NO_BREAK_SPACE}", "en": ""}[_language()]
    return f"{at}{clock(first)}–{clock(last)}"


def due(on: Date | None, today: Date) -> str:
    """When something is due, as a list of work says it: 4 days late, today, tomorrow, or the day."""
    if on is None:
        return _("No date")
    left = (on - today).days
    if left < 0:
        return _("%(days)s d late") % {"days": -left}
    if left == 0:
        return _("Today")
    return _("Tomorrow") if left == 1 else day(on)
