from datetime import date, timedelta

import pytest
from django.urls import reverse

from members.models import AuditEntry
from members.permissions import Role
from symbiosis.models import Listing, WasteCode
from tests.factories.members import (
    create_coordinator,
    create_member,
    create_org_admin,
    create_organisation,
    create_staff,
    create_with_role,
)
from tests.factories.symbiosis import create_listing

pytestmark = pytest.mark.django_db


def get(client, listing, user=None):
    if user is not None:
        client.force_login(user)
    return client.get(reverse("symbiosis:listing_detail", args=[listing.pk]))


HIDDEN_STATES = ["draft", "in_review", "expired", "closed", "rejected", "hidden"]


@pytest.mark.parametrize("state", HIDDEN_STATES)
def test_strangers_get_the_same_404_for_what_is_not_public_and_what_is_not_there(client, state):
    listing = create_listing(state=state, title="Canary")
    for user in (None, create_member(), create_coordinator("01"), create_with_role(Role.STEERING)):
        response = get(client, listing, user)
        missing = client.get(reverse("symbiosis:listing_detail", args=[listing.pk + 1000]))
        assert (response.status_code, missing.status_code) == (404, 404)
        assert b"Canary" not in response.content


def test_walking_the_numbers_finds_only_what_is_published(client):
    listings = [create_listing(state=state) for state in ("published", *HIDDEN_STATES)]
    past = create_listing(valid_from=date(2024, 1, 1), valid_until=date.today() - timedelta(days=2))
    seen = [listing.state for listing in [*listings, past] if get(client, listing).status_code == 200]
    assert seen == ["published"]


@pytest.mark.parametrize("state", HIDDEN_STATES)
def test_the_own_organisation_the_regions_coordinator_and_staff_see_every_state(client, state):
    listing = create_listing(state=state)
    for user in (create_member(listing.organisation), create_coordinator("13"), create_staff()):
        assert get(client, listing, user).status_code == 200


def test_who_left_the_organisation_sees_its_drafts_no_more(client):
    member = create_member()
    grant = member.role_grants.get()
    draft = create_listing(organisation=grant.organisation, created_by=member, state="draft")
    assert get(client, draft, member).status_code == 200
    grant.organisation = create_organisation()
    grant.save()
    assert get(client, draft, member).status_code == 404
    assert not Listing.objects.editable_by(type(member).objects.get(pk=member.pk)).exists()


def test_the_page_shows_the_deciding_facts_and_the_text_in_its_language(client):
    listing = create_listing(
        title="Torrt sågspån",
        description="Ren gran.\n\nFukt under 15 %.",
        language="sv",
        nature="waste",
        hazardous=False,
        waste_code=WasteCode.objects.get(code="03 01 05"),
    )
    page = get(client, listing)
    assert [fact["label"] for fact in page.context["key_facts"]] == [
        "Quantity",
        "Place",
        "How it arises",
        "Valid until",
    ]
    assert page.context["key_facts"][0]["value"] == "120\u00a0t/year"
    html = page.content.decode()
    assert '<h1 lang="sv">Torrt sågspån</h1>' in html
    assert '<div class="prose" lang="sv"><p>Ren gran.</p>' in html
    assert "03 01 05" in html
    assert f"Listing {listing.pk}" in html


def test_the_card_of_a_firm_that_is_no_member_is_linked_only_for_those_who_see_it(client):
    listing = create_listing(organisation=create_organisation(state="prospect"), on_behalf=True)
    card = f'href="{listing.organisation.get_absolute_url()}"'.encode()
    assert card not in get(client, listing).content
    assert card not in get(client, listing, create_member()).content
    assert card in get(client, listing, create_coordinator("13")).content


def test_texts_are_shown_as_text(client):
    listing = create_listing(title="<script>alert(1)</script>", description="<img src=x onerror=alert(1)>")
    html = get(client, listing).content.decode()
    assert "<script>alert" not in html
    assert "<img" not in html


def test_the_contact_is_for_those_who_sign_in(client):
    member = create_member(email="canary@kisu.example")
    listing = create_listing(organisation=member.role_grants.get().organisation, created_by=member)
    anonymous = get(client, listing)
    assert b"anary" not in anonymous.content
    assert b"Sign in to contact" in anonymous.content
    assert b"anary" not in get(client, listing, create_with_role(Role.STEERING)).content

    page = get(client, listing, create_member())
    assert b"Canary" in page.content
    assert b"canary@kisu.example" not in page.content  # an address is the person's to share


@pytest.mark.parametrize("who", ["colleague", "coordinator", "staff"])
def test_the_address_is_shown_to_colleagues_the_regions_coordinator_and_staff(client, who):
    member = create_member(email="canary@kisu.example")
    organisation = member.role_grants.get().organisation
    listing = create_listing(organisation=organisation, created_by=member)
    user = {
        "colleague": lambda: create_member(organisation),
        "coordinator": lambda: create_coordinator("13"),
        "staff": create_staff,
    }[who]()
    assert b"canary@kisu.example" in get(client, listing, user).content


def test_reading_a_contact_is_logged_once_a_day_but_not_within_the_organisation(client):
    author = create_member()
    organisation = author.role_grants.get().organisation
    listing = create_listing(organisation=organisation, created_by=author)
    stranger, colleague = create_member(), create_member(organisation)
    for user in (stranger, stranger, colleague, author):
        get(client, listing, user)

    entry = AuditEntry.objects.get(action="read")
    assert (entry.actor, entry.object_id, entry.what) == (stranger, str(listing.pk), "contact of a listing read")


def test_who_may_what_is_offered_and_nothing_else(client):
    author = create_member()
    organisation = author.role_grants.get().organisation
    listing = create_listing(organisation=organisation, created_by=author, state="in_review")

    def offered(user):
        context = get(client, listing, user).context_data
        return {key for key in context if key.startswith("can_") and context[key]}

    assert offered(author) == {"can_edit", "can_close", "can_copy"}
    assert offered(create_member(organisation)) == {"can_copy"}
    assert offered(create_org_admin(organisation)) == {"can_edit", "can_close", "can_copy"}
    moderating = {"can_edit", "can_close", "can_copy", "can_approve", "can_reject"}
    assert offered(create_coordinator("13")) == moderating
    assert offered(create_staff()) == moderating | {"can_delete"}


def test_history_is_shown_to_those_who_may_read_the_log(client):
    listing = create_listing()
    client.force_login(staff := create_staff())
    client.post(reverse("symbiosis:listing_hide", args=[listing.pk]), {"reason": "Spam"})
    page = get(client, listing)
    assert [(entry.what, entry.actor) for entry in page.context["history"]] == [("listing hidden", staff)]
    assert get(client, listing, create_member(listing.organisation)).context["history"] is None


def test_a_page_costs_a_steady_number_of_queries(client, django_assert_num_queries):
    listing = create_listing()
    with django_assert_num_queries(2):  # the listing and its files
        get(client, listing)
