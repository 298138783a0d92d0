from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from members.services.jobs import sweep_jobs
from members.services.mail import sweep_mail


class Command(BaseCommand):
    help = "Does what beat asks for every half a minute: rings for what is due, starts missed daily runs."

    def handle(self, *args: Any, **options: Any) -> str:
        now = timezone.now()
        return f"{sweep_mail(now=now)} mails, {sweep_jobs(now=now)} runs"
