import pytest
from django.urls import reverse
from django.utils import translation

from kisu.lib.dates import today
from members.models import Industry, Organisation
from members.permissions import Role
from symbiosis.services.receivers import receivers_of
from tests.factories.members import (
    create_coordinator,
    create_member,
    create_organisation,
    create_staff,
    create_with_role,
    region,
)
from tests.factories.symbiosis import create_correction, create_listing, create_need, create_reading

pytestmark = pytest.mark.django_db


def url(listing):
    return reverse("symbiosis:receiver_list", args=[listing.pk])


def detail(client, listing):
    return client.get(reverse("symbiosis:listing_detail", args=[listing.pk]))


def industry(code, classification="TOL2008"):
    return Industry.objects.get(classification=classification, code=code)


def firm(code="01", place="Jyväskylä", classification="TOL2008", **fields):
    return create_organisation(municipality_name=place, industry=industry(code, classification), **fields)


def offer(**fields):
    listing = create_listing(**fields)
    create_reading(listing=listing)
    return listing


def found(listing, user, **options):
    return receivers_of(listing=listing, user=user, on=today(), **options)


def farming(receivers):
    return next(taker for taker in receivers.takers if taker.code == "A01")


# --- What is found ----------------------------------------------------------------------------------------------------


def test_an_offer_of_sawdust_leads_to_farms_with_use_and_reason_in_the_readers_language():
    listing = offer()
    taker = farming(found(listing, create_member(listing.organisation), limit=5))
    assert (taker.name, taker.ways[0].use) == (industry("01").name_en, "animal bedding")
    assert taker.ways[0].why == "dairy, pig, poultry and horse stables"
    with translation.override("fi"):
        taker = farming(found(listing, create_staff(), limit=5))
    assert (taker.ways[0].use, taker.name) == ("eläinten kuivike", industry("01").name_fi)
    with translation.override("sv"):
        assert farming(found(listing, create_staff())).ways[0].why == "stallar för mjölkkor, svin, fjäderfä och hästar"


def test_members_of_the_region_come_first_then_the_nearest():
    listing = offer()
    far_here = firm(place="Kinnula")  # the same region, farther than Mikkeli
    near_elsewhere = firm(place="Mikkeli")
    far_elsewhere = firm(place="Rovaniemi")
    here = firm(place="Jyväskylä")
    taker = farming(found(listing, create_staff()))
    assert [one.organisation for one in taker.members] == [here, far_here, near_elsewhere, far_elsewhere]
    assert (taker.here, taker.elsewhere) == (2, 2)
    assert [one.km for one in taker.members[:1]] == [0]


def test_only_members_that_are_members_today_and_not_the_own_organisation():
    own = firm()
    listing = offer(organisation=own)
    for state in Organisation.State.values:
        if state != "member":
            firm(state=state)
    assert farming(found(listing, create_staff())).members == []
    member = firm()
    assert [one.organisation for one in farming(found(listing, create_member(own))).members] == [member]


def test_an_organisation_coded_by_tol_2025_is_found_too():
    listing, member = offer(), firm(classification="TOL2025")
    assert [one.organisation for one in farming(found(listing, create_staff())).members] == [member]


def test_a_listing_without_a_stored_reading_is_read_on_the_fly():
    listing = create_listing(title="Dry sawdust", language="en", state="draft")
    assert farming(found(listing, create_staff())).ways


def test_a_stored_reading_wins_over_the_text():
    listing = create_listing(title="Dry sawdust")
    create_reading(listing=listing, materials={"whey": 1.0}, uses={})
    assert farming(found(listing, create_staff())).ways[0].material == "whey"


def test_the_owners_word_counts_where_nothing_is_stored():
    listing = create_listing(title="Sawdust", description="Sawdust.", state="draft")
    create_correction(listing=listing, target="material:sawdust", holds=False)
    create_correction(listing=listing, target="material:whey", holds=True)
    assert {way.material for way in farming(found(listing, create_staff())).ways} == {"whey"}


def test_a_need_has_no_receivers():
    assert found(create_need(), create_staff()) is None


@pytest.mark.parametrize("role", [Role.EXPERT, Role.STEERING, Role.COMMS])
def test_who_sees_no_matches_sees_no_receivers(role):
    assert found(offer(), create_with_role(role)) is None


# --- On the listing's page --------------------------------------------------------------------------------------------


def test_the_panel_is_for_the_own_side_the_regions_coordinator_and_staff(client):
    listing, member = offer(), firm()
    for user in (create_member(listing.organisation), create_coordinator("13"), create_staff()):
        client.force_login(user)
        page = detail(client, listing)
        assert len(page.context["receivers"].takers) == 5
        assert f'href="{member.get_absolute_url()}"' in page.content.decode()
    for user in (create_member(), create_coordinator("01"), create_with_role(Role.EXPERT)):
        client.force_login(user)
        page = detail(client, listing)
        assert page.context["receivers"] is None
        assert "Who might take this" not in page.content.decode()
    client.logout()
    assert "Who might take this" not in detail(client, listing).content.decode()


def test_who_keeps_the_register_is_led_to_it_by_industry_and_region(client):
    listing = offer()
    prospect = firm(state="prospect", name="Prospective farm")
    firm(state="prospect", name="Prospective mill", code="17")
    client.force_login(create_coordinator("13"))
    link = farming(detail(client, listing).context["receivers"]).register_url
    assert link == "/jasenet/?industry=01&region=13"
    assert list(client.get(link).context["table"].rows) == [prospect]
    client.force_login(create_member(listing.organisation))
    assert farming(detail(client, listing).context["receivers"]).register_url == ""


def test_where_nothing_was_read_it_says_so_and_leads_to_the_correction(client):
    listing = create_listing(title="Xyzzy", description="Plugh.")
    create_reading(listing=listing, materials={}, uses={}, properties=[], main_material="")
    client.force_login(create_coordinator("13"))
    page = detail(client, listing).content.decode()
    assert "The portal does not know what the goods are" in page
    assert f'href="{reverse("symbiosis:listing_reading", args=[listing.pk])}"' in page
    client.force_login(create_member(listing.organisation))  # posted by another: sees, may not correct
    assert "Correct the reading" not in detail(client, listing).content.decode()


def test_hazardous_goods_carry_their_warning(client):
    listing = offer(hazardous=True)
    client.force_login(create_staff())
    assert "those whose permit covers it" in detail(client, listing).content.decode()
    assert "those whose permit covers it" in client.get(url(listing)).content.decode()


@pytest.mark.parametrize("count", [1, 12])
def test_the_queries_do_not_grow_with_the_members(count, django_assert_num_queries):
    listing = offer()
    user = create_member(listing.organisation)
    for number in range(count):
        firm(place=["Jyväskylä", "Mikkeli", "Oulu"][number % 3])
    found(listing, user)
    with django_assert_num_queries(4):  # whether it is in reach, the release, industries, members
        found(listing, user)


# --- The whole list ---------------------------------------------------------------------------------------------------


def test_the_page_lists_all_industries_best_first_with_rank(client):
    listing = offer()
    client.force_login(create_member(listing.organisation))
    page = client.get(url(listing))
    ranks = [taker.rank for taker in page.context["table"].rows]
    assert ranks == list(range(1, len(ranks) + 1))
    assert page.context["table"].count > 10
    assert [taker.worth for taker in page.context["found"].takers] == sorted(
        (taker.worth for taker in page.context["found"].takers), reverse=True
    )


def test_it_sorts_by_members_and_by_name(client):
    listing = offer()
    firm(), firm(code="17", place="Oulu")
    client.force_login(create_staff())
    assert client.get(url(listing), {"sort": "-here"}).context["table"].rows[0].code == "A01"
    assert client.get(url(listing), {"sort": "-elsewhere"}).context["table"].rows[0].code == "C17"
    names = [taker.name for taker in client.get(url(listing), {"sort": "name"}).context["table"].rows]
    assert names == sorted(names)


def test_a_region_restricts_the_members_and_industries_without_any_can_be_left_out(client):
    listing, here, there = offer(), firm(), firm(code="17", place="Oulu")
    client.force_login(create_staff())
    page = client.get(url(listing), {"members": "on"})
    assert {taker.code for taker in page.context["table"].rows} == {"A01", "C17"}
    page = client.get(url(listing), {"region": "17", "members": "on"})
    assert [taker.code for taker in page.context["table"].rows] == ["C17"]
    assert [one.organisation for one in page.context["table"].rows[0].members] == [there]
    assert "region=17" in page.context["table"].rows[0].register_url
    page = client.get(url(listing), {"region": "13"})
    assert [one.organisation for taker in page.context["table"].rows for one in taker.members] == [here]
    assert [chip.value for chip in page.context["chips"]] == [str(region("13"))]


def test_no_members_there_says_so(client):
    listing = offer()
    client.force_login(create_staff())
    page = client.get(url(listing), {"region": "21", "members": "on"})
    assert page.context["table"].count == 0
    assert "None of these industries has members there" in page.content.decode()


@pytest.mark.parametrize("query", [{"region": "nowhere"}, {"page": "x"}, {"sort": "worth"}, {"region": ["13", "99"]}])
def test_wrong_filters_are_no_error(client, query):
    listing = offer()
    client.force_login(create_staff())
    assert client.get(url(listing), query).status_code == 200


def test_it_is_exported_whole(client):
    listing, member = offer(), firm(name="Bedding Farm")
    client.force_login(create_staff())
    lines = client.get(url(listing), {"muoto": "csv"}).content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Rank;Code;Industry;As what;Who")
    row = next(line for line in lines if ";A01;" in line)
    assert "animal bedding" in row
    assert f"{member.name} (Jyväskylä, 0 km)" in row
    assert client.get(url(listing), {"muoto": "xlsx"}).status_code == 200


def test_htmx_gets_the_results_alone(client):
    listing = offer()
    client.force_login(create_staff())
    part = client.get(url(listing), headers={"HX-Request": "true", "HX-Target": "results"})
    assert "<html" not in part.content.decode()
    assert 'id="results"' in part.content.decode()


def test_who_reaches_it(client):
    listing = offer()
    answers = {
        "own": create_member(listing.organisation),
        "region": create_coordinator("13"),
        "other": create_member(),
        "other region": create_coordinator("01"),
        "no matches": create_with_role(Role.EXPERT),
    }
    codes = {}
    for name, user in answers.items():
        client.force_login(user)
        codes[name] = client.get(url(listing)).status_code
    assert codes == {"own": 200, "region": 200, "other": 404, "other region": 404, "no matches": 403}
    client.force_login(create_staff())
    assert client.get(url(create_need())).status_code == 404
