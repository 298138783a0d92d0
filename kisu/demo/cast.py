"""Who signs in to the demo: role accounts at kisu.example, one contact in every member organisation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db.models import Model

from members.models import Affiliation, AuditEntry, Organisation, Person, Region, RoleGrant, User
from members.permissions import Role

DOMAIN = "kisu.example"
OWN_REGION = "13"  # Keski-Suomi, where coordinator@, member@ and orgadmin@ are at home
OWN_ORGANISATION = "Jyvälaakson Voima Oy"
LOADED = "demo data loaded"
SOURCE = "Esittelyaineisto"  # of every made-up figure
SERVICE_STARTED = date(2022, 6, 10)

# When the other regions got their coordinator; the rest have none yet.
REGIONS_JOINED = {
    "01": date(2022, 10, 3), "02": date(2022, 10, 3), "06": date(2023, 1, 16), "17": date(2023, 3, 1),
    "07": date(2023, 9, 4), "15": date(2023, 9, 18), "14": date(2024, 2, 5), "11": date(2024, 5, 20),
    "04": date(2024, 10, 7), "19": date(2025, 1, 13), "08": date(2025, 4, 1), "05": date(2025, 9, 15),
    "10": date(2026, 3, 9),
}  # fmt: skip

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Account:
    """`title` is what the portal shows as the person's name; a role of None is the technical administrator."""

    name: str
    title: str
    role: Role | None
    scope: str = ""
    since: date = SERVICE_STARTED

    @property
    def email(self) -> str:
        return f"{self.name}@{DOMAIN}"


ACCOUNTS = (
    Account("member", "Jäsenen edustaja", Role.MEMBER, OWN_ORGANISATION),
    Account("orgadmin", "Organisaation pääkäyttäjä", Role.ORG_ADMIN, OWN_ORGANISATION),
    Account("coordinator", "Aluekoordinaattori", Role.COORDINATOR, OWN_REGION, date(2022, 10, 3)),
    Account("expert", "Asiantuntija", Role.EXPERT),
    Account("comms", "Viestijä", Role.COMMS),
    Account("lead", "Työpaketin vetäjä", Role.WP_LEAD, "TP4"),
    Account("steering", "Ohjausryhmän jäsen", Role.STEERING),
    Account("staff", "Palvelukeskus", Role.STAFF),
    Account("admin", "Ylläpitäjä", None),
)


@dataclass(frozen=True, slots=True)
class Cast:
    """The demo's people by what they are needed for; organisations by their name."""

    staff: User
    organisations: dict[str, Organisation]
    coordinators: dict[int, User]
    contacts: dict[int, User]

    def decider(self, organisation: Organisation) -> User:
        """Who approves for the organisation's region."""
        return self.coordinators.get(organisation.municipality.region_id, self.staff)

    def contact(self, organisation: Organisation) -> User:
        """Who acts for the organisation; the coordinator where nobody of it signs in."""
        return self.contacts.get(organisation.pk) or self.decider(organisation)


def make_cast(organisations: Sequence[Organisation]) -> Cast:
    regions = {region.code: region for region in Region.objects.all()}
    by_name = {organisation.name: organisation for organisation in organisations}
    members = [one for one in organisations if one.is_member and one.name != OWN_ORGANISATION]
    coordinators = [
        Account(f"coordinator-{code}", f"Aluekoordinaattori, {regions[code].name_fi}", Role.COORDINATOR, code, since)
        for code, since in REGIONS_JOINED.items()
    ]
    contacts = [
        Account(
            f"contact-{number:02}",
            f"Yhteyshenkilö {number}",
            Role.ORG_ADMIN,
            one.name,
            one.joined_on or SERVICE_STARTED,
        )
        for number, one in enumerate(members, start=1)
    ]
    accounts = [*ACCOUNTS, *coordinators, *contacts]
    # One hash for all: a hundred slow hashes of the same known password would only cost time.
    password = make_password(settings.DEMO_PASSWORD)
    users = User.objects.bulk_create(
        User(email=account.email, password=password, is_superuser=account.role is None) for account in accounts
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users
    )
    people = Person.objects.bulk_create(
        Person(user=user, name=account.title, email=user.email) for account, user in zip(accounts, users, strict=True)
    )
    at_work = [
        (account, user, person, by_name.get(account.scope))
        for account, user, person in zip(accounts, users, people, strict=True)
    ]
    Affiliation.objects.bulk_create(
        Affiliation(person=person, organisation=organisation, starts_on=account.since)
        for account, _user, person, organisation in at_work
        if organisation
    )
    staff = next(user for account, user, *_ in at_work if account.role == Role.STAFF)
    RoleGrant.objects.bulk_create(
        RoleGrant(
            user=user,
            role=account.role,
            organisation=organisation,
            region=regions.get(account.scope),
            package=account.scope if account.role == Role.WP_LEAD else "",
            starts_on=account.since,
            granted_by=staff,
        )
        for account, user, _person, organisation in at_work
        if account.role
    )
    return Cast(
        staff=staff,
        organisations=by_name,
        coordinators={
            regions[account.scope].pk: user for account, user, *_ in at_work if account.role == Role.COORDINATOR
        },
        contacts={organisation.pk: user for _account, user, _person, organisation in reversed(at_work) if organisation},
    )


def note(rows: Iterable[Model], *, organisation: str = "", region: str = "") -> None:
    """One audit row each, by the portal itself; `organisation` and `region` name the attributes saying whose it is."""
    AuditEntry.objects.bulk_create(
        AuditEntry(
            action=AuditEntry.Action.CREATED,
            model=row._meta.label,
            object_id=str(row.pk),
            label=str(row)[:200],
            what=LOADED,
            organisation_id=getattr(row, organisation) if organisation else None,
            region_id=_followed(row, region) if region else None,
        )
        for row in rows
    )


def _followed(row: object, path: str) -> int:
    for name in path.split("."):
        row = getattr(row, name)
    assert isinstance(row, int)  # noqa: S101
    return row
