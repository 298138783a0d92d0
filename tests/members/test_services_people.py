"""Rules of belonging that no page shows by itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from kisu.lib.dates import today
from members.models import Affiliation, Invitation, User
from members.permissions import Role
from members.services import MembersError
from members.services.people import (
    accept_invitation,
    enable_user,
    grant_role,
    invitation_for,
    invite,
    remove_from_organisation,
    set_role,
)
from tests.factories.members import create_org_admin, create_organisation, create_staff, create_user

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def invited(email: str = "new@kisu.example") -> Invitation:
    organisation = create_organisation()
    return invite(
        by=create_org_admin(organisation),
        organisation=organisation,
        email=email,
        name="New",
        role=Role.MEMBER,
        language="fi",
        now=NOW,
    )


def test_of_two_who_accept_at_once_the_first_wins() -> None:
    """Both read the invitation while it was open; the claim decides."""
    invitation = invited()
    stale = Invitation.objects.get(pk=invitation.pk)
    accept_invitation(invitation=invitation, user=None, name="First", password="x" * 12, now=NOW)
    with pytest.raises(MembersError, match="has been used"):
        accept_invitation(invitation=stale, user=None, name="Second", password="y" * 12, now=NOW)
    assert User.objects.get(email="new@kisu.example").person.name == "First"


def test_an_existing_account_is_never_taken_by_the_link_alone() -> None:
    invitation = invited()
    user = create_user("new@kisu.example")
    with pytest.raises(MembersError, match="Sign in first"):
        accept_invitation(invitation=invitation, user=None, name="Thief", password="z" * 12, now=NOW)
    invitation.refresh_from_db()
    assert invitation.accepted_at is None
    assert not user.role_grants.exists()


def test_an_invitation_lasts_fourteen_days(
    django_capture_on_commit_callbacks: object, rung: list[tuple[str, int]]
) -> None:
    from members.models import Mail

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        invited()
    mail = Mail.objects.get()
    assert rung == [("members.send_mail", mail.pk)]
    token = mail.text.partition("/kutsu/")[2].partition("/")[0]
    assert invitation_for(token=token, now=NOW + timedelta(days=14) - timedelta(seconds=1)) is not None
    assert invitation_for(token=token, now=NOW + timedelta(days=14)) is None


def test_who_is_removed_can_come_back_on_the_same_day() -> None:
    organisation = create_organisation()
    admin, user = create_org_admin(organisation), create_user()
    set_role(by=admin, user=user, organisation=organisation, role=Role.MEMBER, on=today())
    remove_from_organisation(by=admin, person=user.person, organisation=organisation, now=NOW)
    assert not Affiliation.objects.filter(person=user.person).exists()
    set_role(by=admin, user=user, organisation=organisation, role=Role.ORG_ADMIN, on=today())
    assert user.role_grants.get().role == "org_admin"


def test_a_role_in_an_organisation_lists_the_person_there_once() -> None:
    organisation = create_organisation()
    admin, user = create_org_admin(organisation), create_user(person=False)
    for role in (Role.MEMBER, Role.ORG_ADMIN, Role.MEMBER):
        set_role(by=admin, user=user, organisation=organisation, role=role, on=today())
    assert organisation.affiliations.filter(person__user=user).count() == 1


def test_an_erased_account_is_not_enabled() -> None:
    user = create_user(is_active=False, erased_at=NOW)
    with pytest.raises(MembersError, match="erased"):
        enable_user(by=create_staff(), user=user)


def test_staff_cannot_make_staff_by_the_service_either() -> None:
    with pytest.raises(MembersError, match="Only an administrator"):
        grant_role(
            by=create_staff(),
            user=create_user(),
            role=Role.STAFF,
            organisation=None,
            region=None,
            package="",
            starts_on=today(),
            ends_on=None,
        )
