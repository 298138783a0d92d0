"""The coordinator sees which small flows fill a need together, and what would suit once it has been treated."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.browser.words import say

NEED, OFFERS = "Lavakauluksia istutuslaatikoiksi", ("Lavakauluksia, 120 x 80", "Puisia lavakauluksia rehutoimituksista")
GOODS, WANTED = "Männynkuoren alitetta kuorimolta", "Biohiiltä kiertoveden suodattimiin"


@pytest.mark.parametrize(("size", "javascript"), [(DESKTOP, True), (PHONE, False)], ids=["desktop", "phone-no-script"])
def test_a_pooled_need_leads_to_each_of_its_offers(visit: Visit, size: tuple[int, int], javascript: bool) -> None:
    page = visit("coordinator", "/osumat/", size=size, javascript=javascript)
    page.get_by_role("link", name=say("Small flows together")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(say("Small flows together"))
    page.get_by_role("link", name=NEED).click()
    pool = page.locator("#pool")
    for title in OFFERS:
        expect(pool.get_by_role("link", name=title, exact=True)).to_be_visible()
    expect(pool.locator("tfoot")).to_contain_text("200")
    row = pool.get_by_role("row").filter(has=page.get_by_role("link", name=OFFERS[0], exact=True))
    row.get_by_role("link", name=say("Look and answer")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(NEED)
    assert "/osumat/" in page.url


@pytest.mark.parametrize(("size", "javascript"), [(DESKTOP, True), (PHONE, False)], ids=["desktop", "phone-no-script"])
def test_a_chain_names_the_treatment_and_who_does_it(visit: Visit, size: tuple[int, int], javascript: bool) -> None:
    page = visit("coordinator", "/osumat/", size=size, javascript=javascript)
    page.get_by_role("link", name=say("After treatment")).click()
    chain = (
        page.locator(".chain")
        .filter(has=page.get_by_role("link", name=GOODS))
        .filter(has=page.get_by_role("link", name=WANTED))
    )
    expect(chain).to_contain_text("hiiltäminen")
    expect(chain).to_contain_text("biohiili")
    expect(chain.get_by_role("link", name="Jyvälaakson Voima Oy")).to_be_visible()
    chain.get_by_role("link", name=GOODS).click()
    expect(page.locator("#chains")).to_contain_text(WANTED)
