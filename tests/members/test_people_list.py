"""Who works in an organisation, and how much of it each reader sees."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from members.models import AuditEntry, Organisation
from members.permissions import Role
from members.services.people import invite
from tests.factories.members import (
    create_coordinator,
    create_member,
    create_org_admin,
    create_organisation,
    create_staff,
    create_with_role,
)
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db


def url(organisation: Organisation) -> str:
    return reverse("members:people_list", args=[organisation.pk])


def test_a_member_sees_names_and_roles_but_no_addresses() -> None:
    organisation = create_organisation()
    create_org_admin(organisation, email="boss@kisu.example")
    member = create_member(organisation, email="colleague@kisu.example")
    response = client_of(member).get(url(organisation))
    assert [(one.person.name, one.is_admin) for one in response.context["people"]] == [
        ("Boss", True),
        ("Colleague", False),
    ]
    assert b"boss@kisu.example" not in response.content
    assert response.context["invitations"] is None


def test_the_admin_sees_addresses_and_open_invitations() -> None:
    organisation = create_organisation()
    admin = create_org_admin(organisation)
    create_member(organisation, email="colleague@kisu.example")
    now = timezone.now()
    for name, at in (("Waits", now), ("Too old", now - timedelta(days=15))):
        invite(
            by=admin, organisation=organisation, email=f"{at:%d}@kisu.example", name=name, role=Role.MEMBER,
            language="fi", now=at,
        )  # fmt: skip
    response = client_of(admin).get(url(organisation))
    assert b"colleague@kisu.example" in response.content
    assert [invitation.name for invitation in response.context["invitations"]] == ["Waits"]


def test_reading_from_outside_is_recorded_and_reading_the_own_is_not() -> None:
    organisation = create_organisation()
    client_of(create_org_admin(organisation)).get(url(organisation))
    assert not AuditEntry.objects.exists()
    for reader in (create_coordinator("13"), create_staff()):
        client_of(reader).get(url(organisation))
        entry = AuditEntry.objects.latest("pk")
        assert (entry.actor, entry.action, entry.organisation) == (reader, "read", organisation)


def test_another_organisations_people_are_not_there_though_its_card_is() -> None:
    organisation = create_organisation()
    for stranger in (create_org_admin(), create_member(), create_coordinator("01")):
        client = client_of(stranger)
        assert client.get(organisation.get_absolute_url()).status_code == 200
        assert client.get(url(organisation)).status_code == 404


def test_steering_gets_403() -> None:
    assert client_of(create_with_role(Role.STEERING)).get(url(create_organisation())).status_code == 403


def test_a_coordinator_reads_but_has_no_tools() -> None:
    organisation = create_organisation()
    create_member(organisation, email="colleague@kisu.example")
    response = client_of(create_coordinator("13")).get(url(organisation))
    assert b"colleague@kisu.example" in response.content
    assert response.context["manages"] is False
    assert b"Invite a person" not in response.content


@pytest.mark.parametrize("rows", [1, 30])
def test_the_list_asks_a_constant_number_of_queries(rows: int, django_assert_num_queries: object) -> None:
    organisation = create_organisation()
    admin = create_org_admin(organisation)
    for _row in range(rows):
        create_member(organisation)
    client = client_of(admin)
    with django_assert_num_queries(11):  # type: ignore[operator]
        client.get(url(organisation))
