from datetime import date
from decimal import Decimal

import pytest
from django.contrib import admin
from django.urls import reverse

from members.models import AuditEntry
from tests.factories.members import create_member, create_staff
from tests.factories.symbiosis import create_synergy
from tests.factories.workpackages import create_indicator, create_lead, create_line, create_period, create_value
from workpackages.models import PackageLead, Value

pytestmark = pytest.mark.django_db
MODELS = [model for model in admin.site._registry if model._meta.app_label == "workpackages"]


@pytest.fixture
def staff(client):
    user = create_staff()
    client.force_login(user)
    return user


def test_every_model_is_there():
    from django.apps import apps

    assert set(MODELS) == set(apps.get_app_config("workpackages").get_models())


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_lists_show_their_rows_and_can_be_searched(client, staff, loaded, model):
    create_synergy(stage="realised")
    create_value(create_indicator(), date(2026, 1, 31), 1)
    create_line(create_period())
    url = reverse(f"admin:workpackages_{model._meta.model_name}_changelist")
    assert client.get(url, {"q": "a"}).status_code == 200
    assert client.get(reverse(f"admin:workpackages_{model._meta.model_name}_add")).status_code == 200


def posted(indicator, **fields):
    return {"indicator": indicator.pk, "on": "31.1.2026", "amount": "7", "evidence": "Survey"} | fields


def test_a_value_entered_in_the_admin_is_the_persons_and_audited(client, staff):
    client.post(reverse("admin:workpackages_value_add"), posted(create_indicator()))
    value = Value.objects.get()
    assert (value.origin, value.entered_by, value.amount) == ("entered", staff, Decimal(7))
    assert AuditEntry.objects.latest("pk").what == "created in the administration"


@pytest.mark.parametrize(
    ("metric", "evidence", "message"),
    [
        ("members.organisations", "Survey", "The portal counts this indicator itself"),
        ("", "", "Tell where the figure comes from."),
    ],
)
def test_the_admin_guards_what_the_service_guards(client, staff, metric, evidence, message):
    response = client.post(
        reverse("admin:workpackages_value_add"), posted(create_indicator(metric=metric), evidence=evidence)
    )
    assert message in response.content.decode()
    assert not Value.objects.exists()


def test_a_counted_value_is_shown_and_not_changed(client, staff):
    value = create_value(create_indicator(metric="members.organisations"), date(2026, 1, 31), 3)
    url = reverse("admin:workpackages_value_change", args=[value.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, posted(value.indicator)).status_code == 403
    assert client.post(reverse("admin:workpackages_value_delete", args=[value.pk]), {"post": "yes"}).status_code == 403
    bulk = {"action": "delete_selected", "_selected_action": [value.pk], "post": "yes"}
    client.post(reverse("admin:workpackages_value_changelist"), bulk)
    assert Value.objects.get().amount == 3


def test_a_lead_that_a_person_changes_is_the_plans_no_more(client, staff):
    lead = create_lead(from_plan=True)
    client.post(
        reverse("admin:workpackages_packagelead_change", args=[lead.pk]),
        {"package": lead.package_id, "partner": "syke", "starts_on": "1.3.2022", "ends_on": ""},
    )
    lead = PackageLead.objects.get()
    assert (lead.partner, lead.from_plan) == ("syke", False)


def test_others_have_no_admin(client):
    client.force_login(create_member())
    assert client.get(reverse("admin:workpackages_value_changelist")).status_code in {302, 403}
