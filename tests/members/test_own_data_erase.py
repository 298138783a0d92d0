"""Erasing oneself: first shown, then done after the password."""

import pytest
from django.urls import reverse

from members.models import Person, User
from tests.factories.members import create_member, create_org_admin, create_organisation
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db
URL = reverse("members:own_data_erase")


def test_the_page_shows_what_goes_and_changes_nothing() -> None:
    user = create_member()
    kept = client_of(user, confirmed=False).get(URL).context["kept"]
    shown = {one.entry.key: (one.count, one.outcome) for one in kept}
    assert shown["members.Person"] == (1, "deleted")
    assert shown["members.User"] == (1, "emptied")
    assert "members.Mail" not in shown
    assert User.objects.get(pk=user.pk).is_active


def test_a_press_without_the_password_erases_nothing() -> None:
    user = create_member()
    answer = client_of(user, confirmed=False).post(URL)
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert User.objects.get(pk=user.pk).erased_at is None


def test_a_press_erases_and_signs_out() -> None:
    user = create_member(email="mine@kisu.example")
    client = client_of(user)
    assert client.post(URL)["Location"] == reverse("home")
    assert "_auth_user_id" not in client.session
    assert not User.objects.filter(email="mine@kisu.example").exists()
    assert not Person.objects.exists()


def test_the_last_admin_is_told_what_to_do_first() -> None:
    organisation = create_organisation()
    admin = create_org_admin(organisation)
    create_member(organisation)
    client = client_of(admin)
    assert client.get(URL).context["obstacle"]
    assert client.post(URL)["Location"] == URL
    assert User.objects.get(pk=admin.pk).erased_at is None
