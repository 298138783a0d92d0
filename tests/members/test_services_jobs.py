"""Jobs survive what happens to processes: killed workers, poison, two presses, a beat that slept, the clock change."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from celery.schedules import crontab
from django.db import IntegrityError, transaction
from django.utils import timezone

from kisu.celery import app
from kisu.lib.jobs import Job, Run, jobs
from members.models import JobRun, Notification
from members.models.jobs import MAX_ATTEMPTS, STALE_AFTER
from members.services.jobs import (
    RETRY_AFTER,
    daily_times,
    missed_daily,
    next_daily,
    retry_job,
    run_job,
    start_daily,
    start_job,
    sweep_jobs,
)
from tests.factories.members import create_staff

pytestmark = pytest.mark.django_db
HELSINKI = ZoneInfo("Europe/Helsinki")
NAME = "tests.job"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Registers a function as the test's job."""

    def as_job(function: Any) -> None:
        entry = Job(name=NAME, title="Test job", what="Does what the test says.", function=function)
        monkeypatch.setitem(jobs._entries, NAME, entry)

    as_job(lambda run: {"made": 3})
    return as_job


def died(run: JobRun, *, now: datetime) -> None:
    """What a worker leaves that was killed while the job ran."""
    claimed = JobRun.objects.due(now=now).filter(pk=run.pk)
    assert claimed.update(state="running", attempts=run.attempts + 1, started_at=now, heartbeat_at=now)
    run.refresh_from_db()


def test_a_run_ends_with_its_figures(register: Any) -> None:
    run = start_job(by=None, job=NAME, now=NOW)
    assert run_job(run_id=run.pk, now=NOW) == "done"
    run.refresh_from_db()
    assert (run.state, run.result, run.attempts) == ("done", {"made": 3}, 1)
    assert run.finished_at is not None
    assert run_job(run_id=run.pk, now=NOW) is None


def test_two_presses_are_one_run_and_one_ring(
    register: Any, rung: Any, django_capture_on_commit_callbacks: Any
) -> None:
    staff = create_staff()
    with django_capture_on_commit_callbacks(execute=True):
        first = start_job(by=staff, job=NAME, now=NOW)
        second = start_job(by=staff, job=NAME, now=NOW)
    assert first == second
    assert rung == [("members.run_job", first.pk)]
    assert start_job(by=staff, job=NAME, arguments={"only": "x"}, now=NOW) != first


def test_a_press_after_the_end_is_a_new_run(register: Any) -> None:
    first = start_job(by=None, job=NAME, now=NOW)
    run_job(run_id=first.pk, now=NOW)
    assert start_job(by=None, job=NAME, now=NOW) != first


def test_a_job_that_nobody_registers_is_not_started() -> None:
    with pytest.raises(KeyError):
        start_job(by=None, job="no.such", now=NOW)
    assert not JobRun.objects.exists()


def test_a_rolled_back_press_leaves_neither_row_nor_ring(register: Any, rung: Any) -> None:
    with transaction.atomic():
        start_job(by=None, job=NAME, now=NOW)
        transaction.set_rollback(True)
    assert (JobRun.objects.count(), rung) == (0, [])


# --- Two workers ------------------------------------------------------------------------------------------------------


def test_a_second_worker_finds_nothing_to_do(register: Any) -> None:
    run = start_job(by=None, job=NAME, now=NOW)
    inside: list[Any] = []
    register(lambda given: inside.append(run_job(run_id=run.pk, now=timezone.now())) or {})
    with time_machine.travel(NOW, tick=False):
        run_job(run_id=run.pk, now=NOW)
    assert inside == [None]


def test_killed_before_the_claim_the_sweeper_rings_again(register: Any, rung: Any) -> None:
    run = start_job(by=None, job=NAME, now=NOW)
    sweep_jobs(now=NOW)
    assert ("members.run_job", run.pk) in rung


def test_killed_while_running_the_run_is_taken_over_when_it_is_silent(register: Any, rung: Any) -> None:
    run = start_job(by=None, job=NAME, now=NOW)
    died(run, now=NOW)
    assert run_job(run_id=run.pk, now=NOW + STALE_AFTER) is None
    later = NOW + STALE_AFTER + timedelta(seconds=1)
    sweep_jobs(now=later)
    assert ("members.run_job", run.pk) in rung
    assert run_job(run_id=run.pk, now=later) == "done"


def test_a_silent_worker_that_comes_back_does_not_overwrite_the_other(register: Any) -> None:
    run = start_job(by=None, job=NAME, now=NOW)

    def slow(given: Run) -> dict[str, Any]:
        JobRun.objects.filter(pk=run.pk).update(attempts=2, result={"by": "the other"}, state="done")
        return {"by": "the silent one"}

    register(slow)
    assert run_job(run_id=run.pk, now=NOW) is None
    run.refresh_from_db()
    assert run.result == {"by": "the other"}


def test_a_worker_whose_run_was_taken_over_stops_at_its_next_step(register: Any) -> None:
    run = start_job(by=None, job=NAME, now=NOW)
    steps = []

    def slow(given: Run) -> dict[str, Any]:
        JobRun.objects.filter(pk=run.pk).update(attempts=2)
        given.progress(1, 10)
        steps.append("after")
        return {}

    register(slow)
    assert run_job(run_id=run.pk, now=NOW) is None
    assert steps == []
    run.refresh_from_db()
    assert (run.state, run.attempts) == ("running", 2)


def test_progress_is_seen_and_is_a_sign_of_life(register: Any) -> None:
    run = start_job(by=None, job=NAME, now=NOW)
    seen = []

    def steady(given: Run) -> dict[str, Any]:
        given.progress(4, 10)
        seen.append(JobRun.objects.values("done", "total", "heartbeat_at").get(pk=run.pk))
        return {}

    register(steady)
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        run_job(run_id=run.pk, now=NOW)
    assert seen == [{"done": 4, "total": 10, "heartbeat_at": NOW + timedelta(minutes=1)}]


# --- Poison -----------------------------------------------------------------------------------------------------------


def test_a_job_that_raises_is_parked_after_three_tries_with_its_traceback(register: Any, caplog: Any) -> None:
    staff = create_staff()

    def poison(given: Run) -> dict[str, Any]:
        raise ValueError("No mailbox canary@kisu.example")

    register(poison)
    run = start_job(by=None, job=NAME, now=NOW)
    now, states = NOW, []
    for _try in range(MAX_ATTEMPTS):
        with time_machine.travel(now, tick=False):
            states.append(run_job(run_id=run.pk, now=now))
        assert run_job(run_id=run.pk, now=now) is None  # it waits before it is tried again
        now += RETRY_AFTER
    run.refresh_from_db()
    assert states == ["queued", "queued", "parked"]
    assert "ValueError: No mailbox [address]" in run.traceback
    assert Notification.objects.get(user=staff).kind == "job_parked"
    assert "canary" not in str([record.getMessage() for record in caplog.records])


def test_a_job_that_kills_its_process_is_parked_after_three_tries(register: Any) -> None:
    run = start_job(by=None, job=NAME, now=NOW)
    now = NOW
    for _try in range(MAX_ATTEMPTS):
        died(run, now=now)
        now += STALE_AFTER + timedelta(seconds=1)
    assert run_job(run_id=run.pk, now=now) == "parked"
    run.refresh_from_db()
    assert "died each time" in run.traceback
    assert not JobRun.objects.due(now=now + timedelta(days=1)).exists()


def test_a_job_of_another_version_is_parked(register: Any) -> None:
    run = JobRun.objects.create(job="gone.job", not_before=NOW)
    assert run_job(run_id=run.pk, now=NOW) == "parked"


def test_a_parked_run_gets_three_new_tries_by_one_press(register: Any) -> None:
    staff = create_staff()
    run = JobRun.objects.create(job=NAME, state="parked", attempts=3, traceback="x", not_before=NOW, finished_at=NOW)
    assert retry_job(by=staff, run=run, now=NOW)
    assert not retry_job(by=staff, run=run, now=NOW)
    assert run_job(run_id=run.pk, now=NOW) == "done"
    run.refresh_from_db()
    assert (run.attempts, run.traceback) == (1, "")


# --- The day's runs ---------------------------------------------------------------------------------------------------


def test_a_job_has_one_run_a_business_date_however_often_it_is_asked_for(register: Any) -> None:
    first = start_daily(job=NAME, on=date(2026, 11, 24), now=NOW)
    assert first is not None
    assert start_daily(job=NAME, on=date(2026, 11, 24), now=NOW) is None
    assert start_daily(job=NAME, on=date(2026, 11, 25), now=NOW) is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        JobRun.objects.create(job=NAME, business_date=date(2026, 11, 24), not_before=NOW)


def test_the_day_of_a_run_is_the_one_it_was_asked_for_not_the_one_it_runs_on(register: Any) -> None:
    days = []
    register(lambda given: days.append(given.on) or {})
    run = start_daily(job=NAME, on=date(2026, 11, 20), now=NOW)
    assert run is not None
    run_job(run_id=run.pk, now=NOW)
    assert days == [date(2026, 11, 20)]


def test_runs_that_beat_slept_through_are_found_once() -> None:
    now = datetime(2026, 11, 24, 6, tzinfo=UTC)
    assert dict(missed_daily(now=now)) == dict.fromkeys(daily_times(), date(2026, 11, 24))
    sweep_jobs(now=now)
    assert missed_daily(now=now) == []
    sweep_jobs(now=now)
    assert JobRun.objects.count() == len(daily_times())


def test_after_three_days_asleep_only_the_last_run_is_made_up_for() -> None:
    sweep_jobs(now=datetime(2026, 11, 20, 23, 59, tzinfo=UTC))
    sweep_jobs(now=datetime(2026, 11, 24, 6, tzinfo=UTC))
    days = set(JobRun.objects.values_list("business_date", flat=True))
    assert days == {date(2026, 11, 21), date(2026, 11, 24)}


@pytest.mark.parametrize("night", [date(2026, 3, 28), date(2026, 10, 24)])
def test_on_the_nights_of_the_clock_change_each_day_has_one_run(night: date) -> None:
    """Beat and the sweeper ask every ten minutes from the evening before to the evening after."""
    now = datetime.combine(night, time(12), tzinfo=UTC)
    for _step in range(6 * 48):
        sweep_jobs(now=now)
        now += timedelta(minutes=10)
    for job in daily_times():
        days = list(JobRun.objects.filter(job=job).order_by("business_date").values_list("business_date", flat=True))
        assert days == [night + timedelta(days=number) for number in range(3)]


def test_nothing_is_asked_for_between_three_and_four_in_helsinki() -> None:
    """That hour comes twice in autumn and never in spring."""
    for name, entry in app.conf.beat_schedule.items():
        if isinstance(entry["schedule"], crontab):
            for day in (date(2026, 1, 15), date(2026, 7, 15), date(2026, 3, 29), date(2026, 10, 25)):
                for hour in entry["schedule"].hour:
                    for minute in entry["schedule"].minute:
                        local = datetime.combine(day, time(hour, minute), tzinfo=UTC).astimezone(HELSINKI)
                        assert local.hour != 3, name
    assert str(app.timezone) == "UTC"


def test_every_daily_entry_names_a_registered_job_and_one_time() -> None:
    assert set(daily_times()) <= set(jobs.keys())
    for entry in app.conf.beat_schedule.values():
        if entry["task"] == "members.start_daily":
            assert (len(entry["schedule"].hour), len(entry["schedule"].minute)) == (1, 1)


def test_the_next_run_is_told() -> None:
    at = daily_times()["members.enforce_retention"]
    before = datetime.combine(date(2026, 11, 24), at) - timedelta(minutes=1)
    assert next_daily(job="members.enforce_retention", now=before) == before + timedelta(minutes=1)
    assert next_daily(job="members.enforce_retention", now=before + timedelta(minutes=1)) == before + timedelta(
        days=1, minutes=1
    )
    assert next_daily(job="no.such", now=before) is None
