from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from kisu.lib.dates import Period, today
from tests.factories.members import create_member
from tests.factories.symbiosis import create_listing

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client: Client) -> Client:
    """Reads English."""
    client.cookies["kisu_language"] = "en"
    return client


def test_a_month_shows_its_own_entries_and_the_months_beside_it(client: Client) -> None:
    member = create_member()
    own = member.person.affiliations.get().organisation
    month = Period.containing(today(), "month").shifted(2)
    create_listing(organisation=own, created_by=member, title="Bark", valid_until=month.start)
    create_listing(organisation=own, created_by=member, title="Chips", valid_until=month.shifted(1).start)
    create_listing(title="Foreign canary", valid_until=month.start)
    client.force_login(member)
    response = client.get("/kalenteri/", {"month": month.key})
    assert [entry.title for entry in response.context["entries"]] == ["Listing expires: Bark"]
    assert f'href="?month={month.shifted(-1).key}"' in response.text
    assert f'href="?month={month.shifted(1).key}"' in response.text


def test_without_a_month_it_is_this_one(client: Client) -> None:
    client.force_login(create_member())
    response = client.get("/kalenteri/")
    assert today() in response.context["month"]
    assert "This month" not in response.text


@pytest.mark.parametrize("asked", ["", "2026", "2026-13", "2026-Q1", "1-1", "9999-12", "0001-01", "\x00", "2026-11-01"])
def test_a_month_that_is_none_gives_this_one(client: Client, asked: str) -> None:
    client.force_login(create_member())
    assert today() in client.get("/kalenteri/", {"month": asked}).context["month"]


def test_the_last_and_first_months_have_neighbours(client: Client) -> None:
    client.force_login(create_member())
    assert client.get("/kalenteri/", {"month": "2100-12"}).context["month"].start == date(2100, 12, 1)
    assert client.get("/kalenteri/", {"month": "1900-01"}).context["month"].start == date(1900, 1, 1)


def test_an_empty_month_says_what_comes_here(client: Client) -> None:
    client.force_login(create_member())
    response = client.get("/kalenteri/", {"month": f"{timezone.now().year + 3}-01"})
    assert "Nothing in this month." in response.text
