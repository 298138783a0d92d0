"""Tasks: the doorbell side of mails and jobs, and this room's own jobs. Each takes an id and calls one service."""

from __future__ import annotations

import logging
from typing import Any

from celery import Task, shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from kombu.exceptions import OperationalError

from kisu.lib.dates import business_date
from kisu.lib.jobs import Run, job
from kisu.lib.logs import task_id

log = logging.getLogger(__name__)


def ring(task: Task[Any, Any], pk: int) -> None:
    """Best-effort kick: when the broker does not answer, the sweeper finds the row within half a minute."""
    try:
        task.delay(pk)
    except (OperationalError, OSError) as error:
        log.warning("The broker did not take %s: %s", task.name, type(error).__name__)


@shared_task(name="members.send_mail", bind=True)
def send_mail(self: Task[Any, Any], mail_id: int) -> None:
    from members.services.mail import send

    task_id.set(self.request.id or "")
    send(mail_id=mail_id, now=timezone.now())


@shared_task(name="members.run_job", bind=True)
def run_job(self: Task[Any, Any], run_id: int) -> None:
    from members.services.jobs import run_job

    task_id.set(self.request.id or "")
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
