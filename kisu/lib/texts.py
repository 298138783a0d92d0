"""Texts that people write: cleaning, form fields, search keys, and Markdown to safe HTML."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

import nh3
from django import forms
from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from markdown_it import MarkdownIt

# Letters by their class, but nothing is drawn: Hangul fillers and the empty Braille cell.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_LETTERS_WITHOUT_PARTS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ł": "l"})


def _visible(character: str) -> bool:
    return not character.isspace() and character not in _BLANK_LETTERS


def _without_invisible(text: str) -> str:
    """Drops controls, lone surrogates and format characters: bidi overrides, zero widths, soft hyphens, tag letters."""
    text = re.sub("\r\n?|[\u2028\u2029\u0085\v\f]", "\n", text)
    if not text.replace("\n", "").replace("\t", "").isprintable():
        text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
    return unicodedata.normalize("NFC", text)


def clean_line(text: str) -> str:
    """One line in NFC, one space between words, no invisible characters; empty when nothing visible is left."""
    text = " ".join(_without_invisible(text).split())
    return text if any(map(_visible, text)) else ""


def clean_text(text: str) -> str:
    """As clean_line, but lines, their indents and single empty lines between them stay."""
    lines = (re.sub(r"(?<=\S)[ \t]{2,}", " ", line.rstrip()) for line in _without_invisible(text).split("\n"))
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
    return text if any(map(_visible, text)) else ""


class _CleanedField(forms.CharField):
    default_error_messages = {"max_length": _("The text is too long: at most %(limit_value)s characters.")}
    clean_value = staticmethod(clean_line)

    def to_python(self, value: Any) -> str | None:
        text = "" if value in self.empty_values else str(value)
        # Far too long is refused before any work is spent on it.
        if self.max_length is not None and len(text) > 4 * self.max_length + 10_000:
            params = {"limit_value": self.max_length}
            raise ValidationError(self.error_messages["max_length"], code="max_length", params=params)
        return self.clean_value(text) or self.empty_value


class LineField(_CleanedField):
    """One line, e.g. a name or a title; 200 characters unless told otherwise."""

    def __init__(self, *, max_length: int | None = 200, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)


class TextField(_CleanedField):
    """Several lines; 5,000 characters unless told otherwise."""

    widget = forms.Textarea
    clean_value = staticmethod(clean_text)

    def __init__(self, *, max_length: int | None = 5000, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)


def fold(text: str) -> str:
    """For comparing: cleaned, without case; å, ä and ö stay letters of their own."""
    return unicodedata.normalize("NFC", clean_line(text).casefold())


def plain(text: str) -> str:
    """Folded and without diacritics: what someone types on a keyboard that has none."""
    parts = unicodedata.normalize("NFD", fold(text))
    return "".join(c for c in parts if not unicodedata.combining(c)).translate(_LETTERS_WITHOUT_PARTS)


def search_key(text: str) -> str:
    """What to store for searching: the folded text and, where it differs, its plain form on a line below.

    So `search_key contains fold(query)` lets "aakkoset" find Ääkköset, while "ääkköset" doesn't find aakkoset.
    """
    folded, bare = fold(text), plain(text)
    return folded if folded == bare else f"{folded}\n{bare}"


def search_terms(query: str) -> list[str]:
    """The folded words of a query, at most eight of 60 characters; each is to be found in search_key by itself."""
    return [word[:60] for word in fold(query[:1000]).split()[:8]]


_TAGS = {
    "p",
    "br",
    "strong",
    "em",
    "ul",
    "ol",
    "li",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "a",
    "code",
    "pre",
    "hr",
}
_TAGS |= {"table", "thead", "tbody", "tr", "th", "td"}


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    # Pictures would be fetched from elsewhere by every reader's browser.
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def markdown_html(text: str, *, top_heading: int = 2) -> SafeString:
    """Markdown as HTML for our own pages: no raw HTML, no pictures, links to http, https and mailto only.

    `# Heading` becomes the heading of level `top_heading`, deeper ones follow; none goes past level 6.
    """
    tokens = _markdown().parse(clean_text(text))
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + top_heading - 1)}"
    html = _markdown().renderer.render(tokens, _markdown().options, {})
    safe = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(safe)  # noqa: S308 - nh3 has just cleaned it
