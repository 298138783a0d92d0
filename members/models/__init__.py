from members.models.access import RoleGrant
from members.models.application import Invitation, MembershipApplication
from members.models.audit import AuditEntry
from members.models.geography import Industry, Municipality, Region
from members.models.jobs import Heartbeat, JobRun
from members.models.mail import Mail
from members.models.notification import Notification
from members.models.organisation import Organisation
from members.models.people import Affiliation, Person
from members.models.user import User

__all__ = [
    "Affiliation",
    "AuditEntry",
    "Heartbeat",
    "Industry",
    "Invitation",
    "JobRun",
    "Mail",
    "MembershipApplication",
    "Municipality",
    "Notification",
    "Organisation",
    "Person",
    "Region",
    "RoleGrant",
    "User",
]
