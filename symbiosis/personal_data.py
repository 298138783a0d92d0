"""What this room keeps about people: who posted, what they wrote, how they answered, which steps they took."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef

from kisu.lib.dates import local_midnight
from kisu.lib.personal_data import personal_model
from members.personal_data import since
from symbiosis.models import Enquiry, Listing, MatchAnswer, Message, SynergyStep


def expire_enquiries(on: date) -> int:
    """Threads in which nobody has written for the time of the rule, whole."""
    before = local_midnight(since("symbiosis.Message", "text", on))
    lately = Message.objects.filter(enquiry=OuterRef("pk"), sent_at__gte=before)
    silent = Enquiry.objects.filter(~Exists(lately), opened_at__lt=before)
    return silent.delete()[0]


personal_model(
    Listing,
    fields=(),
    of=lambda user: Listing.objects.filter(created_by=user),
    erase=lambda user: Listing.objects.filter(created_by=user).update(created_by=None),
    expire=lambda on: 0,  # the organisation's
    outcome="emptied",
    export=("title", "organisation", "state", "created_at"),
)
personal_model(
    Enquiry,
    fields=(),
    of=lambda user: Enquiry.objects.filter(opened_by=user),
    erase=lambda user: Enquiry.objects.filter(opened_by=user).update(opened_by=None),
    expire=lambda on: 0,  # goes with its messages
    outcome="emptied",
    export=("listing", "sender", "state", "opened_at"),
)
personal_model(
    Message,
    fields=("text",),
    of=lambda user: Message.objects.filter(author=user),
    erase=lambda user: Message.objects.filter(author=user).update(text="", author=None),
    expire=expire_enquiries,
    outcome="emptied",
    export=("enquiry", "organisation", "text", "sent_at"),
)
personal_model(
    MatchAnswer,
    fields=("note",),
    of=lambda user: MatchAnswer.objects.filter(answered_by=user),
    erase=lambda user: MatchAnswer.objects.filter(answered_by=user).update(note="", answered_by=None),
    expire=lambda on: 0,  # goes with its listings
    outcome="emptied",
    export=("match", "organisation", "answer", "reason", "note", "answered_at"),
)
personal_model(
    SynergyStep,
    fields=(),
    of=lambda user: SynergyStep.objects.filter(taken_by=user),
    erase=lambda user: SynergyStep.objects.filter(taken_by=user).update(taken_by=None),
    expire=lambda on: 0,  # the network's record
    outcome="emptied",
    export=("synergy", "stage", "on"),
)
