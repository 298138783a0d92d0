"""The situation in words, made from the figures and from nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from kisu.lib.formats import date as day_text
from kisu.lib.formats import number, percent
from workpackages.budget import Ledger
from workpackages.models import Indicator
from workpackages.progress import Standing, word


def brief(standings: Sequence[Standing], ledger: Ledger | None) -> list[str]:
    """Whole sentences: how many are on their paths, the furthest behind, the clearest growth, the use of the budget."""
    return [sentence for sentence in (*_paths(standings), _growth(standings), _use(ledger)) if sentence]


def _paths(standings: Sequence[Standing]) -> list[str]:
    compared = [one for one in standings if one.percent is not None]
    if not compared:
        return [_("No indicator has a target path to be held against yet.")]
    worst = min(compared, key=lambda one: one.percent or 0)
    if worst.tone == "ok":
        return [_("Every indicator that has a target path is on it.")]
    figures = {"ok": sum(one.tone == "ok" for one in compared), "all": len(compared)}
    named = {"name": worst.indicator.name, "percent": percent(worst.percent_shown)}
    return [
        _("On their target paths: %(ok)s of %(all)s indicators.") % figures,
        _("Furthest behind: %(name)s, %(percent)s of the path.") % named,
    ]


def _growth(standings: Sequence[Standing]) -> str:
    """Among what the network does, not the nation: the largest relative growth in twelve months."""
    grown = [
        (one.latest.amount / one.year_before.amount, one)
        for one in standings
        if one.indicator.level != Indicator.Level.NATIONAL
        and one.indicator.direction == Indicator.Direction.UP
        and one.latest is not None
        and one.year_before is not None
        and one.latest.amount > one.year_before.amount > 0
    ]
    if not grown:
        return ""
    _ratio, best = max(grown, key=lambda pair: pair[0])
    places, before, latest = best.indicator.decimals, best.year_before, best.latest
    return _("Clearest growth in 12 months: %(name)s, from %(before)s to %(now)s.") % {
        "name": best.indicator.name,
        "before": number(before.amount if before else None, places),
        "now": number(latest.amount if latest else None, places),
    }


def _use(ledger: Ledger | None) -> str:
    if ledger is None:
        return ""
    if ledger.until is None or ledger.passed is None:
        return _("No use of the budget has been reported for the period %(period)s.") % {"period": ledger.period}
    total = ledger.total

    return _(
        "On %(day)s, when %(passed)s of the budget period had passed, %(money)s of the money and %(days)s of the"
        " person-days had been used."
    ) % {
        "day": day_text(ledger.until),
        "passed": percent(ledger.passed, 0),
        "money": percent(total.percent_eur, 0),
        "days": percent(total.percent_days, 0),
    }


def tally(standings: Sequence[Standing]) -> list[tuple[str, str, int]]:
    """(tone, word, how many): on track, to watch, behind, in this order; then those without a path, if any."""
    counts = [(tone, word(tone), sum(one.tone == tone for one in standings)) for tone in ("ok", "watch", "late")]
    neutral = sum(one.tone == "neutral" for one in standings)
    return [*counts, ("neutral", word("neutral"), neutral)] if neutral else counts


def data_day(standings: Sequence[Standing]) -> date | None:
    """The day of the newest value."""
    return max((one.latest.on for one in standings if one.latest), default=None)
