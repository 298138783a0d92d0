"""One's own card."""

import pytest
from django.test import Client
from django.urls import reverse

from members.models import AuditEntry, Person, User
from members.permissions import Role
from tests.factories.members import create_member, create_organisation, create_staff, create_user, create_with_role
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db
URL = reverse("members:profile")


def test_a_person_changes_name_phone_and_language_and_nothing_else() -> None:
    user, other = create_member(), create_member()
    answer = client_of(user).post(
        URL,
        {"name": " Aino  Uusi ", "phone": "+358 40 123 4567", "language": "sv", "email": "x@kisu.example",
         "is_superuser": "on", "user": other.pk},
    )  # fmt: skip
    assert answer["Location"] == URL
    user = User.objects.get(pk=user.pk)
    assert (user.person.name, user.person.phone, user.language) == ("Aino Uusi", "+358 40 123 4567", "sv")
    assert (user.is_superuser, user.email == "x@kisu.example") == (False, False)
    assert Person.objects.get(user=other).name != "Aino Uusi"
    entry = AuditEntry.objects.filter(model="members.Person", what="profile changed").get()
    assert entry.changes == {"name": ["•", "•"], "phone": ["•", "•"]}


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("phone", "call me"), ("language", "de"), ("name", "x" * 121)]
)
def test_a_wrong_value_is_said_beside_the_field_and_nothing_is_lost(field: str, value: str) -> None:
    user = create_member()
    given = {"name": "Name", "phone": "+358 40 1", "language": "fi"} | {field: value}
    response = client_of(user).post(URL, given)
    assert list(response.context["form"].errors) == [field]
    assert Person.objects.get(user=user).name != "Name"


def test_an_account_without_a_card_gets_one() -> None:
    admin = create_user(is_superuser=True, person=False)
    client_of(admin).post(URL, {"name": "Admin", "phone": "", "language": "fi"})
    assert Person.objects.get(user=admin).name == "Admin"


def test_roles_are_shown_with_scope_and_time_and_only_ones_own(client: Client) -> None:
    organisation = create_organisation(name="Oma Oy")
    user = create_member(organisation)
    create_member(create_organisation(name="Muu Oy"))
    client = client_of(user)
    client.cookies["kisu_language"] = "en"
    page = client.get(URL).content.decode()
    assert "Oma Oy" in page
    assert "Muu Oy" not in page
    for name in ("account_email", "account_change_password", "mfa_index", "usersessions_list", "members:own_data"):
        assert f'href="{reverse(name)}"' in page


@pytest.mark.parametrize(("role", "tone"), [(Role.STEERING, "neutral"), (Role.STAFF, "watch")])
def test_a_missing_second_factor_is_marked_for_who_needs_it(role: Role, tone: str) -> None:
    user = create_staff() if role is Role.STAFF else create_with_role(role)
    context = client_of(user).get(URL).context
    assert (context["second_factor"], context["needs_second_factor"]) == (False, tone == "watch")
