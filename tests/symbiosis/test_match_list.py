from datetime import timedelta

import pytest
from django.utils import timezone

from kisu.lib.dates import today
from members.permissions import Role
from symbiosis.models import Match, MatchAnswer, MaterialClass
from symbiosis.services.matches import matches_of
from tests.factories.members import (
    create_coordinator,
    create_member,
    create_organisation,
    create_staff,
    create_with_role,
)
from tests.factories.symbiosis import create_listing, create_match, create_need

pytestmark = pytest.mark.django_db

URL = "/osumat/"


def shown(client, **query):
    return [read.match for read in client.get(URL, query).context["matches"]]


def dismiss(match, organisation, reason="too_far"):
    return MatchAnswer.objects.create(
        match=match, organisation=organisation, answer="dismissed", reason=reason, answered_at=timezone.now()
    )


def test_a_member_sees_the_matches_of_the_own_organisation_best_first(client):
    organisation = create_organisation()
    offer = create_listing(organisation=organisation)
    distant = create_match(offer=offer, match_class="distant", score=0.1)
    possible = create_match(offer=offer, match_class="possible", score=0.3)
    good = create_match(need=create_need(organisation=organisation), match_class="good", score=0.7)
    create_match()
    client.force_login(create_member(organisation))

    assert shown(client) == [good, possible, distant]


def test_a_coordinator_sees_the_region_and_staff_all(client):
    here = create_match(offer=create_listing(organisation=create_organisation(municipality_name="Jyväskylä")))
    there = create_match(
        offer=create_listing(organisation=create_organisation(municipality_name="Helsinki")),
        need=create_need(organisation=create_organisation(municipality_name="Helsinki")),
        score=0.9,
    )
    client.force_login(create_coordinator("13"))
    assert shown(client) == [here]
    client.force_login(create_staff())
    assert shown(client) == [there, here]


@pytest.mark.parametrize("role", [Role.EXPERT, Role.STEERING, Role.COMMS])
def test_others_have_no_matches(client, role):
    client.force_login(create_with_role(role))
    assert client.get(URL).status_code == 403


def test_what_the_own_side_turned_down_is_shown_only_when_asked_for(client):
    match = create_match()
    mine, theirs = match.offer.organisation, match.need.organisation
    dismiss(match, mine)
    client.force_login(create_member(mine))
    assert shown(client) == []
    assert shown(client, answer="dismissed") == [match]

    client.force_login(create_member(theirs))
    assert shown(client) == [match]
    assert shown(client, answer="dismissed") == []
    assert shown(client, answer="none") == [match]


def test_withdrawn_matches_are_gone_unless_somebody_answered(client):
    organisation = create_organisation()
    offer = create_listing(organisation=organisation)
    gone = timezone.now() - timedelta(days=1)
    create_match(offer=offer, withdrawn_at=gone)
    answered = create_match(offer=offer, withdrawn_at=gone)
    MatchAnswer.objects.create(
        match=answered, organisation=organisation, answer="interested", answered_at=timezone.now()
    )
    client.force_login(create_member(organisation))
    assert shown(client) == [answered]


@pytest.mark.parametrize("state", ["draft", "in_review", "rejected", "hidden"])
def test_a_listing_that_is_not_public_takes_its_match_from_the_other_side(client, state):
    match = create_match(need=create_need(state=state, title="Secret text"))
    client.force_login(create_member(match.offer.organisation))
    assert shown(client) == []
    assert client.get(match.get_absolute_url()).status_code == 404
    client.force_login(create_member(match.need.organisation))
    assert shown(client) == [match]


def test_it_is_filtered_by_class_material_and_region(client):
    staff = create_staff()
    client.force_login(staff)
    wood = create_match(match_class="possible")
    plastic = MaterialClass.objects.get(code="plastic")
    south = create_organisation(municipality_name="Helsinki")
    other = create_match(
        offer=create_listing(organisation=south, material_class=plastic),
        need=create_need(organisation=south, material_class=plastic),
    )
    assert shown(client, match_class="possible") == [wood]
    assert shown(client, material="plastic") == [other]
    assert shown(client, region="01") == [other]


def test_reasons_are_in_the_readers_words(client):
    match = create_match(
        reasons=[
            {"code": "same_material", "for_it": True, "params": {"material": "wood"}},
            {"code": "far", "for_it": False, "params": {"km": 412}},
            {"code": "from_a_later_version", "for_it": True, "params": {}},
        ],
        check_first={"code": "check_transport", "for_it": False, "params": {"km": 412}},
    )
    client.force_login(create_member(match.offer.organisation))
    page = client.get(URL).content.decode()
    assert MaterialClass.objects.get(code="wood").name_en in page
    assert "Far: 412\u00a0km. Transport may not pay." in page
    assert "Does transport pay over 412\u00a0km?" in page


def test_an_empty_list_says_what_happens_next(client):
    client.force_login(create_member())
    assert "No matches yet. We look every night." in client.get(URL).content.decode()


def test_the_list_is_exported_whole(client):
    match = create_match(offer=create_listing(title="Bark"))
    client.force_login(create_member(match.offer.organisation))
    rows = client.get(URL, {"muoto": "csv"}).getvalue().decode("utf-8-sig").splitlines()
    assert rows[1].startswith("Good;Bark;")


@pytest.mark.parametrize("count", [1, 30])
def test_the_number_of_queries_does_not_grow(client, django_assert_num_queries, count):
    organisation = create_organisation()
    offer = create_listing(organisation=organisation)
    for _number in range(count):
        match = create_match(offer=offer)
        MatchAnswer.objects.create(
            match=match, organisation=match.need.organisation, answer="interested", answered_at=timezone.now()
        )
    client.force_login(create_member(organisation))
    client.get(URL)
    with django_assert_num_queries(QUERIES):
        client.get(URL)


QUERIES = 15  # two for the page: its keys, and what is shown of them


def test_the_matches_of_a_listing_are_for_its_organisation_its_coordinator_and_staff():
    match = create_match(offer=create_listing(organisation=create_organisation(municipality_name="Jyväskylä")))
    offer = match.offer

    def found(user):
        return [read.match for read in matches_of(listing=offer, user=user, on=today())]

    assert found(create_member(offer.organisation)) == [match]
    assert found(create_coordinator("13")) == [match]
    assert found(create_staff()) == [match]
    assert found(create_member(match.need.organisation)) == []
    assert found(create_coordinator("01")) == []
    [read] = matches_of(listing=offer, user=create_staff(), on=today())
    assert read.other.listing == match.need


def test_a_dismissed_match_stays_hidden_from_the_listings_page_of_that_side():
    match = create_match()
    dismiss(match, match.offer.organisation)
    assert matches_of(listing=match.offer, user=create_member(match.offer.organisation), on=today()) == []
    assert Match.objects.current().count() == 1
