"""One new or edited listing, matched as soon as it is saved; the night looks at all of them again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from symbiosis.matching import Suggestion
from symbiosis.matching.knowledge import Knowledge
from symbiosis.models import Listing, Match
from symbiosis.models.listing import ListingQuerySet
from symbiosis.services.facts import dismissed_pairs, learned_factors, read_open, told_by_owners
from symbiosis.services.knowledge import current_knowledge
from symbiosis.services.night import KEPT, MOST_DISMISSED, Pair, news, publishing, tell_of, write_matches

if TYPE_CHECKING:
    from symbiosis.matching.engine import Demand, Supply

HELD_FROM = 1000  # listings from which a worker holds the market in memory
RELAID_AFTER = 300  # changes after which it is laid out anew


def match_listing(*, listing_id: int, on: date, now: datetime) -> dict[str, Any]:
    """Joins one listing with the open other side. One that is no longer open loses its matches.

    Safe to run again and at the same time as the night: the later of two writes of a pair stands.
    """
    listing = Listing.objects.published(on=on).material().filter(pk=listing_id).first()
    found = _suggestions(listing, on=on) if listing else {}
    return _publish(
        listing_id, found, is_need=listing is not None and listing.kind == Listing.Kind.NEED, on=on, now=now
    )


def _suggestions(listing: Listing, *, on: date) -> dict[Pair, Suggestion]:
    """A need against all offers, or an offer against all needs; the other side as it is held, and what changed since."""
    from symbiosis.matching.engine import Demand, Market, Supply  # numpy and scikit-learn, in workers only

    known, told = current_knowledge(), told_by_owners()
    is_need = listing.kind == Listing.Kind.NEED
    own = read_open(Listing.objects.published(on=on).filter(pk=listing.pk), known=known, told=told)
    held = _held(on=on, known=known)
    others = _Other.since(held.at, Listing.Kind.OFFER if is_need else Listing.Kind.NEED, on=on)
    changed = read_open(others.changed, known=known, told=told)
    found: list[Suggestion]
    if is_need:
        demand = Demand(own.facts, held.supply, readings=own.readings)
        fresh = Supply(changed.facts, on=on, known=known, readings=changed.readings, beside=held.supply)
        kept = KEPT + MOST_DISMISSED
        as_held = Market(held.supply, demand).suggestions(limit=kept + len(others.stale))
        found = [one for one in as_held if int(one.offer) not in others.stale]
        found += Market(fresh, demand).suggestions(limit=kept)
        found = sorted(found, key=lambda one: (-one.score, one.offer))[:kept]
    else:
        supply = Supply(own.facts, on=on, known=known, readings=own.readings, beside=held.supply)
        fresh_demand = Demand(changed.facts, held.supply, readings=changed.readings)
        found = [one for one in Market(supply, held.demand).suggestions(limit=1) if int(one.need) not in others.stale]
        found += Market(supply, fresh_demand).suggestions(limit=1)
    return {(int(one.offer), int(one.need)): one for one in found}


# --- What a worker holds ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Held:
    """Both sides as they were `at` a moment, laid out for any listing that comes."""

    on: date
    version: str
    at: datetime
    supply: Supply
    demand: Demand


@dataclass(frozen=True, slots=True)
class _Other:
    """The other side's listings that are not as they are held: `stale` by key, `changed` those of them that are open."""

    stale: set[int]
    changed: ListingQuerySet

    @classmethod
    def since(cls, at: datetime, kind: str, *, on: date) -> _Other:
        later = Listing.objects.of_kind(kind).filter(changed_at__gte=at)
        return cls(set(later.values_list("pk", flat=True)), later.published(on=on))


_kept: _Held | None = None


_laying_out = Lock()


def lay_market_out(*, on: date) -> None:
    """What the first listing that comes would wait for: libraries, knowledge, and in a large market both sides."""
    _held(on=on, known=current_knowledge())


def _held(*, on: date, known: Knowledge) -> _Held:
    """Laid out once a process, two days and version of the knowledge, and again when much has changed.

    What has expired since is left out when the matches are published. A small market is laid out each time: that takes
    less than a second.
    """
    global _kept
    with _laying_out:
        held = _kept
        fresh = held is not None and held.version == known.version and (on - held.on).days in (0, 1)
        if held and fresh and Listing.objects.filter(changed_at__gte=held.at).count() <= RELAID_AFTER:
            return held
        held = _laid_out(on=on, known=known)
        size = len(held.supply.listings) + len(held.demand.side.listings)
        _kept = held if size >= HELD_FROM else None
        return held


def _laid_out(*, on: date, known: Knowledge) -> _Held:
    from symbiosis.matching.engine import Demand, Supply

    at, told = timezone.now(), told_by_owners()
    published = Listing.objects.published(on=on)
    offers = read_open(published.of_kind(Listing.Kind.OFFER), known=known, told=told)
    needs = read_open(published.of_kind(Listing.Kind.NEED), known=known, told=told)
    supply = Supply(offers.facts, on=on, known=known, readings=offers.readings, learned=learned_factors())
    return _Held(on, known.version, at, supply, Demand(needs.facts, supply, readings=needs.readings))


# --- Publishing -------------------------------------------------------------------------------------------------------


@transaction.atomic
def _publish(
    listing_id: int, found: dict[Pair, Suggestion], *, is_need: bool, on: date, now: datetime
) -> dict[str, Any]:
    with publishing():
        own = Match.objects.touching([listing_id])
        if own.filter(computed_at__gt=now).exists():
            return {"superseded": True}
        known = {(offer, need): name for offer, need, name in own.values_list("offer", "need", "match_class")}
        kept = _among_the_best(found, dismissed_pairs(), is_need=is_need)
        still_open = set(Listing.objects.published(on=on).values_list("pk", flat=True))
        rows = {pair: one for pair, one in kept.items() if still_open.issuperset(pair)}
        write_matches(rows.items(), now=now)
        withdrawn = own.filter(withdrawn_at=None, computed_at__lt=now).update(withdrawn_at=now)
        withdrawn += _crowded_out({need for _offer, need in rows}, now=now)
        told = tell_of(news({pair: str(one.match_class) for pair, one in rows.items()}, known), on=on)
    return {"matches": len(rows), "new": len(rows.keys() - known.keys()), "withdrawn": withdrawn, "told": told}


def _among_the_best(found: dict[Pair, Suggestion], dismissed: set[Pair], *, is_need: bool) -> dict[Pair, Suggestion]:
    """Of a need its own best; of an offer the pairs in which it is better than what the need has."""
    if is_need:
        best = [pair for pair in found if pair not in dismissed][:KEPT]
        return {pair: one for pair, one in found.items() if pair in best or pair in dismissed}
    offers = {offer for offer, _need in found}
    others: dict[int, list[float]] = {}
    rows = Match.objects.filter(withdrawn_at=None, need__in=[need for _offer, need in found]).exclude(offer__in=offers)
    for offer, need, score in rows.values_list("offer", "need", "score"):
        if (offer, need) not in dismissed:
            others.setdefault(need, []).append(score)
    return {
        pair: one
        for pair, one in found.items()
        if pair in dismissed or sum(score > one.score for score in others.get(pair[1], ())) < KEPT
    }


def _crowded_out(needs: set[int], *, now: datetime) -> int:
    """What a better offer has pushed out of a need's KEPT best."""
    dismissed = dismissed_pairs()
    of_need: dict[int, int] = {}
    gone = []
    rows = Match.objects.filter(withdrawn_at=None, need__in=needs).order_by("need", "-score", "pk")
    for pk, offer, need in rows.values_list("pk", "offer", "need"):
        if (offer, need) in dismissed:
            continue
        of_need[need] = of_need.get(need, 0) + 1
        if of_need[need] > KEPT:
            gone.append(pk)
    return Match.objects.filter(pk__in=gone).update(withdrawn_at=now)
