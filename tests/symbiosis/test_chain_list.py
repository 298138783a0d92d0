from datetime import timedelta

import pytest
from django.utils import timezone

from kisu.lib.dates import today
from members.models import Industry
from members.permissions import Role
from symbiosis.models import MatchAnswer, MaterialClass
from symbiosis.services.beyond import beyond_listing
from tests.factories.members import (
    create_coordinator,
    create_member,
    create_organisation,
    create_staff,
    create_with_role,
)
from tests.factories.symbiosis import create_chain, create_listing, create_match, create_need

pytestmark = pytest.mark.django_db

URL = "/osumat/ketjut/"


def shown(client, **query):
    return [read.chain for read in client.get(URL, query).context["chains"]]


def organisation(place="Jyväskylä", industry=None, **fields):
    code = Industry.objects.get(classification="TOL2008", code=industry) if industry else None
    return create_organisation(municipality_name=place, industry=code, **fields)


def test_both_sides_their_coordinators_and_staff_see_it(client):
    chain = create_chain(
        offer=create_listing(organisation=organisation()), need=create_need(organisation=organisation("Helsinki"))
    )
    for user, sees in [
        (create_member(chain.offer.organisation), True),
        (create_member(chain.need.organisation), True),
        (create_coordinator("13"), True),
        (create_coordinator("01"), True),
        (create_staff(), True),
        (create_coordinator("19"), False),
        (create_member(), False),
    ]:
        client.force_login(user)
        assert shown(client) == ([chain] if sees else [])


def test_on_a_listings_page_it_is_for_who_looks_after_the_listing():
    chain = create_chain(offer=create_listing(organisation=organisation()))
    offer, on = chain.offer, today()

    def found(user):
        return [read.chain for read in beyond_listing(listing=offer, user=user, on=on).chains]

    assert found(create_member(offer.organisation)) == [chain]
    assert found(create_coordinator("13")) == [chain]
    assert found(create_member(chain.need.organisation)) == []
    assert beyond_listing(listing=chain.need, user=create_member(chain.need.organisation), on=on).chains != []


@pytest.mark.parametrize("role", [Role.EXPERT, Role.STEERING, Role.COMMS])
def test_others_may_not(client, role):
    client.force_login(create_with_role(role))
    assert client.get(URL).status_code == 403


@pytest.mark.parametrize("side", ["offer", "need"])
@pytest.mark.parametrize("state", ["closed", "hidden", "draft", "expired"])
def test_a_listing_that_is_not_public_takes_its_chain_along_at_once(client, state, side):
    chain = create_chain()
    listing = getattr(chain, side)
    listing.state, listing.close_reason = state, "other"
    listing.save()
    client.force_login(create_staff())
    assert shown(client) == []


def test_what_ended_yesterday_or_was_turned_down_or_withdrawn_is_gone(client):
    ended = create_chain()
    ended.offer.valid_until = today() - timedelta(days=1)
    ended.offer.save()
    refused = create_chain()
    match = create_match(offer=refused.offer, need=refused.need, match_class="distant")
    MatchAnswer.objects.create(
        match=match,
        organisation=match.need.organisation,
        answer="dismissed",
        reason="wrong_quality",
        answered_at=timezone.now(),
    )
    create_chain(withdrawn_at=timezone.now())
    client.force_login(create_staff())
    assert shown(client) == []


def test_who_does_it_is_named_the_nearest_of_the_two_regions_first(client):
    offer_at, need_at = organisation("Jyväskylä"), organisation("Tampere")
    chain = create_chain(offer=create_listing(organisation=offer_at), need=create_need(organisation=need_at))
    far = organisation("Tampere", "02", name="Forest far")
    near = organisation("Laukaa", "02", name="Forest near")
    organisation("Helsinki", "02", name="Forest elsewhere")
    organisation("Jyväskylä", "10", name="Bakery")
    organisation("Jyväskylä", "02", name="Prospect", state="prospect", joined_on=None)
    client.force_login(create_staff())
    [read] = client.get(URL).context["chains"]
    assert [doer.organisation for doer in read.doers] == [near, far]
    assert read.doers[0].km < read.doers[1].km
    assert len(read.industries) == 3
    page = client.get(chain.offer.get_absolute_url()).content.decode()
    assert "Forest near" in page
    assert "Bakery" not in page


def test_it_says_what_is_done_what_is_made_and_what_to_check(client):
    create_chain()
    client.force_login(create_staff())
    [read] = client.get(URL).context["chains"]
    assert (read.treatment, read.made_from, read.made_into) == ("chipping", "branches and brushwood", "forest chips")
    assert read.checks == ["Could it hold invasive species?"]
    page = client.get(URL).content.decode()
    assert "No member of these industries in the two regions." in page


def test_a_treatment_that_the_files_no_longer_have_is_worded_by_its_key(client):
    create_chain(treatment="of_old", made_into="unicorn")
    client.force_login(create_staff())
    [read] = client.get(URL).context["chains"]
    assert (read.treatment, read.made_into, read.checks, read.doers) == ("of_old", "unicorn", [], [])


def test_it_is_filtered_by_region_and_material_of_either_side(client):
    plastic = MaterialClass.objects.get(code="plastic")
    one = create_chain(
        offer=create_listing(organisation=organisation()), need=create_need(organisation=organisation("Tampere"))
    )
    other = create_chain(
        offer=create_listing(organisation=organisation("Helsinki")),
        need=create_need(organisation=organisation("Helsinki"), material_class=plastic),
    )
    client.force_login(create_staff())
    assert shown(client, region="13") == shown(client, region="06") == [one]
    assert shown(client, material="plastic") == [other]
    assert "Nothing matches these filters. Remove one." in client.get(URL, {"region": "17"}).content.decode()


def test_the_most_promising_come_first_or_the_nearest(client):
    near = create_chain(score=0.3, distance_km=5.0)
    best = create_chain(score=0.9, distance_km=100.0)
    client.force_login(create_staff())
    assert shown(client) == [best, near]
    assert shown(client, sort="distance_km") == [near, best]


def test_it_is_exported(client):
    create_chain()
    client.force_login(create_staff())
    rows = client.get(URL, {"muoto": "csv"}).getvalue().decode("utf-8-sig").splitlines()
    assert rows[1].startswith("Branches from parks;")
    assert ";chipping;forest chips;Forest chips wanted;" in rows[1]


def test_an_empty_list_says_what_to_do(client):
    client.force_login(create_member())
    assert "No chains yet. We look every night." in client.get(URL).content.decode()


@pytest.mark.parametrize("count", [1, 20])
def test_the_number_of_queries_does_not_grow(client, django_assert_num_queries, count):
    for _number in range(count):
        create_chain()
        organisation("Jyväskylä", "02")
    client.force_login(create_staff())
    client.get(URL)
    with django_assert_num_queries(QUERIES):
        client.get(URL)


QUERIES = 13
