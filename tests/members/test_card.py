from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from members.card import Card, card_of
from members.models import Affiliation, Notification
from tests.factories.members import create_member, create_organisation, create_user

pytestmark = pytest.mark.django_db


def test_it_tells_name_organisation_and_unread_notices_in_one_query(django_assert_num_queries: Any) -> None:
    user = create_member(create_organisation(name="Sahapuu Oy"), email="aino@kisu.example")
    for read_at in (None, None, timezone.now()):
        Notification.objects.create(
            user=user, kind="match_found", params={"title": "Sawdust"}, url="/", read_at=read_at
        )
    Notification.objects.create(user=create_user(), kind="match_found", params={"title": "Sawdust"}, url="/")
    with django_assert_num_queries(1):
        assert card_of(user) == Card(name="Aino", organisation="Sahapuu Oy", unread=2)


def test_of_several_organisations_it_names_the_first_that_the_person_has_not_left() -> None:
    user = create_member(create_organisation(name="Left Oy"))
    Affiliation.objects.update(ends_on=date(2024, 1, 31))
    for name in ("First Oy", "Second Oy"):
        Affiliation.objects.create(
            person=user.person, organisation=create_organisation(name=name), starts_on=date(2024, 2, 1)
        )
    assert card_of(user).organisation == "First Oy"


def test_an_account_without_a_person_has_neither_name_nor_organisation() -> None:
    assert card_of(create_user(person=False)) == Card(name="", organisation="", unread=0)
