"""The network's main job, from a member's offer to the steering group's figure, through the pages that people use."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Visit, wait_for
from tests.browser.words import around, say

COUNTED = "/indikaattorit/synergies-realised/"


@pytest.mark.parametrize(
    ("size", "javascript", "turn"),
    [(DESKTOP, True, 0), (PHONE, True, 1), (DESKTOP, False, 2)],
    ids=["desktop", "phone", "no-script"],
)
def test_offer_and_need_become_a_counted_synergy(
    visit: Visit, size: tuple[int, int], javascript: bool, turn: int
) -> None:
    mark = secrets.token_hex(3)
    offered, needed = f"Kuivaa männynkuorta halleista {mark}", f"Männynkuorta kuorikatteeksi {mark}"

    def come(account: str, path: str = "/tyopoyta/") -> Page:
        return visit(account, path, size=size, javascript=javascript)

    # A member posts what it has; the coordinator what a firm of the region needs, and publishes both.
    member = come("member")
    member.get_by_role("link", name=say("Post a listing")).click()
    member.get_by_role("link", name=say("You have material")).click()
    _describe(member, title=offered, quantity="120")
    member.get_by_label(say("Search the waste codes")).fill("03 01 01")
    member.get_by_role("group", name=say("Waste code")).get_by_role("button").click()
    member.get_by_role("radio", name="03 01 01").check()
    _choose(member, "What is it?", "Side stream")
    _choose(member, "Is it hazardous?", "No")
    expect(member.get_by_label(say("Title"), exact=True)).to_have_value(offered)
    member.get_by_role("button", name=say("Submit the listing")).click()
    expect(_message(member)).to_contain_text(say("The listing was sent to the regional coordinator for review."))
    offer = member.url

    coordinator = come("coordinator")
    coordinator.get_by_role("link", name=say("Listing on behalf of an organisation")).click()
    coordinator.get_by_role("link", name=say("You need material")).click()
    firms = coordinator.get_by_label(say("Organisation"), exact=True)
    expect(firms).to_be_visible()
    names = [name.strip() for name in firms.locator("option").all_text_contents()]
    firm = [name for name in names[1:] if name != "Jyvälaakson Voima Oy"][turn]
    firms.select_option(label=firm)
    _describe(coordinator, title=needed, quantity="100")
    coordinator.get_by_label(say("Municipality"), exact=True).select_option(label="Jyväskylä")
    coordinator.get_by_role("button", name=say("Submit the listing")).click()
    expect(_message(coordinator)).to_contain_text(around("The listing is published. It is valid until %(date)s."))
    expect(coordinator.get_by_text(say("Posted on the organisation's behalf"), exact=True)).to_be_visible()
    coordinator.goto("/tyopoyta/")
    coordinator.get_by_role("link", name=offered).first.click()
    coordinator.get_by_role("button", name=say("Publish the listing")).click()
    expect(_message(coordinator)).to_contain_text(around("The listing is published. It is valid until %(date)s."))

    # The service centre does not wait for the night.
    staff = come("staff", "/osumat/")
    staff.get_by_role("button", name=say("Look for matches now")).click()
    _wait_for_job(staff)

    # The member reads why the two are joined, and says that it is interesting.
    member.goto(offer)
    match = member.locator("li.match").filter(has=member.get_by_role("heading", name=needed))
    expect(match).to_contain_text(firm)
    expect(match.get_by_role("heading", name=say("For", context="reasons"))).to_be_visible()
    assert match.locator(".for li").count() >= 2
    expect(match.locator(".for")).not_to_contain_text("%")
    match.get_by_role("link", name=say("Look and answer")).click()
    member.get_by_role("button", name=say("Interesting")).click()
    expect(member.get_by_role("button", name=say("Interesting"))).to_have_count(0)
    expect(member.get_by_role("complementary", name=say("Answers and what follows"))).to_contain_text(
        say("Interesting")
    )

    # The coordinator brings them together, and takes it from idea to realised.
    coordinator.goto(member.url)
    coordinator.get_by_role("link", name=say("Write to the other side")).click()
    coordinator.get_by_label(say("Your message")).fill("Sopisiko ensimmäinen kuorma ensi viikolla?")
    coordinator.get_by_role("button", name=say("Send the message")).click()
    expect(coordinator.get_by_role("main")).to_contain_text("Sopisiko ensimmäinen kuorma ensi viikolla?")
    coordinator.get_by_role("link", name=say("The match behind it")).click()
    coordinator.get_by_role("link", name=say("Open a synergy")).click()
    synergy = f"Kuori katteeksi {mark}"
    coordinator.get_by_label(say("Title"), exact=True).fill(synergy)
    coordinator.get_by_role("button", name=say("Begin the synergy")).click()
    expect(coordinator.get_by_role("heading", level=1)).to_have_text(synergy)
    for stage in ("Discussion", "Negotiation", "Implementation"):
        coordinator.get_by_role("radio", name=say(stage)).check()
        coordinator.get_by_role("button", name=say("Move the synergy")).click()
        expect(_message(coordinator)).to_contain_text(say("The synergy moved on. Both organisations hear of it."))
    coordinator.get_by_role("link", name=say("It is realised: give the tonnes")).click()
    coordinator.get_by_label(say("Material kept in use")).fill("1 100,5")
    _choose(coordinator, "Kind of figure", "Measured")
    coordinator.get_by_label(say("Emission factor")).fill("0,5")
    coordinator.get_by_label(say("Source of the figures")).fill("Vaakalaput")
    coordinator.get_by_role("button", name=say("Realise the synergy")).click()
    facts = coordinator.locator(".key-facts")
    expect(facts).to_contain_text("1 100,5 t/v".replace(" ", "\xa0"))
    expect(facts).to_contain_text(re.compile(r"550,25\s+t\s+CO₂-ekv"))

    # The night's count, pressed by the service centre; the figure and the very row behind it.
    before = _figure(staff)
    staff.goto("/ajot/")
    staff.get_by_role("button", name=re.compile(rf"^{say('Run now')}\s*: {say('Indicators')}$")).click()
    _wait_for_job(staff)
    counted = _figure(staff)
    assert counted > before
    staff.goto(COUNTED)
    rows = staff.get_by_role("region", name=say("Rows behind the figure"))
    expect(rows.get_by_role("heading")).to_contain_text(str(counted))
    expect(rows.get_by_role("rowheader", name=synergy, exact=True)).to_be_visible()

    # The steering group sees it and changes nothing.
    steering = come("steering")
    assert _figure(steering, path="/ohjaus/") == counted
    for path in (coordinator.url, COUNTED + "arvo/", COUNTED + "tavoite/", "/ilmoitukset/uusi/offer/"):
        answer = steering.goto(path)
        assert answer is not None
        if answer.ok:
            assert steering.get_by_role("main").locator("form[method=post]").count() == 0, path
        else:
            assert answer.status in {403, 404}, path
            expect(steering.get_by_role("main").get_by_role("heading", level=1)).to_be_visible()


def _describe(page: Page, *, title: str, quantity: str) -> None:
    page.get_by_label(say("Title"), exact=True).fill(title)
    page.get_by_label(say("Description"), exact=True).fill("Puhdasta männynkuorta, murskattu ja kuivattu, ei hiekkaa.")
    page.get_by_label(say("Material class"), exact=True).select_option(index=3)
    page.get_by_role("radio", name=say("Arises continuously")).check()
    page.get_by_label(re.compile(rf"^{say('Quantity')}( \(|$)")).fill(quantity)


def _choose(page: Page, group: str, choice: str) -> None:
    page.get_by_role("group", name=say(group)).get_by_role("radio", name=say(choice), exact=True).check()


def _message(page: Page) -> Locator:
    return page.locator(".messages")


def _wait_for_job(page: Page) -> None:
    assert re.search(r"/ajot/\d+/$", page.url)
    wait_for(page, page.get_by_role("status").filter(has_text=say("Done.")))


def _figure(page: Page, *, path: str = "/indikaattorit/") -> int:
    """The value in the indicator's row."""
    page.goto(path)
    row = page.get_by_role("row").filter(has=page.locator(f"a[href='{COUNTED}']"))
    return int(re.sub(r"\D", "", row.get_by_role("cell").nth(1).locator("strong").inner_text()))
