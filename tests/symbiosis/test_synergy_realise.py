from decimal import Decimal

import pytest
from django.urls import reverse

from tests.factories.members import create_coordinator, create_organisation, create_staff
from tests.factories.symbiosis import create_synergy

pytestmark = pytest.mark.django_db


def url(synergy):
    return reverse("symbiosis:synergy_realise", args=[synergy.pk])


def figures(**values):
    return {
        "reached_on": "1.3.2026",
        "kept_in_use_t": "1,200.5",
        "kind": "calculated",
        "source": "Invoices of 2025",
        "attribution_percent": "50",
    } | values


@pytest.fixture
def synergy():
    return create_synergy(stage="implementation", giver=create_organisation(municipality_name="Jyväskylä"))


def test_the_figures_become_the_impact(client, synergy):
    client.force_login(create_coordinator("13"))
    response = client.post(url(synergy), figures(factor="0.1234", one_off="on"))
    synergy.refresh_from_db()
    assert response["Location"] == synergy.get_absolute_url()
    impact = synergy.impact
    assert (impact.kept_in_use_t, impact.co2e_t) == (Decimal("1200.5"), Decimal("148.142"))
    assert (impact.kind, impact.one_off, impact.attribution_percent) == ("calculated", True, 50)
    assert synergy.realised_on.isoformat() == "2026-03-01"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kept_in_use_t", ""),
        ("kept_in_use_t", "0"),
        ("kept_in_use_t", "1e9"),
        ("kept_in_use_t", "NaN"),
        ("attribution_percent", "101"),
        ("factor", "-1"),
        ("co2e_t", "-1"),
        ("kind", "guessed"),
        ("source", " "),
        ("reached_on", ""),
    ],
)
def test_figures_that_cannot_be_are_refused_at_their_field(client, synergy, field, value):
    client.force_login(create_staff())
    page = client.post(url(synergy), figures(**{field: value}))
    assert field in page.context["form"].errors
    synergy.refresh_from_db()
    assert synergy.stage == "implementation"


def test_emissions_or_a_factor_but_not_both(client, synergy):
    client.force_login(create_staff())
    page = client.post(url(synergy), figures(factor="1", co2e_t="2"))
    assert page.context["form"].errors["factor"] == ["Give the emissions or a factor, not both."]


def test_a_day_before_the_last_step_is_refused(client, synergy):
    client.force_login(create_staff())
    page = client.post(url(synergy), figures(reached_on="1.3.2020"))
    assert "The day cannot be before the last step." in page.content.decode()


def test_what_is_not_implemented_yet_is_led_back(client):
    synergy = create_synergy(stage="discussion")
    client.force_login(create_staff())
    assert client.get(url(synergy))["Location"] == synergy.get_absolute_url()
    assert client.post(url(synergy), figures())["Location"] == synergy.get_absolute_url()


def test_a_double_is_warned_of_before_its_tonnes_are_counted(client, synergy):
    create_synergy(giver=synergy.giver, receiver=synergy.receiver, stage="realised")
    client.force_login(create_staff())
    assert "May be the same flow" in client.get(url(synergy)).content.decode()
