"""Personal data: each app's `personal_data.py` says which of its fields are about a person, and what becomes of them.

The registry drives the person's own export (GDPR art. 15, 20), erasure (art. 17), retention, the register of processing (art. 30)
and what the audit log may hold. Purposes and times are in kisu/data_retention.toml under the same names.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import Model, QuerySet

from kisu.lib.registry import Registry

RETENTION_FILE = Path(__file__).resolve().parent.parent / "data_retention.toml"


@dataclass(frozen=True, slots=True)
class PersonalModel:
    """One model that holds personal data.

    `fields` are the personal columns; `of(user)` gives the user's own rows; `erase(user)` empties or deletes them and returns how
    many rows it touched; `expire(on)` does what the retention time of the file demands and returns how many rows went.
    """

    model: type[Model]
    fields: tuple[str, ...]
    of: Callable[[Any], QuerySet[Any]]
    erase: Callable[[Any], int]
    expire: Callable[[date], int]

    @property
    def key(self) -> str:
        return self.model._meta.label


@dataclass(frozen=True, slots=True)
class RetentionRule:
    purpose: str
    basis: str
    months: int | None


personal_models: Registry[PersonalModel] = Registry("personal_data")


def personal_model(
    model: type[Model],
    *,
    fields: tuple[str, ...],
    of: Callable[[Any], QuerySet[Any]],
    erase: Callable[[Any], int],
    expire: Callable[[date], int],
) -> None:
    entry = PersonalModel(model=model, fields=fields, of=of, erase=erase, expire=expire)
    personal_models.add(entry.key, entry)


def is_personal(model: type[Model], field: str) -> bool:
    entry = personal_models.get(model._meta.label)
    return entry is not None and field in entry.fields


@cache
def retention_rules() -> dict[str, dict[str, RetentionRule]]:
    """`{"members.Person": {"phone": RetentionRule}}` from the file; `months` None means: with the account."""
    with RETENTION_FILE.open("rb") as file:
        raw = tomllib.load(file)
    return {
        label: {
            field: RetentionRule(purpose=rule["purpose"], basis=rule["basis"], months=rule.get("months"))
            for field, rule in fields.items()
        }
        for label, fields in raw.items()
    }
