from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from kisu.lib.dates import add_months
from members.models import AuditEntry, Notification, Organisation
from members.permissions import Role
from symbiosis.models import Listing
from tests.factories.members import (
    create_coordinator,
    create_member,
    create_organisation,
    create_staff,
    create_with_role,
    grant,
)

pytestmark = pytest.mark.django_db


def new(kind="offer"):
    return reverse("symbiosis:listing_new", args=[kind])


def offer(organisation, **changes):
    """What the form of an offer posts."""
    return {
        "organisation": organisation.pk,
        "title": "Dry sawdust",
        "description": "Clean spruce, moisture under 15 %.",
        "language": "en",
        "nature": "waste",
        "material_class": "wood",
        "waste_code_q": "",
        "waste_code": "03 01 05",
        "hazardous": "no",
        "continuity": "continuous",
        "quantity": "1,200.5",
        "unit": "t",
        "municipality": organisation.municipality.code,
        "valid_until": (date.today() + timedelta(days=60)).isoformat(),
        "save": "submit",
    } | changes


def test_first_the_kind_is_chosen(client):
    client.force_login(create_member())
    html = client.get(reverse("symbiosis:listing_new")).content.decode()
    for kind in Listing.Kind.values:
        assert f'href="{new(kind)}"' in html
    assert client.get(new("nothing")).status_code == 404


@pytest.mark.parametrize("role", [Role.EXPERT, Role.STEERING, Role.COMMS])
def test_who_may_not_post_gets_403(client, role):
    client.force_login(create_with_role(role))
    for url in (reverse("symbiosis:listing_new"), new()):
        assert client.get(url).status_code == 403
    assert client.post(new(), offer(create_organisation())).status_code == 403
    assert not Listing.objects.exists()


def test_strangers_are_sent_to_sign_in(client):
    response = client.post(new(), offer(create_organisation()))
    assert (response.status_code, response["Location"]) == (302, f"/tili/login/?next={new()}")
    assert not Listing.objects.exists()


def test_a_members_listing_goes_to_review_and_the_coordinator_is_told(client):
    member, coordinator, staff = create_member(), create_coordinator("13"), create_staff()
    other = create_coordinator("01")
    organisation = member.role_grants.get().organisation
    client.force_login(member)
    response = client.post(new(), offer(organisation))

    listing = Listing.objects.get()
    assert response["Location"] == listing.get_absolute_url()
    assert (listing.state, listing.created_by, listing.on_behalf) == ("in_review", member, False)
    assert (listing.quantity, listing.unit.code, listing.hazardous) == (Decimal("1200.5"), "t", False)
    assert (listing.waste_code.code, listing.published_at) == ("03 01 05", None)
    notice = Notification.objects.get()
    assert (notice.user, notice.kind, notice.url) == (coordinator, "listing_to_review", listing.get_absolute_url())
    acts = AuditEntry.objects.filter(model="symbiosis.Listing").order_by("pk")
    assert [(act.actor, act.what, act.organisation) for act in acts] == [
        (member, "listing created", organisation),
        (member, "listing submitted for review", organisation),
    ]
    assert staff not in {notice.user, other}


def test_staff_review_where_the_region_has_no_coordinator_but_one_inside(client):
    member, staff = create_member(), create_staff()
    organisation = member.role_grants.get().organisation
    inside = create_coordinator("13")
    grant(inside, Role.MEMBER, organisation=organisation)
    client.force_login(member)
    client.post(new(), offer(organisation, quantity="3"))
    assert [notice.user for notice in Notification.objects.all()] == [staff]


def test_a_coordinators_listing_for_a_firm_of_the_region_is_out_at_once_and_marked(client):
    coordinator = create_coordinator("13")
    firm = create_organisation(state=Organisation.State.PROSPECT)
    client.force_login(coordinator)
    client.post(new("need"), offer(firm, quantity="", hazardous="on", waste_code=""))

    listing = Listing.objects.get()
    assert (listing.state, listing.on_behalf, listing.approved_by) == ("published", True, coordinator)
    assert (listing.kind, listing.hazardous, listing.quantity, listing.unit) == ("need", True, None, None)
    assert listing.valid_from == date.today()
    assert not Notification.objects.exists()


def test_a_coordinators_listing_for_the_own_organisation_is_reviewed_by_somebody_else(client):
    organisation = create_organisation()
    coordinator, staff = create_coordinator("13"), create_staff()
    grant(coordinator, Role.MEMBER, organisation=organisation)
    client.force_login(coordinator)
    client.post(new(), offer(organisation, quantity="3"))
    listing = Listing.objects.get()
    assert (listing.state, listing.on_behalf) == ("in_review", False)
    assert [notice.user for notice in Notification.objects.all()] == [staff]


@pytest.mark.parametrize("whose", ["other member's", "other region's", "gone"])
def test_a_foreign_organisation_is_an_error_and_nothing_is_saved(client, whose):
    own = create_organisation()
    user = create_coordinator("13") if whose == "other region's" else create_member(own)
    foreign = {
        "other member's": lambda: create_organisation(),
        "other region's": lambda: create_organisation(municipality_name="Helsinki"),
        "gone": lambda: create_organisation(state=Organisation.State.LEFT),
    }[whose]()
    client.force_login(user)
    response = client.post(new(), offer(foreign, quantity="3"))
    assert response.context["form"].errors["organisation"]
    assert not Listing.objects.exists()
    choices = set(response.context["form"].fields["organisation"].queryset)
    assert foreign not in choices
    assert own in choices


def test_what_is_not_the_forms_is_never_taken_from_it(client):
    member, other = create_member(), create_member()
    organisation = member.role_grants.get().organisation
    client.force_login(member)
    extra = {
        "state": "published",
        "kind": "need",
        "created_by": other.pk,
        "approved_by": member.pk,
        "published_at": "2026-01-01",
        "on_behalf": "on",
        "valid_from": "2020-01-01",
        "moderation_reason": "x",
        "close_reason": "other",
        "expiry_told": "2026-01-01",
        "region": "01",
        "service": "transport",
        "radius_km": "5",
    }
    client.post(new(), offer(organisation, quantity="3") | extra)
    listing = Listing.objects.get()
    assert (listing.state, listing.kind, listing.created_by) == ("in_review", "offer", member)
    assert (listing.approved_by, listing.published_at, listing.on_behalf) == (None, None, False)
    assert (listing.valid_from, listing.moderation_reason, listing.close_reason) == (date.today(), "", "")
    assert (listing.expiry_told, listing.service, listing.radius_km) == (None, None, None)


def errors_of(client, kind="offer", **changes):
    organisation = create_organisation()
    client.force_login(create_member(organisation))
    response = client.post(new(kind), offer(organisation, **{"quantity": "3"} | changes))
    assert not Listing.objects.exists()
    assert response.content.count(b"<title>Error:") == 1
    return {name: [str(error) for error in errors] for name, errors in response.context["form"].errors.items()}


DISAGREE = "Waste code and hazard disagree. Check them."


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"hazardous": "yes"}, {"hazardous": [DISAGREE]}),
        ({"waste_code": "03 01 04"}, {"hazardous": [DISAGREE]}),
        ({"valid_until": "1.1.2020"}, {"valid_until": ["This day has passed. Choose a later one."]}),
        ({"valid_until": "nonsense"}, {"valid_until": ["Enter the date as 24.11.2026."]}),
        ({"unit": ""}, {"unit": ["Choose the unit."]}),
        ({"quantity": ""}, {"quantity": ["Fill this in."]}),
        ({"title": "\u200b "}, {"title": ["Fill this in."]}),
        ({"waste_code": "99 99 99"}, {"waste_code": ["Choose a waste code from the list."]}),
        (
            {"materiaalitori_url": "https://materiaalitori.fi.evil.example/1"},
            {"materiaalitori_url": ["The address must begin with https://www.materiaalitori.fi."]},
        ),
        (
            {"materiaalitori_url": "javascript:alert(1)"},
            {"materiaalitori_url": ["Enter the whole address, e.g. https://www.example.fi."]},
        ),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field(client, changes, expected):
    assert errors_of(client, **changes) == expected


def test_a_listing_is_valid_for_six_months_at_most(client):
    late = add_months(date.today(), 6) + timedelta(days=1)
    assert errors_of(client, valid_until=late.isoformat()) == {"valid_until": ["Choose a date within 6 months."]}


def test_a_need_that_names_a_hazardous_code_must_accept_hazardous_waste(client):
    assert errors_of(client, kind="need", waste_code="03 01 04", hazardous="") == {"hazardous": [DISAGREE]}


def test_the_hazard_that_is_not_known_is_taken_from_the_code(client):
    member = create_member()
    client.force_login(member)
    values = offer(member.role_grants.get().organisation, quantity="3", hazardous="unknown", waste_code="03 01 04")
    client.post(new(), values)
    assert Listing.objects.get().hazardous is True


def test_a_draft_may_lack_what_follows_later(client):
    member = create_member()
    client.force_login(member)
    organisation = member.role_grants.get().organisation
    values = {"organisation": organisation.pk, "title": "Sawdust", "language": "fi", "material_class": "wood"}
    place = {"municipality": organisation.municipality.code, "valid_until": date.today().isoformat(), "save": "draft"}
    client.post(new(), values | place)
    listing = Listing.objects.get()
    assert (listing.state, listing.missing) == ("draft", ["description", "nature", "continuity", "quantity"])
    assert not Notification.objects.exists()


def test_expertise_has_a_service_and_no_material(client):
    member = create_member()
    client.force_login(member)
    client.post(new("expertise"), offer(member.role_grants.get().organisation, service="analysis"))
    listing = Listing.objects.get()
    assert (listing.kind, listing.service.code, listing.material_class, listing.quantity) == (
        "expertise",
        "analysis",
        None,
        None,
    )


# --- The picker of waste codes ---


def picker(client, **changes):
    member = create_member()
    client.force_login(member)
    values = offer(member.role_grants.get().organisation, waste_code="", title="Half a title", quantity="what")
    return client.post(new(), values | changes)


def test_a_search_for_codes_keeps_what_was_typed_and_judges_nothing(client):
    response = picker(client, search_waste_code="1", waste_code_q="sawdust")
    form = response.context["form"]
    assert not form.errors
    assert [code.code for code in form.codes] == ["03 01 04", "03 01 05"]
    html = response.content.decode()
    assert 'value="Half a title"' in html
    assert 'value="what"' in html
    assert "2 waste codes for “sawdust”" in html


@pytest.mark.parametrize(("typed", "first", "count"), [("0301", "03 01 01", 4), ("03 01 05", "03 01 05", 1)])
def test_codes_are_searched_by_their_digits(client, typed, first, count):
    form = picker(client, search_waste_code="1", waste_code_q=typed).context["form"]
    assert (form.codes[0].code, form.code_count) == (first, count)


def test_a_chosen_code_stays_in_the_list_of_another_search(client):
    form = picker(client, search_waste_code="1", waste_code_q="slag", waste_code="03 01 05").context["form"]
    assert form.codes[0].code == "03 01 05"


def test_a_code_that_was_typed_but_not_searched_is_taken_when_only_one_fits(client):
    picker(client, waste_code_q="030105", quantity="3")
    assert Listing.objects.get().waste_code.code == "03 01 05"


@pytest.mark.parametrize(
    ("typed", "error"),
    [("03", "Choose a waste code from the list."), ("unheard of", "No waste code has these words. Try others.")],
)
def test_words_that_fit_many_codes_or_none_are_asked_about(client, typed, error):
    form = picker(client, waste_code_q=typed, quantity="3").context["form"]
    assert form.errors == {"waste_code": [error]}


def test_no_code_is_an_answer_too(client):
    picker(client, waste_code_q="03", waste_code="none", quantity="3")
    assert Listing.objects.get().waste_code is None
