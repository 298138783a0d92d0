"""A person's own data: the registry holds all of it; export, erasure and retention do what it says."""

import json
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.utils import timezone

from kisu.lib.dates import add_months, business_date
from kisu.lib.personal_data import personal_models, retention_rules
from members.models import (
    Affiliation,
    AuditEntry,
    Invitation,
    JobRun,
    Mail,
    MembershipApplication,
    Notification,
    Person,
    RoleGrant,
    User,
)
from members.permissions import Role
from members.services import MembersError
from members.services.audit import record_creation
from members.services.personal_data import enforce_retention, erase, export_of, kept_of
from tests.factories.members import (
    create_application,
    create_member,
    create_org_admin,
    create_organisation,
    create_staff,
    create_user,
    create_with_role,
    grant,
)
from tests.factories.sessions import client_of

# Models that lead to a person or have a column that sounds like one, and are not in the registry: each with its reason.
# After an erasure a link to an account leads to an empty row that nobody can sign in to.
NOT_REGISTERED = {
    "admin.LogEntry": "never written: the admin writes the audit log (members/audited_admin.py)",
    "account.EmailConfirmation": "never written: confirmation is a signed link without a row",
    "socialaccount.SocialApp": "settings of a sign-in service",
    "auth.Group": "not used: rights are role grants",
    "auth.Permission": "names of rights",
    "members.Heartbeat": "name of a process",
    "members.Organisation": "name of an organisation",
    "members.Region": "name of a place",
    "members.Municipality": "name of a place",
    "members.Industry": "name of a class",
    "workpackages.WorkPackage": "name of a package",
    "workpackages.ClockPhase": "name of a phase",
    "workpackages.Indicator": "name of an indicator",
    "workpackages.BudgetLine": "name of a budget line",
    "workpackages.Target": "who set it; the audit log has the act",
    "workpackages.Value": "who entered it; the audit log has the act",
    "symbiosis.MaterialClass": "name of a class",
    "symbiosis.Service": "name of a service",
    "symbiosis.Unit": "name of a unit",
    "symbiosis.WasteChapter": "name of a class",
    "symbiosis.WasteCode": "name of a class",
    "symbiosis.Attachment": "the organisation's; the file's name, and who added it",
    "symbiosis.Synergy": "the organisations'; who created it",
}
PERSONAL_WORDS = ("name", "email", "mail", "phone", "contact", "person", "address")


def leads_to_a_person(model: Any) -> bool:
    return any(
        field.is_relation and field.concrete and field.related_model in (User, Person)
        for field in model._meta.get_fields()
    )


def sounds_personal(model: Any) -> bool:
    return any(word in field.name.split("_") for field in model._meta.concrete_fields for word in PERSONAL_WORDS)


def test_every_model_that_leads_to_a_person_is_registered_or_excepted_with_a_reason() -> None:
    found = {model._meta.label for model in apps.get_models() if leads_to_a_person(model) or sounds_personal(model)}
    registered = set(personal_models.keys())
    assert found - registered - NOT_REGISTERED.keys() == set()
    assert {label for label in NOT_REGISTERED if label not in found or label in registered} == set(), (
        "no need to except"
    )


def test_every_column_of_a_persons_own_model_that_sounds_personal_is_named() -> None:
    for label in ("members.User", "members.Person", "members.Invitation", "members.MembershipApplication"):
        entry = personal_models[label]
        columns = {
            field.name for field in entry.model._meta.concrete_fields if {"email", "phone"} & set(field.name.split("_"))
        }
        assert columns <= set(entry.fields), label


# --- One person who is everywhere -------------------------------------------------------------------------------------


@pytest.fixture
def canary(db: None) -> User:
    """A member with at least one row of every registered kind, and a text "CNRY" in each personal column."""
    organisation = create_organisation()
    create_org_admin(organisation)
    user = create_member(organisation, email="cnry.user@kisu.example")
    now = timezone.now()
    Person.objects.filter(user=user).update(name="CNRY name", phone="+358 CNRY", email="CNRY.other@kisu.example")
    Person.objects.create(name="CNRY card", email="CNRY.Second@kisu.example")
    Affiliation.objects.filter(person__user=user).update(title="CNRY title")
    EmailAddress.objects.create(user=user, email="cnry.user@kisu.example", primary=True, verified=True)
    EmailAddress.objects.create(user=user, email="cnry.second@kisu.example", verified=True)
    Authenticator.objects.create(user=user, type="totp", data={"secret": "CNRY-SECRET"})
    SocialAccount.objects.create(user=user, provider="oidc", uid="CNRY-uid", extra_data={"name": "CNRY"})
    key = client_of(user).session.session_key
    UserSession.objects.create(user=user, session_key=key, ip="203.0.113.7", user_agent="CNRY browser")
    for recipient in ("cnry.user@kisu.example", "CNRY.second@kisu.example"):
        Mail.objects.create(recipient=recipient, subject="CNRY", text="CNRY", html="CNRY", not_before=now)
    Mail.objects.create(user=user, recipient="old-cnry@kisu.example", subject="CNRY", text="CNRY", not_before=now)
    Invitation.objects.create(
        email="Cnry.User@kisu.example", name="CNRY", organisation=organisation, role="member", token_hash="h",
        expires_at=now,
    )  # fmt: skip
    create_application(contact_email="cnry.second@kisu.example", contact_name="CNRY", contact_phone="CNRY")
    Notification.objects.create(user=user, kind="match_found", params={"title": "CNRY"}, url="/")
    JobRun.objects.create(job="x", started_by=user, not_before=now, state="done", finished_at=now)
    record_creation(by=user, instance=organisation, what="organisation card edited")
    return user


@pytest.fixture
def stranger(db: None) -> User:
    user = create_member(email="stranger@kisu.example")
    Mail.objects.create(recipient="stranger@kisu.example", subject="s", text="t", not_before=timezone.now())
    return user


def everything_kept() -> str:
    """All rows of all models but the sessions' keys, as text."""
    return "\n".join(
        str(list(model._base_manager.values()))
        for model in apps.get_models()
        if model._meta.app_label != "contenttypes"
    )


def test_the_copy_holds_a_row_of_every_kind_and_every_personal_value(canary: User, stranger: User) -> None:
    export = export_of(by=canary, user=canary)
    mine = [
        entry.key for entry in personal_models if entry.key.split(".")[0] not in {"symbiosis", "situation", "comms"}
    ]
    assert [key for key in mine if not export[key]["rows"]] == []
    for key in mine:
        for name in personal_models[key].fields:
            assert all(name in row for row in export[key]["rows"]), f"{key}.{name}"
    text = json.dumps(export, default=str)
    assert "stranger" not in text
    # Keys that would open something are in nobody's copy.
    assert "CNRY-SECRET" not in text
    assert not any(session.session_key in text for session in Session.objects.all())
    assert canary.password not in text


def test_the_copy_names_organisations_and_gives_the_audit_log_as_times_and_acts(canary: User) -> None:
    export = export_of(by=canary, user=canary)
    assert export["members.RoleGrant"]["rows"][0]["organisation_name"] == str(
        RoleGrant.objects.get(user=canary).organisation
    )
    assert set(export["members.AuditEntry"]["rows"][0]) == {"at", "action", "what"}
    assert AuditEntry.objects.filter(actor=canary, action="read", what="personal data exported").count() == 1


def test_an_erasure_leaves_no_trace_but_what_is_said_to_stay(canary: User, stranger: User) -> None:
    before = {one.entry.key: one.count for one in kept_of(user=canary)}
    assert "cnry" in everything_kept().lower()
    erase(by=canary, user=canary, now=timezone.now())

    assert "cnry" not in everything_kept().lower()
    for entry in personal_models:
        if entry.outcome == "deleted":
            assert not entry.of(canary).exists(), entry.key
    canary.refresh_from_db()
    assert (canary.is_active, canary.has_usable_password()) == (False, False)
    # What the preview said is what went.
    assert all(
        before[entry.key]
        for entry in personal_models
        if entry.key.startswith(("members.", "account.", "mfa.", "users"))
    )
    # The rest of the network stays as it was.
    assert stranger.person.name == "Stranger"
    assert Mail.objects.filter(recipient="stranger@kisu.example").exists()
    assert MembershipApplication.objects.count() == 1
    assert JobRun.objects.get(job="x").started_by is None
    assert AuditEntry.objects.filter(actor=canary).count() == 2


def test_an_erasure_signs_out_every_browser(canary: User) -> None:
    client = client_of(canary)
    erase(by=canary, user=canary, now=timezone.now())
    assert client.get("/oma/").status_code == 302


def test_the_last_admin_of_others_and_the_last_administrator_stay(db: None) -> None:
    organisation = create_organisation()
    admin = create_org_admin(organisation)
    create_member(organisation)
    with pytest.raises(MembersError, match="last admin"):
        erase(by=admin, user=admin, now=timezone.now())
    lonely = create_with_role(Role.SUPERUSER)
    with pytest.raises(MembersError, match="last administrator"):
        erase(by=lonely, user=lonely, now=timezone.now())


def test_anothers_data_are_erased_by_two_of_the_staff(canary: User) -> None:
    one, two = create_staff(), create_staff()
    for approver in (None, one, canary):
        with pytest.raises(MembersError, match="Somebody else"):
            erase(by=one, user=canary, now=timezone.now(), approved_by=approver)
    erase(by=one, user=canary, now=timezone.now(), approved_by=two)
    acts = AuditEntry.objects.filter(model="members.User", object_id=str(canary.pk)).values_list("actor", "what")
    assert {(one.pk, "personal data erased"), (two.pk, "erasure approved")} <= set(acts)


# --- Retention --------------------------------------------------------------------------------------------------------


def retention(months: int) -> dict[str, int]:
    """The nightly job, so many months from now."""
    on = add_months(business_date(timezone.now()), months) + timedelta(days=2)
    return enforce_retention(on=on, progress=lambda done, total: None)


def months(label: str, field: str) -> int:
    found = retention_rules()[label][field].months
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("model", "field"), [(Mail, "recipient"), (Invitation, "email"), (Notification, "params"), (JobRun, "rows")]
)
def test_rows_go_when_their_time_is_over_and_not_before(canary: User, model: Any, field: str) -> None:
    limit = months(model._meta.label, field)
    count = model.objects.count()
    assert count
    retention(limit - 1)
    assert model.objects.count() == count
    retention(limit)
    assert model.objects.count() == 0


def test_an_application_keeps_no_contact_a_year_after_its_decision(db: None) -> None:
    now = timezone.now()
    decided = create_application(state="approved", decided_at=now)
    waiting = create_application()
    retention(13)
    decided.refresh_from_db()
    waiting.refresh_from_db()
    assert (decided.contact_name, decided.contact_email) == ("", "")
    assert waiting.contact_email


def test_an_account_without_role_goes_after_two_years_and_its_contact_a_year_later(db: None) -> None:
    idle, holder, admin = create_user("idle@kisu.example"), create_member(), create_with_role(Role.SUPERUSER)
    grant(idle, Role.EXPERT, starts_on=date(2020, 1, 1), ends_on=date(2020, 2, 1))
    retention(23)
    assert User.objects.filter(email="idle@kisu.example").exists()
    retention(25)
    idle.refresh_from_db()
    assert idle.erased_at is not None
    assert not RoleGrant.objects.filter(user=idle).exists()
    assert User.objects.filter(pk__in=[holder.pk, admin.pk], is_active=True).count() == 2
    assert Person.objects.filter(email="idle@kisu.example", user=None).exists()
    retention(35)
    assert Person.objects.filter(email="idle@kisu.example").exists()
    retention(37)
    assert not Person.objects.filter(email="idle@kisu.example").exists()
    assert Person.objects.filter(user=holder).exists()


def test_a_contact_of_an_organisation_stays_while_it_works_there(db: None) -> None:
    organisation = create_organisation()
    here, left, new = (Person.objects.create(name=name) for name in ("Here", "Left", "New"))
    Affiliation.objects.create(person=here, organisation=organisation, starts_on=date(2020, 1, 1))
    Affiliation.objects.create(
        person=left, organisation=organisation, starts_on=date(2020, 1, 1), ends_on=business_date(timezone.now())
    )
    retention(37)
    assert set(Person.objects.values_list("name", flat=True)) == {"Here", "New"}
    assert new.pk


def test_retention_is_safe_to_run_again(canary: User) -> None:
    assert retention(40)
    assert retention(40) == {}


def test_ended_sessions_go(canary: User) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(days=1))
    retention(0)
    assert (Session.objects.count(), UserSession.objects.count()) == (0, 0)


# --- The same by command ----------------------------------------------------------------------------------------------


def run(*args: Any, **options: Any) -> str:
    out = StringIO()
    call_command(*args, stdout=out, **options)
    return out.getvalue()


def test_the_commands_show_export_and_erase(canary: User) -> None:
    one, two = create_staff(), create_staff()
    assert "members.Mail: 3 deleted" in run("erase_personal_data", canary.email, dry_run=True)
    assert User.objects.filter(email=canary.email).exists()
    copy = json.loads(run("export_personal_data", canary.email, by=one.email))
    assert copy["members.Person"]["rows"]
    with pytest.raises(CommandError):
        run("erase_personal_data", canary.email, by=one.email)
    with pytest.raises(CommandError):
        run("erase_personal_data", canary.email, by=one.email, approved_by=one.email)
    run("erase_personal_data", canary.email, by=one.email, approved_by=two.email)
    assert "cnry" not in everything_kept().lower()


def test_the_commands_run_retry_and_sweep(db: None, rung: Any) -> None:
    staff = create_staff()
    assert "members.enforce_retention" in run("run_job")
    assert "done" in run("run_job", "members.enforce_retention")
    assert run("enforce_retention", on=date(2026, 1, 1)) == "nothing was due\n"
    parked = JobRun.objects.create(
        job="members.enforce_retention", state="parked", attempts=3, not_before=timezone.now()
    )
    assert "in the queue" in run("retry_job", parked.pk, by=staff.email)
    with pytest.raises(CommandError, match="not parked"):
        run("retry_job", parked.pk, by=staff.email)
    assert run("sweep").startswith("0 mails, ")
    assert ("members.run_job", parked.pk) in rung
