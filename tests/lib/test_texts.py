import time
import unicodedata
from html.parser import HTMLParser

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from kisu.lib.texts import (
    LineField,
    TextField,
    clean_line,
    clean_text,
    fold,
    markdown_html,
    plain,
    search_key,
    search_terms,
)

INVISIBLE = [
    "\u200b",
    "\u202e\u202c",
    "\u2066\u2069",
    "\ufeff",
    "\u00ad",
    "\u2800",
    "\u3164",
    "\u115f",
    "\U000e0041",
    "\0",
    " \u00a0\u3000",
]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  Sahan\u00a0 purua\t", "Sahan purua"),
        (unicodedata.normalize("NFD", "Ääkköset Oy "), "Ääkköset Oy"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\u200bb\u200d\u2060c\0", "abc"),
        ("a\r\nb\u2028c", "a b c"),
        ("Syke ♻️", "Syke ♻️"),
        *[(text, "") for text in INVISIBLE],
    ],
)
def test_a_line_is_cleaned(text: str, cleaned: str) -> None:
    assert clean_line(text) == cleaned


def test_a_text_keeps_lines_indents_and_single_empty_lines() -> None:
    text = "\n\nYksi  kaksi \r\n  - kolme\t\tneljä\r\r\n\n\n\nviisi\u202e\n"
    assert clean_text(text) == "Yksi kaksi\n  - kolme neljä\n\nviisi"
    assert clean_text("\u200b\n\u3164") == ""


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean_line(clean_line(text)) == clean_line(text)
    assert clean_text(clean_text(text)) == clean_text(text)
    assert not {unicodedata.category(c) for c in clean_line(text)} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert unicodedata.is_normalized("NFC", clean_text(text))


@pytest.mark.parametrize("text", INVISIBLE)
@pytest.mark.parametrize("field", [LineField(), TextField()])
def test_invisible_text_counts_as_empty(text: str, field: LineField) -> None:
    with pytest.raises(ValidationError) as refused:
        field.clean(text)
    assert refused.value.error_list[0].code == "required"


@pytest.mark.parametrize("length", [11, 100_000, 10_000_000])
def test_a_text_too_long_names_the_limit_at_once(length: int) -> None:
    started = time.perf_counter()
    with (
        translation.override("en"),
        pytest.raises(ValidationError, match=r"The text is too long: at most 10 characters\."),
    ):
        LineField(max_length=10).clean("a" * length)
    assert time.perf_counter() - started < 1


def test_length_is_counted_after_cleaning() -> None:
    assert LineField(max_length=5).clean("  a   b  ") == "a b"
    assert TextField(required=False).clean(None) == ""


@pytest.mark.parametrize(
    ("stored", "query", "found"),
    [
        ("Ääkköset Oy", "aakkoset", True),
        ("Ääkköset Oy", "ÄÄKKÖSET", True),
        ("aakkoset", "ääkköset", False),
        (unicodedata.normalize("NFD", "Ääkköset"), "ääkköset", True),
        ("Åbo Akademi", "abo", True),
        ("Smørrebrød", "smorrebrod", True),
        ("Straße", "STRASSE", True),
        ("Sähkö Oy", "sahko oy", True),
        ("Sähkö Oy", "oy sahko", False),
    ],
)
def test_the_search_key_is_found_with_and_without_diacritics(stored: str, query: str, found: bool) -> None:
    assert (fold(query) in search_key(stored)) is found


def test_folding() -> None:
    assert fold(" ÅÄÖ ") == "åäö"
    assert plain("Åäö Øæ") == "aao oae"
    assert search_key("Oy") == "oy"
    assert search_terms("  Hämeen   SAHA \u200b") == ["hämeen", "saha"]
    assert len(search_terms("a b " * 10_000)) == 8
    assert search_terms("x" * 10_000) == ["x" * 60]


def test_markdown_becomes_plain_safe_html() -> None:
    html = markdown_html(
        "# Otsikko\n\n**Sahanpurua**, [lisää](https://a.example/?x=1&y=2)\n\n- yksi\n- kaksi", top_heading=3
    )
    assert html == (
        "<h3>Otsikko</h3>\n<p><strong>Sahanpurua</strong>, "
        '<a href="https://a.example/?x=1&amp;y=2" rel="noopener noreferrer nofollow">lisää</a></p>\n'
        "<ul>\n<li>yksi</li>\n<li>kaksi</li>\n</ul>\n"
    )
    assert "<td>2</td>" in markdown_html("|a|b|\n|-|-:|\n|1|2|")
    assert "<h6>" in markdown_html("###### f", top_heading=4)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt&colon;alert(1))",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "[a](vbscript:x)",
        "![a](https://evil.example/x.png)",
        '[a](https://a.example "x\\" onmouseover=alert(1)")',
        '<div style="position:fixed;inset:0">x</div>',
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
        "`<script>`",
        "```<script>\nx\n```",
    ],
)
def test_hostile_markdown_is_inert(text: str) -> None:
    seen: list[tuple[str, list[tuple[str, str | None]]]] = []
    parser = HTMLParser(convert_charrefs=True)
    parser.handle_starttag = lambda tag, attrs: seen.append((tag, attrs))  # type: ignore[method-assign]
    parser.feed(markdown_html(text))
    assert {tag for tag, _ in seen} <= {"p", "a", "code", "pre"}
    attributes = {(name, value) for _, attrs in seen for name, value in attrs}
    assert attributes <= {
        ("rel", "noopener noreferrer nofollow"),
        ("href", "https://a.example"),
        ("href", "https://evil.example/x.png"),
    }


@pytest.mark.parametrize(
    "text", [">" * 20_000, "[" * 20_000, "*a_" * 10_000, "`" * 20_000, "|a" * 5000 + "\n" + "|-" * 5000]
)
def test_markdown_of_nested_marks_ends_soon(text: str) -> None:
    started = time.perf_counter()
    markdown_html(text[:20_000])
    assert time.perf_counter() - started < 3
