"""One application, with what the register knows of the applicant."""

import pytest
from django.urls import reverse

from members.models import AuditEntry, MembershipApplication
from tests.factories.members import (
    create_application,
    create_coordinator,
    create_organisation,
    create_staff,
    municipality,
)
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db


def url(name: str, application: MembershipApplication) -> str:
    return reverse(f"members:application_{name}", args=[application.pk])


@pytest.mark.parametrize("name", ["detail", "approve", "reject"])
def test_an_application_of_another_region_is_not_there(name: str) -> None:
    application = create_application(municipality=municipality("Helsinki"))
    coordinator = client_of(create_coordinator("13"))
    ask = coordinator.post if name != "detail" else coordinator.get
    assert ask(url(name, application), {"reason": "x"}).status_code == 404
    application.refresh_from_db()
    assert application.state == "submitted"
    assert AuditEntry.objects.filter(action="refused", what__endswith="404").count() == 1


def test_the_page_shows_what_the_register_knows() -> None:
    same = create_organisation(name="Sähkö ja Saha Oy", state="left")
    alike = create_organisation(name="Saha ja Sahko Ky")
    create_organisation(name="Bakery Oy")
    application = create_application(name="Sähkö ja Saha", business_id=same.business_id)
    context = client_of(create_staff()).get(url("detail", application)).context
    assert (context["same"], context["alike"]) == (same, [alike])


def test_a_coordinator_does_not_see_the_registers_other_regions() -> None:
    hidden = create_organisation(name="Hidden Prospect Oy", state="prospect", municipality_name="Helsinki")
    application = create_application(name="Hidden Prospect", business_id=hidden.business_id)
    response = client_of(create_coordinator("13")).get(url("detail", application))
    assert (response.context["same"], response.context["alike"]) == (None, [])
    assert b"Hidden Prospect Oy" not in response.content


def test_the_contact_of_an_old_application_is_gone_but_the_page_is_not() -> None:
    application = create_application(contact_name="", contact_email="")
    assert b"its retention time has passed" in client_of(create_staff()).get(url("detail", application)).content
