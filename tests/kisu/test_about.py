import re
from typing import Any

import pytest
from django.test import Client

from kisu.lib.personal_data import personal_models
from tests.factories.members import create_user
from workpackages.models import Challenge, Goal, Objective

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client: Client) -> Client:
    """Reads English."""
    client.cookies["kisu_language"] = "en"
    return client


PUBLIC = ["/", "/tietoa/", "/saavutettavuus/", "/tietosuoja/", "/kayttoehdot/"]


def test_goals_and_challenges_are_those_of_the_plan(client: Client) -> None:
    Goal.objects.create(code="one", position=0, text_fi="Tavoite", text_sv="Mål", text_en="A goal of the plan")
    challenge = Challenge.objects.create(code="c", position=0, text_fi="Haaste", text_en="A challenge", text_sv="x")
    Objective.objects.create(
        code="o", challenge=challenge, position=0, text_fi="Teko", text_sv="Gärning", text_en="What is done"
    )
    text = client.get("/tietoa/").text
    assert text.index("A goal of the plan") < text.index("A challenge") < text.index("What is done")


def test_about_tells_how_to_join_and_what_a_member_gets(client: Client) -> None:
    text = client.get("/tietoa/").text
    assert 'id="benefits"' in text
    assert 'href="/liity/"' in text


def test_the_accessibility_statement_has_what_the_law_asks_for(client: Client, settings: Any) -> None:
    text = client.get("/saavutettavuus/").text
    assert "306/2019" in text
    assert "24 November 2026" in text.replace("\xa0", " ")
    assert "within 14 days" in text
    assert f"mailto:{settings.CONTACT_EMAIL}" in text
    assert "Traficom" in text


def test_the_privacy_notice_names_every_registered_model_and_its_purposes(client: Client) -> None:
    response = client.get("/tietosuoja/")
    kept = dict(response.context["kept"])
    assert set(kept) == {entry.label for entry in personal_models}
    assert all(row.purpose and row.basis for rows in kept.values() for row in rows)
    mails = kept["outgoing mail"]
    assert {row.months for row in mails} == {6}


def test_own_data_are_offered_to_those_who_are_signed_in(client: Client) -> None:
    assert "/oma/tiedot/" not in client.get("/tietosuoja/").text
    client.force_login(create_user())
    assert "/oma/tiedot/" in client.get("/tietosuoja/").text


@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages_describe_themselves(client: Client, path: str) -> None:
    text = client.get(path).text
    (description,) = re.findall(r'<meta name="description" content="([^"]+)">', text)
    (title,) = re.findall(r'<meta property="og:title" content="([^"]+)">', text)
    assert 40 < len(description) < 170
    assert title


def test_robots_stay_out_of_the_demo_and_of_what_is_private(client: Client, settings: Any) -> None:
    assert client.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"
    settings.LOCAL = False
    rules = client.get("/robots.txt").text.splitlines()
    assert "Disallow: /tili/" in rules
    assert "Disallow: /" not in rules


@pytest.mark.parametrize("path", PUBLIC[1:])
def test_the_breadcrumb_leads_home(client: Client, path: str) -> None:
    text = client.get(path).text
    assert re.search(r'<nav class="breadcrumb".*?<a href="/">', text, re.DOTALL)
