"""Who belongs to an organisation in the portal: invitations, joining, leaving, roles."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from kisu.lib.collation import finnish_order
from kisu.lib.dates import business_date
from members.models import Affiliation, AuditEntry, Invitation, Organisation, Person, Region, RoleGrant, User
from members.permissions import Permission, Role
from members.services import MembersError
from members.services.audit import record, record_change, record_creation, snapshot
from members.services.mail import queue_mail

INVITATION_LASTS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody in an organisation; `grant` is the role there, None for a contact who does not sign in."""

    person: Person
    title: str
    since: date
    grant: RoleGrant | None

    @property
    def is_admin(self) -> bool:
        return self.grant is not None and self.grant.role == Role.ORG_ADMIN


@transaction.atomic
def read_people(*, by: User, organisation: Organisation, on: date) -> list[Colleague]:
    """Who works there, by name. Reading from outside the organisation is recorded (docs/roles.md, rows 17 and 19)."""
    affiliations = organisation.affiliations.in_force(on=on).select_related("person__user")
    grants: dict[int, RoleGrant] = {}
    for grant in organisation.role_grants.in_force(on=on):
        if grant.user_id not in grants or grant.role == Role.ORG_ADMIN:
            grants[grant.user_id] = grant
    if organisation.pk not in by.reach(Permission.ORGANISATION_PEOPLE).organisations:
        record(by=by, action=AuditEntry.Action.READ, instance=organisation, what="people of an organisation read")
    return [
        Colleague(
            person=affiliation.person,
            title=affiliation.title,
            since=affiliation.starts_on,
            grant=grants.get(affiliation.person.user_id or 0),
        )
        for affiliation in affiliations.order_by(finnish_order("person__name"), "pk")
    ]


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(
    *, by: User, organisation: Organisation, email: str, name: str, role: Role, language: str, now: datetime
) -> Invitation:
    """Writes an invitation and its mail. An open one to the same address is replaced: the newest link works.

    Nothing tells the inviter whether the address has an account. Raises MembersError for an organisation that is no
    member, and for somebody who holds a role in it.
    """
    _lock(organisation)
    if not organisation.is_member:
        raise MembersError(_("Only a member organisation can invite people."))
    email = email.strip().lower()
    if organisation.role_grants.in_force(on=business_date(now)).filter(user__email__iexact=email).exists():
        raise MembersError(_("This person is in the organisation already."))
    Invitation.objects.filter(email__iexact=email, organisation=organisation, accepted_at=None, revoked_at=None).update(
        revoked_at=now
    )
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=email,
        name=name,
        organisation=organisation,
        role=role,
        language=language,
        token_hash=hash_of(token),
        invited_by=by,
        expires_at=now + INVITATION_LASTS,
    )
    record_creation(by=by, instance=invitation, what="person invited", organisation=organisation)
    queue_mail(
        template="members/mail/invitation",
        recipient=email,
        language=language,
        context={
            "name": name,
            "organisation": organisation,
            "link": settings.SITE_URL + reverse("members:invitation_accept", args=[token]),
            "expires_at": invitation.expires_at,
        },
    )
    return invitation


@transaction.atomic
def revoke_invitation(*, by: User, invitation: Invitation, now: datetime) -> None:
    if Invitation.objects.open(now=now).filter(pk=invitation.pk).update(revoked_at=now):
        record(
            by=by,
            action=AuditEntry.Action.CHANGED,
            instance=invitation,
            what="invitation revoked",
            organisation=invitation.organisation,
        )


def _lock(organisation: Organisation) -> None:
    """Until the transaction ends nobody else changes who belongs to it: two admins can't demote each other at once."""
    Organisation.objects.select_for_update().get(pk=organisation.pk)


def invitation_for(*, token: str, now: datetime) -> Invitation | None:
    """The open invitation behind a link; None for one that is used, revoked, old or never was."""
    return (
        Invitation.objects.open(now=now)
        .select_related("organisation__municipality__region")
        .filter(token_hash=hash_of(token), organisation__state=Organisation.State.MEMBER)
        .first()
    )


@transaction.atomic
def accept_invitation(*, invitation: Invitation, user: User | None, name: str, password: str, now: datetime) -> User:
    """Opens the account (or takes the signed-in one), with person, affiliation and role. The first press wins.

    Raises MembersError when the link was used meanwhile, or when the address has an account that is not signed in:
    the link proves the address, but not the password of an account that exists.
    """
    if not Invitation.objects.open(now=now).filter(pk=invitation.pk).update(accepted_at=now):
        raise MembersError(_("This invitation has been used or is too old. Ask for a new one."))
    if user is None:
        if User.objects.filter(email__iexact=invitation.email).exists():
            raise MembersError(_("Sign in first, then open the link again."))
        try:
            with transaction.atomic():
                user = User.objects.create_user(invitation.email, password, language=invitation.language)
        except IntegrityError as error:  # another invitation to the same address was accepted at this moment
            raise MembersError(_("Sign in first, then open the link again.")) from error
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    elif user.email.lower() != invitation.email.lower():
        raise MembersError(_("The invitation is for another address. Sign out first, then open the link again."))
    today = business_date(now)
    Person.objects.get_or_create(
        user=user, defaults={"name": name or invitation.name, "email": user.email, "last_active_on": today}
    )
    held = RoleGrant.objects.in_force(on=today).filter(user=user, organisation=invitation.organisation)
    # An old invitation as a member never takes an admin's role away.
    if not held.filter(role=Role.ORG_ADMIN).exists():
        set_role(
            by=user,
            user=user,
            organisation=invitation.organisation,
            role=Role(invitation.role),
            on=today,
            granted_by=invitation.invited_by,
        )
    record(
        by=user,
        action=AuditEntry.Action.CHANGED,
        instance=invitation,
        what="invitation accepted",
        organisation=invitation.organisation,
    )
    return user


@transaction.atomic
def set_role(
    *,
    by: User,
    user: User,
    organisation: Organisation,
    role: Role,
    on: date,
    ends_on: date | None = None,
    granted_by: User | None = None,
) -> RoleGrant:
    """Makes a person member or admin of an organisation, and lists them there: one open grant of the two.

    Raises MembersError when that would leave the organisation without an admin.
    """
    _lock(organisation)
    person, _made = Person.objects.get_or_create(user=user, defaults={"name": user.email, "email": user.email})
    if not person.affiliations.in_force(on=on).filter(organisation=organisation).exists():
        Affiliation.objects.create(person=person, organisation=organisation, starts_on=on)
    held = RoleGrant.objects.in_force(on=on).filter(user=user, organisation=organisation)
    same = held.filter(role=role).first()
    if same is not None:
        return same
    if role is Role.MEMBER and held.filter(role=Role.ORG_ADMIN).exists():
        _keep_an_admin(organisation=organisation, without=user, on=on)
    for grant in held:
        _end(by=by, grant=grant, on=on)
    grant = RoleGrant.objects.create(
        user=user, role=role, organisation=organisation, starts_on=on, ends_on=ends_on, granted_by=granted_by or by
    )
    record_creation(by=by, instance=grant, what="role granted", organisation=organisation)
    return grant


@transaction.atomic
def remove_from_organisation(*, by: User, person: Person, organisation: Organisation, now: datetime) -> None:
    """Ends the affiliation and the roles in the organisation at once; the account and other organisations stay.

    Raises MembersError for the last admin.
    """
    _lock(organisation)
    today = business_date(now)
    if person.user is not None:
        grants = RoleGrant.objects.in_force(on=today).filter(user=person.user, organisation=organisation)
        if grants.filter(role=Role.ORG_ADMIN).exists():
            _keep_an_admin(organisation=organisation, without=person.user, on=today)
        for grant in grants:
            _end(by=by, grant=grant, on=today)
    for affiliation in person.affiliations.in_force(on=today).filter(organisation=organisation):
        # The last day is yesterday, so that the list is without the person at once; who came today was not there a day.
        if affiliation.starts_on >= today:
            record(
                by=by,
                action=AuditEntry.Action.DELETED,
                instance=affiliation,
                what="person removed",
                organisation=organisation,
            )
            affiliation.delete()
            continue
        before = snapshot(affiliation)
        affiliation.ends_on = today - timedelta(days=1)
        affiliation.save(update_fields=["ends_on"])
        record_change(by=by, instance=affiliation, before=before, what="person removed", organisation=organisation)


def _keep_an_admin(*, organisation: Organisation, without: User, on: date) -> None:
    admins = RoleGrant.objects.in_force(on=on).filter(organisation=organisation, role=Role.ORG_ADMIN)
    others = admins.filter(user__is_active=True).exclude(user=without)
    if not others.exists():
        raise MembersError(_("An organisation needs an admin. Make somebody else an admin first."))


def _end(*, by: User, grant: RoleGrant, on: date) -> None:
    """Ends a grant at once: it is not in force on its last day any more when it ended today, so it ends yesterday.

    A grant that started today never held a whole day; it is deleted, and the audit log keeps it.
    """
    if grant.starts_on >= on:
        record(
            by=by, action=AuditEntry.Action.DELETED, instance=grant, what="role ended", organisation=grant.organisation
        )
        grant.delete()
        return
    before = snapshot(grant)
    grant.ends_on = on - timedelta(days=1)
    grant.save(update_fields=["ends_on"])
    record_change(
        by=by, instance=grant, before=before, what="role ended", organisation=grant.organisation, region=grant.region
    )


@transaction.atomic
def grant_role(
    *,
    by: User,
    user: User,
    role: Role,
    organisation: Organisation | None,
    region: Region | None,
    package: str,
    starts_on: date,
    ends_on: date | None,
) -> RoleGrant:
    """Grants any role with its scope (docs/roles.md, rows 48-50).

    Raises MembersError for oneself, for staff by anyone but an administrator, and for a grant that is open already.
    """
    if by == user:
        raise MembersError(_("Nobody grants roles to themselves."))
    if role is Role.STAFF and not by.is_superuser:
        raise MembersError(_("Only an administrator makes somebody staff."))
    if role in {Role.MEMBER, Role.ORG_ADMIN}:
        assert organisation is not None  # noqa: S101  the form asks for it, and the database too
        return set_role(by=by, user=user, organisation=organisation, role=role, on=starts_on, ends_on=ends_on)
    try:
        with transaction.atomic():
            grant = RoleGrant.objects.create(
                user=user,
                role=role,
                region=region,
                package=package,
                starts_on=starts_on,
                ends_on=ends_on,
                granted_by=by,
            )
    except IntegrityError as error:
        raise MembersError(_("The person has this role already, or the role has no scope like that.")) from error
    record_creation(by=by, instance=grant, what="role granted", region=region)
    return grant


@transaction.atomic
def end_role(*, by: User, grant: RoleGrant, now: datetime) -> None:
    """Ends a role at once: the person's next request is without it."""
    if grant.role == Role.STAFF and not by.is_superuser:
        raise MembersError(_("Only an administrator ends a staff role."))
    if grant.ends_on is not None and grant.ends_on < business_date(now):
        raise MembersError(_("The role has ended already."))
    if grant.role == Role.ORG_ADMIN and grant.organisation is not None:
        _lock(grant.organisation)
        _keep_an_admin(organisation=grant.organisation, without=grant.user, on=business_date(now))
    _end(by=by, grant=grant, on=business_date(now))


def read_account(*, by: User, account: User) -> None:
    """Records that somebody looked at another's account."""
    if by != account:
        record(by=by, action=AuditEntry.Action.READ, instance=account, what="account read")


@transaction.atomic
def disable_user(*, by: User, user: User) -> None:
    """Takes sign-in away and ends every session at once; roles stay, and do nothing until the account is enabled.

    Raises MembersError for oneself, and for staff and administrators by anyone but an administrator.
    """
    _may_switch(by=by, user=user)
    before = snapshot(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    for session in UserSession.objects.filter(user=user):
        session.end()
    record_change(by=by, instance=user, before=before, what="account disabled")


@transaction.atomic
def enable_user(*, by: User, user: User) -> None:
    """Lets an account sign in again. Raises MembersError as disable_user does, and for an erased one."""
    _may_switch(by=by, user=user)
    if user.erased_at is not None:
        raise MembersError(_("The account has been erased."))
    before = snapshot(user)
    user.is_active = True
    user.save(update_fields=["is_active"])
    record_change(by=by, instance=user, before=before, what="account enabled")


def _may_switch(*, by: User, user: User) -> None:
    if by == user:
        raise MembersError(_("Nobody disables or enables their own account."))
    # Asked of the grants themselves: a disabled account has no roles.
    keeps_the_portal = user.is_superuser or user.role_grants.filter(role=Role.STAFF, ends_on=None).exists()
    if keeps_the_portal and not by.is_superuser:
        raise MembersError(_("Only an administrator disables or enables staff."))


@transaction.atomic
def update_profile(*, by: User, name: str, phone: str, language: str) -> None:
    """Changes a person's own card, and the language of the account's mail."""
    person, _made = Person.objects.get_or_create(user=by, defaults={"name": name, "email": by.email})
    before = snapshot(person)
    person.name, person.phone = name, phone
    person.save(update_fields=["name", "phone"])
    record_change(by=by, instance=person, before=before, what="profile changed")
    before = snapshot(by)
    by.language = language
    by.save(update_fields=["language"])
    record_change(by=by, instance=by, before=before, what="profile changed")
