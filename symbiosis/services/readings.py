"""What the matcher reads of a listing: kept beside it, shown to its owner, corrected by them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kisu.lib.collation import finnish_key
from kisu.lib.dates import business_date
from kisu.lib.jobs import Progress
from members.models import AuditEntry, User
from members.services.audit import record
from members.services.jobs import start_job
from symbiosis.matching.knowledge import Knowledge
from symbiosis.matching.reading import read_listing
from symbiosis.models import Listing, ListingReading, ReadingCorrection
from symbiosis.services import SymbiosisError
from symbiosis.services.facts import facts_of, fingerprint
from symbiosis.services.knowledge import current_knowledge

logger = logging.getLogger(__name__)

MATCHING = "symbiosis.match_listing"
READ_IN = (Listing.State.IN_REVIEW, Listing.State.PUBLISHED)
"""A draft is not read: it changes, and its owner may give it up."""
ASIDE = 0.5
"""A material of less weight is only mentioned: where the goods are, what they were, half of a compound."""
BATCH = 100


def is_read(listing: Listing) -> bool:
    """Whether the portal reads it: offers and needs that have been sent."""
    return listing.is_material and listing.state in READ_IN


# --- Reading ----------------------------------------------------------------------------------------------------------


def store_reading(listing: Listing, *, now: datetime) -> ListingReading | None:
    """Reads the listing anew, with its corrections; None for one that is not read.

    A fault of the matcher keeps nobody from publishing: it is logged, and the listing is left without a reading.
    """
    if not is_read(listing):
        return None
    known = current_knowledge()
    if (values := _read(listing, known, now=now)) is None:
        ListingReading.objects.filter(listing=listing).delete()
        return None
    if listing.state == Listing.State.PUBLISHED:
        # The text is part of the arguments: a run of an older text that goes on now does not stand for this one.
        start_job(by=None, job=MATCHING, arguments={"listing": listing.pk, "of": values["whole"]["of"]}, now=now)
    return ListingReading.objects.update_or_create(listing=listing, defaults=values)[0]


def refresh_readings(*, now: datetime, progress: Progress | None = None) -> dict[str, int]:
    """Reads all open listings whose reading is missing or of another version of the knowledge.

    A hundred at a time, each hundred in a transaction: what its owner edits meanwhile waits, and wins.
    """
    known = current_knowledge()
    published = Listing.objects.published(on=business_date(now)).material()
    due = list(published.exclude(reading__version=known.version).order_by("pk").values_list("pk", flat=True))
    read = 0
    for number, batch in enumerate(_batches(due), start=1):
        read += _refresh(batch, known, now=now)
        if progress is not None:
            progress(min(number * BATCH, len(due)), len(due))
    return {"read": read, "unreadable": len(due) - read}


@transaction.atomic
def _refresh(pks: Sequence[int], known: Knowledge, *, now: datetime) -> int:
    """Those of them that are still read, and could be."""
    rows = (
        Listing.objects.filter(pk__in=pks, state__in=READ_IN)
        .select_related("municipality", "unit", "material_class", "waste_code")
        .prefetch_related("reading_corrections")
        .select_for_update(of=("self",), no_key=True)
        .order_by("pk")
    )
    readings, unreadable = [], []
    for listing in rows:
        if (values := _read(listing, known, now=now)) is None:
            unreadable.append(listing.pk)
        else:
            readings.append(ListingReading(listing=listing, **values))
    ListingReading.objects.bulk_create(
        readings,
        update_conflicts=True,
        unique_fields=["listing"],
        update_fields=["materials", "uses", "properties", "without", "whole", "main_material", "version", "read_at"],
    )
    ListingReading.objects.filter(listing__in=unreadable).delete()
    return len(readings)


def _batches(pks: Sequence[int]) -> Iterable[Sequence[int]]:
    return (pks[start : start + BATCH] for start in range(0, len(pks), BATCH))


def _read(listing: Listing, known: Knowledge, *, now: datetime) -> dict[str, Any] | None:
    """The values of its row; None when it cannot be read."""
    facts = facts_of(listing)
    try:
        read = read_listing(facts, known)
    except Exception:  # whatever a text provokes in the matcher
        logger.exception("Listing %s could not be read", listing.pk)
        return None
    return {
        "materials": dict(read.materials),
        "uses": dict(read.uses),
        "properties": sorted(read.properties),
        "without": sorted(read.without),
        "whole": {"of": fingerprint(facts), **read.as_json()},
        "main_material": read.main,
        "version": known.version,
        "read_at": now,
    }


# --- The owner's word -------------------------------------------------------------------------------------------------


@transaction.atomic
def correct_reading(*, by: User, listing: Listing, target: str, holds: bool, now: datetime) -> ListingReading | None:
    """Says that the listing is about this, or is not; it stands against every later reading until it is undone.

    Raises SymbiosisError for what the knowledge does not have, and for a listing that is not read.
    """
    row = _locked(listing)
    if not _is_known(target, current_knowledge()):
        raise SymbiosisError(_("The portal does not know this word any more. Search for another."))
    before = ReadingCorrection.objects.filter(listing=row, target=target).first()
    if before is None or before.holds != holds:
        ReadingCorrection.objects.update_or_create(
            listing=row, target=target, defaults={"holds": holds, "made_by": by, "made_at": now}
        )
        _record(by, row, target, before.holds if before else None, holds, what="reading corrected")
    return store_reading(row, now=now)


@transaction.atomic
def undo_correction(*, by: User, listing: Listing, target: str, now: datetime) -> ListingReading | None:
    """The text speaks for itself again. Raises SymbiosisError for a listing that is not read."""
    row = _locked(listing)
    before = ReadingCorrection.objects.filter(listing=row, target=target).first()
    if before is not None:
        before.delete()
        _record(by, row, target, before.holds, None, what="correction of a reading undone")
    return store_reading(row, now=now)


def _locked(listing: Listing) -> Listing:
    row = (
        Listing.objects.select_for_update(of=("self",), no_key=True)
        .select_related("organisation__municipality__region", "municipality", "unit", "material_class", "waste_code")
        .filter(pk=listing.pk)
        .first()
    )
    if row is None or not is_read(row):
        raise SymbiosisError(_("The portal reads only offers and needs that have been sent and are open."))
    return row


def _record(by: User, listing: Listing, target: str, before: bool | None, after: bool | None, *, what: str) -> None:
    record(
        by=by,
        action=AuditEntry.Action.CHANGED,
        instance=listing,
        what=what,
        changes={
            "reading_corrections__target": ["" if before is None else target, "" if after is None else target],
            "reading_corrections__holds": [before, after],
        },
        organisation=listing.organisation,
    )


# --- For readers ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tag:
    """One thing that was read. `corrected`: by the owner's word. `words`: those of the text that it was read from."""

    target: str
    label: str
    corrected: bool = False
    words: str = ""

    @property
    def kind(self) -> str:
        """material, use or property"""
        return self.target.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Correction:
    """What its owner has said of a listing, and when."""

    tag: Tag
    holds: bool
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ReadableReading:
    """A reading in the reader's language. Materials stand the weightiest first; `aside` are those only mentioned.

    `without`: properties that the text denies; `denied`: all that the owner has taken out. `read_at` None: not read yet.
    """

    read_at: datetime | None = None
    materials: list[Tag] = field(default_factory=list)
    aside: list[Tag] = field(default_factory=list)
    uses: list[Tag] = field(default_factory=list)
    properties: list[Tag] = field(default_factory=list)
    without: list[Tag] = field(default_factory=list)
    denied: list[Tag] = field(default_factory=list)

    @property
    def found_nothing(self) -> bool:
        return not (self.materials or self.aside or self.uses)

    @property
    def is_empty(self) -> bool:
        return self.found_nothing and not (self.properties or self.without or self.denied)

    @property
    def is_corrected(self) -> bool:
        return bool(self.denied) or any(tag.corrected for tag in [*self.materials, *self.uses, *self.properties])

    @property
    def gist(self) -> str:
        """Materials and uses in a line, for a table."""
        return ", ".join(tag.label for tag in [*self.materials, *self.aside, *self.uses])


def readable(reading: ListingReading, language: str, *, known: Knowledge | None = None) -> ReadableReading:
    """In words; what the knowledge no longer has is left out. Prefetch `listing__reading_corrections` for many."""
    known = known or current_knowledge()
    said = {one.target: one.holds for one in reading.listing.reading_corrections.all()}
    words = reading.whole.get("words", {})
    materials = _tags(reading.materials, "material", language, known, said, words)
    main = [tag for tag in materials if reading.materials[_key(tag.target)] >= ASIDE]
    without = _tags(dict.fromkeys(reading.without, 1.0), "property", language, known, said, words)
    return ReadableReading(
        read_at=reading.read_at,
        materials=main,
        aside=[tag for tag in materials if tag not in main],
        uses=_tags(reading.uses, "use", language, known, said, words),
        properties=_tags(dict.fromkeys(reading.properties, 1.0), "property", language, known, said, words),
        without=[tag for tag in without if not tag.corrected],
        denied=_by_name(
            Tag(target, known.label(target, language), corrected=True)
            for target, holds in said.items()
            if not holds and _is_known(target, known)
        ),
    )


def reading_of(listing: Listing, language: str) -> ReadableReading | None:
    """For the listing's page: None for one that is not read."""
    if not is_read(listing):
        return None
    reading: ListingReading | None = getattr(listing, "reading", None)
    return readable(reading, language) if reading else ReadableReading()


def corrections_of(listing: Listing, language: str) -> list[Correction]:
    """The newest first, also those of which the knowledge has no word any more."""
    known = current_knowledge()
    return [
        Correction(Tag(one.target, known.label(one.target, language), corrected=True), one.holds, one.made_at)
        for one in listing.reading_corrections.order_by("-made_at", "-pk")
    ]


def _tags(
    weights: Mapping[str, float],
    kind: str,
    language: str,
    known: Knowledge,
    said: Mapping[str, bool],
    words: Mapping[str, str],
) -> list[Tag]:
    """The weightiest first, those of one weight by name."""
    tags = _by_name(
        Tag(target, known.label(target, language), target in said, words.get(target, ""))
        for target in (f"{kind}:{key}" for key in weights)
        if _is_known(target, known)
    )
    return sorted(tags, key=lambda tag: -weights[_key(tag.target)])


def _by_name(tags: Iterable[Tag]) -> list[Tag]:
    return sorted(tags, key=lambda tag: finnish_key(tag.label))


def _key(target: str) -> str:
    return target.partition(":")[2]


def _is_known(target: str, known: Knowledge) -> bool:
    kind, _colon, key = target.partition(":")
    tables: dict[str, Mapping[str, Any]] = {
        "material": known.materials,
        "use": known.uses,
        "property": known.properties,
    }
    return key in tables.get(kind, {})
