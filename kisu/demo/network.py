"""The demo's organisations and their applications."""

from __future__ import annotations

import csv
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from kisu.demo.cast import DOMAIN, OWN_REGION, Cast, note
from kisu.lib.dates import at_local
from members.models import Industry, MembershipApplication, Municipality, Organisation

DATA = Path(__file__).resolve().parent / "data"
REASONS = (
    "Meiltä jää sivuvirtaa, jolle haluamme löytää käyttäjän läheltä.",
    "Etsimme kierrätettyä raaka-ainetta ja kumppaneita sen kokeiluun.",
    "Haluamme oppia muilta ja tuoda omat materiaalimme näkyviin.",
    "Jätteen käsittelyn kulut kasvavat, ja osalle virroista pitäisi löytyä parempi osoite.",
)


def make_organisations(*, today: date) -> list[Organisation]:
    random = Random("organisations")
    municipalities = {one.name_fi: one for one in Municipality.objects.in_force(on=today).select_related("region")}
    industries = {one.code: one for one in Industry.objects.filter(classification=Industry.Classification.TOL2008)}
    with (DATA / "organisations.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    organisations = Organisation.objects.bulk_create(
        Organisation(
            name=row["name"],
            kind=row["kind"],
            business_id=row["business_id"],
            municipality=municipalities[row["municipality"]],
            industry=industries[row["industry"]],
            website=row["website"],
            description_fi=row["description_fi"],
            description_sv=row["description_sv"],
            description_en=row["description_en"],
            state=row["state"],
            joined_on=date.fromisoformat(row["joined_on"]) if row["joined_on"] else None,
            left_on=date.fromisoformat(row["left_on"]) if row["left_on"] else None,
        )
        for row in rows
    )
    for organisation in organisations:
        came = (organisation.joined_on or today) - timedelta(days=random.randint(20, 400))
        organisation.created_at = organisation.changed_at = at_local(came, time(random.randint(8, 15)))
    Organisation.objects.bulk_update(organisations, ["created_at", "changed_at"])
    note(organisations, organisation="pk", region="municipality.region_id")
    return organisations


def make_applications(cast: Cast, *, now: datetime, today: date) -> None:
    """Those that wait, one of them at home; those by which the newest members joined; one that was refused."""
    random = Random("applications")
    organisations = list(cast.organisations.values())
    waiting = [one for one in organisations if one.state == Organisation.State.APPLIED]
    waiting.append(next(one for one in organisations if _prospect_at_home(one)))
    joined = [one for one in organisations if one.is_member and one.joined_on and one.joined_on <= today]
    joined = sorted(joined, key=lambda one: one.joined_on or today)[-4:]
    refused = next(
        one for one in organisations if one.state == Organisation.State.PROSPECT and not _prospect_at_home(one)
    )
    cases = [
        (one, MembershipApplication.State.SUBMITTED, today - timedelta(days=days))
        for days, one in enumerate(waiting, 1)
    ]
    cases += [
        (one, MembershipApplication.State.APPROVED, (one.joined_on or today) - timedelta(days=6)) for one in joined
    ]
    cases.append((refused, MembershipApplication.State.REJECTED, today - timedelta(days=75)))
    applications, submitted = [], []
    for number, (organisation, state, day) in enumerate(cases, start=1):
        decided = state != MembershipApplication.State.SUBMITTED
        submitted.append(min(at_local(day, time(random.randint(8, 15), random.randint(0, 59))), now))
        applications.append(
            MembershipApplication(
                name=organisation.name,
                business_id=organisation.business_id,
                kind=organisation.kind,
                industry=organisation.industry,
                municipality=organisation.municipality,
                website=organisation.website,
                reason=random.choice(REASONS),
                contact_name=f"Hakijan yhteyshenkilö {number}",
                contact_email=f"applicant-{number:02}@{DOMAIN}",
                state=state,
                decided_at=at_local(day + timedelta(days=6), time(12)) if decided else None,
                decided_by=cast.decider(organisation) if decided else None,
                decision_reason="Yhdistys toimii jo verkostossa jäsentensä kautta." if state == "rejected" else "",
                organisation=organisation if state == "approved" else None,
            )
        )
    MembershipApplication.objects.bulk_create(applications)
    for application, moment in zip(applications, submitted, strict=True):
        application.submitted_at = moment
    MembershipApplication.objects.bulk_update(applications, ["submitted_at"])
    note(applications, region="municipality.region_id")


def _prospect_at_home(organisation: Organisation) -> bool:
    at_home = organisation.municipality.region.code == OWN_REGION
    return at_home and organisation.state == Organisation.State.PROSPECT
