"""manage.py fit_matching LISTINGS GOLD [LISTINGS GOLD ...] [--write]: draws the formula's curves from judged pairs."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from symbiosis.management.commands.evaluate_matching import MUNICIPALITIES, municipality_coordinates
from symbiosis.matching.evaluation import EvaluationError, read_set
from symbiosis.matching.knowledge import DATA, FORMULA, knowledge


class Command(BaseCommand):
    help = (
        "Draws the curves of the matching's formula from sets of judged pairs, and tells how each set fares under a "
        "formula drawn from the others. Reads no database; writes data/formula.toml only with --write."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "files", type=Path, nargs="+", metavar="LISTINGS GOLD", help="as evaluate_matching reads them"
        )
        parser.add_argument("--write", action="store_true", help="put the curves into the matching's data")

    def handle(self, *args: Any, **options: Any) -> None:
        from symbiosis.matching import fitting

        files = options["files"]
        if len(files) % 2:
            raise CommandError("Files come in pairs: listings, then their judged pairs.")
        places = municipality_coordinates(settings.BASE_DIR / MUNICIPALITIES)
        known = knowledge()
        try:
            sets = [
                fitting.Judged.compared(read_set(listings, gold, places.get), known)
                for listings, gold in zip(files[::2], files[1::2], strict=True)
            ]
            held_out, formula = fitting.held_out(sets, known.formula), fitting.fit(sets, known.formula)
        except (EvaluationError, OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Each set under a formula drawn from the others:")
        self.stdout.write(f"{'':40}{'nDCG@10':>9}{'recall@10':>11}{'MRR':>7}")
        for listings, of_set in zip(files[::2], held_out.scores, strict=True):
            self.stdout.write(f"{str(listings)[-40:]:40}{of_set.ndcg:9.3f}{of_set.recall:11.3f}{of_set.mrr:7.3f}")
        self.stdout.write(f"\n{'score':14}{'pairs':>8}{'usable':>9}")
        for low, high, pairs, usable in held_out.told:
            self.stdout.write(f"{low:.2f} to {high:.2f}  {pairs:8}{usable:9.2f}")
        path = DATA / FORMULA
        heading = "\n".join(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#"))
        text = fitting.written(formula, heading)
        if options["write"]:
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"\n{path} is written.")
        else:
            self.stdout.write(f"\n{text}")
