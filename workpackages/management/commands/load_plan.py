from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workpackages import plan_file
from workpackages.services.plan import load_plan


class Command(BaseCommand):
    help = "Loads the implementation plan: packages, ledger, indicators, differences. Loading again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from",
            dest="folder",
            type=Path,
            default=plan_file.PLAN_DIRECTORY,
            help="A folder with the plan's TOML files to load instead.",
        )

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            plan = plan_file.load(folder)
        except plan_file.PlanFileError as error:
            raise CommandError(f"Nothing was loaded: {error}") from error
        for label, table in load_plan(plan=plan).items():
            done = f"{table.created} new, {table.changed} changed, {table.removed} removed"
            self.stdout.write(f"{label.partition('.')[2]}: {table.rows} ({done})")
