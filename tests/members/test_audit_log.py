import pytest
from django.db import IntegrityError, transaction

from members.models import AuditEntry
from members.services.audit import HIDDEN, record_change, record_creation, snapshot
from tests.factories.members import create_organisation, create_staff, create_user

pytestmark = pytest.mark.django_db


def test_a_change_is_recorded_with_who_from_and_to():
    staff, organisation = create_staff(), create_organisation(name="Before Oy")
    before = snapshot(organisation)
    organisation.name = "After Oy"
    organisation.save()

    entry = record_change(by=staff, instance=organisation, before=before, what="organisation card edited")

    assert entry is not None
    assert (entry.actor, entry.action, entry.changes) == (staff, "changed", {"name": ["Before Oy", "After Oy"]})


def test_a_save_that_changes_nothing_leaves_no_row():
    organisation = create_organisation()
    assert (
        record_change(by=None, instance=organisation, before=snapshot(organisation), what="organisation card edited")
        is None
    )


def test_the_log_outlives_the_object():
    organisation = create_organisation(name="Gone Oy")
    entry = record_creation(by=None, instance=organisation, what="organisation approved as a member")
    organisation.delete()

    kept = AuditEntry.objects.get(pk=entry.pk)
    assert (kept.label, kept.object_id) == ("Gone Oy", entry.object_id)


def test_values_of_personal_fields_are_not_kept():
    person = create_user("canary@kisu.example").person
    before = snapshot(person)
    person.phone = "+358 40 000 0000"
    person.save()

    entry = record_change(by=None, instance=person, before=before, what="profile changed")

    assert entry is not None
    assert entry.changes == {"phone": [HIDDEN, HIDDEN]}
    assert "Canary" not in entry.label


@pytest.mark.parametrize("statement", ["UPDATE members_auditentry SET what = 'x'", "DELETE FROM members_auditentry"])
def test_the_database_refuses_to_change_the_log(statement):
    from django.db import connection

    record_creation(by=None, instance=create_organisation(), what="organisation approved as a member")
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
