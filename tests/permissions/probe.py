"""Asks a URL as somebody and says what came: for the matrix, and for the holes that it has to find."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from members.models import User
from tests.factories.sessions import client_of
from tests.permissions.table import FORBIDDEN, HIDDEN, LOGIN, OPEN


def browser_of(user: User | AnonymousUser) -> Client:
    """A browser whose user has just signed in, so that re-authentication is not asked for."""
    return client_of(user, confirmed=True) if user.is_authenticated else Client()


def outcome(response: HttpResponse) -> str:
    """The cell that an answer means; the bare status where it means none."""
    if response.status_code == 302 and response["Location"].startswith(reverse("account_login") + "?"):
        return LOGIN
    return {200: OPEN, 204: OPEN, 301: OPEN, 401: OPEN, 302: OPEN, 303: OPEN, 403: FORBIDDEN, 404: HIDDEN}.get(
        response.status_code, str(response.status_code)
    )


def written() -> dict[str, tuple[int, int, int]]:
    """Rows inserted, updated, deleted per table since the transaction began, also those that were rolled back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables"
            " WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"
        )
        return {name: (inserted, updated, deleted) for name, inserted, updated, deleted in cursor.fetchall()}


def changes(request: Callable[[], HttpResponse]) -> tuple[HttpResponse, dict[str, tuple[int, int, int]]]:
    """The answer, and which tables the request wrote to."""
    before = written()
    response = request()
    after = written()
    nothing = (0, 0, 0)
    return response, {
        table: tuple(new - old for new, old in zip(counts, before.get(table, nothing), strict=True))  # type: ignore[misc]
        for table, counts in after.items()
        if counts != before.get(table, nothing)
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
