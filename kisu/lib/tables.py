"""Lists as people use them: sorted by a press on a heading, paged, filtered, and exported whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, Generic, TypeAlias, TypeVar

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import F, Model, QuerySet
from django.db.models.expressions import Expression, OrderBy
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import formats
from django.utils.choices import flatten_choices
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from kisu.lib.collation import finnish_key
from kisu.lib.exports import Cell, csv_response, xlsx_response

PAGE, SORT, FORMAT = "page", "sort", "muoto"
EXPORT_LIMIT = 50_000  # rows; a larger set is a job or a filter away
_WRITERS = {"csv": csv_response, "xlsx": xlsx_response}

Row = TypeVar("Row", bound=Model)
Text: TypeAlias = str | Promise
Ordering: TypeAlias = str | Expression


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `key` names it in addresses and, with dots, the attribute to export.

    order_by: fields (a "-" turns one) or expressions for sorting; without it the heading is no link.
    numeric: set right, and largest first at the first press.
    export: the cell's value of a row, where it is not the attribute.
    """

    key: str
    label: Text
    order_by: Ordering | tuple[Ordering, ...] | None = None
    numeric: bool = False
    export: Callable[[Any], Cell] | None = None

    def cell(self, row: Any) -> Cell:
        if self.export is not None:
            return self.export(row)
        value = row
        for name in self.key.split("."):
            value = getattr(value, name) if value is not None else None
            value = value() if callable(value) else value
        return str(value) if isinstance(value, Model) else value


@dataclass(frozen=True, slots=True)
class Header:
    """A heading; `link` is empty where the column is not sorted by, `aria_sort` where the list is not sorted by it."""

    key: str
    label: Text
    numeric: bool
    link: str
    aria_sort: str


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in force, and the address without it."""

    label: str
    value: str
    link: str


class NearestPaginator(Paginator):  # type: ignore[type-arg]  # not subscriptable when run
    """Gives a page for whatever is asked: the first for less than one and for no number, the last for too much."""

    def get_page(self, number: Any) -> Page[Any]:
        text = str(number).strip()
        if not re.fullmatch(r"\d+", text, re.ASCII):
            return self.page(1)
        # int() of thousands of digits is refused; more than nine are past the last page anyway.
        wanted = int(text) if len(text) <= 9 else self.num_pages
        return self.page(min(max(1, wanted), self.num_pages))


def _query(parameters: QueryDict, **changes: str | list[str] | None) -> str:
    """The query string with changes; the page is left out unless it is the change, and so is the format."""
    query = parameters.copy()
    for key, value in ({PAGE: None, FORMAT: None} | changes).items():
        query.pop(key, None)
        if value is not None:
            query.setlist(key, value if isinstance(value, list) else [value])
    return f"?{query.urlencode()}"


def _order(part: Ordering, descending: bool) -> OrderBy:
    by: Expression | F = F(part.lstrip("-")) if isinstance(part, str) else part
    descending ^= isinstance(part, str) and part.startswith("-")
    # PostgreSQL puts the unknown first when descending; readers want it last both ways.
    return OrderBy(by, descending=descending, nulls_last=True)


def _listed(value: Ordering | tuple[Ordering, ...]) -> tuple[Ordering, ...]:
    return value if isinstance(value, tuple) else (value,)


class TablePage(Generic[Row]):
    """What a list's template needs; queries (a count and the page) run only when it asks."""

    def __init__(
        self,
        request: HttpRequest,
        queryset: QuerySet[Row, Any],
        columns: Sequence[Column],
        *,
        default: Ordering | tuple[Ordering, ...],
        per_page: int,
    ) -> None:
        self.parameters = request.GET
        self.columns = columns
        self.per_page = per_page
        sortable = {column.key: column.order_by for column in columns if column.order_by is not None}
        asked = self.parameters.get(SORT, "")
        key = asked.removeprefix("-")
        if key not in sortable and isinstance(default, str):
            asked, key = default, default.removeprefix("-")
        if (order_by := sortable.get(key)) is not None:
            self.sort, descending = asked, asked.startswith("-")
        else:
            self.sort, order_by, descending = "", default, False
        self.queryset = queryset.order_by(*(_order(part, descending) for part in _listed(order_by)), "pk")

    @cached_property
    def page(self) -> Page[Row]:
        return NearestPaginator(self.queryset, self.per_page).get_page(self.parameters.get(PAGE, "1"))

    @cached_property
    def rows(self) -> Sequence[Row]:
        return list(self.page.object_list)

    @property
    def count(self) -> int:
        return self.page.paginator.count

    @property
    def first_index(self) -> int:
        return self.page.start_index()

    @property
    def last_index(self) -> int:
        return self.page.end_index()

    @property
    def headers(self) -> list[Header]:
        headers = []
        for column in self.columns:
            aria_sort = {column.key: "ascending", f"-{column.key}": "descending"}.get(self.sort, "")
            turned = aria_sort == "ascending" if aria_sort else column.numeric
            link = _query(self.parameters, **{SORT: f"-{column.key}" if turned else column.key})
            link = link if column.order_by is not None else ""
            headers.append(Header(column.key, column.label, column.numeric, link, aria_sort))
        return headers

    @property
    def export_links(self) -> dict[str, str]:
        """csv and xlsx, each with the query string that downloads the whole filtered list."""
        return {name: _query(self.parameters, **{FORMAT: name}) for name in _WRITERS}

    @property
    def export_format(self) -> str:
        """ "csv" or "xlsx" when a download is asked for, else empty; for the views that log downloads."""
        asked = self.parameters.get(FORMAT, "")
        return asked if asked in _WRITERS else ""

    def download(self, name: Text) -> HttpResponse | None:
        """The file when the request asks for one, else None. `name` is the file's name without ending.

        All rows of the filtered list in the order shown, from one statement and so of one moment; past EXPORT_LIMIT
        the last row says that rows are missing.
        """
        if not self.export_format:
            return None
        header: list[Cell] = [column.label for column in self.columns]
        return _WRITERS[self.export_format](str(name), header, self._cells(self._all()))

    def _all(self) -> Iterable[Row]:
        return self.queryset.iterator(chunk_size=2000)

    def _cells(self, rows: Iterable[Row]) -> Iterator[list[Cell]]:
        remaining = iter(rows)
        for row in islice(remaining, EXPORT_LIMIT):
            yield [column.cell(row) for column in self.columns]
        if next(remaining, None) is not None:
            limit = formats.number_format(EXPORT_LIMIT, use_l10n=True, force_grouping=True)
            yield [_("Only the first %(limit)s rows are here. Filter the list to get the rest.") % {"limit": limit}]


class RowTable(TablePage[Any]):
    """The same of rows that are no table of the database. A column's `order_by` names the attribute to sort by."""

    def __init__(
        self, request: HttpRequest, rows: Iterable[Any], columns: Sequence[Column], *, default: str, per_page: int = 25
    ) -> None:
        self.parameters = request.GET
        self.columns = columns
        self.per_page = per_page
        sortable = {column.key: str(column.order_by) for column in columns if column.order_by is not None}
        asked = self.parameters.get(SORT, "")
        self.sort = asked if asked.removeprefix("-") in sortable else default
        name = sortable[self.sort.removeprefix("-")]
        self._sorted = sorted(rows, key=lambda row: _place(getattr(row, name)), reverse=self.sort.startswith("-"))

    @cached_property
    def page(self) -> Page[Any]:
        return NearestPaginator(self._sorted, self.per_page).get_page(self.parameters.get(PAGE, "1"))

    def _all(self) -> Iterable[Any]:
        return self._sorted


def _place(value: Any) -> Any:
    return finnish_key(value) if isinstance(value, str) else value


def table_page(
    request: HttpRequest,
    queryset: QuerySet[Row, Any],
    columns: Sequence[Column],
    *,
    default: Ordering | tuple[Ordering, ...] = "-published_on",
    per_page: int = 25,
) -> TablePage[Row]:
    """The asked page of a list, sorted by ?sort= where it names a sortable column, else by `default`.

    `default` is a column's key or fields, with "-" for descending. Every order ends in the primary key, so rows never
    change places between pages. A view ends with:

        if response := table.download(_("Listings")):
            return response
    """
    return TablePage(request, queryset, columns, default=default, per_page=per_page)


def filter_chips(request: HttpRequest, form: forms.BaseForm) -> list[Chip]:
    """A chip for each value in force of a bound filter form: several choices of one field are several chips."""
    chips: list[Chip] = []
    if not form.is_bound:
        return chips
    form.full_clean()
    for name, field in form.fields.items():
        value, key = form.cleaned_data.get(name), form.add_prefix(name)
        if value is None or value is False or value == "" or (hasattr(value, "__len__") and not len(value)):
            continue
        label = str(form[name].label)
        keys = [key + ending for ending in _widget_endings(field.widget)]
        raw = request.GET.getlist(key)
        if isinstance(value, Iterable) and not isinstance(value, str):
            shown = _choices(field)
            for one in value:
                one_raw = str(field.prepare_value(one)) if isinstance(one, Model) else str(one)
                rest = [other for other in raw if other != one_raw]
                chips.append(Chip(label, shown.get(one_raw, str(one)), _query(request.GET, **{key: rest or None})))
        else:
            chips.append(Chip(label, _spoken(field, value), _query(request.GET, **dict.fromkeys(keys))))
    return chips


def _choices(field: forms.Field) -> dict[str, str]:
    """Value to label of a choice field, groups flattened; empty for choices that are rows of the database."""
    if not isinstance(field, forms.ChoiceField) or isinstance(field, forms.ModelChoiceField):
        return {}
    choices: Any = field.choices
    flat: Iterable[tuple[Any, Text]] = flatten_choices(choices)
    return {str(value): str(label) for value, label in flat}


def _widget_endings(widget: forms.Widget) -> list[str]:
    """What a widget of several inputs (django-filter's ranges: _min, _max) adds to the name in the address."""
    if suffixes := getattr(widget, "suffixes", None):
        return [f"_{suffix}" if suffix else "" for suffix in suffixes]
    return list(getattr(widget, "widgets_names", [""]))


def _spoken(field: forms.Field, value: Any) -> str:
    if value is True:
        return ""
    if isinstance(value, slice):
        return "–".join("" if end is None else _spoken(field, end) for end in (value.start, value.stop))
    shown = _choices(field).get(str(value))
    return shown if shown is not None else str(formats.localize(value, use_l10n=True))
