from datetime import UTC, date, datetime, time, timedelta

import pytest
from django import forms
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from kisu.lib.dates import (
    FinnishDateField,
    Period,
    add_months,
    at_local,
    business_date,
    days_left,
    local_midnight,
    month_span,
    parse_date,
)

days = st.dates(date(1980, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 12, 31, 21, 59, 59, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2026, 12, 31, 22, 0, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2026, 6, 30, 20, 59, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 6, 30, 21, 0, tzinfo=UTC), date(2026, 7, 1)),
    ],
)
def test_a_moment_belongs_to_its_day_in_finland(moment: datetime, day: date) -> None:
    assert business_date(moment) == day


def test_a_naive_moment_has_no_day() -> None:
    with pytest.raises(ValueError, match="time zone"):
        business_date(datetime(2026, 1, 1, 12))


@pytest.mark.parametrize(
    ("day", "clock", "moment"),
    [
        (date(2026, 10, 25), time(3, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # comes twice: the first
        (date(2026, 10, 25), time(4, 0), datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
        (date(2026, 3, 29), time(3, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # is not there: 4.30
        (date(2026, 3, 29), time(4, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ],
)
def test_clock_changes_give_one_moment(day: date, clock: time, moment: datetime) -> None:
    assert at_local(day, clock) == moment


@settings(max_examples=100, deadline=None)
@given(days)
def test_midnight_starts_the_day(day: date) -> None:
    assert business_date(local_midnight(day)) == day
    assert business_date(local_midnight(day) - timedelta(microseconds=1)) == day - timedelta(days=1)


def test_days_left_counts_to_the_last_valid_day() -> None:
    until = date(2027, 10, 31)
    assert [days_left(until, on=until - timedelta(days=n)) for n in (3, 0, -1)] == [3, 0, -1]


def test_months_end_where_the_month_ends() -> None:
    assert add_months(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert add_months(date(2027, 8, 31), 6) == date(2028, 2, 29)
    assert add_months(date(2026, 1, 31), -2) == date(2025, 11, 30)


@pytest.mark.parametrize(
    ("key", "start", "end", "fi", "en"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31), "2026", "2026"),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31), "IV/2026", "Q4 2026"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "helmikuu 2024", "February 2024"),
    ],
)
def test_periods_have_ends_keys_and_labels(key: str, start: date, end: date, fi: str, en: str) -> None:
    period = Period.parse(key)
    assert (period.start, period.end, period.key) == (start, end, key)
    assert (start in period, end in period, end + timedelta(days=1) in period) == (True, True, False)
    with translation.override("fi"):
        assert period.label.lower() == fi.lower()
    with translation.override("en"):
        assert period.label == en


@pytest.mark.parametrize("key", ["", "26", "2026-Q5", "2026-13", "2026-1", "2026-Q4x", "٢٠٢٦"])
def test_other_keys_are_no_period(key: str) -> None:
    with pytest.raises(ValueError, match="period"):
        Period.parse(key)


@settings(max_examples=100, deadline=None)
@given(days, st.sampled_from(["month", "quarter", "year"]))
def test_periods_follow_each_other_without_gap_or_overlap(day: date, span: str) -> None:
    period = Period.containing(day, span)  # type: ignore[arg-type]
    after = period.shifted(1)
    assert day in period
    assert Period.parse(period.key) == period
    assert (after.start, after.starts_at) == (period.end + timedelta(days=1), period.ends_before)
    assert after.shifted(-1) == period
    assert period.days == (after.start - period.start).days


def test_the_year_change_belongs_to_the_year_in_finland() -> None:
    year = Period.year(2026)
    assert year.starts_at == datetime(2025, 12, 31, 22, tzinfo=UTC)
    assert year.ends_before == datetime(2026, 12, 31, 22, tzinfo=UTC)


def test_month_span_lists_every_month_touched() -> None:
    assert [month.key for month in month_span(date(2026, 11, 30), date(2027, 1, 1))] == [
        "2026-11",
        "2026-12",
        "2027-01",
    ]
    assert [month.key for month in month_span(date(2026, 11, 1), date(2026, 11, 1))] == ["2026-11"]
    assert month_span(date(2026, 11, 2), date(2026, 11, 1)) == []


@pytest.mark.parametrize("text", ["24.11.2026", "24. 11. 2026", " 24.11.2026 ", "2026-11-24"])
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_dates_are_read_in_every_language(text: str, language: str) -> None:
    with translation.override(language):
        assert FinnishDateField().clean(text) == date(2026, 11, 24)


@pytest.mark.parametrize(
    "text",
    ["31.2.2026", "12/31/26", "11/24/2026", "24.11.26", "24.11.0026", "46350", "tänään", "٢٤.١١.٢٠٢٦", "2026-24-11"],
)
def test_other_dates_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_date(text)
    with translation.override("en"), pytest.raises(forms.ValidationError, match=r"Enter the date as 24\.11\.2026\."):
        FinnishDateField().clean(text)


def test_the_date_widget_shows_the_date_without_leading_zeros() -> None:
    class Form(forms.Form):
        day = FinnishDateField(initial=date(2026, 1, 5))

    assert 'value="5.1.2026"' in str(Form()["day"])
    assert 'value="5.13.2026"' in str(Form({"day": "5.13.2026"})["day"])
    assert not Form({"day": "05.01.2026"}).has_changed()
