"""What people say of the matches: what became of the suggested pairs, class by class."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _

from kisu.lib.dates import local_midnight
from members.models import User
from members.permissions import Permission
from symbiosis.models import Enquiry, Match, MatchAnswer, Synergy
from symbiosis.models.match import MatchQuerySet
from symbiosis.services.facts import QUALITY

LEAST_JUDGED = 5
"""Judged pairs under which no share is told."""
Z_95 = 1.959964


def mark_seen(*, match: Match, by: User, now: datetime) -> None:
    """Keeps the moment when a person of either organisation first opened the pair; of others nothing is kept."""
    own = by.reach(Permission.MATCH_READ).organisations
    if match.seen_at is None and any(side.organisation_id in own for side in match.sides):
        Match.objects.filter(pk=match.pk, seen_at=None).update(seen_at=now)


def may_see_figures(user: User) -> bool:
    """Who looks after a region or all of it: an organisation's own few pairs tell nothing of the matching."""
    reach = user.reach(Permission.MATCH_READ)
    return reach.everything or bool(reach.regions)


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """Numbers of pairs. `fitting` and `unfitting` are those that people judged by the goods; `reasons` go by their order.

    `match_class` is empty for the sum of all.
    """

    match_class: str
    suggested: int
    opened: int
    answered: int
    interested: int
    dismissed: int
    contacted: int
    synergies: int
    realised: int
    fitting: int
    unfitting: int
    reasons: tuple[int, ...]

    @property
    def rank(self) -> int:
        return Match.MatchClass.values.index(self.match_class)

    @property
    def label(self) -> str:
        return str(Match.MatchClass(self.match_class).label) if self.match_class else _("All classes")

    @property
    def judged(self) -> int:
        return self.fitting + self.unfitting

    @property
    def precision(self) -> float | None:
        """In per cent; None when too few are judged."""
        return 100 * self.fitting / self.judged if self.judged >= LEAST_JUDGED else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 %, in per cent."""
        if self.precision is None:
            return None
        low, high = wilson(self.fitting, self.judged)
        return 100 * low, 100 * high


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The interval in which a share lies with 95 % confidence, by Wilson's score: sound also for few and for all or none."""
    share, z2 = hits / of, Z_95**2
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = Z_95 * sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def match_figures(*, user: User, since: date | None, until: date | None) -> list[ClassFigures]:
    """What became of the pairs in reach that were first suggested from `since` to `until`, those days included.

    A row for each class, good first, in one query. A pair counts in the class that it had when it was first answered.
    """
    pairs = Match.objects.in_reach(user, Permission.MATCH_READ)
    if since is not None:
        pairs = pairs.filter(first_seen_at__gte=local_midnight(since))
    if until is not None:
        pairs = pairs.filter(first_seen_at__lt=local_midnight(until + timedelta(days=1)))
    counted: dict[str, dict[str, Any]] = {row["shown_as"]: row for row in _counted(pairs)}
    return [_figures(name, counted.get(name, {})) for name in Match.MatchClass.values]


def sum_of(rows: Iterable[ClassFigures]) -> ClassFigures:
    listed = list(rows)
    sums = {name: sum(getattr(row, name) for row in listed) for name in COUNTED}
    reasons = tuple(map(sum, zip(*(row.reasons for row in listed), strict=True)))
    return ClassFigures(match_class="", reasons=reasons, **sums)


COUNTED = (
    "suggested", "opened", "answered", "interested", "dismissed", "contacted", "synergies", "realised", "fitting",
    "unfitting",
)  # fmt: skip


def _figures(name: str, row: dict[str, Any]) -> ClassFigures:
    reasons = tuple(row.get(f"because_{reason}", 0) for reason in MatchAnswer.Reason.values)
    return ClassFigures(match_class=name, reasons=reasons, **{key: row.get(key, 0) for key in COUNTED})


def _counted(pairs: MatchQuerySet) -> Iterable[dict[str, Any]]:
    answers, synergies = MatchAnswer.objects.all(), Synergy.objects.exclude(match=None)
    interested = _in(answers.filter(answer=MatchAnswer.Answer.INTERESTED))
    dismissals = answers.filter(answer=MatchAnswer.Answer.DISMISSED)
    # One side's "not these goods" outweighs the other's interest: the pair does not fit.
    unfitting = _in(dismissals.filter(reason__in=QUALITY))
    which = {
        "opened": Q(seen_at__isnull=False),
        "answered": _in(answers),
        "interested": interested,
        "dismissed": _in(dismissals),
        "contacted": _in(Enquiry.objects.exclude(match=None)),
        "synergies": _in(synergies),
        "realised": _in(synergies.filter(stage=Synergy.Stage.REALISED)),
        "fitting": interested & ~unfitting,
        "unfitting": unfitting,
        **{f"because_{reason}": _in(dismissals.filter(reason=reason)) for reason in MatchAnswer.Reason.values},
    }
    first = answers.filter(match=OuterRef("pk")).order_by("answered_at", "pk").values("match_class")[:1]
    shown_as = Coalesce(NullIf(Subquery(first), Value("")), "match_class")
    counts = {name: Count("pk", filter=condition) for name, condition in which.items()}
    by_class: Any = pairs.order_by().annotate(shown_as=shown_as).values("shown_as")
    rows: Iterable[dict[str, Any]] = by_class.annotate(suggested=Count("pk"), **counts)
    return rows


def _in(rows: QuerySet[MatchAnswer] | QuerySet[Enquiry] | QuerySet[Synergy]) -> Q:
    """Not correlated: the database looks the rows up once, not for each pair."""
    return Q(pk__in=rows.values("match"))
