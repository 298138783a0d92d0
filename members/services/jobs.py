"""Running jobs: ask, claim, run, finish or park; the sweeper that resumes what was left behind."""

from __future__ import annotations

import logging
import time as clock
import traceback
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from kisu.lib.dates import business_date
from kisu.lib.jobs import Run, jobs
from kisu.lib.logs import scrub
from members import tasks
from members.models import AuditEntry, Heartbeat, JobRun, User
from members.models.jobs import MAX_ATTEMPTS
from members.services.audit import record
from members.services.notices import notify_staff

log = logging.getLogger(__name__)

RETRY_AFTER = timedelta(minutes=2)


def start_job(*, by: User | None, job: str, arguments: dict[str, Any] | None = None, now: datetime) -> JobRun:
    """Asks for a run now. When the same run is waiting or running already, that one is returned: two presses, one run.

    Raises KeyError for a name that no app registers.
    """
    jobs[job]
    arguments = arguments or {}
    try:
        with transaction.atomic():
            run = JobRun.objects.create(job=job, arguments=arguments, started_by=by, not_before=now)
            if by is not None:
                record(by=by, action=AuditEntry.Action.CREATED, instance=run, what="job started")
    except IntegrityError:
        same = JobRun.objects.filter(job=job, arguments=arguments, business_date=None)
        return same.latest("pk")  # it may have ended since: its page tells
    transaction.on_commit(partial(tasks.ring, tasks.run_job, run.pk), robust=True)
    return run


def start_daily(*, job: str, on: date, now: datetime) -> JobRun | None:
    """Asks for the day's run, once: None when the day has its row already, whoever asked."""
    run, created = JobRun.objects.get_or_create(job=job, business_date=on, defaults={"not_before": now})
    if not created:
        return None
    transaction.on_commit(partial(tasks.ring, tasks.run_job, run.pk), robust=True)
    return run


def run_job(*, run_id: int, now: datetime) -> JobRun.State | None:
    """Claims one run and runs it. None when it is not due, another worker has it, or another took it over meanwhile.

    Not one transaction on purpose: the claim and the progress are seen while the job runs.
    """
    claimed = (
        JobRun.objects.due(now=now)
        .filter(pk=run_id)
        .update(
            state=JobRun.State.RUNNING, attempts=F("attempts") + 1, started_at=now, heartbeat_at=now, done=0, total=0
        )
    )
    if not claimed:
        return None
    run = JobRun.objects.get(pk=run_id)
    if run.attempts > MAX_ATTEMPTS:
        # It was running three times and never came back: it kills its process.
        return _park(run, "The process that ran this job died each time.")
    job = jobs.get(run.job)
    if job is None:
        return _park(run, f"This version of the portal has no job named {run.job}.")
    progress = _Progress(run)
    try:
        result = job.function(
            Run(on=run.business_date or business_date(now), arguments=run.arguments, progress=progress)
        )
    except _TakenOver:
        log.warning("Job run %s was taken over by another worker.", run.pk)
        return None
    except Exception:  # a job may fail in any way; the row keeps how
        text = scrub(traceback.format_exc())
        log.exception("Job run %s (%s) failed, try %s.", run.pk, run.job, run.attempts)
        if run.attempts >= MAX_ATTEMPTS:
            return _park(run, text)
        return _leave(run, JobRun.State.QUEUED, traceback=text, not_before=timezone.now() + RETRY_AFTER)
    return _leave(
        run,
        JobRun.State.DONE,
        result=result,
        finished_at=timezone.now(),
        traceback="",
        done=progress.done,
        total=progress.total,
    )


def _leave(run: JobRun, state: JobRun.State, **fields: Any) -> JobRun.State | None:
    """Writes the end of this try, unless the sweeper gave the run to another worker because this one was silent."""
    mine = JobRun.objects.filter(pk=run.pk, state=JobRun.State.RUNNING, attempts=run.attempts)
    return state if mine.update(state=state, **fields) else None


@transaction.atomic
def _park(run: JobRun, text: str) -> JobRun.State | None:
    state = _leave(run, JobRun.State.PARKED, traceback=text, finished_at=timezone.now())
    if state is not None:
        notify_staff(kind="job_parked", params={"title": run.job}, url=run.get_absolute_url())
    return state


class _TakenOver(Exception):
    """Another worker runs this run now."""


class _Progress:
    """Writes how far a run is, at most once a second: each write is also its sign of life."""

    def __init__(self, run: JobRun) -> None:
        self.mine = JobRun.objects.filter(pk=run.pk, state=JobRun.State.RUNNING, attempts=run.attempts)
        self.done = self.total = 0
        self._written = 0.0

    def __call__(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        if clock.monotonic() - self._written >= 1:
            self._written = clock.monotonic()
            if not self.mine.update(done=done, total=total, heartbeat_at=timezone.now()):
                raise _TakenOver


@transaction.atomic
def retry_job(*, by: User, run: JobRun, now: datetime) -> bool:
    """Puts a parked run back in the queue with three new tries. False when it was not parked (any more)."""
    updated = JobRun.objects.filter(pk=run.pk, state=JobRun.State.PARKED).update(
        state=JobRun.State.QUEUED, attempts=0, not_before=now, finished_at=None
    )
    if updated:
        record(by=by, action=AuditEntry.Action.CHANGED, instance=run, what="job tried again")
        transaction.on_commit(partial(tasks.ring, tasks.run_job, run.pk), robust=True)
    return bool(updated)


def sweep_jobs(*, now: datetime) -> int:
    """Starts daily runs that were missed and rings for every run that is due. Returns how many it rang for."""
    for job, on in missed_daily(now=now):
        start_daily(job=job, on=on, now=now)
    due = list(JobRun.objects.due(now=now).order_by("not_before", "pk").values_list("pk", flat=True)[:50])
    for pk in due:
        tasks.ring(tasks.run_job, pk)
    return len(due)


def daily_times() -> dict[str, time]:
    """The UTC time of day at which beat asks for each daily job."""
    from kisu.celery import app

    times = {}
    for entry in app.conf.beat_schedule.values():
        if entry["task"] == "members.start_daily":
            schedule: Any = entry["schedule"]  # a crontab with one hour and one minute
            (job,) = entry["args"]
            times[job] = time(min(schedule.hour), min(schedule.minute), tzinfo=UTC)
    return times


def next_daily(*, job: str, now: datetime) -> datetime | None:
    """When beat asks for the job next; None for one that only people start."""
    at = daily_times().get(job)
    if at is None:
        return None
    today = datetime.combine(now.astimezone(UTC).date(), at)
    return today if today > now else today + timedelta(days=1)


def missed_daily(*, now: datetime) -> list[tuple[str, date]]:
    """(job, business date) of the last time that beat's dict names and that has no row: beat was down then."""
    missed = []
    for job in daily_times():
        following = next_daily(job=job, now=now)
        assert following is not None  # noqa: S101  daily_times named it
        on = business_date(following - timedelta(days=1))
        if not JobRun.objects.filter(job=job, business_date=on).exists():
            missed.append((job, on))
    return missed


def beat(*, now: datetime) -> None:
    """A sign of life of beat and of the worker that ran it."""
    Heartbeat.objects.update_or_create(name="beat", defaults={"at": now})
