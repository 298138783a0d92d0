from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from kisu.lib.jobs import jobs
from members.services.jobs import run_job, start_job


class Command(BaseCommand):
    help = "Runs a job now, in this process. Without a name lists the jobs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", choices=jobs.keys())

    def handle(self, *args: Any, **options: Any) -> str:
        if not options["name"]:
            return "\n".join(f"{job.name}: {job.what}" for job in jobs)
        now = timezone.now()
        run = start_job(by=None, job=options["name"], now=now)
        state = run_job(run_id=run.pk, now=timezone.now())
        run.refresh_from_db()
        if state is None:
            return f"Run {run.pk} is running elsewhere."
        if run.traceback:
            raise CommandError(f"Run {run.pk}: {run.state}\n{run.traceback}")
        return f"Run {run.pk}: {run.state} {run.result}"
