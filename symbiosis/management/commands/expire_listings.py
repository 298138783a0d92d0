from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from kisu.lib.dates import business_date
from symbiosis.services.listings import expire_listings


class Command(BaseCommand):
    help = "Expires listings past their last day, tells owners two weeks before, removes files without a row."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        for name, count in expire_listings(on=business_date(now), now=now).items():
            self.stdout.write(f"{name}: {count}")
