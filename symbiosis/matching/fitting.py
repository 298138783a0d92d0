"""Draws the curves of the formula from judged pairs: regularised logistic regression on whether a pair is usable.

Each curve keeps its knots and its direction: more of what speaks for a pair never lowers the score. Curves that are set by
hand stay as they are and count while the others are drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from symbiosis.matching.evaluation import CUT, RELEVANT, JudgedSet, Scores, scores
from symbiosis.matching.formula import Curve, Formula
from symbiosis.matching.knowledge import Knowledge

RIDGE = 1.0
"""How strongly points are held to nought: half its square weighs as much as a pair told wrongly does."""
STEPS = 300
DECIMALS = 2

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Judged:
    """All pairs of one set behind the gates: their parts as `Scored.parts`, and which of them a judge called usable."""

    of: JudgedSet
    parts: Mapping[str, Floats]
    need: NDArray[np.str_]
    """Keys."""
    offer: NDArray[np.str_]
    usable: NDArray[np.bool_]

    @classmethod
    def compared(cls, judged: JudgedSet, known: Knowledge) -> Judged:
        market = judged.market(known)
        blocks = [compared for _done, compared in market.blocks(everything=True)]
        need, offer = (
            np.array([row.key for row in side.listings])[np.concatenate(places)]
            for side, places in (
                (market.needs, [block.need for block in blocks]),
                (market.offers, [block.offer for block in blocks]),
            )
        )
        grades = judged.grades
        return cls(
            of=judged,
            parts={
                name: np.concatenate([block.scored.parts[name] for block in blocks]) for name in blocks[0].scored.parts
            },
            need=need,
            offer=offer,
            usable=np.array(
                [grades.get(pair, 0) >= RELEVANT for pair in zip(offer.tolist(), need.tolist(), strict=True)],
                dtype=bool,
            ),
        )

    def scores(self, formula: Formula) -> Scores:
        """How well the formula ranks the set."""
        value = formula.score(self.parts)
        rankings = {}
        for row in self.of.needs:
            places = np.flatnonzero(self.need == row.key)
            rankings[row.key] = self.offer[places[np.lexsort((self.offer[places], -value[places]))][:CUT]].tolist()
        return scores(rankings, self.of.grades, [row.key for row in self.of.needs])


@dataclass(frozen=True, slots=True)
class _Column:
    """One climb between two knots of a curve; without a sign, what is said when the part has no value."""

    curve: str
    start: float = 0.0
    stop: float = 1.0
    sign: int = 0
    """1: its points are 0 or more, -1: 0 or less, 0: free."""
    short: float = 0.0
    """1 when the curve ends at nought, and what is short of its end counts."""

    def of(self, values: Floats) -> Floats:
        unknown = np.isnan(values)
        if not self.sign:
            return unknown.astype(float)
        climbed = np.clip((values - self.start) / (self.stop - self.start), 0.0, 1.0)
        return np.where(unknown, 0.0, climbed - self.short)


def fit(sets: Sequence[Judged], formula: Formula) -> Formula:
    """The formula with its curves drawn anew. Raises ValueError without a usable and an unusable pair."""
    usable = np.concatenate([each.usable for each in sets])
    if usable.all() or not usable.any():
        raise ValueError("At least one usable and one unusable pair are needed.")
    columns = [column for name, curve in formula.curves.items() if curve.fitted for column in _columns(name, curve)]
    table = np.vstack([_table(each, columns) for each in sets])
    by_hand = Formula(curves={name: curve for name, curve in formula.curves.items() if not curve.fitted})
    given = np.concatenate([np.broadcast_to(by_hand.points(each.parts), len(each.usable)) for each in sets])

    def loss(weights: Floats) -> tuple[float, Floats]:
        points = weights[0] + table @ weights[1:] + given
        likely = 1 / (1 + np.exp(-points))
        wrong = np.logaddexp(0, np.where(usable, -points, points)).sum()
        slope = likely - usable
        kept = weights[1:]
        return wrong + RIDGE / 2 * kept @ kept, np.concatenate([[slope.sum()], table.T @ slope + RIDGE * kept])

    bounds = [(None, None), *({1: (0, None), -1: (None, 0), 0: (None, None)}[column.sign] for column in columns)]
    drawn = minimize(
        loss, np.zeros(len(columns) + 1), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": STEPS}
    ).x.tolist()
    weights: dict[str, list[tuple[_Column, float]]] = {}
    for column, weight in zip(columns, drawn[1:], strict=True):
        weights.setdefault(column.curve, []).append((column, weight))
    curves = {name: _drawn(curve, weights.get(name, [])) for name, curve in formula.curves.items()}
    return Formula(base=round(drawn[0], DECIMALS), curves=curves)


BINS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Each set under a formula that was drawn from the others: what new sets of the kind would get."""

    scores: Sequence[Scores]
    told: Sequence[tuple[float, float, int, float]]
    """From and to a score, how many pairs have it, and the share of them that is usable."""


def held_out(sets: Sequence[Judged], formula: Formula) -> HeldOut:
    """Raises ValueError with fewer than two sets."""
    if len(sets) < 2:
        raise ValueError("At least two sets are needed to judge a formula by pairs that it was not drawn from.")
    drawn = [fit([other for other in sets if other is not each], formula) for each in sets]
    value = np.concatenate([one.score(each.parts) for one, each in zip(drawn, sets, strict=True)])
    usable = np.concatenate([each.usable for each in sets])
    told = []
    for low, high in pairwise(BINS):
        inside = (value >= low) & (value < high)
        told.append((low, high, int(inside.sum()), float(usable[inside].mean()) if inside.any() else 0.0))
    return HeldOut([each.scores(one) for one, each in zip(drawn, sets, strict=True)], told)


def written(formula: Formula, heading: str) -> str:
    """As data/formula.toml holds it."""
    lines = [heading.rstrip(), "", f"base = {formula.base}"]
    for name, curve in formula.curves.items():
        lines += ["", f"[curve.{name}]", f"at = {_list(curve.at)}", f"points = {_list(curve.points)}"]
        if curve.unknown:
            lines.append(f"unknown = {curve.unknown:g}")
        if not curve.fitted:
            lines.append("fitted = false")
    return "\n".join(lines) + "\n"


def _list(values: Sequence[float]) -> str:
    return f"[{', '.join(f'{value:g}' for value in values)}]"


def _columns(name: str, curve: Curve) -> list[_Column]:
    sign, short = (-1 if curve.falls else 1), float(curve.points[-1] == 0)
    climbs = [_Column(name, *ends, sign, short) for ends in pairwise(curve.at)]
    return [*climbs, _Column(name)] if curve.unknown else climbs


def _table(judged: Judged, columns: Sequence[_Column]) -> Floats:
    """pairs x columns"""
    return np.stack([column.of(judged.parts[column.curve]) for column in columns], axis=1)


def _drawn(curve: Curve, climbs: Sequence[tuple[_Column, float]]) -> Curve:
    """The curve with its points; without climbs as it was."""
    if not climbs:
        return curve
    risen = np.cumsum([0.0, *(weight for column, weight in climbs if column.sign)])
    if climbs[0][0].short:
        risen = risen - risen[-1]
    unknown = next((weight for column, weight in climbs if not column.sign), 0.0)
    points = [round(value, DECIMALS) + 0.0 for value in risen.tolist()]
    return replace(curve, points=points, unknown=round(unknown, DECIMALS))
