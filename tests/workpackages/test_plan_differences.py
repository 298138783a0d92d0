import pytest
from django.urls import reverse

from tests.factories.members import create_member
from tests.factories.workpackages import create_package, three
from workpackages.models import PlanDifference

pytestmark = pytest.mark.django_db
URL = reverse("workpackages:plan_differences")


@pytest.fixture
def member(client):
    client.force_login(create_member())


def places(client, **query) -> list[str]:
    return [row.code for row in client.get(URL, query).context["table"].rows]


def test_all_are_there_with_what_is_printed_and_what_adds_up(client, member, loaded):
    assert places(client) == [one.code for one in loaded.differences]
    page = client.get(URL).content.decode()
    assert "74.5 + 32 = 106.5; printed 106." in page
    assert "1\xa0September 2023" in page


def test_they_are_found_by_words_kind_and_package(client, member, loaded):
    assert places(client, q="half lost") == ["days-row-tp4"]
    assert places(client, q="rivi tp4") == ["days-row-tp4"]
    assert places(client, kind="share") == ["share-communication-motiva", "share-communication-syke"]
    assert places(client, package="TP4", kind="sum") == ["days-row-tp4"]
    assert places(client, package=["TP4", "TP5"], kind="scope").count("costs-outside-packages") == 1


def test_nothing_found_says_what_to_do(client, member, loaded):
    assert "Remove filters to see more." in client.get(URL, {"q": "zebra"}).content.decode()


@pytest.mark.parametrize("rows", [1, 30])
def test_queries_do_not_grow(client, member, rows, django_assert_num_queries):
    for number in range(rows):
        row = PlanDifference.objects.create(
            code=f"d{number}", position=number, kind="sum", **three("place", "Place"), **three("note", "Note")
        )
        row.packages.add(create_package("TP1"))
    with django_assert_num_queries(8):
        client.get(URL)


def test_the_file_holds_what_the_page_shows(client, member, loaded):
    response = client.get(URL, {"kind": "sum", "package": "TP4", "muoto": "csv"})
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[1].startswith("Person-days 3/2022–2/2023, row TP4;Sum;TP4;106;106,5;")
    assert len(lines) == 2
