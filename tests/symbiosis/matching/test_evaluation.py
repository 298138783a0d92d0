from __future__ import annotations

import json
from io import StringIO
from math import log2
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from symbiosis.management.commands import evaluate_matching
from symbiosis.matching import evaluation
from symbiosis.matching.evaluation import EvaluationError

PLACES = {"Jyväskylä": (62.24, 25.75), "Keuruu": (62.26, 24.71)}


def row(key: str, kind: str, title: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": key,
        "kind": kind,
        "lang": "fi",
        "title": title,
        "description": "",
        "nature": "by_product",
        "ewc": None,
        "hazardous": False,
        "quantity": 10,
        "unit": "t",
        "frequency": "monthly",
        "municipality": "Jyväskylä",
        "valid_from": "2026-01-01",
        "valid_until": "2026-12-31",
        **fields,
    }


ROWS = [
    row("O1", "offer", "Kuivaa sahanpurua"),
    row("O2", "offer", "Muovikalvoa paaleissa"),
    row("O3", "offer", "Dry sawdust", lang="en"),
    row("O4", "offer", "Kreosoottista sahanpurua", hazardous=True),
    row("N1", "need", "Sahanpurua kuivikkeeksi", municipality="Keuruu"),
    row("N2", "need", "Aurinkopaneeleita"),
]
GOLD = [("O1", "N1", 3), ("O3", "N1", 2), ("O2", "N1", 1)]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    listings, gold = tmp_path / "listings.jsonl", tmp_path / "gold.tsv"
    listings.write_text("\n".join(json.dumps(each, ensure_ascii=False) for each in ROWS) + "\n", encoding="utf-8")
    lines = ["offer_id\tneed_id\tgrade\treason", *(f"{offer}\t{need}\t{grade}\tit's" for offer, need, grade in GOLD)]
    gold.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return listings, gold


def test_ndcg_by_hand() -> None:
    grades = {"a": 3, "b": 2, "c": 1}
    ideal = 7 / 1 + 3 / log2(3) + 1 / 2
    assert evaluation.ndcg(["a", "b", "c", "x"], grades) == pytest.approx(1)
    assert evaluation.ndcg(["x", "b", "a"], grades) == pytest.approx((3 / log2(3) + 7 / 2) / ideal)
    assert evaluation.ndcg(["x"] * 10 + ["a"], grades) == 0
    assert evaluation.ndcg([], grades) == 0


def test_recall_and_reciprocal_rank_by_hand() -> None:
    ranked = [*"vwxyabcdefg"]
    assert evaluation.recall(ranked, {"x", "g", "q"}) == pytest.approx(1 / 3)
    assert evaluation.reciprocal_rank(ranked, {"x", "g"}) == pytest.approx(1 / 3)
    assert evaluation.reciprocal_rank(ranked, {"q"}) == 0


def test_another_judge_is_ranked_beside_the_systems(files: tuple[Path, Path], tmp_path: Path) -> None:
    other = tmp_path / "other.tsv"
    other.write_text("offer_id\tneed_id\tgrade\nO1\tN1\t2\nO3\tN1\t3\nO2\tN2\t0\n", encoding="utf-8")
    figures = evaluation.evaluate(*files, locate=PLACES.get, judge=other)["systems"]["another judge"]["all"]
    assert figures["recall_at_10"] == 1
    assert figures["ndcg_at_10"] == pytest.approx((3 + 7 / log2(3)) / (7 + 3 / log2(3) + 1 / 2), abs=1e-4)


def test_means_leave_out_needs_without_graded_offers() -> None:
    grades = {("a", "n1"): 3, ("b", "n2"): 1, ("c", "n3"): 0}
    figures = evaluation.scores({"n1": ["x", "a"], "n2": ["b"], "n3": ["c"]}, grades, ["n1", "n2", "n3"])
    assert (figures.needs, figures.recall, figures.mrr) == (2, 1.0, 0.5)
    assert figures.ndcg == pytest.approx((1 / log2(3) + 1) / 2)
    assert figures.ndcg_error == pytest.approx((1 - 1 / log2(3)) / 2)


def test_result_on_a_set_of_six(files: tuple[Path, Path]) -> None:
    result = evaluation.evaluate(*files, locate=PLACES.get)
    assert list(result["systems"]) == [
        "portal",
        "random",
        "word TF-IDF",
        "RapidFuzz token set",
        "character 3-5-grams",
    ]
    counts = ("offers", "needs", "graded_pairs", "graded_pairs_across_languages", "without_place")
    assert {name: result[name] for name in counts} == {
        "offers": 4,
        "needs": 2,
        "graded_pairs": 3,
        "graded_pairs_across_languages": 1,
        "without_place": 0,
    }
    assert result["systems"]["portal"]["all"]["mrr"] == 1.0  # the hazardous sawdust is behind its gate
    assert result["systems"]["random"]["across_languages"]["recall_at_10"] == 1.0  # one foreign offer only
    assert result["empty_needs"]["needs"] == 1
    assert result == evaluation.evaluate(*files, locate=PLACES.get)
    assert json.loads(json.dumps(result)) == result


def test_command_prints_a_table_or_json(files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate_matching, "municipality_coordinates", lambda path: PLACES)
    table, as_json = StringIO(), StringIO()
    call_command("evaluate_matching", *map(str, files), stdout=table)
    call_command("evaluate_matching", *map(str, files), "--json", stdout=as_json)
    assert "portal" in table.getvalue()
    assert "1.000" in table.getvalue()
    assert json.loads(as_json.getvalue())["offers"] == 4


def test_command_reads_coordinates_by_either_name(tmp_path: Path) -> None:
    path = tmp_path / "municipalities.csv"
    path.write_text(
        "code,name_fi,name_sv,region_code,lat,lon\n091,Helsinki,Helsingfors,01,60.17,24.94\n", encoding="utf-8"
    )
    point = (60.17, 24.94)
    assert evaluate_matching.municipality_coordinates(path) == {"Helsinki": point, "Helsingfors": point}
    with pytest.raises(CommandError, match="coordinates"):
        evaluate_matching.municipality_coordinates(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("gold", "O1\tN1", "O9\tN1", "line 2: O9 or N1 is not among"),
        ("gold", "O1\tN1\t3", "O1\tN1\t4", "line 2: the grade"),
        ("gold", "O3\tN1", "O1\tN1", "line 3: .*twice"),
        ("gold", "need_id", "need", "line 2: offer_id, need_id, grade"),
        ("listings", '"kind": "offer", "lang": "en"', '"kind": "gift", "lang": "en"', "line 3: ValueError: kind"),
        ("listings", '"2026-01-01"', '"1.1.2026"', "line 1: ValueError"),
        ("listings", '"O2"', '"O1"', "same id"),
        ("listings", '{"id": "O1"', '"id": "O1"', "line 1: JSONDecodeError"),
    ],
)
def test_faults_in_the_files_are_named_by_line(
    files: tuple[Path, Path], name: str, old: str, new: str, message: str
) -> None:
    path = files[0] if name == "listings" else files[1]
    text = path.read_text(encoding="utf-8")
    if old.startswith('"kind"'):
        old, new = '"id": "O3", "kind": "offer"', '"id": "O3", "kind": "gift"'
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(EvaluationError, match=message):
        evaluation.evaluate(*files, locate=PLACES.get)
