"""Metrics: how an indicator is counted from the portal's own records.

An app's `metrics.py` registers functions from a day to the rows behind the figure; the figure is their number, or the
sum of one of their columns. So the nightly job fills indicators, and every figure can show the very rows behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Model, QuerySet, Sum
from django.utils.functional import Promise

from kisu.lib.registry import Registry


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One row behind a figure, as a person reads it. `url` is None where the reader has no page for it."""

    label: str
    detail: str
    on: date | None
    amount: Decimal | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Metric:
    """`rows(on)` gives the records that count on that day; `describe` turns one into what a person reads.

    `amount` names the column that is summed (in the indicator's unit); without it the rows are counted.
    `select` names relations that `describe` reads, so that a page of rows costs one query.
    `within(rows, reach)` keeps the rows of the regions of a reach (members.permissions.Reach); without it only those
    who reach everything see rows. `apart` is the key of a metric that is shown beside this one and never added to it.
    """

    key: str
    title: str | Promise
    rows: Callable[[date], QuerySet[Any]]
    describe: Callable[[Any], MetricRow]
    amount: str | None = None
    select: Sequence[str] = ()
    within: Callable[[QuerySet[Any], Any], QuerySet[Any]] | None = None
    apart: str | None = None

    def value(self, on: date) -> Decimal:
        rows = self.rows(on)
        if self.amount is None:
            return Decimal(rows.count())
        total: Decimal | None = rows.aggregate(total=Sum(self.amount))["total"]
        return total or Decimal(0)

    def described(self, rows: Sequence[Model]) -> list[MetricRow]:
        return [self.describe(row) for row in rows]


metrics: Registry[Metric] = Registry("metrics")


def metric(
    key: str,
    *,
    title: str | Promise,
    describe: Callable[[Any], MetricRow],
    amount: str | None = None,
    select: Sequence[str] = (),
    within: Callable[[QuerySet[Any], Any], QuerySet[Any]] | None = None,
    apart: str | None = None,
) -> Callable[[Callable[[date], QuerySet[Any]]], Callable[[date], QuerySet[Any]]]:
    """Registers the function that gives the rows behind a figure on a day."""

    def register(rows: Callable[[date], QuerySet[Any]]) -> Callable[[date], QuerySet[Any]]:
        entry = Metric(
            key=key,
            title=title,
            rows=rows,
            describe=describe,
            amount=amount,
            select=select,
            within=within,
            apart=apart,
        )
        metrics.add(key, entry)
        return rows

    return register
