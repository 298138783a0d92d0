"""The administration guards what the services guard, and leaves the same traces."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kisu.admin_site import KisuAdminSite
from members.models import AuditEntry, Mail, Organisation, RoleGrant, User
from members.permissions import Role
from tests.factories.members import (
    create_coordinator,
    create_member,
    create_organisation,
    create_staff,
    create_with_role,
    region,
)
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db
SHOWN_ONLY = ["rolegrant", "invitation", "jobrun", "mail", "auditentry", "membershipapplication", "notification"]


def page(model: str, action: str = "changelist", *args: object) -> str:
    return reverse(f"admin:members_{model}_{action}", args=args)


def organisation_form(organisation: Organisation, **changes: object) -> dict[str, object]:
    values = {
        "name": organisation.name,
        "kind": organisation.kind,
        "business_id": organisation.business_id,
        "industry": organisation.industry_id,
        "municipality": organisation.municipality_id,
        "state": organisation.state,
        "joined_on": "10.6.2022",
        "left_on": "",
    }
    return values | changes


@pytest.mark.parametrize("room", ["members", "symbiosis", "workpackages"])
def test_every_model_that_is_looked_after_is_in_a_group(room: str) -> None:
    named = {name for _title, names in KisuAdminSite.groups for name in names}
    models = [model for model in apps.get_app_config(room).get_models() if admin.site.is_registered(model)]
    assert [model for model in models if model.__name__ not in named] == []
    if room == "members":
        rest = {model.__name__ for model in apps.get_app_config(room).get_models()} - named
        assert rest == {"Heartbeat"}


def test_the_index_is_grouped_and_leads_to_the_portals_pages() -> None:
    response = client_of(create_staff()).get(reverse("admin:index"))
    titles = [group["name"] for group in response.context["app_list"]]
    assert titles[:2] == ["Network", "Accounts and rights"]
    assert reverse("members:audit_list").encode() in response.content


@pytest.mark.parametrize("model", SHOWN_ONLY)
def test_what_services_guard_is_shown_and_not_written_even_by_an_administrator(model: str) -> None:
    client = client_of(create_with_role(Role.SUPERUSER))
    assert client.get(page(model)).status_code == 200
    assert client.get(page(model, "add")).status_code == 403
    assert client.post(page(model, "add"), {}).status_code == 403


def test_a_role_is_neither_changed_nor_taken_here() -> None:
    member, client = create_member(), client_of(create_with_role(Role.SUPERUSER))
    grant = RoleGrant.objects.get(user=member)
    for action in ("change", "delete"):
        assert client.post(page("rolegrant", action, grant.pk), {"post": "yes", "role": "staff"}).status_code == 403
    assert RoleGrant.objects.get(user=member).role == "member"


def test_accounts_are_neither_added_nor_deleted_and_have_no_password_field() -> None:
    user, client = create_member(), client_of(create_staff())
    assert client.get(page("user", "add")).status_code == 403
    assert client.post(page("user", "delete", user.pk), {"post": "yes"}).status_code == 403
    client.post(page("user"), {"action": "delete_selected", "_selected_action": user.pk, "post": "yes"})
    assert User.objects.filter(pk=user.pk).exists()
    shown = client.get(page("user", "change", user.pk)).content.decode()
    assert "password" not in shown.partition("<form id")[2]
    assert user.password not in shown


def test_only_an_administrator_makes_another_and_nobody_unmakes_themselves() -> None:
    user, staff, root = create_member(), create_staff(), create_with_role(Role.SUPERUSER)
    flag = {"language": "fi", "is_superuser": "on", "email": "x@kisu.example", "is_active": ""}
    client_of(staff).post(page("user", "change", user.pk), flag)
    user.refresh_from_db()
    assert (user.is_superuser, user.is_active, user.email == "x@kisu.example") == (False, True, False)
    client_of(root).post(page("user", "change", root.pk), {"language": "sv"})
    client_of(root).post(page("user", "change", user.pk), flag)
    root.refresh_from_db()
    user.refresh_from_db()
    assert (root.is_superuser, root.language) == (True, "sv")
    assert (user.is_superuser, user.is_active) == (True, True)
    entry = AuditEntry.objects.filter(action="changed", model="members.User", object_id=str(user.pk)).get()
    assert entry.changes["is_superuser"] == [False, True]


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "member", "joined_on": ""},
        {"state": "member", "left_on": "1.1.2025"},
        {"state": "left", "left_on": ""},
        {"state": "left", "left_on": "1.1.2020"},
        {"business_id": "1234567-8"},
    ],
    ids=str,
)
def test_a_state_that_cannot_be_is_refused_in_words(changes: dict[str, str]) -> None:
    organisation = create_organisation()
    response = client_of(create_staff()).post(
        page("organisation", "change", organisation.pk), organisation_form(organisation, **changes)
    )
    errors = response.context["adminform"].form.errors
    assert errors
    assert "violated" not in str(errors)
    assert Organisation.objects.get().state == "member"


def test_a_change_is_audited_like_a_services_and_django_keeps_no_second_log() -> None:
    organisation, staff = create_organisation(), create_staff()
    client_of(staff).post(
        page("organisation", "change", organisation.pk), organisation_form(organisation, name="Uusi Oy")
    )
    entry = AuditEntry.objects.exclude(action="read").get()
    assert (entry.actor, entry.what, entry.changes["name"][1]) == (staff, "changed in the administration", "Uusi Oy")
    assert not LogEntry.objects.exists()
    history = client_of(staff).get(page("organisation", "history", organisation.pk)).content.decode()
    assert "Uusi Oy" in history
    assert staff.person.name in history


def test_an_organisation_with_a_history_is_not_deleted() -> None:
    organisation, client = create_organisation(), client_of(create_with_role(Role.SUPERUSER))
    assert client.post(page("organisation", "delete", organisation.pk), {"post": "yes"}).status_code == 403
    assert Organisation.objects.exists()


def test_looking_at_a_persons_card_is_recorded_and_at_a_places_is_not() -> None:
    staff, person = create_staff(), create_member().person
    client = client_of(staff)
    client.get(page("person", "change", person.pk))
    client.get(page("region", "change", region().pk))
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.object_id) == ("read", staff, str(person.pk))
    assert person.name not in entry.label


def test_the_text_of_a_mail_is_not_shown() -> None:
    mail = Mail.objects.create(
        recipient="a@kisu.example", subject="s", text="KEY", html="KEY", not_before=timezone.now()
    )
    assert b"KEY" not in client_of(create_staff()).get(page("mail", "change", mail.pk)).content


def test_objects_lead_to_their_page_in_the_portal() -> None:
    organisation, staff = create_organisation(), create_staff()
    shown = client_of(staff).get(page("organisation", "change", organisation.pk)).content.decode()
    assert organisation.get_absolute_url() in shown


@pytest.mark.parametrize("model", ["organisation", "person", "user", "auditentry"])
@pytest.mark.parametrize("rows", [1, 30])
def test_a_list_costs_the_same_however_many(model: str, rows: int, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    staff = create_staff()
    for _number in range(rows):
        create_member()
    client = client_of(staff)
    client.get(page(model))
    with django_assert_max_num_queries(13):
        client.get(page(model))


def test_the_administration_is_for_staff(client: Client) -> None:
    assert client_of(create_coordinator()).get(reverse("admin:index")).status_code == 403
    url = page("organisation")
    assert client.get(url)["Location"] == f"{reverse('account_login')}?next={url}"
    assert AuditEntry.objects.filter(action="refused").count() == 2
