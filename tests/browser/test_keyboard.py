"""What matters works without a mouse."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Visit
from tests.browser.words import say

FOCUSED = """() => {
  const one = document.activeElement;
  return one.labels?.[0]?.innerText.trim().split("\\n")[0] || one.innerText.trim() || one.getAttribute("aria-label") || one.name;
}"""


def _tab(page: Page, times: int) -> list[str]:
    """What has the focus after each press."""
    names = []
    for _ in range(times):
        page.keyboard.press("Tab")
        names.append(page.evaluate(FOCUSED))
    return names


def test_skip_link_is_first_and_leads_to_the_content(visit: Visit) -> None:
    page = visit("", "/ilmoitukset/")
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name=say("Skip to content"))
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


def test_sign_in_goes_in_the_order_of_reading(visit: Visit) -> None:
    page = visit("", "/tili/login/")
    page.locator("#content").focus()
    order = _tab(page, 6)
    expected = [say("E-mail address"), say("Password"), say("Forgot your password?"), say("Sign in")]
    assert [name for name in order if name in expected] == expected


def test_listing_form_goes_in_the_order_of_reading(visit: Visit) -> None:
    page = visit("member", "/ilmoitukset/uusi/offer/")
    page.get_by_label(say("Organisation"), exact=True).focus()
    order = _tab(page, 40)
    fields = [
        say(name)
        for name in ("Title", "Description", "Language of the text", "Material class", "Quantity", "Municipality")
    ]
    assert [name for name in order if name in fields] == fields
    assert say("Save as a draft") in order or say("Submit the listing") in _tab(page, 10)


def test_focus_is_seen(visit: Visit) -> None:
    page = visit("", "/tili/login/")
    for name in range(12):
        page.keyboard.press("Tab")
        width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert width >= 2, name
        assert style != "none", name


def test_menu_of_a_phone_opens_and_closes_by_keyboard(visit: Visit) -> None:
    page = visit("member", "/tyopoyta/", size=PHONE)
    menu = page.get_by_role("navigation", name=say("Main menu"))
    button = page.get_by_role("button", name=say("Menu"))
    expect(menu).to_be_hidden()
    button.focus()
    page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED).startswith(say("Listings")):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/ilmoitukset/")


def test_person_menu_closes_by_escape(visit: Visit) -> None:
    page = visit("staff", "/tyopoyta/")
    summary = page.locator(".person-menu summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=say("Audit log"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name=say("Audit log"))).to_be_hidden()
    expect(summary).to_be_focused()
