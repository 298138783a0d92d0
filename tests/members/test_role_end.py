"""Ending a role."""

from datetime import timedelta

import pytest
from django.urls import reverse

from kisu.lib.dates import today
from members.models import AuditEntry, RoleGrant
from members.permissions import Role
from tests.factories.members import (
    create_coordinator,
    create_org_admin,
    create_organisation,
    create_staff,
    create_user,
    create_with_role,
    grant,
)
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db


def url(held: RoleGrant) -> str:
    return reverse("members:role_end", args=[held.user_id, held.pk])


def messages_of(response: object) -> list[str]:
    return [str(message) for message in response.context["messages"]]  # type: ignore[attr-defined]


def test_the_next_request_is_without_the_role() -> None:
    coordinator = create_coordinator()
    signed_in = client_of(coordinator)
    applications = reverse("members:application_list")
    assert signed_in.get(applications).status_code == 200
    client_of(create_staff()).post(url(coordinator.role_grants.get()))
    assert signed_in.get(applications).status_code == 403
    assert AuditEntry.objects.filter(what="role ended").count() == 1
    assert coordinator.role_grants.get().ends_on == today() - timedelta(days=1)


def test_a_role_of_today_leaves_only_its_audit_row() -> None:
    user = create_user()
    held = grant(user, Role.COMMS, starts_on=today())
    client_of(create_staff()).post(url(held))
    assert not user.role_grants.exists()
    assert AuditEntry.objects.get(what="role ended").action == "deleted"


def test_only_an_administrator_ends_a_staff_role() -> None:
    held = create_staff().role_grants.get()
    response = client_of(create_staff()).post(url(held), follow=True)
    assert messages_of(response) == ["Only an administrator ends a staff role."]
    client_of(create_with_role(Role.SUPERUSER)).post(url(held))
    held.refresh_from_db()
    assert held.ends_on is not None


def test_the_last_admin_of_an_organisation_stays() -> None:
    held = create_org_admin(create_organisation()).role_grants.get()
    response = client_of(create_staff()).post(url(held), follow=True)
    assert messages_of(response) == ["An organisation needs an admin. Make somebody else an admin first."]


def test_the_second_press_says_that_it_ended_already() -> None:
    held = create_coordinator().role_grants.get()
    staff = client_of(create_staff())
    staff.post(url(held), follow=True)
    assert messages_of(staff.post(url(held), follow=True)) == ["The role has ended already."]


def test_a_role_is_found_only_under_its_own_account() -> None:
    held = create_coordinator().role_grants.get()
    wrong = reverse("members:role_end", args=[create_user().pk, held.pk])
    assert client_of(create_staff()).post(wrong).status_code == 404


def test_without_the_password_nothing_ends() -> None:
    held = create_coordinator().role_grants.get()
    response = client_of(create_staff(), confirmed=False).post(url(held))
    assert response["Location"].startswith(reverse("account_reauthenticate"))
    held.refresh_from_db()
    assert held.ends_on is None


def test_an_organisation_admin_gets_403() -> None:
    admin = create_org_admin()
    assert client_of(admin).post(url(admin.role_grants.get())).status_code == 403
