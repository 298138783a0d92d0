"""Joins offers and needs, with reasons in words. One interface: `match`, and `sentence` for a reason.

Pure Python over `ListingFacts`: no models, no database. Importing the package is cheap; numpy and scikit-learn come in
with the first call of `match`, so web processes that only word stored reasons never carry them. The method and what it
is worth: docs/matching.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from kisu.lib.jobs import Progress
from symbiosis.matching.facts import ListingFacts, MatchClass, Reason, Suggestion
from symbiosis.matching.reasons import sentence

__all__ = ["ListingFacts", "MatchClass", "Reason", "Suggestion", "match", "sentence"]


def match(
    offers: Sequence[ListingFacts],
    needs: Sequence[ListingFacts],
    *,
    on: date,
    limit: int = 10,
    progress: Progress | None = None,
) -> list[Suggestion]:
    """The best `limit` offers of each need on the day `on`, by need key, best first.

    A pair is left out when a gate closes (hazardous goods to one who doesn't accept them, no common day from `on`) or
    when its score is under `engine.FLOOR`. The order of the rows given never changes the answer.
    `progress` hears how many needs are done; 0 while texts are read, which takes long too.
    """
    from symbiosis.matching import engine

    return engine.match(offers, needs, on=on, limit=limit, progress=progress)
