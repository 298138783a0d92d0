from __future__ import annotations

from typing import Any

from django.utils import timezone

from symbiosis.models import AddedFitness, AddedMaterial, AddedTerm, AddedUse, MatchingRelease


def create_release(*, state: str = "released", **fields: Any) -> MatchingRelease:
    now = timezone.now()
    values: dict[str, Any] = {
        "version": "0123456789abcdef",
        "state": state,
        "created_at": now,
        "compared_at": None if state == "comparing" else now,
        "released_at": now if state == "released" else None,
    }
    return MatchingRelease.objects.create(**values | fields)


def create_term(**fields: Any) -> AddedTerm:
    """A draft of a word that no file has."""
    values: dict[str, Any] = {
        "target": "material:sawdust",
        "language": "en",
        "pattern": "zworfel",
        "added_at": timezone.now(),
    }
    return AddedTerm.objects.create(**values | fields)


def create_material(**fields: Any) -> AddedMaterial:
    values: dict[str, Any] = {
        "key": "zworfel",
        "label_fi": "zworfeli",
        "label_sv": "zworfel",
        "label_en": "zworfel stuff",
        "broader": "wood",
        "added_at": timezone.now(),
    }
    return AddedMaterial.objects.create(**values | fields)


def create_use(**fields: Any) -> AddedUse:
    values: dict[str, Any] = {
        "key": "zworfeling",
        "label_fi": "zworfelointi",
        "label_sv": "zworfling",
        "label_en": "zworfeling",
        "added_at": timezone.now(),
    }
    return AddedUse.objects.create(**values | fields)


def create_fitness(**fields: Any) -> AddedFitness:
    values: dict[str, Any] = {
        "use": "animal_bedding",
        "material": "concrete",
        "level": 1,
        "reason_fi": "on kovaa",
        "reason_sv": "är hårt",
        "reason_en": "is hard",
        "added_at": timezone.now(),
    }
    return AddedFitness.objects.create(**values | fields)
