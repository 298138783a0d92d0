from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbiosis.matching.formula import Curve, Formula
from symbiosis.matching.knowledge import knowledge

AGAINST = {
    "missing",
    "number",
    "other_material",
    "place_unknown",
    "refused",
    "ruled_out",
    "told_far",
    "told_little",
    "told_unsuited",
}


def test_points_lie_straight_between_the_knots_and_level_outside() -> None:
    curve = Curve(at=[0.2, 0.6], points=[0, 2], unknown=-1)
    assert curve.of(np.array([0.0, 0.2, 0.5, 0.6, 1.0, np.nan])).tolist() == pytest.approx([0, 0, 1.5, 2, 2, -1])


def test_points_add_up_and_the_sum_is_told_as_a_share() -> None:
    formula = Formula(base=-1, curves={"a": Curve([0, 1], [0, 2]), "b": Curve([0, 1], [0, -1])})
    parts = {"a": np.array([1.0, 1.0, np.nan]), "b": np.array([np.nan, 1.0, 1.0])}
    assert formula.score(parts).tolist() == pytest.approx([1 / (1 + np.exp(-1)), 0.5, 1 / (1 + np.exp(2))])


@pytest.mark.parametrize(
    "curve",
    [
        {"at": [0, 1], "points": [0]},
        {"at": [1, 0], "points": [0, 1]},
        {"at": [0, 0], "points": [0, 1]},
        {"at": [0, 0.5, 1], "points": [0, 1, 0.5]},
    ],
    ids=["too few points", "knots fall", "a knot twice", "it turns"],
)
def test_a_curve_that_says_two_things_is_refused(curve: dict[str, list[float]]) -> None:
    with pytest.raises(ValueError, match="x: knots that rise"):
        Formula.of({"base": 0, "curve": {"x": curve}})


def test_the_curves_in_force_point_the_way_they_should() -> None:
    curves = knowledge().formula.curves
    assert {name for name, curve in curves.items() if curve.falls} == AGAINST
    rising = {name: curve.points[-1] - curve.points[0] for name, curve in curves.items() if name not in AGAINST}
    assert min(rising.values()) > 0.2
    assert max(rising, key=lambda name: rising[name]) == "known"


@given(
    name=st.sampled_from(sorted(knowledge().formula.curves)),
    values=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    others=st.floats(0, 1),
)
def test_more_of_what_speaks_for_a_pair_never_lowers_its_score(
    name: str, values: tuple[float, float], others: float
) -> None:
    formula = knowledge().formula
    parts = {each: np.full(2, others) for each in formula.curves} | {name: np.array(sorted(values))}
    less, more = formula.score(parts)
    assert less >= more if name in AGAINST else less <= more
