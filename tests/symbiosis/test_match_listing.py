from datetime import timedelta

import pytest
from django.utils import timezone

from kisu.lib.dates import business_date
from members.models import JobRun, Notification
from members.services.jobs import run_job
from symbiosis.models import Listing, Match
from symbiosis.services import night, rematch
from symbiosis.services.listings import edit_listing, submit_listing, version_of
from symbiosis.services.matches import answer_match
from symbiosis.services.night import match_listings
from symbiosis.services.readings import store_reading
from symbiosis.services.rematch import match_listing
from tests.factories.members import create_member, create_staff
from tests.factories.symbiosis import create_listing, create_need

pytestmark = pytest.mark.django_db


def rematched(listing, *, now=None):
    now = now or timezone.now()
    return match_listing(listing_id=listing.pk, on=business_date(now), now=now)


@pytest.mark.parametrize("side", ["offer", "need"])
def test_a_new_listing_finds_the_other_side_and_both_hear(side):
    offer, need = create_listing(), create_need()
    create_member(offer.organisation)
    create_member(need.organisation)

    counts = rematched(offer if side == "offer" else need)

    assert (counts["matches"], counts["new"], counts["told"]) == (1, 1, 2)
    assert Match.objects.get().offer == offer
    assert rematched(offer)["told"] == 0
    assert Notification.objects.count() == 2


def test_it_says_what_the_night_says():
    for _number in range(3):
        create_listing(), create_need()
    now = timezone.now()
    match_listings(on=business_date(now), now=now)
    before = {(one.offer_id, one.need_id): (one.score, one.reasons) for one in Match.objects.all()}

    for listing in Listing.objects.all():
        rematched(listing)

    assert before == {(one.offer_id, one.need_id): (one.score, one.reasons) for one in Match.objects.all()}


@pytest.mark.parametrize("side", ["offer", "need"])
def test_what_a_worker_holds_is_brought_up_to_date(monkeypatch, side):
    """The market is laid out once; what is new, edited or closed since is looked at beside it."""
    monkeypatch.setattr(rematch, "HELD_FROM", 1)
    monkeypatch.setattr(rematch, "_kept", None)
    offers, needs = [create_listing() for _number in range(3)], [create_need() for _number in range(3)]
    own, others = (offers[0], needs) if side == "offer" else (needs[0], offers)
    rematched(own)
    held = rematch._kept
    assert Match.objects.filter(withdrawn_at=None).count() == 3

    others[0].title, others[0].description = "Crushed concrete", "Concrete for a road base."
    others[0].save()
    store_reading(others[0], now=timezone.now())
    Listing.objects.filter(pk=others[1].pk).update(
        state="closed", close_reason="other", changed_at=timezone.now() + timedelta(seconds=1)
    )
    new = create_need() if side == "offer" else create_listing()
    rematched(own, now=timezone.now() + timedelta(seconds=2))

    left = Match.objects.filter(withdrawn_at=None, match_class__in=("good", "possible"))
    assert {getattr(one, "need" if side == "offer" else "offer") for one in left} == {others[2], new}
    assert rematch._kept is held


def test_a_worker_that_got_ready_lays_nothing_out_for_the_first_listing_nor_on_the_next_day(monkeypatch):
    monkeypatch.setattr(rematch, "HELD_FROM", 1)
    monkeypatch.setattr(rematch, "_kept", None)
    offer, need = create_listing(), create_need()
    on = business_date(timezone.now())
    rematch.lay_market_out(on=on)
    monkeypatch.setattr(rematch, "_laid_out", None)  # raises when called

    assert rematched(offer)["matches"] == 1
    tomorrow = on + timedelta(days=1)
    Listing.objects.filter(pk=need.pk).update(valid_until=on)
    later = timezone.now() + timedelta(seconds=1)
    assert rematch.match_listing(listing_id=offer.pk, on=tomorrow, now=later)["matches"] == 0


def test_one_that_is_closed_loses_its_matches():
    offer, _need = create_listing(), create_need()
    rematched(offer)
    Listing.objects.filter(pk=offer.pk).update(state="closed", close_reason="other")
    assert rematched(offer)["withdrawn"] == 1
    assert not Match.objects.filter(withdrawn_at=None).exists()


def test_a_better_offer_takes_the_place_of_the_worst(monkeypatch):
    monkeypatch.setattr(night, "KEPT", 1)
    monkeypatch.setattr(rematch, "KEPT", 1)
    worse = create_listing(title="Wood chips", description="Chips of wood.")
    need = create_need()
    rematched(worse)
    better = create_listing()

    assert rematched(better)["withdrawn"] == 1
    assert [one.offer for one in Match.objects.filter(withdrawn_at=None)] == [better]

    rematched(worse)
    assert [one.offer for one in Match.objects.filter(withdrawn_at=None)] == [better]
    assert need.matches_as_need.count() == 2


def test_what_was_turned_down_stays_and_takes_nobodys_place(monkeypatch):
    monkeypatch.setattr(rematch, "KEPT", 1)
    offer, need = create_listing(), create_need()
    rematched(need)
    answer_match(
        by=create_member(need.organisation),
        match=Match.objects.get(),
        organisation=need.organisation,
        answer="dismissed",
        reason="other",
        now=timezone.now(),
    )
    other = create_listing(title="Wood chips", description="Chips of wood.")
    rematched(need)
    assert {one.offer for one in Match.objects.filter(withdrawn_at=None)} == {offer, other}


def test_a_night_that_began_before_the_edit_leaves_it_alone():
    offer, _need = create_listing(), create_need()
    began = timezone.now() - timedelta(minutes=1)
    rematched(offer)
    score = Match.objects.get().score
    Listing.objects.filter(pk=offer.pk).update(title="Crushed concrete", description="", changed_at=began)

    assert match_listings(on=business_date(began), now=began - timedelta(minutes=1))["withdrawn"] == 0
    assert Match.objects.get(withdrawn_at=None).score == score


def test_publishing_and_editing_ask_for_it_once_a_text(rung, django_capture_on_commit_callbacks):
    by = create_staff()
    listing = create_listing(state="draft", nature="by_product", hazardous=False)
    create_need()
    now = timezone.now()
    with django_capture_on_commit_callbacks(execute=True):
        listing = submit_listing(by=by, listing=listing, now=now)
    run = JobRun.objects.get()
    assert (run.job, run.arguments["listing"]) == ("symbiosis.match_listing", listing.pk)
    assert ("members.run_job", run.pk) in rung
    assert run_job(run_id=run.pk, now=timezone.now()) == "done"
    assert Match.objects.count() == 1

    for title in ("Sawdust", "Bark"):
        listing = edit_listing(
            by=by, listing=listing, values={"title": title}, seen=version_of(listing), submit=False, now=now
        )
    assert JobRun.objects.count() == 3
