"""What a night publishes beyond pairs: at once, safe twice, without what closed meanwhile."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from kisu.lib.dates import today
from symbiosis.matching.chains import FoundChain
from symbiosis.matching.pools import FoundPool, PoolPart
from symbiosis.matching.treatments import Route
from symbiosis.models import Chain, Match, Pool
from symbiosis.services.beyond import publish_chains, publish_pools
from symbiosis.services.night import match_listings
from tests.factories.members import create_organisation
from tests.factories.symbiosis import create_listing, create_match, create_need

pytestmark = pytest.mark.django_db


def found_pool(need, offers, **fields):
    parts = tuple(PoolPart(str(offer.pk), Decimal(40), None) for offer in offers)
    return FoundPool(str(need.pk), **{"needed": Decimal(100), "unit": "t", "parts": parts} | fields)


def found_chain(offer, need, score=0.5, treatment="chipping"):
    route = Route(treatment, "branches", "forest_chips", 3, 0.95, industries=("A02",))
    return FoundChain(str(offer.pk), str(need.pk), route, score, 12.5)


def pair_up(count=2):
    need = create_need()
    offers = [create_listing() for _number in range(count)]
    for offer in offers:
        create_match(offer=offer, need=need)
    return need, offers


def publish(*pools, now=None):
    return publish_pools(pools=pools, on=today(), now=now or timezone.now())


def test_a_pool_is_published_with_its_parts():
    need, offers = pair_up()
    assert publish(found_pool(need, offers)) == {"pools": 1, "new_pools": 1, "withdrawn_pools": 0}
    pool = Pool.objects.get()
    assert (pool.need, pool.offered, pool.needed, pool.unit) == (need, 80, 100, "t")
    assert {part.match.offer for part in pool.parts.all()} == set(offers)
    assert set(pool.matches.all()) == set(Match.objects.all())


def test_publishing_twice_changes_nothing():
    need, offers = pair_up()
    publish(found_pool(need, offers))
    assert publish(found_pool(need, offers)) == {"pools": 1, "new_pools": 0, "withdrawn_pools": 0}
    assert Pool.objects.get().parts.count() == 2


def test_what_is_no_longer_found_is_withdrawn_and_may_come_back():
    need, offers = pair_up(3)
    first = timezone.now() - timedelta(days=1)
    publish(found_pool(need, offers), now=first)
    now = timezone.now()
    assert publish(now=now) == {"pools": 0, "new_pools": 0, "withdrawn_pools": 1}
    assert Pool.objects.get().withdrawn_at == now
    assert publish(now=timezone.now())["withdrawn_pools"] == 0
    assert Pool.objects.get().withdrawn_at == now
    assert publish(found_pool(need, offers[:2]))["new_pools"] == 1
    pool = Pool.objects.get()
    assert pool.withdrawn_at is None
    assert pool.parts.count() == 2


def test_a_part_without_a_current_match_or_with_a_closed_offer_is_left_out():
    need, offers = pair_up(4)
    Match.objects.filter(offer=offers[0]).update(withdrawn_at=timezone.now())
    offers[1].state, offers[1].close_reason = "closed", "other"
    offers[1].save()
    publish(found_pool(need, offers))
    assert {part.match.offer for part in Pool.objects.get().parts.all()} == {offers[2], offers[3]}
    offers[2].state = "hidden"
    offers[2].save()
    assert publish(found_pool(need, offers)) == {"pools": 0, "new_pools": 0, "withdrawn_pools": 1}


def test_a_pool_of_a_closed_need_or_too_little_is_not_published():
    need, offers = pair_up()
    assert publish(found_pool(need, offers, needed=Decimal(200)))["pools"] == 0
    need.state = "hidden"
    need.save()
    assert publish(found_pool(need, offers))["pools"] == 0


def test_it_goes_with_the_transaction_around_it():
    need, offers = pair_up()
    with transaction.atomic():
        publish(found_pool(need, offers))
        publish_chains(chains=[found_chain(offers[0], need)], on=today(), now=timezone.now())
        transaction.set_rollback(True)
    assert not Pool.objects.exists()
    assert not Chain.objects.exists()


def test_chains_are_published_renewed_and_withdrawn():
    offer, need, other = create_listing(), create_need(), create_need()
    now, on = timezone.now(), today()

    def run(*chains):
        return publish_chains(chains=chains, on=on, now=now)

    both = (found_chain(offer, need), found_chain(offer, other))
    assert run(*both) == {"chains": 2, "new_chains": 2, "withdrawn_chains": 0}
    assert run(*both) == {"chains": 2, "new_chains": 0, "withdrawn_chains": 0}
    again = found_chain(offer, need, score=0.7, treatment="drying")
    assert run(again) == {"chains": 1, "new_chains": 0, "withdrawn_chains": 1}
    kept = Chain.objects.current().get()
    assert (kept.need, kept.treatment, kept.score, kept.distance_km) == (need, "drying", 0.7, 12.5)
    assert Chain.objects.count() == 2
    assert run(*both)["new_chains"] == 1
    need.state = "hidden"
    need.save()
    assert run(*both) == {"chains": 1, "new_chains": 0, "withdrawn_chains": 1}


def test_a_night_finds_and_publishes_both():
    town = create_organisation(municipality_name="Jyväskylä")
    need = create_need(
        organisation=town,
        title="Sahanpurua kuivikkeeksi",
        description="Kuivaa purua navettaan.",
        language="fi",
        quantity=Decimal(100),
    )
    offers = [
        create_listing(
            organisation=create_organisation(municipality_name=place),
            title=f"Kuivaa sahanpurua {place}",
            description="Puhdasta purua irtotavarana.",
            language="fi",
            quantity=Decimal(40),
        )
        for place in ("Laukaa", "Muurame", "Jyväskylä")
    ]
    compost = create_need(title="Kompostia puistoihin", description="", language="fi", quantity=None, unit=None)
    manure = create_listing(title="Hevosenlantaa", description="", language="fi", nature="side_stream")
    counts = match_listings(on=today(), now=timezone.now())
    assert (counts["pools"], counts["withdrawn_pools"]) == (1, 0)
    pool = Pool.objects.get()
    assert pool.need == need
    assert {part.match.offer for part in pool.parts.all()} == set(offers)
    chain = Chain.objects.get(need=compost)
    assert (chain.offer, chain.treatment, chain.made_into) == (manure, "composting", "compost_product")
