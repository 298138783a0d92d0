from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from kisu.lib.dates import business_date
from symbiosis.services.night import match_listings


class Command(BaseCommand):
    help = "Joins open offers and needs, as the night does. Safe to run at any time, and twice."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        counts = match_listings(on=business_date(now), now=now)
        self.stdout.write(", ".join(f"{name} {count}" for name, count in counts.items()))
