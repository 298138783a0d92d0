"""Submitting, approving, rejecting, hiding, closing, prolonging, deleting."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from kisu.lib.dates import add_months
from members.models import AuditEntry, JobRun, Mail, Notification
from members.permissions import Role
from symbiosis.models import Attachment, Listing
from tests.factories.members import (
    create_coordinator,
    create_member,
    create_org_admin,
    create_organisation,
    create_staff,
    create_with_role,
    grant,
)
from tests.factories.sessions import client_of
from tests.factories.symbiosis import create_enquiry, create_listing, create_match, create_synergy

pytestmark = pytest.mark.django_db


def url(act, listing):
    return reverse(f"symbiosis:listing_{act}", args=[listing.pk])


def own_listing(state="in_review", **fields):
    member = create_member()
    organisation = member.role_grants.get().organisation
    values = {"organisation": organisation, "created_by": member, "nature": "waste", "state": state}
    return member, create_listing(**values | fields)


REASON = {"reason": "Say what it is made of."}
ACTS = [("approve", "in_review", {}), ("reject", "in_review", REASON), ("hide", "published", REASON)]


@pytest.mark.parametrize(("act", "state", "values"), ACTS)
def test_who_may_not_review_changes_nothing_and_leaves_a_row(client, act, state, values):
    author, listing = own_listing(state)
    inside = create_coordinator("13")
    grant(inside, Role.MEMBER, organisation=listing.organisation)
    seen = 403 if state == "published" else 404
    cases = [
        (author, 403),
        (create_org_admin(listing.organisation), 403),
        (create_member(), 403),
        (create_coordinator("01"), seen),
        (inside, 403),  # not of one's own organisation
        (create_with_role(Role.STEERING), 403),
    ]
    before = Listing.objects.values().get(pk=listing.pk)
    for user, expected in cases:
        client.force_login(user)
        assert client.post(url(act, listing), values).status_code == expected
    client.logout()
    assert client.post(url(act, listing), values)["Location"].startswith("/tili/login/")
    assert Listing.objects.values().get(pk=listing.pk) == before
    assert not Mail.objects.exists()
    assert not Notification.objects.exists()
    assert AuditEntry.objects.filter(action="refused").count() == len(cases) + 1


@pytest.mark.parametrize("who", [lambda: create_coordinator("13"), create_staff])
def test_an_approved_listing_is_public_and_its_owner_is_told(client, who, rung, django_capture_on_commit_callbacks):
    author, listing = own_listing()
    client.force_login(reviewer := who())
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url("approve", listing))
    listing.refresh_from_db()
    assert (listing.state, listing.approved_by, listing.valid_from) == ("published", reviewer, date.today())
    assert listing.published_at is not None
    notice, mail = Notification.objects.get(), Mail.objects.get()
    assert (notice.user, notice.kind) == (author, "listing_approved")
    assert mail.recipient == author.email
    assert f"http://127.0.0.1:8000{listing.get_absolute_url()}" in mail.text
    matching = JobRun.objects.get(job="symbiosis.match_listing")
    assert rung == [("members.run_job", matching.pk), ("members.send_mail", mail.pk)]
    entry = AuditEntry.objects.get(what="listing published")
    assert (entry.actor, entry.changes["state"]) == (reviewer, ["in_review", "published"])


def test_a_listing_is_approved_once(client):
    _author, listing = own_listing()
    client.force_login(create_staff())
    client.post(url("approve", listing))
    response = client.post(url("approve", listing), follow=True)
    assert b"Someone changed this meanwhile. Check it." in response.content
    assert Notification.objects.count() == 1


def test_a_listing_past_its_last_day_is_not_approved(client):
    _author, listing = own_listing(valid_from=date(2024, 1, 1), valid_until=date.today() - timedelta(days=1))
    client.force_login(create_staff())
    response = client.post(url("approve", listing), follow=True)
    assert b"Its owner has to choose a new one first." in response.content
    listing.refresh_from_db()
    assert listing.state == "in_review"


def test_a_rejection_has_its_reason_and_the_owner_reads_it(client):
    author, listing = own_listing()
    client.force_login(create_coordinator("13"))
    assert client.get(url("reject", listing)).context["form"].errors == {}
    assert client.post(url("reject", listing), {"reason": " "}).context["form"].errors
    client.post(url("reject", listing), REASON)
    listing.refresh_from_db()
    assert (listing.state, listing.moderation_reason) == ("rejected", REASON["reason"])
    assert Notification.objects.get().kind == "listing_rejected"
    assert REASON["reason"] in Mail.objects.get().text
    client.force_login(author)
    assert REASON["reason"].encode() in client.get(listing.get_absolute_url()).content


def test_a_hidden_listing_is_gone_for_the_public_and_its_owner_may_mend_it(client):
    author, listing = own_listing("published")
    client.force_login(create_coordinator("13"))
    client.post(url("hide", listing), REASON)
    assert client_of(create_member()).get(listing.get_absolute_url()).status_code == 404
    assert REASON["reason"] in Mail.objects.get().text
    client.force_login(author)
    client.post(url("submit", listing))
    listing.refresh_from_db()
    assert (listing.state, listing.moderation_reason) == ("in_review", "")


def test_the_mail_of_a_listing_whose_author_left_goes_to_the_organisations_admins(client):
    author, listing = own_listing()
    admin = create_org_admin(listing.organisation)
    author.role_grants.all().delete()
    client.force_login(create_staff())
    client.post(url("approve", listing))
    assert [notice.user for notice in Notification.objects.all()] == [admin]
    assert [mail.recipient for mail in Mail.objects.all()] == [admin.email]


def test_a_draft_is_submitted_and_one_that_lacks_something_is_sent_to_its_form(client):
    author, listing = own_listing("draft")
    _other, lacking = own_listing("draft", description="")
    client.force_login(author)
    client.post(url("submit", listing))
    listing.refresh_from_db()
    assert listing.state == "in_review"
    assert b"submitted already" in client.post(url("submit", listing), follow=True).content
    client.force_login(lacking.created_by)
    assert client.post(url("submit", lacking))["Location"] == url("edit", lacking)
    lacking.refresh_from_db()
    assert lacking.state == "draft"


@pytest.mark.parametrize("act", ["submit", "approve"])
def test_acts_are_not_done_by_following_a_link(client, act):
    _author, listing = own_listing()
    client.force_login(create_staff())
    assert client.get(url(act, listing)).status_code == 405


def test_a_closed_listing_has_its_reason(client):
    author, listing = own_listing("published")
    client.force_login(author)
    assert client.post(url("close", listing), {}).context["form"].errors
    client.post(url("close", listing), {"reason": "found_here"})
    listing.refresh_from_db()
    assert (listing.state, listing.close_reason) == ("closed", "found_here")
    assert client.post(url("close", listing), {"reason": "other"}).context["form"].non_field_errors()


@pytest.mark.parametrize("state", ["published", "expired"])
def test_a_listing_is_prolonged_by_six_months_at_most(client, state):
    author, listing = own_listing(state)
    Listing.objects.filter(pk=listing.pk).update(published_at=listing.created_at, expiry_told=listing.valid_until)
    client.force_login(author)
    last = add_months(date.today(), 6)
    too_far, past = last + timedelta(days=1), date.today()
    for day in (too_far, past):
        assert client.post(url("prolong", listing), {"valid_until": day.isoformat()}).context["form"].errors
    client.post(url("prolong", listing), {"valid_until": last.isoformat()})
    listing.refresh_from_db()
    assert (listing.state, listing.valid_until) == ("published", last)


@pytest.mark.parametrize("state", ["draft", "in_review", "rejected", "hidden", "closed"])
def test_prolonging_is_no_way_round_the_review(client, state):
    author, listing = own_listing(state)
    client.force_login(author)
    until = (date.today() + timedelta(days=30)).isoformat()
    assert client.post(url("prolong", listing), {"valid_until": until}).context["form"].non_field_errors()
    listing.refresh_from_db()
    assert listing.state == state


@pytest.mark.parametrize("act", ["close", "prolong", "submit"])
def test_other_organisations_listings_are_not_to_be_changed(client, act):
    published, draft = create_listing(), create_listing(state="draft")
    client.force_login(create_member())
    assert client.post(url(act, published), {"reason": "other"}).status_code == 403
    assert client.post(url(act, draft), {"reason": "other"}).status_code == 404
    client.force_login(create_coordinator("01"))
    assert client.post(url(act, published), {"reason": "other"}).status_code == 403
    assert client.post(url(act, draft), {"reason": "other"}).status_code == 404
    assert set(Listing.objects.values_list("state", flat=True)) == {"published", "draft"}


def test_only_staff_delete_for_good_and_after_giving_the_password_again(client):
    author, listing = own_listing("published")
    for user in (author, create_org_admin(listing.organisation), create_coordinator("13")):
        client.force_login(user)
        assert client.post(url("delete", listing)).status_code == 403
    staff = create_staff()
    unconfirmed = client_of(staff, confirmed=False).post(url("delete", listing))
    assert unconfirmed["Location"].startswith("/tili/reauthenticate/")
    assert Listing.objects.filter(pk=listing.pk).exists()

    create_enquiry(listing=listing, sender=create_organisation())
    match = create_match(offer=listing)
    synergy = create_synergy(giver=listing.organisation, offer=listing, match=match)
    browser = client_of(staff)
    page = browser.get(url("delete", listing))
    assert (page.context["enquiries"], page.context["matches"]) == (1, 1)
    assert browser.post(url("delete", listing))["Location"] == reverse("symbiosis:listing_list")
    assert not Listing.objects.filter(pk=listing.pk).exists()
    synergy.refresh_from_db()
    assert (synergy.offer, synergy.match) == (None, None)
    entry = AuditEntry.objects.get(what="listing deleted")
    assert (entry.actor, entry.label, entry.object_id) == (staff, listing.title, str(listing.pk))
    assert not Attachment.objects.exists()
