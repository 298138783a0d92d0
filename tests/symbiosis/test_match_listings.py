from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from kisu.lib.dates import business_date
from members.models import JobRun, Notification
from members.services.jobs import run_job
from symbiosis.matching import explaining
from symbiosis.models import Listing, Match, MatchAnswer, MatchingRelease, MatchRun, StagedMatch
from symbiosis.services import facts, night, readings
from symbiosis.services.matches import answer_match
from symbiosis.services.night import match_listings
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
    assert {"code": "same_goods", "for_it": True, "params": {"goods": "sawdust"}} in match.reasons
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
    real = night._stage

    def slow(*args, **kwargs):
        real(*args, **kwargs)
        Listing.objects.filter(pk=offer.pk).update(state="closed", close_reason="other")

    monkeypatch.setattr(night, "_stage", slow)
    assert run()["matches"] == 0
    assert not Match.objects.exists()


def test_nothing_is_published_when_a_part_fails(monkeypatch):
    create_listing(), create_need()

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(night, "tell_of", fail)
    with pytest.raises(RuntimeError):
        run()
    assert not Match.objects.exists()


def test_a_run_tells_how_far_it_is_slice_by_slice(monkeypatch):
    """Silence is taken for a dead worker's."""
    monkeypatch.setattr(night, "SLICE", 1)
    for _number in range(3):
        create_listing(), create_need()
    told = []

    now = timezone.now()
    match_listings(on=business_date(now), now=now, progress=lambda done, total: told.append((done, total)))

    assert told[-3:] == [(1, 3), (2, 3), (3, 3)]
    assert Match.objects.count() == 9


def test_a_run_that_was_left_goes_on_with_what_is_not_done(monkeypatch):
    """As a worker leaves it that was killed after its first slice: what is staged stays, the rest is done, all is told once."""
    monkeypatch.setattr(night, "SLICE", 1)
    create_listing(), create_need(), create_need()
    real, slices = night._match_slice, []

    def die_at_the_second(run, one, *args, **kwargs):
        slices.append(one.number)
        if len(slices) == 2:
            raise KeyboardInterrupt
        real(run, one, *args, **kwargs)

    monkeypatch.setattr(night, "_match_slice", die_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        run()
    assert not Match.objects.exists()
    later = timezone.now() + timedelta(minutes=3)

    monkeypatch.setattr(timezone, "now", lambda: later)
    assert run(now=later)["matches"] == 2

    assert slices == [0, 1, 1]
    assert MatchRun.objects.get().state == "published"
    assert not StagedMatch.objects.exists()


def test_two_workers_share_the_slices_of_a_run(monkeypatch):
    monkeypatch.setattr(night, "SLICE", 1)
    create_listing(), create_need(), create_need()
    real, done = night._match_slice, []

    def with_another(run, one, *args, **kwargs):
        if not done:
            done.append("other")
            night.work_on(run.pk)  # leaves when nothing is free, and publishes nothing
            assert not Match.objects.exists()
        real(run, one, *args, **kwargs)
        done.append(one.number)

    monkeypatch.setattr(night, "_match_slice", with_another)
    assert run()["matches"] == 2
    assert done == ["other", 1, 0]


def test_a_listing_that_makes_the_matcher_raise_is_left_aside_and_the_others_go_on(monkeypatch):
    create_listing(title="Broken offer"), create_listing(), create_need(title="Broken need"), create_need()
    real = facts.read_listing

    def read(listing, known):
        if "Broken" in listing.title:
            raise ValueError(listing.title)
        return real(listing, known)

    monkeypatch.setattr(facts, "read_listing", read)
    monkeypatch.setattr(readings, "read_listing", read)
    counts = run()

    assert (counts["matches"], counts["parked"]) == (1, 2)
    aside = Listing.objects.filter(title__startswith="Broken").values_list("pk", flat=True)
    assert sorted(MatchRun.objects.get().parked) == [[pk, "ValueError"] for pk in sorted(aside)]


def test_a_need_that_raises_while_it_is_matched_is_left_aside_and_the_others_go_on(monkeypatch):
    create_listing(), create_need(title="Broken need"), create_need()
    real = explaining._explained

    def explain(*args):
        found = real(*args)
        if Listing.objects.filter(pk=found.need, title="Broken need").exists():
            raise ZeroDivisionError
        return found

    monkeypatch.setattr(explaining, "_explained", explain)
    counts = run()

    assert (counts["matches"], counts["parked"]) == (1, 1)


def test_what_was_turned_down_as_too_far_lowers_what_is_as_far():
    need = create_need()
    near, far = create_listing(), create_listing(organisation=create_organisation(municipality_name="Rovaniemi"))
    run()
    before = Match.objects.get(offer=far).score
    other = create_listing(organisation=create_organisation(municipality_name="Rovaniemi"))
    member = create_member(need.organisation)
    answer_match(
        by=member,
        match=Match.objects.get(offer=far),
        organisation=need.organisation,
        answer="dismissed",
        reason="too_far",
        now=timezone.now(),
    )
    run()

    again = Match.objects.get(offer=other)
    assert again.score < 0.95 * before
    assert "told_far" in {reason["code"] for reason in again.reasons}
    assert "told_far" not in Match.objects.get(offer=near).parts


def test_a_pair_that_was_turned_down_takes_nobodys_place(monkeypatch):
    monkeypatch.setattr(night, "KEPT", 1)
    need = create_need()
    best, second = create_listing(title="Dry sawdust"), create_listing(title="Wood chips", description="Chips.")
    run()
    assert [match.offer for match in Match.objects.all()] == [best]
    answer_match(
        by=create_member(need.organisation),
        match=Match.objects.get(),
        organisation=need.organisation,
        answer="dismissed",
        reason="already_taken",
        now=timezone.now(),
    )
    run()
    assert {match.offer for match in Match.objects.filter(withdrawn_at=None)} == {best, second}


def test_after_an_upgrade_only_what_is_new_is_published_until_staff_release_it(monkeypatch):
    create_listing(), create_need()
    run()
    MatchingRelease.objects.update(version="of the portal b4")
    Match.objects.update(score=0.123)
    fresh = create_need()

    counts = run()

    assert (counts["held"], counts["matches"], counts["withdrawn"]) == (True, 1, 0)
    assert Match.objects.get(need=fresh).score != 0.123
    assert Match.objects.exclude(need=fresh).get().score == 0.123
    assert MatchingRelease.objects.filter(state="comparing").count() == 1


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
