from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from kisu.lib.dates import today
from members.permissions import Role
from tests.factories.members import create_member, create_staff, create_with_role
from tests.factories.workpackages import create_indicator, create_package
from workpackages.models import Value

pytestmark = pytest.mark.django_db


def url_of(indicator) -> str:
    return reverse("workpackages:value_new", args=[indicator.code])


def posted(**fields):
    return {"amount": "1 234,5", "on": today().isoformat(), "evidence": "Survey"} | fields


def test_the_lead_enters_a_value_of_the_own_package(client):
    indicator = create_indicator(package=create_package("TP6"))
    lead = create_with_role(Role.WP_LEAD, package="TP6")
    client.force_login(lead)
    client.cookies["kisu_language"] = "fi"

    response = client.post(url_of(indicator), posted())

    assert response["Location"] == indicator.get_absolute_url()
    value = Value.objects.get()
    assert (value.amount, value.evidence, value.entered_by) == (Decimal("1234.5"), "Survey", lead)


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_packages_lead_may_not(client, method):
    client.force_login(create_with_role(Role.WP_LEAD, package="TP1"))
    response = getattr(client, method)(url_of(create_indicator()), posted())
    assert response.status_code == 403
    assert not Value.objects.exists()


def test_nobody_enters_a_value_that_the_portal_counts(client):
    client.force_login(create_staff())
    indicator = create_indicator(metric="members.organisations")
    assert client.post(url_of(indicator), posted()).status_code == 403


def test_a_member_may_not(client):
    client.force_login(create_member())
    assert client.get(url_of(create_indicator())).status_code == 403


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("on", (today() + timedelta(days=9)).isoformat(), "The day cannot be in the future."),
        ("on", "31.2.2026", "Enter the date as 24.11.2026."),
        ("amount", "lots", "Enter a number, e.g. 1,000.5."),
        ("evidence", " ", "Fill this in."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(client, field, text, message):
    client.force_login(create_staff())
    response = client.post(url_of(create_indicator()), posted(**{field: text}))
    page = response.content.decode()
    assert message in page
    assert "<title>Error:" in page
    assert not Value.objects.exists()
