import pytest

from tests.factories.members import create_coordinator, create_member, create_organisation, create_staff
from tests.factories.symbiosis import create_match, create_synergy

pytestmark = pytest.mark.django_db


def test_it_shows_steps_figures_and_parties(client):
    synergy = create_synergy(title="Bark to gardens", stage="realised")
    client.force_login(create_member(synergy.giver))
    page = client.get(synergy.get_absolute_url()).content.decode()
    for text in (
        "Bark to gardens",
        synergy.giver.name,
        synergy.receiver.name,
        "Weighbridge",
        "Measured",
        "1 January 2025",
    ):
        assert text in page.replace("\u00a0", " ")


def test_members_read_and_do_not_edit(client):
    synergy = create_synergy()
    client.force_login(create_member(synergy.receiver))
    response = client.get(synergy.get_absolute_url())
    assert (response.context["editable"], response.context["step_form"]) == (False, None)
    for name in ("muokkaa", "vaihe", "toteutui"):
        assert client.post(f"{synergy.get_absolute_url()}{name}/").status_code == 403


def test_the_forms_offer_only_what_is_allowed(client):
    synergy = create_synergy(stage="implementation")
    client.force_login(create_staff())
    context = client.get(synergy.get_absolute_url()).context
    assert [value for value, _label in context["step_form"].fields["stage"].choices] == ["on_hold", "lapsed"]
    assert context["can_realise"] is True


def test_a_possible_double_is_shown_to_those_who_edit(client):
    synergy = create_synergy()
    twin = create_synergy(giver=synergy.giver, receiver=synergy.receiver, title="Twin")
    client.force_login(create_coordinator(synergy.region.code))
    assert twin.get_absolute_url() in client.get(synergy.get_absolute_url()).content.decode()
    client.force_login(create_member(synergy.giver))
    assert "May be the same flow" not in client.get(synergy.get_absolute_url()).content.decode()


def test_strangers_and_coordinators_of_elsewhere_get_404(client):
    match = create_match()
    synergy = create_synergy(match=match, giver=create_organisation(municipality_name="Jyväskylä"))
    for user in (create_member(), create_coordinator("01")):
        client.force_login(user)
        assert client.get(synergy.get_absolute_url()).status_code == 404
