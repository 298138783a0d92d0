"""The audit log in the reader's words: who, what, on which object, from what to what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kisu.lib import formats
from members.models import AuditEntry, Person, User
from members.services.audit import HIDDEN

LONGEST = 120  # characters of a value; the object's page has the whole text
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Change:
    """One field. A personal one says only that it changed: before and after are empty."""

    label: str
    before: str
    after: str
    hidden: bool

    def __str__(self) -> str:
        if self.hidden:
            return _("%(field)s changed") % {"field": self.label}
        return f"{self.label}: {self.before} → {self.after}"


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as it is read. `url` leads to the object when it is still there."""

    entry: AuditEntry
    who: str
    changes: list[Change]
    url: str = ""


def who(entry: AuditEntry) -> str:
    """Name of who acted; the query behind the entries selects actor__person."""
    if entry.actor_id is None:
        return _("Not signed in") if entry.action == AuditEntry.Action.REFUSED else _("The portal itself")
    return related_words(entry.actor) if entry.actor else _account(entry.actor_id)


def _account(number: int) -> str:
    return _("Account %(number)s") % {"number": number}


def related_words(row: models.Model) -> str:
    """The name of what a field leads to; of a person without a name the number, never an address."""
    if isinstance(row, User):
        person = getattr(row, "person", None)
        return person.name if isinstance(person, Person) else _account(row.pk)
    return str(row)


def in_words(entries: Iterable[AuditEntry], *, links: bool = False) -> list[Line]:
    """The entries as lines. As many queries as kinds of related rows, however many entries."""
    entries = list(entries)
    names = _names(entries)
    urls = _urls(entries) if links else {}
    return [
        Line(
            entry=entry,
            who=who(entry),
            changes=changes_of(entry, names),
            url=urls.get((entry.model, entry.object_id), ""),
        )
        for entry in entries
    ]


def changes_of(entry: AuditEntry, names: dict[tuple[type[models.Model], str], str] | None = None) -> list[Change]:
    """What changed; without `names` a related row is its number."""
    model = _model(entry.model)
    changes = []
    for name, (before, after) in entry.changes.items():
        field = _field(model, name)
        if getattr(field, "primary_key", False):
            continue
        hidden = before == HIDDEN and after == HIDDEN
        changes.append(
            Change(
                label=field_label(entry.model, name),
                before="" if hidden else _words(field, before, names or {}),
                after="" if hidden else _words(field, after, names or {}),
                hidden=hidden,
            )
        )
    return changes


# What the packages' models call in English only, and what is no field.
FIELD_LABELS = {
    "created_at": gettext_lazy("created"),
    "last_seen_at": gettext_lazy("last seen"),
    "last_used_at": gettext_lazy("last used"),
    "ip": gettext_lazy("address"),
    "user_agent": gettext_lazy("browser"),
    "type": gettext_lazy("kind"),
    "user": gettext_lazy("user"),
    "file": gettext_lazy("file"),
    "accounts": gettext_lazy("accounts"),
}


def field_label(model_label: str, name: str) -> str:
    """What a reader calls a field of a model, with a capital."""
    text = field_name(model_label, name)
    return text[:1].upper() + text[1:]


def field_name(model_label: str, name: str) -> str:
    """What a reader calls a field of a model; a key that is itself a model's label is named after that model."""
    if table := _model(name):
        return str(table._meta.verbose_name_plural)
    related = name.removesuffix("_name")
    field = _field(_model(model_label), name) or _field(_model(model_label), related)
    label = getattr(field, "verbose_name", "") or name.replace("_", " ")
    if not isinstance(label, Promise):
        label = FIELD_LABELS.get(name, label)
    return str(label)


def value_words(model_label: str, name: str, value: Any) -> str:
    """A stored value as it is read; what leads to another row is left as it is."""
    if (model_label, name) == (AuditEntry._meta.label, "what"):
        return _(value)
    field = _field(_model(model_label), name)
    return str(value) if field is not None and field.is_relation else _words(field, value, {}, longest=None)


def _words(
    field: Any, value: Any, names: dict[tuple[type[models.Model], str], str], *, longest: int | None = LONGEST
) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if field is not None and field.is_relation:
        return names.get((field.related_model, str(value)), str(value))
    if field is not None and (choices := dict(field.flatchoices)):
        return str(choices.get(value, value))
    try:
        match field:
            case models.DateTimeField():
                return formats.datetime(datetime.fromisoformat(value))
            case models.DateField():
                return formats.date(date.fromisoformat(value))
            case models.DecimalField():
                return formats.number(Decimal(value))
            case models.IntegerField():
                return formats.number(int(value))
    except (TypeError, ValueError, InvalidOperation):
        pass  # the column had another type when the row was written
    text = str(value)
    return text if longest is None or len(text) <= longest else f"{text[: longest - 1]}…"


def _model(label: str) -> type[models.Model] | None:
    """None for an object whose kind this version does not know, and for a refused request."""
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def _field(model: type[models.Model] | None, name: str) -> Any:
    """The field; `answers__reason` is that of a row that belongs to the model's."""
    *way, last = name.split("__")
    try:
        for step in way:
            model = model._meta.get_field(step).related_model if model else None
        return model._meta.get_field(last) if model else None
    except FieldDoesNotExist:
        return None


def _names(entries: list[AuditEntry]) -> dict[tuple[type[models.Model], str], str]:
    """The names of all rows that the changes lead to, by model and number."""
    wanted: dict[type[models.Model], set[str]] = {}
    for entry in entries:
        model = _model(entry.model)
        for name, values in entry.changes.items():
            field = _field(model, name)
            if field is not None and field.is_relation:
                wanted.setdefault(field.related_model, set()).update(str(v) for v in values if v not in (None, HIDDEN))
    return {(model, str(row.pk)): related_words(row) for model, keys in wanted.items() for row in _found(model, keys)}


def _urls(entries: list[AuditEntry]) -> dict[tuple[str, str], str]:
    wanted: dict[str, set[str]] = {}
    for entry in entries:
        if entry.object_id:
            wanted.setdefault(entry.model, set()).add(entry.object_id)
    urls: dict[tuple[str, str], str] = {}
    for label, keys in wanted.items():
        model = _model(label)
        if model is not None and hasattr(model, "get_absolute_url"):
            urls |= {(label, str(row.pk)): row.get_absolute_url() for row in _found(model, keys)}  # type: ignore[attr-defined]
    return urls


def _found(model: type[models.Model], keys: set[str]) -> list[models.Model]:
    # Some acts are about no row (a plan that was loaded), and their number is a word.
    numbers = {key for key in keys if not isinstance(model._meta.pk, models.IntegerField) or key.isdecimal()}
    rows = model._base_manager.filter(pk__in=numbers)
    return list(rows.select_related("person") if model is User else rows)
