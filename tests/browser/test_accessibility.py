"""Every page type against axe, in the languages, sizes and themes; and what else a page must not do."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import NARROW, PHONE, Visit
from tests.browser.pages import FOUND, PAGES, first_link
from tests.browser.words import say

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
found: dict[str, str] = {}


def _address(visit: Visit, path: str) -> str:
    if name := re.match(r"\{(\w+)\}", path):
        key = name[1]
        if key not in found:
            account, start, pattern = FOUND[key]
            found[key] = first_link(visit(account, start), pattern)
        return found[key] + path[name.end() :]
    return path


def _violations(page: Page, *, only: list[str] | None = None) -> list[str]:
    run_only = {"type": "rule", "values": only} if only else {"type": "tag", "values": TAGS}
    result = page.evaluate(
        "options => axe.run(options)", {"runOnly": run_only, "resultTypes": ["violations"], "preload": False}
    )
    return [
        f"{violation['id']}: {node['target']} {node['html'][:160]} {node['failureSummary'][:300]}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


def _sideways(page: Page) -> list[str]:
    """What makes the page wider than its window."""
    wide: list[str] = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
        [...document.querySelectorAll("main *, header *, footer *")]
          .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
          .slice(0, 5).map(one => `${one.tagName} .${one.className}: ${(one.textContent || "").trim().slice(0, 40)}`)
          .concat("scrolls sideways")"""
    )
    return wide


@pytest.mark.parametrize(("account", "path"), [(account, path) for account, paths in PAGES.items() for path in paths])
def test_page_is_for_everybody(visit: Visit, account: str, path: str) -> None:
    address = _address(visit, path)
    faults: dict[str, list[str]] = {}

    page = visit(account, address, axe=True)
    missing = page.get_by_role("heading", level=1, name=say("Page not found")).count()
    assert missing == (path == "/ei-ole/")
    faults["fi"] = _violations(page)
    page.emulate_media(color_scheme="dark")
    page.evaluate("() => Promise.all(document.getAnimations().map(one => one.finished))")  # colours that change slowly
    faults["dark"] = _violations(page, only=["color-contrast"])
    page.emulate_media(color_scheme="light")
    for language, size in (("sv", NARROW), ("en", PHONE)):
        page.context.add_cookies([{"name": "kisu_language", "value": language, "url": page.url}])
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.goto(address)
        assert page.locator("html").get_attribute("lang") == language
        faults[f"{language}, {size[0]} px"] = _sideways(page) + _violations(page)
    page.keyboard.press("End")  # what comes when it is looked at
    page.context.add_cookies([{"name": "kisu_language", "value": "fi", "url": page.url}])
    page.goto(address)
    faults["fi, 390 px"] = _sideways(page)

    assert not any(faults.values()), "\n".join(f"{key}: {fault}" for key, said in faults.items() for fault in said)
