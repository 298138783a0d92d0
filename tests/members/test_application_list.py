"""The list of applications, for the region's coordinator and staff."""

import pytest
from django.urls import reverse

from members.models import MembershipApplication
from tests.factories.members import (
    create_application,
    create_coordinator,
    create_staff,
    municipality,
)
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db


def url(name: str, application: MembershipApplication) -> str:
    return reverse(f"members:application_{name}", args=[application.pk])


def test_the_list_shows_the_own_region_those_that_wait_first() -> None:
    staff = create_staff()
    decided = create_application(name="Decided Oy")
    client_of(staff).post(url("reject", decided), {"reason": "x"})
    first, second = create_application(name="First Oy"), create_application(name="Second Oy")
    create_application(name="Elsewhere Oy", municipality=municipality("Helsinki"))
    response = client_of(create_coordinator("13")).get(reverse("members:application_list"))
    assert response.context["table"].rows == [first, second, decided]
    assert response.context["waiting"] == 2


def test_the_list_is_filtered_by_state_and_words() -> None:
    create_application(name="Sawmill Oy")
    create_application(name="Bakery Oy")
    client = client_of(create_staff())
    response = client.get(reverse("members:application_list"), {"q": "saw", "state": "submitted"})
    assert [row.name for row in response.context["table"].rows] == ["Sawmill Oy"]
    assert {chip.label for chip in response.context["chips"]} == {"Name or Business ID", "State"}


@pytest.mark.parametrize("rows", [1, 30])
def test_the_list_asks_a_constant_number_of_queries(rows: int, django_assert_num_queries: object) -> None:
    for _row in range(rows):
        create_application()
    client = client_of(create_staff())
    with django_assert_num_queries(7):  # type: ignore[operator]
        client.get(reverse("members:application_list"))
