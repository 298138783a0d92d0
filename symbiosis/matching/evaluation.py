"""Measures the matcher against judged pairs and against plain baselines, on files of the reader's own.

LISTINGS: one JSON object a line (id, kind, lang, title, description, nature, ewc, hazardous, quantity, unit, frequency,
municipality, valid_from, valid_until). GOLD: tab-separated offer_id, need_id, grade with a header; grades 0 to 3, pairs
not listed are 0. Grade 2 and up is relevant. Nothing is written anywhere.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from math import log2, sqrt
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from symbiosis.matching import ListingFacts, MatchClass, Suggestion
from symbiosis.matching.engine import Demand, Market, Supply
from symbiosis.matching.facts import is_bulk
from symbiosis.matching.knowledge import Knowledge, knowledge

CUT = 10
RELEVANT = 2
SHUFFLES, DRAWS, SEED = 50, 1000, 2026

Locate = Callable[[str], tuple[float, float] | None]
Grades = Mapping[tuple[str, str], int]
Rankings = Mapping[str, Sequence[str]]
"""Offer keys by need key, best first."""

UNITS = {"kpl": "pcs"}


class EvaluationError(ValueError):
    """A file that can't be read as listings or grades; the message names the file and the line."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over needs. `ndcg` over those with any graded offer, `recall` and `mrr` over those with a relevant one.

    `low`, `high`: where nDCG lies in 95 of 100 draws of as many needs with replacement.
    """

    needs: int
    ndcg: float
    ndcg_error: float
    recall: float
    mrr: float
    low: float = 0.0
    high: float = 0.0

    def as_json(self) -> dict[str, float | int | list[float]]:
        return {
            "needs": self.needs,
            "ndcg_at_10": round(self.ndcg, 4),
            "ndcg_standard_error": round(self.ndcg_error, 4),
            "ndcg_interval": [round(self.low, 4), round(self.high, 4)],
            "recall_at_10": round(self.recall, 4),
            "mrr": round(self.mrr, 4),
        }


def read_listings(path: Path, locate: Locate) -> tuple[list[ListingFacts], list[ListingFacts]]:
    """Offers and needs. An unknown municipality leaves the coordinates out. Raises EvaluationError."""
    rows: list[ListingFacts] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            rows.append(_listing(json.loads(line), locate))
        except (ValueError, KeyError, TypeError, ArithmeticError) as error:
            raise EvaluationError(f"{path}, line {number}: {type(error).__name__}: {error}") from error
    if len({row.key for row in rows}) != len(rows):
        raise EvaluationError(f"{path}: two listings have the same id.")
    return [row for row in rows if row.kind == "offer"], [row for row in rows if row.kind == "need"]


def _listing(row: Mapping[str, Any], locate: Locate) -> ListingFacts:
    if row["kind"] not in {"offer", "need"}:
        raise ValueError(f"kind is {row['kind']!r}, not offer or need")
    place = locate(row["municipality"]) if row.get("municipality") else None
    unit = row.get("unit")
    facts = ListingFacts(
        key=str(row["id"]),
        kind=row["kind"],
        language=row["lang"],
        title=row["title"],
        description=row["description"],
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_until=date.fromisoformat(row["valid_until"]),
        nature=row.get("nature"),
        waste_code=row.get("ewc"),
        hazardous=row.get("hazardous"),
        quantity=None if row.get("quantity") is None else Decimal(str(row["quantity"])),
        unit=UNITS.get(unit, unit) if unit else None,
        frequency=row.get("frequency"),
        latitude=place[0] if place else None,
        longitude=place[1] if place else None,
    )
    if facts.kind == "offer" and is_bulk(facts.waste_code, facts.yearly()):
        return replace(facts, bulk=True)
    return facts


def read_grades(path: Path, offers: Iterable[str], needs: Iterable[str]) -> dict[tuple[str, str], int]:
    """Grades by (offer, need). Raises EvaluationError: unknown listing, grade outside 0 to 3, or a pair twice."""
    known_offers, known_needs = set(offers), set(needs)
    grades: dict[tuple[str, str], int] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE), start=2):
            try:
                pair, grade = (row["offer_id"], row["need_id"]), int(row["grade"])
            except (KeyError, TypeError, ValueError) as error:
                raise EvaluationError(f"{path}, line {number}: offer_id, need_id, grade are needed.") from error
            if pair[0] not in known_offers or pair[1] not in known_needs:
                raise EvaluationError(f"{path}, line {number}: {pair[0]} or {pair[1]} is not among the listings.")
            if not 0 <= grade <= 3 or pair in grades:
                raise EvaluationError(f"{path}, line {number}: the grade is outside 0 to 3, or the pair comes twice.")
            grades[pair] = grade
    return grades


@dataclass(frozen=True, slots=True)
class JudgedSet:
    offers: Sequence[ListingFacts]
    needs: Sequence[ListingFacts]
    grades: Grades

    @property
    def on(self) -> date:
        """The first day on which every listing has begun or the last on which none has ended, whichever is earlier."""
        rows = (*self.offers, *self.needs)
        return min(max(row.valid_from for row in rows), min(row.valid_until for row in rows))

    def market(self, known: Knowledge) -> Market:
        supply = Supply(self.offers, on=self.on, known=known)
        return Market(supply, Demand(self.needs, supply))


def read_set(listings: Path, gold: Path, locate: Locate) -> JudgedSet:
    """Raises EvaluationError."""
    offers, needs = read_listings(listings, locate)
    if not offers or not needs:
        raise EvaluationError(f"{listings}: at least one offer and one need are needed.")
    return JudgedSet(offers, needs, read_grades(gold, (row.key for row in offers), (row.key for row in needs)))


def ndcg(ranked: Sequence[str], grades: Mapping[str, int], cut: int = CUT) -> float:
    """Normalised discounted cumulative gain, gain 2^grade - 1, discount log2(rank + 1). `grades`: those above 0."""

    def gain(values: Iterable[int]) -> float:
        return sum(float(2**grade - 1) / log2(rank + 1) for rank, grade in enumerate(values, start=1))

    ideal = gain(sorted(grades.values(), reverse=True)[:cut])
    return gain(grades.get(offer, 0) for offer in ranked[:cut]) / ideal if ideal else 0.0


def recall(ranked: Sequence[str], relevant: set[str], cut: int = CUT) -> float:
    return len(relevant.intersection(ranked[:cut])) / len(relevant)


def reciprocal_rank(ranked: Sequence[str], relevant: set[str]) -> float:
    return next((1 / rank for rank, offer in enumerate(ranked, start=1) if offer in relevant), 0.0)


def scores(rankings: Rankings, grades: Grades, needs: Iterable[str]) -> Scores:
    gains: list[float] = []
    recalls: list[float] = []
    ranks: list[float] = []
    for need in needs:
        of_need = {offer: grade for (offer, its_need), grade in grades.items() if its_need == need and grade > 0}
        if not of_need:
            continue
        ranked = rankings.get(need, ())
        gains.append(ndcg(ranked, of_need))
        if relevant := {offer for offer, grade in of_need.items() if grade >= RELEVANT}:
            recalls.append(recall(ranked, relevant))
            ranks.append(reciprocal_rank(ranked, relevant))
    low, high = _interval(gains)
    return Scores(
        needs=len(gains),
        low=low,
        high=high,
        ndcg=fmean(gains) if gains else 0.0,
        ndcg_error=stdev(gains) / sqrt(len(gains)) if len(gains) > 1 else 0.0,
        recall=fmean(recalls) if recalls else 0.0,
        mrr=fmean(ranks) if ranks else 0.0,
    )


def _interval(gains: Sequence[float]) -> tuple[float, float]:
    chance = random.Random(SEED)  # noqa: S311  # the same draws each time
    if not gains:
        return 0.0, 0.0
    means = sorted(fmean(chance.choices(gains, k=len(gains))) for _ in range(DRAWS))
    return means[int(0.025 * DRAWS)], means[int(0.975 * DRAWS)]


def _rank(keys: Sequence[str], values: Sequence[float]) -> list[str]:
    return [key for key, _ in sorted(zip(keys, values, strict=True), key=lambda pair: (-pair[1], pair[0]))]


def _text(listing: ListingFacts) -> str:
    return f"{listing.title}. {listing.description}"


def random_rankings(offers: Sequence[ListingFacts], needs: Sequence[ListingFacts], seed: int) -> dict[str, list[str]]:
    chance = random.Random(seed)  # noqa: S311  # a baseline, and to come out the same each time
    keys = sorted(offer.key for offer in offers)
    return {need.key: chance.sample(keys, len(keys)) for need in sorted(needs, key=lambda need: need.key)}


def tfidf_rankings(
    offers: Sequence[ListingFacts], needs: Sequence[ListingFacts], *, analyzer: str, ngrams: tuple[int, int]
) -> dict[str, list[str]]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectoriser = TfidfVectorizer(analyzer=analyzer, ngram_range=ngrams)
    rows = vectoriser.fit_transform([_text(listing) for listing in (*offers, *needs)])
    cosines = (rows[len(offers) :] @ rows[: len(offers)].T).toarray()
    keys = [offer.key for offer in offers]
    return {need.key: _rank(keys, row.tolist()) for need, row in zip(needs, cosines, strict=True)}


def token_set_rankings(offers: Sequence[ListingFacts], needs: Sequence[ListingFacts]) -> dict[str, list[str]]:
    from rapidfuzz import fuzz, process, utils

    texts = [utils.default_process(_text(offer)) for offer in offers]
    keys = [offer.key for offer in offers]
    ratios = process.cdist(
        [utils.default_process(_text(need)) for need in needs], texts, scorer=fuzz.token_set_ratio, workers=1
    )
    return {need.key: _rank(keys, row.tolist()) for need, row in zip(needs, ratios, strict=True)}


def _by_need(suggestions: Iterable[Suggestion]) -> dict[str, list[str]]:
    rankings: dict[str, list[str]] = {}
    for suggestion in suggestions:
        rankings.setdefault(suggestion.need, []).append(suggestion.offer)
    return rankings


def _mean(all_scores: Sequence[Scores]) -> Scores:
    return Scores(
        needs=all_scores[0].needs,
        ndcg=fmean(each.ndcg for each in all_scores),
        ndcg_error=fmean(each.ndcg_error for each in all_scores),
        recall=fmean(each.recall for each in all_scores),
        mrr=fmean(each.mrr for each in all_scores),
        low=fmean(each.low for each in all_scores),
        high=fmean(each.high for each in all_scores),
    )


def judge_rankings(judged: Grades, offers: Sequence[ListingFacts], seed: int) -> dict[str, list[str]]:
    """What another judge graded, best first; equal grades as chance has it, and ungraded offers left out."""
    chance = random.Random(seed)  # noqa: S311  # to come out the same each time
    places = {offer.key: place for place, offer in enumerate(chance.sample(list(offers), len(offers)))}
    rankings: dict[str, list[str]] = {}
    for (offer, need), grade in sorted(judged.items(), key=lambda item: (-item[1], places[item[0][0]])):
        if grade:
            rankings.setdefault(need, []).append(offer)
    return rankings


def evaluate(listings: Path, gold: Path, *, locate: Locate, judge: Path | None = None) -> dict[str, Any]:
    """Figures of the portal and the baselines, JSON-serialisable; `as_table` shows them. Raises EvaluationError.

    All systems rank every offer, the portal those behind its gates; classes and empty needs are as the portal shows.
    `judge`: another judge's grades of the same pairs, ranked as a system: as near as people come to each other.
    """
    judged = read_set(listings, gold, locate)
    offers, needs, grades = judged.offers, judged.needs, judged.grades
    need_keys = [need.key for need in needs]
    language = {row.key: row.language for row in (*offers, *needs)}
    across = {pair: grade for pair, grade in grades.items() if language[pair[0]] != language[pair[1]]}
    empty = sorted(set(need_keys) - {need for (_, need), grade in grades.items() if grade > 0})

    market = judged.market(knowledge())
    suggestions = list(market.suggestions(limit=CUT))
    ranked = list(market.suggestions(limit=len(offers), floor=0, everything=True))
    rankings = _by_need(ranked)

    def figures(rankings: Sequence[Rankings]) -> dict[str, Any]:
        foreign = [
            {need: [offer for offer in ranked if language[offer] != language[need]] for need, ranked in ranking.items()}
            for ranking in rankings
        ]
        return {
            "all": _mean([scores(ranking, grades, need_keys) for ranking in rankings]).as_json(),
            "across_languages": _mean([scores(ranking, across, need_keys) for ranking in foreign]).as_json(),
        }

    others = {}
    if judge:
        second = read_grades(judge, (row.key for row in offers), need_keys)
        others["another judge"] = figures([judge_rankings(second, offers, SEED + draw) for draw in range(SHUFFLES)])
    return {
        "offers": len(offers),
        "needs": len(needs),
        "graded_pairs": sum(grade > 0 for grade in grades.values()),
        "graded_pairs_across_languages": sum(grade > 0 for grade in across.values()),
        "without_place": sum(row.latitude is None for row in (*offers, *needs)),
        "on": judged.on.isoformat(),
        "systems": {
            "portal": figures([rankings]),
            **others,
            "random": figures([random_rankings(offers, needs, SEED + shuffle) for shuffle in range(SHUFFLES)]),
            "word TF-IDF": figures([tfidf_rankings(offers, needs, analyzer="word", ngrams=(1, 1))]),
            "RapidFuzz token set": figures([token_set_rankings(offers, needs)]),
            "character 3-5-grams": figures([tfidf_rankings(offers, needs, analyzer="char_wb", ngrams=(3, 5))]),
        },
        "language_pairs": _by_languages(rankings, grades, need_keys, language),
        "phenomena": _by_tag(rankings, grades, read_tags(listings)),
        "worst": _worst(ranked, rankings, grades, needs, offers),
        "empty_needs": _empty_needs(empty, suggestions),
        "classes": _classes(suggestions, grades),
    }


def read_tags(path: Path) -> dict[str, set[str]]:
    """The listings' keys by phenomenon, for files that have tags."""
    tags: dict[str, set[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            row = json.loads(line)
            for tag in row.get("tags", ()):
                tags.setdefault(str(tag), set()).add(str(row["id"]))
    return tags


def _by_languages(
    rankings: Rankings, grades: Grades, needs: Sequence[str], language: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Only the offers of the one language ranked for the needs of the other, "need's < offer's"."""
    pairs = sorted({(language[need], language[offer]) for offer, need in grades})
    found = {}
    for of_need, of_offer in pairs:
        part = {
            need: [offer for offer in ranked if language[offer] == of_offer]
            for need, ranked in rankings.items()
            if language[need] == of_need
        }
        of_pair = {
            (offer, need): grade
            for (offer, need), grade in grades.items()
            if (language[need], language[offer]) == (of_need, of_offer)
        }
        result = scores(part, of_pair, [need for need in needs if language[need] == of_need])
        if result.needs:
            found[f"{of_need} < {of_offer}"] = result.as_json()
    return found


def _by_tag(rankings: Rankings, grades: Grades, tags: Mapping[str, set[str]]) -> dict[str, dict[str, Any]]:
    """Needs that have the tag, or an offer of grade 2 or 3 that has it."""
    found = {}
    for tag, keys in sorted(tags.items()):
        needs = {need for (offer, need), grade in grades.items() if grade >= RELEVANT and {offer, need} & keys}
        result = scores(rankings, grades, sorted(needs))
        if result.needs:
            found[tag] = result.as_json()
    return found


def _worst(
    ranked: Iterable[Suggestion],
    rankings: Rankings,
    grades: Grades,
    needs: Sequence[ListingFacts],
    offers: Sequence[ListingFacts],
) -> list[dict[str, Any]]:
    """Every need with a graded offer, worst first: its first five and the graded ones, with their parts."""
    of_pair = {(row.offer, row.need): row for row in ranked}
    title = {row.key: row.title for row in offers}
    found = []
    for need in needs:
        graded = {offer: grade for (offer, its_need), grade in grades.items() if its_need == need.key and grade > 0}
        if not graded:
            continue
        order = rankings.get(need.key, ())
        shown = [*order[:5], *(offer for offer in order[5:] if offer in graded)]
        found.append(
            {
                "need": need.key,
                "title": need.title,
                "ndcg_at_10": round(ndcg(order, graded), 4),
                "offers": [
                    {
                        "rank": order.index(offer) + 1,
                        "offer": offer,
                        "title": title[offer],
                        "grade": graded.get(offer, 0),
                        "score": of_pair[offer, need.key].score,
                        "parts": of_pair[offer, need.key].parts,
                    }
                    for offer in shown
                ],
                "never_met": sorted(set(graded) - set(order)),
            }
        )
    return sorted(found, key=lambda row: (row["ndcg_at_10"], row["need"]))


def _empty_needs(empty: Sequence[str], suggestions: Sequence[Suggestion]) -> dict[str, Any]:
    """Needs without a graded offer: how many rightly get no suggestion, or no more than distant ones."""
    best = {need: max((row.score for row in suggestions if row.need == need), default=0.0) for need in empty}
    named = {row.need for row in suggestions}
    hopeful = {row.need for row in suggestions if row.match_class is not MatchClass.DISTANT}
    return {
        "needs": len(empty),
        "without_suggestion": sum(need not in named for need in empty),
        "only_distant": sum(need not in hopeful for need in empty),
        "best_scores": sorted(round(score, 3) for score in best.values()),
    }


def _classes(suggestions: Sequence[Suggestion], grades: Grades) -> dict[str, dict[str, int]]:
    """Suggestions by class and grade."""
    table = {
        str(match_class): dict.fromkeys(("grade_3", "grade_2", "grade_1", "grade_0"), 0) for match_class in MatchClass
    }
    for row in suggestions:
        table[str(row.match_class)][f"grade_{grades.get((row.offer, row.need), 0)}"] += 1
    return table


def as_table(result: Mapping[str, Any], *, explain: int = 0) -> str:
    """The result for a terminal; `explain`: with so many of the worst needs and their parts."""
    lines = [
        f"{result['offers']} offers, {result['needs']} needs, {result['graded_pairs']} graded pairs "
        f"({result['graded_pairs_across_languages']} across languages), as on {result['on']}",
        "",
        f"{'':22}{'nDCG@10':>9}{'95 %':>12}{'recall@10':>11}{'MRR':>7}"
        f"{'across languages:':>20}{'nDCG@10':>8}{'recall@10':>11}{'MRR':>7}",
    ]
    for name, figures in result["systems"].items():
        here, across = figures["all"], figures["across_languages"]
        lines.append(
            f"{name:22}{here['ndcg_at_10']:9.3f}{'{:.2f}-{:.2f}'.format(*here['ndcg_interval']):>12}{here['recall_at_10']:11.3f}"
            f"{here['mrr']:7.3f}{across['ndcg_at_10']:28.3f}{across['recall_at_10']:11.3f}{across['mrr']:7.3f}"
        )
    portal = result["systems"]["portal"]
    empty = result["empty_needs"]
    lines += [
        "",
        f"Means over {portal['all']['needs']} needs with a graded offer, "
        f"{portal['across_languages']['needs']} of them across languages.",
        f"Needs without one: {empty['needs']}, of which no suggestion {empty['without_suggestion']}, "
        f"only distant ones {empty['only_distant']}.",
        "",
        f"{'first ten by class':22}" + "".join(f"{f'grade {grade}':>9}" for grade in (3, 2, 1, 0)),
    ]
    for name, row in result["classes"].items():
        lines.append(f"{name:22}" + "".join(f"{row[f'grade_{grade}']:9}" for grade in (3, 2, 1, 0)))
    for heading, name in (("need < offer", "language_pairs"), ("phenomenon", "phenomena")):
        if result[name]:
            lines += ["", f"{heading:22}{'needs':>9}{'nDCG@10':>9}{'95 %':>14}{'recall@10':>11}{'MRR':>7}"]
        for key, row in result[name].items():
            interval = "{:.2f}-{:.2f}".format(*row["ndcg_interval"])
            lines.append(
                f"{key:22}{row['needs']:9}{row['ndcg_at_10']:9.3f}{interval:>14}{row['recall_at_10']:11.3f}"
                f"{row['mrr']:7.3f}"
            )
    for row in result["worst"][:explain]:
        lines += ["", f"{row['ndcg_at_10']:.2f}  {row['need']}  {row['title']}"]
        for pair in row["offers"]:
            parts = " ".join(f"{name} {value:g}" for name, value in pair["parts"].items())
            lines.append(
                f"  {pair['rank']:4}. grade {pair['grade']}  {pair['score']:.3f}  {pair['offer']}  {pair['title']}  [{parts}]"
            )
        if row["never_met"]:
            lines.append(f"        behind the gates: {', '.join(row['never_met'])}")
    if result["without_place"]:
        lines += ["", f"{result['without_place']} listings have no known place: their distances were not counted."]
    return "\n".join(lines)
