from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from kisu.lib.dates import today
from members.permissions import Role
from symbiosis.models import MatchAnswer, MaterialClass, Pool
from symbiosis.services.beyond import beyond_listing
from tests.factories.members import (
    create_coordinator,
    create_member,
    create_organisation,
    create_staff,
    create_with_role,
)
from tests.factories.symbiosis import create_listing, create_match, create_need, create_pool

pytestmark = pytest.mark.django_db

URL = "/osumat/yhdistelmat/"


def shown(client, **query):
    return [read.pool for read in client.get(URL, query).context["pools"]]


def in_jyvaskyla():
    return create_organisation(municipality_name="Jyväskylä")


def test_the_needs_own_people_its_coordinator_and_staff_see_it(client):
    pool = create_pool(need=create_need(organisation=in_jyvaskyla(), quantity=Decimal(100)))
    for user, sees in [
        (create_member(pool.need.organisation), True),
        (create_coordinator("13"), True),
        (create_staff(), True),
        (create_member(pool.parts.first().match.offer.organisation), False),
        (create_coordinator("01"), False),
        (create_member(), False),
    ]:
        client.force_login(user)
        assert shown(client) == ([pool] if sees else [])
        assert (beyond_listing(listing=pool.need, user=user, on=today()).pool is not None) is sees


@pytest.mark.parametrize("role", [Role.EXPERT, Role.STEERING, Role.COMMS])
def test_others_may_not(client, role):
    client.force_login(create_with_role(role))
    assert client.get(URL).status_code == 403


@pytest.mark.parametrize("state", ["closed", "hidden", "draft", "expired"])
def test_an_offer_that_is_not_public_is_gone_at_once(client, state):
    offers = [create_listing(quantity=Decimal(40)) for _number in range(3)]
    create_pool(offers=offers)
    client.force_login(create_staff())
    [read] = client.get(URL).context["pools"]
    assert (len(read.parts), read.together, read.percent, read.lacking) == (3, 120, 120, 0)

    offers[0].state, offers[0].close_reason = state, "other"
    offers[0].save()
    [read] = client.get(URL).context["pools"]
    assert (len(read.parts), read.together, read.percent, read.lacking) == (2, 80, 80, 20)

    offers[1].state, offers[1].close_reason = state, "other"
    offers[1].save()
    assert shown(client) == []


@pytest.mark.parametrize("state", ["closed", "hidden"])
def test_a_need_that_is_not_public_takes_its_pool_along(client, state):
    pool = create_pool()
    pool.need.state, pool.need.close_reason = state, "other"
    pool.need.save()
    client.force_login(create_staff())
    assert shown(client) == []
    assert beyond_listing(listing=pool.need, user=create_staff(), on=today()).pool is None


def test_an_offer_past_its_last_day_is_gone_before_the_night(client):
    offers = [create_listing(quantity=Decimal(60)) for _number in range(2)]
    create_pool(offers=offers)
    offers[0].valid_until = today() - timedelta(days=1)
    offers[0].save()
    client.force_login(create_staff())
    assert shown(client) == []


def test_a_pair_that_somebody_turned_down_is_left_out(client):
    pool = create_pool(offers=[create_listing(quantity=Decimal(40)) for _number in range(3)])
    match = pool.parts.first().match
    MatchAnswer.objects.create(
        match=match,
        organisation=match.offer.organisation,
        answer="dismissed",
        reason="too_far",
        answered_at=timezone.now(),
    )
    client.force_login(create_staff())
    [read] = client.get(URL).context["pools"]
    assert match not in [part.match for part in read.parts]
    assert len(read.parts) == 2


def test_withdrawn_pools_are_gone(client):
    create_pool(withdrawn_at=timezone.now())
    client.force_login(create_staff())
    assert shown(client) == []


def test_it_is_filtered_by_region_and_material(client):
    here = create_pool(need=create_need(organisation=in_jyvaskyla(), quantity=Decimal(100)))
    plastic = MaterialClass.objects.get(code="plastic")
    there = create_pool(need=create_need(organisation=create_organisation(municipality_name="Helsinki"),
                                         material_class=plastic, quantity=Decimal(100)))  # fmt: skip
    client.force_login(create_staff())
    assert shown(client, region="13") == [here]
    assert shown(client, material="plastic") == [there]
    page = client.get(URL, {"region": "07"}).content.decode()
    assert "Nothing matches these filters. Remove one." in page


def test_the_fullest_comes_first_and_the_list_is_exported(client):
    half = create_pool(offers=[create_listing(quantity=Decimal(30)) for _number in range(2)])
    full = create_pool(
        need=create_need(title="Bark for a park", quantity=Decimal(100)),
        offers=[create_listing(quantity=Decimal(49)) for _number in range(2)],
    )
    client.force_login(create_staff())
    assert shown(client) == [full, half]
    rows = client.get(URL, {"muoto": "csv"}).getvalue().decode("utf-8-sig").splitlines()
    assert rows[1].startswith("Bark for a park;")
    assert ";2;98,000;100,000;t" in rows[1] or ";2;98" in rows[1]


def test_an_empty_list_says_what_to_do(client):
    client.force_login(create_member())
    assert "Nothing to gather yet. We look every night." in client.get(URL).content.decode()


def test_the_needs_page_shows_amounts_their_sum_and_a_way_to_each(client):
    pool = create_pool(offers=[create_listing(quantity=Decimal(40), title=f"Heap {n}") for n in (1, 2)])
    part = pool.parts.first()
    part.density = Decimal("0.25")
    part.save()
    client.force_login(create_member(pool.need.organisation))
    page = client.get(pool.need.get_absolute_url()).content.decode()
    assert "Together these would fill most of the need" in page
    assert "80\u00a0t/year" in page
    assert "80% of 100\u00a0t/year" in page
    assert "Still lacking: 20\u00a0t/year" in page
    assert "at 0.25 t/m³" in page
    for one in pool.parts.all():
        assert one.match.get_absolute_url() in page
        assert f"/osumat/{one.match.pk}/yhteys/" in page
        assert client.get(f"/osumat/{one.match.pk}/yhteys/").status_code == 200


def test_a_visitor_sees_no_pool(client):
    pool = create_pool()
    assert "Together" not in client.get(pool.need.get_absolute_url()).content.decode()


@pytest.mark.parametrize("count", [1, 12])
def test_the_number_of_queries_does_not_grow(client, django_assert_num_queries, count):
    for _number in range(count):
        create_pool()
    client.force_login(create_staff())
    client.get(URL)
    with django_assert_num_queries(QUERIES):
        client.get(URL)


QUERIES = 9


def test_a_pool_reads_as_its_need_and_sum():
    pool = create_pool()
    assert str(pool) == f"{pool.need}: 80 / 100 t"
    assert str(pool.parts.first()).endswith(": 40.000")
    assert Pool.objects.current().count() == 1
    create_match()
