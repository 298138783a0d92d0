"""Editing the card."""

from typing import Any

import pytest
from django.urls import reverse

from members.models import AuditEntry, Organisation
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


def url(organisation: Organisation) -> str:
    return reverse("members:organisation_edit", args=[organisation.pk])


def card(**changes: Any) -> dict[str, Any]:
    return {"name": "New name Oy", "kind": "company", "municipality": municipality().pk} | changes


def test_the_admin_edits_the_card_and_it_is_recorded() -> None:
    organisation = create_organisation(name="Old name Oy")
    admin = create_org_admin(organisation)
    response = client_of(admin).post(url(organisation), card(description_sv="Vi sågar."))
    assert response["Location"] == organisation.get_absolute_url()
    organisation.refresh_from_db()
    assert (organisation.name, organisation.description_sv) == ("New name Oy", "Vi sågar.")
    entry = AuditEntry.objects.get(what="organisation card edited")
    assert entry.actor == admin
    assert entry.changes["name"] == ["Old name Oy", "New name Oy"]


def test_state_dates_and_business_id_are_never_taken_from_the_form() -> None:
    organisation = create_organisation()
    before = (organisation.business_id, organisation.state, organisation.joined_on)
    client_of(create_org_admin(organisation)).post(
        url(organisation), card(business_id="1234567-1", state="left", joined_on="2001-01-01", left_on="2020-01-01")
    )
    organisation.refresh_from_db()
    assert organisation.name == "New name Oy"
    assert (organisation.business_id, organisation.state, organisation.joined_on) == before


@pytest.mark.parametrize("name", ["Taken Oy", "  taken   OY", "Taken\u200b Oy"])
def test_another_organisations_name_is_refused_in_words(name: str) -> None:
    create_organisation(name="Taken Oy")
    organisation = create_organisation()
    response = client_of(create_org_admin(organisation)).post(url(organisation), card(name=name))
    assert response.context["form"].errors == {"name": ["Another organisation has this name."]}
    assert AuditEntry.objects.count() == 0


def test_the_own_name_may_stay() -> None:
    organisation = create_organisation(name="Same Oy")
    assert client_of(create_org_admin(organisation)).post(url(organisation), card(name="SAME Oy")).status_code == 302


def test_a_member_reads_but_does_not_edit() -> None:
    organisation = create_organisation()
    client = client_of(create_member(organisation))
    assert client.get(url(organisation)).status_code == 403
    assert client.post(url(organisation), card()).status_code == 403
    organisation.refresh_from_db()
    assert organisation.name != "New name Oy"


def test_the_admin_of_another_organisation_gets_403_for_a_card_that_is_public() -> None:
    organisation = create_organisation()
    assert client_of(create_org_admin()).post(url(organisation), card()).status_code == 403


def test_a_hidden_organisation_of_another_region_is_not_there() -> None:
    organisation = create_organisation(state="prospect", municipality_name="Helsinki")
    assert client_of(create_coordinator("13")).post(url(organisation), card()).status_code == 404
    assert client_of(create_coordinator("01")).post(url(organisation), card()).status_code == 302


def test_staff_edit_any() -> None:
    organisation = create_organisation(state="left")
    assert client_of(create_staff()).post(url(organisation), card()).status_code == 302
