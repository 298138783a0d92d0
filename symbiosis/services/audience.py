"""Whom the portal tells about what happens between two organisations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from members.models import Organisation, RoleGrant, User
from members.permissions import Role

PEOPLE = (Role.MEMBER, Role.ORG_ADMIN)


def people_of(organisation: Organisation, *, on: date) -> list[User]:
    """Those who hold a role in the organisation on that day."""
    grants = RoleGrant.objects.in_force(on=on).filter(organisation=organisation, role__in=PEOPLE)
    return list(User.objects.active().filter(pk__in=grants.values("user")).order_by("pk"))


def audience_of(organisations: Iterable[Organisation], *, on: date) -> dict[int, list[User]]:
    """By organisation its people; for one that has none in the portal the coordinators of its region, who act for it.

    Two queries however many organisations; needs municipalities selected.
    """
    asked = {organisation.pk: organisation for organisation in organisations}
    grants = (
        RoleGrant.objects.in_force(on=on).filter(user__is_active=True).select_related("user").order_by("user", "pk")
    )
    found: defaultdict[int, dict[int, User]] = defaultdict(dict)
    for grant in grants.filter(organisation__in=asked, role__in=PEOPLE):
        found[grant.organisation_id or 0][grant.user_id] = grant.user
    regions: defaultdict[int, dict[int, User]] = defaultdict(dict)
    lonely = {organisation.municipality.region_id for pk, organisation in asked.items() if pk not in found}
    for grant in grants.filter(region__in=lonely, role=Role.COORDINATOR):
        regions[grant.region_id or 0][grant.user_id] = grant.user
    return {
        pk: list((found.get(pk) or regions.get(organisation.municipality.region_id) or {}).values())
        for pk, organisation in asked.items()
    }
