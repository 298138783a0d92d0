"""The calendar: each app's `calendar.py` gives what of its own falls on days that a person should know."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise

from kisu.lib.registry import Registry


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """`ends_on` is the last day, inclusive; the same as `starts_on` for one day."""

    starts_on: date
    ends_on: date
    title: str
    detail: str
    url: str | None


@dataclass(frozen=True, slots=True)
class CalendarSource:
    key: str
    title: str | Promise
    entries: Callable[[Any, date, date], Iterable[CalendarEntry]]


calendars: Registry[CalendarSource] = Registry("calendar")

Entries = Callable[[Any, date, date], Iterable[CalendarEntry]]


def calendar_source(key: str, *, title: str | Promise) -> Callable[[Entries], Entries]:
    """Registers a function (user, first day, last day) -> entries that this user may see."""

    def register(entries: Entries) -> Entries:
        calendars.add(key, CalendarSource(key=key, title=title, entries=entries))
        return entries

    return register


def entries_for(user: Any, first: date, last: date) -> list[CalendarEntry]:
    """All entries that touch the days from `first` to `last`, in order of their day."""
    found = [entry for source in calendars for entry in source.entries(user, first, last)]
    return sorted(found, key=lambda entry: (entry.starts_on, entry.ends_on, entry.title))
