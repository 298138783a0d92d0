import pytest
from django.test import Client

from symbiosis.models import Listing
from tests.factories.members import create_member, create_organisation
from tests.factories.symbiosis import create_listing

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client: Client) -> Client:
    """Reads English."""
    client.cookies["kisu_language"] = "en"
    return client


def found(client: Client, words: str) -> dict[str, list[str]]:
    response = client.get("/haku/", {"q": words})
    return {group.key: [hit.title for hit in group.hits] for group in response.context["found"]}


def test_one_word_finds_in_several_rooms(client: Client) -> None:
    create_listing(title="Sawdust", organisation=create_organisation(name="Sawdust Oy"))
    assert found(client, "sawdust") == {"organisations": ["Sawdust Oy"], "symbiosis.listings": ["Sawdust"]}


def test_a_stranger_finds_only_what_is_public(client: Client) -> None:
    create_listing(title="Secret sawdust", state=Listing.State.DRAFT)
    create_organisation(name="Sawdust prospect", state="prospect")
    assert found(client, "sawdust") == {}


def test_a_member_finds_the_own_draft(client: Client) -> None:
    member = create_member()
    create_listing(title="Secret sawdust", state="draft", organisation=member.person.affiliations.get().organisation)
    client.force_login(member)
    assert found(client, "sawdust") == {"symbiosis.listings": ["Secret sawdust"]}


def test_a_slip_of_a_letter_is_forgiven(client: Client) -> None:
    create_listing(title="Kutterinlastua")
    assert found(client, "kuterinlastua") == {"symbiosis.listings": ["Kutterinlastua"]}


def test_ten_are_shown_and_all_counted(client: Client) -> None:
    for number in range(13):
        create_listing(title=f"Sawdust {number}")
    (group,) = client.get("/haku/", {"q": "sawdust"}).context["found"]
    assert (len(group.hits), group.count) == (10, 13)


def test_nothing_found_says_what_to_do(client: Client) -> None:
    response = client.get("/haku/", {"q": "<b>zzzz"})
    assert "Nothing found for “&lt;b&gt;zzzz”." in response.text
    assert "Nothing found" not in client.get("/haku/").text


@pytest.mark.parametrize("words", ["\x00", "%", "_", "\\", "a" * 5000, "''", "(", "\ud800"])
def test_odd_words_do_no_harm(client: Client, words: str) -> None:
    create_listing(title="Sawdust")
    path = "/haku/?q=" + "".join(f"%{byte:02x}" for byte in words.encode("utf-8", "surrogatepass"))
    assert all(group.hits for group in client.get(path).context["found"])


def test_searches_stay_out_of_search_engines(client: Client) -> None:
    assert '<meta name="robots" content="noindex">' in client.get("/haku/").text
