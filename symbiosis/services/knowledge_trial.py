"""How a text would be read: with what is in force, and with the drafts beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.utils.translation import get_language

from symbiosis.matching import ListingFacts
from symbiosis.matching.knowledge import Knowledge, KnowledgeError
from symbiosis.matching.reading import Reading, read_listing
from symbiosis.services.knowledge import current_knowledge
from symbiosis.services.releases import knowledge_after_next_release


@dataclass(frozen=True, slots=True)
class Item:
    """Something that was read. `new`: the other reading doesn't have it, or weighs it otherwise. `words`: those of the
    text that it was read from.
    """

    key: str
    label: str
    weight: float | None
    new: bool
    words: str


@dataclass(frozen=True, slots=True)
class Tried:
    """One reading, as a page shows it."""

    materials: list[Item]
    uses: list[Item]
    properties: list[Item]
    without: list[Item]

    @property
    def found_nothing(self) -> bool:
        return not (self.materials or self.uses)


@dataclass(frozen=True, slots=True)
class Trial:
    """`drafts` is None where there is nothing to compare with; `error` says when the drafts contradict the files."""

    in_force: Tried
    drafts: Tried | None
    error: str = ""

    @property
    def same(self) -> bool:
        return self.drafts is not None and not any(
            item.new
            for items in (self.drafts.materials, self.drafts.uses, self.drafts.properties, self.drafts.without)
            for item in items
        )


def try_text(*, kind: Literal["offer", "need"], language: str, title: str, description: str, on: date) -> Trial:
    facts = ListingFacts(
        key="0",
        kind=kind,
        language=language,
        title=title,
        description=description,
        valid_from=on,
        valid_until=on,
    )
    known = current_knowledge()
    now = read_listing(facts, known)
    try:
        next_known = knowledge_after_next_release()
    except KnowledgeError as error:
        return Trial(_tried(now, known, None), None, str(error))
    if next_known.version == known.version:
        return Trial(_tried(now, known, None), None)
    then = read_listing(facts, next_known)
    return Trial(_tried(now, known, then), _tried(then, next_known, now))


def _tried(reading: Reading, known: Knowledge, other: Reading | None) -> Tried:
    language = get_language() or "fi"

    def item(kind: str, key: str, weight: float | None, *, new: bool) -> Item:
        target = f"{kind}:{key}"
        return Item(key, known.label(target, language), weight, new, reading.words.get(target, ""))

    def weighed(kind: str, weights: Mapping[str, float], others: Mapping[str, float] | None) -> list[Item]:
        return [
            item(kind, key, weight, new=others is not None and others.get(key) != weight)
            for key, weight in sorted(weights.items(), key=lambda each: (-each[1], each[0]))
        ]

    def named(keys: frozenset[str], others: frozenset[str] | None) -> list[Item]:
        return [item("property", key, None, new=others is not None and key not in others) for key in sorted(keys)]

    return Tried(
        materials=weighed("material", reading.materials, other.materials if other else None),
        uses=weighed("use", reading.uses, other.uses if other else None),
        properties=named(reading.properties, other.properties if other else None),
        without=named(reading.without, other.without if other else None),
    )
