"""The calendar of all rooms, a month at a time."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from kisu.lib.calendar import entries_for
from kisu.lib.dates import EARLIEST_YEAR, LATEST_YEAR, Period, today
from members.access import requires, signed_in
from members.permissions import Permission


@requires(Permission.DASHBOARD)
@require_safe
def calendar(request: HttpRequest) -> TemplateResponse:
    """The month of ?month=2026-11, or this one."""
    now = Period.containing(today(), "month")
    month = _asked(request.GET.get("month", "")) or now
    return TemplateResponse(
        request,
        "kisu/calendar.html",
        {
            "month": month,
            "before": month.shifted(-1),
            "after": month.shifted(1),
            "is_now": month == now,
            "entries": entries_for(signed_in(request), month.start, month.end),
            "today": today(),
        },
    )


def _asked(key: str) -> Period | None:
    try:
        month = Period.parse(key)
    except ValueError:
        return None
    # The months beside it must be days of the calendar too.
    return month if month.span == "month" and EARLIEST_YEAR <= month.start.year <= LATEST_YEAR else None
