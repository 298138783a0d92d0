"""What stands on the desks: one small function a block, over what the rooms let this user see, in few queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from kisu.lib import formats
from kisu.lib.dates import business_date
from members.models import JobRun, Mail, MembershipApplication, Organisation, User
from members.permissions import Permission
from symbiosis.models import Enquiry, Listing, Match, MatchAnswer, Synergy
from symbiosis.models.match import MatchQuerySet
from symbiosis.services.matches import read_matches

SHOWN = 5
TASKS_SHOWN = 12
MOST_TASKS = 50  # of a kind; nobody does more in a day
SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Block:
    """A section, drawn by templates/kisu/desk/<part>.html. Without rows it is left out, but where `empty` says why."""

    part: str
    key: str
    title: str
    rows: Sequence[Any]
    rest: Sequence[Any] = ()
    count: int | None = None
    note: str = ""
    more_url: str = ""
    more_label: str = ""
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    label: str
    url: str
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """A line of components/queue.html."""

    title: str
    why: str
    url: str
    due: str
    actions: list[Action]
    day: date
    late: bool = False


# --- Members ----------------------------------------------------------------------------------------------------------


def member_tasks(user: User, on: date) -> Block:
    """Messages that wait for an answer, listings that end soon, drafts that nobody sent."""
    tasks = []
    # Any: the annotations are known to no type.
    threads: Any = Enquiry.objects.waiting_for(user).with_last_message().select_related("listing")
    for enquiry in threads.order_by("last_at", "pk")[:MOST_TASKS]:
        url = enquiry.get_absolute_url()
        written = business_date(enquiry.last_at)
        tasks.append(
            Task(
                title=_("Answer: %(title)s") % {"title": enquiry.listing.title},
                why=_("%(organisation)s wrote %(date)s.")
                % {"organisation": enquiry.last_speaker_name or _("Service centre"), "date": formats.date(written)},
                url=url,
                due=_("Today"),
                actions=[Action(pgettext("verb", "Answer"), url)],
                day=written,
            )
        )
    own = Listing.objects.own_of(user).editable_by(user)
    tasks += [
        Task(
            title=_("Ends soon: %(title)s") % {"title": listing.title},
            why=_("Valid until %(date)s. Prolong it if the matter is still open.")
            % {"date": formats.date(listing.valid_until)},
            url=listing.get_absolute_url(),
            due=formats.due(listing.valid_until, on),
            actions=[Action(pgettext("verb", "Prolong"), reverse("symbiosis:listing_prolong", args=[listing.pk]))],
            day=listing.valid_until,
        )
        for listing in own.expiring(on=on).order_by("valid_until", "pk")[:MOST_TASKS]
    ]
    unfinished = own.filter(state__in=[Listing.State.DRAFT, Listing.State.REJECTED])
    tasks += [
        Task(
            title=_("Complete and send: %(title)s") % {"title": listing.title},
            why=str(listing.get_state_display())
            + (f". {listing.moderation_reason}" if listing.state == Listing.State.REJECTED else ""),
            url=listing.get_absolute_url(),
            due=_("No date"),
            actions=[Action(pgettext("verb", "Edit"), reverse("symbiosis:listing_edit", args=[listing.pk]))],
            day=date.max,
        )
        for listing in unfinished.order_by("-changed_at", "-pk")[:MOST_TASKS]
    ]
    return _queue(tasks)


def matches_to_answer(user: User, on: date) -> Block:
    matches = Match.objects.open().visible_to(user).unanswered_by(user)
    none = _("No matches yet. We look every night.") if user.may(Permission.MATCH_READ) else ""
    return _matches(matches, user=user, on=on, title=_("Matches to answer"), empty=none)


def own_listings(user: User, on: date) -> Block:
    listings = Listing.objects.own_of(user).published(on=on)
    shown = listings.select_related("organisation", "municipality", "unit").newest_first()
    return Block(
        "listings",
        "own-listings",
        _("Own open listings"),
        list(shown[:SHOWN]),
        count=listings.count(),
        more_url=reverse("symbiosis:listing_list") + "?own=on",
        more_label=_("All own listings"),
        empty=_("No open listings. Post what you have or need.") if user.may(Permission.LISTING_CREATE) else "",
    )


def own_synergies(user: User, on: date) -> Block:
    synergies = Synergy.objects.visible_to(user).exclude(stage=Synergy.Stage.LAPSED)
    shown: Any = synergies.with_stage_since(on=on).select_related("giver", "receiver")
    return Block(
        "synergy-list",
        "own-synergies",
        _("Own synergies"),
        list(shown.order_by("-stage_since", "-pk")[:SHOWN]),
        count=synergies.count(),
        more_url=reverse("symbiosis:synergy_list"),
        more_label=_("All synergies"),
    )


# --- Coordinators and staff -------------------------------------------------------------------------------------------


def keeper_tasks(user: User, on: date) -> Block:
    """What waits for whoever looks after a region or the network, late ones first."""
    return _queue(
        [
            *_faults(user, on),
            *_next_steps(user, on),
            *_reviews(user, on),
            *_applications(user, on),
            *_contacts_to_open(user, on),
            *_unread_listings(user, on),
        ]
    )


def _next_steps(user: User, on: date) -> list[Task]:
    due = Synergy.objects.editable_by(user).under_way().exclude(next_step="").filter(next_step_on__lte=on + SOON)
    return [
        Task(
            title=f"{synergy.next_step}: {synergy.title}",
            why=_("Next step of synergy %(number)s, agreed for %(date)s.")
            % {"number": synergy.number, "date": formats.date(synergy.next_step_on)},
            url=synergy.get_absolute_url(),
            due=formats.due(synergy.next_step_on, on),
            actions=[Action(pgettext("verb", "Open"), synergy.get_absolute_url())],
            day=synergy.next_step_on or on,
            late=synergy.next_step_on is not None and synergy.next_step_on < on,
        )
        for synergy in due.order_by("next_step_on", "pk")[:MOST_TASKS]
    ]


def _reviews(user: User, on: date) -> list[Task]:
    waiting = Listing.objects.moderatable_by(user).filter(state=Listing.State.IN_REVIEW)
    return [
        Task(
            title=_("Review the listing: %(title)s") % {"title": listing.title},
            why=_("%(organisation)s, %(municipality)s.")
            % {"organisation": listing.organisation, "municipality": listing.municipality.name}
            + " "
            + _waited(listing.changed_at, on),
            url=listing.get_absolute_url(),
            due=_("Today"),
            actions=[Action(pgettext("verb", "Review"), listing.get_absolute_url())],
            day=on,
        )
        for listing in waiting.select_related("organisation", "municipality").order_by("changed_at", "pk")[:MOST_TASKS]
    ]


def _applications(user: User, on: date) -> list[Task]:
    if not user.may(Permission.APPLICATION_DECIDE):
        return []
    waiting = MembershipApplication.objects.visible_to(user).open().select_related("municipality")
    return [
        Task(
            title=_("Membership application: %(name)s") % {"name": application.name},
            why=f"{application.municipality.name}. {_waited(application.submitted_at, on)}",
            url=application.get_absolute_url(),
            due=_("Today"),
            actions=[Action(pgettext("verb", "Decide"), application.get_absolute_url())],
            day=on,
        )
        for application in waiting.order_by("submitted_at", "pk")[:MOST_TASKS]
    ]


def _contacts_to_open(user: User, on: date) -> list[Task]:
    """Both sides are interested, and neither has written nor anybody made a synergy of it."""
    interested = MatchAnswer.objects.filter(answer=MatchAnswer.Answer.INTERESTED, match__withdrawn_at=None)
    of_both = interested.values("match").annotate(sides=Count("pk")).filter(sides=2)  # one answer a side
    agreed = (
        Match.objects.open()
        .answerable_by(user)
        # The keys first: answers are few, matches many.
        .filter(pk__in=list(of_both.values_list("match", flat=True)), synergy=None)
        .exclude(Exists(Enquiry.objects.filter(match=OuterRef("pk"))))
    )
    return [
        Task(
            title=_("Open the contact: %(offer)s → %(need)s") % {"offer": match.offer.title, "need": match.need.title},
            why=_("Both sides are interested: %(giver)s and %(receiver)s.")
            % {"giver": match.offer.organisation, "receiver": match.need.organisation},
            url=match.get_absolute_url(),
            due=_("Today"),
            actions=[Action(pgettext("verb", "Open"), match.get_absolute_url())],
            day=on,
        )
        for match in agreed.select_related("offer__organisation", "need__organisation").order_by("-score", "pk")[
            :MOST_TASKS
        ]
    ]


def _faults(user: User, on: date) -> list[Task]:
    """Jobs that gave up and mails that did not leave."""
    if not user.may(Permission.JOBS):
        return []
    tasks = [
        Task(
            title=_("A job failed three times: %(title)s") % {"title": run.title},
            why=_("Parked %(date)s. Read what went wrong and try it again.") % {"date": formats.date(run.finished_at)},
            url=run.get_absolute_url(),
            due=_("Today"),
            actions=[Action(pgettext("verb", "Open"), run.get_absolute_url())],
            day=on,
        )
        for run in JobRun.objects.visible_to(user)
        .filter(state=JobRun.State.PARKED)
        .order_by("finished_at", "pk")[:MOST_TASKS]
    ]
    stuck = Mail.objects.filter(state__in=[Mail.State.FAILED, Mail.State.UNCERTAIN]).count()
    if stuck:
        url = reverse("members:mail_list")
        title = ngettext("%(number)s mail did not leave", "%(number)s mails did not leave", stuck)
        tasks.append(
            Task(
                title=title % {"number": formats.number(stuck)},
                why=_("The recipient's server refused, or nobody knows whether it left."),
                url=url,
                due=_("Today"),
                actions=[Action(pgettext("verb", "Open"), url)],
                day=on,
            )
        )
    return tasks


def _unread_listings(user: User, on: date) -> list[Task]:
    """One line for all of them: they are worked off on their own page."""
    if not user.may(Permission.KNOWLEDGE):
        return []
    count = Listing.objects.published(on=on).material().nothing_read().count()
    if not count:
        return []
    url = reverse("symbiosis:reading_list")
    title = ngettext("Nothing was read of one listing", "Nothing was read of %(number)s listings", count)
    return [
        Task(
            title=title % {"number": formats.number(count)},
            why=_("They get no matches before the reading is corrected or the word is known."),
            url=url,
            due=_("No date"),
            actions=[Action(pgettext("verb", "Open"), url)],
            day=date.max,
        )
    ]


def _waited(since: Any, on: date) -> str:
    days = (on - business_date(since)).days
    if days <= 0:
        return _("Came today.")
    return ngettext("Has waited one day.", "Has waited %(number)s days.", days) % {"number": formats.number(days)}


def _queue(tasks: list[Task]) -> Block:
    tasks.sort(key=lambda task: (not task.late, task.day))
    return Block(
        "queue",
        "tasks",
        _("Waiting for you"),
        tasks[:TASKS_SHOWN],
        rest=tasks[TASKS_SHOWN:],
        count=len(tasks),
        empty=_("Nothing new for you."),
    )


def untouched_matches(user: User, on: date) -> Block:
    matches = Match.objects.open().visible_to(user).unanswered_by(user).exclude(match_class=Match.MatchClass.DISTANT)
    return _matches(matches, user=user, on=on, title=_("Untouched matches"))


def _matches(matches: MatchQuerySet, *, user: User, on: date, title: str, empty: str = "") -> Block:
    return Block(
        "matches",
        "matches",
        title,
        read_matches(matches.best_first()[:SHOWN].fetched(), user=user, on=on),
        count=matches.count(),
        more_url=reverse("symbiosis:match_list"),
        more_label=_("All matches"),
        empty=empty,
    )


def synergies_adrift(user: User, on: date) -> Block:
    """Under way, and nobody has said what comes next, or its day has passed."""
    adrift = Synergy.objects.editable_by(user).without_next_step(on=on)
    shown: Any = adrift.with_stage_since(on=on).select_related("giver", "receiver")
    return Block(
        "synergies",
        "adrift",
        _("Synergies without a next step"),
        list(shown.order_by("stage_since", "pk")[:SHOWN]),
        count=adrift.count(),
        more_url=reverse("symbiosis:synergy_list"),
        more_label=_("All synergies"),
    )


def expiring_listings(user: User, on: date) -> Block:
    expiring = Listing.objects.expiring(on=on).editable_by(user)
    return Block(
        "listings",
        "expiring",
        _("Ends within two weeks"),
        list(expiring.select_related("organisation", "municipality", "unit").order_by("valid_until", "pk")[:SHOWN]),
        count=expiring.count(),
        more_url=reverse("symbiosis:listing_list"),
        more_label=_("All listings"),
    )


def incoming_messages(user: User, on: date) -> Block:
    threads = Enquiry.objects.waiting_for(user)
    shown: Any = threads.with_last_message().select_related("listing")
    return Block(
        "messages",
        "messages",
        _("Messages"),
        list(shown.order_by("-last_at", "-pk")[:SHOWN]),
        count=threads.count(),
        more_url=reverse("symbiosis:enquiry_list"),
        more_label=_("All messages"),
    )


# --- What is new ------------------------------------------------------------------------------------------------------


def newest_listings(user: User, on: date) -> Block:
    listings = Listing.objects.published(on=on)
    return Block(
        "listings",
        "newest-listings",
        _("Newest listings"),
        list(listings.select_related("organisation", "municipality", "unit").newest_first()[:SHOWN]),
        count=listings.count(),
        more_url=reverse("symbiosis:listing_list"),
        more_label=_("All listings"),
    )


def newest_members(user: User, on: date) -> Block:
    members = Organisation.objects.members(on=on)
    return Block(
        "organisations",
        "newest-members",
        _("Newest members"),
        list(members.select_related("municipality").order_by("-joined_on", "-pk")[:SHOWN]),
        count=members.count(),
        more_url=reverse("members:organisation_list"),
        more_label=_("All members"),
    )
