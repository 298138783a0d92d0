"""The public form by which an organisation asks to join."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from members.models import Mail, MembershipApplication, Notification
from tests.factories.members import (
    create_application,
    create_business_id,
    create_coordinator,
    create_organisation,
    create_staff,
    municipality,
)

pytestmark = pytest.mark.django_db
URL = "/liity/"


@pytest.fixture(autouse=True)
def _no_limit_from_other_tests() -> None:
    cache.clear()


def answers(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Kuusiharjun Saha Oy",
        "business_id": create_business_id(),
        "kind": "company",
        "municipality": municipality().pk,
        "reason": "We have sawdust.",
        "contact_name": "Contact of the mill",
        "contact_email": "Mill@KISU.example",
    } | changes


def errors_of(response: Any) -> dict[str, list[str]]:
    return {field: list(errors) for field, errors in response.context["form"].errors.items()}


def test_an_application_is_kept_receipted_and_told_to_the_regions_coordinator(client: Client) -> None:
    coordinator, elsewhere = create_coordinator("13"), create_coordinator("01")
    response = client.post(URL, answers())

    assert response.status_code == 302
    assert response["Location"] == reverse("members:application_sent")
    application = MembershipApplication.objects.get()
    assert (application.name, application.contact_email, application.language) == (
        "Kuusiharjun Saha Oy",
        "mill@kisu.example",
        "en",
    )
    mail = Mail.objects.get()
    assert mail.recipient == "mill@kisu.example"
    assert "Kuusiharjun Saha Oy" in mail.subject
    assert list(Notification.objects.values_list("user", "url")) == [(coordinator.pk, application.get_absolute_url())]
    assert not elsewhere.notifications.exists()


def test_where_a_region_has_no_coordinator_staff_are_told(client: Client) -> None:
    staff = create_staff()
    client.post(URL, answers())
    assert staff.notifications.get().kind == "application_received"


def test_the_receipt_is_in_the_visitors_language_and_shows_names_as_they_are(client: Client) -> None:
    client.cookies["kisu_language"] = "sv"
    client.post(URL, answers(name="Bröderna & Co Ab"))
    mail = Mail.objects.get()
    assert mail.language == "sv"
    assert "Bröderna & Co Ab" in mail.text
    assert "Bröderna &amp; Co Ab" in mail.html


@pytest.mark.parametrize("typed", ["1234567-8", "12345", "FI", "0000000-0", "9000001-1; DROP"])
def test_a_wrong_business_id_is_refused_with_an_example(client: Client, typed: str) -> None:
    response = client.post(URL, answers(business_id=typed))
    assert errors_of(response) == {"business_id": ["Check the Business ID, e.g. 1234567-1."]}
    assert b"Error:" in response.content.split(b"</title>")[0]
    assert not MembershipApplication.objects.exists()


def test_a_members_business_id_is_answered_with_its_name(client: Client) -> None:
    member = create_organisation(name="Old Member Oy")
    response = client.post(URL, answers(business_id=member.business_id))
    assert errors_of(response) == {"business_id": ["Already a member: Old Member Oy. Ask for an invitation."]}


def test_an_organisation_of_the_register_that_is_no_member_is_not_named(client: Client) -> None:
    prospect = create_organisation(name="Secret Prospect Oy", state="prospect")
    response = client.post(URL, answers(business_id=prospect.business_id, name="Secret Prospect"))
    assert response.status_code == 302
    assert b"Secret Prospect Oy" not in response.content


def test_a_second_application_waits_for_the_answer_to_the_first(client: Client) -> None:
    first = create_application()
    response = client.post(URL, answers(business_id=first.business_id))
    assert errors_of(response) == {"business_id": ["This organisation has an application that waits for our answer."]}
    assert not Mail.objects.exists()


def test_nearly_a_members_name_is_asked_about_once(client: Client) -> None:
    create_organisation(name="Kuusiharjun Saha Ky")
    given = answers(name="Kuusiharjun  saha oy")
    response = client.post(URL, given)
    assert [organisation.name for organisation in response.context["alike"]] == ["Kuusiharjun Saha Ky"]
    assert not MembershipApplication.objects.exists()

    assert client.post(URL, given | {"name_seen": "Kuusiharjun saha oy"}).status_code == 302
    assert MembershipApplication.objects.get().name == "Kuusiharjun saha oy"


def test_names_are_kept_in_one_form(client: Client) -> None:
    client.post(URL, answers(name="  A\u0308a\u0308kko\u0308set\u200b   Oy "))
    assert MembershipApplication.objects.get().name == "Ääkköset Oy"


def test_state_and_deciders_are_never_taken_from_the_form(client: Client) -> None:
    staff = create_staff()
    client.post(URL, answers(state="approved", decided_by=staff.pk, language="sv", submitted_at="2020-01-01"))
    application = MembershipApplication.objects.get()
    assert (application.state, application.decided_by, application.language) == ("submitted", None, "en")
    assert application.submitted_at.year > 2020


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://example.fi", "//evil", "data:text/html,x"])
def test_a_website_is_a_web_address(client: Client, address: str) -> None:
    response = client.post(URL, answers(website=address))
    assert list(errors_of(response)) == ["website"]


def test_the_sixth_application_of_an_hour_from_one_network_is_refused_and_nothing_typed_is_lost(client: Client) -> None:
    for number in range(5):
        assert client.post(URL, answers(name=f"Mill {number} of five")).status_code == 302
    response = client.post(URL, answers(name="One too many"))
    assert response.status_code == 429
    assert errors_of(response) == {"__all__": ["Too many requests. Wait a moment."]}
    assert b'value="One too many"' in response.content
    assert MembershipApplication.objects.count() == 5


def test_an_empty_form_names_each_field_that_is_missing(client: Client) -> None:
    response = client.post(URL, {})
    assert set(errors_of(response)) == {"name", "business_id", "kind", "municipality", "contact_name", "contact_email"}


def test_only_municipalities_that_exist_today_can_be_chosen(client: Client) -> None:
    form = client.get(URL).context["form"]
    names = [place.name_fi for place in form.fields["municipality"].queryset]
    assert len(names) == 308
    assert (names[0], names[-1]) == ("Akaa", "Öja") if "Öja" in names else names[0] == "Akaa"


def test_the_thank_you_page_names_nobody(client: Client) -> None:
    client.post(URL, answers())
    assert b"mill@kisu.example" not in client.get(reverse("members:application_sent")).content
