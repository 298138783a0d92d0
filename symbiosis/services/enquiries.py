"""Enquiries: contact through the portal. Addresses stay hidden; mails go through the outbox to each reader alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from kisu.lib.dates import business_date
from members.models import Affiliation, Organisation, User
from members.permissions import Permission
from members.services.audit import record_change, record_creation, snapshot
from members.services.mail import queue_mail
from members.services.notices import notify
from symbiosis.models import Enquiry, Listing, Match, Message
from symbiosis.services import SymbiosisError
from symbiosis.services.audience import people_of
from symbiosis.services.listings import owners

HOURLY = 20  # threads that one person may open in an hour; a person who writes by hand does not get there


def possible_senders(*, user: User, listing: Listing, now: datetime) -> QuerySet[Organisation]:
    """For whom the user may write about the listing: own organisations; for coordinators and experts also where they
    work; for a coordinator those of the region, for staff all. Never the listing's own.
    """
    reach = user.reach(Permission.ENQUIRY)
    works = Affiliation.objects.in_force(on=business_date(now)).filter(person__user=user)
    mine = Q(pk__in=reach.organisations)
    if reach.everything or reach.regions or reach.own:
        mine |= Q(pk__in=works.values("organisation"))
    senders = (
        Organisation.objects.all()
        if reach.everything
        else Organisation.objects.filter(mine | Q(municipality__region__in=reach.regions))
    )
    gone = [Organisation.State.SUSPENDED, Organisation.State.LEFT]
    return senders.exclude(pk=listing.organisation_id).exclude(state__in=gone)


@transaction.atomic
def open_enquiry(
    *, by: User, listing: Listing, sender: Organisation, text: str, match: Match | None = None, now: datetime
) -> Enquiry:
    """Opens a thread with its first message; the owner of the listing gets a notice and a mail.

    Raises SymbiosisError for a listing that is no longer public, the own listing, a thread that is open already, and
    for too many in an hour.
    """
    listing = Listing.objects.select_related("organisation__municipality__region", "created_by").get(pk=listing.pk)
    if not listing.is_open(on=business_date(now)):
        raise SymbiosisError(_("The listing is no longer open. Look for another one."))
    if sender.pk == listing.organisation_id:
        raise SymbiosisError(_("This is the organisation's own listing."))
    if Enquiry.objects.filter(opened_by=by, opened_at__gt=now - timedelta(hours=1)).count() >= HOURLY:
        raise SymbiosisError(_("Too many requests. Wait a moment."))
    try:
        with transaction.atomic():
            enquiry = Enquiry.objects.create(listing=listing, sender=sender, opened_by=by, match=match)
    except IntegrityError as error:
        raise SymbiosisError(_("Your organisation has an open conversation about this listing already.")) from error
    record_creation(by=by, instance=enquiry, what="enquiry opened", organisation=sender)
    message = Message.objects.create(enquiry=enquiry, author=by, organisation=sender, text=text)
    _deliver(message, by=by, now=now)
    return enquiry


def open_thread(*, listing: Listing, sender: Organisation) -> Enquiry | None:
    """The thread that the organisation has open about the listing; a second one is not begun."""
    return Enquiry.objects.unclosed().filter(listing=listing, sender=sender).first()


@transaction.atomic
def reply(*, by: User, enquiry: Enquiry, text: str, now: datetime) -> Message:
    """Adds a message; the other side gets a notice and a mail. A message that is sent twice is written once.

    Raises SymbiosisError for a closed thread.
    """
    row = _locked(enquiry)
    last = row.messages.order_by("-sent_at", "-pk").first()
    if last is not None and (last.author_id, last.text) == (by.pk, text):
        return last
    organisation = speaks_for(user=by, enquiry=row)
    message = Message.objects.create(enquiry=row, author=by, organisation=organisation, text=text)
    asked_again = organisation is not None and organisation.pk == row.sender_id
    _move(row, Enquiry.State.OPEN if asked_again else Enquiry.State.ANSWERED, by=by)
    _deliver(message, by=by, now=now)
    return message


@transaction.atomic
def close_enquiry(*, by: User, enquiry: Enquiry) -> None:
    """Ends the thread; it can still be read. Raises SymbiosisError when it is closed already."""
    _move(_locked(enquiry), Enquiry.State.CLOSED, by=by)


def speaks_for(*, user: User, enquiry: Enquiry) -> Organisation | None:
    """The side for which the user writes; None for a coordinator or the service centre that belongs to none."""
    own = user.reach(Permission.ENQUIRY).organisations
    for party in reversed(enquiry.parties):
        if party.pk in own:
            return party
    return enquiry.sender if enquiry.opened_by_id == user.pk else None


def _locked(enquiry: Enquiry) -> Enquiry:
    row = (
        Enquiry.objects.select_for_update(of=("self",))
        .select_related(
            "sender__municipality__region",
            "listing__organisation__municipality__region",
            "listing__created_by",
            "opened_by",
        )
        .get(pk=enquiry.pk)
    )
    if row.is_closed:
        raise SymbiosisError(_("The conversation is closed. Start a new one from the listing."))
    return row


def _move(enquiry: Enquiry, state: str, *, by: User) -> None:
    before = snapshot(enquiry)
    enquiry.state = state
    enquiry.save(update_fields=["state"])
    what = "enquiry closed" if enquiry.is_closed else "enquiry answered"
    record_change(by=by, instance=enquiry, before=before, what=what, organisation=enquiry.listing.organisation)


def _deliver(message: Message, *, by: User, now: datetime) -> None:
    """Notices to all who may read the thread on the other side; mails only to those whose matter it is."""
    enquiry = message.enquiry
    on = business_date(now)
    speaker = message.organisation
    sides = [side for side in enquiry.parties if speaker is None or side.pk != speaker.pk]
    readers = {user.pk: user for side in sides for user in people_of(side, on=on)}
    to_mail = {user.pk: user for user in _mailed(enquiry, sides, now=now)}
    others = [user for user in (readers | to_mail).values() if user != by]
    notify(
        users=others,
        kind="enquiry_received",
        params={"title": enquiry.listing.title},
        url=enquiry.get_absolute_url(),
    )
    for user in to_mail.values():
        if user != by:
            queue_mail(
                template="symbiosis/mail/enquiry_received",
                recipient=user.email,
                user=user,
                language=user.language,
                context={
                    "enquiry": enquiry,
                    "speaker": speaker,
                    "message": message,
                    "link": settings.SITE_URL + enquiry.get_absolute_url(),
                },
            )


def _mailed(enquiry: Enquiry, sides: Iterable[Organisation], *, now: datetime) -> list[User]:
    """On each side those who have written in the thread; on the listing's side first its owner; else who there is."""
    on = business_date(now)
    found: list[User] = []
    for side in sides:
        writers = User.objects.active().filter(messages__enquiry=enquiry, messages__organisation=side).distinct()
        people: list[User] = [
            user for user in writers if Enquiry.objects.visible_to(user).filter(pk=enquiry.pk).exists()
        ]
        if not people and side.pk == enquiry.listing.organisation_id:
            people = owners(enquiry.listing, on=on) or _who_stands_in(side, on=on)
        found += people or people_of(side, on=on)
    return found


def _who_stands_in(organisation: Organisation, *, on: date) -> list[User]:
    """Its people; where nobody of it is in the portal the region's coordinators, or the service centre."""
    region = organisation.municipality.region
    return people_of(organisation, on=on) or list(User.objects.active().deciding_in(region, on=on))
