import pytest
from django.test import Client

from kisu.context_processors import DESK_COOKIE, THEME_COOKIE
from members.permissions import Role
from tests.factories.members import create_coordinator, create_member, grant

pytestmark = pytest.mark.django_db


def test_the_language_is_kept_and_the_page_stays(client: Client) -> None:
    response = client.post("/kieli/", {"language": "sv", "next": "/tietoa/?a=1"})
    assert response.headers["Location"] == "/tietoa/?a=1"
    assert client.cookies["kisu_language"].value == "sv"
    assert '<html lang="sv"' in client.get("/").text


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "", "\\\\evil"])
def test_nobody_is_led_off_the_site(client: Client, target: str) -> None:
    assert client.post("/kieli/", {"language": "fi", "next": target}).headers["Location"] == "/"


def test_an_unknown_language_changes_nothing(client: Client) -> None:
    client.post("/kieli/", {"language": "xx"})
    assert "kisu_language" not in client.cookies


def test_the_look_follows_the_choice_until_it_is_taken_back(client: Client) -> None:
    client.post("/ulkoasu/", {"theme": "dark", "next": "/"})
    assert 'data-theme="dark"' in client.get("/").text
    client.post("/ulkoasu/", {"theme": "", "next": "/"})
    assert client.cookies[THEME_COOKIE].value == ""
    assert "data-theme" not in client.get("/").text


def test_who_holds_two_roles_changes_the_desk_but_not_the_rights(client: Client) -> None:
    user = create_coordinator()
    grant(user, Role.COMMS)
    client.force_login(user)
    assert client.get("/tyopoyta/").context["shell"].desk == "coordinator"
    client.post("/tyopoyta/vaihda/", {"desk": "comms"})
    assert client.get("/tyopoyta/").context["shell"].desk == "comms"
    assert client.get("/hakemukset/").status_code == 200


def test_a_desk_that_is_not_ones_own_is_not_kept(client: Client) -> None:
    client.force_login(create_member())
    client.post("/tyopoyta/vaihda/", {"desk": "staff"})
    assert DESK_COOKIE not in client.cookies
    client.cookies[DESK_COOKIE] = "staff"
    assert client.get("/tyopoyta/").context["shell"].desk == "member"


def test_choices_are_made_by_post_only(client: Client) -> None:
    assert client.get("/kieli/").status_code == 405
    assert client.get("/ulkoasu/").status_code == 405
