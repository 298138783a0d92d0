import csv
import io
from typing import Any

import django_filters
import pytest
from django import forms
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.http import QueryDict
from django.test import RequestFactory
from django.utils import translation

from kisu.lib import tables
from kisu.lib.tables import Chip, Column, TablePage, filter_chips, table_page

COLUMNS = [
    Column("codename", "Code", order_by="codename"),
    Column(
        "content_type",
        "Model",
        order_by=("content_type__model", "-codename"),
        numeric=True,
        export=lambda permission: permission.content_type.model,
    ),
    Column("name", "Name"),
]  # fmt: skip


@pytest.fixture
def kind(db: None) -> ContentType:
    kind = ContentType.objects.create(app_label="x", model="x")
    Permission.objects.bulk_create(Permission(content_type=kind, codename=f"c{n:02}", name="=1+1") for n in range(60))
    return kind


def table(kind: ContentType, query: str = "", **options: Any) -> TablePage[Permission]:
    rows = Permission.objects.filter(content_type=kind).select_related("content_type")
    return table_page(RequestFactory().get(f"/?{query}"), rows, COLUMNS, **{"default": "codename", **options})


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("", 1), ("page=2", 2), ("page=3", 3), ("page=0", 1), ("page=-1", 1), ("page=abc", 1), ("page=", 1),
        ("page=4", 3),
        ("page=99999999999", 3), (f"page={'9' * 5000}", 3), ("page=1&page=2", 2), ("page=٢", 1), ("page=1e3", 1),
        ("page=%00", 1),
    ],
)  # fmt: skip
def test_any_page_asked_gives_the_nearest(kind: ContentType, query: str, number: int) -> None:
    assert table(kind, query).page.number == number


def test_the_page_knows_what_it_shows(kind: ContentType, django_assert_num_queries: Any) -> None:
    shown = table(kind, "page=3&alue=09&alue=10")
    with django_assert_num_queries(2):
        assert [row.codename for row in shown.rows] == [f"c{n}" for n in range(50, 60)]
        assert (shown.count, shown.first_index, shown.last_index) == (60, 51, 60)


def test_an_empty_list_is_a_page(db: None) -> None:
    shown = table_page(RequestFactory().get("/?page=3"), Permission.objects.none(), COLUMNS, default="codename")
    assert (shown.rows, shown.count, shown.first_index, shown.last_index) == ([], 0, 0, 0)


def order(shown: TablePage[Permission]) -> list[str]:
    return [f"{'-' if part.descending else ''}{part.expression.name}" for part in shown.queryset.query.order_by[:-1]]


@pytest.mark.parametrize(
    ("query", "by", "sort"),
    [
        ("", ["codename"], "codename"),
        ("sort=-codename", ["-codename"], "-codename"),
        ("sort=content_type", ["content_type__model", "-codename"], "content_type"),
        ("sort=-content_type", ["-content_type__model", "codename"], "-content_type"),
        ("sort=name", ["codename"], "codename"),
        ("sort=password", ["codename"], "codename"),
        ("sort=content_type__app_label", ["codename"], "codename"),
        ("sort=--codename", ["codename"], "codename"),
        ("sort=%3F", ["codename"], "codename"),
        ("sort=codename%00", ["codename"], "codename"),
    ],
)
def test_only_listed_columns_sort(kind: ContentType, query: str, by: list[str], sort: str) -> None:
    shown = table(kind, query)
    assert (order(shown), shown.sort) == (by, sort)
    assert shown.queryset.query.order_by[-1] == "pk"
    assert len(shown.rows) == 25


def test_the_default_order_may_be_of_fields(kind: ContentType) -> None:
    assert order(table(kind, default=("-name", "content_type__model"))) == ["-name", "content_type__model"]
    assert order(table(kind, default="-name")) == ["-name"]
    assert table(kind, default="-name").sort == ""


def test_headings_link_to_the_other_order_and_keep_the_filters(kind: ContentType) -> None:
    shown = table(kind, "sort=codename&page=2&alue=09&muoto=pdf")
    assert [(h.label, h.link, h.aria_sort, h.numeric) for h in shown.headers] == [
        ("Code", "?alue=09&sort=-codename", "ascending", False),
        ("Model", "?alue=09&sort=-content_type", "", True),
        ("Name", "", "", False),
    ]
    assert table(kind, "sort=-codename").headers[0].aria_sort == "descending"
    assert table(kind, "sort=-codename").headers[0].link == "?sort=codename"


def csv_lines(response: Any) -> list[list[str]]:
    text = response.content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def test_the_whole_list_downloads_in_its_order(kind: ContentType, django_assert_num_queries: Any) -> None:
    shown = table(kind, "muoto=csv&page=2&sort=-codename")
    assert shown.export_links == {"csv": "?sort=-codename&muoto=csv", "xlsx": "?sort=-codename&muoto=xlsx"}
    with django_assert_num_queries(1):
        response = shown.download("Luvat")
    assert response is not None
    assert response["Content-Disposition"] == 'attachment; filename="Luvat.csv"'
    lines = csv_lines(response)
    assert lines[0] == ["Code", "Model", "Name"]
    assert lines[1] == ["c59", "x", "\u200b=1+1"]
    assert len(lines) == 61


def test_past_the_limit_the_file_says_so(kind: ContentType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "EXPORT_LIMIT", 59)
    with translation.override("en"):
        lines = csv_lines(table(kind, "muoto=csv").download("x"))
    assert len(lines) == 61
    assert lines[-1] == ["Only the first 59 rows are here. Filter the list to get the rest."]
    monkeypatch.setattr(tables, "EXPORT_LIMIT", 60)
    assert csv_lines(table(kind, "muoto=csv").download("x"))[-1][0] == "c59"


@pytest.mark.parametrize("query", ["", "muoto=", "muoto=pdf", "muoto=__class__"])
def test_other_formats_are_no_download(kind: ContentType, query: str) -> None:
    assert table(kind, query).download("x") is None


def test_cells_come_from_attributes(kind: ContentType) -> None:
    row = Permission.objects.filter(content_type=kind)[0]
    assert Column("content_type.app_label", "App").cell(row) == "x"
    assert Column("content_type", "Model").cell(row) == str(kind)
    assert Column("natural_key", "Key").cell(row)[1] == "x"  # type: ignore[index]


class Filters(forms.Form):
    q = forms.CharField(label="Search", required=False)
    kind = forms.MultipleChoiceField(
        label="Kind", required=False, choices=[("offer", "Offered"), ("More", [("need", "Wanted"), ("x", "Other")])]
    )
    state = forms.ChoiceField(label="State", required=False, choices=[("", "All"), ("open", "Open")])
    own = forms.BooleanField(label="Own", required=False)
    until = forms.DateField(label="Until", required=False)
    amount = forms.IntegerField(label="Amount", required=False)


def chips(query: str, form: type[forms.Form] = Filters) -> list[Chip]:
    request = RequestFactory().get(f"/?{query}")
    with translation.override("fi"):
        return filter_chips(request, form(request.GET))


def test_each_filter_in_force_has_a_chip_that_takes_it_away() -> None:
    query = "q=puu&kind=offer&kind=need&state=open&own=on&until=2026-11-24&page=3&sort=-x"
    assert [(chip.label, chip.value) for chip in chips(query)] == [
        ("Search", "puu"), ("Kind", "Offered"), ("Kind", "Wanted"), ("State", "Open"), ("Own", ""),
        ("Until", "24.11.2026"),
    ]  # fmt: skip
    links = [QueryDict(chip.link[1:]) for chip in chips(query)]
    assert "q" not in links[0]
    assert links[0].getlist("kind") == ["offer", "need"]
    assert links[1].getlist("kind") == ["need"]
    assert links[2].getlist("kind") == ["offer"]
    assert all("page" not in link and link["sort"] == "-x" for link in links)


def test_nothing_in_force_and_wrong_values_have_no_chip() -> None:
    assert chips("q=&kind=evil&state=&until=abc&own=") == []
    assert [chip.value for chip in chips("amount=0")] == ["0"]
    assert filter_chips(RequestFactory().get("/"), Filters()) == []


def test_chips_of_rows_and_ranges(kind: ContentType) -> None:
    class Permissions(django_filters.FilterSet):
        model = django_filters.ModelMultipleChoiceFilter(
            field_name="content_type", queryset=ContentType.objects.filter(pk=kind.pk), label="Model"
        )
        number = django_filters.RangeFilter(field_name="pk", label="Number")

    request = RequestFactory().get(f"/?model={kind.pk}&number_min=1&number_max=5&q=a")
    with translation.override("en"):
        found = filter_chips(request, Permissions(request.GET, Permission.objects.all()).form)
    assert found == [
        Chip("Model", str(kind), "?number_min=1&number_max=5&q=a"),
        Chip("Number", "1–5", f"?model={kind.pk}&q=a"),
    ]
