"""Making a colleague an admin or a member."""

import pytest
from django.urls import reverse

from members.models import AuditEntry, Organisation, Person, RoleGrant, User
from tests.factories.members import (
    PASSWORD,
    create_coordinator,
    create_member,
    create_org_admin,
    create_organisation,
    create_user,
)
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db


def url(organisation: Organisation, person: Person) -> str:
    return reverse("members:person_role", args=[organisation.pk, person.pk])


def open_roles(user: User) -> list[str]:
    return list(user.role_grants.filter(ends_on=None).values_list("role", flat=True))


def messages_of(response: object) -> list[str]:
    return [str(message) for message in response.context["messages"]]  # type: ignore[attr-defined]


def test_a_colleague_becomes_admin_and_the_old_role_ends() -> None:
    organisation = create_organisation()
    admin, member = create_org_admin(organisation), create_member(organisation, email="colleague@kisu.example")
    response = client_of(admin).post(url(organisation, member.person), {"role": "org_admin"}, follow=True)
    assert open_roles(member) == ["org_admin"]
    assert messages_of(response) == ["Colleague now has the role: Organisation admin"]
    assert {entry.what for entry in AuditEntry.objects.all()} == {"role granted", "role ended"}


def test_the_same_role_again_changes_nothing() -> None:
    organisation = create_organisation()
    admin, member = create_org_admin(organisation), create_member(organisation)
    client_of(admin).post(url(organisation, member.person), {"role": "member"})
    assert not AuditEntry.objects.exists()
    assert RoleGrant.objects.count() == 2


def test_the_last_admin_does_not_step_down() -> None:
    organisation = create_organisation()
    admin = create_org_admin(organisation)
    create_org_admin(organisation, is_active=False)
    response = client_of(admin).post(url(organisation, admin.person), {"role": "member"}, follow=True)
    assert messages_of(response) == ["An organisation needs an admin. Make somebody else an admin first."]
    assert open_roles(admin) == ["org_admin"]


def test_one_of_two_admins_may_step_down_and_loses_the_tools_at_once() -> None:
    organisation = create_organisation()
    admin = create_org_admin(organisation)
    create_org_admin(organisation)
    client = client_of(admin)
    response = client.post(url(organisation, admin.person), {"role": "member"}, follow=True)
    assert response.status_code == 200
    assert response.context["manages"] is False
    assert client.post(url(organisation, admin.person), {"role": "org_admin"}).status_code == 403


@pytest.mark.parametrize("role", ["staff", "superuser", "coordinator", ""])
def test_no_other_role_is_given_this_way(role: str) -> None:
    organisation = create_organisation()
    member = create_member(organisation)
    client_of(create_org_admin(organisation)).post(url(organisation, member.person), {"role": role})
    assert open_roles(member) == ["member"]


def test_a_person_of_another_organisation_is_not_there() -> None:
    own, other = create_organisation(), create_organisation()
    stranger = create_member(other)
    client = client_of(create_org_admin(own))
    assert client.post(url(own, stranger.person), {"role": "org_admin"}).status_code == 404
    assert client.post(url(other, stranger.person), {"role": "org_admin"}).status_code == 404
    assert open_roles(stranger) == ["member"]


def test_a_member_and_a_coordinator_get_403() -> None:
    organisation = create_organisation()
    member = create_member(organisation)
    for user in (member, create_coordinator("13")):
        assert client_of(user).post(url(organisation, member.person), {"role": "org_admin"}).status_code == 403


def test_a_contact_without_account_has_no_role() -> None:
    organisation = create_organisation()
    user = create_user(organisation=organisation)
    person = user.person
    Person.objects.update(user=None)
    admin = create_org_admin(organisation)
    response = client_of(admin).post(url(organisation, person), {"role": "member"}, follow=True)
    assert messages_of(response) == ["This person has no account. Send an invitation first."]


def test_after_the_password_the_press_is_carried_out() -> None:
    organisation = create_organisation()
    member = create_member(organisation)
    client = client_of(create_org_admin(organisation), confirmed=False)
    asked = client.post(url(organisation, member.person), {"role": "org_admin"})
    assert open_roles(member) == ["member"]
    response = client.post(asked["Location"], {"password": PASSWORD})
    assert response["Location"] == reverse("members:people_list", args=[organisation.pk])
    assert open_roles(member) == ["org_admin"]
