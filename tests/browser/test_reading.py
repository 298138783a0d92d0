"""The owner reads what the portal took the listing for, and puts it right."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.browser.words import say


@pytest.mark.parametrize(
    ("size", "javascript"), [(DESKTOP, True), (PHONE, False)], ids=["desktop", "phone without script"]
)
def test_owner_corrects_what_the_portal_reads(visit: Visit, size: tuple[int, int], javascript: bool) -> None:
    page = visit("member", "/ilmoitukset/uusi/offer/", size=size, javascript=javascript)
    _post(page, title=f"Sahanpurua kuivattuna {secrets.token_hex(3)}")
    expect(page.locator(".messages")).to_contain_text(say("Check on this page how the portal reads the listing."))
    listing = page.url

    reading = page.get_by_role("region", name=say("How the portal reads this listing"))
    expect(_tag(reading, "sahanpuru")).to_be_visible()
    reading.get_by_role("button", name=_press("Not this", "sahanpuru")).click()
    expect(page.locator(".messages")).to_contain_text(say("Corrected. Matches follow it."))
    expect(_tag(reading.get_by_role("listitem").filter(has_text=say("Not about this")), "sahanpuru")).to_be_visible()

    reading.get_by_role("link", name=say("Add what is missing")).click()
    words = page.get_by_role("searchbox", name=say("Search the materials and uses"))
    words.fill("kutterin")
    words.press("Enter")
    page.get_by_role("button", name=_press("It is about this", "kutterinlastu")).click()
    expect(page.get_by_role("region", name=say("Corrections made")).get_by_role("listitem")).to_have_count(2)

    page.goto(listing)
    expect(_tag(reading, "kutterinlastu")).to_contain_text(say("corrected", context="reading"))
    reading.get_by_role("button", name=_press("Undo", "sahanpuru")).click()
    expect(reading.get_by_role("button", name=_press("Not this", "sahanpuru"))).to_be_visible()


def _post(page: Page, *, title: str) -> None:
    page.get_by_label(say("Title"), exact=True).fill(title)
    page.get_by_label(say("Description"), exact=True).fill("Puhdasta kuusta, kosteus alle 15 %. Sopii kuivikkeeksi.")
    page.get_by_label(say("Material class"), exact=True).select_option(index=3)
    page.get_by_role("radio", name=say("Arises continuously")).check()
    page.get_by_label(re.compile(rf"^{say('Quantity')}( \(|$)")).fill("40")
    for group, choice in (("What is it?", "Side stream"), ("Is it hazardous?", "No")):
        page.get_by_role("group", name=say(group)).get_by_role("radio", name=say(choice), exact=True).check()
    page.get_by_role("button", name=say("Submit the listing")).click()


def _tag(inside: Locator, label: str) -> Locator:
    return inside.locator(".tag").filter(has_text=label)


def _press(text: str, label: str) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(say(text))}\s*: {re.escape(label)}$")
