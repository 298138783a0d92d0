from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Any

from django.utils import timezone
from stdnum.fi import ytunnus

from kisu.lib.dates import business_date
from members.models import (
    Affiliation,
    Industry,
    MembershipApplication,
    Municipality,
    Organisation,
    Person,
    Region,
    RoleGrant,
    User,
)
from members.permissions import Role

PASSWORD = "a long test password"
_numbers = count(1)


def create_business_id() -> str:
    """A free Business ID with a right check digit, far from real ones."""
    while True:
        seven = f"{9_000_000 + next(_numbers)}"
        for digit in "0123456789":
            if ytunnus.is_valid(seven + digit):
                return f"{seven}-{digit}"


def region(code: str = "13") -> Region:
    """Keski-Suomi unless the test says another."""
    return Region.objects.get(code=code)


def municipality(name: str = "Jyväskylä") -> Municipality:
    return Municipality.objects.get(name_fi=name, valid_until=None)


def create_organisation(*, municipality_name: str = "Jyväskylä", **fields: Any) -> Organisation:
    number = next(_numbers)
    state = fields.get("state", Organisation.State.MEMBER)
    values: dict[str, Any] = {
        "name": f"Organisation {number}",
        "kind": Organisation.Kind.COMPANY,
        "business_id": create_business_id(),
        "municipality": municipality(municipality_name),
        "industry": Industry.objects.get(classification="TOL2008", code="16"),
        "state": state,
        "joined_on": date(2022, 6, 10) if state in {"member", "left"} else None,
        "left_on": date(2024, 1, 1) if state == "left" else None,
    }
    return Organisation.objects.create(**values | fields)


def create_user(
    email: str = "", *, person: bool = True, organisation: Organisation | None = None, **fields: Any
) -> User:
    email = email or f"user{next(_numbers)}@kisu.example"
    user = User.objects.create_user(email, PASSWORD, **fields)
    if person:
        contact = Person.objects.create(user=user, name=email.partition("@")[0].capitalize(), email=email)
        if organisation is not None:
            Affiliation.objects.create(person=contact, organisation=organisation, starts_on=date(2022, 6, 10))
    return user


def grant(user: User, role: Role, **fields: Any) -> RoleGrant:
    """A role from yesterday on, open."""
    yesterday = business_date(timezone.now()) - timedelta(days=1)
    for kept in ("grants", "roles", "_reaches"):
        user.__dict__.pop(kept, None)
    return RoleGrant.objects.create(**{"user": user, "role": role, "starts_on": yesterday} | fields)


def create_member(organisation: Organisation | None = None, *, role: Role = Role.MEMBER, **fields: Any) -> User:
    organisation = organisation or create_organisation()
    user = create_user(organisation=organisation, **fields)
    grant(user, role, organisation=organisation)
    return user


def create_org_admin(organisation: Organisation | None = None, **fields: Any) -> User:
    return create_member(organisation, role=Role.ORG_ADMIN, **fields)


def create_coordinator(region_code: str = "13", **fields: Any) -> User:
    user = create_user(**fields)
    grant(user, Role.COORDINATOR, region=region(region_code))
    return user


def create_staff(**fields: Any) -> User:
    user = create_user(**fields)
    grant(user, Role.STAFF)
    return user


def create_with_role(role: Role, **fields: Any) -> User:
    """Someone with a role that has no organisation or region: expert, steering, comms, wp_lead (give package), superuser."""
    if role is Role.SUPERUSER:
        return create_user(is_superuser=True)
    user = create_user()
    grant(user, role, **fields)
    return user


def create_application(**fields: Any) -> MembershipApplication:
    number = next(_numbers)
    values: dict[str, Any] = {
        "name": f"Applicant {number}",
        "business_id": create_business_id(),
        "kind": Organisation.Kind.COMPANY,
        "municipality": municipality(),
        "contact_name": "Contact of the applicant",
        "contact_email": f"applicant{number}@kisu.example",
    }
    return MembershipApplication.objects.create(**values | fields)
