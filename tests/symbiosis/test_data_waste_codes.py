"""The European List of Waste that symbiosis ships."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / "symbiosis" / "data"
CODE = re.compile(r"\b\d\d(?: \d\d){1,2}\b")
LANGUAGES = ("fi", "sv", "en")


def read(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


CODES = read("waste_codes.csv")
CHAPTERS = read("waste_chapters.csv")
ROWS = CODES + CHAPTERS


def wrong(rows: list[dict[str, str]], language: str, english: str, pattern: str) -> list[str]:
    """Codes where the English name has the phrase and the other language has not, or the other way round."""
    return [
        row["code"]
        for row in rows
        if bool(re.search(english, row["name_en"])) != bool(re.search(pattern, row[f"name_{language}"]))
    ]


def test_columns() -> None:
    assert list(CODES[0]) == ["code", "hazardous", "entry", "name_fi", "name_sv", "name_en", "checked"]
    assert list(CHAPTERS[0]) == ["code", "name_fi", "name_sv", "name_en", "checked"]


def test_holds_the_whole_list_once_and_in_order() -> None:
    codes = [row["code"] for row in CODES]
    assert all(re.fullmatch(r"\d\d \d\d \d\d", code) for code in codes)
    assert codes == sorted(set(codes))
    assert len(codes) == 842
    # Codes in each chapter 01 to 20 of Decision 2000/532/EC as amended by 2014/955/EU.
    assert list(Counter(code[:2] for code in codes).values()) == [
        24, 38, 19, 21, 24, 48, 78, 38, 13, 173, 27, 23, 34, 5, 12, 72, 38, 16, 99, 40,
    ]  # fmt: skip


def test_408_codes_are_hazardous_and_the_entry_says_the_same() -> None:
    assert Counter((row["hazardous"], row["entry"]) for row in CODES) == {
        ("1", "absolute_hazardous"): 235,
        ("1", "mirror_hazardous"): 173,
        ("0", "mirror_non_hazardous"): 178,
        ("0", "absolute_non_hazardous"): 256,
    }


def test_every_code_has_its_chapter_and_every_chapter_has_codes() -> None:
    chapters = [row["code"] for row in CHAPTERS]
    assert chapters == sorted(set(chapters))
    assert [code for code in chapters if len(code) == 2] == [f"{number:02}" for number in range(1, 21)]
    assert set(chapters) == {row["code"][:end] for row in CODES for end in (2, 5)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_are_clean(language: str) -> None:
    names = [row[f"name_{language}"] for row in ROWS]
    assert [name for name in names if name != " ".join(name.split()) or not name] == []
    assert [name for name in names if name[0].isupper()] == (["Ni-Cd batteries"] if language == "en" else [])
    assert [name for name in names if name.count("(") != name.count(")") or re.search(r"[*.{}|@]", name)] == []


def test_finnish_and_swedish_keep_their_letters() -> None:
    finnish = " ".join(row["name_fi"] for row in ROWS)
    swedish = " ".join(row["name_sv"] for row in ROWS)
    assert re.findall(r"\w*(?:jatt|jate|kasitt|sisalt|oljy|saili|teras|paasto|maara)\w*", finnish) == []
    assert re.findall(r"\b(?:fran|pa|an|amnen|innehaller|overforing\w*|tra\w{0,3}spill)\b", swedish) == []


def test_names_refer_to_codes_that_exist_and_to_the_same_ones_in_each_language() -> None:
    known = {row["code"] for row in ROWS}
    for row in ROWS:
        references = [CODE.findall(row[f"name_{language}"]) for language in LANGUAGES]
        assert references[0] == references[1] == references[2], row["code"]
        assert set(references[0]) <= known - {row["code"]}, row["code"]


def test_finnish_agrees_in_number_with_the_codes_referred_to() -> None:
    for row in CODES:
        for word, codes in re.findall(
            r"nimik(\w+) (\d\d \d\d \d\d(?:(?:, | ja | tai |–)\d\d \d\d \d\d)*)", row["name_fi"]
        ):
            several = len(CODE.findall(codes)) > 1
            assert word in ({"keissä", "keitä"} if several else {"keessä", "että"}), row["code"]
        for noun, verb in re.findall(r"\b(muut?) kuin nimik\D+[\d, –jati]+? (mainitut|mainittu)\b", row["name_fi"]):
            assert (noun, verb) in {("muu", "mainittu"), ("muut", "mainitut")}, row["code"]


@pytest.mark.parametrize(
    ("english", "finnish", "swedish"),
    [
        (r"hazardous substances", r"vaarallis(ia aineita|ista aineista|ten aineiden)", r"farliga ämnen"),
        (
            r"otherwise specified",
            r"joita ei ole mainittu muualla|muualla mainitsemat",
            r"som inte anges på annan plats",
        ),
        (
            r"\bother than (those|that|the)",
            r"kuin nimik|lukuun ottamatta nimikkeessä .* mainittuja",
            r" än de[nt]?\b.* anges i",
        ),
        (r"\bexcept\b|other than 19 03 08|excluding", r"lukuun ottamatta (?!.*mainittuja)|mainittua k", r"\butom\b"),
        (r"mercury", r"elohope", r"kvicksilver"),
        (r"asbestos", r"asbest", r"asbest"),
        (r"PCB", r"PCB", r"PCB"),
    ],
)
def test_set_phrases_stand_in_every_language(english: str, finnish: str, swedish: str) -> None:
    assert wrong(ROWS, "fi", english, finnish) == []
    assert wrong(ROWS, "sv", english, swedish) == []


def test_a_code_other_than_a_hazardous_one_is_its_non_hazardous_mirror() -> None:
    by_code = {row["code"]: row for row in CODES}
    for row in CODES:
        if row["entry"] != "mirror_non_hazardous" or "other than" not in row["name_en"]:
            continue
        others = CODE.findall(row["name_en"].split("other than")[1])
        assert any(by_code[code]["hazardous"] == "1" for code in others), row["code"]
        assert all(code[:5] == row["code"][:5] for code in others), row["code"]


def test_checked_is_yes_or_no() -> None:
    assert {row["checked"] for row in ROWS} <= {"yes", "no"}
