from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from members.models import JobRun, User
from members.services.jobs import retry_job


class Command(BaseCommand):
    help = "Puts a parked run back in the queue with three new tries."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("run", type=int)
        parser.add_argument("--by", required=True, help="e-mail of who asks for it")

    def handle(self, *args: Any, **options: Any) -> str:
        by = User.objects.active().filter(email__iexact=options["by"]).first()
        run = JobRun.objects.filter(pk=options["run"]).first()
        if by is None or run is None:
            raise CommandError("No such account or run.")
        if not retry_job(by=by, run=run, now=timezone.now()):
            raise CommandError(f"Run {run.pk} is {run.state}, not parked.")
        return f"Run {run.pk} is in the queue."
