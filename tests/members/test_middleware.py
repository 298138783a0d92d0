"""What stands before the views of people: refusals are recorded, sessions age, a second factor is asked for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path, reverse

from members.access import requires
from members.middleware import SIGNED_IN
from members.models import AuditEntry, Notification, User
from members.permissions import Permission, Role
from tests.factories.members import (
    PASSWORD,
    create_coordinator,
    create_member,
    create_org_admin,
    create_organisation,
    create_staff,
    create_with_role,
)
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db


# --- Refusals ---------------------------------------------------------------------------------------------------------


def refusals() -> list[tuple[int | None, str, str]]:
    rows = AuditEntry.objects.filter(action="refused").order_by("pk")
    return [(entry.actor_id, entry.what, entry.label) for entry in rows]


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_each_refused_request_leaves_one_row(client: Client, method: str) -> None:
    member, there = create_member(), create_organisation(state="prospect")
    lists, foreign = reverse("members:job_list"), reverse("members:organisation_detail", args=[there.pk])
    client.generic(method, lists)
    signed = client_of(member)
    signed.generic(method, lists)
    assert refusals() == [(None, f"{method} 302", lists), (member.pk, f"{method} 403", lists)]
    if method != "POST":
        signed.generic(method, foreign)
        assert refusals()[2:] == [(member.pk, f"{method} 404", foreign)]


def test_a_missing_csrf_token_is_a_refusal() -> None:
    user = create_member()
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    client.post(reverse("members:profile"), {"name": "x"})
    assert refusals() == [(user.pk, "POST 403", reverse("members:profile"))]


def test_what_is_no_refusal_leaves_no_row(client: Client) -> None:
    member = client_of(create_member())
    member.get(reverse("members:profile"))
    member.post(reverse("members:profile"), {"name": "N", "phone": "", "language": "fi"})  # a redirect of its own
    client.get("/no/such/address/")
    client.put(reverse("members:profile"))
    assert refusals() == []


def test_the_key_of_an_invitation_is_not_kept(client: Client) -> None:
    client.get(reverse("members:invitation_accept", args=["k" * 43]))
    assert refusals() == [(None, "GET 404", "/kutsu/[token]/")]


@requires(Permission.PROFILE)
def writes_then_refuses(request: HttpRequest) -> HttpResponse:
    from django.core.exceptions import PermissionDenied
    from django.db import transaction

    with transaction.atomic():
        Notification.objects.create(user_id=request.user.pk, kind="match_found", params={"title": "x"}, url="/")
        raise PermissionDenied


urlpatterns = [path("testi/", writes_then_refuses), path("", include("kisu.urls"))]


@override_settings(ROOT_URLCONF=__name__)
def test_a_rolled_back_act_keeps_its_refusal() -> None:
    user = create_member()
    client_of(user).post("/testi/")
    assert refusals() == [(user.pk, "POST 403", "/testi/")]
    assert not Notification.objects.exists()


# --- Sessions ---------------------------------------------------------------------------------------------------------

START = datetime(2026, 11, 24, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)


def sign_in(user: User) -> Client:
    """By the portal's own form."""
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client = Client()
    response = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert response.status_code == 302
    assert SIGNED_IN in client.session
    return client


def lives(client: Client, after: timedelta) -> bool:
    with time_machine.travel(START + after, tick=False):
        return bool(client.get(reverse("members:profile")).status_code == 200)


@pytest.fixture
def staff_client() -> Any:
    with time_machine.travel(START, tick=False):
        return sign_in(create_staff())


def test_staff_are_signed_out_after_three_hours_of_silence(staff_client: Client) -> None:
    assert lives(staff_client, 3 * HOUR)
    assert lives(staff_client, 5.9 * HOUR)
    assert not lives(staff_client, 9 * HOUR)


def test_staff_are_signed_out_after_twelve_hours_however_busy(staff_client: Client) -> None:
    for hours in range(1, 13):
        assert lives(staff_client, hours * HOUR), hours
    assert not lives(staff_client, 12.1 * HOUR)


def test_members_stay_for_fourteen_days_and_no_longer() -> None:
    with time_machine.travel(START, tick=False):
        client = sign_in(create_member())
    for day in (1, 5, 9, 13.9):
        assert lives(client, timedelta(days=day)), day
    assert not lives(client, timedelta(days=14.1))


def test_an_ended_session_leads_to_sign_in_and_back(staff_client: Client) -> None:
    with time_machine.travel(START + 4 * HOUR, tick=False):
        response = staff_client.get(reverse("members:job_list"))
    assert response["Location"] == f"{reverse('account_login')}?next={reverse('members:job_list')}"
    assert "_auth_user_id" not in staff_client.session


def test_a_session_of_another_browser_is_as_old_as_its_own_sign_in(staff_client: Client) -> None:
    user = User.objects.get()
    with time_machine.travel(START + 2.5 * HOUR, tick=False):
        other = Client()
        other.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert not lives(staff_client, 4 * HOUR)
    assert lives(other, 4 * HOUR)


def test_a_session_is_written_every_five_minutes_at_most(staff_client: Client, django_assert_num_queries: Any) -> None:
    with time_machine.travel(START + timedelta(minutes=4), tick=False):
        staff_client.get("/livez")
    before = staff_client.session.get("seen_at")
    assert lives(staff_client, timedelta(minutes=4))
    assert staff_client.session.get("seen_at") == before
    assert lives(staff_client, timedelta(minutes=6))
    assert staff_client.session["seen_at"] == (START + timedelta(minutes=6)).timestamp()


# --- Second factor ----------------------------------------------------------------------------------------------------


@pytest.fixture
def required(settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True


MUST = {
    "staff": create_staff,
    "coordinator": create_coordinator,
    "comms": lambda: create_with_role(Role.COMMS),
    "wp_lead": lambda: create_with_role(Role.WP_LEAD, package="TP4"),
    "superuser": lambda: create_with_role(Role.SUPERUSER),
}
MAY = {"member": create_member, "org_admin": create_org_admin, "steering": lambda: create_with_role(Role.STEERING)}


@pytest.mark.parametrize("role", MUST)
@pytest.mark.parametrize("page", ["members:profile", "members:notification_list", "desk", "home", "admin:index"])
def test_who_must_have_one_gets_nowhere_without(required: None, role: str, page: str) -> None:
    response = client_of(MUST[role]()).get(reverse(page))
    assert (response.status_code, response["Location"]) == (302, reverse("mfa_activate_totp"))


def test_without_one_nothing_is_changed_by_a_post_either(required: None) -> None:
    staff = create_staff()
    response = client_of(staff).post(reverse("members:profile"), {"name": "New", "phone": "", "language": "fi"})
    assert response["Location"] == reverse("mfa_activate_totp")
    assert User.objects.get().person.name != "New"


@pytest.mark.parametrize("name", ["mfa_activate_totp", "account_logout", "account_reauthenticate"])
def test_setting_it_up_and_leaving_stay_open(required: None, name: str) -> None:
    response = client_of(create_staff()).get(reverse(name))
    assert response.get("Location", "") != reverse("mfa_activate_totp")


@pytest.mark.parametrize("role", MAY)
def test_others_are_not_asked(required: None, role: str) -> None:
    assert client_of(MAY[role]()).get(reverse("members:profile")).status_code == 200


def test_with_one_the_doors_are_open(required: None) -> None:
    staff = create_staff()
    Authenticator.objects.create(user=staff, type="totp", data={"secret": "x"})
    assert client_of(staff).get(reverse("members:profile")).status_code == 200


def test_where_the_setting_is_off_nobody_is_asked(settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = False
    assert client_of(create_staff()).get(reverse("members:profile")).status_code == 200
