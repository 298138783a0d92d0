"""Removing a person from an organisation."""

import pytest
from django.urls import reverse

from members.models import Organisation, Person, RoleGrant
from members.permissions import Role
from tests.factories.members import create_member, create_org_admin, create_organisation, create_staff, grant
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db


def url(organisation: Organisation, person: Person) -> str:
    return reverse("members:person_remove", args=[organisation.pk, person.pk])


def test_the_page_names_the_person_and_changes_nothing() -> None:
    organisation = create_organisation(name="A Oy")
    member = create_member(organisation, email="colleague@kisu.example")
    response = client_of(create_org_admin(organisation)).get(url(organisation, member.person))
    assert b"Remove Colleague from the organisation A Oy?" in response.content
    assert member.role_grants.filter(ends_on=None).count() == 1


def test_role_and_place_end_at_once_and_the_rest_stays() -> None:
    organisation, elsewhere = create_organisation(), create_organisation()
    member = create_member(organisation)
    grant(member, Role.MEMBER, organisation=elsewhere)
    signed_in = client_of(member)
    people = reverse("members:people_list", args=[organisation.pk])
    assert signed_in.get(people).status_code == 200

    admin = client_of(create_org_admin(organisation))
    response = admin.post(url(organisation, member.person), follow=True)
    assert member.person not in [one.person for one in response.context["people"]]
    assert signed_in.get(people).status_code == 404
    assert list(RoleGrant.objects.filter(user=member, ends_on=None)) == [RoleGrant.objects.get(organisation=elsewhere)]
    member.refresh_from_db()
    assert member.is_active


def test_the_last_admin_is_not_removed_even_by_staff() -> None:
    organisation = create_organisation()
    admin = create_org_admin(organisation)
    create_member(organisation)
    for user in (admin, create_staff()):
        response = client_of(user).post(url(organisation, admin.person), follow=True)
        assert b"An organisation needs an admin. Make somebody else an admin first." in response.content
    assert admin.role_grants.get().ends_on is None


def test_one_of_two_admins_may_leave() -> None:
    organisation = create_organisation()
    admin = create_org_admin(organisation)
    create_org_admin(organisation)
    response = client_of(admin).post(url(organisation, admin.person))
    assert response["Location"] == organisation.get_absolute_url()


def test_a_person_of_another_organisation_is_not_there() -> None:
    own, other = create_organisation(), create_organisation()
    stranger = create_member(other)
    client = client_of(create_org_admin(own))
    assert client.post(url(own, stranger.person)).status_code == 404
    assert client.post(url(other, stranger.person)).status_code == 404
    assert stranger.role_grants.get().ends_on is None


def test_a_member_gets_403() -> None:
    organisation = create_organisation()
    member = create_member(organisation)
    assert client_of(member).post(url(organisation, member.person)).status_code == 403


def test_without_the_password_nothing_happens() -> None:
    organisation = create_organisation()
    member = create_member(organisation)
    client = client_of(create_org_admin(organisation), confirmed=False)
    assert client.post(url(organisation, member.person))["Location"].startswith(reverse("account_reauthenticate"))
    assert member.role_grants.get().ends_on is None
