import pytest
from django.urls import reverse

from tests.factories.members import create_coordinator, create_organisation
from tests.factories.symbiosis import create_synergy

pytestmark = pytest.mark.django_db


def test_title_and_next_step_are_edited_and_nothing_else(client):
    synergy = create_synergy(giver=create_organisation(municipality_name="Jyväskylä"))
    client.force_login(create_coordinator("13"))
    url = reverse("symbiosis:synergy_edit", args=[synergy.pk])
    client.post(
        url,
        {
            "title": "Bark",
            "next_step": "A sample",
            "next_step_on": "2.12.2026",
            "stage": "realised",
            "giver": create_organisation().pk,
        },
    )
    before = synergy.giver
    synergy.refresh_from_db()
    assert (synergy.title, synergy.next_step, synergy.next_step_on.isoformat()) == ("Bark", "A sample", "2026-12-02")
    assert (synergy.stage, synergy.giver) == ("idea", before)


def test_a_day_without_a_step_says_nothing(client):
    synergy = create_synergy(giver=create_organisation(municipality_name="Jyväskylä"))
    client.force_login(create_coordinator("13"))
    page = client.post(
        reverse("symbiosis:synergy_edit", args=[synergy.pk]), {"title": "Bark", "next_step_on": "2.12.2026"}
    )
    assert page.context["form"].errors["next_step"]
