"""The service centre teaches the matching a word: draft, comparison, report, release, and the match that comes of it."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, wait_for
from tests.browser.words import say


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_a_word_is_added_compared_and_released(visit: Visit, javascript: bool) -> None:
    # With a k before the ending: "-ssa" and "-lla" would tell a place.
    word = "zw" + "".join(secrets.choice("aeiouklmnrstv") for _letter in range(7)) + "k"
    title = f"Kevyttä {word}a suursäkeissä"
    _post(visit("coordinator", "/ilmoitukset/uusi/offer/", javascript=javascript), title=title)

    staff = visit("staff", "/tietopohja/", javascript=javascript)
    staff.get_by_label(say("Name or word"), exact=True).fill("sahanpuru")
    staff.get_by_role("button", name=say("Show results")).click()
    staff.get_by_role("rowheader", name="sahanpuru", exact=True).get_by_role("link").click()
    staff.get_by_role("link", name=say("Add a word")).click()
    staff.get_by_label(say("Word"), exact=True).fill(word)
    staff.get_by_role("button", name=say("Save the draft")).click()
    expect(staff.locator(".messages")).to_contain_text(word)
    expect(staff.get_by_role("main").get_by_text(word, exact=True)).to_be_visible()

    staff.goto("/tietopohja/kokeile/")
    staff.get_by_label(say("Title"), exact=True).fill(title)
    staff.get_by_role("button", name=say("Read the text")).click()
    materials = staff.get_by_role("row").filter(has=staff.get_by_role("rowheader", name=say("Materials"), exact=True))
    expect(materials.get_by_role("cell").last).to_contain_text("sahanpuru")
    expect(materials.get_by_role("cell").first).not_to_contain_text("sahanpuru")

    staff.goto("/tietopohja/julkaisut/")
    staff.get_by_role("button", name=say("Compare", context="verb"), exact=True).click()
    assert re.search(r"/tietopohja/julkaisut/\d+/$", staff.url)
    report = staff.url
    release = staff.get_by_role("button", name=say("Release", context="verb"), exact=True)
    wait_for(staff, release)
    staff.get_by_role("radio", name=say("Appears"), exact=True).check()
    if not javascript:
        staff.get_by_role("button", name=say("Show results")).click()
    expect(staff.get_by_role("rowheader").filter(has_text=title).first).to_be_visible()

    staff.goto(report)
    release.click()
    expect(staff.locator(".messages")).to_contain_text(say("Released. Listings are read anew and matched now."))
    staff.get_by_role("link", name=say("The matching that followed")).click()
    wait_for(staff, staff.get_by_role("status").filter(has_text=say("Done.")))
    staff.goto(report)
    listing = staff.get_by_role("rowheader").filter(has_text=title).first.get_by_role("link").first
    staff.goto(listing.get_attribute("href") or "")
    expect(staff.get_by_role("heading", level=1)).to_have_text(title)
    expect(staff.locator("li.match").first).to_be_visible()


def _post(page: Page, *, title: str) -> None:
    """An offer of a firm in the coordinator's region, published at once."""
    firms = page.get_by_label(say("Organisation"), exact=True)
    names = [name.strip() for name in firms.locator("option").all_text_contents()]
    firms.select_option(label=names[1])
    page.get_by_label(say("Title"), exact=True).fill(title)
    page.get_by_label(say("Description"), exact=True).fill("Tasalaatuista, kuivissa suursäkeissä.")
    page.get_by_label(say("Material class"), exact=True).select_option(index=3)
    page.get_by_role("radio", name=say("Arises continuously")).check()
    page.get_by_label(re.compile(rf"^{say('Quantity')}( \(|$)")).fill("100")
    page.get_by_role("group", name=say("What is it?")).get_by_role("radio", name=say("Side stream"), exact=True).check()
    page.get_by_role("group", name=say("Is it hazardous?")).get_by_role("radio", name=say("No"), exact=True).check()
    page.get_by_label(say("Municipality"), exact=True).select_option(label="Jyväskylä")
    page.get_by_role("button", name=say("Submit the listing")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
