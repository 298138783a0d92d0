"""Inviting a person to an organisation."""

from typing import Any

import pytest
from django.urls import reverse

from members.models import AuditEntry, Invitation, Mail, Organisation, RoleGrant
from tests.factories.members import (
    PASSWORD,
    create_coordinator,
    create_member,
    create_org_admin,
    create_organisation,
    create_staff,
)
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db


def url(organisation: Organisation) -> str:
    return reverse("members:invitation_new", args=[organisation.pk])


def whom(**changes: Any) -> dict[str, Any]:
    return {"name": "New Person", "email": "New@kisu.example", "role": "member", "language": "sv"} | changes


def test_the_admin_invites_by_mail() -> None:
    organisation = create_organisation(name="A & B Oy")
    response = client_of(create_org_admin(organisation)).post(url(organisation), whom())
    assert response["Location"] == reverse("members:people_list", args=[organisation.pk])
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.role, invitation.language) == ("new@kisu.example", "member", "sv")
    mail = Mail.objects.get()
    assert (mail.recipient, mail.language) == ("new@kisu.example", "sv")
    assert "A & B Oy" in mail.subject
    assert "A & B Oy" in mail.text
    assert "A &amp; B Oy" in mail.html
    assert "/kutsu/" in mail.text


def test_the_token_is_only_in_the_mail() -> None:
    organisation = create_organisation()
    client_of(create_org_admin(organisation)).post(url(organisation), whom())
    token = Mail.objects.get().text.partition("/kutsu/")[2].partition("/")[0]
    assert len(token) >= 43
    assert token not in "".join(map(str, Invitation.objects.values_list("token_hash", flat=True)))
    assert token not in "".join(f"{entry.label}{entry.changes}" for entry in AuditEntry.objects.all())


@pytest.mark.parametrize("role", ["staff", "superuser", "coordinator", ""])
def test_an_organisation_gives_its_own_roles_only(role: str) -> None:
    organisation = create_organisation()
    response = client_of(create_org_admin(organisation)).post(url(organisation), whom(role=role))
    assert list(response.context["form"].errors) == ["role"]
    assert not Invitation.objects.exists()
    assert not RoleGrant.objects.filter(role="staff").exists()


def test_inviting_again_replaces_the_link() -> None:
    organisation = create_organisation()
    client = client_of(create_org_admin(organisation))
    client.post(url(organisation), whom())
    client.post(url(organisation), whom(email="NEW@KISU.example"))
    assert Invitation.objects.filter(revoked_at=None).count() == 1
    assert Invitation.objects.count() == 2


def test_who_is_there_already_is_not_invited() -> None:
    organisation = create_organisation()
    create_member(organisation, email="new@kisu.example")
    response = client_of(create_org_admin(organisation)).post(url(organisation), whom())
    assert response.context["form"].non_field_errors() == ["This person is in the organisation already."]


def test_nothing_tells_whether_the_address_has_an_account_elsewhere() -> None:
    create_member(email="new@kisu.example")
    organisation = create_organisation()
    client = client_of(create_org_admin(organisation))
    known = client.post(url(organisation), whom(), follow=True).content
    unknown = client.post(url(organisation), whom(email="nobody@kisu.example"), follow=True).content
    assert b"We sent an invitation to new@kisu.example." in known
    assert b"We sent an invitation to nobody@kisu.example." in unknown


def test_an_organisation_that_is_no_member_invites_nobody() -> None:
    organisation = create_organisation(state="suspended")
    response = client_of(create_staff()).post(url(organisation), whom())
    assert response.context["form"].non_field_errors() == ["Only a member organisation can invite people."]


def test_the_password_is_asked_again_first_and_then_the_form_comes() -> None:
    organisation = create_organisation()
    admin = create_org_admin(organisation)
    client = client_of(admin, confirmed=False)
    response = client.get(url(organisation))
    assert response["Location"] == f"{reverse('account_reauthenticate')}?next={url(organisation).replace('/', '%2F')}"
    response = client.post(response["Location"], {"password": PASSWORD, "next": url(organisation)}, follow=True)
    assert response.redirect_chain[-1][0] == url(organisation)
    assert response.status_code == 200


def test_a_post_without_the_password_sends_nothing() -> None:
    organisation = create_organisation()
    client = client_of(create_org_admin(organisation), confirmed=False)
    assert client.post(url(organisation), whom())["Location"].startswith(reverse("account_reauthenticate"))
    assert not Invitation.objects.exists()


def test_who_may_not_invite() -> None:
    organisation = create_organisation()
    assert client_of(create_member(organisation)).post(url(organisation), whom()).status_code == 403
    assert client_of(create_coordinator("13")).post(url(organisation), whom()).status_code == 403
    assert client_of(create_org_admin()).post(url(organisation), whom()).status_code == 404
    assert client_of(create_org_admin(), confirmed=False).post(url(organisation), whom()).status_code == 404
    assert not Invitation.objects.exists()


def test_a_name_with_a_line_break_forges_no_header() -> None:
    organisation = create_organisation()
    client_of(create_org_admin(organisation)).post(url(organisation), whom(name="A\r\nBcc: all@kisu.example"))
    assert Invitation.objects.get().name == "A Bcc: all@kisu.example"
    assert "\n" not in Mail.objects.get().subject
