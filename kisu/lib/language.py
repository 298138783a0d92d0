"""Text that is kept in three columns: name_fi, name_sv, name_en."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language


def in_language(row: Any, field: str) -> str:
    """The column of the reader's language, or Finnish where it is empty."""
    language = get_language() or "fi"
    return str(getattr(row, f"{field}_{language}", "") or getattr(row, f"{field}_fi"))


def name_column() -> str:
    """The column that a list is ordered by in the reader's language."""
    language = get_language()
    return f"name_{language}" if language in {"sv", "en"} else "name_fi"
