from datetime import date

import pytest
from django.urls import reverse

from kisu.lib.dates import today
from members.permissions import Role
from tests.factories.members import create_member, create_with_role
from tests.factories.workpackages import create_actual, create_lead, create_line, create_package, create_period
from workpackages.budget import leads_on

pytestmark = pytest.mark.django_db


def page_of(client, code: str) -> str:
    return client.get(reverse("workpackages:package_detail", args=[code])).content.decode()


def test_a_member_reads_the_whole_package(client, loaded):
    client.force_login(create_member())
    page = page_of(client, "TP1")
    for text in (
        "Building and coordinating the network",
        "from Motiva to Syke",
        "1\xa0September 2023",
        "€126,289",
        "Motiva 112, Syke 66",
        "Where the plan disagrees with itself",
        "Days and months, TP1, Syke",
    ):
        assert text in page
    contents = loaded.package("tp1").items
    assert all(str(item.text.en).replace("'", "&#x27;") in page for item in contents)


def test_tasks_stand_under_their_years_and_organisations(client, loaded):
    client.force_login(create_member())
    response = client.get(reverse("workpackages:package_detail", args=["TP2"]))
    roles = {partner: [span for span, _tasks in years] for partner, years in response.context["roles"]}
    assert roles == {"Motiva": ["2022", "2023–2024"], "Syke": ["2022", "2023–2024"]}


def test_what_was_used_is_for_those_who_see_the_steering_view(client):
    package = create_package("TP4")
    line = create_line(create_period(), package, eur=1000, days=10)
    create_actual(line, date(2026, 8, 31), 470)
    client.force_login(create_member())
    assert "€470" not in page_of(client, "TP4")
    client.force_login(create_with_role(Role.STEERING))
    assert "€470 used, 47%, by 31\xa0August 2026" in page_of(client, "TP4")


def test_the_lead_of_a_day_and_the_next():
    package = create_package()
    first = create_lead(package=package, ends_on=date(2023, 8, 31))
    second = create_lead(package=package, partner="syke", starts_on=date(2023, 9, 1), ends_on=date(2025, 2, 28))
    leads = [second, first]
    assert leads_on(leads, date(2022, 2, 28)) == (None, first)
    assert leads_on(leads, date(2023, 8, 31)) == (first, second)
    assert leads_on(leads, date(2023, 9, 1)) == (second, None)
    assert leads_on(leads, date(2026, 1, 1)) == (second, None)


def test_a_package_without_a_plan_is_dashes_not_an_error(client):
    create_package("TP3")
    client.force_login(create_member())
    assert "–" in page_of(client, "TP3")


def test_strangers_sign_in_first(client):
    create_package("TP4")
    response = client.get(reverse("workpackages:package_detail", args=["TP4"]))
    assert response["Location"].startswith("/tili/")


def test_an_unknown_package_is_not_found(client):
    client.force_login(create_member())
    assert client.get(reverse("workpackages:package_detail", args=["TP9"])).status_code == 404


def test_the_list_names_lead_hand_over_budget_and_days(client, time_machine_before_handover):
    client.force_login(create_member())
    page = client.get(reverse("workpackages:package_list")).content.decode()
    assert "Hand-over to Syke on" in page
    assert "€81,357" in page
    assert "106.5" in page
    assert "Differences in the plan" in page


@pytest.fixture
def time_machine_before_handover(loaded):
    """A hand-over that is still to come, and the plan's own budget period as the current one."""
    create_lead(package=create_package("TP4"), partner="syke", starts_on=today().replace(year=today().year + 1))
