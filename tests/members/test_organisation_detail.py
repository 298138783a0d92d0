"""The card of an organisation, and what only some see on it."""

import pytest
from django.test import Client

from members.services.organisations import edit_organisation
from tests.factories.members import (
    create_coordinator,
    create_member,
    create_org_admin,
    create_organisation,
    create_staff,
    create_user,
)
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db


def test_a_visitor_reads_a_members_card_without_tools(client: Client) -> None:
    organisation = create_organisation(name="Card <b>Oy", description_fi="Sahaamme.\n\n<script>alert(1)</script>")
    response = client.get(organisation.get_absolute_url())
    text = response.content.decode()
    assert "Card &lt;b&gt;Oy" in text
    assert "<script>alert" not in text
    assert (response.context["editable"], response.context["people"], response.context["history"]) == (
        False,
        False,
        None,
    )


@pytest.mark.parametrize("state", ["prospect", "applied", "suspended", "left"])
def test_the_card_of_no_member_is_not_there_for_a_visitor(client: Client, state: str) -> None:
    assert client.get(create_organisation(state=state).get_absolute_url()).status_code == 404


def test_a_prospect_is_there_for_the_regions_coordinator_only() -> None:
    url = create_organisation(state="prospect").get_absolute_url()
    assert client_of(create_coordinator("13")).get(url).status_code == 200
    assert client_of(create_coordinator("01")).get(url).status_code == 404


def test_names_of_people_are_not_on_the_card() -> None:
    organisation = create_organisation()
    create_member(organisation, email="canary@kisu.example")
    for reader in (create_staff(), create_org_admin(organisation)):
        assert b"Canary" not in client_of(reader).get(organisation.get_absolute_url()).content


def test_history_is_for_the_admin_the_coordinator_and_staff() -> None:
    organisation = create_organisation()
    admin = create_org_admin(organisation)
    edit_organisation(by=admin, organisation=organisation, values={"website": "https://new.example"})
    url = organisation.get_absolute_url()
    for reader in (admin, create_coordinator("13"), create_staff()):
        assert [entry.what for entry in client_of(reader).get(url).context["history"]] == ["organisation card edited"]
    for reader in (create_member(organisation), create_org_admin(), create_coordinator("01")):
        assert client_of(reader).get(url).context["history"] is None


def test_a_member_is_offered_what_the_role_allows() -> None:
    organisation = create_organisation()
    context = client_of(create_member(organisation)).get(organisation.get_absolute_url()).context
    assert (context["editable"], context["people"]) == (False, True)
    context = client_of(create_org_admin(organisation)).get(organisation.get_absolute_url()).context
    assert (context["editable"], context["people"]) == (True, True)
    context = client_of(create_user()).get(organisation.get_absolute_url()).context
    assert (context["editable"], context["people"]) == (False, False)
