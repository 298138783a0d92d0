"""Jobs of this room. Each calls one service."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kisu.lib.jobs import Run, job


@job(
    "symbiosis.expire_listings",
    title=_("Expire listings"),
    what=_("Takes listings past their last day out of sight, and tells owners two weeks before."),
)
def expire_listings(run: Run) -> dict[str, Any]:
    from symbiosis.services.listings import expire_listings

    return expire_listings(on=run.on, now=timezone.now(), progress=run.progress)


@job(
    "symbiosis.match_listings",
    title=_("Match listings"),
    what=_("Joins open offers and needs, with reasons, and tells both sides of new matches."),
)
def match_listings(run: Run) -> dict[str, Any]:
    from symbiosis.services.matches import match_listings

    return match_listings(on=run.on, now=timezone.now(), progress=run.progress)
