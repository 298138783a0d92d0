"""The rows behind a counted figure, and who sees them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from kisu.lib.metrics import Metric
from members.models import User
from members.permissions import Permission


def rows_behind(metric: Metric, *, user: User | AnonymousUser, on: date) -> QuerySet[Any] | None:
    """The rows that this user may read: all, or those of the own regions; None for whom only their number is."""
    if user.is_anonymous:
        return None
    reach = user.reach(Permission.INDICATOR_ROWS)
    rows = metric.rows(on).select_related(*metric.select).order_by("-pk")
    if reach.everything:
        return rows
    if reach.regions and metric.within is not None:
        return metric.within(rows, reach)
    return None
