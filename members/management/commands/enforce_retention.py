from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kisu.lib.dates import today
from members.services.personal_data import enforce_retention


class Command(BaseCommand):
    help = "Deletes or empties personal data whose retention time has passed, as the nightly job does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--on", type=date.fromisoformat, default=None, help="as of this day, e.g. 2027-01-31")

    def handle(self, *args: Any, **options: Any) -> str:
        gone = enforce_retention(on=options["on"] or today(), progress=lambda done, total: None)
        return "\n".join(f"{key}: {count}" for key, count in gone.items()) or "nothing was due"
