from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kisu.lib.reference import ReferenceFileError
from members.services.reference import load_reference as load_members
from symbiosis.services.reference import load_reference as load_symbiosis


class Command(BaseCommand):
    help = (
        "Loads reference data: regions, municipalities, industries, material classes, services, units, List of Waste."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from",
            dest="folder",
            type=Path,
            help="A folder with CSV files of the same names and columns to load instead.",
        )

    def handle(self, *args: Any, folder: Path | None = None, **options: Any) -> None:
        where = {} if folder is None else {"folder": folder}
        try:
            counts = load_members(**where) | load_symbiosis(**where)
        except ReferenceFileError as error:
            raise CommandError(f"Nothing was loaded: {error}") from error
        if not counts:
            raise CommandError(f"No reference file in {folder}.")
        for name, count in counts.items():
            self.stdout.write(f"{name}: {count}")
