from datetime import date

import pytest
from django.urls import reverse
from django.utils import translation

from kisu.lib.dates import today
from members.permissions import Role
from symbiosis.matching.knowledge import knowledge
from symbiosis.models import Listing, Service
from symbiosis.services.beyond_pairs import SERVICE_USES, beyond_pairs
from tests.factories.members import (
    create_coordinator,
    create_member,
    create_organisation,
    create_staff,
    create_with_role,
)
from tests.factories.symbiosis import create_listing, create_need, create_reading, create_synergy

pytestmark = pytest.mark.django_db


def expertise(title, *, place="Jyväskylä", service="expert_service", **fields):
    values = {
        "kind": Listing.Kind.EXPERTISE,
        "organisation": create_organisation(municipality_name=place),
        "language": "en",
        "title": title,
        "description": "",
        "material_class": None,
        "quantity": None,
        "unit": None,
        "continuity": "",
        "service": Service.objects.get(code=service),
    }
    return create_listing(**values | fields)


def offer(**fields):
    listing = create_listing(**fields)
    create_reading(listing=listing, uses={})
    return listing


def realised(title="Sawdust to bedding", **fields):
    return create_synergy(stage="realised", title=title, **fields)


def experts(listing, user=None):
    return [one.listing for one in beyond_pairs(listing=listing, user=user or create_staff(), on=today()).experts]


def done(listing, user=None):
    return beyond_pairs(listing=listing, user=user or create_staff(), on=today()).done


# --- Experts and services ---------------------------------------------------------------------------------------------


def test_who_names_the_material_is_found_the_nearest_first():
    far = expertise("Analysis of sawdust and wood chips", place="Oulu", service="analysis")
    near = expertise("Sawdust: drying and screening", place="Mikkeli")
    expertise("Legal advice on concrete waste", place="Mikkeli")
    assert experts(offer()) == [near, far]


def test_it_says_why_in_the_readers_language():
    expertise("Analysis of sawdust")
    listing = offer()
    with translation.override("en"):
        assert beyond_pairs(listing=listing, user=create_staff(), on=today()).experts[0].why == (
            "Names the material: sawdust"
        )


def test_who_does_a_use_that_the_material_serves_is_found():
    found = expertise("We deliver animal bedding", service="other_service")
    expertise("We recycle batteries", service="other_service")
    assert experts(offer()) == [found]


def test_a_service_of_a_fitting_class_is_found_when_its_text_names_no_other_material():
    found = expertise("Contact us", service="fuel_production")
    expertise("Fuel of waste oil", service="fuel_production")
    expertise("Contact us", service="transport")
    listing = offer()
    assert experts(listing) == [found]
    assert str(found.service) in beyond_pairs(listing=listing, user=create_staff(), on=today()).experts[0].why


def test_hazardous_landfills_are_only_for_hazardous_goods():
    place = expertise("Contact us", service="landfill_hazardous")
    harmless, hazardous = create_listing(), create_listing(hazardous=True)
    for listing in (harmless, hazardous):
        create_reading(listing=listing, materials={"chemical": 1.0}, uses={})
    assert experts(harmless) == []
    assert experts(hazardous) == [place]


def test_closed_ones_those_past_their_day_and_the_own_ones_are_left_out():
    listing = offer()
    expertise("Sawdust drying", state="closed", close_reason="other")
    expertise("Sawdust drying", valid_from=date(2024, 1, 1), valid_until=date(2024, 2, 1))
    expertise("Sawdust drying", organisation=listing.organisation)
    assert experts(listing) == []


def test_a_need_finds_them_too():
    found = expertise("Sawdust drying")
    need = create_need()
    create_reading(listing=need)
    assert experts(need) == [found]


def test_every_service_and_use_of_the_table_is_there():
    assert set(SERVICE_USES) <= set(Service.objects.values_list("code", flat=True))
    assert {use for uses in SERVICE_USES.values() for use in uses} <= set(knowledge().uses)


# --- Flows that came true ---------------------------------------------------------------------------------------------


def test_the_same_material_comes_before_a_near_one_and_others_are_left_out():
    same_old, near = realised("Sawdust to bedding"), realised("Wood chips and sawmill residues to boiler")
    of_listing = create_listing(title="Concrete")
    create_reading(listing=of_listing, materials={"sawdust": 0.9})
    by_reading = realised("Contract", offer=of_listing)
    realised("Whey to pigs")
    found = done(offer())
    assert {one.synergy for one in found if one.same} == {same_old, by_reading}
    assert near not in {one.synergy for one in found if one.same}
    assert "Whey to pigs" not in {one.synergy.title for one in found}


def test_only_realised_ones_that_the_reader_may_see():
    listing = offer()
    create_synergy(stage="idea", title="Sawdust to bedding")
    there = create_organisation(municipality_name="Helsinki")
    elsewhere = realised(giver=there, receiver=create_organisation(municipality_name="Helsinki"))
    member, coordinator = create_member(listing.organisation), create_coordinator("13")
    assert done(listing, member) == []
    assert elsewhere not in [one.synergy for one in done(listing, coordinator)]
    own = realised(giver=listing.organisation)
    assert [one.synergy for one in done(listing, member)] == [own]


def test_what_became_of_this_very_listing_is_no_example():
    listing = offer()
    realised(offer=listing)
    assert done(listing) == []


# --- Who sees it, and what it costs -----------------------------------------------------------------------------------


def test_it_is_for_who_sees_the_matches_and_only_of_materials(client):
    expertise("Sawdust drying")
    listing = offer()
    client.force_login(create_member(listing.organisation))
    page = client.get(reverse("symbiosis:listing_detail", args=[listing.pk]))
    assert "Sawdust drying" in page.content.decode()
    for user in (create_member(), create_with_role(Role.EXPERT)):
        assert not beyond_pairs(listing=listing, user=user, on=today())
        client.force_login(user)
        page = client.get(reverse("symbiosis:listing_detail", args=[listing.pk]))
        assert "Sawdust drying" not in page.content.decode()
    assert not beyond_pairs(listing=expertise("Sawdust"), user=create_staff(), on=today())


def test_nothing_read_finds_nothing():
    expertise("Sawdust drying")
    listing = create_listing(title="Xyzzy", description="Plugh.")
    create_reading(listing=listing, materials={}, uses={}, main_material="")
    assert not beyond_pairs(listing=listing, user=create_staff(), on=today())


@pytest.mark.parametrize("count", [1, 8])
def test_the_queries_do_not_grow(count, django_assert_num_queries):
    listing = offer()
    user = create_member(listing.organisation)
    for number in range(count):
        expertise(f"Sawdust drying {number}")
        realised(giver=listing.organisation, offer=create_listing())
    beyond_pairs(listing=listing, user=user, on=today())
    with django_assert_num_queries(4):  # whether it is in reach, the release, expertise, synergies
        beyond_pairs(listing=listing, user=user, on=today())


def test_five_of_each_are_shown_at_most():
    listing = offer()
    for number in range(7):
        expertise(f"Sawdust drying {number}")
        realised()
    found = beyond_pairs(listing=listing, user=create_staff(), on=today())
    assert (len(found.experts), len(found.done)) == (5, 5)
