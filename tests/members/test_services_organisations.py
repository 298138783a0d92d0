"""Likeness of names, and what is written with an application."""

import pytest
from django.db import IntegrityError, transaction

from members.models import AuditEntry, Organisation
from members.services import MembersError
from members.services.organisations import apply_for_membership, edit_organisation, similar_organisations
from tests.factories.members import create_business_id, create_org_admin, create_organisation, municipality

pytestmark = pytest.mark.django_db


def alike(name: str) -> list[str]:
    return [organisation.name for organisation in similar_organisations(name=name, among=Organisation.objects.all())]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Kuusiharjun Saha Oy", "Kuusiharjun Saha Ab"),
        ("Kuusiharjun Saha Oy", "KUUSIHARJUN SAHA"),
        ("Kuusiharjun Saha Oy", "Saha Kuusiharjun Oy"),
        ("Kuusiharjun Saha Oy", "Kuusiharjun Sahat Oy"),
        ("Ääkkösten Öljy Oy", "Aakkosten Oljy"),
        ("Kiertokapula-Palvelu Oy", "Kiertokapula Palvelu"),
    ],
)
def test_one_firm_written_in_two_ways_is_alike(name: str, written: str) -> None:
    create_organisation(name=name)
    assert alike(written) == [name]


@pytest.mark.parametrize("written", ["Mäntyharjun Saha Oy", "Kuusi Oy", "Saha", "Oy", "", "Kuusiharjun kunta"])
def test_others_of_the_trade_or_place_are_not(written: str) -> None:
    create_organisation(name="Kuusiharjun Saha Oy")
    assert alike(written) == []


def test_the_likest_is_first() -> None:
    create_organisation(name="Kuusiharjun Sahat Oy")
    create_organisation(name="Kuusiharjun Saha Oy")
    assert alike("Kuusiharjun Saha Ky") == ["Kuusiharjun Saha Oy", "Kuusiharjun Sahat Oy"]


def test_names_in_two_cases_are_one_organisation_to_the_database() -> None:
    create_organisation(name="Ääkköset Oy")
    with pytest.raises(IntegrityError, match="one_organisation_per_name"), transaction.atomic():
        create_organisation(name="ÄÄKKÖSET OY")


def test_an_application_is_recorded_in_its_region_without_the_contact() -> None:
    application = apply_for_membership(
        name="New Oy",
        business_id=create_business_id(),
        kind="company",
        industry=None,
        municipality=municipality(),
        website="",
        reason="",
        contact_name="Canary",
        contact_email="canary@kisu.example",
        contact_phone="",
        language="fi",
    )
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.region) == (None, "created", application.municipality.region)
    assert entry.changes["name"] == [None, "New Oy"]
    assert "canary" not in str(entry.changes).lower()


def test_a_name_taken_meanwhile_is_an_error_in_words() -> None:
    """The form saw a free name; another request took it before this one wrote."""
    organisation = create_organisation()
    create_organisation(name="Taken Oy")
    with pytest.raises(MembersError, match="Another organisation has this name"):
        edit_organisation(by=create_org_admin(organisation), organisation=organisation, values={"name": "taken oy"})
    organisation.refresh_from_db()
    assert organisation.name != "taken oy"
