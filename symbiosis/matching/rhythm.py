"""In which months of a year something arises or is wanted, read of a text in Finnish, Swedish or English."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Months = tuple[bool, ...]
"""Twelve, January first."""

ALL_YEAR: Months = (True,) * 12

SENTENCE, CLAUSE = re.compile(r"(?<!\d)\.(?!\d)|[!?;\n]"), re.compile(r"(?<![-–]),(?!\d)")
RANGE = r"\s*(?:-|–|—|\.\.\.?|…)\s*"
EXCLUDED_WITHIN = 24
"""Letters at most between a word of exclusion and what it excludes."""


class Span(NamedTuple):
    """Places in the text and the months meant, 1 to 12."""

    start: int
    stop: int
    months: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Tongue:
    """How one language names months (as groups of `month`), ranges of them, seasons, and what limits nothing.

    `between`: what stands between the ends of a range. `stems`: short forms that stand before "-" in a row of months.
    """

    months: Sequence[str]
    endings: str
    between: str
    seasons: Sequence[tuple[str, frozenset[int]]]
    always: str
    excludes: str
    excluded: str
    compares: str
    day_before: str
    stems: Sequence[str] = ()
    guarded: frozenset[int] = frozenset()
    """Months that are also another word: they count only with a capital and a neighbour that dates them."""


def _from(first: int, last: int) -> frozenset[int]:
    """Inclusive, over the turn of the year."""
    return frozenset((first - 1 + step) % 12 + 1 for step in range((last - first) % 12 + 1))


WINTER, SPRING, SUMMER, AUTUMN = _from(12, 2), _from(3, 5), _from(6, 8), _from(9, 11)
HARVEST, GROWING, HEATING = _from(8, 10), _from(5, 9), _from(10, 4)

FINNISH_STEMS = (
    "tammi", "helmi", "maalis", "huhti", "touko", "kesä", "heinä", "elo", "syys", "loka", "marras", "joulu",
)  # fmt: skip
_OF_SEASON = r"(?:sin\b|aika|aikoi|kau(?:si|te|de|det)|kuukau|sesonki|sesongi)"
FINNISH = _Tongue(
    months=[rf"{stem}kuu" for stem in FINNISH_STEMS],
    stems=FINNISH_STEMS,
    endings=r"(?!kau)\w*",
    between=rf"(?:\s+(?:alusta|lopusta|puolivälistä))?(?:{RANGE}|\s+)",
    seasons=[
        (rf"\btalvella\b|\btalvisin\b|\btalven (?:aikana|yli)\b|\btalvi{_OF_SEASON}\w*|\bpakkaskau\w+", WINTER),
        (rf"\bkeväällä\b|\bkeväisin\b|\bkevään aikana\b|\bkevät{_OF_SEASON}\w*", SPRING),
        (rf"\bkesällä\b|\bkesäisin\b|\bkesän (?:aikana|yli)\b|\bkesä{_OF_SEASON}\w*", SUMMER),
        (rf"\bsyksyllä\b|\bsyksyisin\b|\bsyksyn aikana\b|\bsyys{_OF_SEASON}\w*|\bsyksykau\w+", AUTUMN),
        (r"\bsato(?:kau|aika|aikoi)\w*|\bsadonkorjuu\w*|\bpuinti(?:en|aika|aikoi|kau)\w*", HARVEST),
        (r"\bkasvukau\w+|\bkasvuaika\w*", GROWING),
        (r"\blämmityskau\w+|\blämmitysaika\w*", HEATING),
        (r"\bavovesikau\w+", _from(5, 11)),
        (r"\bjoulun (?:alla|aikaan|aikana)\b|\bjouluaika\w*", frozenset({12})),
    ],
    always=r"ympäri vuoden|ympärivuot|vuoden ympäri|läpi vuoden|koko vuoden|kaikkina kuukausina|joka kuukausi|kuukausittain",
    excludes=r"\bpaitsi\b|\bei\b|\beivät\b|\blukuun ottamatta\b|\bpois lukien\b",
    excluded=r"^\w*\s+(?:lukuun ottamatta|pois lukien|ei\b|emme\b|on tauko|seisokki|suljettu)",
    compares=r"\beniten\b|\benemmän\b|\bvähiten\b|\bvähemmän\b|\bpuolet\b|\bpääosin\b|\berityisesti\b|\bvarsinkin\b",
    day_before=r"\b\d{1,2}\.\s*$",
)
SWEDISH = _Tongue(
    months=[
        "januari",
        "februari",
        "mars",
        "april",
        "maj",
        "juni",
        "juli",
        "augusti",
        "september",
        "oktober",
        "november",
        "december",
    ],
    endings=r"\b",
    between=rf"(?:{RANGE}|\s+(?:till|t\.o\.m\.|till och med|fram till)\s+(?:slutet av\s+)?)",
    seasons=[
        (r"\bvinterhalvår\w*", _from(10, 3)),
        (r"\bsommarhalvår\w*", _from(4, 9)),
        (r"\bvinter(?:tid|månad|säsong)\w*|\b(?:på|om|under) vint(?:ern|rarna)\b", WINTER),
        (r"\bvår(?:tid|månad|säsong)\w*|\b(?:på|om|under) vår(?:en|arna)\b", SPRING),
        (r"\bsommar(?:tid|månad|säsong)\w*|\b(?:på|om|under) som(?:maren|rarna)\b", SUMMER),
        (r"\bhöst(?:tid|månad|säsong)\w*|\b(?:på|om|under) höst(?:en|arna)\b", AUTUMN),
        (r"\bskörde(?:tid|säsong|perioden)\w*|\b(?:vid|under) skörd(?:en)?\b", HARVEST),
        (r"\bodlingssäsong\w*|\bväxt(?:period|säsong)\w*|\bväxthussäsong\w*", GROWING),
        (r"\beldningssäsong\w*|\buppvärmnings(?:säsong|period)\w*", HEATING),
    ],
    always=r"året (?:runt|om)|hela året|varje månad|månatligen",
    excludes=r"\butom\b|\binte\b|\bej\b|\bförutom\b|\bmed undantag av\b",
    excluded=r"^\s+(?:undantaget|undantagen)",
    compares=r"\bmest\b|\bmer\b|\bmindre\b|\bminst\b|\bhälften\b|\bframför allt\b|\bsärskilt\b",
    day_before=r"\b\d{1,2}\s*$",
)
ENGLISH = _Tongue(
    months=[
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ],
    endings=r"\b",
    between=rf"(?:{RANGE}|\s+(?:to|through|till|until)\s+(?:the end of\s+)?)",
    seasons=[
        (r"\bwinter ?(?:time|months?|season)\b|\bwinters\b|\b(?:in|during|over|through) (?:the )?winter\b", WINTER),
        (r"\bspring ?(?:time|months?|season)\b|\b(?:in|during|over) (?:the )?spring\b", SPRING),
        (r"\bsummer ?(?:time|months?|season)\b|\bsummers\b|\b(?:in|during|over|through) (?:the )?summer\b", SUMMER),
        (r"\bautumn ?(?:time|months?|season)?\b|\b(?:in|during) the fall\b", AUTUMN),
        (r"\bharvest ?(?:time|season|months)\b|\b(?:at|during|after) (?:the )?harvest\b", HARVEST),
        (r"\bgrowing season\b", GROWING),
        (r"\bheating season\b", HEATING),
    ],
    always=r"(?:all|whole) year|year[- ]round|throughout the year|every month|\bmonthly\b",
    excludes=r"\bexcept\b|\bnot\b|\bexcluding\b|\bbut for\b",
    excluded=r"^\s+(?:excluded|excepted)",
    compares=r"\bmostly\b|\bmore\b|\bmost\b|\bless\b|\bleast\b|\bhalf\b|\bespecially\b|\bmainly\b",
    day_before=r"\b\d{1,2}(?:st|nd|rd|th)?\s*$",
    guarded=frozenset({3, 5}),
)
TONGUES = {"fi": FINNISH, "sv": SWEDISH, "en": ENGLISH}

YEAR_AFTER = re.compile(r"^\s*(?:vuonna\s+|år\s+|of\s+)?(?:19|20)\d\d\b")
DATED_BEFORE = re.compile(
    r"(?:\b(?:in|from|to|until|till|through|between|and|since|during|of|or)\s+|[-–]\s*|/)$", re.IGNORECASE
)
DATED_AFTER = re.compile(r"^(?:\s*[-–]|\s+(?:to|through|until|till|and|or)\s+[A-Z])")


def months_of(text: str, language: str) -> Months:
    """The months that the text limits itself to; all when it names none, or says all year.

    A date (3 May, toukokuussa 2026) is no rhythm, and neither is in which months there is more.
    """
    tongue = TONGUES[language]
    named: set[int] = set()
    left_out: set[int] = set()
    for sentence in SENTENCE.split(text):
        if re.search(tongue.always, sentence, re.IGNORECASE):
            named.update(range(1, 13))
        clauses = [(match.start(), match.end()) for match in re.finditer(r"[^\0]+", CLAUSE.sub("\0", sentence))]
        for span in _spans(sentence, tongue):
            clause = next((one for one in clauses if one[0] <= span.start < one[1]), (0, len(sentence)))
            if re.search(tongue.compares, sentence[slice(*clause)], re.IGNORECASE):
                continue
            (left_out if _is_excluded(sentence, span, clause[0], tongue) else named).update(span.months)
    months = (named or set(range(1, 13))) - left_out
    return tuple(month in months for month in range(1, 13)) if months else ALL_YEAR


def share_covered(need: Months, offer: Months) -> float:
    """Of the need's months those in which the offer has something, 0 to 1."""
    wanted = sum(need)
    return sum(one and other for one, other in zip(need, offer, strict=True)) / wanted if wanted else 1.0


def _spans(sentence: str, tongue: _Tongue) -> Iterator[Span]:
    """Months one by one, ranges of them, and seasons, in the order of the text for each kind."""
    found = [one for one in _months(sentence, tongue) if not _is_date(sentence, one, tongue)]
    taken: set[int] = set()
    for place, first in enumerate(found):
        if place in taken:
            continue
        last = found[place + 1] if place + 1 < len(found) else None
        if last and _is_range(sentence, first, last, tongue):
            taken.add(place + 1)
            yield Span(first.start, last.stop, _from(_only(first), _only(last)))
            continue
        yield first
    for pattern, months in tongue.seasons:
        for match in re.finditer(pattern, sentence, re.IGNORECASE):
            if not YEAR_AFTER.match(sentence[match.end() :]):
                yield Span(match.start(), match.end(), months)


def _is_range(sentence: str, first: Span, last: Span, tongue: _Tongue) -> bool:
    """Whether two neighbours are its ends. Finnish says it by cases when no dash does: -sta … -hun."""
    between = sentence[first.stop : last.start]
    if not re.fullmatch(tongue.between, between, re.IGNORECASE):
        return False
    if tongue is not FINNISH or re.search(RANGE.replace(r"\s*", ""), between):
        return True
    begins = sentence[first.start : first.stop].lower().endswith(("sta", "lta", "n"))
    return begins and sentence[last.start : last.stop].lower().endswith(("hun", "lle", "un"))


def _months(sentence: str, tongue: _Tongue) -> list[Span]:
    names = "|".join(f"(?P<m{number}>{name})" for number, name in enumerate(tongue.months, start=1))
    found = []
    for match in re.finditer(rf"\b(?:{names}){tongue.endings}", sentence, re.IGNORECASE):
        number = int(match.lastgroup[1:]) if match.lastgroup else 0
        if number in tongue.guarded and not _is_guarded(sentence, match.start(), match.end()):
            continue
        found.append(Span(match.start(), match.end(), frozenset({number})))
    return sorted([*found, *_short_forms(sentence, tongue, found)])


def _is_guarded(sentence: str, start: int, stop: int) -> bool:
    """May and March with a capital, beside a word that dates them."""
    dated = DATED_BEFORE.search(sentence[:start]) or DATED_AFTER.match(sentence[stop:])
    return sentence[start].isupper() and bool(dated)


def _short_forms(sentence: str, tongue: _Tongue, whole: Sequence[Span]) -> Iterator[Span]:
    """ "touko–syyskuu", "touko-, kesä- ja heinäkuussa": a stem with a dash, when a whole name ends the row."""
    if not tongue.stems:
        return
    stems = "|".join(f"(?P<m{number}>{stem})" for number, stem in enumerate(tongue.stems, start=1))
    row = rf"(?:\s*(?:,|ja|tai|sekä)?\s*(?:{'|'.join(tongue.stems)})[-–])*\s*(?:,|ja|tai|sekä)?\s*"
    for match in re.finditer(rf"\b(?:{stems})(?=\s?[-–])", sentence, re.IGNORECASE):
        rest = re.match(rf"\s?[-–]{row}", sentence[match.end() :], re.IGNORECASE)
        stop = match.end() + (rest.end() if rest else 0)
        if match.lastgroup and any(one.start == stop for one in whole):
            yield Span(match.start(), match.end(), frozenset({int(match.lastgroup[1:])}))


def _only(span: Span) -> int:
    return next(iter(span.months))


def _is_date(sentence: str, span: Span, tongue: _Tongue) -> bool:
    day = re.search(tongue.day_before, sentence[: span.start], re.IGNORECASE)
    return bool(day or YEAR_AFTER.match(sentence[span.stop :]))


def _is_excluded(sentence: str, span: Span, clause_start: int, tongue: _Tongue) -> bool:
    before = sentence[max(clause_start, span.start - EXCLUDED_WITHIN) : span.start]
    after = re.match(tongue.excluded, sentence[span.stop :], re.IGNORECASE)
    return bool(re.search(tongue.excludes, before, re.IGNORECASE) or after)
