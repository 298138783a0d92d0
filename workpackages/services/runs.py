"""One audit row for what changes many rows at once."""

from __future__ import annotations

from typing import Any

from django.db import models

from kisu.lib.logs import request_id
from members.models import AuditEntry


def record_run(
    *, model: type[models.Model], object_id: str, label: str, what: str, changes: dict[str, list[Any]]
) -> AuditEntry | None:
    """Writes one row about a whole table, done by the portal itself; nothing when nothing changed.

    `changes` says before and after by what a reader knows the rows by (a code); `what` is a message id in English.
    """
    if not changes:
        return None
    return AuditEntry.objects.create(
        action=AuditEntry.Action.CHANGED,
        model=model._meta.label,
        object_id=object_id,
        label=label[:200],
        what=what,
        changes=changes,
        request_id=request_id.get(),
    )
