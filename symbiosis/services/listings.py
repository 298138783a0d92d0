"""Listings from draft to archive, and what the night does with them."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from kisu.lib.dates import business_date, local_midnight
from kisu.lib.jobs import Progress
from members.models import AuditEntry, Organisation, RoleGrant, User
from members.permissions import Permission, Role
from members.services.audit import record, record_change, record_creation, snapshot
from members.services.mail import queue_mail
from members.services.notices import notify
from symbiosis.models import Listing
from symbiosis.models.listing import ListingQuerySet, latest_end
from symbiosis.services import SymbiosisError
from symbiosis.services.attachments import remove_files, sweep_files
from symbiosis.services.readings import store_reading

# What a form may set. State, organisation, who and when never come from one.
FIELDS = (
    "title",
    "description",
    "language",
    "nature",
    "material_class",
    "waste_code",
    "service",
    "industry",
    "hazardous",
    "continuity",
    "quantity",
    "unit",
    "quantity_note",
    "municipality",
    "radius_km",
    "materiaalitori_url",
    "valid_until",
)
# What the reviewer approved: when one of these changes, the listing is reviewed again.
SUBSTANCE = (
    "title",
    "description",
    "nature",
    "material_class",
    "waste_code",
    "service",
    "hazardous",
    "materiaalitori_url",
)


def may_publish(*, by: User, listing: Listing) -> bool:
    """Whether this person is the one who would approve it: then nobody else has to."""
    return Listing.objects.moderatable_by(by).filter(pk=listing.pk).exists()


@transaction.atomic
def create_listing(
    *, by: User, kind: str, organisation: Organisation, values: dict[str, Any], submit: bool, now: datetime
) -> Listing:
    """A draft, or at once submitted. For an organisation that `by` does not work in it is marked as on its behalf."""
    listing = Listing(
        kind=Listing.Kind(kind),
        organisation=organisation,
        on_behalf=organisation.pk not in by.reach(Permission.LISTING_CREATE).organisations,
        created_by=by,
        valid_from=business_date(now),
    )
    _set(listing, values)
    listing.save()
    record_creation(by=by, instance=listing, what="listing created", organisation=organisation)
    if submit:
        _submit(listing, by=by, now=now)
    return listing


@transaction.atomic
def edit_listing(
    *, by: User, listing: Listing, values: dict[str, Any], seen: str, submit: bool, now: datetime
) -> Listing:
    """Saves the form's fields; `seen` is the version that the person began from.

    A published listing goes back to review when its substance changes and `by` may not publish it; an expired one comes
    back to life with its new last day. Raises SymbiosisError when somebody else saved meanwhile, and for a closed one.
    """
    listing = _locked(listing)
    if version_of(listing) != seen:
        raise SymbiosisError(_("Someone changed this meanwhile. Check it."))
    if not listing.can_be_edited:
        raise SymbiosisError(_("A closed listing is not edited. Copy it to a new one."))
    before = snapshot(listing)
    _set(listing, values)
    changed = {name for name, value in snapshot(listing).items() if before.get(name) != value}
    on = business_date(now)
    again = False
    if listing.state in {Listing.State.PUBLISHED, Listing.State.EXPIRED}:
        again = bool(changed & set(SUBSTANCE)) and not may_publish(by=by, listing=listing)
        if again:
            listing.state, listing.approved_by = Listing.State.IN_REVIEW, None
        elif listing.valid_until >= on:
            listing.state = Listing.State.PUBLISHED
    listing.save()
    record_change(by=by, instance=listing, before=before, what="listing edited", organisation=listing.organisation)
    if again:
        _ask_for_review(listing, on=on)
    if submit and listing.can_be_submitted:
        _submit(listing, by=by, now=now)
    else:
        store_reading(listing, now=now)
    return listing


@transaction.atomic
def submit_listing(*, by: User, listing: Listing, now: datetime) -> Listing:
    """From draft, or after a rejection: to review, or out at once when `by` may publish it.

    Raises SymbiosisError for what is missing, and when it is in review or public already.
    """
    listing = _locked(listing)
    _submit(listing, by=by, now=now)
    return listing


@transaction.atomic
def approve_listing(*, by: User, listing: Listing, now: datetime) -> Listing:
    """Publishes what waits for review, or what was hidden."""
    listing = _locked(listing, Listing.State.IN_REVIEW, Listing.State.HIDDEN)
    before = snapshot(listing)
    _publish(listing, by=by, now=now)
    listing.save()
    store_reading(listing, now=now)
    _record(by=by, listing=listing, before=before, what="listing published")
    _tell(listing, by=by, kind="listing_approved", template="listing_approved", on=business_date(now))
    return listing


@transaction.atomic
def reject_listing(*, by: User, listing: Listing, reason: str, now: datetime) -> Listing:
    listing = _locked(listing, Listing.State.IN_REVIEW)
    before = snapshot(listing)
    listing.state, listing.moderation_reason = Listing.State.REJECTED, reason
    listing.save()
    _record(by=by, listing=listing, before=before, what="listing rejected")
    _tell(listing, by=by, kind="listing_rejected", template="listing_rejected", on=business_date(now))
    return listing


@transaction.atomic
def hide_listing(*, by: User, listing: Listing, reason: str, now: datetime) -> Listing:
    """Takes a public listing out of sight; its owner may mend and submit it again."""
    listing = _locked(listing, Listing.State.PUBLISHED)
    before = snapshot(listing)
    listing.state, listing.moderation_reason = Listing.State.HIDDEN, reason
    listing.save()
    _record(by=by, listing=listing, before=before, what="listing hidden")
    _tell(listing, by=by, kind="", template="listing_hidden", on=business_date(now))
    return listing


@transaction.atomic
def close_listing(*, by: User, listing: Listing, reason: str) -> Listing:
    """Ends a listing for good, from any state; a draft is given up this way."""
    listing = _locked(listing, *(state for state in Listing.State if state != Listing.State.CLOSED))
    before = snapshot(listing)
    listing.state, listing.close_reason = Listing.State.CLOSED, Listing.CloseReason(reason)
    listing.save()
    _record(by=by, listing=listing, before=before, what="listing closed")
    return listing


@transaction.atomic
def prolong_listing(*, by: User, listing: Listing, until: date, now: datetime) -> Listing:
    """A new last day, at most six months away. An expired listing is public again."""
    listing = _locked(listing, Listing.State.PUBLISHED, Listing.State.EXPIRED)
    on = business_date(now)
    _check_validity(until, on=on)
    before = snapshot(listing)
    listing.state, listing.valid_until = Listing.State.PUBLISHED, until
    listing.save()
    store_reading(listing, now=now)
    _record(by=by, listing=listing, before=before, what="listing prolonged")
    return listing


@transaction.atomic
def delete_listing(*, by: User, listing: Listing) -> None:
    """For good, with its files, contacts and matches. The log keeps that it was there; synergies stay."""
    listing = _locked(listing)
    names = list(listing.attachments.values_list("stored_as", flat=True))
    record(
        by=by,
        action=AuditEntry.Action.DELETED,
        instance=listing,
        what="listing deleted",
        organisation=listing.organisation,
    )
    listing.delete()
    transaction.on_commit(partial(remove_files, names), robust=True)


@transaction.atomic
def read_contact(*, by: User, listing: Listing, now: datetime) -> None:
    """Records that somebody from outside the organisation saw who its contact is: once a day."""
    if listing.created_by_id == by.pk or listing.organisation_id in by.reach(Permission.LISTING_CREATE).organisations:
        return
    since = local_midnight(business_date(now))
    told = AuditEntry.objects.filter(
        actor=by, action=AuditEntry.Action.READ, model=listing._meta.label, object_id=str(listing.pk), at__gte=since
    )
    if not told.exists():
        record(
            by=by,
            action=AuditEntry.Action.READ,
            instance=listing,
            what="contact of a listing read",
            organisation=listing.organisation,
        )


# --- The night --------------------------------------------------------------------------------------------------------


def expire_listings(*, on: date, now: datetime, progress: Progress | None = None) -> dict[str, Any]:
    """Expires what is past its last day, tells owners of what has at most 14 days left, sweeps lost files.

    Each row is its own transaction and is taken only while it is due, so a second run, also at the same time, finds
    nothing to do.
    """
    due = list(Listing.objects.expired(on=on).order_by("pk").values_list("pk", flat=True))
    to_tell = list(Listing.objects.to_tell_of_expiry(on=on).order_by("pk").values_list("pk", flat=True))
    total = len(due) + len(to_tell)
    expired = told = 0
    for place, pk in enumerate(due + to_tell, start=1):
        if place <= len(due):
            expired += _expire(pk, on=on)
        else:
            told += _tell_of_expiry(pk, on=on)
        if progress is not None:
            progress(place, total)
    return {"expired": expired, "told": told, "files_removed": sweep_files(now=now)}


@transaction.atomic
def _expire(pk: int, *, on: date) -> int:
    listing = _lock(Listing.objects.expired(on=on), pk)
    if listing is None:
        return 0
    before = snapshot(listing)
    listing.state = Listing.State.EXPIRED
    listing.save()
    _record(by=None, listing=listing, before=before, what="listing expired")
    return 1


@transaction.atomic
def _tell_of_expiry(pk: int, *, on: date) -> int:
    listing = _lock(Listing.objects.to_tell_of_expiry(on=on), pk)
    if listing is None:
        return 0
    Listing.objects.filter(pk=pk).update(expiry_told=listing.valid_until)
    _tell(listing, by=None, kind="listing_expiring", template="listing_expiring", on=on)
    return 1


# --- What they share --------------------------------------------------------------------------------------------------


def version_of(listing: Listing) -> str:
    """What a form carries, so that two people don't overwrite each other."""
    return listing.changed_at.isoformat()


def _set(listing: Listing, values: dict[str, Any]) -> None:
    for name in FIELDS:
        if name in values:
            setattr(listing, name, values[name])


def _lock(listings: ListingQuerySet, pk: int) -> Listing | None:
    return (
        listings.select_for_update(of=("self",))
        .select_related("organisation__municipality__region", "created_by")
        .filter(pk=pk)
        .first()
    )


def _locked(listing: Listing, *states: str) -> Listing:
    """The row as it is now, kept from others until the transaction ends. Raises SymbiosisError in another state."""
    row = _lock(Listing.objects.all(), listing.pk)
    if row is None or (states and row.state not in states):
        raise SymbiosisError(_("Someone changed this meanwhile. Check it."))
    return row


def _check_validity(until: date, *, on: date) -> None:
    if until < on:
        raise SymbiosisError(_("The last day of the listing has passed. Choose a new one."))
    if until > latest_end(on=on):
        raise SymbiosisError(_("Choose a date within 6 months."))


def _submit(listing: Listing, *, by: User, now: datetime) -> None:
    if not listing.can_be_submitted:
        raise SymbiosisError(_("This listing has been submitted already."))
    if listing.missing:
        raise SymbiosisError(_("Some facts are still missing. Edit the listing, then submit it."))
    on = business_date(now)
    _check_validity(listing.valid_until, on=on)
    before = snapshot(listing)
    if may_publish(by=by, listing=listing):
        _publish(listing, by=by, now=now)
        listing.save()
        _record(by=by, listing=listing, before=before, what="listing published")
    else:
        listing.state, listing.moderation_reason = Listing.State.IN_REVIEW, ""
        listing.save()
        _record(by=by, listing=listing, before=before, what="listing submitted for review")
        _ask_for_review(listing, on=on)
    store_reading(listing, now=now)


def _publish(listing: Listing, *, by: User, now: datetime) -> None:
    """Sets what makes it public. One that was public before keeps its place among the newest."""
    on = business_date(now)
    if listing.valid_until < on:
        raise SymbiosisError(_("The last day of the listing has passed. Its owner has to choose a new one first."))
    if listing.published_at is None:
        listing.published_at, listing.valid_from = now, on
    listing.state, listing.moderation_reason, listing.approved_by = Listing.State.PUBLISHED, "", by


def _record(*, by: User | None, listing: Listing, before: dict[str, Any], what: str) -> None:
    record_change(by=by, instance=listing, before=before, what=what, organisation=listing.organisation)


def reviewers(listing: Listing, *, on: date) -> list[User]:
    """Coordinators of the region who do not work in the organisation; where there is none, the service centre."""
    inside = RoleGrant.objects.in_force(on=on).filter(organisation=listing.organisation).values("user")
    others = User.objects.active().exclude(pk__in=inside)
    return list(others.deciding_in(listing.organisation.municipality.region, on=on))


def _ask_for_review(listing: Listing, *, on: date) -> None:
    notify(
        users=reviewers(listing, on=on),
        kind="listing_to_review",
        params={"title": listing.title},
        url=listing.get_absolute_url(),
    )


def owners(listing: Listing, *, on: date) -> list[User]:
    """Whom the portal tells about a listing: who posted it, or the organisation's admins when that person has left."""
    creator = listing.created_by
    if creator is not None and Listing.objects.editable_by(creator).filter(pk=listing.pk).exists():
        return [creator]
    admins = RoleGrant.objects.in_force(on=on).filter(organisation=listing.organisation, role=Role.ORG_ADMIN)
    return list(User.objects.active().filter(pk__in=admins.values("user")))


def _tell(listing: Listing, *, by: User | None, kind: str, template: str, on: date) -> None:
    """A notice (where there is a kind for it) and a mail to the owners, but not to the one who did it."""
    users = [user for user in owners(listing, on=on) if user != by]
    if kind:
        notify(users=users, kind=kind, params={"title": listing.title}, url=listing.get_absolute_url())
    for user in users:
        queue_mail(
            template=f"symbiosis/mail/{template}",
            recipient=user.email,
            user=user,
            language=user.language,
            context={"listing": listing, "link": settings.SITE_URL + listing.get_absolute_url()},
        )
