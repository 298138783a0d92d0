import pytest
from django.urls import reverse

from kisu.lib.dates import today
from members.models import AuditEntry
from tests.factories.members import create_coordinator, create_organisation, create_staff
from tests.factories.symbiosis import create_synergy

pytestmark = pytest.mark.django_db


def url(synergy):
    return reverse("symbiosis:synergy_step", args=[synergy.pk])


def test_a_button_of_the_board_moves_it_today(client):
    synergy = create_synergy(giver=create_organisation(municipality_name="Jyväskylä"))
    client.force_login(create_coordinator("13"))
    response = client.post(url(synergy), {"stage": "discussion"})
    synergy.refresh_from_db()
    assert response["Location"] == synergy.get_absolute_url()
    step = synergy.steps.latest("pk")
    assert (synergy.stage, step.stage, step.on) == ("discussion", "discussion", today())


def test_a_second_press_of_the_same_button_says_so(client):
    synergy = create_synergy()
    client.force_login(create_staff())
    client.post(url(synergy), {"stage": "discussion"})
    page = client.post(url(synergy), {"stage": "discussion"})
    assert page.context["form"].errors["stage"]
    assert synergy.steps.count() == 2


def test_lapsing_asks_for_a_reason_on_its_own_page(client):
    synergy = create_synergy()
    client.force_login(create_staff())
    page = client.post(url(synergy), {"stage": "lapsed"})
    assert page.context["form"].errors["reason"] == ["Tell why the synergy leaves its path."]
    client.post(url(synergy), {"stage": "lapsed", "reason": "Too wet.", "reached_on": "2.3.2026"})
    step = synergy.steps.latest("pk")
    assert (step.stage, step.reason, step.on.isoformat()) == ("lapsed", "Too wet.", "2026-03-02")


def test_realising_leads_to_the_form_with_figures(client):
    synergy = create_synergy(stage="implementation")
    client.force_login(create_staff())
    response = client.post(url(synergy), {"stage": "realised"})
    assert response["Location"] == reverse("symbiosis:synergy_realise", args=[synergy.pk])
    synergy.refresh_from_db()
    assert synergy.stage == "implementation"


def test_a_realised_one_has_nowhere_to_go(client):
    synergy = create_synergy(stage="realised")
    client.force_login(create_staff())
    assert "It stays so." in client.get(url(synergy)).content.decode()


def test_a_coordinator_of_elsewhere_moves_nothing(client):
    synergy = create_synergy(giver=create_organisation(municipality_name="Jyväskylä"))
    client.force_login(create_coordinator("01"))
    assert client.post(url(synergy), {"stage": "discussion"}).status_code == 404
    assert not AuditEntry.objects.filter(what="synergy moved").exists()
