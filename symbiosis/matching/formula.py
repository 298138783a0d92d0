"""The formula's figures: how much each part of a pair speaks for it, as curves of points. Read from data/formula.toml.

score = 1 / (1 + e^-(base + the points of all parts)). Points are log-odds: +0.7 doubles the odds that an adviser would call
the pair usable, so parts join by plain addition. `fitting` draws the curves from judged pairs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Curve:
    """Points of a part by its value, straight between the knots and level outside them. `unknown`: when it has no value."""

    at: Sequence[float]
    points: Sequence[float]
    unknown: float = 0.0
    fitted: bool = True
    """Drawn from judged pairs; the others are set by hand, since judged listings do not state what they tell of."""

    def of(self, values: Floats) -> Floats:
        import numpy as np

        return np.where(np.isnan(values), self.unknown, np.interp(values, self.at, self.points))

    @property
    def falls(self) -> bool:
        """Whether more of it speaks against the pair."""
        return self.points[-1] < self.points[0]


@dataclass(frozen=True, slots=True)
class Formula:
    base: float = 0.0
    curves: Mapping[str, Curve] = field(default_factory=dict)

    def points(self, parts: Mapping[str, Floats]) -> Floats:
        """Log-odds, from the values of each part, NaN where it is not known. `parts` has a row for every curve."""
        import numpy as np

        return np.asarray(self.base + sum(curve.of(parts[name]) for name, curve in self.curves.items()))

    def score(self, parts: Mapping[str, Floats]) -> Floats:
        """0 to 1, from the same."""
        import numpy as np

        return 1 / (1 + np.exp(-self.points(parts)))

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> Formula:
        """Raises ValueError: a curve that turns, or whose knots and points are not as many."""
        curves = {name: Curve(**entry) for name, entry in written["curve"].items()}
        for name, curve in curves.items():
            steps = [second - first for first, second in pairwise(curve.points)]
            turns = any(step * other < 0 for step in steps for other in steps)
            if turns or len(curve.at) != len(curve.points) or list(curve.at) != sorted(set(curve.at)):
                raise ValueError(f"{name}: knots that rise, as many points, and a curve that does not turn are needed.")
        return cls(base=float(written["base"]), curves=curves)
