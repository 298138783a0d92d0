"""Offers that serve a need after one treatment."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from symbiosis.matching import ListingFacts
from symbiosis.matching.chains import FLOOR, KEPT, FoundChain, find_chains
from symbiosis.matching.knowledge import knowledge
from symbiosis.matching.treatments import Route, Treatments, treatments

DAY = date(2026, 11, 24)


def facts(key: str, title: str, *, kind: Any = "offer", **fields: Any) -> ListingFacts:
    values: dict[str, Any] = {
        "language": "fi",
        "description": "",
        "valid_from": date(2026, 1, 1),
        "valid_until": date(2027, 6, 30),
        "hazardous": False,
        "latitude": 62.24,
        "longitude": 25.75,
    }
    return ListingFacts(key=key, kind=kind, title=title, **values | fields)


def offer(title: str = "Betonijätettä purkutyömaalta", key: str = "o1", **fields: Any) -> ListingFacts:
    return facts(key, title, **fields)


def need(title: str = "Betonimursketta", key: str = "n1", **fields: Any) -> ListingFacts:
    return facts(key, title, kind="need", **fields)


def ways(**fields: Any) -> Treatments:
    """Concrete to crushed concrete alone, changed as the test wants."""
    values: dict[str, Any] = {
        "treatment": "crushing",
        "made_from": "concrete",
        "made_into": "crushed_concrete",
        "worth": 3,
        "output": 0.95,
        "industries": ("E38",),
    }
    route = Route(**values | fields)
    return Treatments({route.key: route}, treatments().labels)


def chains(offers: Any, needs: Any, **more: Any) -> list[FoundChain]:
    as_list = [[one] if isinstance(one, ListingFacts) else one for one in (offers, needs)]
    return find_chains(*as_list, on=DAY, **more)


def test_concrete_becomes_crushed_concrete() -> None:
    (chain,) = chains(offer("Puhtaita betonilohkareita", material_class="concrete"), need())
    assert chain.route.key == ("crushing", "concrete", "crushed_concrete")
    assert FLOOR < chain.score <= 1
    assert chain.distance_km == 0


@pytest.mark.parametrize(
    ("offered", "needed", "made"),
    [
        ("Sahanpurua", "Pellettejä lämmitykseen", "wood_pellet"),
        ("Käytettyjä autonrenkaita", "Kumirouhetta", "rubber_crumb"),
        ("Kalanperkeitä", "Kalasäilörehua", "fish_silage"),
        ("Hevosenlantaa", "Kompostia", "compost_product"),
    ],
)
def test_trade_knows_these(offered: str, needed: str, made: str) -> None:
    found = chains(offer(offered), need(needed))
    assert [chain.route.made_into for chain in found] == [made]


def test_what_suits_as_it_is_is_no_chain() -> None:
    assert chains(offer("Betonimursketta 0–32"), need()) == []
    crude = offer("Puhtaita betonilohkareita")
    assert chains(crude, need(), joined={("o1", "n1")}) == []


def test_both_are_open_on_a_common_day() -> None:
    assert chains(offer(valid_until=date(2026, 12, 1)), need(valid_from=date(2026, 12, 2))) == []
    assert chains(offer(valid_until=date(2026, 11, 23)), need()) == []
    assert len(chains(offer(valid_until=date(2026, 12, 2)), need(valid_from=date(2026, 12, 2)))) == 1


def test_hazardous_goods_go_only_through_what_takes_them() -> None:
    hazardous = offer(hazardous=True)
    assert chains(hazardous, need(), ways=ways()) == []
    assert len(chains(hazardous, need(), ways=ways(hazardous=True))) == 1


def test_a_refused_property_closes_unless_the_treatment_removes_it() -> None:
    painted = offer("Maalattuja betonilohkareita")
    picky = need(description="Ei maalattua.")
    assert len(chains(painted, need(), ways=ways())) == 1
    assert chains(painted, picky, ways=ways()) == []
    assert len(chains(painted, picky, ways=ways(removes=frozenset({"painted"})))) == 1


def test_who_wants_it_whole_is_not_offered_what_was_crushed() -> None:
    tiles = offer("Keraamisia seinälaattoja")
    assert chains([tiles], [need("Tiilimursketta")])
    assert chains([tiles], [need("Tiiliä, ehjiä")]) == []


def test_a_refused_material_is_not_made() -> None:
    wants = need("Kiviainesta tien pohjaan", description="Ei betonimursketta.")
    assert chains(offer(), wants, ways=ways()) == []


def test_nobody_is_joined_with_themselves() -> None:
    assert chains(offer(owner="7"), need(owner="7")) == []
    assert len(chains(offer(owner="7"), need(owner="8"))) == 1
    assert len(chains(offer(owner=""), need(owner=""))) == 1


def test_impregnated_wood_is_not_taken_for_wood() -> None:
    """A row of a broad material does not reach a narrower one that is tainted."""
    wood = ways(treatment="chipping", made_from="wood", made_into="wood_chips")
    assert len(chains(offer("Rankapuuta pinossa"), need("Puuhaketta"), ways=wood)) == 1
    assert chains(offer("Kyllästettyä puuta"), need("Puuhaketta"), ways=wood) == []


def test_only_holds_a_row_to_its_own_material() -> None:
    block = offer("Betonielementtejä")
    assert len(chains(block, need(), ways=ways())) == 1
    assert chains(block, need(), ways=ways(only=True)) == []


def test_distance_usual_practice_and_amount_weigh() -> None:
    near = chains(offer(), need(), ways=ways())[0].score
    assert chains(offer(latitude=61.5), need(), ways=ways())[0].score < near
    assert chains(offer(), need(), ways=ways(worth=2))[0].score < near
    amounts = {"unit": "t", "frequency": "continuous"}
    big = need(quantity=Decimal(1000), **amounts)
    assert chains(offer(quantity=Decimal(10), **amounts), big, ways=ways())[0].score < near


def test_another_material_class_than_the_goods_weighs_against() -> None:
    right = chains(offer(material_class="concrete"), need(), ways=ways())[0].score
    assert chains(offer(material_class="furniture"), need(), ways=ways())[0].score < right / 2
    assert chains(offer(material_class="other"), need(), ways=ways())[0].score == right


def test_three_of_a_need_and_three_of_an_offer() -> None:
    many = [offer(key=f"o{number}") for number in range(6)]
    assert len(chains(many, need())) == KEPT
    wanted = [need(key=f"n{number}") for number in range(6)]
    assert len(chains(offer(), wanted)) == KEPT


TITLES = ("Betonijätettä", "Kipsilevyä", "Autonrenkaita", "Hevosenlantaa", "Puupurua", "Xyzzyä", "Maalattua puuta")
WANTED = ("Betonimursketta", "Kierrätyskipsiä", "Kumirouhetta", "Kompostia", "Pellettiä", "Haketta lämpölaitokselle")


def many(seed: int) -> tuple[list[ListingFacts], list[ListingFacts]]:
    rnd = random.Random(seed)

    def place() -> dict[str, Any]:
        return {
            "latitude": 60 + rnd.random() * 6,
            "hazardous": rnd.choice([True, False, None]),
            "owner": rnd.choice(["", "1", "2", "3"]),
            "valid_until": rnd.choice([date(2026, 11, 1), date(2026, 12, 1), date(2027, 3, 1)]),
            "valid_from": rnd.choice([date(2026, 1, 1), date(2026, 12, 20)]),
        }

    offers = [offer(rnd.choice(TITLES), key=f"o{number:03}", **place()) for number in range(60)]
    return offers, [need(rnd.choice(WANTED), key=f"n{number:03}", **place()) for number in range(40)]


def sensible(rows: list[ListingFacts]) -> list[ListingFacts]:
    return [row for row in rows if row.valid_from <= row.valid_until]


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_rows_plays_no_part_and_gates_hold(seed: int) -> None:
    offers, needs = (sensible(rows) for rows in many(seed))
    found = chains(offers, needs)
    assert found
    mixed = random.Random(seed + 100)
    assert chains(mixed.sample(offers, len(offers)), mixed.sample(needs, len(needs))) == found
    by_key = {row.key: row for row in (*offers, *needs)}
    for chain in found:
        given, taker = by_key[chain.offer], by_key[chain.need]
        assert max(given.valid_from, taker.valid_from, DAY) <= min(given.valid_until, taker.valid_until)
        assert given.owner != taker.owner or not given.owner
        assert chain.route.hazardous or given.hazardous is not True
        assert chain.score >= FLOOR


def test_more_offers_never_worsen_the_best_of_a_need() -> None:
    offers, needs = (sensible(rows) for rows in many(1))
    one = needs[0]
    best = max((chain.score for chain in chains(offers[:20], one)), default=0)
    assert max((chain.score for chain in chains(offers, one)), default=0) >= best


def test_nothing_comes_of_nothing() -> None:
    assert chains([], [need()]) == []
    assert chains([offer()], []) == []
    assert chains(offer(), need(), ways=Treatments()) == []
    assert chains(replace(offer(), title="Xyzzyä"), need()) == []


def test_the_same_in_another_process() -> None:
    """Whatever the seed of hashing."""
    code = (
        "from tests.symbiosis.matching.test_chains import chains, many, sensible\n"
        "print([(c.offer, c.need, c.route.key, c.score) for c in chains(*(sensible(r) for r in many(3)))])"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(answers) == 1
    assert knowledge().version
