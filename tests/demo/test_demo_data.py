"""The demo's content holds together, and reads as if people wrote it."""

import csv
import json
import re
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from rapidfuzz import fuzz, process
from stdnum.fi import ytunnus

ROOT = Path(__file__).parents[2]
DATA = ROOT / "kisu/demo/data"
STAGES = ["idea", "discussion", "negotiation", "implementation", "realised", "on_hold", "lapsed"]
LONGEST_VALIDITY = 183
TOO_ALIKE = 60  # RapidFuzz token set ratio; the nearest pair of the hand-written texts has 52


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_jsonl(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


ORGANISATIONS = read_csv(DATA / "organisations.csv")
BY_NAME = {row["name"]: row for row in ORGANISATIONS}
LISTINGS = read_jsonl("listings.jsonl")
BY_ID = {row["id"]: row for row in LISTINGS}
SYNERGIES = read_jsonl("synergies.jsonl")


def text(listing: dict[str, Any]) -> str:
    return f"{listing['title']} {listing['description']}"


# Organisations


def test_there_are_120_organisations_of_which_84_are_members() -> None:
    assert len(BY_NAME) == len(ORGANISATIONS) == 120
    assert len({row["website"] for row in ORGANISATIONS}) == 120
    assert Counter(row["state"] for row in ORGANISATIONS) == {
        "member": 84,
        "prospect": 13,
        "invited": 9,
        "applied": 7,
        "left": 7,
    }


def test_business_ids_are_unique_valid_and_outside_the_numbers_in_use() -> None:
    ids = [row["business_id"] for row in ORGANISATIONS]
    assert len(set(ids)) == 120
    assert [number for number in ids if not (ytunnus.is_valid(number) and number.startswith("9"))] == []


def test_every_region_has_at_least_three_organisations_and_a_published_listing() -> None:
    regions = {row["code"] for row in read_csv(ROOT / "members/data/regions.csv")}
    counts = Counter(row["region_code"] for row in ORGANISATIONS)
    assert counts.keys() == regions
    assert min(counts.values()) == 3
    assert {BY_NAME[row["organisation"]]["region_code"] for row in LISTINGS if row["state"] == "published"} == regions


def test_every_organisation_is_in_the_region_of_its_municipality() -> None:
    region_of = {
        row["name_fi"]: row["region_code"]
        for row in read_csv(ROOT / "members/data/municipalities.csv")
        if not row["valid_until"]
    }
    assert [row["name"] for row in ORGANISATIONS if region_of.get(row["municipality"]) != row["region_code"]] == []


def test_no_organisation_takes_the_name_of_a_real_municipality() -> None:
    real = {name.lower() for row in read_csv(ROOT / "members/data/municipalities.csv") for name in (row["name_fi"],)}
    named = [row["name"] for row in ORGANISATIONS if row["kind"] == "municipality"]
    stems = {name: name.lower().removesuffix(" kunta").removesuffix(" kaupunki").removesuffix("n") for name in named}
    assert [name for name, stem in stems.items() if stem in real] == []


def test_membership_dates_agree_with_the_state() -> None:
    for row in ORGANISATIONS:
        assert bool(row["joined_on"]) == (row["state"] in ("member", "left")), row["name"]
        assert bool(row["left_on"]) == (row["state"] == "left"), row["name"]
        if row["joined_on"]:
            assert date(2022, 5, 1) <= date.fromisoformat(row["joined_on"]) <= date(2026, 10, 31), row["name"]
        if row["left_on"]:
            assert row["joined_on"] < row["left_on"] <= "2026-10-31", row["name"]


def test_every_organisation_is_described_in_three_languages() -> None:
    for row in ORGANISATIONS:
        texts = [row[f"description_{language}"] for language in ("fi", "sv", "en")]
        assert len(set(texts)) == 3, row["name"]
        assert all(20 < len(item) < 260 and item.endswith(".") for item in texts), row["name"]


# Listings


def test_there_are_306_listings_of_three_kinds_in_three_languages() -> None:
    assert [row["id"] for row in LISTINGS] == [f"D{number:03d}" for number in range(1, 307)]
    assert Counter(row["kind"] for row in LISTINGS) == {"offer": 199, "need": 92, "expertise": 15}
    assert Counter(row["lang"] for row in LISTINGS) == {"fi": 233, "sv": 40, "en": 33}


def test_codes_of_a_listing_are_in_the_reference_data() -> None:
    classes = {row["code"] for row in read_csv(ROOT / "symbiosis/data/material_classes.csv")}
    units = {row["code"] for row in read_csv(ROOT / "symbiosis/data/units.csv")}
    for row in LISTINGS:
        assert row["organisation"] in BY_NAME, row["id"]
        material = row["kind"] != "expertise"
        assert (row["material_class"] in classes) == material == (row["unit"] in units), row["id"]
        assert (row["frequency"] in ("once", "weekly", "monthly", "yearly")) == material, row["id"]
        assert row["continuity"] == {None: None, "once": "one_off"}.get(row["frequency"], "continuous"), row["id"]


def test_waste_codes_are_of_waste_and_agree_on_the_hazard() -> None:
    hazardous = {row["code"]: row["hazardous"] == "1" for row in read_csv(ROOT / "symbiosis/data/waste_codes.csv")}
    coded = [row for row in LISTINGS if row["waste_code"]]
    assert [row["id"] for row in coded if hazardous.get(row["waste_code"]) != row["hazardous"]] == []
    assert [row["id"] for row in coded if row["nature"] not in ("waste", "side_stream", None)] == []


def test_states_agree_with_validity_and_membership() -> None:
    for row in LISTINGS:
        expires = row["valid_from_offset_days"] + row["valid_days"]
        assert 0 < row["valid_days"] <= LONGEST_VALIDITY, row["id"]
        if row["state"] == "published":
            assert row["valid_from_offset_days"] <= 0 < expires, row["id"]
            assert BY_NAME[row["organisation"]]["state"] == "member", row["id"]
        if row["state"] in ("expired", "closed"):
            assert expires < 0, row["id"]
        assert bool(row["close_reason"]) == (row["state"] == "closed"), row["id"]
        assert bool(row["moderation_reason"]) == (row["state"] == "hidden"), row["id"]
    states = Counter(row["state"] for row in LISTINGS)
    assert states.keys() == {"published", "expired", "closed", "draft", "in_review", "hidden"}
    assert states["published"] > 250
    assert sum(row["state"] == "published" and expires_soon(row) for row in LISTINGS) >= 8


def expires_soon(listing: dict[str, Any]) -> bool:
    left: int = listing["valid_from_offset_days"] + listing["valid_days"]
    return left <= 14


@pytest.mark.parametrize("kind", ["offer", "need", "expertise"])
def test_no_two_listings_of_a_kind_read_alike(kind: str) -> None:
    rows = [row for row in LISTINGS if row["kind"] == kind]
    texts = [text(row) for row in rows]
    assert len({row["title"] for row in rows}) == len(rows)
    scores = process.cdist(texts, texts, scorer=fuzz.token_set_ratio, score_cutoff=TOO_ALIKE)
    alike = [(rows[i]["id"], rows[j]["id"]) for i, j in zip(*scores.nonzero(), strict=True) if i < j]
    assert alike == []


def test_texts_are_in_the_language_they_claim() -> None:
    swedish = re.compile(r"\b(och|av|i|på|med|för|är|från|till|om|men|det|utan|vi)\b", re.IGNORECASE)
    english = re.compile(r"\b(the|and|of|with|for|from|in|to|or|on)\b", re.IGNORECASE)
    for row in LISTINGS:
        words = text(row)
        if row["lang"] == "fi":
            assert re.search(r"[äö]|aa|ii|uu|ki", words), row["id"]
            assert not re.search(r"\b(och|the|med|with)\b|å", words, re.IGNORECASE), row["id"]
        elif row["lang"] == "sv":
            assert swedish.search(words), row["id"]
            assert not re.search(r"\b(the|ja|ei)\b", words), row["id"]
        else:
            assert english.search(words), row["id"]
            assert not re.search(r"[åäö]", words), row["id"]


def test_no_text_holds_an_address_or_a_telephone_number() -> None:
    contact = re.compile(r"@|https?:|www\.|\+358|\b0\d{1,2}[ -]?\d{3,}|\b\d{3}[ -]\d{3,4}[ -]\d{2,}")
    texts = [text(row) for row in LISTINGS]
    texts += [row[f"description_{language}"] for row in ORGANISATIONS for language in ("fi", "sv", "en")]
    texts += [f"{row['title']} {row['reason']}" for row in SYNERGIES]
    assert [item for item in texts if contact.search(item)] == []


# Synergies


def test_there_are_60_synergies_in_every_stage() -> None:
    assert [row["id"] for row in SYNERGIES] == [f"S{number:02d}" for number in range(1, 61)]
    assert len({row["title"] for row in SYNERGIES}) == 60
    stages = Counter(row["stage"] for row in SYNERGIES)
    assert stages.keys() == set(STAGES)
    assert stages["realised"] == 22


def test_parties_and_listings_of_a_synergy_resolve() -> None:
    for row in SYNERGIES:
        assert row["giver"] != row["receiver"], row["id"]
        assert row["receiver"] in BY_NAME, row["id"]
        assert row["region_code"] == BY_NAME[row["giver"]]["region_code"], row["id"]
        for role, party in (("offer", "giver"), ("need", "receiver")):
            if row[role]:
                listing = BY_ID[row[role]]
                assert (listing["kind"], listing["organisation"]) == (role, row[party]), row["id"]
                assert -listing["valid_from_offset_days"] >= row["stages"][0]["days_ago"], row["id"]


def test_the_history_of_a_synergy_goes_forward_to_its_stage() -> None:
    for row in SYNERGIES:
        history = row["stages"]
        names = [step["stage"] for step in history]
        assert names[-1] == row["stage"], row["id"]
        path = names if row["stage"] not in ("on_hold", "lapsed") else names[:-1]
        assert path == STAGES[: max(1, len(path))], row["id"]
        if "on" in history[0]:
            days = [date.fromisoformat(step["on"]).toordinal() for step in history]
            assert days[0] >= date(2023, 3, 1).toordinal(), row["id"]
            assert days[-1] <= date(2026, 11, 30).toordinal(), row["id"]
        else:
            days = [-step["days_ago"] for step in history]
            assert days[-1] < 0, row["id"]
        assert all(earlier < later for earlier, later in pairwise(days)), row["id"]


def test_reasons_and_impacts_belong_to_their_stages() -> None:
    for row in SYNERGIES:
        assert bool(row["reason"]) == (row["stage"] in ("on_hold", "lapsed")), row["id"]
        assert bool(row["impact"]) == (row["stage"] == "realised"), row["id"]
        if impact := row["impact"]:
            assert impact["figure"] in ("measured", "calculated", "estimated"), row["id"]
            product = impact["tonnes_per_year"] * impact["factor_t_co2e_per_t"]
            assert impact["co2e_t_per_year"] == pytest.approx(product, abs=0.051), row["id"]
            assert impact["factor_source"] == "esittelyarvio", row["id"]
