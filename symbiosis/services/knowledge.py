"""What the matcher knows in this portal: the files, and the service centre's entries on top of them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from symbiosis.matching.knowledge import Additions, Fitness, Knowledge, Material, Use, knowledge, read
from symbiosis.models import AddedFitness, AddedMaterial, AddedTerm, AddedUse, MatchingRelease

if TYPE_CHECKING:
    from django.db.models import QuerySet

LANGUAGES = ("fi", "sv", "en")


def current_knowledge() -> Knowledge:
    """The files and the entries in force. One query, and a second or two after each release."""
    release = MatchingRelease.objects.filter(state=MatchingRelease.State.RELEASED).order_by("-released_at", "-pk")
    return _of_release(release.values_list("pk", flat=True).first())


@lru_cache(maxsize=2)
def _of_release(pk: int | None) -> Knowledge:
    """The release stands for its entries: what is in force changes by a release only."""
    added = additions_in_force() if pk else Additions()
    return read(additions=added) if added else knowledge()


def forget_knowledge() -> None:
    """For who has changed what is in force without a new release, as tests do."""
    _of_release.cache_clear()


def additions_in_force() -> Additions:
    return _additions(
        AddedMaterial.objects.in_force(),
        AddedUse.objects.in_force(),
        AddedTerm.objects.in_force(),
        AddedFitness.objects.in_force(),
    )


def additions_after_next_release() -> Additions:
    """With the drafts, without what is asked to be taken out."""
    return _additions(
        AddedMaterial.objects.after_next_release(),
        AddedUse.objects.after_next_release(),
        AddedTerm.objects.after_next_release(),
        AddedFitness.objects.after_next_release(),
    )


def _additions(
    materials: QuerySet[AddedMaterial],
    uses: QuerySet[AddedUse],
    terms: QuerySet[AddedTerm],
    fitness: QuerySet[AddedFitness],
) -> Additions:
    """In an order of their own, so that the same entries give the same version of the knowledge."""
    return Additions(
        materials=[
            Material(key=row.key, label=_label(row), broader=(row.broader,) if row.broader else (), value=row.value)
            for row in materials.order_by("key")
        ],
        uses=[
            Use(key=row.key, label=_label(row), broader=(row.broader,) if row.broader else ())
            for row in uses.order_by("key")
        ],
        terms=list(terms.order_by("target", "language", "pattern").values_list("target", "language", "pattern")),
        fitness={(row.use, row.material): _fitness(row) for row in fitness.order_by("use", "material")},
    )


def _label(row: AddedMaterial | AddedUse) -> dict[str, str]:
    return {language: getattr(row, f"label_{language}") for language in LANGUAGES}


def _fitness(row: AddedFitness) -> Fitness:
    words = {language: getattr(row, f"reason_{language}") for language in LANGUAGES}
    if not any(words.values()):
        return Fitness(row.level)
    first = next(text for text in words.values() if text)
    return Fitness(
        row.level,
        because=(f"{row.use}.{row.material}",),
        words={language: text or first for language, text in words.items()},
    )
