from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from members.permissions import Role
from tests.factories.members import create_staff, create_with_role
from tests.factories.workpackages import create_indicator
from workpackages.models import Target

pytestmark = pytest.mark.django_db


def url_of(indicator) -> str:
    return reverse("workpackages:target_new", args=[indicator.code])


def test_staff_set_a_target_also_for_what_the_portal_counts(client):
    staff, indicator = create_staff(), create_indicator(metric="members.organisations")
    client.force_login(staff)
    client.post(url_of(indicator), {"amount": "120", "amount_high": "", "on": "31.12.2027", "source": "Steering group"})
    target = Target.objects.get()
    assert (target.amount, target.on, target.set_by) == (Decimal(120), date(2027, 12, 31), staff)


def test_a_range_must_not_be_upside_down(client):
    client.force_login(create_staff())
    response = client.post(url_of(create_indicator()), {"amount": "15", "amount_high": "12", "on": "31.12.2027"})
    assert "The upper end cannot be below the target value." in response.content.decode()
    assert not Target.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_package_lead_may_not(client, method):
    client.force_login(create_with_role(Role.WP_LEAD, package="TP4"))
    response = getattr(client, method)(url_of(create_indicator()), {"amount": "1", "on": "31.12.2027"})
    assert response.status_code == 403
    assert not Target.objects.exists()
