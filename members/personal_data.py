"""Which fields of this room are about a person, and what becomes of them."""

from __future__ import annotations

from datetime import date

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Q, QuerySet
from django.utils import timezone

from kisu.lib.dates import add_months, local_midnight
from kisu.lib.personal_data import RetentionRule, personal_model, retention_rules
from members.models import Affiliation, Invitation, Mail, MembershipApplication, Notification, Person, User

ERASED_DOMAIN = "erased.invalid"


def since(label: str, field: str, on: date) -> date:
    """The day before which rows are over their retention time."""
    rule: RetentionRule = retention_rules()[label][field]
    assert rule.months is not None  # noqa: S101  the caller asks only for fields with a time
    return add_months(on, -rule.months)


def erase_user(user: User) -> int:
    """The row stays, empty and unable to sign in: audit rows and listings lead to it."""
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    for session in UserSession.objects.filter(user=user):
        session.end()
    user.role_grants.all().delete()
    user.email = f"erased-{user.pk}@{ERASED_DOMAIN}"
    user.is_active, user.is_superuser, user.erased_at = False, False, timezone.now()
    user.set_unusable_password()
    user.save()
    return 1


def expire_users(on: date) -> int:
    """Accounts that have not signed in for the time of the rule, and hold no role."""
    before = local_midnight(since("members.User", "email", on))
    idle = User.objects.filter(Q(last_login__lt=before) | Q(last_login=None, joined_at__lt=before), is_active=True)
    count = 0
    for user in idle.filter(is_superuser=False).exclude(role_grants__ends_on=None):
        count += erase_user(user)
    return count


def erase_person(user: User) -> int:
    count, _by_model = Person.objects.filter(user=user).delete()
    return count


def expire_people(on: date) -> int:
    """Contacts without an account whose last affiliation ended, or who were last active, before the time of the rule."""
    before = since("members.Person", "name", on)
    idle = Person.objects.filter(user=None).filter(Q(last_active_on__lt=before) | Q(last_active_on=None))
    count, _by_model = idle.exclude(Q(affiliations__ends_on=None) & Q(affiliations__isnull=False)).delete()
    return count


def expire_mail(on: date) -> int:
    before = local_midnight(since("members.Mail", "recipient", on))
    count, _by_model = Mail.objects.filter(queued_at__lt=before).exclude(state=Mail.State.QUEUED).delete()
    return count


def expire_invitations(on: date) -> int:
    before = local_midnight(since("members.Invitation", "email", on))
    count, _by_model = Invitation.objects.filter(invited_at__lt=before).delete()
    return count


def empty_application(rows: QuerySet[MembershipApplication]) -> int:
    """The organisation's application stays; its contact goes."""
    return rows.exclude(contact_email="").update(contact_name="", contact_email="", contact_phone="")


def expire_applications(on: date) -> int:
    before = local_midnight(since("members.MembershipApplication", "contact_name", on))
    return empty_application(MembershipApplication.objects.filter(decided_at__lt=before))


def expire_notices(on: date) -> int:
    before = local_midnight(since("members.Notification", "params", on))
    count, _by_model = Notification.objects.filter(made_at__lt=before).delete()
    return count


personal_model(
    User, fields=("email", "language"), of=lambda user: User.objects.filter(pk=user.pk), erase=erase_user, expire=expire_users
)
personal_model(
    Person,
    fields=("name", "email", "phone"),
    of=lambda user: Person.objects.filter(user=user),
    erase=erase_person,
    expire=expire_people,
)
personal_model(
    Affiliation,
    fields=("title",),
    of=lambda user: Affiliation.objects.filter(person__user=user),
    erase=lambda user: Affiliation.objects.filter(person__user=user).delete()[0],
    expire=lambda on: 0,  # goes with its person
)
personal_model(
    Mail,
    fields=("recipient", "subject", "text", "html"),
    of=lambda user: Mail.objects.filter(user=user) | Mail.objects.filter(recipient__iexact=user.email),
    erase=lambda user: Mail.objects.filter(Q(user=user) | Q(recipient__iexact=user.email)).delete()[0],
    expire=expire_mail,
)
personal_model(
    Invitation,
    fields=("email", "name"),
    of=lambda user: Invitation.objects.filter(email__iexact=user.email),
    erase=lambda user: Invitation.objects.filter(email__iexact=user.email).delete()[0],
    expire=expire_invitations,
)
personal_model(
    MembershipApplication,
    fields=("contact_name", "contact_email", "contact_phone"),
    of=lambda user: MembershipApplication.objects.filter(contact_email__iexact=user.email),
    erase=lambda user: empty_application(MembershipApplication.objects.filter(contact_email__iexact=user.email)),
    expire=expire_applications,
)
personal_model(
    Notification,
    fields=("params",),
    of=lambda user: Notification.objects.filter(user=user),
    erase=lambda user: Notification.objects.filter(user=user).delete()[0],
    expire=expire_notices,
)
