"""Personal data: each app's `personal_data.py` says which of its fields are about a person, and what becomes of them.

The registry drives the person's own export (GDPR art. 15, 20), erasure (art. 17), retention, the register of processing
(art. 30) and what the audit log may hold. Purposes and times are in kisu/data_retention.toml under the same names.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kisu.lib.registry import Registry

RETENTION_FILE = Path(__file__).resolve().parent.parent / "data_retention.toml"

# The key in the file for a model that has no personal column of its own but leads to the person as a row.
ROWS = "rows"
Outcome = Literal["deleted", "emptied", "kept"]

BASES: dict[str, Promise] = {
    "contract": _("Contract or its preparation"),
    "public interest": _("Task in the public interest"),
    "legitimate interest": _("Legitimate interest"),
    "legal obligation": _("Legal obligation"),
    "consent": _("Consent"),
}


@dataclass(frozen=True, slots=True)
class PersonalModel:
    """One model that holds personal data.

    `fields` are the personal columns, none for rows that only lead to the person; `of(user)` gives the user's own rows;
    `erase(user)` does to them what `outcome` says and returns how many rows it touched; `expire(on)` does what the
    retention time of the file demands and returns how many rows went. `export` names the columns of the person's copy
    where it is not the whole row: keys that open an account are nobody's reading.
    """

    model: type[Model]
    fields: tuple[str, ...]
    of: Callable[[Any], QuerySet[Any]]
    erase: Callable[[Any], int]
    expire: Callable[[date], int]
    outcome: Outcome = "deleted"
    export: tuple[str, ...] = ()
    title: str | Promise = ""

    @property
    def key(self) -> str:
        return self.model._meta.label

    @property
    def label(self) -> str:
        """What the rows are called; packages call theirs in English only, so `title` says it for them."""
        return str(self.title or self.model._meta.verbose_name_plural)

    @property
    def rule_names(self) -> tuple[str, ...]:
        """What data_retention.toml must name for this model."""
        return self.fields or (ROWS,)

    @property
    def rules(self) -> list[RetentionRule]:
        """Its purposes, each once."""
        known = retention_rules()[self.key]
        return list(dict.fromkeys(known[name] for name in self.rule_names))


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """Why a field is kept. `purpose` is English; `purposes` holds the other languages' sentences."""

    purpose: str
    basis: str
    months: int | None
    purposes: tuple[tuple[str, str], ...] = ()

    @property
    def spoken(self) -> str:
        """The purpose in the reader's language, or in English."""
        return dict(self.purposes).get(get_language() or "fi", self.purpose)

    @property
    def basis_label(self) -> str:
        return str(BASES[self.basis])


personal_models: Registry[PersonalModel] = Registry("personal_data")


def personal_model(
    model: type[Model],
    *,
    fields: tuple[str, ...],
    of: Callable[[Any], QuerySet[Any]],
    erase: Callable[[Any], int],
    expire: Callable[[date], int],
    outcome: Outcome = "deleted",
    export: tuple[str, ...] = (),
    title: str | Promise = "",
) -> None:
    """Registers a model. What others are found by goes first: erasure takes the registry backwards."""
    entry = PersonalModel(
        model=model, fields=fields, of=of, erase=erase, expire=expire, outcome=outcome, export=export, title=title
    )
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
        f"{app}.{model}": {field: _rule(rule) for field, rule in fields.items()}
        for app, models in raw.items()
        for model, fields in models.items()
    }


def _rule(rule: dict[str, Any]) -> RetentionRule:
    return RetentionRule(
        purpose=rule["purpose"],
        basis=rule["basis"],
        months=rule.get("months"),
        purposes=tuple((language, rule[language]) for language in ("fi", "sv") if language in rule),
    )
