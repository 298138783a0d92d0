"""Downloads of tables: CSV and XLSX that open right in Finnish Excel, and JSON. Text never becomes a formula.

CSV: UTF-8 with a byte order mark, semicolons, decimal comma, ISO dates, Finnish time. A text that a spreadsheet would
take for a formula begins with a zero-width space: it shows and copies like the text itself (an apostrophe would show,
and phone numbers with their + would look broken), no program trims it away; clean_line and unguard take it off again.
XLSX: text cells are typed as text and, where needed, carry the quote prefix, so editing them makes no formula either.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import IO, Any, TypeAlias
from urllib.parse import quote

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse, JsonResponse
from django.utils.functional import Promise
from xlsxwriter import Workbook

from kisu.lib.dates import HELSINKI
from kisu.lib.texts import clean_line

Cell: TypeAlias = str | Promise | int | float | Decimal | bool | date | datetime | None

GUARD = "\u200b"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_XLSX_TEXT = 32_767  # Excel's limit of characters in a cell

_FORMULA_START = re.compile("[\t\r\n\0]|[\\s\ufeff]*[=+\\-@＝＋－＠\0]")
_GUARDED = re.compile(f"{GUARD}+(?={_FORMULA_START.pattern})")
_WINDOWS_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)", re.IGNORECASE | re.ASCII)


def guard(text: str) -> str:
    """The text with a zero-width space before what would start a formula, and before a guard that is the text's own."""
    return GUARD + text if _FORMULA_START.match(text) or _GUARDED.match(text) else text


def unguard(text: str) -> str:
    """Undoes guard exactly."""
    return text[1:] if _GUARDED.match(text) else text


def safe_filename(name: str, *, default: str = "file") -> str:
    """A file name without folders, invisible or reserved characters, at most 120 characters, the ending kept."""
    name = clean_line(name.replace("\\", "/").rsplit("/", 1)[-1])
    name = re.sub(r'[<>:"|?*;%]', "", name).strip(" .")
    stem, dot, ending = name.rpartition(".")
    if dot and len(ending) <= 10:
        name = f"{stem[: 119 - len(ending)].rstrip(' .')}.{ending}"
    name = name[:120].strip(" .") or default
    return f"_{name}" if _WINDOWS_DEVICE.match(name) else name


def content_disposition(name: str) -> str:
    """The header (RFC 6266) that saves a download under this name; old programs get it in ASCII."""
    name = safe_filename(name)
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    ascii_name = safe_filename(f"file{ascii_name}" if ascii_name.startswith(".") else ascii_name)
    extended = "" if ascii_name == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'attachment; filename="{ascii_name}"{extended}'


def download_headers(name: str) -> dict[str, str]:
    """Headers of every download: saved and not shown, not guessed at, not kept by any cache, and inert if opened."""
    return {
        "Content-Disposition": content_disposition(name),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }


def _settled(value: Any) -> str | int | float | Decimal | bool | date | None:
    """The value with lazy text spoken, moments in Finnish time without zone, and no NaN or infinity."""
    if isinstance(value, datetime):
        return value.astimezone(HELSINKI).replace(tzinfo=None, microsecond=0) if value.tzinfo else value
    if isinstance(value, float | Decimal):
        return value if isfinite(value) else None
    return value if isinstance(value, int | date | None) else str(value)


def _csv_cell(value: Cell) -> str:
    match _settled(value):
        case None:
            return ""
        case bool() as truth:
            return str(int(truth))
        case int() | float() | Decimal() as number:
            return f"{Decimal(str(number)):f}".replace(".", ",")
        case datetime() as moment:
            return f"{moment:%Y-%m-%d %H:%M}"
        case date() as day:
            return day.isoformat()
        case text:
            return guard(text)


def write_csv(stream: IO[bytes], header: Sequence[Cell], rows: Iterable[Sequence[Cell]]) -> None:
    lines = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="", write_through=True)
    writer = csv.writer(lines, delimiter=";", lineterminator="\r\n")
    writer.writerow(map(_csv_cell, header))
    writer.writerows(map(_csv_cell, row) for row in rows)
    lines.detach()


def write_xlsx(stream: IO[bytes], header: Sequence[Cell], rows: Iterable[Sequence[Cell]]) -> None:
    with Workbook(stream, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        quoted = book.add_format({"quote_prefix": True})
        as_day = book.add_format({"num_format": "d.m.yyyy"})
        as_moment = book.add_format({"num_format": "d.m.yyyy hh:mm"})

        def write(line: int, place: int, cell: Cell, style: Any = None) -> None:
            match _settled(cell):
                case None:
                    pass
                case bool() as truth:
                    sheet.write_number(line, place, int(truth))
                # A spreadsheet keeps 15 digits: a longer number stays whole as text.
                case int() | float() | Decimal() as number if (
                    len(Decimal(str(number)).normalize().as_tuple().digits) <= 15
                ):
                    sheet.write_number(line, place, float(number))
                case datetime() as moment:
                    sheet.write_datetime(line, place, moment, as_moment)
                case date() as day:
                    sheet.write_datetime(line, place, day, as_day)
                case other:
                    text = str(other)
                    if len(text) > LONGEST_XLSX_TEXT:
                        text = text[: LONGEST_XLSX_TEXT - 1] + "…"
                    sheet.write_string(
                        line, place, text, quoted if style is None and _FORMULA_START.match(text) else style
                    )

        for place, label in enumerate(header):
            sheet.set_column(place, place, min(48, max(12, len(str(label)) + 2)))
        for place, label in enumerate(header):
            write(0, place, label, bold)
        sheet.freeze_panes(1, 0)
        for line, row in enumerate(rows, start=1):
            for place, cell in enumerate(row):
                write(line, place, cell)


def csv_response(name: str, header: Sequence[Cell], rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    """The table as a CSV download; `name` without its ending."""
    return _table_response(f"{name}.csv", "text/csv; charset=utf-8", write_csv, header, rows)


def xlsx_response(name: str, header: Sequence[Cell], rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    """The table as an XLSX download; `name` without its ending."""
    return _table_response(f"{name}.xlsx", XLSX_TYPE, write_xlsx, header, rows)


def _table_response(
    name: str, content_type: str, write: Any, header: Sequence[Cell], rows: Iterable[Sequence[Cell]]
) -> HttpResponse:
    # Written whole before the first byte leaves: a fault halfway is an error page, never half a file.
    stream = io.BytesIO()
    write(stream, header, rows)
    return HttpResponse(stream.getvalue(), content_type=content_type, headers=download_headers(name))


def json_response(name: str, data: Any) -> HttpResponse:
    """The data as a JSON download; `name` without its ending. Decimals are strings, so that they stay exact."""
    return JsonResponse(
        data,
        encoder=DjangoJSONEncoder,
        safe=False,
        json_dumps_params={"ensure_ascii": False, "indent": 2},
        headers=download_headers(f"{name}.json"),
    )
