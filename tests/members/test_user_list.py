"""The list of accounts, for staff."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from kisu.lib.dates import business_date
from members.models import User
from members.permissions import Role
from tests.factories.members import (
    create_coordinator,
    create_member,
    create_org_admin,
    create_organisation,
    create_staff,
    create_user,
    create_with_role,
    grant,
)
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db
URL = "/kayttajat/"


def emails(user: User, **query: str) -> list[str]:
    return [row.email for row in client_of(user).get(URL, query).context["table"].rows]


def test_staff_find_accounts_by_name_address_role_and_state() -> None:
    staff = create_staff(email="staff@kisu.example")
    create_member(email="member@kisu.example")
    create_user("closed@kisu.example", is_active=False)
    assert emails(staff) == ["closed@kisu.example", "member@kisu.example", "staff@kisu.example"]
    assert emails(staff, q="MEMB") == ["member@kisu.example"]
    assert emails(staff, role="staff") == ["staff@kisu.example"]
    assert emails(staff, active="False") == ["closed@kisu.example"]


def test_only_todays_roles_are_shown_and_found() -> None:
    staff = create_staff()
    yesterday = business_date(timezone.now()) - timedelta(days=2)
    ended = create_user("ended@kisu.example")
    grant(ended, Role.EXPERT, starts_on=yesterday, ends_on=yesterday)
    assert emails(staff, role="expert") == []
    (row,) = client_of(staff).get(URL, {"q": "ended"}).context["table"].rows
    assert row.roles_today == []


def test_administrators_are_found_by_their_role() -> None:
    administrator = create_with_role(Role.SUPERUSER)
    assert emails(administrator, role="superuser") == [administrator.email]


def test_an_erased_account_is_not_listed() -> None:
    user = create_user("erased-1@erased.invalid", is_active=False, erased_at=timezone.now())
    staff = create_staff()
    assert user.email not in emails(staff)
    assert client_of(staff).get(reverse("members:user_detail", args=[user.pk])).status_code == 404


@pytest.mark.parametrize("make", [create_member, create_org_admin, create_coordinator])
def test_others_get_403(make: object) -> None:
    assert client_of(make()).get(URL).status_code == 403  # type: ignore[operator]


@pytest.mark.parametrize("rows", [1, 30])
def test_the_list_asks_a_constant_number_of_queries(rows: int, django_assert_num_queries: object) -> None:
    for _row in range(rows):
        create_member(create_organisation())
    client = client_of(create_staff())
    with django_assert_num_queries(7):  # type: ignore[operator]
        client.get(URL)
