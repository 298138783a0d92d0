"""manage.py evaluate_matching LISTINGS GOLD [--json] [--judge GOLD] [--explain N]: the matcher on judged pairs, beside plain baselines."""

from __future__ import annotations

import csv
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from symbiosis.matching.evaluation import EvaluationError, as_table, evaluate

MUNICIPALITIES = Path("members") / "data" / "municipalities.csv"


class Command(BaseCommand):
    help = "Measures the matching on a file of listings and a file of judged pairs. Reads no database, writes nothing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("listings", type=Path, metavar="LISTINGS", help="one JSON object a line")
        parser.add_argument("gold", type=Path, metavar="GOLD", help="tab-separated: offer_id, need_id, grade 0 to 3")
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
        parser.add_argument(
            "--judge", type=Path, metavar="GOLD", help="another judge's grades, ranked beside the systems"
        )
        parser.add_argument(
            "--explain", type=int, default=0, metavar="N", help="show the N worst needs with their parts"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        places = municipality_coordinates(settings.BASE_DIR / MUNICIPALITIES)
        try:
            result = evaluate(options["listings"], options["gold"], locate=places.get, judge=options["judge"])
        except (EvaluationError, OSError, UnicodeDecodeError) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False, indent=2))
        else:
            self.stdout.write(as_table(result, explain=options["explain"]))


def municipality_coordinates(path: Path) -> dict[str, tuple[float, float]]:
    """Coordinates in degrees by Finnish and Swedish name. Raises CommandError when the file is not there."""
    places: dict[str, tuple[float, float]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["lat"] and row["lon"]:
                    point = float(row["lat"]), float(row["lon"])
                    places.setdefault(row["name_sv"], point)
                    places[row["name_fi"]] = point
    except (OSError, KeyError, ValueError) as error:
        raise CommandError(f"{path} does not give the municipalities' coordinates: {error}") from error
    return places
