from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import engines
from django.test import RequestFactory

from kisu.context_processors import Choice, Group, Link, Shell

VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source"} | {"path", "circle", "rect", "use", "line"}


class Element:
    def __init__(self, tag: str, attrs: dict[str, str | None]) -> None:
        self.tag, self.attrs, self.text = tag, attrs, ""


class Page(HTMLParser):
    """The elements of a piece of HTML in order, each with the text inside it; unbalanced tags fail."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        assert not self._open, f"never closed: {[one.tag for one in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(self.elements[-1])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1].tag == tag, f"</{tag}> closes <{self._open[-1].tag}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text = re.sub(r"[ \n]+", " ", element.text + data)

    def all(self, tag: str, **attrs: str | None) -> list[Element]:
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attrs.items()}
        return [one for one in self.elements if one.tag == tag and wanted.items() <= one.attrs.items()]

    def one(self, tag: str, **attrs: str | None) -> Element:
        found = self.all(tag, **attrs)
        assert len(found) == 1, f"{len(found)} of <{tag} {attrs}>"
        return found[0]


@pytest.fixture(autouse=True)
def _own_urls(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.face.urls"


@pytest.fixture
def shell() -> Shell:
    return Shell(
        desk="coordinator",
        dense=True,
        theme="dark",
        nav=[Link("Desk", "/tyopoyta/", current=True), Link("Matches", "/osumat/", count=12)],
        languages=[Choice("fi", "Suomi", False), Choice("sv", "Svenska", False), Choice("en", "English", True)],
        footer=[Group("Service", [Link("Privacy notice", "/tietosuoja/")])],
        is_demo=True,
        contact_email="palvelukeskus@kisu.example",
        desks=[Choice("coordinator", "Regional coordinator", True), Choice("member", "Member", False)],
        notices=3,
        person_label="Regional coordinator",
        organisation_label="Keski-Suomi",
        person_menu=[Link("My profile", "/profiili/")],
    )


@pytest.fixture
def render(rf: RequestFactory, shell: Shell) -> Callable[..., Page]:
    """Renders template source as a page of a signed-in coordinator, unless the context says otherwise."""

    def rendered(source: str, /, path: str = "/", **context: Any) -> Page:
        request = rf.get(path)
        request.user = AnonymousUser()
        template = engines["django"].from_string(source)
        return Page(template.render({"shell": shell, **context}, request))

    return rendered
