from __future__ import annotations

from django.db.models import Model, QuerySet

from members.models import AuditEntry, User

SHOWN = 20


def history_of(instance: Model, *, user: User) -> QuerySet[AuditEntry]:
    """The newest changes of an object that the user may read about; who only looked at it is in the audit log."""
    entries = AuditEntry.objects.visible_to(user).about(instance).exclude(action=AuditEntry.Action.READ)
    return entries.order_by("-at", "-pk")[:SHOWN]
