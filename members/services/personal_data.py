"""A person's own data by the registry: export (GDPR art. 15, 20), erasure (art. 17), retention."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kisu.lib.dates import business_date
from kisu.lib.jobs import Progress
from kisu.lib.personal_data import Outcome, PersonalModel, personal_models
from members.history import related_words
from members.models import AuditEntry, RoleGrant, User
from members.permissions import Role
from members.services import MembersError
from members.services.audit import record, snapshot

OUTCOMES = {
    "deleted": gettext_lazy("Will be deleted"),
    "emptied": gettext_lazy("Stays without your data"),
    "kept": gettext_lazy("Stays without your name"),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """What the portal keeps of one kind: how many rows, why, and what an erasure does to them."""

    entry: PersonalModel
    count: int

    @property
    def title(self) -> str:
        return self.entry.label

    @property
    def outcome(self) -> Outcome:
        return self.entry.outcome

    @property
    def outcome_label(self) -> str:
        return str(OUTCOMES[self.entry.outcome])


def kept_of(*, user: User) -> list[Kept]:
    """Every kind of data that the registry knows, with the number of the person's rows."""
    return [Kept(entry=entry, count=entry.of(user).count()) for entry in personal_models]


@transaction.atomic
def export_of(*, by: User, user: User) -> dict[str, Any]:
    """Every row about the person: {"members.Person": {"title", "purposes", "rows": [{field: value}]}}. Logged as read.

    A link to another row is its number, with the name of what it leads to beside it: organisation, organisation_name.
    """
    export: dict[str, Any] = {}
    for entry in personal_models:
        rows = [_row(entry, row) for row in entry.of(user).order_by("pk")]
        purposes = [rule.spoken for rule in entry.rules]
        export[entry.key] = {"title": entry.label, "purposes": purposes, "rows": rows}
    record(by=by, action=AuditEntry.Action.READ, instance=user, what="personal data exported")
    return export


def _row(entry: PersonalModel, row: Any) -> dict[str, Any]:
    values = {}
    for name, value in snapshot(row).items():
        if entry.export and name not in entry.export:
            continue
        values[name] = value
        field = row._meta.get_field(name)
        if field.is_relation and value is not None:
            values[f"{name}_name"] = related_words(getattr(row, name))
    return values


@transaction.atomic
def erase(*, by: User, user: User, now: datetime, approved_by: User | None = None) -> dict[str, int]:
    """Empties or deletes every row about the person. Returns the rows touched per model.

    The organisation's listings stay under the organisation; audit rows keep a number that leads to an empty account.
    Others' data are erased by two people. Raises MembersError for one alone, for the last admin of an organisation that
    has other people, and for the last administrator.
    """
    if by != user and (approved_by is None or approved_by in {by, user}):
        raise MembersError(_("Somebody else of the staff must approve this."))
    user = User.objects.select_for_update().get(pk=user.pk)
    _keeps_nobody_locked_out(user, on=business_date(now))
    record(by=by, action=AuditEntry.Action.DELETED, instance=user, what="personal data erased")
    if approved_by is not None:
        record(by=approved_by, action=AuditEntry.Action.DELETED, instance=user, what="erasure approved")
    # Backwards: the account and its addresses, by which the others are found, go last.
    return {entry.key: entry.erase(user) for entry in reversed(list(personal_models))}


def why_not_erase(*, user: User, on: date) -> str:
    """What stands in the way of an erasure, in words; empty when nothing does."""
    try:
        _keeps_nobody_locked_out(user, on=on)
    except MembersError as error:
        return str(error)
    return ""


def _keeps_nobody_locked_out(user: User, *, on: date) -> None:
    in_force = RoleGrant.objects.in_force(on=on)
    for grant in in_force.filter(user=user, role=Role.ORG_ADMIN):
        others = in_force.filter(organisation=grant.organisation_id, user__is_active=True).exclude(user=user)
        if others.exists() and not others.filter(role=Role.ORG_ADMIN).exists():
            raise MembersError(_("You are the last admin of your organisation. Make somebody else an admin first."))
    if user.is_superuser and not User.objects.active().filter(is_superuser=True).exclude(pk=user.pk).exists():
        raise MembersError(_("You are the last administrator. Make somebody else an administrator first."))


def enforce_retention(*, on: date, progress: Progress) -> dict[str, int]:
    """Does for each registered model what its retention time demands. Safe to run again: it selects what is due."""
    gone = {}
    entries = list(personal_models)
    for number, entry in enumerate(entries, start=1):
        with transaction.atomic():
            gone[entry.key] = entry.expire(on)
        progress(number, len(entries))
    return {key: count for key, count in gone.items() if count}
