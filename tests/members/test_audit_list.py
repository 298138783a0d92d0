"""The audit log: each reader's own scope, in words, filtered, exported by staff."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from kisu.lib.dates import today
from members.history import in_words
from members.models import AuditEntry, Organisation, User
from members.models.audit import ACTS
from members.services.audit import record, record_change, record_creation, snapshot
from tests.factories.members import (
    create_coordinator,
    create_member,
    create_org_admin,
    create_organisation,
    create_staff,
    municipality,
)
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db
URL = reverse("members:audit_list")


def rows(user: User, **parameters: str) -> list[AuditEntry]:
    response = client_of(user).get(URL, parameters)
    assert response.status_code == 200
    return [line.entry for line in response.context["lines"]]


def test_each_reader_sees_the_own_scope() -> None:
    here, there = create_organisation(), create_organisation(municipality_name="Espoo")
    ours = record_creation(by=None, instance=here, what="organisation approved as a member")
    theirs = record_creation(by=None, instance=there, what="organisation approved as a member")
    staff = create_staff()
    refused = AuditEntry.objects.create(action="refused", label="/x/", what="GET 403", organisation=here)
    assert set(rows(staff)) == {ours, theirs, refused}
    assert rows(create_coordinator("13")) == [ours]
    assert rows(create_org_admin(there)) == [theirs]
    member = client_of(create_member(here)).get(URL)
    assert member.status_code == 403


def test_changes_are_told_in_words_with_links_and_names() -> None:
    staff = create_staff()
    organisation = create_organisation(name="Vanha Oy")
    before = snapshot(organisation)
    organisation.name, organisation.municipality = "Uusi Oy", municipality("Espoo")
    organisation.state, organisation.left_on = Organisation.State.LEFT, today()
    organisation.save()
    record_change(by=staff, instance=organisation, before=before, what="organisation card edited")
    (line,) = in_words(AuditEntry.objects.select_related("actor__person"), links=True)
    told = {change.label: (change.before, change.after) for change in line.changes}
    assert told["Name"] == ("Vanha Oy", "Uusi Oy")
    assert told["Municipality"] == ("Jyväskylä", "Esbo" if translation.get_language() == "sv" else "Espoo")
    assert told["State"] == ("Member", "Left")
    assert told["Left on"][0] == "–"
    assert (line.who, line.url) == (staff.person.name, organisation.get_absolute_url())


def test_a_personal_value_says_only_that_it_changed() -> None:
    person = create_member(email="canary@kisu.example").person
    before = snapshot(person)
    person.phone = "+358 40 000 0000"
    person.save()
    record_change(by=None, instance=person, before=before, what="profile changed")
    (line,) = in_words(AuditEntry.objects.all())
    assert [str(change) for change in line.changes] == ["Phone changed"]
    assert "canary" not in line.entry.label


def test_an_entry_outlives_its_object_its_actor_and_its_model() -> None:
    actor, organisation = create_staff(), create_organisation()
    entry = record_creation(by=actor, instance=organisation, what="organisation approved as a member")
    organisation.delete()
    actor.person.delete()
    AuditEntry.objects.create(
        action="changed", model="gone.Model", object_id="1", label="x", what="gone", changes={"old_field": [1, 2]}
    )
    gone, kept = in_words(AuditEntry.objects.select_related("actor__person").order_by("-pk"), links=True)
    assert (kept.entry, kept.url, kept.who) == (entry, "", f"Account {actor.pk}")
    assert [str(change) for change in gone.changes] == ["Old field: 1 → 2"]


def test_filters_by_act_and_day() -> None:
    staff = create_staff()
    record(by=staff, action=AuditEntry.Action.READ, instance=staff, what="account read")
    record_creation(by=staff, instance=create_organisation(), what="organisation approved as a member")
    assert [entry.action for entry in rows(staff, action="read")] == ["read"]
    day = today()
    written = f"{day.day}.{day.month}.{day.year}"
    assert len(rows(staff, since=written, until=written)) == 2
    tomorrow = day + timedelta(days=1)
    assert rows(staff, since=tomorrow.isoformat()) == []
    assert client_of(staff).get(URL, {"since": "31.2.2026"}).context["filter"].form.errors.keys() == {"since"}


@pytest.mark.parametrize("number", [1, 30])
def test_a_page_costs_the_same_however_many(number: int, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    staff = create_staff()
    for _each in range(number):
        record_creation(by=staff, instance=create_organisation(), what="organisation approved as a member")
    client = client_of(staff)
    with django_assert_num_queries(9):
        client.get(URL)


def test_staff_download_the_log_and_that_is_written_down() -> None:
    staff, organisation = create_staff(), create_organisation(name="=Formula Oy")
    record_creation(by=staff, instance=organisation, what="organisation approved as a member")
    response = client_of(staff).get(URL, {"muoto": "csv"})
    assert response["Content-Disposition"].startswith("attachment")
    assert ";\u200b=Formula Oy" in response.content.decode()
    assert AuditEntry.objects.latest("pk").what == "audit log downloaded"


def test_others_do_not_download_it() -> None:
    assert client_of(create_coordinator()).get(URL, {"muoto": "csv"}).status_code == 403


def acts_in_code() -> set[str]:
    """Every text that code hands to `what=` of a service of the audit log, or of a function that passes it on."""
    texts: set[str] = set()
    constants: dict[str, str] = {}
    names: set[str] = set()
    for folder in ("kisu", "members", "workpackages", "symbiosis", "situation", "comms"):
        for path in (Path(settings.BASE_DIR) / folder).rglob("*.py"):
            if "management/commands" in path.as_posix():
                continue
            tree = ast.parse(path.read_text())
            for node in ast.walk(tree):
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                    constants |= {name.id: str(node.value.value) for name in node.targets if isinstance(name, ast.Name)}
                match node:
                    case ast.Assign(targets=[ast.Name(id="what")], value=ast.IfExp(body=body, orelse=orelse)):
                        texts |= {str(one.value) for one in (body, orelse) if isinstance(one, ast.Constant)}
                if not isinstance(node, ast.Call):
                    continue
                for keyword in node.keywords:
                    for value in ast.walk(keyword.value) if keyword.arg == "what" else ():
                        if isinstance(value, ast.Constant):
                            texts.add(str(value.value))
                        if isinstance(value, ast.Name) and value.id.isupper():
                            names.add(value.id)
                if isinstance(node.func, ast.Name) and node.func.id == "job":
                    texts -= {
                        str(value.value)
                        for keyword in node.keywords
                        for value in ast.walk(keyword.value)
                        if isinstance(value, ast.Constant)
                    }
    return texts | {constants[name] for name in names}


def test_every_act_in_code_can_be_translated_and_every_listed_act_is_in_code() -> None:
    used = {text for text in acts_in_code() if text and text[0].islower()}
    assert used - ACTS == set(), "add them to members/models/audit.py"
    assert ACTS - used == set(), "nobody writes these"


def test_keys_that_are_no_field_of_the_object_are_told_in_words() -> None:
    AuditEntry.objects.create(
        action="changed",
        model="symbiosis.Match",
        what="match answered",
        changes={"answers__answer": ["", "interested"]},
    )
    AuditEntry.objects.create(
        action="created",
        model="kisu.demo",
        what="demo data loaded",
        changes={"accounts": [None, 20], "workpackages.Indicator": [0, 33]},
    )
    with translation.override("fi"):
        told = [str(change) for line in in_words(AuditEntry.objects.order_by("pk")) for change in line.changes]
    assert told == ["Vastaus: – → Kiinnostaa", "Tilit: – → 20", "Indikaattorit: 0 → 33"]


def test_a_refusal_is_told_as_one() -> None:
    AuditEntry.objects.create(action="refused", label="/x/", what="POST 404", at=timezone.now())
    (line,) = in_words(AuditEntry.objects.all())
    assert (line.entry.act, line.who) == ("Refused: POST 404", "Not signed in")
