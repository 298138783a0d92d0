"""The link of an invitation: who may use it, how often, and what it tells to others."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kisu.lib.dates import business_date
from members.models import Affiliation, Invitation, Organisation, RoleGrant, User
from members.permissions import Role
from members.services.people import hash_of
from tests.factories.members import create_member, create_org_admin, create_organisation, create_user, grant
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-the-test"
PASSWORD = "a sentence that is long"


def create_invitation(organisation: Organisation | None = None, **fields: object) -> Invitation:
    values = {
        "email": "new@kisu.example",
        "name": "New Person",
        "organisation": organisation or create_organisation(),
        "role": Role.MEMBER,
        "token_hash": hash_of(TOKEN),
        "expires_at": timezone.now() + timedelta(days=3),
    }
    return Invitation.objects.create(**values | fields)


def link(token: str = TOKEN) -> str:
    return reverse("members:invitation_accept", args=[token])


def accept(client: Client, **changes: str) -> object:
    return client.post(link(), {"name": "New Person", "password": PASSWORD} | changes)


def test_accepting_opens_the_account_with_role_and_place_and_signs_in(client: Client) -> None:
    invitation = create_invitation()
    response = accept(client, name="  New   Name ")

    assert response["Location"] == reverse("desk")  # type: ignore[index]
    user = User.objects.get(email="new@kisu.example")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert user.check_password(PASSWORD)
    assert user.person.name == "New Name"
    assert [(held.role, held.organisation) for held in user.grants] == [("member", invitation.organisation)]
    assert Affiliation.objects.get(person=user.person).organisation == invitation.organisation
    address = EmailAddress.objects.get(user=user)
    assert (address.verified, address.primary) == (True, True)


def test_reading_the_link_changes_nothing_however_often(client: Client) -> None:
    create_invitation()
    for _time in range(3):
        assert client.get(link()).status_code == 200
        client.head(link())
    assert Invitation.objects.get().accepted_at is None
    assert not User.objects.exists()


def test_the_second_use_finds_a_neutral_page(client: Client) -> None:
    create_invitation()
    accept(client)
    other = Client()
    other.cookies["kisu_language"] = "en"
    response = other.post(link(), {"name": "Other", "password": PASSWORD})
    assert response.status_code == 404
    assert b"The link does not work" in response.content
    assert b"New Person" not in response.content
    assert "_auth_user_id" not in other.session
    assert User.objects.count() == 1


@pytest.mark.parametrize("change", ["old", "revoked", "changed token", "organisation left"])
def test_a_link_that_does_not_hold_says_the_same_whatever_the_cause(client: Client, change: str) -> None:
    now = timezone.now()
    organisation = create_organisation(state="suspended") if change == "organisation left" else None
    fields = {"old": {"expires_at": now}, "revoked": {"revoked_at": now}}.get(change, {})
    create_invitation(organisation, **fields)
    response = client.get(link(TOKEN[:-1] if change == "changed token" else TOKEN))
    assert response.status_code == 404
    assert b"The link does not work" in response.content
    assert b"new@kisu.example" not in response.content


def test_an_address_with_an_account_signs_in_first(client: Client) -> None:
    elsewhere = create_organisation()
    user = create_member(elsewhere, email="new@kisu.example")
    invitation = create_invitation(email="New@kisu.example")

    response = client.get(link())
    assert response.context["case"] == "sign_in_first"
    assert f"next={link()}".encode() in response.content
    assert accept(client).status_code == 409  # type: ignore[attr-defined]
    assert not RoleGrant.objects.filter(organisation=invitation.organisation).exists()

    signed_in = client_of(user)
    assert signed_in.get(link()).context["case"] == "own_account"
    assert signed_in.post(link())["Location"] == reverse("desk")
    held = RoleGrant.objects.filter(user=user).values_list("organisation", flat=True)
    assert set(held) == {elsewhere.pk, invitation.organisation.pk}
    assert not user.check_password(PASSWORD)


def test_somebody_signed_in_with_another_address_does_not_join_silently() -> None:
    invitation = create_invitation()
    client = client_of(create_member())
    assert client.get(link()).context["case"] == "other_account"
    assert client.post(link()).status_code == 409
    invitation.refresh_from_db()
    assert invitation.accepted_at is None


def test_an_admin_who_accepts_an_old_invitation_as_a_member_stays_admin() -> None:
    organisation = create_organisation()
    admin = create_org_admin(organisation, email="new@kisu.example")
    create_invitation(organisation)
    client_of(admin).post(link())
    assert RoleGrant.objects.get(user=admin).role == "org_admin"


@pytest.mark.parametrize("password", ["short", "new@kisu.example", "qwertyuiop123"])
def test_a_weak_password_is_refused_and_the_link_stays_good(client: Client, password: str) -> None:
    create_invitation()
    response = accept(client, password=password)
    assert list(response.context["form"].errors) == ["password"]  # type: ignore[attr-defined]
    assert f'value="{password}"'.encode() not in response.content  # type: ignore[attr-defined]
    assert Invitation.objects.get().accepted_at is None


def test_the_role_is_the_invitations_not_the_forms(client: Client) -> None:
    create_invitation()
    accept(client, role="staff", is_superuser="on", email="other@kisu.example")
    user = User.objects.get()
    assert (user.email, user.is_superuser) == ("new@kisu.example", False)
    assert [held.role for held in user.role_grants.all()] == ["member"]


def test_the_key_in_the_address_is_told_to_nobody(client: Client) -> None:
    create_invitation()
    response = client.get(link())
    assert response["Referrer-Policy"] == "strict-origin"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"origin": "https://testserver"}, 302),
        ({"referer": "https://testserver/"}, 302),  # a browser that sends no Origin, under strict-origin
        ({"origin": "null"}, 403),  # any browser, under no-referrer
        ({}, 403),
        ({"origin": "https://elsewhere.example"}, 403),
    ],
)
def test_over_https_its_form_is_taken_with_what_browsers_send_under_this_policy(
    sent: dict[str, str], status: int
) -> None:
    create_invitation()
    client = Client(enforce_csrf_checks=True)
    token = client.get(link(), secure=True).context["csrf_token"]
    values = {"name": "New Person", "password": PASSWORD, "csrfmiddlewaretoken": str(token)}
    assert client.post(link(), values, secure=True, headers=sent).status_code == status


def test_the_page_speaks_the_invitations_language_until_the_reader_chooses() -> None:
    create_invitation(language="sv")
    client = Client()
    response = client.get(link())
    assert response["Content-Language"] == "sv"
    assert b'<html lang="sv"' in response.content
    client.cookies["kisu_language"] = "en"
    assert b'<html lang="en"' in client.get(link()).content


def test_who_comes_back_after_leaving_gets_the_place_back(client: Client) -> None:
    organisation = create_organisation()
    user = create_user("new@kisu.example")
    grant(user, Role.MEMBER, organisation=organisation, ends_on=business_date(timezone.now()) - timedelta(days=1))
    create_invitation(organisation)
    client_of(user).post(link())
    assert RoleGrant.objects.filter(user=user, ends_on=None).count() == 1
