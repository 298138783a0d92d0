from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kisu.lib.dates import today
from kisu.views.desk_blocks import Block
from members.models import JobRun, Mail, User
from members.permissions import Role
from symbiosis.models import Listing, Match, MatchAnswer, Synergy, SynergyStep
from tests.factories.members import (
    create_application,
    create_coordinator,
    create_member,
    create_organisation,
    create_staff,
    create_with_role,
    municipality,
)
from tests.factories.symbiosis import create_enquiry, create_listing, create_match, create_need, create_synergy
from workpackages.models import Indicator, Value, WorkPackage

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client: Client) -> Client:
    """Reads English."""
    client.cookies["kisu_language"] = "en"
    return client


def blocks(client: Client, user: User) -> dict[str, Block]:
    client.force_login(user)
    desk = client.get("/tyopoyta/").context["desk"]
    return {block.key: block for block in [*desk.left, *desk.right]}


def titles(block: Block) -> list[str]:
    return [task.title for task in block.rows]


def says_yes(match: Match, *sides: Any) -> None:
    for side in sides:
        MatchAnswer.objects.create(
            match=match, organisation=side.organisation, answer="interested", answered_at=timezone.now()
        )


def indicator(code: str, package: str, **fields: Any) -> Indicator:
    owner, _created = WorkPackage.objects.get_or_create(code=package, defaults={"name_fi": package})
    return Indicator.objects.create(code=code, position=1, level="output", package=owner, name_fi=code, **fields)


# Members


def test_a_member_finds_messages_ending_listings_and_drafts(client: Client) -> None:
    member = create_member()
    organisation = member.person.affiliations.get().organisation
    listing = create_listing(organisation=organisation, title="Bark")
    create_enquiry(listing=listing)
    create_listing(organisation=organisation, title="Chips", created_by=member, valid_until=today() + timedelta(days=5))
    create_listing(organisation=organisation, title="Dust", created_by=member, state=Listing.State.DRAFT)
    create_listing(title="Foreign canary", valid_until=today() + timedelta(days=5))
    found = blocks(client, member)
    assert titles(found["tasks"]) == ["Answer: Bark", "Ends soon: Chips", "Complete and send: Dust"]
    assert [one.title for one in found["own-listings"].rows] == ["Chips", "Bark"]


def test_who_has_nothing_of_their_own_sees_what_others_have(client: Client) -> None:
    listing = create_listing()
    found = blocks(client, create_with_role(Role.EXPERT))
    assert found["newest-listings"].rows == [listing]
    assert listing.organisation in found["newest-members"].rows
    member = create_member(listing.organisation)
    assert "newest-listings" not in blocks(client, member)


def test_a_member_answers_matches_best_first(client: Client) -> None:
    member = create_member()
    own = create_listing(organisation=member.person.affiliations.get().organisation)
    distant = create_match(offer=own, match_class="distant", score=0.2)
    good = create_match(offer=own)
    answered = create_match(offer=own)
    says_yes(answered, own)
    create_match()
    found = blocks(client, member)["matches"]
    assert [read.match for read in found.rows] == [good, distant]
    assert found.count == 2
    assert "Same material: Wood" in client.get("/tyopoyta/").text


def test_who_has_nothing_to_do_is_told_so(client: Client) -> None:
    client.force_login(create_with_role(Role.EXPERT))
    response = client.get("/tyopoyta/")
    assert "Nothing new for you." in response.text
    assert "Matches to answer" not in response.text
    assert "/ilmoitukset/uusi/" not in response.text


# Coordinators


def test_a_coordinator_finds_what_waits_in_the_region_late_first(client: Client) -> None:
    coordinator = create_coordinator()
    create_listing(title="Tiles", state=Listing.State.IN_REVIEW)
    create_application(name="Rantakylä")
    create_synergy(title="Ash", next_step="Ask for the sample", next_step_on=today() - timedelta(days=4))
    create_synergy(title="Bricks", next_step="Call", next_step_on=today() + timedelta(days=40))
    match = create_match()
    says_yes(match, match.offer, match.need)
    found = blocks(client, coordinator)
    assert titles(found["tasks"]) == [
        "Ask for the sample: Ash",
        "Review the listing: Tiles",
        "Membership application: Rantakylä",
        f"Open the contact: {match.offer.title} → {match.need.title}",
    ]
    assert [task.late for task in found["tasks"].rows] == [True, False, False, False]
    assert client.get("/tyopoyta/").context["desk"].lead.endswith("4 things wait for you. One is late.")


def test_a_match_leaves_the_list_once_somebody_writes_or_one_side_is_silent(client: Client) -> None:
    coordinator = create_coordinator()
    written, one_sided = create_match(), create_match()
    says_yes(written, written.offer, written.need)
    create_enquiry(listing=written.offer, sender=written.need.organisation, match=written)
    says_yes(one_sided, one_sided.offer)
    assert titles(blocks(client, coordinator)["tasks"]) == []


def test_nothing_of_another_region_is_on_the_desk(client: Client) -> None:
    elsewhere = create_organisation(name="Canary Oy", municipality_name="Espoo")
    create_listing(organisation=elsewhere, title="Canary listing", state=Listing.State.IN_REVIEW)
    create_listing(organisation=elsewhere, title="Canary end", valid_until=today() + timedelta(days=3))
    create_application(name="Canary applies", municipality=municipality("Espoo"))
    create_synergy(title="Canary synergy", giver=elsewhere, receiver=create_organisation(municipality_name="Espoo"))
    create_match(
        offer=create_listing(organisation=elsewhere, title="Canary offer"),
        need=create_need(organisation=create_organisation(municipality_name="Espoo")),
    )
    client.force_login(create_coordinator())
    assert "anary" not in client.get("/tyopoyta/").text


def test_the_figures_of_the_region_are_counted_from_its_records(client: Client) -> None:
    create_organisation(joined_on=today() - timedelta(days=30))
    create_synergy(stage=Synergy.Stage.REALISED, realised_on=today() - timedelta(days=10))
    create_match()
    found = {
        figure.name: (figure.now, figure.change) for figure in blocks(client, create_coordinator())["figures"].rows
    }
    # A synergy and a match bring two member organisations each, from before the twelve months.
    assert found == {
        "Member organisations": ("5", "+1"),
        "Open listings": ("2", ""),
        "Good matches": ("1", ""),
        "Synergies under way": ("0", ""),
        "Realised synergies": ("1", "+1"),
        "Material kept in use, t a year": ("100", "0"),
    }


def test_the_funnel_counts_each_synergy_up_to_where_it_came(client: Client) -> None:
    lapsed = create_synergy(stage=Synergy.Stage.LAPSED)
    SynergyStep.objects.create(synergy=lapsed, stage=Synergy.Stage.DISCUSSION, on=today())
    create_synergy()
    create_synergy(stage=Synergy.Stage.REALISED)
    rows = blocks(client, create_coordinator())["funnel"].rows
    assert [(step.count, step.percent) for step in rows] == [(3, None), (2, 67), (1, 50), (1, 100), (1, 100)]
    assert [step.name for step in rows] == ["ideas", "discussions", "negotiation", "implementation", "realised"]


def test_synergies_without_a_next_step_are_listed_with_the_longest_first(client: Client) -> None:
    create_synergy(title="New", started_on=today() - timedelta(days=3))
    create_synergy(title="Old", started_on=today() - timedelta(days=300))
    create_synergy(title="Planned", next_step="Call", next_step_on=today() + timedelta(days=3))
    found = blocks(client, create_coordinator())["adrift"]
    assert [synergy.title for synergy in found.rows] == ["Old", "New"]


# The others


def test_staff_find_faults_of_the_whole_network(client: Client) -> None:
    now = timezone.now()
    JobRun.objects.create(job="symbiosis.match_listings", state="parked", not_before=now, finished_at=now)
    Mail.objects.create(recipient="a@kisu.example", subject="x", text="x", state="failed", not_before=now)
    create_application(name="Espoolainen", municipality=municipality("Espoo"))
    staff = create_staff()
    assert titles(blocks(client, staff)["tasks"]) == [
        "A job failed three times: Match listings",
        "1 mail did not leave",
        "Membership application: Espoolainen",
    ]


def test_a_long_queue_is_folded(client: Client) -> None:
    for number in range(15):
        create_application(name=f"Applicant {number:02}")
    tasks = blocks(client, create_staff())["tasks"]
    assert (len(tasks.rows), len(tasks.rest), tasks.count) == (12, 3, 15)


def test_a_lead_finds_the_indicators_of_the_own_package(client: Client) -> None:
    mine = indicator("regions", "TP4")
    indicator("visitors", "TP6")
    indicator("counted", "TP4", metric="members.organisations")
    Value.objects.create(indicator=mine, on=today(), amount=14, origin="entered", evidence="x")
    found = blocks(client, create_with_role(Role.WP_LEAD, package="TP4"))
    assert [(one.indicator, one.latest.amount) for one in found["enter"].rows] == [(mine, 14)]
    assert titles(found["tasks"]) == []


def test_communications_find_their_channels_and_the_newest_members(client: Client) -> None:
    channel = indicator("visitors", "TP6")
    newest = create_organisation(joined_on=today())
    found = blocks(client, create_with_role(Role.COMMS))
    assert [one.indicator for one in found["communication"].rows] == [channel]
    assert found["newest-members"].rows[0] == newest


def test_the_steering_group_goes_to_its_own_page(client: Client) -> None:
    client.force_login(create_with_role(Role.STEERING))
    response = client.get("/tyopoyta/")
    assert response.headers["Location"] == "/ohjaus/"


def test_strangers_sign_in_first(client: Client) -> None:
    assert client.get("/tyopoyta/").headers["Location"].startswith("/tili/login/?next=")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.STEERING])
def test_no_link_of_the_navigation_is_refused(client: Client, role: Role) -> None:
    if role in {Role.MEMBER, Role.ORG_ADMIN}:
        user = create_member(role=role)
    elif role is Role.COORDINATOR:
        user = create_coordinator()
    else:
        user = create_with_role(role, **({"package": "TP4"} if role is Role.WP_LEAD else {}))
    client.force_login(user)
    shell = client.get("/tyopoyta/").context["shell"]
    links = [link.url for link in [*shell.nav, *shell.person_menu]]
    assert len(shell.nav) <= 7
    assert [url for url in links if client.get(url).status_code not in {200, 302}] == []


@pytest.mark.parametrize("rows", [1, 30])
def test_the_number_of_queries_is_fixed(client: Client, rows: int, django_assert_num_queries: Any) -> None:
    staff = create_staff()
    for number in range(rows):
        match = create_match()
        says_yes(match, match.offer, match.need)
        create_match()
        create_listing(state=Listing.State.IN_REVIEW)
        create_listing(valid_until=today() + timedelta(days=3))
        create_application()
        create_synergy(next_step="Call", next_step_on=today())
        create_synergy()
        create_enquiry(by=staff)
        Value.objects.create(
            indicator=indicator(f"i{number}", "TP1", metric="x"), on=today(), amount=1, origin="counted"
        )
    client.force_login(staff)
    with django_assert_num_queries(31):
        client.get("/tyopoyta/")
