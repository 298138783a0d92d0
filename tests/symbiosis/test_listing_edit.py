from datetime import date, timedelta

import pytest
from django.urls import reverse

from members.models import AuditEntry, Notification
from symbiosis.models import Listing
from symbiosis.services.listings import version_of
from tests.factories.members import (
    create_coordinator,
    create_member,
    create_org_admin,
    create_organisation,
    create_staff,
)
from tests.factories.symbiosis import create_listing

pytestmark = pytest.mark.django_db


def edit(listing):
    return reverse("symbiosis:listing_edit", args=[listing.pk])


def posted(listing, **changes):
    return {
        "seen": version_of(listing),
        "title": listing.title,
        "description": listing.description,
        "language": listing.language,
        "nature": "side_stream",
        "material_class": "wood",
        "hazardous": "unknown",
        "continuity": "continuous",
        "quantity": "120",
        "unit": "t",
        "municipality": listing.municipality.code,
        "valid_until": listing.valid_until.isoformat(),
        "save": "submit",
    } | changes


def own_listing(**fields):
    member = create_member()
    organisation = member.role_grants.get().organisation
    return member, create_listing(
        **{"organisation": organisation, "created_by": member, "nature": "side_stream"} | fields
    )


def test_who_may_edit_what(client):
    _author, listing = own_listing()
    _other, draft = own_listing(state="draft")
    cases = [
        (listing, create_member(), 403),  # published: to be read, not to be changed
        (listing, create_member(listing.organisation), 403),  # a colleague's
        (listing, create_org_admin(listing.organisation), 200),
        (listing, create_org_admin(), 403),
        (listing, create_coordinator("13"), 200),
        (listing, create_coordinator("01"), 403),
        (listing, create_staff(), 200),
        (draft, create_member(), 404),
        (draft, create_coordinator("01"), 404),
        (draft, create_coordinator("13"), 200),
    ]
    for subject, user, expected in cases:
        client.force_login(user)
        assert client.get(edit(subject)).status_code == expected
        before = Listing.objects.values().get(pk=subject.pk)
        if expected != 200:
            assert client.post(edit(subject), posted(subject, title="Taken over")).status_code == expected
            assert Listing.objects.values().get(pk=subject.pk) == before
    assert AuditEntry.objects.filter(action="refused").count() == 2 * sum(1 for case in cases if case[2] != 200)


def test_strangers_are_sent_to_sign_in(client):
    listing = create_listing()
    response = client.post(edit(listing), posted(listing, title="Taken over"))
    assert response["Location"].startswith("/tili/login/?next=")
    listing.refresh_from_db()
    assert listing.title != "Taken over"


def test_the_form_begins_with_what_is_there(client):
    author, listing = own_listing(hazardous=False)
    client.force_login(author)
    form = client.get(edit(listing)).context["form"]
    assert "organisation" not in form.fields
    assert (form["title"].value(), form["hazardous"].value(), form["material_class"].value()) == (
        listing.title,
        "no",
        "wood",
    )


def test_a_small_change_keeps_it_public_and_is_logged(client):
    author, listing = own_listing()
    client.force_login(author)
    client.post(edit(listing), posted(listing, quantity="90", state="closed", organisation=create_organisation().pk))
    listing.refresh_from_db()
    assert (listing.state, listing.quantity) == ("published", 90)
    entry = AuditEntry.objects.get(what="listing edited")
    assert (entry.actor, entry.organisation, entry.changes) == (
        author,
        listing.organisation,
        {"quantity": ["120.000", "90"]},
    )
    assert not Notification.objects.exists()


def test_a_changed_substance_is_reviewed_again(client):
    author, listing = own_listing()
    coordinator = create_coordinator("13")
    client.force_login(author)
    assert b"reviews the listing again" in client.get(edit(listing)).content
    client.post(edit(listing), posted(listing, title="Something else"))
    listing.refresh_from_db()
    assert (listing.state, listing.approved_by) == ("in_review", None)
    assert [notice.user for notice in Notification.objects.all()] == [coordinator]


def test_the_reviewers_own_change_is_public_at_once(client):
    _author, listing = own_listing()
    client.force_login(create_coordinator("13"))
    client.post(edit(listing), posted(listing, title="Clearer title"))
    listing.refresh_from_db()
    assert (listing.state, listing.title) == ("published", "Clearer title")


def test_an_expired_listing_comes_back_with_its_new_last_day(client):
    author, listing = own_listing(state="expired")
    Listing.objects.filter(pk=listing.pk).update(published_at=listing.created_at)
    client.force_login(author)
    until = date.today() + timedelta(days=30)
    client.post(edit(listing), posted(listing, valid_until=until.isoformat()))
    listing.refresh_from_db()
    assert (listing.state, listing.valid_until) == ("published", until)


def test_what_somebody_saved_meanwhile_is_not_overwritten(client):
    author, listing = own_listing()
    client.force_login(author)
    values = posted(listing, quantity="1")
    listing.quantity = 55
    listing.save()
    response = client.post(edit(listing), values)
    assert response.context["form"].non_field_errors() == ["Someone changed this meanwhile. Check it."]
    listing.refresh_from_db()
    assert listing.quantity == 55


def test_a_closed_listing_is_not_edited(client):
    author, listing = own_listing(state="closed")
    client.force_login(author)
    assert client.get(edit(listing))["Location"] == listing.get_absolute_url()


def test_a_rejected_listing_is_mended_and_submitted_in_one_press(client):
    author, listing = own_listing(state="rejected", moderation_reason="Too vague")
    client.force_login(author)
    assert b"Too vague" in client.get(edit(listing)).content
    client.post(edit(listing), posted(listing, description="Now clear."))
    listing.refresh_from_db()
    assert (listing.state, listing.moderation_reason, listing.description) == ("in_review", "", "Now clear.")


def test_a_copy_begins_a_new_listing_from_an_older_one(client):
    author, listing = own_listing(state="closed", title="Template")
    client.force_login(author)
    page = client.get(reverse("symbiosis:listing_copy", args=[listing.pk]))
    form = page.context["form"]
    assert (form["title"].value(), str(form["organisation"].value())) == ("Template", str(listing.organisation_id))
    assert f'action="{reverse("symbiosis:listing_new", args=["offer"])}"'.encode() in page.content
    for user, expected in [(create_member(), 404), (create_member(listing.organisation), 200)]:
        client.force_login(user)
        assert client.get(reverse("symbiosis:listing_copy", args=[listing.pk])).status_code == expected
    assert Listing.objects.count() == 1
