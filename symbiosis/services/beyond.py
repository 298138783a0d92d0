"""Pools and chains: what a night publishes of them, and what a reader sees."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import get_language

from kisu.lib.geography import Point, road_km
from members.models import Industry, Organisation, User
from members.permissions import Permission
from symbiosis.matching import ListingFacts, MatchClass, Suggestion
from symbiosis.matching.knowledge import Knowledge
from symbiosis.matching.pools import TOGETHER, FoundPool, find_pools
from symbiosis.matching.reading import Reading
from symbiosis.matching.treatments import Route, Treatments, treatments
from symbiosis.models import Chain, Listing, Match, Pool, PoolPart
from symbiosis.services.knowledge import current_knowledge

if TYPE_CHECKING:
    from symbiosis.matching.chains import FoundChain  # numpy and scipy stay out of processes that only read

DOERS = 3
"""Organisations named that do a treatment."""

Pair = tuple[int, int]


# --- The night --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Beyond:
    pools: list[FoundPool]
    chains: list[FoundChain]


def find_beyond(
    *,
    suggestions: Sequence[Suggestion],
    offers: Sequence[ListingFacts],
    needs: Sequence[ListingFacts],
    on: date,
    known: Knowledge,
    read: Callable[[ListingFacts], Reading] | None = None,
) -> Beyond:
    """What a run finds beyond its pairs. Takes seconds: before the transaction that publishes, not inside it."""
    from symbiosis.matching.chains import find_chains

    places = Listing.objects.filter(pk__in=[int(facts.key) for facts in (*offers, *needs)])
    regions = {str(pk): code for pk, code in places.values_list("pk", "municipality__region__code")}
    joined = {(one.offer, one.need) for one in suggestions if one.match_class != MatchClass.DISTANT}
    return Beyond(
        pools=find_pools(suggestions, offers, needs, regions=regions, known=known, read=read),
        chains=find_chains(offers, needs, on=on, joined=joined, known=known, read=read),
    )


@transaction.atomic
def publish_pools(*, pools: Iterable[FoundPool], on: date, now: datetime) -> dict[str, int]:
    """In the place of those published before, after the run's matches and in their transaction.

    Offers that were closed or lost their match since are left out, and with them a pool that no longer reaches its need.
    """
    wanted = {int(pool.need): pool for pool in pools}
    still_open = set(Listing.objects.published(on=on).values_list("pk", flat=True))
    matches: dict[Pair, int] = {
        (offer, need): pk
        for pk, offer, need in Match.objects.filter(need__in=wanted, withdrawn_at=None).values_list(
            "pk", "offer", "need"
        )
    }
    rows: list[Pool] = []
    parts: dict[int, list[PoolPart]] = {}
    for need, pool in wanted.items():
        kept = [
            PoolPart(
                match_id=matches[int(part.offer), need],
                amount=part.amount,
                density=None if part.density is None else Decimal(str(part.density)),
            )
            for part in pool.parts
            if int(part.offer) in still_open and (int(part.offer), need) in matches
        ]
        offered = sum((part.amount for part in kept), Decimal(0))
        if need in still_open and len(kept) > 1 and offered >= TOGETHER * pool.needed:
            parts[need] = kept
            rows.append(Pool(need_id=need, offered=offered, needed=pool.needed, unit=pool.unit, computed_at=now))
    told = set(Pool.objects.current().values_list("need", flat=True))
    Pool.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["need"],
        update_fields=["offered", "needed", "unit", "computed_at", "withdrawn_at"],
    )
    of_need = dict(Pool.objects.filter(need__in=parts).values_list("need", "pk"))
    PoolPart.objects.filter(pool__in=of_need.values()).delete()
    for need, kept in parts.items():
        for part in kept:
            part.pool_id = of_need[need]
    PoolPart.objects.bulk_create([part for kept in parts.values() for part in kept])
    withdrawn = Pool.objects.current().exclude(need__in=parts).update(withdrawn_at=now)
    return {"pools": len(rows), "new_pools": len(parts.keys() - told), "withdrawn_pools": withdrawn}


@transaction.atomic
def publish_chains(*, chains: Iterable[FoundChain], on: date, now: datetime) -> dict[str, int]:
    """In the place of those published before, in the transaction of the run. Closed listings are left out."""
    still_open = set(Listing.objects.published(on=on).values_list("pk", flat=True))
    rows = {
        (offer, need): Chain(
            offer_id=offer,
            need_id=need,
            treatment=one.route.treatment,
            made_from=one.route.made_from,
            made_into=one.route.made_into,
            score=one.score,
            distance_km=one.distance_km,
            computed_at=now,
        )
        for one in chains
        if still_open.issuperset((offer := int(one.offer), need := int(one.need)))
    }
    before: dict[Pair, int] = {
        (offer, need): pk for pk, offer, need in Chain.objects.current().values_list("pk", "offer", "need")
    }
    Chain.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["offer", "need"],
        update_fields=[
            "treatment", "made_from", "made_into", "score", "distance_km", "computed_at", "withdrawn_at",
        ],
    )  # fmt: skip
    gone = [pk for pair, pk in before.items() if pair not in rows]
    withdrawn = Chain.objects.filter(pk__in=gone).update(withdrawn_at=now)
    return {"chains": len(rows), "new_chains": len(rows.keys() - before.keys()), "withdrawn_chains": withdrawn}


# --- For readers ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReadPart:
    """One offer of a pool. `density`: t/m³ by which its amount was reckoned, None when it is as stated."""

    match: Match
    offer: Listing
    amount: Decimal
    density: Decimal | None


@dataclass(frozen=True, slots=True)
class ReadPool:
    """A pool as it stands today. `unit`: a code for `formats.quantity`, of a year when the need arises continuously."""

    pool: Pool
    need: Listing
    parts: list[ReadPart]
    unit: str

    @property
    def together(self) -> Decimal:
        return sum((part.amount for part in self.parts), Decimal(0))

    @property
    def needed(self) -> Decimal:
        return self.pool.needed

    @property
    def lacking(self) -> Decimal:
        return max(self.needed - self.together, Decimal(0))

    @property
    def percent(self) -> int:
        return int(100 * self.together / self.needed)


@dataclass(frozen=True, slots=True)
class Doer:
    """A member organisation whose industry does the treatment. `km`: by road from the goods."""

    organisation: Organisation
    km: int


@dataclass(frozen=True, slots=True)
class ReadChain:
    """A chain in the reader's language. `checks`: questions to settle first; `linked`: listings the reader may open."""

    chain: Chain
    treatment: str
    made_from: str
    made_into: str
    industries: list[str]
    doers: list[Doer]
    checks: list[str]
    linked: frozenset[int]

    @property
    def offer(self) -> Listing:
        return self.chain.offer

    @property
    def need(self) -> Listing:
        return self.chain.need


def read_pools(pools: Iterable[Pool], *, on: date) -> list[ReadPool]:
    """One query for the offers of all. Fetch the pools with need and its organisation."""
    rows = list(pools)
    parts: dict[int, list[ReadPart]] = {pool.pk: [] for pool in rows}
    found = PoolPart.objects.open(on=on).filter(pool__in=parts)
    related = ("organisation", "municipality", "unit")
    for part in found.select_related(*(f"match__offer__{name}" for name in related)).order_by(
        "-match__score", "match__distance_km", "pk"
    ):
        parts[part.pool_id].append(
            ReadPart(part.match, part.match.offer, part.amount, part.density if part.is_reckoned else None)
        )
    return [
        ReadPool(
            pool=pool,
            need=pool.need,
            parts=parts[pool.pk],
            unit=f"{pool.unit}/a" if pool.need.continuity == Listing.Continuity.CONTINUOUS else pool.unit,
        )
        for pool in rows
    ]


def read_chains(chains: Iterable[Chain], *, user: User, on: date) -> list[ReadChain]:
    """Words the chains for the reader: four queries however many. Fetch them `with_parties`."""
    rows = list(chains)
    if not rows:
        return []
    language = get_language() or "fi"
    known, ways = current_knowledge(), treatments()
    routes = {row.pk: ways.routes.get((row.treatment, row.made_from, row.made_into)) for row in rows}
    divisions = {code[1:] for route in routes.values() if route for code in route.industries}
    names = {
        one.code: one.name
        for one in Industry.objects.filter(classification=Industry.Classification.TOL2008, code__in=divisions)
    }
    doers = _doers(rows, divisions, user=user)
    listings = {pk for row in rows for pk in (row.offer_id, row.need_id)}
    linked = frozenset(Listing.objects.visible_to(user, on=on).filter(pk__in=listings).values_list("pk", flat=True))
    return [
        _read_chain(row, routes[row.pk], known, ways, language=language, names=names, doers=doers, linked=linked)
        for row in rows
    ]


def _read_chain(
    row: Chain,
    route: Route | None,
    known: Knowledge,
    ways: Treatments,
    *,
    language: str,
    names: Mapping[str, str],
    doers: Sequence[Organisation],
    linked: frozenset[int],
) -> ReadChain:
    """A row that the files no longer have is worded by its keys, and says nothing of who does it."""
    divisions = [code[1:] for code in route.industries] if route else []
    return ReadChain(
        chain=row,
        treatment=ways.label(row.treatment, language),
        made_from=known.label(f"material:{row.made_from}", language),
        made_into=known.label(f"material:{row.made_into}", language),
        industries=[names[code] for code in divisions if code in names],
        doers=_nearest(row, divisions, doers),
        checks=[known.label(f"condition:{key}", language) for key in route.conditions] if route else [],
        linked=linked,
    )


def _doers(rows: Sequence[Chain], divisions: set[str], *, user: User) -> list[Organisation]:
    """Members of those industries in the regions of the two sides."""
    regions = {side.municipality.region_id for row in rows for side in (row.offer, row.need)}
    members = Organisation.objects.visible_to(user).filter(
        state=Organisation.State.MEMBER, industry__code__in=divisions, municipality__region__in=regions
    )
    return list(members.select_related("industry", "municipality").order_by("pk"))


def _nearest(row: Chain, divisions: Sequence[str], members: Iterable[Organisation]) -> list[Doer]:
    """The nearest to the goods; the two parties themselves need no introduction."""
    parties = {row.offer.organisation_id, row.need.organisation_id}
    regions = {row.offer.municipality.region_id, row.need.municipality.region_id}
    start = _point(row.offer)
    near = [
        Doer(one, round(road_km(start, Point(one.municipality.latitude, one.municipality.longitude))))
        for one in members
        if one.pk not in parties
        and one.municipality.region_id in regions
        and one.industry is not None
        and one.industry.code in divisions
    ]
    return sorted(near, key=lambda doer: (doer.km, doer.organisation.pk))[:DOERS]


def _point(listing: Listing) -> Point:
    return Point(listing.municipality.latitude, listing.municipality.longitude)


@dataclass(frozen=True, slots=True)
class BeyondListing:
    """What a listing's own page tells beyond its matches."""

    pool: ReadPool | None
    chains: list[ReadChain]


def beyond_listing(*, listing: Listing, user: User, on: date) -> BeyondListing:
    """For its organisation, the region's coordinator and staff, as its matches."""
    own = Listing.objects.filter(pk=listing.pk).in_reach(user, Permission.MATCH_READ)
    if not listing.is_material or not listing.is_open(on=on) or not own.exists():
        return BeyondListing(None, [])
    pools = Pool.objects.open(on=on).filter(need=listing).select_related("need__organisation")
    chains = Chain.objects.open(on=on).visible_to(user).of_listing(listing).with_parties().best_first()
    found = read_pools(pools, on=on) if listing.kind == Listing.Kind.NEED else []
    return BeyondListing(found[0] if found else None, read_chains(chains, user=user, on=on))
