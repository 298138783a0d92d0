from datetime import timedelta

import pytest
from django.urls import reverse

from kisu.lib.dates import today
from symbiosis.models import MaterialClass, Synergy
from tests.factories.members import create_coordinator, create_member, create_organisation, create_staff
from tests.factories.symbiosis import create_listing, create_match, create_need, create_synergy

pytestmark = pytest.mark.django_db

FREE = "/synergiat/uusi/"


def answers(**values):
    return {"title": "Bark to gardens", "started_on": "1.3.2026", **values}


def here(**fields):
    return create_organisation(municipality_name="Jyväskylä", **fields)


def there(**fields):
    return create_organisation(municipality_name="Helsinki", **fields)


def test_a_coordinator_opens_one_of_a_match_in_the_own_region(client):
    match = create_match(offer=create_listing(organisation=here()), need=create_need(organisation=there()))
    client.force_login(create_coordinator("13"))
    url = reverse("symbiosis:synergy_new", args=[match.pk])
    assert match.offer.title in client.get(url).content.decode()

    response = client.post(url, answers())

    synergy = Synergy.objects.get()
    assert response["Location"] == synergy.get_absolute_url()
    assert (synergy.giver, synergy.receiver) == (match.offer.organisation, match.need.organisation)
    assert (synergy.region.code, synergy.match, synergy.started_on.isoformat()) == ("13", match, "2026-03-01")
    assert client.post(url, answers())["Location"] == synergy.get_absolute_url()
    assert Synergy.objects.count() == 1


def test_staff_choose_the_region_of_one_of_the_sides(client):
    match = create_match(offer=create_listing(organisation=here()), need=create_need(organisation=there()))
    client.force_login(create_staff())
    url = reverse("symbiosis:synergy_new", args=[match.pk])
    regions = {side.organisation.municipality.region for side in match.sides}
    assert set(client.get(url).context["form"].fields["region"].queryset) == regions
    client.post(url, answers(region=match.need.organisation.municipality.region_id))
    assert Synergy.objects.get().region == match.need.organisation.municipality.region


def test_a_free_one_has_a_party_in_the_region(client):
    client.force_login(create_coordinator("13"))
    giver, receiver = there(), there()
    page = client.post(FREE, answers(giver=giver.pk, receiver=receiver.pk))
    assert page.context["form"].errors["giver"]
    client.post(FREE, answers(giver=giver.pk, receiver=here().pk))
    assert Synergy.objects.get().giver == giver


def test_organisations_that_the_coordinator_does_not_see_are_no_parties(client):
    client.force_login(create_coordinator("13"))
    hidden = there(state="prospect", name="Secret prospect")
    assert "Secret prospect" not in client.get(FREE).content.decode()
    client.post(FREE, answers(giver=hidden.pk, receiver=here().pk))
    assert not Synergy.objects.exists()


def test_a_party_is_not_joined_with_itself(client):
    client.force_login(create_staff())
    one = here()
    page = client.post(FREE, answers(giver=one.pk, receiver=one.pk, region=one.municipality.region_id))
    assert page.context["form"].errors["receiver"]


def test_what_may_be_the_same_flow_is_asked_back_once(client):
    giver, receiver = here(), here()
    first = create_synergy(giver=giver, receiver=receiver, title="Bark the first")
    client.force_login(create_coordinator("13"))
    values = answers(giver=giver.pk, receiver=receiver.pk)

    page = client.post(FREE, values)
    assert "May be the same flow" in page.content.decode()
    assert first.get_absolute_url() in page.content.decode()
    assert Synergy.objects.count() == 1

    client.post(FREE, values | {"flow_seen": page.context["form"].data["flow_seen"]})
    assert Synergy.objects.count() == 2


def test_another_material_between_the_two_is_another_flow(client):
    match = create_match(offer=create_listing(organisation=here()), need=create_need(organisation=here()))
    other = create_listing(
        organisation=match.offer.organisation, material_class=MaterialClass.objects.get(code="plastic")
    )
    create_synergy(giver=match.offer.organisation, receiver=match.need.organisation, offer=other)
    client.force_login(create_coordinator("13"))
    client.post(reverse("symbiosis:synergy_new", args=[match.pk]), answers())
    assert Synergy.objects.filter(match=match).exists()


def test_a_day_to_come_is_refused(client):
    client.force_login(create_staff())
    one, other = here(), here()
    tomorrow = today() + timedelta(days=1)
    page = client.post(
        FREE,
        answers(
            giver=one.pk,
            receiver=other.pk,
            region=one.municipality.region_id,
            started_on=f"{tomorrow.day}.{tomorrow.month}.{tomorrow.year}",
        ),
    )
    assert "cannot be in the future" in page.content.decode()
    assert not Synergy.objects.exists()


def test_members_do_not_open_synergies(client):
    match = create_match()
    client.force_login(create_member(match.offer.organisation))
    assert client.post(reverse("symbiosis:synergy_new", args=[match.pk]), answers()).status_code == 403
    assert client.post(FREE, answers()).status_code == 403
    assert not Synergy.objects.exists()


def test_a_coordinator_of_elsewhere_does_not_see_the_match(client):
    match = create_match(offer=create_listing(organisation=here()), need=create_need(organisation=here()))
    client.force_login(create_coordinator("01"))
    assert client.post(reverse("symbiosis:synergy_new", args=[match.pk]), answers()).status_code == 404
