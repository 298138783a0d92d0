"""Tasks: the doorbell side of mails and jobs, and this room's own jobs. Each takes an id and calls one service."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import Task, current_app, shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from kombu.pools import producers

from kisu.lib.dates import business_date
from kisu.lib.jobs import Run, job
from kisu.lib.logs import request_id, task_id

log = logging.getLogger(__name__)

# A request waits for a dead broker a second at most, and once: what it did not ring for, the sweeper finds.
DOORBELL = {
    "socket_timeout": 0.4,
    "socket_connect_timeout": 0.4,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
SILENCE = 15.0  # seconds without ringing after the broker did not answer

_silent_until = 0.0


def ring(task: Task[Any, Any], pk: int) -> None:
    """Best-effort kick after commit: never raises. The row in the database is the truth."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    try:
        link = current_app.connection_for_write(transport_options=DOORBELL)  # opens nothing: the pool's key
        with producers[link].acquire(block=True, timeout=1) as producer:
            task.apply_async((pk,), producer=producer, headers={"request_id": request_id.get()})
    except Exception as error:  # whatever a broker's library raises, the request has done its work
        _silent_until = time.monotonic() + SILENCE
        log.warning("The broker did not take %s: %s", task.name, type(error).__name__)


@contextmanager
def _named(task: Task[Any, Any]) -> Iterator[None]:
    """The log lines of a task carry its id and that of the request that rang."""
    task_token = task_id.set(task.request.id or "")
    request_token = request_id.set(getattr(task.request, "request_id", None) or "")
    try:
        yield
    finally:
        task_id.reset(task_token)
        request_id.reset(request_token)


@shared_task(name="members.send_mail", bind=True)
def send_mail(self: Task[Any, Any], mail_id: int) -> None:
    from members.services.mail import send

    with _named(self):
        send(mail_id=mail_id, now=timezone.now())


@shared_task(name="members.run_job", bind=True)
def run_job(self: Task[Any, Any], run_id: int) -> None:
    from members.services.jobs import run_job

    with _named(self):
        run_job(run_id=run_id, now=timezone.now())


@shared_task(name="members.start_daily")
def start_daily(job: str) -> None:
    from members.services.jobs import start_daily

    now = timezone.now()
    start_daily(job=job, on=business_date(now), now=now)


@shared_task(name="members.sweep")
def sweep() -> None:
    from members.services.jobs import sweep_jobs
    from members.services.mail import sweep_mail

    now = timezone.now()
    sweep_mail(now=now)
    sweep_jobs(now=now)


@shared_task(name="members.heartbeat")
def heartbeat() -> None:
    from members.services.jobs import beat

    beat(now=timezone.now())


@job(
    "members.enforce_retention",
    title=_("Retention"),
    what=_("Deletes or empties personal data whose retention time has passed."),
)
def enforce_retention(run: Run) -> dict[str, Any]:
    from members.services.personal_data import enforce_retention

    return enforce_retention(on=run.on, progress=run.progress)
