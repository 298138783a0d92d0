"""How a view says whom it serves, and how it fetches what its user may see or change.

A view without one of the two decorators fails the system check at start-up (kisu/checks.py).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase

from members.models import User
from members.permissions import Permission

View = Callable[..., HttpResponseBase]
M = TypeVar("M", bound=Model)


def requires(permission: Permission) -> Callable[[View], View]:
    """Signed in with this permission, however far it reaches; else 403. Objects are the view's business."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated or not request.user.may(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def public(*, why: str) -> Callable[[View], View]:
    """Open without signing in. `why` is for the reader and for the permission test's report."""

    def decorate(view: View) -> View:
        opened: View = login_not_required(view)
        opened.public = why  # type: ignore[attr-defined]
        return opened

    return decorate


def signed_in(request: HttpRequest) -> User:
    """The user of a view that requires one."""
    assert request.user.is_authenticated  # noqa: S101  LoginRequiredMiddleware and `requires` stand before it
    return request.user


def visible_or_404(rows: QuerySet[M], **key: Any) -> M:
    """The object among those that the user may see; 404 with the same page for one that is not theirs and for none."""
    try:
        return rows.get(**key)
    except rows.model.DoesNotExist as error:  # type: ignore[attr-defined]
        raise Http404 from error


def editable_or_403(visible: QuerySet[M], editable: QuerySet[M], **key: Any) -> M:
    """The object to change: 404 when it can't be seen, 403 when it can be seen but not changed."""
    row = visible_or_404(visible, **key)
    if not editable.filter(pk=row.pk).exists():
        raise PermissionDenied
    return row
