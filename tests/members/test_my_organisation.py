"""The way to the own card."""

import pytest

from members.permissions import Role
from tests.factories.members import create_member, create_organisation, create_staff, create_with_role, grant
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db
URL = "/jasenet/oma/"


def test_one_organisation_is_opened_at_once() -> None:
    organisation = create_organisation()
    assert client_of(create_member(organisation)).get(URL)["Location"] == organisation.get_absolute_url()


def test_of_several_one_is_chosen() -> None:
    first, second = create_organisation(name="A Oy"), create_organisation(name="B Oy")
    user = create_member(second)
    grant(user, Role.ORG_ADMIN, organisation=first)
    assert client_of(user).get(URL).context["organisations"] == [first, second]


def test_staff_without_one_are_told_so() -> None:
    response = client_of(create_staff()).get(URL)
    assert response.context["organisations"] == []
    assert b"No organisation of your own" in response.content


def test_who_has_no_place_in_organisations_gets_403() -> None:
    assert client_of(create_with_role(Role.STEERING)).get(URL).status_code == 403
