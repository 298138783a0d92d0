import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import gettext_lazy
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from kisu.lib.exports import (
    GUARD,
    XLSX_TYPE,
    content_disposition,
    csv_response,
    guard,
    json_response,
    safe_filename,
    unguard,
    write_csv,
    write_xlsx,
    xlsx_response,
)
from kisu.lib.numbers import parse_decimal
from kisu.lib.texts import clean_line

DANGEROUS = "=+-@\t\r\n\0＝＋－＠"


def csv_cells(*row: Any) -> list[str]:
    stream = io.BytesIO()
    write_csv(stream, ["x"], [row])
    return list(csv.reader(io.StringIO(stream.getvalue().decode("utf-8-sig"), newline=""), delimiter=";"))[1]


def xlsx_cells(*row: Any) -> list[Any]:
    stream = io.BytesIO()
    write_xlsx(stream, ["x"], [row])
    return list(load_workbook(io.BytesIO(stream.getvalue())).active[2])


@pytest.mark.parametrize("start", [*DANGEROUS, " =", "\u00a0+", "\ufeff@", GUARD + "="])
def test_text_that_looks_like_a_formula_is_guarded_in_csv(start: str) -> None:
    cell = csv_cells(f"{start}HYPERLINK()", "ok")[0]
    assert cell[0] == GUARD
    assert unguard(cell) == f"{start}HYPERLINK()"


def test_numbers_days_and_moments_in_csv() -> None:
    assert csv_cells(
        Decimal("-12.50"), -5, 0.1, Decimal("1E+3"), True, None, float("nan"), date(2026, 11, 24),
        datetime(2026, 12, 31, 22, 30, 5, tzinfo=UTC), gettext_lazy("=x"), "+358 40 123",
    ) == [
        "-12,50", "-5", "0,1", "1000", "1", "", "", "2026-11-24",
        "2027-01-01 00:30", f"{GUARD}=x", f"{GUARD}+358 40 123",
    ]  # fmt: skip


def test_csv_opens_in_finnish_excel() -> None:
    stream = io.BytesIO()
    write_csv(stream, ["Määrä", "=x"], [["a;b", 'c"d']])
    assert stream.getvalue() == f'\ufeffMäärä;{GUARD}=x\r\n"a;b";"c""d"\r\n'.encode()


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=12), st.text(alphabet=DANGEROUS + GUARD + ' a\ufeff;"', max_size=6)))
def test_csv_text_comes_back_exactly(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    cell = csv_cells(text, "end")[0]
    assert not cell.startswith(tuple(DANGEROUS))
    assert not cell.lstrip().startswith(tuple(DANGEROUS))
    assert unguard(cell) == text
    assert clean_line(cell) == clean_line(text)
    assert unguard(guard(text)) == text


@settings(max_examples=100, deadline=None)
@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
def test_numbers_come_back_from_both_files(number: Decimal) -> None:
    assert parse_decimal(csv_cells(number, "")[0], language="fi") == number
    (cell,) = xlsx_cells(number)
    assert cell.data_type == "n"
    assert Decimal(str(cell.value)) == number


@pytest.mark.parametrize("start", [c for c in DANGEROUS if c not in "\r\0"])
def test_text_that_looks_like_a_formula_stays_quoted_text_in_xlsx(start: str) -> None:
    (cell,) = xlsx_cells(f"{start}1+1")
    assert (cell.data_type, cell.value, cell.quotePrefix) == ("s", f"{start}1+1", True)


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=20).map(clean_line).filter(bool))
def test_xlsx_text_comes_back_exactly(text: str) -> None:
    (cell,) = xlsx_cells(text)
    assert (cell.data_type, cell.value) == ("s", text)


def test_values_in_xlsx() -> None:
    cells = xlsx_cells(
        -12.5, True, None, Decimal("NaN"), date(2026, 11, 24), datetime(2026, 6, 30, 21, 0, 7, tzinfo=UTC),
        12345678901234567890, "x" * 40_000, "00100", "https://a.example",
    )  # fmt: skip
    assert [cell.value for cell in cells[:7]] == [
        -12.5, 1, None, None, datetime(2026, 11, 24), datetime(2026, 7, 1, 0, 0, 7), "12345678901234567890",
    ]  # fmt: skip
    assert (len(cells[7].value), cells[7].value[-1]) == (32_767, "…")
    assert [(cell.value, cell.data_type, cell.hyperlink) for cell in cells[8:]] == [
        ("00100", "s", None),
        ("https://a.example", "s", None),
    ]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.pdf", "a.pdf"),
        ("CON.xlsx", "_CON.xlsx"),
        ("nul", "_nul"),
        ('a"\r\nX: y.xlsx', "a X y.xlsx"),
        ("kuva\u202egpj.exe", "kuvagpj.exe"),
        (".htaccess", "htaccess"),
        ("", "file"),
        ("..", "file"),
        ("\u200b", "file"),
        ("x" * 300 + ".xlsx", "x" * 115 + ".xlsx"),
        ("Määrät 2026.csv", "Määrät 2026.csv"),
    ],
)
def test_file_names_are_made_safe(name: str, safe: str) -> None:
    assert safe_filename(name) == safe


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a.csv", 'attachment; filename="a.csv"'),
        ("Määrät €.csv", "attachment; filename=\"Maarat.csv\"; filename*=UTF-8''M%C3%A4%C3%A4r%C3%A4t%20%E2%82%AC.csv"),
        ("你好.csv", "attachment; filename=\"file.csv\"; filename*=UTF-8''%E4%BD%A0%E5%A5%BD.csv"),
        ('a"; filename=x.html', 'attachment; filename="a filename=x.html"'),
        (
            "＂\r\nSet-Cookie: a=b.csv",
            "attachment; filename=\"Set-Cookie a=b.csv\"; filename*=UTF-8''%EF%BC%82%20Set-Cookie%20a%3Db.csv",
        ),
    ],
)  # fmt: skip
def test_the_disposition_header_holds_any_name(name: str, header: str) -> None:
    assert content_disposition(name) == header


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_no_name_breaks_the_header(name: str) -> None:
    header = content_disposition(name)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
    assert header.startswith('attachment; filename="')


@pytest.mark.parametrize(
    ("response", "content_type", "name"),
    [
        (csv_response("Lista", ["a"], [[1]]), "text/csv; charset=utf-8", "Lista.csv"),
        (xlsx_response("Lista", ["a"], [[1]]), XLSX_TYPE, "Lista.xlsx"),
        (json_response("Lista", {"ä": Decimal("0.10")}), "application/json", "Lista.json"),
    ],
)  # fmt: skip
def test_downloads_are_inert_attachments(response: Any, content_type: str, name: str) -> None:
    assert response["Content-Type"] == content_type
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cache-Control"] == "private, no-store"
    content = response.content
    assert content[:4] in {b"\xef\xbb\xbfa", b"PK\x03\x04", b'{\n  '}  # fmt: skip
    if name.endswith("json"):
        assert json.loads(content) == {"ä": "0.10"}


def test_a_fault_while_writing_gives_no_half_file() -> None:
    def rows() -> Any:
        yield [1]
        raise RuntimeError("database went away")

    with pytest.raises(RuntimeError):
        csv_response("x", ["a"], rows())
