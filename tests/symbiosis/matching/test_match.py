from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbiosis.matching import ListingFacts, MatchClass, Reason, Suggestion, match
from symbiosis.matching.engine import FLOOR
from symbiosis.matching.reasons import MOST_AGAINST, MOST_FOR, PART_OF

DAY = date(2026, 11, 24)
JYVASKYLA, KEURUU, ROVANIEMI = (62.24, 25.75), (62.26, 24.71), (66.50, 25.73)


def offer(key: str = "o1", **fields: Any) -> ListingFacts:
    values: dict[str, Any] = {
        "title": "Kuivaa sahanpurua",
        "description": "Sahalta puhdasta purua irtotavarana.",
        "language": "fi",
        "valid_from": date(2026, 1, 1),
        "valid_until": date(2027, 6, 30),
        "nature": "by_product",
        "material_class": "wood",
        "hazardous": False,
        "latitude": JYVASKYLA[0],
        "longitude": JYVASKYLA[1],
    }
    return ListingFacts(key=key, kind="offer", **{**values, **fields})


def need(key: str = "n1", **fields: Any) -> ListingFacts:
    values = {"title": "Sahanpuru kuivikkeeksi", "description": "Navettaan kuivaa purua.", **fields}
    return replace(offer(), **{"key": key, "kind": "need", **values})


UNKNOWN: dict[str, Any] = {"title": "Xyzzyä", "description": "", "material_class": None}
"""Goods that no table knows."""


def only(offers: ListingFacts | list[ListingFacts], needs: ListingFacts) -> Suggestion:
    (suggestion,) = match(offers if isinstance(offers, list) else [offers], [needs], on=DAY)
    return suggestion


def codes(suggestion: Suggestion) -> set[str]:
    return {reason.code for reason in suggestion.reasons}


def test_same_goods_nearby_are_a_good_match_with_its_reasons() -> None:
    suggestion = only(
        offer(waste_code="03 01 05", quantity=Decimal(350), unit="t", frequency="monthly"),
        need(waste_code="03 01 05", quantity=Decimal(3000), unit="t", latitude=KEURUU[0], longitude=KEURUU[1]),
    )
    assert suggestion.match_class is MatchClass.GOOD
    assert [(reason.code, dict(reason.params)) for reason in suggestion.reasons] == [
        ("same_goods", {"goods": "sawdust"}),
        (
            "fits_use",
            {"goods": "sawdust", "use": "animal_bedding", "because": "absorbs_liquid airy established_route"},
        ),
        ("same_waste_code", {"waste_code": "03 01 05"}),
    ]
    assert suggestion.check_first == Reason("check_condition", False, {"condition": "dry"})


def test_figures_compared_are_in_the_reasons() -> None:
    suggestion = only(
        offer(**UNKNOWN, quantity=Decimal(350), unit="t", frequency="monthly"),
        need(
            **UNKNOWN,
            quantity=Decimal(3000_000),
            unit="kg",
            frequency="yearly",
            latitude=KEURUU[0],
            longitude=KEURUU[1],
        ),
    )
    params = {reason.code: dict(reason.params) for reason in suggestion.reasons}
    assert params["near"] == {"km": 70}
    assert suggestion.distance_km == pytest.approx(70.0, abs=0.5)
    assert params["quantity_enough"] == {"offered": 4200.0, "needed": 3000.0, "unit": "t"}


@pytest.mark.parametrize(
    ("fields_of_offer", "fields_of_need"),
    [
        ({"hazardous": True}, {"hazardous": False}),
        ({"hazardous": True}, {"hazardous": None}),
        ({"valid_until": date(2026, 11, 23)}, {}),
        ({"valid_from": date(2027, 1, 2)}, {"valid_until": date(2027, 1, 1)}),
        ({}, {"valid_from": date(2027, 7, 1), "valid_until": date(2027, 12, 1)}),
    ],
    ids=["hazard refused", "hazard not accepted in words", "expired", "need over before", "offer over before"],
)
def test_no_likeness_outvotes_a_gate(fields_of_offer: dict[str, Any], fields_of_need: dict[str, Any]) -> None:
    alike: dict[str, Any] = {"title": "Sahanpuru", "description": "Puru", "waste_code": "03 01 05"}
    assert match([offer(**alike, **fields_of_offer)], [need(**alike, **fields_of_need)], on=DAY) == []
    assert len(match([offer(**alike)], [need(**alike)], on=DAY)) == 1


def test_a_need_that_accepts_hazardous_goods_gets_them_with_a_warning() -> None:
    suggestion = only(offer(hazardous=True, waste_code="17 02 04"), need(hazardous=True, waste_code="17 02 04"))
    assert Reason("hazardous", False) in suggestion.reasons
    assert suggestion.match_class is MatchClass.POSSIBLE
    assert suggestion.check_first.code == "check_permit"


def test_waste_of_unknown_hazard_is_asked_about() -> None:
    assert only(offer(hazardous=None, nature="waste"), need()).check_first.code == "check_hazard"


def test_validity_on_one_common_day_is_enough_but_told() -> None:
    suggestion = only(offer(valid_until=DAY), need(valid_from=DAY))
    assert Reason("short_time", False, {"until": "2026-11-24"}) in suggestion.reasons
    assert suggestion.match_class is not MatchClass.GOOD


def test_a_stated_radius_weighs_but_never_hides() -> None:
    far = {"latitude": ROVANIEMI[0], "longitude": ROVANIEMI[1]}
    free, bound = only(offer(), need(**far)), only(offer(), need(**far, radius_km=150.0))
    assert bound.score < free.score / 2
    assert "outside_radius" in codes(bound)
    assert bound.check_first.code == "check_transport"
    assert "within_radius" in codes(only(offer(**UNKNOWN, radius_km=150.0), need(**UNKNOWN, radius_km=40.0)))


def test_cheap_goods_fall_off_faster_than_dear_ones() -> None:
    def kept(title: str) -> float:
        far = need(title=title, latitude=ROVANIEMI[0], longitude=ROVANIEMI[1])
        return only(offer(title=title), far).parts["distance"]

    assert kept("Savea") < kept("Sahanpurua") < kept("Kuparia")


def test_the_further_the_goods_the_lower_the_score() -> None:
    scores = [only(offer(), need(latitude=62.24 + north)).score for north in (0, 1, 2, 4, 6)]
    assert scores == sorted(set(scores), reverse=True)


def test_bulk_of_an_unknown_kind_falls_off_faster() -> None:
    away = need(**UNKNOWN, latitude=KEURUU[0], longitude=KEURUU[1])
    plain, bulk = (match([offer(**UNKNOWN, bulk=heavy)], [away], on=DAY) for heavy in (False, True))
    assert plain
    assert not bulk or bulk[0].score < plain[0].score


def test_a_material_class_alone_is_no_match() -> None:
    assert match([offer(title="Xyzzyä", description="Foo")], [need(title="Qwerty", description="Uiop")], on=DAY) == []


def test_texts_alone_are_said_to_be_alone_and_are_not_good() -> None:
    texts_only = only(offer(**UNKNOWN), need(**UNKNOWN))
    assert "only_texts" in codes(texts_only)
    assert texts_only.check_first.code == "check_use"
    assert texts_only.match_class is not MatchClass.GOOD


def test_waste_codes_count_by_entry_group_and_chapter() -> None:
    scores = [
        only(offer(waste_code="03 01 05"), need(waste_code=code)).score
        for code in ("03 01 05", "03 01 01", "03 03 01", "17 02 01")
    ]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[1] > scores[3]
    chapter = only(offer(waste_code="03 01 05", material_class=None), need(waste_code="03 03 01", material_class=None))
    assert Reason("only_chapter", False, {"group": "03"}) in chapter.reasons


def test_different_material_classes_speak_against() -> None:
    suggestion = only(offer(), need(material_class="paper"))
    assert Reason("other_material", False, {"offered": "wood", "needed": "paper"}) in suggestion.reasons
    assert suggestion.score < only(offer(material_class=None), need(material_class=None)).score


def test_denied_words_are_not_shared() -> None:
    # "no paint" in the need must not find an offer of paint
    suggestions = match(
        [offer(title="Maalia", description="Valkoista maalia", material_class=None)],
        [need(title="Lautaa", description="Lankkua, ei maalia eikä lakkaa.", material_class=None)],
        on=DAY,
    )
    assert all("shared_words" not in codes(suggestion) for suggestion in suggestions)


def test_what_the_need_rules_out_in_words_speaks_against_and_is_told() -> None:
    wanted = need(title="Sahanpurua kuivikkeeksi", description="Viherlahden laitokselta ei käy.")
    plain, named = only(offer(), wanted), only(offer(description="Viherlahden sahalta puhdasta purua."), wanted)
    assert named.score < plain.score
    assert Reason("ruled_out", False, {"words": "viherlahden"}) in named.reasons
    assert named.check_first == Reason("check_ruled_out", False, {"words": "viherlahden"})
    assert named.match_class is not MatchClass.GOOD
    assert "ruled_out" not in plain.parts


def test_a_missing_place_is_no_advantage_over_a_near_one() -> None:
    unknown = only(offer(latitude=None, longitude=None), need())
    assert unknown.score < only(offer(), need()).score
    assert "place_unknown" in codes(unknown)
    assert unknown.distance_km is None


def test_quantities_in_different_units_are_not_compared() -> None:
    suggestion = only(offer(quantity=Decimal(1), unit="m3"), need(quantity=Decimal(900), unit="t"))
    assert "quantity" not in suggestion.parts
    small = only(offer(quantity=Decimal(1), unit="t"), need(quantity=Decimal(900), unit="t"))
    assert "quantity_small" in codes(small)
    assert small.score < suggestion.score


def test_limit_keeps_the_best_of_each_need_in_order() -> None:
    offers = [offer(f"o{row}", longitude=25.75 + row / 10) for row in range(8)]
    suggestions = match(offers, [need("n2"), need("n1")], on=DAY, limit=3)
    assert [(row.need, row.offer) for row in suggestions] == [
        (key, f"o{row}") for key in ("n1", "n2") for row in range(3)
    ]
    assert match(offers, [need()], on=DAY, limit=0) == []


def test_equal_scores_come_in_key_order_also_at_the_limit() -> None:
    offers = [offer(key) for key in ("c", "a", "d", "b")]
    assert [row.offer for row in match(offers, [need()], on=DAY, limit=2)] == ["a", "b"]


@pytest.mark.parametrize("text", ["", " ", "a", "ja on ei", "…", "12 345", "ä" * 3, "x" * 5000])
def test_odd_texts_give_finite_scores(text: str) -> None:
    for same_class in ("wood", None):
        rows = match(
            [offer(title=text, description=text, material_class=same_class)],
            [need(title=text, description="", material_class=same_class)],
            on=DAY,
        )
        assert all(math.isfinite(row.score) and 0 <= row.score <= 1 for row in rows)
        assert all(math.isfinite(value) for row in rows for value in row.parts.values())
    assert match([offer(title=text, description=text)], [], on=DAY) == []
    assert match([], [need(title=text, description=text)], on=DAY) == []


def test_keys_may_be_the_same_on_both_sides() -> None:
    assert only(offer("1"), need("1")).offer == "1"


def test_many_listings_are_scored_the_same_as_few() -> None:
    # more needs than one block holds; blocks must not shift rows
    needs = [need(f"n{row:03}", longitude=20 + row / 20) for row in range(150)]
    together = {row.need: row.score for row in match([offer()], needs, on=DAY)}
    expected = [row.longitude for row in needs if row.longitude is not None and abs(row.longitude - 25.75) < 0.01]
    assert max(together, key=lambda key: together[key]) == "n115"
    assert expected == [25.75]


words = st.sampled_from(
    ["sahanpuru", "purua", "muovi", "kalvo", "betoni", "tuhka", "ei", "ja", "", "olkea", "wood", "spån"]
)
texts = st.lists(words, max_size=6).map(" ".join)
places = st.one_of(st.none(), st.tuples(st.floats(59.5, 70.1), st.floats(20.0, 31.6)))
days = st.dates(date(2026, 10, 1), date(2027, 2, 1))


@st.composite
def listings(draw: Callable[[Any], Any], kind: Any) -> list[ListingFacts]:
    rows = []
    for number in range(draw(st.integers(1, 4))):
        place = draw(places)
        first, last = sorted((draw(days), draw(days)))
        rows.append(
            (offer if kind == "offer" else need)(
                f"{kind}{number}",
                title=draw(texts),
                description=draw(texts),
                nature=draw(st.sampled_from(["waste", "by_product", None])),
                material_class=draw(st.sampled_from(["wood", "plastic", None])),
                waste_code=draw(st.sampled_from(["03 01 05", "03 01 01", "03 03 01", None])),
                hazardous=draw(st.sampled_from([True, False, None])),
                quantity=draw(st.sampled_from([None, Decimal(0), Decimal("0.5"), Decimal(900)])),
                unit=draw(st.sampled_from([None, "t", "kg", "m3"])),
                frequency=draw(st.sampled_from([None, "once", "weekly"])),
                latitude=place and place[0],
                longitude=place and place[1],
                radius_km=draw(st.sampled_from([None, 0.0, 40.0, 200.0])),
                valid_from=first,
                valid_until=last,
                bulk=draw(st.booleans()),
            )
        )
    return rows


@settings(max_examples=25, deadline=None)
@given(offers=listings("offer"), needs=listings("need"), chance=st.randoms(use_true_random=False))
def test_properties_of_any_market(offers: list[ListingFacts], needs: list[ListingFacts], chance: Any) -> None:
    found = match(offers, needs, on=DAY)

    shuffled = [list(offers), list(needs)]
    for side in shuffled:
        chance.shuffle(side)
    assert match(*shuffled, on=DAY) == found

    by_key = {row.key: row for row in (*offers, *needs)}
    for row in found:
        given_offer, given_need = by_key[row.offer], by_key[row.need]
        assert FLOOR - 1e-6 <= row.score <= 1
        assert not (given_offer.hazardous and given_need.hazardous is not True)
        first = max(given_offer.valid_from, given_need.valid_from, DAY)
        assert first <= min(given_offer.valid_until, given_need.valid_until)
        assert all(0 <= value <= 1 for value in row.parts.values())
        assert {PART_OF[code] for code in codes(row)} <= set(row.parts)
        assert 1 <= len(row.reasons) <= MOST_FOR + MOST_AGAINST
        assert row.check_first.code.startswith("check_")
        if row.match_class is MatchClass.GOOD:
            assert all(reason.for_it for reason in row.reasons)
        for reason in (*row.reasons, row.check_first):
            assert Reason.from_json(json.loads(json.dumps(reason.as_json(), allow_nan=False))) == reason


@settings(max_examples=25, deadline=None)
@given(
    near=st.floats(0, 1),
    far=st.floats(0, 1),
    radius=st.sampled_from([None, 0.0, 100.0, 300.0]),
    bulk=st.booleans(),
)
def test_nearer_never_lowers_a_score(near: float, far: float, radius: float | None, bulk: bool) -> None:
    near, far = sorted((near, far))
    # the need moves north along one meridian, from the offer's own place
    needs = [
        need(key, latitude=JYVASKYLA[0] + 7 * share, radius_km=radius) for key, share in (("near", near), ("far", far))
    ]
    scores = {row.need: row.score for row in match([offer(bulk=bulk)], needs, on=DAY)}
    assert scores.get("near", 0.0) >= scores.get("far", 0.0)


def test_importing_the_interface_loads_no_numerical_library() -> None:
    code = "import symbiosis.matching, sys; print({'numpy', 'sklearn', 'scipy'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
