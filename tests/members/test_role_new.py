"""Granting a role."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from kisu.lib.dates import today
from members.models import RoleGrant, User
from members.permissions import Role
from tests.factories.members import (
    create_coordinator,
    create_org_admin,
    create_organisation,
    create_staff,
    create_user,
    create_with_role,
    grant,
    region,
)
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db


def url(user: User) -> str:
    return reverse("members:role_new", args=[user.pk])


def what(role: str, **changes: Any) -> dict[str, Any]:
    day = today()
    return {"role": role, "starts_on": f"{day.day}.{day.month}.{day.year}"} | changes


def test_a_coordinator_gets_a_region_and_the_next_request_has_it() -> None:
    user = create_user()
    signed_in = client_of(user)
    applications = reverse("members:application_list")
    assert signed_in.get(applications).status_code == 403
    staff = create_staff()
    response = client_of(staff).post(url(user), what("coordinator", region=region("01").pk))
    assert response["Location"] == reverse("members:user_detail", args=[user.pk])
    held = RoleGrant.objects.get(user=user)
    assert (held.role, held.region, held.granted_by) == ("coordinator", region("01"), staff)
    assert signed_in.get(applications).status_code == 200


@pytest.mark.parametrize(
    ("role", "field"), [("coordinator", "region"), ("wp_lead", "package"), ("org_admin", "business_id"), ("", "role")]
)
def test_a_role_without_its_scope_is_refused_at_the_field(role: str, field: str) -> None:
    user = create_user()
    response = client_of(create_staff()).post(url(user), what(role))
    assert list(response.context["form"].errors) == [field]
    assert not user.role_grants.exists()


def test_a_scope_that_the_role_does_not_have_is_left_out() -> None:
    user = create_user()
    client_of(create_staff()).post(
        url(user), what("comms", region=region().pk, package="TP1", business_id=create_organisation().business_id)
    )
    held = RoleGrant.objects.get(user=user)
    assert (held.role, held.region, held.package, held.organisation) == ("comms", None, "", None)


def test_an_admin_is_made_by_the_organisations_business_id_and_listed_there() -> None:
    user, organisation = create_user(), create_organisation()
    number = organisation.business_id.replace("-", "")
    client_of(create_staff()).post(url(user), what("org_admin", business_id=number, ends_on="31.12.2099"))
    held = RoleGrant.objects.get(user=user)
    assert (held.role, held.organisation, f"{held.ends_on:%Y}") == ("org_admin", organisation, "2099")
    assert organisation.affiliations.get().person == user.person


def test_only_an_administrator_makes_staff() -> None:
    user = create_user()
    response = client_of(create_staff()).post(url(user), what("staff"))
    assert list(response.context["form"].errors) == ["role"]
    client_of(create_with_role(Role.SUPERUSER)).post(url(user), what("staff"))
    assert RoleGrant.objects.get(user=user).role == "staff"


def test_nobody_grants_roles_to_themselves() -> None:
    staff = create_staff()
    response = client_of(staff).post(url(staff), what("comms"))
    assert response.context["form"].non_field_errors() == ["Nobody grants roles to themselves."]


def test_the_same_role_twice_is_refused_in_words() -> None:
    user = create_user()
    grant(user, Role.COMMS)
    response = client_of(create_staff()).post(url(user), what("comms"))
    assert response.context["form"].non_field_errors() == [
        "The person has this role already, or the role has no scope like that."
    ]


@pytest.mark.parametrize(
    ("starts", "ends", "field"), [(-1, None, "starts_on"), (3, 2, "ends_on"), (None, None, "starts_on")]
)
def test_days_must_be_in_order_and_to_come(starts: int | None, ends: int | None, field: str) -> None:
    user = create_user()
    days = {
        "starts_on": "" if starts is None else (today() + timedelta(days=starts)).isoformat(),
        "ends_on": "" if ends is None else (today() + timedelta(days=ends)).isoformat(),
    }
    response = client_of(create_staff()).post(url(user), what("comms") | days)
    assert list(response.context["form"].errors) == [field]


def test_without_the_password_nothing_is_granted() -> None:
    user = create_user()
    response = client_of(create_staff(), confirmed=False).post(url(user), what("comms"))
    assert response["Location"].startswith(reverse("account_reauthenticate"))
    assert not user.role_grants.exists()


@pytest.mark.parametrize("make", [create_org_admin, create_coordinator])
def test_others_get_403(make: Any) -> None:
    user = create_user()
    assert client_of(make()).post(url(user), what("comms")).status_code == 403
    assert not user.role_grants.exists()
