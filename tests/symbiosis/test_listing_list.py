from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from symbiosis.models import Listing, MaterialClass, Unit, WasteCode
from tests.factories.members import create_coordinator, create_member, create_organisation, create_staff
from tests.factories.symbiosis import create_listing, create_need

pytestmark = pytest.mark.django_db

URL = reverse("symbiosis:listing_list")


def titles(client, **query):
    return [listing.title for listing in client.get(URL, query).context["table"].rows]


def test_the_public_sees_what_is_published_and_still_valid(client):
    create_listing(title="Open")
    for state in ("draft", "in_review", "expired", "closed", "rejected", "hidden"):
        create_listing(title=state, state=state)
    today = date.today()
    create_listing(title="Past its day", valid_from=today - timedelta(days=9), valid_until=today - timedelta(days=3))

    assert titles(client) == ["Open"]
    assert titles(client, own="true", state="draft") == ["Open"]  # what only those who post may ask is not heard


@pytest.mark.parametrize("rows", [1, 30])
def test_the_number_of_queries_does_not_grow_with_the_rows(client, rows, django_assert_num_queries):
    code = WasteCode.objects.get(code="03 01 05")
    for number in range(rows):
        create_listing(title=f"Sawdust {number}", waste_code=code)
    with django_assert_num_queries(4):  # count, page, and the regions and materials of the filters
        client.get(URL)


def test_listings_are_found_by_each_word_in_title_text_material_or_waste(client):
    code = WasteCode.objects.get(code="03 01 05")
    create_listing(title="Sahanpurua kuivikkeeksi", description="Kuusta", waste_code=code)
    create_listing(title="Lasimurskaa", description="Puhdasta", material_class=MaterialClass.objects.get(code="glass"))

    assert titles(client, q="sahanpuru") == ["Sahanpurua kuivikkeeksi"]
    assert titles(client, q="KUUSTA kuivik") == ["Sahanpurua kuivikkeeksi"]
    assert titles(client, q="kuusta lasimurska") == []
    assert titles(client, q="sahanpurru") == ["Sahanpurua kuivikkeeksi"]  # a slip of a letter
    assert titles(client, q="glas") == ["Lasimurskaa"]  # the class, in Swedish
    assert titles(client, q="030105") == ["Sahanpurua kuivikkeeksi"]
    assert titles(client, q="%") == []


@pytest.mark.parametrize("typed", ["03 01 05", "030105", "03 01", "0301", "03", "03.01.05", "030105*"])
def test_waste_codes_are_found_however_they_are_typed(client, typed):
    create_listing(title="Sawdust", waste_code=WasteCode.objects.get(code="03 01 05"))
    create_listing(title="Slag", waste_code=WasteCode.objects.get(code="10 02 02"))
    assert titles(client, waste_code=typed) == ["Sawdust"]


def test_filters_narrow_and_several_values_of_one_widen(client):
    jyvaskyla = create_organisation()
    helsinki = create_organisation(municipality_name="Helsinki")
    create_listing(title="Offer here", organisation=jyvaskyla, hazardous=False, nature="waste", language="sv")
    create_need(title="Need there", organisation=helsinki, hazardous=True, continuity="one_off")
    tyres = MaterialClass.objects.get(code="tyres")
    create_listing(title="Tyres", organisation=helsinki, material_class=tyres, hazardous=None)

    assert titles(client, kind="need") == ["Need there"]
    assert set(titles(client, kind=["need", "offer"])) == {"Offer here", "Need there", "Tyres"}
    assert titles(client, region="13") == ["Offer here"]
    for typed in ("Helsinki", "helsingfors", "Helsi"):
        assert set(titles(client, municipality=typed)) == {"Need there", "Tyres"}
    assert titles(client, municipality="Atlantis") == []
    assert titles(client, hazardous="no") == ["Offer here"]
    assert set(titles(client, hazardous=["yes", "unknown"])) == {"Need there", "Tyres"}
    assert titles(client, nature="waste") == ["Offer here"]
    assert titles(client, continuity="one_off") == ["Need there"]
    assert titles(client, language="sv") == ["Offer here"]
    assert titles(client, material="rubber") == ["Tyres"]  # with the classes below
    assert len(titles(client, region="99")) == 3  # what is not in the list of choices is no filter


def test_each_filter_in_force_is_a_chip_that_removes_it(client):
    response = client.get(URL, {"region": "13", "kind": "need", "q": "puru"})
    assert [(chip.label, chip.value, chip.link) for chip in response.context["chips"]] == [
        ("Words", "puru", "?region=13&kind=need"),
        ("Kind of listing", "Material wanted", "?region=13&q=puru"),
        ("Region", "Central Finland", "?kind=need&q=puru"),
    ]


def test_the_list_is_sorted_by_newest_expiring_and_quantity_in_one_measure(client):
    today = date.today()
    kilograms = Unit.objects.get(code="kg")
    create_listing(title="First", quantity=Decimal(3), valid_until=today + timedelta(days=9))
    create_listing(title="Second", quantity=Decimal(900), unit=kilograms, valid_until=today + timedelta(days=3))
    create_listing(title="Third", quantity=None, unit=None, valid_until=today + timedelta(days=20))

    assert titles(client) == ["Third", "Second", "First"]
    assert titles(client, sort="valid_until") == ["Second", "First", "Third"]
    assert titles(client, sort="-quantity") == ["First", "Second", "Third"]
    assert titles(client, sort="created_by__email") == ["Third", "Second", "First"]


def test_members_find_their_own_in_every_state_and_nobody_elses(client):
    member = create_member()
    own = member.role_grants.get().organisation
    create_listing(title="Own draft", organisation=own, state="draft")
    create_listing(title="Own open", organisation=own)
    create_listing(title="Another's draft", state="draft")
    client.force_login(member)

    assert titles(client) == ["Own open"]
    views = client.get(URL, {"own": "true"}).context["views"]
    assert [(view["url"], view["current"]) for view in views] == [(URL, False), (f"{URL}?own=true", True)]
    assert set(titles(client, own="true")) == {"Own draft", "Own open"}
    assert titles(client, state="draft") == ["Own draft"]


def test_coordinators_search_also_the_closed_listings_of_their_region(client):
    create_listing(title="Closed here", state="closed")
    create_listing(title="Closed there", state="closed", organisation=create_organisation(municipality_name="Helsinki"))
    client.force_login(create_coordinator("13"))
    assert titles(client, state="closed") == ["Closed here"]


def test_staff_own_is_what_they_posted(client):
    staff = create_staff()
    create_listing(title="Posted by staff", created_by=staff, state="draft")
    create_listing(title="Somebody's", state="draft")
    client.force_login(staff)
    assert titles(client, own="true") == ["Posted by staff"]


def test_the_export_holds_the_filtered_list_and_no_person(client):
    member = create_member(email="canary@kisu.example")
    own = member.role_grants.get().organisation
    create_listing(title="=Sawdust", organisation=own, created_by=member)
    create_need(title="Wanted")

    csv = client.get(URL, {"kind": "offer", "muoto": "csv"})
    lines = csv.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert ";\u200b=Sawdust;" in lines[1]
    assert "canary" not in csv.content.decode().lower()
    sheet = load_workbook(BytesIO(client.get(URL, {"muoto": "xlsx"}).content)).active
    assert sheet.max_row == 3


def test_an_empty_list_says_what_to_do(client):
    assert b"Members of the network post offers and needs here." in client.get(URL).content
    assert b"Remove a filter, or search with fewer words." in client.get(URL, {"q": "nothing"}).content
    client.force_login(create_member())
    assert b"Tell what you have or what you need" in client.get(URL).content


def test_htmx_gets_only_the_results(client):
    create_listing(title="Open")
    response = client.get(URL, headers={"HX-Request": "true", "HX-Target": "results"})
    assert b"<html" not in response.content
    assert b"Open" in response.content
    assert {"HX-Request", "HX-Target"} <= {part.strip() for part in response["Vary"].split(",")}


def test_pages_keep_the_filters(client):
    for number in range(26):
        create_listing(title=f"Listing {number}")
    response = client.get(URL, {"kind": "offer"})
    assert len(response.context["table"].rows) == 25
    assert b'href="?kind=offer&amp;page=2"' in response.content
    assert titles(client, kind="offer", page="2") == ["Listing 0"]
    assert Listing.objects.count() == 26
