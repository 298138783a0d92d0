"""Every URL × every role × GET and POST, against matrix.txt; two tenants, canaries, and a count of what was written.

GET or POST of a URL that takes only the other must be 405 for whoever may use it, and the same refusal for the others.
PUT, PATCH, DELETE answer 405 everywhere, whoever asks: a middleware's work, so asked once an address.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from symbiosis.services.attachments import attachment_folder
from tests.permissions import holes
from tests.permissions.build import build_world
from tests.permissions.patterns import addresses
from tests.permissions.probe import NOTHING, changes, everything_in, leaks, outcome, written
from tests.permissions.table import FORBIDDEN, HIDDEN, LOGIN, MATRIX, METHODS, OPEN, ROLES, Row, expand, read
from tests.permissions.world import CANARY, World

pytestmark = pytest.mark.django_db

ROWS = expand(read(MATRIX.read_text()), addresses())
SEES_ALL = {"staff", "superuser"}
REFUSED = {FORBIDDEN, HIDDEN, LOGIN}
# A form that a role may use answers an empty POST with its errors or a redirect; one that is too late with 409.
USED = {OPEN, "400", "409"}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Built once, in a transaction that is rolled back after the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_world()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A folder that outlasts each test: what lies in the suite's own is thrown away after one."""
    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")):
        yield


@pytest.fixture
def asking(world: World, media: None) -> World:
    """The world with all of its files. What a request writes is gone after the test, in a savepoint."""
    folder = attachment_folder()
    folder.mkdir(exist_ok=True)
    for tenant in (world.own, world.other):
        file = folder / tenant.objects["attachment"].stored_as
        if not file.exists():
            file.write_bytes(b"%PDF-1.7\n")
    return world


def problems(world: World, row: Row, role: str, rung: list[Any]) -> list[str]:
    """What is wrong with one URL for one role; empty when all is as the table says."""
    url = world.tenant(row.whose).url(row)
    client = world.browser(role)
    expected = row.cell(role)
    refused = expected in REFUSED
    takes = dict(zip(("GET", "POST"), METHODS[row.methods], strict=True))
    found = []
    after = written() if refused else {}
    for method, taken in takes.items():
        rung.clear()
        before = after
        response = client.generic(method, url)
        after = written() if refused else {}
        got = outcome(response)
        if expected in {HIDDEN, FORBIDDEN} and not taken and got == "405":
            continue  # the role has the function on other objects, so the method is what is wrong first
        if refused:
            if got != expected:
                found.append(f"{method}: expected {expected}, got {got}")
            wrote = changes(before, after)
            inserted = wrote.pop("members_auditentry", NOTHING)
            if inserted != (1, 0, 0):
                found.append(f"{method}: refused with {inserted[0]} audit rows")
            wrote.pop("django_session", None)
            if wrote:
                found.append(f"{method}: refused, but wrote to {sorted(wrote)}")
            if rung:
                found.append(f"{method}: refused, but rang for {rung}")
        elif not taken:
            # 403 where the administration shows an object that only services may write.
            if got not in {"405", FORBIDDEN}:
                found.append(f"{method}: expected 405, got {got}")
        elif got not in (USED if method == "POST" else {OPEN}):
            found.append(f"{method}: expected to be let in, got {got}")
        if role not in SEES_ALL and leaks(response, CANARY):
            text = everything_in(response)
            place = text.index(CANARY)
            found.append(f"{method}: a foreign canary in the answer: …{text[max(0, place - 60) : place + 40]}…")
        # Its files only: response.close() would fire request_finished, which closes a connection inside a transaction.
        for close in response._resource_closers:
            close()
    return found


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_role_gets_what_the_table_says(row: Row, role: str, asking: World, rung: list[Any]) -> None:
    found = problems(asking, row, role, rung)
    if found:
        pytest.fail("\n".join(found), pytrace=False)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_other_methods_are_refused_everywhere(row: Row, asking: World) -> None:
    url, client = asking.tenant(row.whose).url(row), asking.browser("superuser")
    assert [client.generic(method, url).status_code for method in ("PUT", "PATCH", "DELETE")] == [405, 405, 405]


def test_every_url_is_in_the_table() -> None:
    assert sorted(addresses() - {row.address for row in ROWS}) == []


def test_the_table_names_only_urls_that_are_there() -> None:
    assert sorted({row.address for row in ROWS} - addresses()) == []


def test_every_url_of_an_object_is_asked_for_a_foreign_one_too() -> None:
    own = {row.name for row in ROWS if row.whose == "own"}
    assert sorted(own - {row.name for row in ROWS if row.whose == "other"}) == []


@override_settings(ROOT_URLCONF="tests.permissions.holes")
def test_the_matrix_finds_three_seeded_holes(asking: World, rung: list[Any]) -> None:
    leaking, open_edit, writing = read(holes.MATRIX)

    assert any("canary" in problem for problem in problems(asking, leaking, "member", rung))
    assert "POST: expected -, got y" in problems(asking, open_edit, "member", rung)
    assert any("members_notification" in problem for problem in problems(asking, writing, "member", rung))
    assert ("unlisted", 0) in addresses("tests.permissions.holes") - {row.address for row in ROWS}
