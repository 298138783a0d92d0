from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from kisu.lib import formats

MORNING = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)  # 9.00 in Finland
LANGUAGES = ("fi", "sv", "en")


def in_each(write: Any, *args: Any) -> tuple[str, ...]:
    """The text in Finnish, Swedish and English, with no-break spaces shown as ~."""
    written = []
    for language in LANGUAGES:
        with translation.override(language):
            written.append(write(*args).replace("\u00a0", "~"))
    return tuple(written)


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        (1000.5, None, ("1~000,5", "1~000,5", "1,000.5")),
        (Decimal("-5"), None, ("−5", "−5", "−5")),
        (Decimal("4200.00"), None, ("4~200", "4~200", "4,200")),
        (Decimal("2.345"), 2, ("2,35", "2,35", "2.35")),
        (12, 1, ("12,0", "12,0", "12.0")),
        (Decimal("-0.04"), 1, ("0,0", "0,0", "0.0")),
        (1_234_567, None, ("1~234~567", "1~234~567", "1,234,567")),
        (None, None, ("–", "–", "–")),
        ("", None, ("–", "–", "–")),
        (float("nan"), None, ("–", "–", "–")),
        (Decimal("Infinity"), 2, ("–", "–", "–")),
        (0, None, ("0", "0", "0")),
    ],
)
def test_a_number_is_written_in_the_readers_manner(value: Any, places: int | None, expected: tuple[str, ...]) -> None:
    assert in_each(formats.number, value, places) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1200, ("1~200~€", "1~200~€", "€1,200")),
        (Decimal("126289.5"), ("126~289,50~€", "126~289,50~€", "€126,289.50")),
        (-5, ("−5~€", "−5~€", "−€5")),
        (None, ("–", "–", "–")),
    ],
)
def test_money_has_its_sign_where_the_language_puts_it(value: Any, expected: tuple[str, ...]) -> None:
    assert in_each(formats.money, value) == expected


def test_a_percentage_has_a_space_in_finnish_and_swedish_only() -> None:
    assert in_each(formats.percent, Decimal("14.5")) == ("14,5~%", "14,5~%", "14.5%")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("4200.4"), "4~200~t"),
        (Decimal("12.54"), "12,5~t"),
        (3, "3~t"),
        (Decimal("0.0456"), "0,046~t"),
        (100_000, "100~000~t"),
        (0, "0~t"),
        (None, "–"),
    ],
)
def test_tonnes_are_rounded_to_what_can_be_known(value: Any, expected: str) -> None:
    assert in_each(formats.tonnes, value)[0] == expected


def test_a_quantity_and_its_unit_stay_on_one_line() -> None:
    assert in_each(formats.quantity, Decimal("12.5"), "m3") == ("12,5~m³", "12,5~m³", "12.5~m³")
    assert in_each(formats.quantity, None, "t") == ("–", "–", "–")
    assert in_each(formats.quantity, 400, "t/a")[2] == "400~t/year"


def test_a_change_shows_its_direction() -> None:
    assert [formats.signed(value) for value in (33, -8, 0, None)] == ["+33", "−8", "0", "–"]


def test_file_sizes_are_in_thousands() -> None:
    assert [in_each(formats.file_size, size)[2] for size in (0, 420_000, 1_249_000)] == ["1~kB", "420~kB", "1.2~MB"]


def test_dates_have_no_leading_zeros() -> None:
    assert in_each(formats.date, date(2026, 3, 1)) == ("1.3.2026", "1.3.2026", "1~March 2026")
    assert in_each(formats.day, date(2026, 11, 24)) == ("ti~24.11.", "ti~24.11", "Tue~24~Nov")
    assert in_each(formats.date, None) == ("–", "–", "–")


def test_moments_are_shown_in_finnish_time() -> None:
    assert in_each(formats.datetime, MORNING) == (
        "ti~24.11.2026 klo~9.00",
        "ti~24.11.2026 kl.~9.00",
        "Tue~24~November 2026 at~9:00",
    )
    late = datetime(2026, 6, 30, 21, 30, tzinfo=UTC)  # already July in Finland
    assert in_each(formats.date, late)[0] == "1.7.2026"


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2026, 11, 24), date(2026, 11, 26), ("24.–26.11.2026", "24–26.11.2026", "24–26~November 2026")),
        (date(2026, 11, 24), date(2026, 12, 3), ("24.11.–3.12.2026", "24.11–3.12.2026", "24~November–3~December 2026")),
        (date(2026, 12, 30), date(2027, 1, 2), ("30.12.2026–2.1.2027",) * 2 + ("30~December 2026–2~January 2027",)),
        (date(2026, 11, 24), date(2026, 11, 24), ("24.11.2026", "24.11.2026", "24~November 2026")),
        (date(2026, 11, 24), None, ("24.11.2026", "24.11.2026", "24~November 2026")),
    ],
)
def test_a_period_writes_twice_only_what_differs(first: date, last: date | None, expected: tuple[str, ...]) -> None:
    assert in_each(formats.date_range, first, last) == expected


def test_a_span_of_the_clock() -> None:
    end = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    assert in_each(formats.time_range, MORNING, end) == ("klo~9.00–11.30", "kl.~9.00–11.30", "9:00–11:30")


def test_what_is_late_is_said_in_words() -> None:
    today = date(2026, 11, 24)
    days = (date(2026, 11, 20), today, date(2026, 11, 25), date(2026, 11, 26), None)
    assert [formats.due(day, today).replace("\u00a0", "~") for day in days] == [
        "4 d late",
        "Today",
        "Tomorrow",
        "Thu~26~Nov",
        "No date",
    ]
