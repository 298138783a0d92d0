"""Template side of the audit log."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.db.models import QuerySet

from members.history import Line, in_words
from members.models import AuditEntry

register = template.Library()


@register.simple_tag
def in_the_readers_words(entries: Iterable[AuditEntry]) -> list[Line]:
    """{% in_the_readers_words history as lines %}: entries with who, and each change as label, before, after."""
    return in_words(entries.select_related("actor__person") if isinstance(entries, QuerySet) else entries)
