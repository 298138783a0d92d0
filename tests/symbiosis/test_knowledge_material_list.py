import pytest
from django.utils import timezone

from members.permissions import Role
from symbiosis.models import ListingReading
from tests.factories.knowledge import create_material, create_release, create_term
from tests.factories.members import create_coordinator, create_member, create_staff, create_with_role
from tests.factories.symbiosis import create_listing

pytestmark = pytest.mark.django_db

URL, USES = "/tietopohja/", "/tietopohja/kaytot/"


@pytest.fixture
def staff(client):
    client.force_login(create_staff())
    return client


def rows(client, url=URL, **query):
    table = client.get(url, query).context["table"]
    return list(table._all())


def keys(client, url=URL, **query):
    return [row.key for row in rows(client, url, **query)]


def reading(listing, **fields):
    return ListingReading.objects.create(listing=listing, version="0", read_at=timezone.now(), **fields)


@pytest.mark.parametrize("url", [URL, USES, "/tietopohja/julkaisut/", "/tietopohja/kokeile/"])
def test_it_is_the_service_centres(client, url):
    for user in (create_member(), create_coordinator("13"), create_with_role(Role.WP_LEAD, package="TP4")):
        client.force_login(user)
        assert client.get(url).status_code == 403
    client.force_login(create_with_role(Role.SUPERUSER))
    assert client.get(url).status_code == 200


def test_it_lists_every_material_with_what_is_known_of_it(staff):
    found = {row.key: row for row in rows(staff)}
    assert len(found) > 800
    sawdust = found["sawdust"]
    assert (sawdust.label, sawdust.family, sawdust.entry) == ("sawdust", "wood", None)
    assert min(sawdust.fi, sawdust.sv, sawdust.en) > 0
    assert sawdust.others > 10


def test_the_labels_are_in_the_readers_language(staff):
    staff.cookies["kisu_language"] = "sv"
    assert {row.key: row.label for row in rows(staff)}["sawdust"] == "sågspån"


def test_it_is_found_by_name_word_and_inflected_word(staff):
    assert keys(staff, q="sågspån")[:1] == ["sawdust"] or "sawdust" in keys(staff, q="sågspån")
    assert "sawdust" in keys(staff, q="sahanpuruista")
    assert keys(staff, q="qqxqq") == []
    assert "No material has this name or word" in staff.get(URL, {"q": "qqxqq"}).content.decode()


def test_it_is_filtered_by_family_origin_and_missing_words(staff):
    create_material()
    create_material(key="gone", label_fi="mennyt", since=create_release(), until=create_release())
    assert {row.family for row in rows(staff, family="wood")} == {"wood"}
    assert keys(staff, added="on") == ["zworfel"]
    assert "zworfel" in keys(staff, silent="sv")
    assert "sawdust" not in keys(staff, silent="sv")


def test_drafts_of_words_are_counted(staff):
    before = {row.key: row.en for row in rows(staff)}["sawdust"]
    create_term()
    assert {row.key: row.en for row in rows(staff)}["sawdust"] == before + 1


def test_open_listings_are_counted_by_what_they_are_read_as(staff):
    reading(create_listing(), main_material="sawdust", materials={"sawdust": 1.0}, uses={"animal_bedding": 1.0})
    reading(create_listing(state="closed"), main_material="sawdust", uses={"animal_bedding": 1.0})
    assert {row.key: row.listings for row in rows(staff)}["sawdust"] == 1
    uses = {row.key: row.listings for row in rows(staff, USES)}
    assert (uses["animal_bedding"], uses["fuel"]) == (1, 0)


def test_it_is_sorted_and_paged(staff):
    sizes = [row.others for row in rows(staff, sort="-others")]
    assert sizes == sorted(sizes, reverse=True)
    page = staff.get(URL, {"page": "2"}).context["table"].page
    assert (page.number, len(page.object_list)) == (2, 50)


def test_it_is_exported_whole(staff):
    lines = staff.get(USES, {"muoto": "csv"}).getvalue().decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Use;Broader;")
    assert len(lines) > 250


@pytest.mark.parametrize("count", [0, 20])
def test_the_number_of_queries_does_not_grow(staff, django_assert_num_queries, count):
    for number in range(count):
        create_material(key=f"z{number}", label_fi=f"z{number}")
        create_term(pattern=f"zworfel{number}")
    staff.get(URL)
    with django_assert_num_queries(QUERIES):
        staff.get(URL)


QUERIES = 16
