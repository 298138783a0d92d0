"""Notices to people who sign in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from members.models import Notification, User
from members.permissions import Role


def notify(*, users: Iterable[User], kind: str, params: dict[str, str], url: str) -> int:
    """Writes one notice a person. Returns how many."""
    kind = Notification.Kind(kind)
    made = Notification.objects.bulk_create(
        Notification(user=user, kind=kind, params=params, url=url) for user in users
    )
    return len(made)


def notify_staff(*, kind: str, params: dict[str, str], url: str) -> int:
    return notify(users=User.objects.active().holding(Role.STAFF), kind=kind, params=params, url=url)


def mark_read(*, user: User, now: datetime, notice: Notification | None = None) -> int:
    """Marks one notice, or all of the person's, as read. Returns how many were new."""
    notices = user.notifications.unread()
    if notice is not None:
        notices = notices.filter(pk=notice.pk)
    return int(notices.update(read_at=now))
