"""What this room keeps about people: who posted, what they wrote and corrected, how they answered, which steps they took."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Q

from kisu.lib.dates import local_midnight
from kisu.lib.personal_data import personal_model
from members.models import User
from members.personal_data import since
from symbiosis.models import (
    AddedFitness,
    AddedMaterial,
    AddedTerm,
    AddedUse,
    Enquiry,
    Listing,
    MatchAnswer,
    MatchingRelease,
    Message,
    ReadingCorrection,
    SynergyStep,
)
from symbiosis.models.knowledge import Added


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
    ReadingCorrection,
    fields=(),
    of=lambda user: ReadingCorrection.objects.filter(made_by=user),
    erase=lambda user: ReadingCorrection.objects.filter(made_by=user).update(made_by=None),
    expire=lambda on: 0,  # goes with its listing
    outcome="emptied",
    export=("listing", "target", "holds", "made_at"),
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


def _added(model: type[Added], *export: str) -> None:
    """An entry of the service centre: the network's knowledge, of which only who added it goes."""
    personal_model(
        model,
        fields=(),
        of=lambda user: model._default_manager.filter(added_by=user),
        erase=lambda user: model._default_manager.filter(added_by=user).update(added_by=None),
        expire=lambda on: 0,
        outcome="emptied",
        export=(*export, "note", "added_at"),
    )


_added(AddedMaterial, "label_fi")
_added(AddedUse, "label_fi")
_added(AddedTerm, "target", "language", "pattern")
_added(AddedFitness, "use", "material", "level")


def forget_releaser(user: User) -> int:
    asked = MatchingRelease.objects.filter(created_by=user).update(created_by=None)
    return asked + MatchingRelease.objects.filter(released_by=user).update(released_by=None)


personal_model(
    MatchingRelease,
    fields=(),
    of=lambda user: MatchingRelease.objects.filter(Q(created_by=user) | Q(released_by=user)),
    erase=forget_releaser,
    expire=lambda on: 0,  # the network's record
    outcome="emptied",
    export=("version", "state", "created_at", "released_at"),
)
