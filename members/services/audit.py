"""Writing the audit log."""

from __future__ import annotations

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from kisu.lib.logs import request_id, scrub
from kisu.lib.personal_data import is_personal
from members.models import AuditEntry, Organisation, Region, User

HIDDEN = "•"
NEVER = {"password", "token_hash", "changed_at"}

_encode = DjangoJSONEncoder(ensure_ascii=False).encode


def snapshot(instance: models.Model) -> dict[str, Any]:
    """The stored columns by field name, as JSON can hold them: taken before a change, passed to `record_change`."""
    values: dict[str, Any] = {}
    for field in instance._meta.concrete_fields:
        if field.name not in NEVER:
            value = field.value_from_object(instance)
            values[field.name] = (
                value if value is None or isinstance(value, (bool, int, str)) else _encode(value).strip('"')
            )
    return values


def difference(model: type[models.Model], before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """{"field": [before, after]} of what differs; a personal field says only that it does."""
    changes = {}
    for name in after.keys() | before.keys():
        old, new = before.get(name), after.get(name)
        if old != new:
            changes[name] = [HIDDEN, HIDDEN] if is_personal(model, name) else [old, new]
    return changes


def record(
    *,
    by: User | None,
    action: AuditEntry.Action,
    instance: models.Model,
    what: str,
    changes: dict[str, list[Any]] | None = None,
    organisation: Organisation | None = None,
    region: Region | None = None,
) -> AuditEntry:
    """Writes one row. `what` is a message id in English ("listing published"); `by` None means: the portal itself.

    `organisation` and `region` say whose admin and whose coordinator may read the row.
    """
    if organisation is None and isinstance(instance, Organisation):
        organisation = instance
    if region is None and organisation is not None:
        region = organisation.municipality.region
    # Not type(): the signed-in user comes as a lazy object of another type.
    personal_label = any(is_personal(instance.__class__, field) for field in ("name", "email"))
    label = f"{instance._meta.verbose_name} {instance.pk}" if personal_label else str(instance)
    return AuditEntry.objects.create(
        actor=by,
        action=action,
        model=instance._meta.label,
        object_id=str(instance.pk),
        label=label[:200],
        what=what,
        changes=changes or {},
        organisation=organisation,
        region=region,
        request_id=request_id.get(),
    )


def record_change(
    *,
    by: User | None,
    instance: models.Model,
    before: dict[str, Any],
    what: str,
    organisation: Organisation | None = None,
    region: Region | None = None,
) -> AuditEntry | None:
    """Writes what differs from the snapshot; nothing when nothing does."""
    changes = difference(instance.__class__, before, snapshot(instance))
    if not changes:
        return None
    return record(
        by=by,
        action=AuditEntry.Action.CHANGED,
        instance=instance,
        what=what,
        changes=changes,
        organisation=organisation,
        region=region,
    )


def record_creation(
    *,
    by: User | None,
    instance: models.Model,
    what: str,
    organisation: Organisation | None = None,
    region: Region | None = None,
) -> AuditEntry:
    return record(
        by=by,
        action=AuditEntry.Action.CREATED,
        instance=instance,
        what=what,
        changes=difference(
            instance.__class__, {}, {k: v for k, v in snapshot(instance).items() if v not in (None, "")}
        ),
        organisation=organisation,
        region=region,
    )


def record_refusal(*, by: User | None, method: str, path: str, status: int) -> None:
    """One row for each request that was refused: 403, a 404 that hides, or a redirect of a stranger to sign-in."""
    AuditEntry.objects.create(
        actor=by,
        action=AuditEntry.Action.REFUSED,
        model="",
        object_id="",
        label=scrub(path)[:200],  # the token of an invitation is a key, not a place
        what=f"{method} {status}",
        request_id=request_id.get(),
    )
