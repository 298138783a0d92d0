"""manage.py evaluate_receivers CASES [--json]: which industries take what, on cases that came true."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from symbiosis.matching.knowledge import knowledge
from symbiosis.matching.receivers_evaluation import CasesError, as_table, evaluate_receivers, read_cases


class Command(BaseCommand):
    help = (
        "Measures the naming of receiving industries on a file of cases, each judged by the knowledge and by the other"
        " cases. Reads no database, writes nothing."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "cases",
            type=Path,
            metavar="CASES",
            help="CSV: case, material, description, giver_industry, receiver_industry (NACE sections or divisions)",
        )
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        known = knowledge()
        try:
            result = evaluate_receivers(read_cases(options["cases"], known), known)
        except CasesError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False, indent=2))
        else:
            self.stdout.write(as_table(result))
