"""Cancelling an invitation."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Invitation, Mail
from members.permissions import Role
from members.services.people import invite
from tests.factories.members import create_member, create_org_admin, create_organisation
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db


def test_a_cancelled_link_does_not_work_any_more(client: Client) -> None:
    organisation = create_organisation()
    admin = create_org_admin(organisation)
    invitation = invite(
        by=admin, organisation=organisation, email="new@kisu.example", name="New", role=Role.MEMBER,
        language="fi", now=timezone.now(),
    )  # fmt: skip
    link = "/kutsu/" + Mail.objects.get().text.partition("/kutsu/")[2].split()[0]
    assert client.get(link).status_code == 200

    revoke = reverse("members:invitation_revoke", args=[organisation.pk, invitation.pk])
    assert client_of(create_member(organisation)).post(revoke).status_code == 403
    other = create_organisation()
    foreign = reverse("members:invitation_revoke", args=[other.pk, invitation.pk])
    assert client_of(create_org_admin(other)).post(foreign).status_code == 404
    assert client.get(link).status_code == 200

    assert client_of(admin).post(revoke).status_code == 302
    assert client.get(link).status_code == 404
    assert client_of(admin).post(revoke).status_code == 404
    assert Invitation.objects.get().accepted_at is None
