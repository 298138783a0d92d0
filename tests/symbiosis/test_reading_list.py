"""The service centre's list of readings: first of all those listings of which nothing was read."""

from datetime import timedelta

import pytest
from django.utils import timezone

from members.permissions import Role
from tests.factories.members import (
    create_coordinator,
    create_member,
    create_organisation,
    create_staff,
    create_with_role,
)
from tests.factories.symbiosis import create_correction, create_listing, create_need, create_reading

pytestmark = pytest.mark.django_db

URL = "/tulkinnat/"


def unread(**fields):
    listing = create_listing(**fields)
    create_reading(listing=listing, materials={}, uses={}, main_material="")
    return listing


def shown(client, **query):
    return [listing for listing, _reading in client.get(URL, query).context["rows"]]


def test_it_begins_with_those_of_which_nothing_was_read(client):
    nothing = unread(title="Bits")
    not_yet = create_listing(title="Another")
    create_reading(listing=create_listing(title="Sawdust"))
    unread(state="closed")
    unread(valid_until=timezone.localdate() - timedelta(days=1))
    create_listing(kind="expertise", material_class=None)
    client.force_login(create_staff())
    assert shown(client) == [not_yet, nothing]
    page = client.get(URL).text
    assert "Not read yet" in page
    assert f'href="/ilmoitukset/{nothing.pk}/tulkinta/"' in page


def test_it_shows_all_those_that_owners_corrected_and_by_kind_and_language(client):
    nothing = unread(title="A")
    corrected = create_listing(title="B", language="sv")
    create_reading(listing=corrected, materials={"bark": 1.0})
    create_correction(listing=corrected, target="material:bark", holds=True)
    create_correction(listing=corrected, target="material:sawdust")
    need = create_need(title="C")
    create_reading(listing=need)
    client.force_login(create_staff())
    assert shown(client, show="all") == [nothing, corrected, need]
    assert shown(client, show="corrected") == [corrected]
    assert shown(client, show="all", kind="need") == [need]
    assert shown(client, show="all", language="sv") == [corrected]
    assert shown(client, show="all", sort="-title") == [need, corrected, nothing]
    assert "Corrected by the owner" in client.get(URL, {"show": "corrected"}).text
    assert shown(client, show="nonsense") == [nothing]
    assert shown(client, sort="nonsense", page="99") == [nothing]


def test_what_was_read_stands_in_the_readers_words(client):
    create_reading()
    client.force_login(create_staff())
    client.cookies["kisu_language"] = "fi"
    assert "sahanpuru, eläinten kuivike" in client.get(URL, {"show": "all"}).text


def test_an_empty_list_says_why_and_what_next(client):
    create_reading()
    client.force_login(create_staff())
    page = client.get(URL).text
    assert "Something was read of every open listing" in page
    assert 'href="?show=corrected"' in page
    assert "Nothing matches these filters. Remove one." in client.get(URL, {"show": "corrected"}).text


def test_it_is_exported_whole(client):
    create_reading(listing=create_listing(title="Sawdust", language="sv"))
    client.force_login(create_staff())
    rows = client.get(URL, {"muoto": "csv", "show": "all"}).getvalue().decode("utf-8-sig").splitlines()
    assert rows[0] == "Title;Kind of listing;Organisation;Language of the text;What was read;Read"
    assert rows[1].startswith("Sawdust;Material offered;")
    assert ";sv;sawdust, " in rows[1]
    assert len(rows) == 2


def test_it_is_for_the_service_centre_only(client):
    assert client.get(URL).status_code == 302
    others = [create_member(), create_coordinator("13")]
    others += [create_with_role(role) for role in (Role.EXPERT, Role.STEERING, Role.COMMS)]
    for user in others:
        client.force_login(user)
        assert client.get(URL).status_code == 403
    client.force_login(create_with_role(Role.SUPERUSER))
    assert client.get(URL).status_code == 200


@pytest.mark.parametrize("count", [1, 30])
def test_the_number_of_queries_does_not_grow(client, django_assert_num_queries, count):
    organisation = create_organisation()
    for _number in range(count):
        listing = create_listing(organisation=organisation)
        create_reading(listing=listing)
        create_correction(listing=listing)
    client.force_login(create_staff())
    client.get(URL)
    with django_assert_num_queries(QUERIES):
        client.get(URL, {"show": "all"})


QUERIES = 8


def test_the_desk_of_the_service_centre_counts_what_was_not_read(client):
    unread()
    create_listing()
    create_reading()
    client.force_login(create_staff())
    desk = client.get("/tyopoyta/").context["desk"]
    [tasks] = [block for block in desk.left if block.key == "tasks"]
    [task] = [task for task in tasks.rows if task.url == URL]
    assert task.title == "Nothing was read of 2 listings"
    client.force_login(create_coordinator("13"))
    desk = client.get("/tyopoyta/").context["desk"]
    assert URL not in [task.url for block in desk.left if block.key == "tasks" for task in block.rows]


def test_the_list_is_in_the_service_centres_own_menu(client):
    client.force_login(create_staff())
    assert f'href="{URL}"' in client.get("/tyopoyta/").text
    client.force_login(create_coordinator("13"))
    assert f'href="{URL}"' not in client.get("/tyopoyta/").text
