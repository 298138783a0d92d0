"""Rejecting an application with a reason."""

import pytest
from django.urls import reverse

from members.models import Mail, MembershipApplication, Organisation
from tests.factories.members import (
    create_application,
    create_staff,
)
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db


def url(name: str, application: MembershipApplication) -> str:
    return reverse(f"members:application_{name}", args=[application.pk])


def test_approved_cannot_be_rejected_afterwards() -> None:
    application = create_application()
    staff = client_of(create_staff())
    staff.post(url("approve", application))
    staff.post(url("reject", application), {"reason": "Too late"})
    application.refresh_from_db()
    assert (application.state, application.decision_reason) == ("approved", "")


def test_rejecting_needs_a_reason_and_sends_it() -> None:
    application = create_application(name="Not Yet Oy")
    staff = client_of(create_staff())
    response = staff.post(url("reject", application), {"reason": "  "})
    assert list(response.context["form"].errors) == ["reason"]

    staff.post(url("reject", application), {"reason": "You are not in Finland.\nCome back later."})
    application.refresh_from_db()
    assert (application.state, application.decision_reason) == ("rejected", "You are not in Finland.\nCome back later.")
    mail = Mail.objects.get()
    assert "You are not in Finland.\nCome back later." in mail.text
    assert "You are not in Finland.<br>Come back later." in mail.html
    assert not Organisation.objects.exists()
