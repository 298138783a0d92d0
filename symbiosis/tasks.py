"""Jobs of this room. Each calls one service."""

from __future__ import annotations

import logging
from threading import Thread
from typing import Any

from celery import shared_task
from celery.signals import worker_process_init
from django.db import connections
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kisu.lib.dates import business_date
from kisu.lib.jobs import Run, job

logger = logging.getLogger(__name__)

PUBLISHED = {
    "matches": _("Matches published"),
    "new": _("Matches that are new"),
    "withdrawn": _("Matches withdrawn"),
    "told": _("People who were told"),
}


@worker_process_init.connect
def get_ready(**kwargs: Any) -> None:
    """Beside the first tasks, so that the first listing that somebody saves is matched as fast as the next ones."""
    Thread(target=_lay_market_out, daemon=True).start()


def _lay_market_out() -> None:
    from symbiosis.services.rematch import lay_market_out

    try:
        lay_market_out(on=business_date(timezone.now()))
    except Exception:  # whatever it was, the first job meets it too and says so in its run
        logger.warning("The market could not be laid out beforehand", exc_info=True)
    finally:
        connections.close_all()


@job(
    "symbiosis.expire_listings",
    title=_("Expire listings"),
    what=_("Takes listings past their last day out of sight, and tells owners two weeks before."),
    figures={
        "expired": _("Listings that expired"),
        "told": _("Listings whose owners were told"),
        "files_removed": _("Files removed"),
    },
)
def expire_listings(run: Run) -> dict[str, Any]:
    from symbiosis.services.listings import expire_listings

    return expire_listings(on=run.on, now=timezone.now(), progress=run.progress)


@job(
    "symbiosis.match_listings",
    title=_("Match listings"),
    what=_("Joins open offers and needs, with reasons, and tells both sides of new matches."),
    figures={
        "held": _("Only new and edited listings: the new version waits for its release"),
        "superseded": _("Another run was faster"),
        "offers": _("Offers compared"),
        "needs": _("Needs compared"),
        **PUBLISHED,
        "good": _("Good matches"),
        "parked": _("Listings that could not be matched"),
        "pools": _("Needs to be filled together"),
        "new_pools": _("New ones to be filled together"),
        "withdrawn_pools": _("No longer filled together"),
        "chains": _("Chains over a treatment"),
        "new_chains": _("New chains"),
        "withdrawn_chains": _("Withdrawn chains"),
    },
)
def match_listings(run: Run) -> dict[str, Any]:
    from symbiosis.services.night import match_listings

    return match_listings(on=run.on, now=timezone.now(), progress=run.progress)


@job(
    "symbiosis.match_listing",
    title=_("Match one listing"),
    what=_("Joins a new or edited listing with the open ones at once."),
    figures={"superseded": _("Another run was faster"), **PUBLISHED},
)
def match_listing(run: Run) -> dict[str, Any]:
    from symbiosis.services.rematch import match_listing

    return match_listing(listing_id=int(run.arguments["listing"]), on=run.on, now=timezone.now())


@job(
    "symbiosis.compare_matching",
    title=_("Compare the matching"),
    what=_("Sets what the next release of the knowledge would suggest beside what is suggested now."),
    figures={
        "release": _("Number of the comparison"),
        "superseded": _("Another run was faster"),
        "error": _("What stands in the way"),
        "appears": _("Matches that appear"),
        "vanishes": _("Matches that vanish"),
        "changes": _("Matches that change class"),
        "stays": _("Matches that stay"),
    },
)
def compare_matching(run: Run) -> dict[str, Any]:
    from symbiosis.services.releases import compare_matching

    return compare_matching(
        release_id=run.arguments.get("release"), on=run.on, now=timezone.now(), progress=run.progress
    )


@shared_task(name="symbiosis.help_matching", ignore_result=True)
def help_matching(run_id: int) -> None:
    """Takes up slices of a matching that another worker has begun; the run's own worker does what is left."""
    from symbiosis.services.night import work_on

    work_on(run_id)
