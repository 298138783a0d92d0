"""Approving an application: a member, an invitation, and what must not happen twice."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Affiliation, AuditEntry, Invitation, Mail, MembershipApplication, Organisation, RoleGrant
from members.permissions import Role
from tests.factories.members import (
    create_application,
    create_coordinator,
    create_member,
    create_organisation,
    create_staff,
    create_with_role,
)
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db


def url(name: str, application: MembershipApplication) -> str:
    return reverse(f"members:application_{name}", args=[application.pk])


def messages_of(response: object) -> list[str]:
    return [str(message) for message in response.context["messages"]]  # type: ignore[attr-defined]


def test_approving_makes_a_member_and_invites_its_first_admin() -> None:
    application = create_application(name="New Mill Oy", language="sv")
    coordinator = create_coordinator("13")

    response = client_of(coordinator).post(url("approve", application), follow=True)

    organisation = Organisation.objects.get(business_id=application.business_id)
    assert (organisation.name, organisation.state) == ("New Mill Oy", "member")
    application.refresh_from_db()
    assert (application.state, application.decided_by, application.organisation) == (
        "approved",
        coordinator,
        organisation,
    )
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.role, invitation.language) == (application.contact_email, "org_admin", "sv")
    assert Mail.objects.get().recipient == application.contact_email
    assert messages_of(response) == [f"Approved. We sent an invitation to {application.contact_email}."]


def test_from_application_to_the_desk() -> None:
    """The whole way: apply, approve, mail, link, account, signed in with the admin's role."""
    application = create_application(name="Whole Way Oy")
    client_of(create_staff()).post(url("approve", application))
    (link,) = re.findall(r"/kutsu/\S+", Mail.objects.get().text)

    newcomer = Client()
    response = newcomer.post(link, {"name": "First Admin", "password": "a sentence that is long"})

    assert response["Location"] == reverse("desk")
    grant = RoleGrant.objects.get(role=Role.ORG_ADMIN)
    assert grant.organisation is not None
    assert (grant.organisation.name, grant.user.email) == ("Whole Way Oy", application.contact_email)
    assert newcomer.session["_auth_user_id"] == str(grant.user.pk)


def test_an_organisation_of_the_register_is_taken_not_doubled() -> None:
    prospect = create_organisation(name="Known For Years Oy", state="prospect", website="https://known.example")
    application = create_application(name="Known for years", business_id=prospect.business_id, website="")
    client_of(create_staff()).post(url("approve", application))
    prospect.refresh_from_db()
    assert (prospect.name, prospect.state, prospect.website) == (
        "Known For Years Oy",
        "member",
        "https://known.example",
    )
    assert Organisation.objects.count() == 1


def test_the_second_press_of_approve_does_nothing_and_says_so() -> None:
    application = create_application()
    staff = client_of(create_staff())
    staff.post(url("approve", application), follow=True)
    response = staff.post(url("approve", application), follow=True)
    assert messages_of(response) == ["Somebody has decided this application already."]
    assert (Organisation.objects.count(), Invitation.objects.count(), Mail.objects.count()) == (1, 1, 1)


def test_an_organisation_that_is_a_member_already_is_not_approved_again() -> None:
    member = create_organisation(name="Member Oy")
    application = create_application(business_id=member.business_id, name="Member Oy again")
    response = client_of(create_staff()).post(url("approve", application), follow=True)
    assert messages_of(response) == ["Already a member: Member Oy. Reject the application and say so."]
    application.refresh_from_db()
    assert application.state == "submitted"
    assert not Invitation.objects.exists()


def test_a_name_that_another_organisation_has_stops_the_approval_whole() -> None:
    create_organisation(name="Twice Oy")
    application = create_application(name="TWICE OY")
    response = client_of(create_staff()).post(url("approve", application), follow=True)
    assert messages_of(response) == ["Another organisation is called TWICE OY. Check the Business ID."]
    application.refresh_from_db()
    assert (application.state, Organisation.objects.count(), Mail.objects.count()) == ("submitted", 1, 0)


@pytest.mark.parametrize("role", [Role.STEERING, Role.EXPERT, Role.COMMS])
def test_who_does_not_decide_gets_403(role: Role) -> None:
    application = create_application()
    client = client_of(create_with_role(role))
    assert client.post(url("approve", application)).status_code == 403
    assert client.get(reverse("members:application_list")).status_code == 403


def test_a_member_gets_403_even_in_the_own_region() -> None:
    application = create_application()
    assert client_of(create_member()).post(url("approve", application)).status_code == 403


def test_a_stranger_is_asked_to_sign_in(client: Client) -> None:
    response = client.post(url("approve", create_application()))
    assert response["Location"].startswith(reverse("account_login"))


def test_what_was_decided_is_in_the_audit_log_without_the_contact() -> None:
    application = create_application(contact_name="Canary Contact")
    client_of(create_staff()).post(url("approve", application))
    entries = AuditEntry.objects.exclude(action="refused")
    assert {entry.what for entry in entries} >= {
        "application decided",
        "organisation approved as a member",
        "person invited",
    }
    assert "Canary" not in "".join(f"{entry.label}{entry.changes}" for entry in entries)
    assert not Affiliation.objects.filter(person__name="Canary Contact").exists()
