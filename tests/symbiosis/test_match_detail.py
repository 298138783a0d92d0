import pytest
from django.urls import reverse
from django.utils import timezone

from symbiosis.models import MatchAnswer
from tests.factories.members import (
    create_coordinator,
    create_member,
    create_org_admin,
    create_organisation,
    create_staff,
)
from tests.factories.symbiosis import create_enquiry, create_listing, create_match, create_need, create_synergy

pytestmark = pytest.mark.django_db


def test_both_listings_stand_side_by_side(client):
    match = create_match(offer=create_listing(title="Bark"), need=create_need(title="Garden cover"), distance_km=36.4)
    client.force_login(create_member(match.offer.organisation))
    page = client.get(match.get_absolute_url()).content.decode()
    for text in ("Bark", "Garden cover", "36", "Clean spruce sawdust", "Dry sawdust, also in bulk", "120\u00a0t"):
        assert text in page


def test_a_sides_own_words_stay_from_the_other_side(client):
    match = create_match(offer=create_listing(organisation=create_organisation(municipality_name="Jyväskylä")))
    MatchAnswer.objects.create(
        match=match,
        organisation=match.offer.organisation,
        answer="dismissed",
        reason="too_far",
        note="Their lorries are old",
        answered_at=timezone.now(),
    )

    def page(user):
        client.force_login(user)
        return client.get(match.get_absolute_url()).content.decode()

    assert "Their lorries are old" not in page(create_member(match.need.organisation))
    assert "Too far" in page(create_member(match.need.organisation))
    for user in (create_member(match.offer.organisation), create_coordinator("13"), create_staff()):
        assert "Their lorries are old" in page(user)


def test_members_answer_for_their_side_and_staff_for_both(client):
    match = create_match()
    client.force_login(create_member(match.offer.organisation))
    assert client.get(match.get_absolute_url()).context["answerable"] == {match.offer.organisation_id}
    client.force_login(create_staff())
    both = {match.offer.organisation_id, match.need.organisation_id}
    assert client.get(match.get_absolute_url()).context["answerable"] == both


def test_it_tells_what_came_of_it(client):
    match = create_match()
    giver, receiver = match.offer.organisation, match.need.organisation
    synergy = create_synergy(title="Bark to gardens", match=match, giver=giver, receiver=receiver)
    enquiry = create_enquiry(listing=match.need, sender=giver, match=match)
    client.force_login(create_member(receiver))
    page = client.get(match.get_absolute_url()).content.decode()
    assert synergy.get_absolute_url() in page
    assert enquiry.get_absolute_url() in page
    assert reverse("symbiosis:match_answer", args=[match.pk]) not in page


def test_a_coordinator_learns_of_a_contact_but_not_what_is_said(client):
    match = create_match(offer=create_listing(organisation=create_organisation(municipality_name="Jyväskylä")))
    create_member(match.need.organisation)
    enquiry = create_enquiry(listing=match.need, sender=match.offer.organisation, match=match)
    client.force_login(create_coordinator("13"))
    page = client.get(match.get_absolute_url()).content.decode()
    assert "The organisations are in contact through the portal." in page
    assert enquiry.get_absolute_url() not in page


def test_an_admin_sees_the_own_sides_history_only(client):
    match = create_match()
    admin = create_org_admin(match.offer.organisation)
    for organisation in (match.offer.organisation, match.need.organisation):
        client.force_login(create_member(organisation))
        client.post(reverse("symbiosis:match_answer", args=[match.pk]), {"answer": "interested"})
    client.force_login(admin)
    history = client.get(match.get_absolute_url()).context["history"]
    assert [entry.organisation for entry in history] == [match.offer.organisation]


def test_a_stranger_gets_404(client):
    match = create_match()
    client.force_login(create_member())
    assert client.get(match.get_absolute_url()).status_code == 404
