"""A person's own data: export (GDPR art. 15, 20), erasure (art. 17), retention. All by the registry in kisu/lib/personal_data.py."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from kisu.lib.jobs import Progress
from kisu.lib.personal_data import personal_models, retention_rules
from members.models import AuditEntry, RoleGrant, User
from members.permissions import Role
from members.services import MembersError
from members.services.audit import record, snapshot


def export_of(*, user: User) -> dict[str, Any]:
    """Every row about the person, whole: {"members.Person": {"purpose": {...}, "rows": [{field: value}]}}."""
    rules = retention_rules()
    export: dict[str, Any] = {}
    for entry in personal_models:
        rows = [snapshot(row) for row in entry.of(user).order_by("pk")]
        purposes = {field: rules[entry.key][field].purpose for field in entry.fields}
        export[entry.key] = {"title": str(entry.model._meta.verbose_name_plural), "purposes": purposes, "rows": rows}
    return export


@transaction.atomic
def erase(*, by: User, user: User, now: datetime) -> dict[str, int]:
    """Empties or deletes every row about the person. Returns the rows touched per model.

    The organisation's listings stay under the organisation; audit rows keep a number that leads to an empty account.
    Raises MembersError for the last admin of an organisation that has other people, and for the last administrator.
    """
    from django.utils.translation import gettext as _

    for grant in RoleGrant.objects.in_force(on=now.date()).filter(user=user, role=Role.ORG_ADMIN).select_related("organisation"):
        others = RoleGrant.objects.in_force(on=now.date()).filter(organisation=grant.organisation).exclude(user=user)
        if others.exists() and not others.filter(role=Role.ORG_ADMIN).exists():
            raise MembersError(_("You are the last admin of your organisation. Make somebody else an admin first."))
    if user.is_superuser and not User.objects.active().filter(is_superuser=True).exclude(pk=user.pk).exists():
        raise MembersError(_("You are the last administrator. Make somebody else an administrator first."))
    record(by=by, action=AuditEntry.Action.DELETED, instance=user, what="personal data erased")
    return {entry.key: entry.erase(user) for entry in personal_models}


def enforce_retention(*, on: date, progress: Progress) -> dict[str, int]:
    """Does for each registered model what its retention time demands. Safe to run again: it selects what is due."""
    gone = {}
    entries = list(personal_models)
    for number, entry in enumerate(entries, start=1):
        with transaction.atomic():
            gone[entry.key] = entry.expire(on)
        progress(number, len(entries))
    return {key: count for key, count in gone.items() if count}
