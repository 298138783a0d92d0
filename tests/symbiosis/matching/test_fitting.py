from __future__ import annotations

import json
import tomllib
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from symbiosis.management.commands import fit_matching
from symbiosis.matching import fitting
from symbiosis.matching.evaluation import JudgedSet
from symbiosis.matching.fitting import Judged, fit, held_out
from symbiosis.matching.formula import Curve, Formula
from tests.symbiosis.matching.test_evaluation import PLACES, row

FORMULA = Formula(
    base=0,
    curves={
        "known": Curve([0, 0.5, 1], [0, 1, 2]),
        "refused": Curve([0, 1], [0, -1]),
        "distance": Curve([0, 1], [-1, 0], unknown=-0.5),
        "radius": Curve([0, 1], [-4, 0], fitted=False),
    },
)


def judged(seed: int, *, count: int = 4000, turned: bool = False) -> Judged:
    """Pairs that are usable by chance: known speaks for them, a refusal and a long road against them."""
    chance = np.random.default_rng(seed)
    known, refused = chance.uniform(0, 1, count), np.where(chance.uniform(0, 1, count) < 0.3, 1.0, np.nan)
    distance = np.where(chance.uniform(0, 1, count) < 0.2, np.nan, chance.uniform(0, 1, count))
    points = 4 * known - 3 - 2 * np.nan_to_num(refused) - np.where(np.isnan(distance), 0.5, 2 * (1 - distance))
    usable = chance.uniform(0, 1, count) < 1 / (1 + np.exp(points if turned else -points))
    parts = {"known": known, "refused": refused, "distance": distance, "radius": np.full(count, np.nan)}
    names = np.array([f"o{number}" for number in range(count)])
    return Judged(JudgedSet([], [], {}), parts, need=np.array(["n"] * count), offer=names, usable=usable)


def test_curves_are_found_again() -> None:
    drawn = fit([judged(1), judged(2)], FORMULA)
    assert drawn.base == pytest.approx(-3, abs=0.4)
    assert drawn.curves["known"].points == pytest.approx([0, 2, 4], abs=0.5)
    assert drawn.curves["refused"].points == pytest.approx([0, -2], abs=0.4)
    assert drawn.curves["distance"].points == pytest.approx([-2, 0], abs=0.4)
    assert drawn.curves["distance"].unknown == pytest.approx(-0.5, abs=0.3)
    assert drawn.curves["radius"] == FORMULA.curves["radius"]


def test_no_curve_turns_against_what_it_stands_for() -> None:
    drawn = fit([judged(3, turned=True)], FORMULA)
    assert drawn.curves["known"].points == [0, 0, 0]
    assert drawn.curves["refused"].points == [0, 0]
    assert drawn.curves["distance"].points == [0, 0]


def test_what_is_set_by_hand_counts_while_the_others_are_drawn() -> None:
    outside = judged(4)
    outside.parts["radius"][:] = 0.0  # type: ignore[index]
    assert fit([outside], FORMULA).base == pytest.approx(-3 + 4, abs=0.4)


def test_a_formula_is_told_by_pairs_that_it_was_not_drawn_from() -> None:
    told = held_out([judged(5), judged(6)], FORMULA).told
    assert sum(pairs for _low, _high, pairs, _usable in told) == 8000
    for low, high, pairs, usable in told:
        if pairs > 200:
            assert low - 0.06 <= usable <= high + 0.06
    with pytest.raises(ValueError, match="two sets"):
        held_out([judged(5)], FORMULA)


def test_nothing_is_drawn_from_pairs_of_one_kind() -> None:
    alike = judged(7)
    alike.usable[:] = False
    with pytest.raises(ValueError, match="one usable and one unusable"):
        fit([alike], FORMULA)


def test_what_is_written_is_read_again() -> None:
    text = fitting.written(FORMULA, "# heading\n")
    assert text.startswith("# heading\n\nbase = 0\n")
    assert Formula.of(tomllib.loads(text)) == FORMULA


def _files(folder: Path, name: str, goods: str) -> list[str]:
    rows = [
        row(f"{name}1", "offer", goods),
        row(f"{name}2", "offer", "Muovikalvoa paaleissa"),
        row(f"{name}3", "need", f"{goods} haetaan"),
        row(f"{name}4", "need", "Aurinkopaneeleita"),
    ]
    listings, gold = folder / f"{name}.jsonl", folder / f"{name}.tsv"
    listings.write_text("\n".join(json.dumps(each) for each in rows), encoding="utf-8")
    gold.write_text(f"offer_id\tneed_id\tgrade\n{name}1\t{name}3\t3\n", encoding="utf-8")
    return [str(listings), str(gold)]


def test_the_command_tells_the_figures_and_shows_the_curves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit_matching, "municipality_coordinates", lambda path: PLACES)
    monkeypatch.setattr(fit_matching, "DATA", tmp_path)
    (tmp_path / "formula.toml").write_text("# What the file says first.\nbase = 1\n", encoding="utf-8")
    files = [*_files(tmp_path, "A", "Sahanpurua"), *_files(tmp_path, "B", "Tiiliä")]
    out = StringIO()
    call_command("fit_matching", *files, stdout=out)
    assert out.getvalue().count(" 1.000") >= 2
    assert "[curve.known]" in out.getvalue()
    assert (tmp_path / "formula.toml").read_text(encoding="utf-8").endswith("base = 1\n")

    call_command("fit_matching", *files, "--write", stdout=out)
    written = (tmp_path / "formula.toml").read_text(encoding="utf-8")
    assert written.startswith("# What the file says first.\n\nbase = ")
    assert set(Formula.of(tomllib.loads(written)).curves) == set(fit_matching.knowledge().formula.curves)

    for wrong, message in ((files[:1], "in pairs"), (files[:2], "two sets"), ([*files[:3], "none.tsv"], "none.tsv")):
        with pytest.raises(CommandError, match=message):
            call_command("fit_matching", *wrong)
