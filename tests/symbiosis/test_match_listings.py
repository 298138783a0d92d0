from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from kisu.lib.dates import business_date
from members.models import JobRun, Notification
from members.services.jobs import run_job
from symbiosis.matching import engine
from symbiosis.models import Listing, Match, MatchAnswer
from symbiosis.services import matches
from symbiosis.services.matches import answer_match, match_listings
from tests.factories.members import create_coordinator, create_member, create_organisation, create_staff
from tests.factories.symbiosis import create_listing, create_match, create_need

pytestmark = pytest.mark.django_db


def run(**times):
    now = times.get("now") or timezone.now()
    return match_listings(on=business_date(now), now=now)


def test_an_offer_and_a_need_of_two_firms_are_joined_with_reasons():
    offer, need = create_listing(), create_need()

    counts = run()

    match = Match.objects.get()
    assert (match.offer, match.need) == (offer, need)
    assert match.match_class in {"good", "possible"}
    assert {"code": "same_material", "for_it": True, "params": {"material": "wood"}} in match.reasons
    assert match.distance_km == 0
    assert (counts["offers"], counts["needs"], counts["matches"], counts["new"]) == (1, 1, 1, 1)


def test_a_firm_is_not_matched_with_itself_and_loses_no_place_by_it():
    firm = create_organisation()
    for _number in range(12):
        create_listing(organisation=firm)
    offer = create_listing(title="Some wood chips", description="Chips of wood.")
    create_need(organisation=firm)

    run()

    assert [match.offer for match in Match.objects.all()] == [offer]


@pytest.mark.parametrize("state", ["draft", "in_review", "hidden", "closed", "expired"])
def test_only_open_listings_are_matched(state):
    create_listing(state=state)
    create_need()
    run()
    assert not Match.objects.exists()


def test_a_listing_past_its_last_day_is_not_matched_before_the_job_has_expired_it():
    today = business_date(timezone.now())
    create_listing(valid_until=today - timedelta(days=1))
    create_need()
    run()
    assert not Match.objects.exists()


def test_a_pair_that_is_no_longer_suggested_is_withdrawn_and_comes_back():
    offer, _need = create_listing(), create_need()
    run()
    Listing.objects.filter(pk=offer.pk).update(state="in_review")

    assert run()["withdrawn"] == 1
    assert not Match.objects.current().exists()

    Listing.objects.filter(pk=offer.pk).update(state="published")
    assert run()["new"] == 0
    assert Match.objects.current().count() == 1


def test_answers_outlive_the_night_and_what_was_dismissed_is_no_news():
    offer, _need = create_listing(), create_need()
    member = create_member(offer.organisation)
    run()
    match = Match.objects.get()
    answer_match(
        by=member,
        match=match,
        organisation=offer.organisation,
        answer="dismissed",
        reason="too_far",
        now=timezone.now(),
    )
    Listing.objects.filter(pk=offer.pk).update(state="in_review")
    run()
    Listing.objects.filter(pk=offer.pk).update(state="published")
    Notification.objects.all().delete()

    run()

    assert MatchAnswer.objects.get().reason == "too_far"
    assert not Notification.objects.exists()
    assert not Match.objects.visible_to(member).current().not_dismissed_by(member).exists()


def test_people_hear_once_a_night_of_all_their_new_matches():
    giver = create_organisation()
    member = create_member(giver)
    best = create_listing(organisation=giver, title="Dry sawdust")
    create_listing(organisation=giver, title="Wet sawdust and bark")
    create_need()

    assert run()["told"] == 1
    run()

    notice = Notification.objects.get(user=member)
    assert notice.kind == "match_found"
    assert notice.params["title"].endswith("(+1)")
    assert best.organisation == giver
    assert notice.url == reverse("symbiosis:match_list") + "?answer=none"


def test_a_single_new_match_is_led_to():
    offer = create_listing()
    member = create_member(offer.organisation)
    create_need()
    run()
    assert Notification.objects.get(user=member).url == Match.objects.get().get_absolute_url()


def test_the_coordinator_hears_for_a_firm_that_has_nobody_in_the_portal():
    coordinator, other = create_coordinator("13"), create_coordinator("01")
    create_listing()
    create_need(organisation=create_organisation(municipality_name="Jyväskylä"))
    run()
    assert Notification.objects.filter(user=coordinator).count() == 1
    assert not Notification.objects.filter(user=other).exists()


def test_a_distant_pair_is_no_news_until_it_is_better():
    offer, need = create_listing(), create_need()
    create_member(offer.organisation)
    create_match(offer=offer, need=need, match_class="distant", score=0.05)
    assert run()["told"] == 1


def test_two_runs_at_once_have_one_effect():
    create_member(create_listing().organisation)
    create_need()
    now = timezone.now()

    later = run(now=now)
    earlier = run(now=now - timedelta(minutes=1))

    assert (later["new"], earlier.get("superseded")) == (1, True)
    assert Match.objects.get().computed_at == now
    assert Notification.objects.count() == 1


def test_a_listing_that_is_closed_while_the_matcher_works_is_left_out(monkeypatch):
    offer, _need = create_listing(), create_need()
    real = matches.match

    def slow(*args, **kwargs):
        found = real(*args, **kwargs)
        Listing.objects.filter(pk=offer.pk).update(state="closed", close_reason="other")
        return found

    monkeypatch.setattr(matches, "match", slow)
    assert run()["matches"] == 0
    assert not Match.objects.exists()


def test_nothing_is_published_when_a_part_fails(monkeypatch):
    create_listing(), create_need()

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(matches, "_tell_of", fail)
    with pytest.raises(RuntimeError):
        run()
    assert not Match.objects.exists()


def test_a_long_run_tells_how_far_it_is_from_the_first_text_to_the_last_row(monkeypatch):
    """Silence is taken for a dead worker's, and what is told inside the publishing transaction nobody hears."""
    monkeypatch.setattr(engine, "BLOCK", 2)
    monkeypatch.setattr(matches, "BATCH", 3)
    for _number in range(3):
        create_listing(), create_need()
    told = []

    now = timezone.now()
    match_listings(on=business_date(now), now=now, progress=lambda done, total: told.append((done, total)))

    listings, six_read, six_texts = [(0, 3)], [(0, 3)] * 6, [(0, 3)] * 6
    two_blocks, table, three_batches = [(2, 3), (3, 3)], [(3, 3)], [(3, 3)] * 3
    assert told == listings + six_read + six_texts + two_blocks + table + three_batches
    assert Match.objects.count() == 9


def test_the_command_does_what_the_job_does(capsys):
    create_listing(), create_need()
    call_command("match_listings")
    assert Match.objects.count() == 1
    assert "matches 1" in capsys.readouterr().out


def test_staff_start_a_run_and_are_led_to_it(client, rung, django_capture_on_commit_callbacks):
    client.force_login(create_staff())
    create_listing(), create_need()
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(reverse("symbiosis:match_run"))
        client.post(reverse("symbiosis:match_run"))

    run = JobRun.objects.get()
    assert (run.job, response["Location"]) == ("symbiosis.match_listings", run.get_absolute_url())
    assert ("members.run_job", run.pk) in rung
    assert run_job(run_id=run.pk, now=timezone.now()) == "done"
    run.refresh_from_db()
    assert (run.result["matches"], run.done, run.total) == (1, 1, 1)


@pytest.mark.parametrize("create", [create_member, create_coordinator])
def test_nobody_else_starts_a_run(client, create):
    client.force_login(create())
    assert client.post(reverse("symbiosis:match_run")).status_code == 403
    assert not JobRun.objects.exists()
