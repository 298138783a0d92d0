"""Asking for the password (or the code) again, before acts that a stranger at an open computer must not do."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.http import HttpRequest


@reauthentication_required  # type: ignore[untyped-decorator]
def confirm_identity(request: HttpRequest) -> None:
    """Raises allauth's ReauthenticationRequired unless the person proved who they are in the last ten minutes.

    allauth's middleware then asks, and carries the request out after the answer. A view calls this after it has fetched
    its object, so that what is not theirs is 404 before anything is asked.
    """
