"""Small flows that fill a need together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbiosis.matching import ListingFacts, MatchClass, Reason, Suggestion, match
from symbiosis.matching.knowledge import knowledge
from symbiosis.matching.pools import ALONE_ENOUGH, BULK_COMPACT_KM, COMPACT_KM, MOST, TOGETHER, FoundPool, find_pools

DAY = date(2026, 11, 24)


def facts(key: str, quantity: float | None, *, kind: Any = "offer", **fields: Any) -> ListingFacts:
    values: dict[str, Any] = {
        "language": "fi",
        "title": "Kuivaa sahanpurua",
        "description": "Puhdasta purua irtotavarana.",
        "valid_from": date(2026, 1, 1),
        "valid_until": date(2027, 6, 30),
        "quantity": None if quantity is None else Decimal(str(quantity)),
        "unit": None if quantity is None else "t",
        "frequency": "continuous",
        "latitude": 62.24,
        "longitude": 25.75,
    }
    return ListingFacts(key=key, kind=kind, **values | fields)


NEED = facts("n", 100, kind="need", title="Sahanpuru kuivikkeeksi")


def pair(offer: str, score: float = 0.5, km: float | None = 20.0, match_class: str = "good") -> Suggestion:
    check = Reason("check_quality", False)
    return Suggestion(offer, "n", score, MatchClass(match_class), km, {}, [], check)


def pool(offers: list[ListingFacts], pairs: list[Suggestion] | None = None, **more: Any) -> FoundPool | None:
    need = more.pop("need", NEED)
    found = find_pools(pairs or [pair(one.key) for one in offers], offers, [need], **more)
    return found[0] if found else None


def keys(found: FoundPool | None) -> list[str]:
    return [part.offer for part in found.parts] if found else []


def test_small_offers_are_gathered_until_the_need_is_filled() -> None:
    found = pool([facts(key, 40) for key in "abcd"])
    assert found is not None
    assert keys(found) == ["a", "b", "c"]
    assert (found.offered, found.needed, found.unit) == (Decimal(120), Decimal(100), "t")


def test_the_best_come_first_then_the_nearest() -> None:
    pairs = [pair("a", 0.3), pair("b", 0.6, 30.0), pair("c", 0.6, 10.0), pair("d", 0.6, None)]
    assert keys(pool([facts(key, 40) for key in "abcd"], pairs)) == ["c", "b", "a"]


def test_nothing_is_gathered_when_one_offer_would_do() -> None:
    assert pool([facts("a", 49), facts("b", 49)]) is not None
    offers = [facts("a", 49), facts("b", 49), facts("c", 50)]
    assert pool(offers) is None
    pairs = [pair("a"), pair("b"), pair("c", km=400.0)]
    assert pool(offers, pairs) is None
    assert keys(pool(offers, [*pairs[:2], pair("c", km=400.0, match_class="possible")])) == ["a", "b"]
    assert pool(offers, [*pairs[:2], pair("c", match_class="possible")]) is None


def test_together_they_reach_three_fifths() -> None:
    assert pool([facts("a", 30), facts("b", 29)]) is None
    assert pool([facts("a", 30), facts("b", 30)]) is not None


def test_at_most_eight_are_gathered() -> None:
    found = pool([facts(f"o{number:02}", 9) for number in range(20)])
    assert len(keys(found)) == MOST


def test_distant_matches_and_unknown_amounts_play_no_part() -> None:
    offers = [facts("a", 40), facts("b", 40), facts("c", None)]
    assert pool(offers, [pair("a"), pair("b", match_class="distant"), pair("c")]) is None
    assert pool(offers, need=replace(NEED, quantity=None, unit=None)) is None


def test_other_units_are_not_added_up() -> None:
    assert pool([facts("a", 40), facts("b", 40, unit="pcs")]) is None
    assert keys(pool([facts("a", 40), facts("b", 40000, unit="kg")])) == ["a", "b"]


def test_cubic_metres_are_turned_by_the_bulk_density_of_the_material_and_it_is_said() -> None:
    density = knowledge().materials["sawdust"].bulk_density
    assert density is not None
    found = pool([facts("a", 40), facts("b", 120, unit="m3")])
    assert found is not None
    assert [part.density for part in found.parts] == [None, density]
    assert found.parts[1].amount == Decimal(120) * Decimal(str(density))
    back = pool([facts("a", 40, unit="m3"), facts("b", 8)], need=replace(NEED, unit="m3"))
    assert back is not None
    assert back.parts[1].amount == (Decimal(8) / Decimal(str(density))).quantize(Decimal("0.001"))


def test_an_unknown_material_is_not_turned() -> None:
    assert pool([facts("a", 40), facts("b", 120, unit="m3", title="Xyzzyä", description="")]) is None


@pytest.mark.parametrize(("bulk", "limit"), [(False, COMPACT_KM), (True, BULK_COMPACT_KM)])
def test_it_is_compact(bulk: bool, limit: float) -> None:
    offers = [facts(key, 40, bulk=bulk) for key in "ab"]
    assert pool(offers, [pair("a"), pair("b", km=limit)]) is not None
    assert pool(offers, [pair("a"), pair("b", km=limit + 1)]) is None
    assert pool(offers, [pair("a"), pair("b", km=None)]) is None


def test_the_needs_own_region_is_near_however_far_but_not_for_bulk() -> None:
    regions = {"n": "19", "a": "19", "b": "19"}
    far = [pair("a"), pair("b", km=400.0)]
    assert pool([facts(key, 40) for key in "ab"], far, regions=regions) is not None
    assert pool([facts(key, 40) for key in "ab"], far, regions=regions | {"b": "17"}) is None
    assert pool([facts(key, 40, bulk=True) for key in "ab"], far, regions=regions) is None


def test_what_the_gates_of_the_pairs_closed_is_not_gathered() -> None:
    offers = [facts("a", 40), facts("b", 40, hazardous=True), facts("c", 40, valid_until=date(2026, 3, 1))]
    suggestions = match(offers, [NEED], on=DAY)
    assert find_pools(suggestions, offers, [NEED]) == []
    open_offers = [replace(one, hazardous=False, valid_until=date(2027, 6, 30)) for one in offers]
    assert len(find_pools(match(open_offers, [NEED], on=DAY), open_offers, [NEED])) == 1


amounts = st.lists(st.integers(1, 60), min_size=1, max_size=12)


@given(amounts=amounts, number=st.integers(0, 10**6))
def test_rules_hold_and_the_order_of_rows_plays_no_part(amounts: list[int], number: int) -> None:
    seed = Random(number)
    offers = [facts(f"o{place:02}", amount) for place, amount in enumerate(amounts)]
    pairs = [pair(one.key, score=seed.choice([0.3, 0.5]), km=seed.choice([10.0, 40.0, 200.0])) for one in offers]
    found = pool(offers, pairs)
    mixed, mixed_pairs = list(offers), list(pairs)
    seed.shuffle(mixed)
    seed.shuffle(mixed_pairs)
    assert pool(mixed, mixed_pairs) == found
    if any(amount >= ALONE_ENOUGH * 100 for amount in amounts):
        assert found is None
    if found is not None:
        assert 2 <= len(found.parts) <= MOST
        assert found.offered >= TOGETHER * found.needed
        assert found.offered - found.parts[-1].amount < found.needed
        km = {one.offer: one.distance_km for one in pairs}
        assert all((km[key] or 0) <= COMPACT_KM for key in keys(found))
