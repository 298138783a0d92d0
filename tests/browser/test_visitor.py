"""What a stranger does: looks around, joins, and comes back as a member."""

from __future__ import annotations

import email
import email.policy
import re
import secrets
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Portal, Visit, sign_in
from tests.browser.words import say


def _menu(page: Page, name: str) -> None:
    """Follows a link of the main menu, which on a phone is opened first."""
    button = page.get_by_role("button", name=say("Menu"))
    if button.is_visible():
        button.click()
    page.get_by_role("navigation", name=say("Main menu")).get_by_role("link", name=say(name)).click()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_visitor_looks_around(visit: Visit, size: tuple[int, int]) -> None:
    page = visit("", "/", size=size)
    _menu(page, "Listings")
    page.wait_for_url("**/ilmoitukset/")
    if size == PHONE:
        page.get_by_role("button", name=say("Filter", context="verb")).click()
    form = page.get_by_role("form", name=say("Filter the results"))
    form.get_by_role("checkbox", name=say("Material wanted")).check()
    if size == PHONE:
        form.get_by_role("button", name=say("Show results")).click()
    page.wait_for_url(re.compile(r"kind=need"))
    results = page.get_by_role("main").get_by_role("listitem").filter(has=page.get_by_role("heading", level=3))
    expect(results.filter(has_text="Tarjotaan")).to_have_count(0)
    title = results.filter(has_text="Etsitään").first.get_by_role("heading").get_by_role("link")
    name = title.inner_text()
    title.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.get_by_role("link", name=say("Sign in to contact"))).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("@kisu.example")

    _menu(page, "Members")
    page.get_by_role("main").get_by_role("rowheader").get_by_role("link").first.click()
    page.wait_for_url(re.compile(r"/jasenet/\d+/$"))
    _menu(page, "Indicators")
    page.get_by_role("link", name="Syntyneet synergiat").first.click()
    expect(page.locator("figure.chart .plot svg.main-svg").first).to_be_visible()
    page.get_by_text("Samat luvut taulukkona").click()
    expect(page.get_by_role("figure").get_by_role("table")).to_be_visible()


def test_organisation_joins_and_its_person_signs_in(visit: Visit, portal: Portal) -> None:
    mark = secrets.token_hex(3)
    name, address = f"Kelluvan Saaren Kierto {mark} Oy", f"uusi-{mark}@kisu.example"
    page = visit("", "/")
    page.get_by_role("link", name=say("Apply for membership")).first.click()

    # First as people do: something is missing, and nothing that was typed is lost.
    page.get_by_label(say("Name of the organisation")).fill(name)
    page.get_by_role("button", name=say("Send the application")).click()
    expect(page.locator(".error-summary")).to_be_focused()
    assert page.title().startswith("Virhe:")
    expect(page.get_by_label(say("Name of the organisation"))).to_have_value(name)
    page.locator(".error-summary").get_by_role("link").first.click()
    expect(page.get_by_label(say("Business ID"))).to_be_focused()

    page.get_by_label(say("Business ID")).fill(_business_id())
    page.get_by_label(say("Kind of organisation")).select_option(index=1)
    page.get_by_label(say("Municipality"), exact=True).select_option(label="Jyväskylä")
    page.get_by_label(say("Your name")).fill("Uuden jäsenen edustaja")
    page.get_by_label(say("Your e-mail")).fill(address)
    page.get_by_role("button", name=say("Send the application")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(say("Application sent"))

    coordinator = visit("coordinator", "/hakemukset/")
    coordinator.get_by_role("link", name=name).click()
    coordinator.get_by_role("button", name=say("Approve the application")).click()
    expect(coordinator.get_by_role("main")).to_contain_text(name)

    page.goto(_link_for(portal, address))
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    page.get_by_label(say("Your name")).fill("Uuden jäsenen edustaja")
    page.get_by_label(say("Password"), exact=True).fill("kierrossa-pysyy-hyvin")
    page.get_by_role("button", name=say("Accept the invitation")).click()
    page.goto("/tyopoyta/")
    expect(page.locator(".site-header")).to_contain_text(name)

    again = visit("")
    sign_in(again, portal, address, "kierrossa-pysyy-hyvin")
    expect(again.locator(".site-header")).to_contain_text(name)
    _menu(again, "My organisation")
    expect(again.get_by_role("heading", level=1)).to_contain_text(name)


def _business_id() -> str:
    """A number whose check digit is right."""
    while True:
        digits = f"{secrets.randbelow(10_000_000):07}"
        rest = sum(int(digit) * weight for digit, weight in zip(digits, (7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
        if rest != 1:
            return f"{digits}-{(11 - rest) % 11}"


def _link_for(portal: Portal, address: str) -> str:
    """The link of the invitation that was mailed to the address."""
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        for raw in portal.mails():
            mail = email.message_from_string(raw, policy=email.policy.default)
            body = mail.get_body(("plain",))
            link = re.search(rf"{re.escape(portal.url)}/kutsu/\S+", body.get_content() if body else "")
            if address in str(mail["To"]) and link:
                return link[0]
        time.sleep(0.5)
    raise AssertionError(f"no invitation was mailed to {address}")
