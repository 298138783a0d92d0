from datetime import timedelta

import pytest
from django.test import Client

from kisu.lib.dates import today
from kisu.views.front import FRONT_INDICATORS
from members.models import Region
from symbiosis.models import Listing
from tests.factories.members import create_organisation
from tests.factories.symbiosis import create_listing, create_need
from workpackages.models import Indicator, Value

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client: Client) -> Client:
    """Reads English."""
    client.cookies["kisu_language"] = "en"
    return client


def count_of(indicator: str, amount: int, **fields: object) -> Value:
    row, _created = Indicator.objects.get_or_create(
        code=indicator, defaults={"position": 1, "level": "output", "name_fi": indicator, "decimals": 0} | fields
    )
    return Value.objects.create(indicator=row, on=today(), amount=amount, origin="counted")


def test_each_region_is_a_tile_that_leads_to_its_listings(client: Client) -> None:
    create_listing()
    create_listing(organisation=create_organisation(municipality_name="Espoo"))
    create_listing(state=Listing.State.DRAFT)
    create_listing(valid_until=today() - timedelta(days=1))
    response = client.get("/")
    tiles = {tile.url: tile.count for tile in response.context["tiles"]}
    assert len(tiles) == Region.objects.count() == 19
    assert {url: count for url, count in tiles.items() if count} == {
        "/ilmoitukset/?region=13": 1,
        "/ilmoitukset/?region=01": 1,
    }
    assert all(f'href="{url}"' in response.text for url in tiles)


def test_the_darkest_tile_has_the_most_listings(client: Client) -> None:
    for _number in range(3):
        create_listing()
    create_listing(organisation=create_organisation(municipality_name="Espoo"))
    levels = {tile.url[-2:]: tile.level for tile in client.get("/").context["tiles"]}
    assert levels["13"] > levels["01"] > levels["19"] == 0


def test_figures_come_from_indicators_with_their_day_and_lead_to_them(client: Client) -> None:
    count_of("organisations-in-network", 84)
    count_of("models-resource-use", 1200, unit_code="t")
    create_need()
    response = client.get("/")
    figures = {figure.label: (figure.value, figure.unit, figure.url) for figure in response.context["figures"]}
    assert figures == {
        "member organisations": ("84", "", "/indikaattorit/organisations-in-network/"),
        "open listings of materials and expertise": ("1", "", "/ilmoitukset/"),
        "of material stays in use, measured or calculated": ("1,200", "t/year", "/indikaattorit/models-resource-use/"),
    }
    assert response.context["counted_on"] == today()


def test_the_indicators_of_the_front_page_are_in_the_plan() -> None:
    from workpackages import plan_file

    assert set(FRONT_INDICATORS) <= {one.code for one in plan_file.load().indicators}


def test_newest_listings_come_first_and_only_public_ones(client: Client) -> None:
    old = create_listing(title="Old boards")
    new = create_need(title="New boards")
    create_listing(title="Secret canary", state=Listing.State.IN_REVIEW)
    Listing.objects.filter(pk=old.pk).update(published_at=old.published_at - timedelta(days=3))
    response = client.get("/")
    assert list(response.context["newest"]) == [new, old]
    assert "canary" not in response.text


def test_an_empty_portal_says_what_to_do_next(client: Client) -> None:
    response = client.get("/")
    assert "No listings yet." in response.text
    assert 'href="/ilmoitukset/uusi/"' in response.text


@pytest.mark.parametrize("rows", [1, 30])
def test_the_number_of_queries_is_fixed(client: Client, rows: int, django_assert_num_queries: object) -> None:
    for number in range(rows):
        create_listing(organisation=create_organisation(municipality_name="Espoo" if number % 2 else "Jyväskylä"))
        count_of(f"indicator-{number}", number)
    with django_assert_num_queries(5):  # type: ignore[operator]
        client.get("/")
