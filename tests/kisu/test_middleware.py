"""What every request passes: its id, its language, its cache rule."""

import pytest
from django.test import Client
from django.urls import reverse

from members.models import AuditEntry
from tests.factories.members import create_member
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db


def test_the_proxys_id_is_taken_when_it_is_sane_and_stands_on_the_audit_row(client: Client) -> None:
    response = client.get(reverse("members:user_list"), headers={"X-Request-Id": "proxy-1234"})
    assert response["X-Request-Id"] == "proxy-1234"
    assert AuditEntry.objects.get().request_id == "proxy-1234"


@pytest.mark.parametrize("given", ["short", "x" * 33, 'a"b{c}d:e', "with space"])
def test_another_id_is_replaced(client: Client, given: str) -> None:
    made = client.get("/livez", headers={"X-Request-Id": given})["X-Request-Id"]
    assert made != given
    assert len(made) == 16


def test_each_request_has_its_own_id(client: Client) -> None:
    assert client.get("/livez")["X-Request-Id"] != client.get("/livez")["X-Request-Id"]


@pytest.mark.parametrize(("cookie", "language"), [("sv", "sv"), ("en", "en"), ("de", "fi"), ("", "fi")])
def test_the_page_speaks_the_cookies_language_or_finnish_whatever_the_browser_wants(cookie: str, language: str) -> None:
    client = Client()
    if cookie:
        client.cookies["kisu_language"] = cookie
    response = client.get(reverse("account_login"), headers={"Accept-Language": "de, en"})
    assert response["Content-Language"] == language
    assert f'<html lang="{language}"'.encode() in response.content
    assert "Cookie" in response["Vary"]


def test_the_pages_of_a_signed_in_person_are_kept_by_no_cache(client: Client) -> None:
    url = reverse("members:organisation_list")
    assert "no-store" not in client.get(url).get("Cache-Control", "")
    assert client_of(create_member()).get(url)["Cache-Control"] == "private, no-store"
