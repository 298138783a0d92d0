"""Reads a listing: which materials it is about and in what role, which uses, which properties it has or refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf, isfinite
from typing import Any

from symbiosis.matching import roles
from symbiosis.matching.facts import ListingFacts
from symbiosis.matching.knowledge import Knowledge
from symbiosis.matching.measures import implied, read_measures
from symbiosis.matching.patterns import GENERIC, INSIDE_FROM, WORD, Hit, Lexicon
from symbiosis.matching.rhythm import ALL_YEAR, FINNISH_STEMS, Months, months_of
from symbiosis.matching.roles import FROM, PLACE, SHARE

SENTENCE, CLAUSE = re.compile(r"[.!?;)\n](?!\d)|:(?=\s|$)|\s[–-]\s"), re.compile(r"[,(](?!\d)")
WITHOUT_ENDING = re.compile(
    r"^(?P<stem>\w{3,}?)(?<!s)(?:ton|tön|tonta|töntä|ttoman|ttömän|ttomia|ttömiä|ttomat|ttömät)$"
)

NO_THANKS = re.compile(r"[:,]\s+(?P<no>ei|nej|no)\s+(?:kiitos|tack|thanks|thank you)\b")
"""After what a list names: nothing of it is taken."""

MODIFIER = 0.5
"""A material that is only the first part of a compound: kahvinporosäkki is a bag."""
SERVED = 0.25
"""What a need's words say of what the goods would serve, or of the use, and not of the goods."""
MIXED, OWN_WORK = 0.25, 0.2
OFFER_TEXT, NEED_TEXT = 0.4, 0.8
"""What the description's word weighs against the title's. A need's description lists what would do."""
ONLY_TEXT, LISTED = 0.7, 0.65
CODE, MOST_OF_A_CODE = 0.6, 6
"""What a waste code alone says; of a code with more materials than that nothing is said."""
SHARING = re.compile(
    r"(?P<first>\b\w{2,}-(?:, *\w{2,}-)*)(?P<between>,? +(?:ja|tai|sekä|och|eller|samt) +)(?P<last>\w{7,})"
)
MONTH = re.compile(rf"(?:{'|'.join(FINNISH_STEMS)})kuu(?:n|ta|ssa|sta|hun|ksi|lla|lta|lle|na)?$")
"""tammikuussa is no oak, heinäkuu no hay."""
TELLING, SAID = 4, 5
"""Letters of a word that tells something, and of one that a need says elsewhere too: "no FIN pallets" wants pallets."""
SHARED_HEAD = 5
"""Letters of a head that compounds share, at least."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Materials and uses with weights 0 to 1; properties stated, and denied or refused ones."""

    materials: Mapping[str, float] = field(default_factory=dict)
    uses: Mapping[str, float] = field(default_factory=dict)
    titled: frozenset[str] = frozenset()
    """Materials that the title names."""
    refused: frozenset[str] = frozenset()
    """Materials that are said not to be there, or not to be welcome."""
    properties: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    measures: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Lowest and highest value by measure, in the measure's unit."""
    months: Months = ALL_YEAR
    """In which of the twelve months there are goods, or a use for them."""
    told: frozenset[str] = frozenset()
    """Of an offer the words that it says, of a need those that it rules out and says nowhere else."""
    words: Mapping[str, str] = field(default_factory=dict)
    """By target (material:straw) the words of the text from which it was read, those that weighed most."""

    @property
    def main(self) -> str:
        """The weightiest material, "" for none."""
        return max(self.materials, key=lambda key: (self.materials[key], key), default="")

    def as_json(self) -> dict[str, Any]:
        """To keep; an open end of a measure is None there."""
        return {
            "materials": dict(self.materials),
            "uses": dict(self.uses),
            "words": dict(self.words),
            "measures": {key: [end if isfinite(end) else None for end in ends] for key, ends in self.measures.items()},
            "months": [number for number, open_ in enumerate(self.months, start=1) if open_],
            **{name: sorted(getattr(self, name)) for name in _SETS},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Reading:
        return cls(
            materials=data["materials"],
            uses=data["uses"],
            words=data["words"],
            measures={
                key: (-inf if low is None else low, inf if high is None else high)
                for key, (low, high) in data["measures"].items()
            },
            months=tuple(number in data["months"] for number in range(1, 13)),
            **{name: frozenset(data[name]) for name in _SETS},
        )


_SETS = ("titled", "refused", "properties", "without", "told")


@dataclass(slots=True)
class _Draft:
    materials: dict[str, float] = field(default_factory=dict)
    uses: dict[str, float] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    served: set[str] = field(default_factory=set)
    """Materials of the title that only say what the goods are for: weights for tents."""
    properties: set[str] = field(default_factory=set)
    without: set[str] = field(default_factory=set)
    said: set[str] = field(default_factory=set)
    ruled_out: set[str] = field(default_factory=set)
    words: dict[str, str] = field(default_factory=dict)

    def weigh(self, hit: Hit, words: Sequence[str], weight: float) -> None:
        """The highest weight of a material or use counts, and shows its words."""
        weights = self.materials if hit.kind == "material" else self.uses
        if weight > weights.get(hit.key, 0.0):
            weights[hit.key] = weight
            self.words[hit.target] = _words_of(hit, words)


def _words_of(hit: Hit, words: Sequence[str]) -> str:
    return " ".join(words[hit.start : hit.stop])


def read_listing(listing: ListingFacts, known: Knowledge) -> Reading:
    draft = _Draft()
    context = " ".join(WORD.findall(f"{listing.title} {listing.description}".lower()))
    _read(listing.title, listing, known, draft, context, weight=1.0)
    titled = frozenset(key for key, weight in draft.materials.items() if weight >= FROM and key not in draft.served)
    counts = NEED_TEXT if listing.kind == "need" else OFFER_TEXT if titled else ONLY_TEXT
    _read(listing.description, listing, known, draft, context, weight=counts)
    if listing.kind == "offer" and titled:
        _of_a_kind(titled, known, draft)
    if listing.waste_code:
        _of_code(listing.waste_code, known, draft)
    draft.refused -= titled  # "safety sand; no industrial sands": what the title asks for is not refused
    titled = _corrected(listing.corrections, known, draft, titled)
    text = f"{listing.title}. {listing.description}"
    measures = read_measures(text, known.measures, known.measure_names[listing.language]) if known.measures else {}
    told = {key for key in implied(measures, known.measures) if key in known.properties}
    stated = frozenset((draft.properties | told) - draft.without)
    return Reading(
        materials={key: round(weight, 3) for key, weight in draft.materials.items() if key not in draft.refused},
        uses={key: round(weight, 3) for key, weight in draft.uses.items()},
        titled=titled,
        refused=frozenset(draft.refused),
        properties=stated,
        without=frozenset(draft.without),
        measures=measures,
        months=months_of(text, listing.language),
        told=_told(listing.kind, draft),
        words=draft.words,
    )


def _told(kind: str, draft: _Draft) -> frozenset[str]:
    if kind == "offer":
        return frozenset(draft.said)
    said = {word[:SAID] for word in draft.said}
    return frozenset(word for word in draft.ruled_out if word[:SAID] not in said)


def _corrected(
    corrections: Mapping[str, bool], known: Knowledge, draft: _Draft, titled: frozenset[str]
) -> frozenset[str]:
    """The owner's word on the draft; gives the materials that count as named in the title.

    A key that the knowledge no longer has is passed over.
    """
    for target, holds in corrections.items():
        kind, _, key = target.partition(":")
        if kind == "property" and key in known.properties:
            (draft.properties if holds else draft.without).add(key)
            (draft.without if holds else draft.properties).discard(key)
        elif kind in {"material", "use"} and key in (known.materials if kind == "material" else known.uses):
            weights = draft.materials if kind == "material" else draft.uses
            draft.refused.discard(key)
            if holds:
                weights[key] = 1.0
            else:
                weights.pop(key, None)
            if kind == "material":
                titled = titled | {key} if holds else titled - {key}
    return titled


def _spelt_out(text: str, terms: Lexicon) -> str:
    """Compounds that share their head, each with it: kivi- ja betonimursketta is kivimursketta ja betonimursketta."""

    def whole(found: re.Match[str]) -> str:
        last = found["last"]
        splits = range(len(last) - SHARED_HEAD, INSIDE_FROM, -1)
        known = (last[at:] for at in splits if last[:at] in terms.whole or last[:at] in terms.starts)
        head = next((rest for rest in known if GENERIC.match(rest) or terms.of_word(rest)), "")
        return re.sub(r"(\w)-", rf"\1{head}", found["first"]) + found["between"] + last if head else found[0]

    return SHARING.sub(whole, text)


def _sentences(text: str) -> Iterator[list[list[str]]]:
    """Sentences as lists of clauses, clauses as lists of words."""
    for sentence in SENTENCE.split(NO_THANKS.sub(r" \g<no>", text)):
        clauses = [
            WORD.findall(clause.replace("-", " ").replace("%", f" {SHARE} ")) for clause in CLAUSE.split(sentence)
        ]
        if clauses := [words for words in clauses if words]:
            yield clauses


def _read(text: str, listing: ListingFacts, known: Knowledge, draft: _Draft, context: str, *, weight: float) -> None:
    signals, silent = known.signals[listing.language], known.silent_words[listing.language]
    for clauses in _sentences(_spelt_out(text.lower(), known.terms[listing.language])):
        found = roles.named_goods(
            [_hits(words, listing.language, known, context) for words in clauses], clauses, known, signals
        )
        for words, hits, denied in zip(clauses, found, roles.denials(clauses, signals), strict=True):
            for place, word in enumerate(words):
                if len(word) >= TELLING and word != SHARE and word not in silent:
                    (draft.ruled_out if place in denied else draft.said).add(word)
            _read_clause(words, hits, denied, listing, known, draft, weight=weight)


def _read_clause(
    words: list[str],
    hits: list[Hit],
    denied_words: range,
    listing: ListingFacts,
    known: Knowledge,
    draft: _Draft,
    *,
    weight: float,
) -> None:
    signals = known.signals[listing.language]
    mixed = any(word in signals.mixed for word in words) or (
        listing.kind == "offer" and weight < 1 and any(word in signals.made_from for word in words)
    )
    own_work = listing.kind == "need" and any(word in signals.own_work for word in words)
    for hit in hits:
        kind, key = hit.kind, hit.key
        if kind == "material" and roles.is_adjective(hit, hits):
            continue
        denied = hit.start in denied_words or roles.free_of(words, hit, signals)
        if kind == "property":
            if (
                not hit.head
                or (denied and roles.is_of_goods(hit, hits, known))
                or (listing.kind == "need" and roles.is_of_something_else(words, hit, signals))
            ):
                continue
            if denied or listing.kind == "offer" or roles.is_asked(hit, hits, known):
                (draft.without if denied else draft.properties).add(key)
                draft.words.setdefault(hit.target, _words_of(hit, words))
        elif denied:
            if kind == "material" and hit.head and not roles.is_kind(hit, hits, known):
                draft.refused.add(key)
        elif weight < 1 and roles.removed(words, hit, signals):
            continue
        elif kind == "use":
            factor = 1.0 if hit.head else MODIFIER + 0.3
            if listing.kind == "offer":  # lentotuhkaa voimalaitokselta is not for a power plant
                factor *= roles.role(words, hit, known.terms[listing.language], signals, offered=False)
            draft.weigh(hit, words, factor * max(weight, 0.7))
        else:
            factor = weight * roles.role(
                words, hit, known.terms[listing.language], signals, offered=listing.kind == "offer"
            )
            if known.materials[key].setting:
                factor *= PLACE
            elif roles.is_owner(words, hit, hits, known, signals):
                factor *= FROM
            if not hit.head:
                factor *= MODIFIER
            if mixed:
                factor *= MIXED if listing.kind == "offer" else 0.6
            if own_work:
                factor *= OWN_WORK
            if roles.is_trace(words, hit):
                factor *= MIXED
            if listing.kind == "need":
                use = roles.use_over(hit, hits)
                served = weight == 1.0 and (
                    roles.is_served(words, hit, signals) or roles.takes_in(words, hit, hits, signals)
                )
                factor *= SERVED if served or use > hit.length else 1.0
                if served or use:
                    draft.served.add(key)
            draft.weigh(hit, words, factor)
    for word in words if signals.finnish else ():
        if denied_word := WITHOUT_ENDING.match(word):
            for term, _head in known.terms[listing.language].of_word(denied_word["stem"]):
                kind, _, key = term.target.partition(":")
                if kind == "property" and len(term.words) == 1:
                    draft.without.add(key)
                    draft.words.setdefault(term.target, word)
                elif kind == "material" and len(term.words) == 1:
                    draft.refused.add(key)


def _hits(words: list[str], language: str, known: Knowledge, context: str) -> list[Hit]:
    hits = [hit for hit in known.terms[language].hits(words) if not MONTH.match(words[hit.start])]
    for alike in known.look_alike_words[language].hits(words):
        if any(hit.start <= alike.start < hit.stop and hit.length > alike.length for hit in hits):
            continue
        sense = _sense(known.look_alikes[int(alike.target)], context, words[alike.start])
        told = [hit for hit in hits if hit.start == alike.start and hit.kind == "material"]
        hits = [hit for hit in hits if hit not in told]
        if sense:
            hits.append(replace(alike, target=f"material:{sense}", head=True))
        else:  # nothing decides: each sense is only a hint
            hits += [replace(hit, head=False) for hit in told]
    return hits


def _sense(entry: Mapping[str, object], context: str, word: str) -> str:
    senses: Mapping[str, list[str]] = entry["senses"]  # type: ignore[assignment]
    for sense, stems in senses.items():
        if any(stem in word or f" {stem}" in f" {context}" for stem in stems):
            return sense
    return str(entry.get("default", ""))


def _of_a_kind(titled: frozenset[str], known: Knowledge, draft: _Draft) -> None:
    """The text of an offer may list what its title sums up: office furniture, namely desks and chairs."""
    above = known.line(titled)
    for key, weight in draft.materials.items():
        if key not in titled and weight >= OFFER_TEXT and above.intersection(known.ancestors[key]):
            draft.materials[key] = LISTED


def _of_code(code: str, known: Knowledge, draft: _Draft) -> None:
    """The waste code names a material too: it confirms what the text says, or speaks alone."""
    named = known.by_code.get(code, ())
    if not named:
        return
    confirmed = [key for key in named if key in draft.materials]
    for key in confirmed:
        draft.materials[key] = min(1.0, draft.materials[key] + 0.2)
    if not confirmed and not draft.materials and len(named) <= MOST_OF_A_CODE:
        for key in named:
            draft.materials[key] = CODE / len(named) ** 0.5
            draft.words[f"material:{key}"] = code
