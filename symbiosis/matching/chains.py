"""Offers that serve a need once somebody has treated them: offer → treatment → what is made → need.

Three sparse tables: offers x routes (what can be done to the goods), and routes x needs (how gladly what is made would be
taken). Their product gives the candidates, the gates and factors of pairs decide. Explained in docs/matching.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from symbiosis.matching import fit
from symbiosis.matching.facts import ListingFacts
from symbiosis.matching.knowledge import NARROWER, USUAL_KINDS, Knowledge, knowledge
from symbiosis.matching.market import PAYS_KM, Numbers
from symbiosis.matching.reading import Reading, read_listing
from symbiosis.matching.treatments import Route, Treatments, treatments
from symbiosis.matching.wishes import goods_of, properties_of, wishes

WISHED, NEARLY_BEST = 0.5, 0.8
"""What is made is wished for from the first up, and nearly as much as anything that the need would take."""
NAMED = 0.8
"""Where the need's title names materials, what is made is one of them or narrower."""
OTHER_CLASS, NO_CLASS = 0.35, "other"
"""Factor, harder than for pairs: what was misread of an offer would be treated to no avail, so the material class that
its owner chose weighs more."""
DIRECT = 0.65
"""A chain is told of when the untreated goods are wished for at most this share as much as what is made of them:
concrete for crushed concrete (broader, 0.6) still is."""
WORTH = (0.0, 0.4, 0.7, 1.0)
"""By the worth of the row: conceivable, with a condition or compromise, usual practice."""
MAIN = 0.8
"""Goods of less weight, in all or beside the offer's weightiest, are the setting and not what is offered."""
FLOOR = 0.25
MISSING, LITTLE, BRIEF = 0.6, 0.75, 0.8
"""What is kept when the offer lacks what the need asks for, has next to nothing of it, and is open with it for a day."""
KEPT = 3
"""Chains of a need, and of an offer."""
CANDIDATES = 24
BLOCK = 256
POWER = 4

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FoundChain:
    offer: str
    need: str
    route: Route
    score: float
    distance_km: float | None


def find_chains(
    offers: Sequence[ListingFacts],
    needs: Sequence[ListingFacts],
    *,
    on: date,
    joined: Collection[tuple[str, str]] = (),
    known: Knowledge | None = None,
    ways: Treatments | None = None,
    read: Callable[[ListingFacts], Reading] | None = None,
) -> list[FoundChain]:
    """By need key, best first; at most KEPT of a need and of an offer. The order of the rows given plays no part.

    `joined`: pairs (offer, need) that are good or possible as they are. `read`: readings already made.
    """
    known = known or knowledge()
    ways = ways or treatments()
    routes = list(ways.routes.values())
    offer_rows, need_rows = (sorted(rows, key=lambda row: row.key) for rows in (offers, needs))
    if not offer_rows or not need_rows or not routes:
        return []
    how = read or (lambda facts: read_listing(facts, known))
    owners = Numbers()
    market = _Market(
        offers=_Side.of(offer_rows, [how(row) for row in offer_rows], owners, on, known, offers=True),
        needs=_Side.of(need_rows, [how(row) for row in need_rows], owners, on, known, offers=False),
        routes=routes,
        tables=_Tables.of(routes, known),
        joined=frozenset(joined),
    )
    found = market.chains(known)
    kept: list[FoundChain] = []
    of_need: Counter[str] = Counter()
    of_offer: Counter[str] = Counter()
    for chain in sorted(found, key=lambda one: (-one.score, one.need, one.offer)):
        if of_need[chain.need] < KEPT and of_offer[chain.offer] < KEPT:
            of_need[chain.need] += 1
            of_offer[chain.offer] += 1
            kept.append(chain)
    return sorted(kept, key=lambda one: (one.need, -one.score, one.offer))


@dataclass(frozen=True, slots=True)
class _Tables:
    """What the routes say, as arrays."""

    applies: csr_matrix
    """materials x routes: the worth of the treatment for the material, its own row 1, for a narrower one less."""
    into: Ints
    output: Floats
    takes_hazard: Bools
    removes: Bools
    """routes x properties."""
    brings: Bools
    """routes x properties: hazards and contaminants that what is made usually has."""
    pays_km: Floats

    @classmethod
    def of(cls, routes: Sequence[Route], known: Knowledge) -> _Tables:
        property_number = {key: place for place, key in enumerate(known.properties)}
        removes = np.zeros((len(routes), len(property_number)), bool)
        brings = np.zeros_like(removes)
        rows, columns, worth = [], [], []
        own = {(route.treatment, route.made_into, route.made_from) for route in routes}
        for number, route in enumerate(routes):
            removes[number, [property_number[key] for key in route.removes]] = True
            made = known.materials[route.made_into]
            usual = [key for key in made.properties if key in property_number and key not in route.removes]
            brings[number, [property_number[key] for key in usual if known.properties[key].kind in USUAL_KINDS]] = True
            narrower = () if route.only else known.narrower[route.made_from]
            for material in (route.made_from, *narrower):
                steps = known.ancestors[material].get(route.made_from, 0)
                has_its_own = steps and (route.treatment, route.made_into, material) in own
                if has_its_own or (steps and _taints(material, route, known)):
                    continue
                rows.append(known.material_number[material])
                columns.append(number)
                worth.append(WORTH[route.worth] * NARROWER**steps)
        return cls(
            applies=csr_matrix(
                (np.array(worth, np.float32), (rows, columns)), shape=(len(known.materials), len(routes))
            ),
            into=np.array([known.material_number[route.made_into] for route in routes], np.int64),
            output=np.array([route.output for route in routes]),
            takes_hazard=np.array([route.hazardous for route in routes], bool),
            removes=removes,
            brings=brings,
            pays_km=np.array([PAYS_KM[known.materials[route.made_into].value] for route in routes]),
        )


def _taints(material: str, route: Route, known: Knowledge) -> bool:
    """The narrower material has a hazard or contaminant that the row's own has not, nor the treatment takes away."""
    usual = set(known.materials[material].properties) - set(known.materials[route.made_from].properties)
    kinds = {"hazard", "contaminant"}
    return any(
        key in known.properties and known.properties[key].kind in kinds and key not in route.removes for key in usual
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """Sorted by key."""

    rows: Sequence[ListingFacts]
    readings: Sequence[Reading]
    latitude: Floats
    longitude: Floats
    radius: Floats
    since: Ints
    until: Ints
    hazardous: Bools
    owner: Ints
    tonnes: Floats
    has: Bools
    """listings x properties: had by an offer, refused by a need."""
    lacks: Bools
    """Lacking in an offer, asked for by a need."""

    @classmethod
    def of(
        cls,
        rows: Sequence[ListingFacts],
        readings: Sequence[Reading],
        owners: Numbers,
        on: date,
        known: Knowledge,
        *,
        offers: bool,
    ) -> _Side:
        first, second = properties_of(readings, known, offers=offers)
        yearly = [row.yearly() for row in rows]
        return cls(
            rows=rows,
            readings=readings,
            latitude=_floats([row.latitude for row in rows]),
            longitude=_floats([row.longitude for row in rows]),
            radius=_floats([row.radius_km for row in rows]),
            since=np.array([max(row.valid_from, on).toordinal() for row in rows], np.int64),
            until=np.array([row.valid_until.toordinal() for row in rows], np.int64),
            hazardous=np.array([row.hazardous is True for row in rows], bool),
            owner=owners.of([row.owner for row in rows]),
            tonnes=_floats([float(amount[0]) if amount and amount[1] == "t" else None for amount in yearly]),
            has=first if offers else second,
            lacks=second if offers else first,
        )


def _classes(material: str, known: Knowledge) -> frozenset[str]:
    """Material classes under which the material may be posted: its own, and those of what is above and below it."""
    kin = (material, *known.ancestors[material], *known.narrower[material])
    return frozenset(known.materials[key].material_class for key in kin) - {""}


def _is_other(listing: ListingFacts, classes: frozenset[str]) -> bool:
    return bool(classes) and listing.material_class not in {None, "", NO_CLASS, *classes}


def _floats(values: Sequence[float | None]) -> Floats:
    return np.array([np.nan if value is None else float(value) for value in values], np.float64)


@dataclass(frozen=True, slots=True)
class _Market:
    offers: _Side
    needs: _Side
    routes: Sequence[Route]
    tables: _Tables
    joined: frozenset[tuple[str, str]]

    def chains(self, known: Knowledge) -> list[FoundChain]:
        wished = wishes(self.needs.readings, known).total
        goods, weights = goods_of(self.offers.readings, known)
        classes = [_classes(key, known) for key in known.material_keys]
        offered = np.where(weights >= MAIN * np.maximum(weights[:, :1], MAIN), weights, 0).astype(np.float32)
        for row, listing in enumerate(self.offers.rows):
            offered[row, [_is_other(listing, classes[number]) for number in goods[row].tolist()]] *= OTHER_CLASS
        treatable = self._treatable(goods, offered)
        taken = self._taken(wished, known)
        found: list[FoundChain] = []
        for start in range(0, len(self.needs.rows), BLOCK):
            block = slice(start, min(start + BLOCK, len(self.needs.rows)))
            hopeful = (csr_matrix(taken[block] ** POWER) @ treatable.power(POWER).T).tocoo()
            need, offer = hopeful.row.astype(np.int64) + start, hopeful.col.astype(np.int64)
            opened = self._open(need, offer)
            need, offer, promise = need[opened], offer[opened], hopeful.data[opened] ** (1 / POWER)
            km = self._km(need, offer)
            promise = promise * fit.distance(km, np.full(len(km), max(PAYS_KM.values())))
            places = _best(need, promise, CANDIDATES)
            found += self._scored(need[places], offer[places], km[places], treatable, taken, wished, goods, weights)
        return found

    def _taken(self, wished: NDArray[np.float32], known: Knowledge) -> NDArray[np.float32]:
        """needs x routes: how gladly what is made would be taken."""
        into = self.tables.into
        least = np.maximum(NEARLY_BEST * wished.max(axis=1, initial=0), WISHED)
        taken = np.where(wished[:, into] >= least[:, None], wished[:, into], 0).astype(np.float32)
        for row, reading in enumerate(self.needs.readings):
            if reading.titled:
                named = known.likeness[[known.material_number[key] for key in sorted(reading.titled)]].max(axis=0)
                taken[row, named[into] < NAMED] = 0
            elif not reading.uses:
                taken[row] = 0
        return taken

    def _treatable(self, goods: Ints, weights: NDArray[np.float32]) -> csr_matrix:
        """offers x routes: the best of weight x worth over the offer's goods."""
        count = len(self.offers.rows)
        best = csr_matrix((count, len(self.routes)), dtype=np.float32)
        for place in range(goods.shape[1]):
            one = csr_matrix(
                (weights[:, place], (np.arange(count), goods[:, place])),
                shape=(count, self.tables.applies.shape[0]),
            )
            best = best.maximum(one @ self.tables.applies)
        # Hazardous goods go only through what takes them.
        closed = self.offers.hazardous[:, None] & ~self.tables.takes_hazard[None, :]
        rows = np.repeat(np.arange(count), np.diff(best.indptr))
        best.data[closed[rows, best.indices]] = 0
        best.eliminate_zeros()
        return best

    def _open(self, need: Ints, offer: Ints) -> Bools:
        """At least one common day, and not the same owner."""
        opened: Bools = (self._days(need, offer) >= 1) & (
            (self.needs.owner[need] != self.offers.owner[offer]) | (self.needs.owner[need] == -1)
        )
        return opened

    def _days(self, need: Ints, offer: Ints) -> Ints:
        days: Ints = (
            np.minimum(self.needs.until[need], self.offers.until[offer])
            - np.maximum(self.needs.since[need], self.offers.since[offer])
            + 1
        )
        return days

    def _km(self, need: Ints, offer: Ints) -> Floats:
        needs, offers = self.needs, self.offers
        return fit.road_km(needs.latitude[need], needs.longitude[need], offers.latitude[offer], offers.longitude[offer])

    def _scored(
        self,
        need: Ints,
        offer: Ints,
        km: Floats,
        treatable: csr_matrix,
        taken: NDArray[np.float32],
        wished: NDArray[np.float32],
        goods: Ints,
        weights: NDArray[np.float32],
    ) -> list[FoundChain]:
        """pairs x routes in full, for the few candidates of a block."""
        if not len(need):
            return []
        tables = self.tables
        made: Floats = np.asarray(treatable[offer].todense()) * taken[need]
        refused = self.needs.has[need]
        had = refused & self.offers.has[offer]
        # What the goods have stays unless the row removes it; what is made may bring its own. What was crushed is no
        # longer whole, for who wants it so.
        spoilt = (
            _meet(had, ~tables.removes) | _meet(refused, tables.brings) | _meet(self.needs.lacks[need], tables.removes)
        )
        made = np.where(spoilt, 0, made)
        lacking: Bools = np.asarray((self.needs.lacks[need] & self.offers.lacks[offer]).any(axis=1, keepdims=True))
        made = np.where(lacking, MISSING * made, made)
        direct = (wished[need[:, None], goods[offer]] * weights[offer]).max(axis=1)
        made = np.where((direct[:, None] > DIRECT * taken[need]) & ~_meet(had, tables.removes), 0, made)
        limit = np.fmin(self.needs.radius[need], self.offers.radius[offer])
        share = self.offers.tonnes[offer][:, None] * tables.output[None, :] / self.needs.tonnes[need][:, None]
        enough = np.where(np.isnan(share), 1.0, LITTLE + (1 - LITTLE) * fit.quantity(share))
        score: Floats = np.asarray(made * fit.distance(km[:, None], tables.pays_km[None, :]) * enough)
        score *= (fit.radius(km, limit) * (BRIEF + (1 - BRIEF) * fit.time(self._days(need, offer))))[:, None]
        best = score.argmax(axis=1)
        chains = []
        for place, number in enumerate(best.tolist()):
            value = round(float(score[place, number]), 6)
            pair = self.offers.rows[offer[place]].key, self.needs.rows[need[place]].key
            if value >= FLOOR and pair not in self.joined:
                away = None if np.isnan(km[place]) else round(float(km[place]), 1)
                chains.append(FoundChain(*pair, self.routes[number], value, away))
        return chains


def _meet(of_pairs: Bools, of_routes: Bools) -> Bools:
    """pairs x routes: whether any property is in both."""
    meet: Bools = of_pairs.astype(np.float32) @ of_routes.T.astype(np.float32) > 0
    return meet


def _best(need: Ints, value: Floats, limit: int) -> Ints:
    """Places of the `limit` best values of each need, equal ones in their order."""
    places = np.flatnonzero(value > 0)
    order = places[np.lexsort((places, -value[places], need[places]))]
    starts = np.flatnonzero(np.diff(need[order], prepend=-1))
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    return order[rank < limit]
