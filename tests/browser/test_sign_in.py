"""Every account of the demo signs in and lands at its desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.words import around, say

DESKS = {
    "member": "Desk",
    "orgadmin": "Desk",
    "expert": "Desk",
    "coordinator": "%(region)s today",
    "comms": "The network today",
    "lead": "The network today",
    "staff": "The network today",
    "admin": "The network today",
    "steering": "Situation of the network",
}


@pytest.mark.parametrize("account", DESKS)
def test_demo_account_lands_at_its_desk(visit: Visit, account: str) -> None:
    page = visit(account, "/tyopoyta/")
    expect(page.get_by_role("heading", level=1)).to_have_text(around(DESKS[account]))


def test_wrong_password_says_so_without_telling_whether_the_account_exists(visit: Visit) -> None:
    said = []
    for email in ("member@kisu.example", "nobody@kisu.example"):
        page = visit("", "/tili/login/")
        page.get_by_label(say("E-mail address")).fill(email)
        page.get_by_label(say("Password"), exact=True).fill("wrong-password-here")
        page.get_by_role("main").get_by_role("button", name=say("Sign in")).click()
        summary = page.locator(".error-summary")
        expect(summary).to_be_focused()
        assert page.title().startswith("Virhe:")
        said.append(summary.inner_text())
    assert said[0] == said[1]
