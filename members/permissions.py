"""Who may do what: one enum of roles, one of permissions, one table. Source: docs/roles.md.

A cell of the table says how far a role reaches with a permission. A user's reach is the union over today's grants,
each within its own scope (organisation, region, work package). No row inherits from another silently.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from members.models import User


class Role(models.TextChoices):
    MEMBER = "member", _("Member")
    ORG_ADMIN = "org_admin", _("Organisation admin")
    COORDINATOR = "coordinator", _("Regional coordinator")
    EXPERT = "expert", _("Expert")
    STEERING = "steering", _("Steering group member")
    COMMS = "comms", _("Communications officer")
    WP_LEAD = "wp_lead", _("Work package lead")
    STAFF = "staff", _("Service centre staff")
    SUPERUSER = "superuser", _("Administrator")


class Scope(Enum):
    """How far a role reaches: own objects, the grant's organisation, region or package, figures only, or all."""

    OWN = "own"
    ORGANISATION = "organisation"
    REGION = "region"
    PACKAGE = "package"
    AGGREGATE = "aggregate"
    ALL = "all"


class Permission(Enum):
    LISTING_CONTACT = "see who to contact about a listing"
    LISTING_CREATE = "post a listing"
    LISTING_EDIT = "edit or withdraw a listing, its files"
    LISTING_MODERATE = "approve, reject or hide a listing"
    ENQUIRY = "write about a listing and read the answers"
    MATCH_READ = "see suggested matches"
    MATCH_ANSWER = "answer a suggested match"
    KNOWLEDGE = "change what the matching knows, and release it"
    SYNERGY_READ = "see synergies"
    SYNERGY_EDIT = "take a synergy from stage to stage"
    PROFILE = "own profile, sessions, notices"
    OWN_DATA = "export or erase own personal data"
    ORGANISATION_REGISTER = "see organisations that are not members"
    ORGANISATION_EDIT = "edit an organisation's card"
    ORGANISATION_PEOPLE = "see who works in an organisation"
    ORGANISATION_PEOPLE_MANAGE = "invite and remove an organisation's people"
    APPLICATION_DECIDE = "approve or reject a membership application"
    USER_READ = "see accounts and their roles"
    ROLE_GRANT = "grant and end roles"
    DASHBOARD = "signed-in desk and calendar"
    STEERING_VIEW = "steering dashboard, budget and person-days"
    INDICATOR_ROWS = "see the rows behind an indicator"
    INDICATOR_VALUE = "enter or correct an indicator's value"
    INDICATOR_DEFINE = "define an indicator, its target, recount"
    AUDIT_READ = "read the audit log"
    JOBS = "see, start and retry jobs"
    ADMIN = "the Django admin"


A, G, O, R, W, N = Scope.ALL, Scope.ORGANISATION, Scope.OWN, Scope.REGION, Scope.PACKAGE, Scope.AGGREGATE  # noqa: E741

# The number is the row of docs/roles.md.
TABLE: dict[Permission, dict[Role, Scope]] = {
    Permission.LISTING_CONTACT: {  # 2
        Role.MEMBER: A, Role.ORG_ADMIN: A, Role.COORDINATOR: A, Role.EXPERT: A, Role.STAFF: A, Role.SUPERUSER: A,
    },
    Permission.LISTING_CREATE: {Role.MEMBER: G, Role.ORG_ADMIN: G, Role.COORDINATOR: R, Role.STAFF: A, Role.SUPERUSER: A},  # 4
    Permission.LISTING_EDIT: {Role.MEMBER: O, Role.ORG_ADMIN: G, Role.COORDINATOR: R, Role.STAFF: A, Role.SUPERUSER: A},  # 5, 8
    Permission.LISTING_MODERATE: {Role.COORDINATOR: R, Role.STAFF: A, Role.SUPERUSER: A},  # 6
    Permission.ENQUIRY: {  # 9, 10
        Role.MEMBER: G, Role.ORG_ADMIN: G, Role.COORDINATOR: R, Role.EXPERT: O, Role.STAFF: A, Role.SUPERUSER: A,
    },
    Permission.MATCH_READ: {Role.MEMBER: G, Role.ORG_ADMIN: G, Role.COORDINATOR: R, Role.STAFF: A, Role.SUPERUSER: A},
    Permission.MATCH_ANSWER: {Role.MEMBER: G, Role.ORG_ADMIN: G, Role.COORDINATOR: R, Role.STAFF: A, Role.SUPERUSER: A},
    Permission.KNOWLEDGE: {Role.STAFF: A, Role.SUPERUSER: A},
    Permission.SYNERGY_READ: {Role.MEMBER: G, Role.ORG_ADMIN: G, Role.COORDINATOR: R, Role.STAFF: A, Role.SUPERUSER: A},
    Permission.SYNERGY_EDIT: {Role.COORDINATOR: R, Role.STAFF: A, Role.SUPERUSER: A},
    Permission.PROFILE: dict.fromkeys(Role, O),  # 12
    Permission.OWN_DATA: dict.fromkeys(Role, O),  # 13
    Permission.ORGANISATION_REGISTER: {Role.COORDINATOR: R, Role.STAFF: A, Role.SUPERUSER: A},  # 15, 19
    Permission.ORGANISATION_EDIT: {Role.ORG_ADMIN: G, Role.COORDINATOR: R, Role.STAFF: A, Role.SUPERUSER: A},  # 14
    Permission.ORGANISATION_PEOPLE: {  # 17
        Role.MEMBER: G, Role.ORG_ADMIN: G, Role.COORDINATOR: R, Role.STAFF: A, Role.SUPERUSER: A,
    },
    Permission.ORGANISATION_PEOPLE_MANAGE: {Role.ORG_ADMIN: G, Role.STAFF: A, Role.SUPERUSER: A},  # 18, 48
    Permission.APPLICATION_DECIDE: {Role.COORDINATOR: R, Role.STAFF: A, Role.SUPERUSER: A},  # 16
    Permission.USER_READ: {Role.STAFF: A, Role.SUPERUSER: A},  # 19
    Permission.ROLE_GRANT: {Role.STAFF: A, Role.SUPERUSER: A},  # 49, 50
    Permission.DASHBOARD: dict.fromkeys(Role, O),  # 38
    Permission.STEERING_VIEW: {  # 39
        Role.COORDINATOR: N, Role.STEERING: N, Role.COMMS: N, Role.WP_LEAD: N, Role.STAFF: A, Role.SUPERUSER: N,
    },
    Permission.INDICATOR_ROWS: {  # 39: figures for all, rows within one's own reach
        Role.COORDINATOR: R, Role.STEERING: N, Role.COMMS: N, Role.WP_LEAD: N, Role.STAFF: A, Role.SUPERUSER: A,
    },
    Permission.INDICATOR_VALUE: {Role.WP_LEAD: W, Role.STAFF: A, Role.SUPERUSER: A},  # 40
    Permission.INDICATOR_DEFINE: {Role.STAFF: A, Role.SUPERUSER: A},  # 41
    Permission.AUDIT_READ: {Role.ORG_ADMIN: G, Role.COORDINATOR: R, Role.STAFF: A, Role.SUPERUSER: A},  # 52
    Permission.JOBS: {Role.STAFF: A, Role.SUPERUSER: A},  # 53
    Permission.ADMIN: {Role.STAFF: A, Role.SUPERUSER: A},  # 54
}  # fmt: skip

# Whose whole role needs a second factor where settings.REQUIRE_SECOND_FACTOR is on.
SECOND_FACTOR_ROLES = frozenset({Role.COORDINATOR, Role.COMMS, Role.WP_LEAD, Role.STAFF, Role.SUPERUSER})

# What the scope of a grant of each role must name. Staff of Motiva and of Syke are one scope: all.
GRANT_SCOPE: dict[Role, Scope] = {
    Role.MEMBER: Scope.ORGANISATION,
    Role.ORG_ADMIN: Scope.ORGANISATION,
    Role.COORDINATOR: Scope.REGION,
    Role.EXPERT: Scope.OWN,
    Role.STEERING: Scope.AGGREGATE,
    Role.COMMS: Scope.ALL,
    Role.WP_LEAD: Scope.PACKAGE,
    Role.STAFF: Scope.ALL,
}


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a permission goes for one user. Falsy when it goes nowhere."""

    user_id: int | None = None
    everything: bool = False
    aggregate: bool = False
    own: bool = False
    organisations: frozenset[int] = frozenset()
    regions: frozenset[int] = frozenset()
    packages: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(
            self.everything or self.aggregate or self.own or self.organisations or self.regions or self.packages
        )


def reach_of(user: User, permission: Permission) -> Reach:
    """The union over today's grants, each within its own scope. Two queries a request at most, however often asked."""
    row = TABLE[permission]
    scopes = {row[role] for role in user.roles if role in row}
    organisations, regions, packages = set(), set(), set()
    for grant in user.grants:
        match row.get(Role(grant.role)):
            case Scope.ORGANISATION if grant.organisation_id:
                organisations.add(grant.organisation_id)
            case Scope.REGION if grant.region_id:
                regions.add(grant.region_id)
            case Scope.PACKAGE if grant.package:
                packages.add(grant.package)
    return Reach(
        user_id=user.pk,
        everything=Scope.ALL in scopes,
        aggregate=Scope.AGGREGATE in scopes,
        own=Scope.OWN in scopes,
        organisations=frozenset(organisations),
        regions=frozenset(regions),
        packages=frozenset(packages),
    )


# What nobody may do in the admin: what the database refuses anyway, and what only services may write.
READ_ONLY_IN_ADMIN = frozenset({"auditentry", "jobrun", "heartbeat", "mail", "rolegrant", "invitation"})


def administrable(user: User, perm: str) -> bool:
    """Django's question "app.action_model", answered by the table: staff run the admin on all models."""
    if not user.may(Permission.ADMIN):
        return False
    action, _sep, model = perm.partition(".")[2].partition("_")
    return action == "view" or model not in READ_ONLY_IN_ADMIN
