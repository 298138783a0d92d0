"""One account: roles now and before, sessions, history."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from kisu.lib.dates import business_date
from members.models import AuditEntry, User
from members.permissions import Role
from tests.factories.members import create_member, create_staff, create_user, grant
from tests.factories.sessions import client_of, sign_in

pytestmark = pytest.mark.django_db


def url(user: User) -> str:
    return reverse("members:user_detail", args=[user.pk])


def test_roles_are_told_apart_by_today() -> None:
    user = create_user()
    today = business_date(timezone.now())
    now = grant(user, Role.EXPERT)
    coming = grant(user, Role.COMMS, starts_on=today + timedelta(days=3))
    before = grant(user, Role.STEERING, starts_on=today - timedelta(days=9), ends_on=today - timedelta(days=3))
    context = client_of(create_staff()).get(url(user)).context
    assert context["current"] == [coming, now]
    assert context["ended"] == [before]


def test_sessions_are_counted() -> None:
    user = create_member()
    assert "_auth_user_id" in sign_in(user).session
    sign_in(user)
    assert client_of(create_staff()).get(url(user)).context["sessions"] == 2


def test_looking_at_anothers_account_is_recorded_and_at_the_own_not() -> None:
    staff, user = create_staff(), create_user()
    client_of(staff).get(url(staff))
    assert not AuditEntry.objects.exists()
    client_of(staff).get(url(user))
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.label) == (staff, "read", f"user {user.pk}")


def test_nobody_is_offered_to_change_the_own_account() -> None:
    staff = create_staff()
    content = client_of(staff).get(url(staff)).content
    assert b"Grant a role" not in content
    assert b"Disable the account" not in content


def test_a_member_gets_403_even_for_the_own_account() -> None:
    user = create_member()
    assert client_of(user).get(url(user)).status_code == 403
