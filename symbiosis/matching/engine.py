"""Joins the two sides: candidates by sparse products, gates, then the formula on the pairs that are left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from kisu.lib.jobs import Progress
from symbiosis.matching import fit
from symbiosis.matching.explaining import Compared
from symbiosis.matching.facts import ListingFacts, Suggestion
from symbiosis.matching.gates import Barriers, barriers
from symbiosis.matching.knowledge import Knowledge, knowledge
from symbiosis.matching.market import Numbers, Side, side
from symbiosis.matching.reading import Reading, read_listing
from symbiosis.matching.scoring import known_of, open_pairs, reach, score
from symbiosis.matching.wishes import Wishes, wishes
from symbiosis.matching.words import SharedWords, TextSpace, asserted

FLOOR = 0.04
"""Below it a pair is not worth a line."""

BLOCK, CELLS = 256, 5_000_000
"""Needs looked at in one go at most, and pairs: each pair of a block has a few numbers in memory."""
CANDIDATES = 60
"""Pairs of a need that the formula looks at: the most promising by material, use and distance."""
PRESELECTED = 150
"""Of all offers, by a rough distance."""
TEXT_CANDIDATES = 20
"""Further ones by their texts alone: for listings of whose material nothing is known."""
POWER = 4
"""A sum of fourth powers is nearly their maximum, and a sum is what a sparse product makes."""

Ints = NDArray[np.int64]
Floats = NDArray[np.floating[Any]]
Learned = Mapping[tuple[str, str], float]
"""Factors near 1 by (use, material), "" for no use: from what people answered to such pairs."""
Readings = Mapping[str, Reading]
"""By the keys of listings."""


class Supply:
    """Open offers read and laid out as arrays, for as many needs as one has.

    `beside`: a supply whose numbers and weights of words these offers share, so that its demand may stand before them.
    """

    def __init__(
        self,
        offers: Sequence[ListingFacts],
        *,
        on: date,
        known: Knowledge,
        readings: Readings | None = None,
        learned: Learned | None = None,
        beside: Supply | None = None,
        each: Callable[[], None] = lambda: None,
    ) -> None:
        self.on, self.known = on, known
        self.numbers: Numbers = beside.numbers if beside else Numbers()
        self.side: Side = _side(offers, self.numbers, readings or {}, on, known, each=each)
        texts = [_text(row) for row in self.side.listings]
        self.space: TextSpace = beside.space.beside(texts, each=each) if beside else TextSpace(texts, each=each)
        self.learned = _learned(learned or {}, known)

    @property
    def listings(self) -> list[ListingFacts]:
        return self.side.listings

    @cached_property
    def shared_words(self) -> SharedWords:
        return SharedWords(self.listings)

    @cached_property
    def goods(self) -> csr_matrix:
        """materials x offers, each weight to the POWER."""
        rows = np.repeat(np.arange(len(self.listings)), self.side.goods.shape[1])
        return csr_matrix(
            ((self.side.goods_weight**POWER).ravel(), (rows, self.side.goods.ravel())),
            shape=(len(self.listings), len(self.known.materials)),
        ).T.tocsr()


class Demand:
    """Needs read and laid out for a supply, and for those beside it."""

    def __init__(
        self,
        needs: Sequence[ListingFacts],
        supply: Supply,
        *,
        readings: Readings | None = None,
        each: Callable[[], None] = lambda: None,
    ) -> None:
        self.side: Side = _side(needs, supply.numbers, readings or {}, supply.on, supply.known, each=each)
        self.wishes: Wishes = wishes(self.side.readings, supply.known)
        self.texts: csr_matrix = supply.space.of([_text(row) for row in self.side.listings], each=each)


class Market:
    """A demand before a supply. Needs are independent of each other: a part of them gets what it would get among all."""

    def __init__(self, supply: Supply, demand: Demand) -> None:
        self.supply, self.known, self.offers = supply, supply.known, supply.side
        self.needs, self.wishes, self.texts = demand.side, demand.wishes, demand.texts
        self.barriers: Barriers = barriers(self.needs, self.offers, self.known)

    def suggestions(
        self,
        *,
        limit: int,
        floor: float = FLOOR,
        everything: bool = False,
        progress: Progress | None = None,
    ) -> Iterator[Suggestion]:
        """The best `limit` of each need, by need key, best first. `everything`: all pairs behind the gates are scored."""
        total = len(self.needs.listings)
        for done, compared in self.blocks(everything=everything):
            yield from compared.suggestions(_best(compared.need, compared.scored.score, limit, floor))
            if progress:
                progress(done, total)

    def blocks(self, *, everything: bool) -> Iterator[tuple[int, Compared]]:
        """The pairs behind the gates, some needs at a time, with how many needs are done."""
        total, offers = len(self.needs.listings), np.arange(len(self.offers.listings))
        if not len(offers):
            return
        block = min(BLOCK, max(1, CELLS // len(offers)))
        for start in range(0, total, block):
            rows = np.arange(start, min(start + block, total))
            cosines = (self.texts[rows] @ self.supply.space.transposed).toarray()
            need, offer = _every(rows, offers) if everything else self._candidates(rows, cosines)
            yield int(rows[-1]) + 1, self._compared(need, offer, cosines[need - start, offer])

    def _compared(self, need: Ints, offer: Ints, cosine: Floats) -> Compared:
        opened = open_pairs(self.needs, self.offers, need, offer)
        need, offer, cosine = need[opened], offer[opened], cosine[opened]
        value, goods = known_of(self.wishes.total, self.offers, need, offer)
        use = np.where(goods >= 0, self.wishes.best_use[need, goods], -1)
        held = self.barriers.hold(need, offer, goods, np.where(use >= 0, use, self.wishes.main_use[need]))
        lawful = ~(held & self.barriers.closing).any(axis=1)
        need, offer, goods, use, held = need[lawful], offer[lawful], goods[lawful], use[lawful], held[lawful]
        scored = score(
            self.known.formula,
            self.needs,
            self.offers,
            self.wishes,
            need,
            offer,
            known=value[lawful],
            goods=goods,
            cosine=cosine[lawful],
            learned=np.where(goods >= 0, self.supply.learned[use, goods], 1.0),
        )
        return Compared(market=self, need=need, offer=offer, use=use, held=held, scored=scored)

    def _candidates(self, rows: Ints, cosines: Floats) -> tuple[Ints, Ints]:
        needs, offers = self.needs, self.offers
        hopeful = (csr_matrix(self.wishes.total[rows] ** POWER) @ self.supply.goods).toarray()
        rough = hopeful ** np.float32(1 / POWER) * fit.nearness(needs.place[rows], offers.place, offers.pays_km)
        first = min(PRESELECTED, rough.shape[1])
        offer = np.argpartition(-rough, first - 1, axis=1)[:, :first].ravel()
        need = np.repeat(rows, first)
        _, _, distance, radius = reach(needs, offers, need, offer)
        promise = hopeful[need - rows[0], offer] ** (1 / POWER) * distance * radius
        kept = _best(need, promise * open_pairs(needs, offers, need, offer), CANDIDATES, 0.0)
        by_text = np.argpartition(-cosines, min(TEXT_CANDIDATES, cosines.shape[1] - 1), axis=1)[:, :TEXT_CANDIDATES]
        need = np.concatenate([need[kept], np.repeat(rows, by_text.shape[1])])
        offer = np.concatenate([offer[kept], by_text.ravel()])
        pairs = np.unique(need * len(offers.listings) + offer)
        return pairs // len(offers.listings), pairs % len(offers.listings)


def _side(
    rows: Sequence[ListingFacts],
    numbers: Numbers,
    readings: Readings,
    on: date,
    known: Knowledge,
    *,
    each: Callable[[], None],
) -> Side:
    """`readings`: of listings that were read before; the others are read here."""
    listings = sorted(rows, key=lambda listing: listing.key)
    read = []
    for row in listings:
        each()
        read.append(readings.get(row.key) or read_listing(row, known))
    return side(listings, read, numbers, on, known)


def _learned(learned: Learned, known: Knowledge) -> Floats:
    """uses x materials, and a last row for pairs that no use joins."""
    table = np.ones((len(known.uses) + 1, len(known.materials)))
    for (use, material), factor in learned.items():
        if material in known.materials and (not use or use in known.uses):
            table[known.use_number[use] if use else -1, known.material_number[material]] = factor
    return table


def match(
    offers: Sequence[ListingFacts],
    needs: Sequence[ListingFacts],
    *,
    on: date,
    limit: int = 10,
    known: Knowledge | None = None,
    progress: Progress | None = None,
) -> list[Suggestion]:
    """See `symbiosis.matching.match`."""
    if not offers or not needs or limit < 1:
        return []

    def tell() -> None:
        if progress:
            progress(0, len(needs))

    supply = Supply(offers, on=on, known=known or knowledge(), each=tell)
    market = Market(supply, Demand(needs, supply, each=tell))
    return list(market.suggestions(limit=limit, progress=progress))


def _text(listing: ListingFacts) -> str:
    """The title is said twice: it names the goods, the description their setting too."""
    return " ".join(asserted(f"{listing.title}. {listing.title}. {listing.description}"))


def _every(needs: Ints, offers: Ints) -> tuple[Ints, Ints]:
    return np.repeat(needs, len(offers)), np.tile(offers, len(needs))


def _best(need: Ints, value: Floats, limit: int, floor: float) -> Ints:
    """Places of the `limit` best values of each need above 0 and from `floor` up; equal ones in key order."""
    places = np.flatnonzero((value > 0) & (value >= floor))
    if not len(places):
        return places
    # One key to sort by: the need before the point, the value behind it, the higher the earlier.
    rows, worth = need[places] - need[places[0]], value[places].astype(np.float64)
    order = places[np.argsort(rows + 0.5 - 0.4 * worth / worth.max(), kind="stable")]
    starts = np.flatnonzero(np.diff(need[order], prepend=-1))
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    best: Ints = order[rank < limit]
    return best
