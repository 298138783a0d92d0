"""Loading the demo, all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import override

from kisu.demo.cast import ACCOUNTS, DOMAIN, LOADED, OWN_ORGANISATION, OWN_REGION, Cast, make_cast
from kisu.demo.figures import make_budgets, make_targets, make_values
from kisu.demo.network import make_applications, make_organisations
from kisu.demo.synergies import make_synergies
from kisu.demo.trade import answer_matches, make_enquiries, make_listings
from kisu.lib.dates import at_local, business_date
from members.models import AuditEntry, JobRun, Mail, MembershipApplication, Organisation, Region, User
from members.services.jobs import missed_daily
from members.services.notices import notify
from symbiosis.models import Enquiry, Listing, Match, Synergy
from symbiosis.services.night import match_listings

MARKER = {"model": "kisu.demo", "object_id": "demo"}


class NotEmptyError(Exception):
    """The database holds data that is not the demo's."""


def is_loaded() -> bool:
    """The marker is an audit row: nothing can take it away, whatever becomes of the demo's other rows."""
    return AuditEntry.objects.filter(**MARKER).exists()


def load_demo(*, now: datetime, say: Callable[[str], None]) -> None:
    """Fills an empty database. Raises NotEmptyError when somebody's data is there."""
    with transaction.atomic():
        _fill(now=now, say=say)
    # The planner knows nothing of the new rows yet, and the first visitor would not like what it guesses.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _fill(*, now: datetime, say: Callable[[str], None]) -> None:
    if Organisation.objects.exists() or User.objects.exists():
        raise NotEmptyError("The database holds other data than the demo's.")
    today = business_date(now)
    # Content is Finnish; the language of whoever starts the portal must not get into rows.
    with override("fi"):
        organisations = make_organisations(today=today)
        cast = make_cast(organisations)
        make_applications(cast, now=now, today=today)
        say(f"  {len(organisations)} organisations, {User.objects.count()} accounts")
        listings = make_listings(cast, now=now, today=today)
        say(f"  {len(listings)} listings")
        figures = match_listings(on=today, now=now)
        synergies = make_synergies(cast, listings, today=today)
        both = answer_matches(cast, now=now, agreed=_link_matches(synergies))
        make_enquiries(cast, both, listings, now=now)
        say(f"  {Match.objects.count()} matches, {Enquiry.objects.count()} enquiries, {len(synergies)} synergies")
        make_values(cast, today=today)
        make_targets(today=today)
        make_budgets(today=today)
        parked = _make_jobs(now=now, matching=figures)
        _make_mails(now=now)
        _make_notices(cast, parked)
        AuditEntry.objects.create(
            **MARKER,
            action=AuditEntry.Action.CREATED,
            label="demo",
            what=LOADED,
            changes={"accounts": [None, len(ACCOUNTS)]},
        )


def _link_matches(synergies: list[Synergy]) -> dict[tuple[int, int], datetime]:
    """Gives a synergy the match of its two listings where the matcher found it; returns when such pairs agreed."""
    pairs = {(one.offer_id, one.need_id): one for one in synergies if one.offer_id and one.need_id}
    agreed = {}
    for match in Match.objects.filter(offer__in=[offer for offer, _need in pairs]).order_by("pk"):
        if synergy := pairs.get((match.offer_id, match.need_id)):
            synergy.match = match
            agreed[match.offer_id, match.need_id] = at_local(synergy.started_on, time(10))
    Synergy.objects.bulk_update(synergies, ["match"])
    return agreed


def _make_jobs(*, now: datetime, matching: dict[str, Any]) -> JobRun:
    """Last night's runs, so that the first start need not catch up on them; and one that failed three times."""
    results = {"symbiosis.match_listings": matching}
    nightly = missed_daily(now=now)
    began = now - timedelta(hours=5)
    JobRun.objects.bulk_create(
        JobRun(
            job=job,
            business_date=on,
            state=JobRun.State.DONE,
            attempts=1,
            not_before=began,
            started_at=began,
            heartbeat_at=began,
            finished_at=began + timedelta(seconds=20),
            result=results.get(job, {}),
        )
        for job, on in nightly
    )
    job, on = nightly[-1]
    return JobRun.objects.create(
        job=job,
        business_date=on - timedelta(days=3),
        state=JobRun.State.PARKED,
        attempts=3,
        not_before=now,
        started_at=now - timedelta(days=3),
        finished_at=now - timedelta(days=3),
        traceback="OSError: [Errno 28] No space left on device (demo)",
    )


def _make_mails(*, now: datetime) -> None:
    Mail.objects.bulk_create(
        [
            Mail(
                recipient=f"contact-01@{DOMAIN}", subject="Ilmoituksesi julkaistiin", text="Esittelyviesti.",
                state=Mail.State.SENT, attempts=1, not_before=now, sent_at=now - timedelta(hours=3),
            ),
            Mail(
                recipient=f"no-such-box@{DOMAIN}", subject="Kutsu verkostoon", text="Esittelyviesti.",
                state=Mail.State.FAILED, attempts=3, not_before=now, error="550 5.1.1 No such mailbox (demo)",
            ),
        ]
    )  # fmt: skip


def _make_notices(cast: Cast, parked: JobRun) -> None:
    """What the own region's people find when they come for the first time."""
    coordinator = [one for pk, one in cast.coordinators.items() if pk == Region.objects.get(code=OWN_REGION).pk]
    at_home = {"municipality__region__code": OWN_REGION}
    for application in MembershipApplication.objects.open().filter(**at_home):
        notify(
            users=coordinator,
            kind="application_received",
            params={"title": application.name},
            url=application.get_absolute_url(),
        )
    for listing in Listing.objects.filter(state=Listing.State.IN_REVIEW, **at_home):
        notify(
            users=coordinator, kind="listing_to_review", params={"title": listing.title}, url=listing.get_absolute_url()
        )
    members = User.objects.filter(role_grants__organisation=cast.organisations[OWN_ORGANISATION])
    for enquiry in Enquiry.objects.filter(state=Enquiry.State.OPEN, listing__organisation__name=OWN_ORGANISATION):
        notify(
            users=members,
            kind="enquiry_received",
            params={"title": enquiry.listing.title},
            url=enquiry.get_absolute_url(),
        )
    notify(users=[cast.staff], kind="job_parked", params={"title": parked.job}, url=parked.get_absolute_url())
