"""Which fields of this room, and of the accounts' packages, are about a person, and what becomes of them."""

from __future__ import annotations

from datetime import date

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kisu.lib.dates import add_months, business_date, local_midnight
from kisu.lib.personal_data import personal_model, retention_rules
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

ERASED_DOMAIN = "erased.invalid"


def since(label: str, field: str, on: date) -> date:
    """The day before which rows are over their retention time."""
    months = retention_rules()[label][field].months
    assert months is not None  # noqa: S101  the caller asks only for fields with a time
    return add_months(on, -months)


def addressed_to(user: User, field: str) -> Q:
    """Rows in which one of the person's addresses stands, whatever its capitals."""
    wanted = Q()
    for address in {user.email, *EmailAddress.objects.filter(user=user).values_list("email", flat=True)}:
        wanted |= Q(**{f"{field}__iexact": address})
    return wanted


# --- The account ------------------------------------------------------------------------------------------------------


def end_sessions(user: User) -> int:
    sessions = UserSession.objects.filter(user=user)
    Session.objects.filter(session_key__in=sessions.values("session_key")).delete()
    ended, _by_model = sessions.delete()
    return int(ended)


def erase_user(user: User) -> int:
    """The row stays, empty and unable to sign in: audit rows and listings lead to it."""
    end_sessions(user)
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    SocialAccount.objects.filter(user=user).delete()
    user.role_grants.all().delete()
    user.email, user.language = f"erased-{user.pk}@{ERASED_DOMAIN}", "fi"
    user.is_active, user.is_superuser, user.erased_at, user.last_login = False, False, timezone.now(), None
    user.set_unusable_password()
    user.save()
    return 1


def expire_users(on: date) -> int:
    """Accounts without a role and without a sign-in for the time of the rule. The contact stays for its own time."""
    before = local_midnight(since("members.User", "email", on))
    held = RoleGrant.objects.filter(Q(ends_on=None) | Q(ends_on__gte=on), user=OuterRef("pk"))
    idle = User.objects.filter(
        Q(last_login__lt=before) | Q(last_login=None, joined_at__lt=before), ~Exists(held), erased_at=None
    )
    count = 0
    for user in idle.exclude(is_superuser=True):
        last_seen = business_date(user.last_login or user.joined_at)
        Person.objects.filter(user=user, last_active_on=None).update(last_active_on=last_seen)
        Person.objects.filter(user=user).update(user=None)
        count += erase_user(user)
    return count


def expire_sessions(on: date) -> int:
    Session.objects.filter(expire_date__lt=local_midnight(on)).delete()
    alive = Session.objects.filter(session_key=OuterRef("session_key"))
    ended, _by_model = UserSession.objects.filter(~Exists(alive)).delete()
    return int(ended)


personal_model(
    User,
    fields=("email", "language"),
    of=lambda user: User.objects.filter(pk=user.pk),
    erase=erase_user,
    expire=expire_users,
    outcome="emptied",
)
personal_model(
    EmailAddress,
    fields=("email",),
    of=lambda user: EmailAddress.objects.filter(user=user),
    erase=lambda user: EmailAddress.objects.filter(user=user).delete()[0],
    expire=lambda on: 0,  # goes with its account
    title=_("E-mail addresses"),
)
personal_model(
    Authenticator,
    fields=(),
    of=lambda user: Authenticator.objects.filter(user=user),
    erase=lambda user: Authenticator.objects.filter(user=user).delete()[0],
    expire=lambda on: 0,  # goes with its account
    export=("type", "created_at", "last_used_at"),
    title=_("Two-factor authentication"),
)
personal_model(
    UserSession,
    fields=("ip", "user_agent"),
    of=lambda user: UserSession.objects.filter(user=user),
    erase=end_sessions,
    expire=expire_sessions,
    export=("created_at", "last_seen_at", "ip", "user_agent"),
    title=_("Sessions"),
)
personal_model(
    SocialAccount,
    fields=("uid", "extra_data"),
    of=lambda user: SocialAccount.objects.filter(user=user),
    erase=lambda user: SocialAccount.objects.filter(user=user).delete()[0],
    expire=lambda on: 0,  # goes with its account
)
personal_model(
    RoleGrant,
    fields=(),
    of=lambda user: RoleGrant.objects.filter(user=user),
    erase=lambda user: RoleGrant.objects.filter(user=user).delete()[0],
    expire=lambda on: 0,  # goes with its account
)

# --- The contact ------------------------------------------------------------------------------------------------------


def contacts_of(user: User) -> QuerySet[Person]:
    """The person's card, and cards without an account that bear one of the person's addresses."""
    return Person.objects.filter(Q(user=user) | (Q(user=None) & addressed_to(user, "email")))


def erase_person(user: User) -> int:
    """The affiliations go before it, by their own entry."""
    people = list(contacts_of(user).values_list("pk", flat=True))
    Affiliation.objects.filter(person__in=people).delete()
    return Person.objects.filter(pk__in=people).delete()[0]


def expire_people(on: date) -> int:
    """Contacts without an account who left their last organisation, and were last active, before the time of the rule.

    One who was never active anywhere is kept until an affiliation has ended: nothing says how old the card is.
    """
    before = since("members.Person", "name", on)
    places = Affiliation.objects.filter(person=OuterRef("pk"))
    lately = places.filter(Q(ends_on=None) | Q(ends_on__gte=before))
    idle = Person.objects.filter(Q(last_active_on__lt=before) | Q(Exists(places), last_active_on=None), user=None)
    people = list(idle.filter(~Exists(lately)).values_list("pk", flat=True))
    Affiliation.objects.filter(person__in=people).delete()
    return Person.objects.filter(pk__in=people).delete()[0]


personal_model(
    Person,
    fields=("name", "email", "phone"),
    of=contacts_of,
    erase=erase_person,
    expire=expire_people,
)
personal_model(
    Affiliation,
    fields=("title",),
    of=lambda user: Affiliation.objects.filter(person__in=contacts_of(user)),
    erase=lambda user: Affiliation.objects.filter(person__in=contacts_of(user)).delete()[0],
    expire=lambda on: 0,  # goes with its person
)

# --- What the portal wrote to the person ------------------------------------------------------------------------------


def mails_to(user: User) -> QuerySet[Mail]:
    return Mail.objects.filter(Q(user=user) | addressed_to(user, "recipient"))


def invitations_to(user: User) -> QuerySet[Invitation]:
    return Invitation.objects.filter(addressed_to(user, "email"))


def applications_by(user: User) -> QuerySet[MembershipApplication]:
    return MembershipApplication.objects.filter(addressed_to(user, "contact_email"))


def expire_mail(on: date) -> int:
    """Also what never left: a password link of half a year ago helps nobody."""
    before = local_midnight(since("members.Mail", "recipient", on))
    return Mail.objects.filter(queued_at__lt=before).delete()[0]


def expire_invitations(on: date) -> int:
    before = local_midnight(since("members.Invitation", "email", on))
    return Invitation.objects.filter(invited_at__lt=before).delete()[0]


def empty_applications(rows: QuerySet[MembershipApplication]) -> int:
    """The organisation's application stays; its contact goes."""
    return rows.exclude(contact_email="").update(contact_name="", contact_email="", contact_phone="")


def expire_applications(on: date) -> int:
    before = local_midnight(since("members.MembershipApplication", "contact_name", on))
    return empty_applications(MembershipApplication.objects.filter(decided_at__lt=before))


def expire_notices(on: date) -> int:
    before = local_midnight(since("members.Notification", "params", on))
    return Notification.objects.filter(made_at__lt=before).delete()[0]


personal_model(
    Mail,
    fields=("recipient", "subject", "text", "html"),
    of=mails_to,
    erase=lambda user: mails_to(user).delete()[0],
    expire=expire_mail,
)
personal_model(
    Invitation,
    fields=("email", "name"),
    of=invitations_to,
    erase=lambda user: invitations_to(user).delete()[0],
    expire=expire_invitations,
)
personal_model(
    MembershipApplication,
    fields=("contact_name", "contact_email", "contact_phone"),
    of=applications_by,
    erase=lambda user: empty_applications(applications_by(user)),
    expire=expire_applications,
    outcome="emptied",
)
personal_model(
    Notification,
    fields=("params",),
    of=lambda user: Notification.objects.filter(user=user),
    erase=lambda user: Notification.objects.filter(user=user).delete()[0],
    expire=expire_notices,
)

# --- What the person did ----------------------------------------------------------------------------------------------


def expire_runs(on: date) -> int:
    before = local_midnight(since("members.JobRun", "rows", on))
    return JobRun.objects.filter(state=JobRun.State.DONE, finished_at__lt=before).delete()[0]


personal_model(
    JobRun,
    fields=(),
    of=lambda user: JobRun.objects.filter(started_by=user),
    erase=lambda user: JobRun.objects.filter(started_by=user).update(started_by=None),
    expire=expire_runs,
    outcome="emptied",
    export=("job", "queued_at", "state"),
)
personal_model(
    AuditEntry,
    fields=(),
    of=lambda user: AuditEntry.objects.filter(actor=user),
    erase=lambda user: 0,  # the database refuses; the rows lead to an empty account
    expire=lambda on: 0,
    outcome="kept",
    export=("at", "action", "what"),
)
