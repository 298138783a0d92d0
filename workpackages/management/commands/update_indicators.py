from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kisu.lib.dates import today
from workpackages.services.indicators import update_indicators


class Command(BaseCommand):
    help = "Counts the day's value of each indicator that the portal counts from its own records."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--on", type=date.fromisoformat, help="The day, 2026-11-24; today when left out.")
        parser.add_argument("--indicator", default="", help="The code of one indicator to count alone.")

    def handle(self, *args: Any, on: date | None, indicator: str, **options: Any) -> None:
        def progress(done: int, total: int) -> None:
            if options["verbosity"] > 1:
                self.stdout.write(f"{done}/{total}")

        result = update_indicators(on=on or today(), progress=progress, code=indicator)
        self.stdout.write(", ".join(f"{name}: {figure}" for name, figure in result.items()))
