from datetime import date
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from kisu.lib.dates import today
from tests.factories.workpackages import create_indicator, create_target, create_value, three
from workpackages.models import Indicator

pytestmark = pytest.mark.django_db
URL = reverse("workpackages:indicator_list")


def test_a_stranger_sees_value_unit_state_and_day(client):
    indicator = create_indicator(**three("name", "Synergies born"))
    create_value(indicator, date(2025, 1, 31), 10)
    create_value(indicator, date(2026, 1, 31), 47)
    create_target(indicator, date(2026, 1, 31), 50)

    page = client.get(URL).content.decode()

    assert "<strong>47</strong> <small>pcs</small>" in page
    assert "To watch" in page
    assert "31\xa0January 2026" in page
    assert indicator.get_absolute_url() in page


def test_an_indicator_without_values_says_so_and_has_no_state(client):
    create_indicator(level=Indicator.Level.NATIONAL)
    page = client.get(URL).content.decode()
    assert "No value yet" in page
    assert "No target path" not in page
    assert "National goals" in page
    assert "Outcomes" not in page


def test_empty_says_when_it_will_fill(client):
    assert "when it is loaded" in client.get(URL).content.decode()


@pytest.mark.parametrize("rows", [1, 30])
def test_queries_do_not_grow(client, rows, django_assert_num_queries):
    for _ in range(rows):
        create_value(create_indicator(), date(2026, 1, 31), 1)
    with django_assert_num_queries(3):
        client.get(URL)


def test_csv_holds_the_same_figures(client):
    indicator = create_indicator(**three("name", "=Formula"))
    create_value(indicator, date(2026, 1, 31), 47)
    lines = client.get(reverse("workpackages:indicator_list_csv")).content.decode("utf-8-sig").splitlines()
    assert lines[1].startswith("\u200b=Formula;Output;TP4;No target path;47,000;pcs;2026-01-31;")


def test_the_cross_table_has_a_column_a_month_and_leaves_gaps_empty(client):
    one, other = create_indicator(**three("name", "One")), create_indicator(**three("name", "Other"))
    create_value(one, date(2026, 1, 30), 1)
    create_value(one, date(2026, 1, 31), 2)
    create_value(other, date(2026, 2, 28), 3)

    response = client.get(reverse("workpackages:indicator_crosstab"))

    rows = list(load_workbook(BytesIO(response.content)).active.iter_rows(values_only=True))
    assert rows == [
        ("Indicator", "Work package", "Level", "Unit", "2026-01", "2026-02"),
        ("One", "TP4", "Output", "pcs", 2, None),
        ("Other", "TP4", "Output", "pcs", None, 3),
    ]


def test_the_cross_table_of_nothing_is_a_header(client):
    create_indicator()
    response = client.get(reverse("workpackages:indicator_crosstab"))
    rows = list(load_workbook(BytesIO(response.content)).active.iter_rows(values_only=True))
    assert rows[0] == ("Indicator", "Work package", "Level", "Unit")
    assert today()  # the table needs no month to be made
