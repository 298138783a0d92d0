from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command

from kisu.lib.dates import business_date
from kisu.lib.jobs import Run, jobs
from members.models import AuditEntry, Mail, Notification
from symbiosis.models import Listing
from symbiosis.services.listings import expire_listings, prolong_listing
from tests.factories.members import create_member, create_org_admin
from tests.factories.symbiosis import create_listing

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 22, 5, tzinfo=UTC)  # five past midnight in Helsinki
ON = business_date(NOW)


def listing(until, **fields):
    member = create_member()
    values = {"valid_from": date(2026, 6, 1), "valid_until": until, "created_by": member}
    return create_listing(organisation=member.role_grants.get().organisation, **values | fields)


def run():
    return expire_listings(on=ON, now=NOW)


def test_a_listing_lives_through_its_last_day_and_expires_in_the_night_after():
    last, past = listing(ON), listing(ON - timedelta(days=1))
    assert run()["expired"] == 1
    for row in (last, past):
        row.refresh_from_db()
    assert (last.state, past.state) == ("published", "expired")
    entry = AuditEntry.objects.get(what="listing expired")
    assert (entry.actor, entry.object_id, entry.organisation) == (None, str(past.pk), past.organisation)
    assert entry.changes == {"state": ["published", "expired"]}


def test_only_published_listings_expire():
    for state in ("draft", "in_review", "closed", "rejected", "hidden"):
        listing(ON - timedelta(days=9), state=state)
    assert run()["expired"] == 0
    assert not Listing.objects.filter(state="expired").exists()


def test_owners_are_told_once_when_fourteen_days_are_left():
    near, far = listing(ON + timedelta(days=14)), listing(ON + timedelta(days=15))
    assert run() == {"expired": 0, "told": 1, "files_removed": 0}
    assert run() == {"expired": 0, "told": 0, "files_removed": 0}
    notice = Notification.objects.get()
    assert (notice.user, notice.kind, notice.url) == (near.created_by, "listing_expiring", near.get_absolute_url())
    assert Mail.objects.get().recipient == near.created_by.email
    assert far.created_by not in {notice.user}


def test_a_night_that_was_missed_is_made_up_for():
    listing(ON + timedelta(days=3))
    assert run()["told"] == 1


def test_after_prolonging_its_owner_is_told_again_in_time():
    row = listing(ON + timedelta(days=2))
    run()
    prolong_listing(by=row.created_by, listing=row, until=ON + timedelta(days=100), now=NOW)
    assert run()["told"] == 0
    later = NOW + timedelta(days=90)
    assert expire_listings(on=business_date(later), now=later)["told"] == 1
    assert Notification.objects.count() == 2


def test_of_a_listing_whose_author_left_the_admins_are_told():
    row = listing(ON + timedelta(days=2))
    admin = create_org_admin(row.organisation)
    row.created_by.role_grants.all().delete()
    run()
    assert [notice.user for notice in Notification.objects.all()] == [admin]


def test_the_notice_does_not_count_as_a_change_of_the_listing():
    row = listing(ON + timedelta(days=2))
    before = row.changed_at
    run()
    row.refresh_from_db()
    assert (row.changed_at, row.expiry_told) == (before, row.valid_until)


def test_the_job_tells_how_far_it_is():
    for days in (1, 2):
        listing(ON - timedelta(days=days))
    seen = []
    job = jobs["symbiosis.expire_listings"]
    result = job.function(Run(on=ON, arguments={}, progress=lambda done, total: seen.append((done, total))))
    assert seen == [(1, 2), (2, 2)]
    assert result["expired"] == 2


def test_the_command_does_the_same(capsys):
    listing(date(2026, 7, 1))
    call_command("expire_listings")
    assert "expired: 1\n" in capsys.readouterr().out
