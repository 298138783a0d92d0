"""Builds the two tenants with the factories, and one user of each role on the own side."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import time_machine
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.utils import timezone

from members.models import AuditEntry, Heartbeat, Invitation, JobRun, Mail, Notification, Organisation, RoleGrant, User
from members.permissions import Role
from members.services.audit import record_creation
from members.services.people import hash_of
from symbiosis.models import AddedTerm, Attachment, MatchingRelease
from tests.factories import members as make
from tests.factories import symbiosis as stuff
from tests.factories.sessions import client_of
from tests.permissions.world import CANARY, Tenant, World
from workpackages import plan_file
from workpackages.models import Indicator, Value
from workpackages.services.plan import load_plan


def build_world() -> World:
    load_plan(plan=plan_file.load())
    Heartbeat.objects.update_or_create(name="beat", defaults={"at": timezone.now()})
    if broker := getattr(settings, "BROKER_DIR", None):
        Path(broker).mkdir(parents=True, exist_ok=True)
    own, own_admin = _tenant(tag="OWN", place="Jyväskylä")
    other, _other_admin = _tenant(tag=CANARY, place="Helsinki")
    organisation: Organisation = own.objects["organisation"]
    users: dict[str, User | AnonymousUser] = {
        "anon": AnonymousUser(),
        "member": own.objects["member"],
        "org_admin": own_admin,
        "coordinator": make.create_coordinator("13"),
        "expert": make.create_with_role(Role.EXPERT),
        "steering": make.create_with_role(Role.STEERING),
        "comms": make.create_with_role(Role.COMMS),
        "wp_lead": make.create_with_role(Role.WP_LEAD, package="TP4"),
        "staff": make.create_staff(),
        "superuser": make.create_with_role(Role.SUPERUSER),
    }
    assert organisation.municipality.region.code == "13"
    # Signed in an hour ahead, so that however long the run takes, re-authentication is not asked for.
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        browsers = {role: client_of(user) if user.is_authenticated else Client() for role, user in users.items()}
    # Else the deferred checks of all these rows run again in every test: its savepoint takes back that they have run.
    connection.check_constraints()
    cookies = {role: {name: one.value for name, one in browser.cookies.items()} for role, browser in browsers.items()}
    return World(own=own, other=other, cookies=cookies)


def _tenant(*, tag: str, place: str) -> tuple[Tenant, User]:
    """An organisation with every kind of object. What is public of it holds no tag; all else does."""
    now = timezone.now()
    organisation = make.create_organisation(municipality_name=place)
    partner = make.create_organisation(municipality_name=place)
    prospect = make.create_organisation(
        municipality_name=place, name=f"{tag} prospect", state=Organisation.State.PROSPECT
    )
    member = make.create_member(organisation, email=f"{tag}-member@kisu.example")
    admin = make.create_org_admin(organisation, email=f"{tag}-admin@kisu.example")
    make.create_org_admin(organisation, email=f"{tag}-admin2@kisu.example")
    for user in (member, admin):
        user.person.name, user.person.phone = f"{tag} name", f"{tag} phone"
        user.person.save()
    draft = stuff.create_listing(
        organisation=organisation, title=f"{tag} draft", description=f"{tag} text", state="draft", created_by=member
    )
    in_review = stuff.create_listing(
        organisation=organisation,
        title=f"{tag} in review",
        description=f"{tag} text",
        state="in_review",
        created_by=member,
    )
    # Who posted what is published is named to members (docs/roles.md, row 2), so this name holds no tag.
    poster = make.create_member(organisation)
    offer = stuff.create_listing(organisation=organisation, created_by=poster)
    need = stuff.create_need(organisation=partner)
    stuff.create_reading(listing=offer, main_material=f"{tag}-material")
    stuff.create_correction(listing=offer, target=f"material:{tag}-material", made_by=member)
    match = stuff.create_match(
        offer=offer,
        need=need,
        reasons=[{"code": "same_material", "for_it": True, "params": {"material": f"{tag} material"}}],
    )
    lonely = stuff.create_match(
        offer=stuff.create_listing(organisation=organisation), need=stuff.create_need(organisation=partner)
    )
    small = [stuff.create_listing(organisation=organisation) for _number in range(2)]
    stuff.create_pool(need=stuff.create_need(organisation=partner), offers=small, unit=f"{tag}-unit")
    stuff.create_chain(
        offer=stuff.create_listing(organisation=organisation),
        need=stuff.create_need(organisation=partner),
        treatment=f"{tag}-treatment",
    )
    enquiry = stuff.create_enquiry(listing=offer, sender=partner, by=member, text=f"{tag} message")
    stuff.create_synergy(stage="realised", giver=organisation, receiver=partner)
    synergy = stuff.create_synergy(title=f"{tag} synergy", giver=organisation, receiver=partner, match=match)
    application = make.create_application(
        name=f"{tag} applicant",
        reason=f"{tag} reason",
        contact_name=f"{tag} contact",
        contact_email=f"{tag}-applicant@kisu.example",
        municipality=organisation.municipality,
    )
    token = f"{tag}-token-{'x' * 40}"
    invitation = Invitation.objects.create(
        email=f"{tag}-invited@kisu.example",
        name=f"{tag} invited",
        organisation=organisation,
        role=Role.MEMBER,
        token_hash=hash_of(token),
        invited_by=admin,
        expires_at=now + timedelta(days=7),
    )
    record_creation(by=admin, instance=draft, what="listing created", organisation=organisation)
    AuditEntry.objects.create(
        actor=admin, action="changed", model="members.Organisation", object_id=str(organisation.pk),
        label=str(organisation), what="organisation card edited", changes={"website": ["", f"{tag} change"]},
        organisation=organisation, region=organisation.municipality.region,
    )  # fmt: skip
    attachment = Attachment.objects.create(
        listing=draft, name=f"{tag}.pdf", stored_as=f"{tag:_<32}.pdf", content_type="application/pdf", size=9
    )
    address = EmailAddress.objects.create(user=member, email=f"{tag}-new@kisu.example", verified=False)
    indicator = Indicator.objects.get(code="organisations-in-network")
    Value.objects.create(indicator=indicator, on=date(2026, 1, 31 if tag == "OWN" else 30), amount=1, origin="counted")
    objects: dict[str, Any] = {
        "confirmation": EmailConfirmationHMAC(address).key,
        "counted": Indicator.objects.get(code="organisations-in-network"),
        "tp4": Indicator.objects.filter(package__code="TP4", metric="").first(),
        "tp1": Indicator.objects.filter(package__code="TP1", metric="").first(),
        "attachment": attachment,
        "organisation": organisation,
        "prospect": prospect,
        "member": member,
        "person": member.person,
        "admin": admin,
        "grant": RoleGrant.objects.get(user=member),
        "notice": Notification.objects.create(user=member, kind="match_found", params={"title": f"{tag} notice"}, url="/"),
        "job": JobRun.objects.create(
            job="symbiosis.match_listings", arguments={"tenant": tag}, state="parked", started_by=admin,
            traceback=f"{tag} traceback", not_before=now, finished_at=now,
        ),
        "mail": Mail.objects.create(
            recipient=f"{tag}@kisu.example", subject=f"{tag} subject", text=f"{tag} text",
            state="failed", not_before=now,
        ),
        "term": AddedTerm.objects.create(
            target="material:sawdust", language="fi", pattern=f"{tag.lower()}puru", added_by=admin, added_at=now
        ),
        "release": MatchingRelease.objects.create(version=tag, state="dropped", created_by=admin, created_at=now),
        "draft": draft,
        "in_review": in_review,
        "offer": offer,
        "need": need,
        "match": match,
        "lonely": lonely,
        "enquiry": enquiry,
        "synergy": synergy,
        "application": application,
        "invitation": invitation,
        "token": token,
    }  # fmt: skip
    return Tenant(tag=tag, objects=objects), admin
