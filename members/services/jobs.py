"""Running jobs: ask, claim, run, finish or park; the sweeper that resumes what was left behind."""

from __future__ import annotations

import time as clock
import traceback
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from celery.schedules import crontab
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

RETRY_AFTER = timedelta(minutes=2)


def start_job(*, by: User | None, job: str, arguments: dict[str, Any] | None = None, now: datetime) -> JobRun:
    """Asks for a run now. When the same run is waiting or running already, that one is returned: two presses, one run."""
    assert job in jobs  # noqa: S101  a name from code, never from input
    arguments = arguments or {}
    try:
        with transaction.atomic():
            run = JobRun.objects.create(job=job, arguments=arguments, started_by=by, not_before=now)
            if by is not None:
                record(by=by, action=AuditEntry.Action.CREATED, instance=run, what="job started")
    except IntegrityError:
        return JobRun.objects.get(
            job=job, arguments=arguments, business_date=None, state__in=[JobRun.State.QUEUED, JobRun.State.RUNNING]
        )
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
    """Claims one run and runs it. None when it is not due or another worker has it."""
    claimed = (
        JobRun.objects.due(now=now)
        .filter(pk=run_id)
        .update(state=JobRun.State.RUNNING, attempts=F("attempts") + 1, started_at=now, heartbeat_at=now, done=0, total=0)
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
    except Exception:  # a job may fail in any way; the row keeps how
        text = scrub(traceback.format_exc())
        if run.attempts >= MAX_ATTEMPTS:
            return _park(run, text)
        run.state, run.traceback, run.not_before = JobRun.State.QUEUED, text, timezone.now() + RETRY_AFTER
        run.save(update_fields=["state", "traceback", "not_before"])
        return JobRun.State.QUEUED
    run.state, run.result, run.finished_at, run.traceback = JobRun.State.DONE, result, timezone.now(), ""
    run.done, run.total = progress.done, progress.total
    run.save(update_fields=["state", "result", "finished_at", "traceback", "done", "total"])
    return JobRun.State.DONE


def _park(run: JobRun, text: str) -> JobRun.State:
    run.state, run.traceback, run.finished_at = JobRun.State.PARKED, text, timezone.now()
    with transaction.atomic():
        run.save(update_fields=["state", "traceback", "finished_at"])
        notify_staff(kind="job_parked", params={"title": run.job}, url=run.get_absolute_url())
    return JobRun.State.PARKED


class _Progress:
    """Writes how far a run is, at most once a second: each write is also its sign of life."""

    def __init__(self, run: JobRun) -> None:
        self.run_id = run.pk
        self.done = self.total = 0
        self._written = 0.0

    def __call__(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        if clock.monotonic() - self._written >= 1:
            self._written = clock.monotonic()
            JobRun.objects.filter(pk=self.run_id).update(done=done, total=total, heartbeat_at=timezone.now())


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


def missed_daily(*, now: datetime) -> list[tuple[str, date]]:
    """(job, business date) of the last time that beat's dict names and that has no row: beat was down then."""
    from kisu.celery import app

    missed = []
    for entry in app.conf.beat_schedule.values():
        if entry["task"] != "members.start_daily":
            continue
        schedule: crontab = entry["schedule"]
        at = now.replace(hour=min(schedule.hour), minute=min(schedule.minute), second=0, microsecond=0)
        if at > now:
            at -= timedelta(days=1)
        (job,) = entry["args"]
        if not JobRun.objects.filter(job=job, business_date=business_date(at)).exists():
            missed.append((job, business_date(at)))
    return missed


def beat(*, now: datetime) -> None:
    """A sign of life of beat and of the worker that ran it."""
    Heartbeat.objects.update_or_create(name="beat", defaults={"at": now})
