"""Pairs that were scored, as suggestions: the parts that counted, their reasons, class, and what to check first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from math import isnan
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from symbiosis.matching.facts import MatchClass, Reason, Suggestion
from symbiosis.matching.reasons import NO_OBSTACLE, Outside, Pair, check_first, reasons_of
from symbiosis.matching.scoring import Scored
from symbiosis.matching.words import beginning

if TYPE_CHECKING:
    from symbiosis.matching.engine import Market

Ints = NDArray[np.int64]

# Cuts of the score; docs/matching.md tells which share of such pairs was usable on the judged sets.
GOOD_AT, POSSIBLE_AT = 0.6, 0.15
DECIMALS = 4
"""Of the parts."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Pairs of a market with their scores. `use`: number of the use that joins the pair, -1 for none; `held`: pairs x
    gates, which of them bear on the pair.
    """

    market: Market
    need: Ints
    offer: Ints
    use: Ints
    held: NDArray[np.bool_]
    scored: Scored

    def suggestions(self, places: Ints) -> Iterator[Suggestion]:
        """Of the pairs at those places, in their order."""
        held: dict[int, list[int]] = {}
        for place, gate in np.argwhere(self.held[places]).tolist():
            held.setdefault(place, []).append(gate)
        for place, row in enumerate(self._rows(places)):
            yield _explained(self.market, row, held.get(place, []))

    def _rows(self, places: Ints) -> Iterator[SimpleNamespace]:
        """The columns of the pairs as plain Python values: a block at a time is ten times faster. `parts`: what counted."""
        scored = self.scored
        parts = {
            name: np.round(column[places].astype(float), DECIMALS).tolist() for name, column in scored.parts.items()
        }
        columns: dict[str, NDArray[Any]] = {
            "need": self.need[places],
            "offer": self.offer[places],
            "use": self.use[places],
            **{each.name: getattr(scored, each.name)[places] for each in fields(Scored) if each.name != "parts"},
        }
        counted = [
            {name: value for name, value in zip(parts, values, strict=True) if value == value}
            for values in zip(*parts.values(), strict=True)
        ]
        for values, of_pair in zip(
            zip(*(each.tolist() for each in columns.values()), strict=True), counted, strict=True
        ):
            yield SimpleNamespace(**dict(zip(columns, values, strict=True)), parts=of_pair)


def _explained(market: Market, row: SimpleNamespace, held: list[int]) -> Suggestion:
    pair = _pair(market, row, held)
    reasons = reasons_of(pair)
    score = round(row.score, 6)
    return Suggestion(
        offer=pair.offer.key,
        need=pair.need.key,
        score=score,
        match_class=_class(score, reasons),
        distance_km=None if isnan(row.km) else round(row.km, 1),
        parts=pair.parts,
        reasons=reasons,
        check_first=check_first(pair, reasons),
        notes=(*pair.asks, *pair.notes),
    )


def _class(score: float, reasons: list[Reason]) -> MatchClass:
    if score >= GOOD_AT and all(reason.for_it or reason.code in NO_OBSTACLE for reason in reasons):
        return MatchClass.GOOD
    return MatchClass.POSSIBLE if score >= POSSIBLE_AT else MatchClass.DISTANT


def _pair(market: Market, row: SimpleNamespace, held: list[int]) -> Pair:
    need, offer = market.needs.listings[row.need], market.offers.listings[row.offer]
    by_words = "words" in row.parts and row.goods < 0
    gates = [market.barriers.gates[number] for number in held]
    keys = market.known.property_keys
    return Pair(
        offer=offer,
        need=need,
        parts=row.parts,
        km=row.km,
        limit_km=row.limit_km,
        days=row.days,
        since=max(offer.valid_from, need.valid_from, market.supply.on),
        until=min(offer.valid_until, need.valid_until),
        share=row.share,
        shared_words=market.supply.shared_words.of(offer.key, need) if by_words else [],
        clash=keys[row.refused] if row.refused >= 0 else "",
        lack=keys[row.missing] if row.missing >= 0 else "",
        unstated=keys[row.unmet] if row.unmet >= 0 else "",
        outside=_outside(market, row) if row.apart >= 0 else None,
        ruled_out=_ruled_out(market, row) if "ruled_out" in row.parts else (),
        asks=tuple(gate.key for gate in gates if gate.effect == "asks"),
        notes=tuple(gate.key for gate in gates if gate.effect == "note"),
        **(_known(market, row) if row.goods >= 0 else {}),
    )


def _ruled_out(market: Market, row: SimpleNamespace) -> tuple[str, ...]:
    """The need's words for what it does not take and the offer names."""
    said = {beginning(word) for word in market.offers.readings[row.offer].told}
    return tuple(sorted(word for word in market.needs.readings[row.need].told if beginning(word) in said))


def _outside(market: Market, row: SimpleNamespace) -> Outside:
    """The number of the offer that lies outside what the need asks for."""
    asked, stated = (
        (float(side.lowest[place, row.apart]), float(side.highest[place, row.apart]))
        for side, place in ((market.needs, row.need), (market.offers, row.offer))
    )
    return Outside(market.known.measure_keys[row.apart], asked, stated)


def _known(market: Market, row: SimpleNamespace) -> dict[str, Any]:
    """The goods, what they answer, the use with its causes."""
    known, goods = market.known, row.goods
    found: dict[str, Any] = {"goods": known.material_keys[goods]}
    if asked := market.needs.readings[row.need].materials:
        found["wanted"] = max(
            asked, key=lambda name: (asked[name] * known.likeness[known.material_number[name], goods], name)
        )
    if row.use >= 0:
        found["use"] = known.use_keys[row.use]
        if fitness := known.why_fit(found["use"], found["goods"]):
            found["because"], found["conditions"] = fitness.because, fitness.conditions
    return found
