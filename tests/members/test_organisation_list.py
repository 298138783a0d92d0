"""The list of organisations: who sees which, finding by name, order, download."""

import pytest
from django.test import Client
from django.urls import reverse

from kisu.lib.search import sources
from tests.factories.members import create_coordinator, create_member, create_organisation, create_staff
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db
URL = "/jasenet/"


def names(client: Client, **query: object) -> list[str]:
    return [row.name for row in client.get(URL, query).context["table"].rows]


def test_a_visitor_sees_members_only(client: Client) -> None:
    create_organisation(name="Member Oy")
    for state in ("prospect", "invited", "applied", "suspended", "left"):
        create_organisation(name=f"No member: {state}", state=state)
    assert names(client) == ["Member Oy"]
    assert names(client, state="prospect") == ["Member Oy"]


def test_a_coordinator_sees_the_own_regions_register_too() -> None:
    create_organisation(name="Here Oy", state="prospect")
    create_organisation(name="There Oy", state="prospect", municipality_name="Helsinki")
    create_organisation(name="There Member Oy", municipality_name="Helsinki")
    coordinator = client_of(create_coordinator("13"))
    assert names(coordinator) == ["Here Oy", "There Member Oy"]
    assert names(coordinator, state="prospect") == ["Here Oy"]


@pytest.mark.parametrize(
    "words", ["aakkoset", "Ääkköset", "ÄÄKKÖSET", "A\u0308a\u0308kko\u0308set", "  ääkköset   oy "]
)
def test_a_name_is_found_however_it_is_typed(client: Client, words: str) -> None:
    create_organisation(name="Ääkköset Oy")
    create_organisation(name="Other Oy")
    assert names(client, q=words) == ["Ääkköset Oy"]


def test_letters_with_dots_do_not_find_those_without(client: Client) -> None:
    create_organisation(name="Saari Oy")
    assert names(client, q="sääri") == []


@pytest.mark.parametrize("form", ["{0}", "FI{1}", " {0} ", "{1}"])
def test_a_business_id_is_found_in_its_written_forms(client: Client, form: str) -> None:
    organisation = create_organisation()
    create_organisation()
    words = form.format(organisation.business_id, organisation.business_id.replace("-", ""))
    assert names(client, q=words) == [organisation.name]


@pytest.mark.parametrize("words", ["'", "%", "_", "\\", "(((((", "a|b&!c", "x" * 10_000, "\u202e", "\u200b"])
def test_odd_words_find_none_or_some_and_break_nothing(client: Client, words: str) -> None:
    create_organisation(name="Plain Oy")
    assert client.get(URL, {"q": words}).status_code == 200


def test_the_order_is_finnish(client: Client) -> None:
    for name in ("Öljy", "Äänekoski", "Åland", "Zeta", "alfa", "Yrjö", "Ümit", "Beeta"):
        create_organisation(name=name)
    assert names(client) == ["alfa", "Beeta", "Ümit", "Yrjö", "Zeta", "Åland", "Äänekoski", "Öljy"]
    assert names(client, sort="-name")[0] == "Öljy"


def test_region_and_kind_filter_and_are_shown_as_chips(client: Client) -> None:
    create_organisation(name="Helsinki Oy", municipality_name="Helsinki")
    create_organisation(name="Helsinki School", municipality_name="Helsinki", kind="university")
    create_organisation(name="Jyväskylä Oy")
    response = client.get(URL, {"region": "01", "kind": "company"})
    assert [row.name for row in response.context["table"].rows] == ["Helsinki Oy"]
    assert len(response.context["chips"]) == 2


@pytest.mark.parametrize(
    "query", [{"region": "99"}, {"kind": "x"}, {"sort": "business_id"}, {"page": "-1"}, {"page": "x"}]
)
def test_what_is_not_on_offer_is_passed_over(client: Client, query: dict[str, str]) -> None:
    create_organisation(name="Only Oy")
    assert names(client, **query) == ["Only Oy"]


def test_the_download_holds_what_the_reader_sees(client: Client) -> None:
    create_organisation(name="=Member Oy")
    create_organisation(name="Prospect Oy", state="prospect")
    response = client.get(URL, {"muoto": "csv"})
    text = b"".join(response.streaming_content if response.streaming else [response.content]).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert "Member Oy" in text
    assert "Prospect" not in text
    assert "Business" not in text


def test_htmx_gets_the_results_only(client: Client) -> None:
    create_organisation(name="Only Oy")
    response = client.get(URL, headers={"HX-Request": "true", "HX-Target": "results"})
    assert b"Only Oy" in response.content
    assert b"<html" not in response.content
    assert {"HX-Request", "HX-Target"} <= {name.strip() for name in response["Vary"].split(",")}


def test_an_empty_list_says_what_to_do(client: Client) -> None:
    assert b"Clear filters" in client.get(URL, {"q": "nothing like this"}).content
    assert b"The first members appear here" in client.get(URL).content


@pytest.mark.parametrize("rows", [1, 30])
def test_a_visitors_list_asks_a_constant_number_of_queries(
    client: Client, rows: int, django_assert_num_queries: object
) -> None:
    for _row in range(rows):
        create_organisation()
    with django_assert_num_queries(3):  # type: ignore[operator]
        client.get(URL)


def test_search_over_all_finds_names_and_hides_what_is_hidden(client: Client) -> None:
    create_organisation(name="Ääkköset Oy")
    create_organisation(name="Ääkköset Prospect", state="prospect")
    source = sources["organisations"]
    member, staff = create_member(), create_staff()
    assert [row.name for row in source.find(member, "aakkoset")] == ["Ääkköset Oy"]
    found = source.find(staff, "Ääkköset")
    assert {row.name for row in found} == {"Ääkköset Oy", "Ääkköset Prospect"}
    hit = source.hit(found[0])
    assert hit.url.startswith(URL)
    assert "Jyväskylä" in hit.detail
    assert reverse("members:organisation_list") == URL
