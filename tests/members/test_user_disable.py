"""Taking sign-in away, and giving it back."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.urls import reverse

from members.models import AuditEntry, User
from members.permissions import Role
from tests.factories.members import create_member, create_org_admin, create_staff, create_user, create_with_role
from tests.factories.sessions import client_of, sign_in

pytestmark = pytest.mark.django_db


def url(user: User, act: str = "disable") -> str:
    return reverse(f"members:user_{act}", args=[user.pk])


def messages_of(response: object) -> list[str]:
    return [str(message) for message in response.context["messages"]]  # type: ignore[attr-defined]


def test_every_session_ends_at_once_and_no_new_one_begins() -> None:
    user = create_member()
    browser = sign_in(user)
    key = browser.session.session_key
    assert browser.session["_auth_user_id"] == str(user.pk)

    client_of(create_staff()).post(url(user))

    assert not Session.objects.filter(session_key=key).exists()
    assert not UserSession.objects.filter(user=user).exists()
    assert browser.get("/jasenet/oma/")["Location"].startswith(reverse("account_login"))
    assert "_auth_user_id" not in sign_in(user).session
    assert AuditEntry.objects.get(what="account disabled").changes == {"is_active": [True, False]}


def test_enabling_gives_the_roles_back_but_not_the_old_session() -> None:
    user = create_member()
    staff = client_of(create_staff())
    staff.post(url(user))
    staff.post(url(user, "enable"))
    user = User.objects.get(pk=user.pk)
    assert user.is_active
    assert user.roles == {Role.MEMBER}


def test_nobody_disables_the_own_account() -> None:
    staff = create_staff()
    response = client_of(staff).post(url(staff), follow=True)
    assert messages_of(response) == ["Nobody disables or enables their own account."]
    assert User.objects.get(pk=staff.pk).is_active


@pytest.mark.parametrize("role", [Role.STAFF, Role.SUPERUSER])
def test_staff_and_administrators_are_disabled_by_an_administrator_only(role: Role) -> None:
    user = create_with_role(role)
    response = client_of(create_staff()).post(url(user), follow=True)
    assert messages_of(response) == ["Only an administrator disables or enables staff."]
    client_of(create_with_role(Role.SUPERUSER)).post(url(user))
    assert not User.objects.get(pk=user.pk).is_active
    client_of(create_staff()).post(url(user, "enable"))
    assert not User.objects.get(pk=user.pk).is_active


def test_an_organisation_admin_gets_403() -> None:
    user = create_user()
    assert client_of(create_org_admin()).post(url(user)).status_code == 403
    assert client_of(create_org_admin()).post(url(user, "enable")).status_code == 403


def test_without_the_password_nothing_happens() -> None:
    user = create_user()
    response = client_of(create_staff(), confirmed=False).post(url(user))
    assert response["Location"].startswith(reverse("account_reauthenticate"))
    assert User.objects.get(pk=user.pk).is_active
