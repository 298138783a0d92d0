"""Asks a URL as somebody and says what came: for the matrix, and for the holes that it has to find."""

from __future__ import annotations

import io
import zipfile

from django.db import connection
from django.http import HttpResponse
from django.urls import reverse

from tests.permissions.table import FORBIDDEN, HIDDEN, LOGIN, OPEN

Counts = tuple[int, int, int]
NOTHING: Counts = (0, 0, 0)


def outcome(response: HttpResponse) -> str:
    """The cell that an answer means; the bare status where it means none."""
    if response.status_code == 302 and response["Location"].startswith(reverse("account_login") + "?"):
        return LOGIN
    return {200: OPEN, 204: OPEN, 301: OPEN, 401: OPEN, 302: OPEN, 303: OPEN, 403: FORBIDDEN, 404: HIDDEN}.get(
        response.status_code, str(response.status_code)
    )


def written() -> dict[str, Counts]:
    """Rows inserted, updated, deleted per table since the transaction began, also those that were rolled back.

    What the view pg_stat_xact_user_tables says, without its joins: this runs some 15,000 times.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, inserted, updated, deleted FROM pg_class,"
            " pg_stat_get_xact_tuples_inserted(oid) inserted, pg_stat_get_xact_tuples_updated(oid) updated,"
            " pg_stat_get_xact_tuples_deleted(oid) deleted"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND inserted + updated + deleted > 0"
        )
        return {name: (inserted, updated, deleted) for name, inserted, updated, deleted in cursor.fetchall()}


def changes(before: dict[str, Counts], after: dict[str, Counts]) -> dict[str, Counts]:
    """Which tables were written to between two calls of `written`, and how many rows."""
    return {
        table: tuple(new - old for new, old in zip(counts, before.get(table, NOTHING), strict=True))  # type: ignore[misc]
        for table, counts in after.items()
        if counts != before.get(table, NOTHING)
    }


def everything_in(response: HttpResponse) -> str:
    """Headers and body as text; the parts of a zip (xlsx, pptx) unpacked."""
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    parts = [body]
    if body[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = [archive.read(name) for name in archive.namelist()]
    headers = "\n".join(f"{key}: {value}" for key, value in response.items())
    return headers + "\n".join(part.decode("utf-8", "replace") for part in parts)


def leaks(response: HttpResponse, canary: str) -> bool:
    return canary in everything_in(response)
