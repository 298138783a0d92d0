"""What holds for every template and stylesheet of the portal, whoever writes it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted(path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*.*"))
# Mail readers know no stylesheets: their style is in the message.
PAGES = [name for name in TEMPLATES if name.endswith(".html") and "mail/" not in name]
STYLES = sorted((ROOT / "static/css").rglob("*.css"))
SCRIPTS = sorted((ROOT / "static/js").rglob("*.js"))
ICONS = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/icons.svg").read_text()))


def source(name: str) -> str:
    return (ROOT / "templates" / name).read_text()


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_compiles(name: str) -> None:
    get_template(name)


def asks_another_host(html: str) -> bool:
    """Whether showing or sending the page would reach another host. A link that a person may follow does not."""
    without_links = re.sub(r"<a\s[^>]*>", "", html)
    return bool(re.search(r'(src|href|action|poster|hx-\w+)="(https?:)?//', without_links))


@pytest.mark.parametrize(
    ("html", "asks"),
    [
        ('<a class="x" href="https://www.example.fi/">', False),
        ('<link rel="stylesheet" href="https://cdn.example/x.css">', True),
        ('<abbr href="//cdn.example/x">', True),
        ('<img src="//cdn.example/x.png">', True),
        ('<form action="https://example.fi/">', True),
        ('<div hx-get="https://example.fi/">', True),
    ],
)
def test_only_a_link_may_name_another_host(html: str, asks: bool) -> None:
    assert asks_another_host(html) is asks


@pytest.mark.parametrize("name", PAGES)
def test_it_obeys_the_content_security_policy(name: str) -> None:
    """No style attribute, no event attribute, no script or style of its own, nothing from another host."""
    html = source(name)
    assert not re.search(r"<[^>]*\sstyle\s*=", html)
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", html)
    assert "<style" not in html
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert not asks_another_host(html)
    assert "javascript:" not in html


@pytest.mark.parametrize("name", PAGES)
def test_every_icon_is_in_the_sprite(name: str) -> None:
    assert set(re.findall(r'{% icon "([\w-]+)"', source(name))) - ICONS == set()


@pytest.mark.parametrize("name", PAGES)
def test_a_placeholder_is_no_label(name: str) -> None:
    for control in re.findall(r"<(?:input|textarea)\b[^>]*placeholder[^>]*>", source(name)):
        found = re.search(r'\bid="([\w-]+)"', control)
        assert found is not None
        assert f'for="{found[1]}"' in source(name)


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_a_stylesheet_is_in_a_layer_and_asks_nobody(path: Path) -> None:
    css = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    assert css.count("{") == css.count("}")
    assert css.lstrip().startswith("@layer")
    assert "http" not in css
    if path.name != "tokens.css":
        assert not re.search(r"--grey-\d", css), "components name meaning, not the raw palette"


def test_every_stylesheet_is_part_of_the_one_that_pages_link() -> None:
    folder = ROOT / "static/css"
    imported = re.findall(r'@import url\("(.+?)"\);', (folder / "site.css").read_text())
    assert sorted(imported) == sorted(p.relative_to(folder).as_posix() for p in STYLES if p.name != "site.css")


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_every_token_used_is_named(path: Path) -> None:
    css = path.read_text()
    tokens = set(re.findall(r"(--[\w-]+):", (ROOT / "static/css/tokens.css").read_text() + css))
    assert set(re.findall(r"var\((--[\w-]+)", css)) - tokens == set()


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_asks_nobody_and_evaluates_nothing(path: Path) -> None:
    script = path.read_text()
    assert not re.search(r"\beval\(|new Function|innerHTML|https?://|setAttribute\(.style", script)
