"""manage.py export_knowledge [--to FOLDER]: what the service centre has added, in the form of the matcher's files."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from symbiosis.services.knowledge import additions_in_force
from symbiosis.services.knowledge_export import export_knowledge


class Command(BaseCommand):
    help = "Writes the entries in force as files that replace those of symbiosis/matching/data."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--to", type=Path, default=Path("knowledge-export"), metavar="FOLDER", help="where to (knowledge-export)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            paths = export_knowledge(additions=additions_in_force(), folder=options["to"])
        except OSError as error:
            raise CommandError(str(error)) from error
        for path in paths:
            self.stdout.write(str(path))
        if not paths:
            self.stdout.write("Nothing is in force that the files don't have.")
