"""What the service centre adds to the knowledge: drafts written, changed, taken back; entries in force asked out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, TypeVar

from django.db import connection, models, transaction
from django.utils.text import slugify
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from members.models import AuditEntry, User
from members.services.audit import record, record_change, record_creation, snapshot
from symbiosis.matching.knowledge import knowledge
from symbiosis.matching.patterns import Lexicon
from symbiosis.models import AddedFitness, AddedMaterial, AddedTerm, AddedUse
from symbiosis.models.knowledge import KEY, Added
from symbiosis.services import SymbiosisError
from symbiosis.services.knowledge import current_knowledge
from symbiosis.services.knowledge_catalogue import catalogue

ENTRIES: dict[str, type[Added]] = {
    "material": AddedMaterial,
    "use": AddedUse,
    "term": AddedTerm,
    "fitness": AddedFitness,
}
LOCK = 0x6B697376  # any number of ours: entries don't change while a release takes them in
MOST_WORDS = 5
SHORTEST = 3
_WORD = re.compile(r"\*?[^\W_]+(?:[.,]\d+)?\$?")

E = TypeVar("E", bound=Added)


def lock_entries() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


# --- Patterns ---------------------------------------------------------------------------------------------------------


def clean_pattern(text: str) -> str:
    """The pattern as the matcher reads it. Raises SymbiosisError for what could not name anything."""
    words = text.lower().replace("-", " ").split()
    if not words or len(words) > MOST_WORDS:
        raise SymbiosisError(
            ngettext("Write one word.", "Write one to %(number)s words.", MOST_WORDS) % {"number": MOST_WORDS}
        )
    for word in words:
        if not _WORD.fullmatch(word):
            raise SymbiosisError(
                _("“%(word)s” is not a word. Use letters and numbers, * only in front and $ only at the end.")
                % {"word": word}
            )
    if not any(letter.isalpha() for letter in text):
        raise SymbiosisError(_("Numbers alone name nothing. Write a word."))
    if len(words[0].strip("*$")) < SHORTEST:
        raise SymbiosisError(
            _("The first word is too short: it would be found in too many texts. Write at least 3 letters.")
        )
    return " ".join(words)


def spoken_pattern(pattern: str) -> str:
    """What the pattern meets, in words."""
    return ", ".join(_spoken(word) for word in pattern.split())


def _spoken(word: str) -> str:
    stem = {"stem": word.strip("*$")}
    if word.startswith("*"):
        if word.endswith("$"):
            return _("words that are %(stem)s or end in it") % stem
        return _("words that have %(stem)s at the beginning or inside") % stem
    return (
        _("the word %(stem)s as it stands") % stem if word.endswith("$") else _("words that begin with %(stem)s") % stem
    )


def read_so_far(*, pattern: str, language: str, target: str) -> list[str]:
    """What the pattern as a whole is read as today, if that is something else than the target. Drafts count too."""
    known, whole = current_knowledge(), catalogue()
    words = [word.strip("*$") for word in pattern.split()]
    hits = known.terms[language].hits(words)
    alone = Lexicon()
    for other, written in AddedTerm.objects.filter(language=language, since=None, until=None).values_list(
        "target", "pattern"
    ):
        alone.add(other, [written])
    hits += alone.seal().hits(words)
    targets = {hit.target for hit in hits if hit.stop - hit.start == len(words)}
    labels = []
    for other in sorted(targets - {target}):
        kind, _colon, key = other.partition(":")
        labels.append(
            known.label(other, get_language() or "fi") if kind == "property" else whole.label(kind, key)  # type: ignore[arg-type]
        )
    return labels


# --- Entries ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_entry(*, by: User, model: type[E], values: dict[str, Any], now: datetime) -> E:
    """Writes a draft. The same draft asked for twice is one. Raises SymbiosisError for what is there already.

    A fitness that replaces one in force asks that one out.
    """
    lock_entries()
    rows: Any = model._default_manager
    drafts = rows.filter(since=None, until=None, **{name: value for name, value in values.items() if name != "note"})
    if (same := drafts.first()) is not None:
        return same  # type: ignore[no-any-return]
    if model in (AddedMaterial, AddedUse):
        values = {**values, "key": _key_of(values["label_fi"], model)}
    _check(model, values)
    if model is AddedFitness:
        for before in rows.filter(use=values["use"], material=values["material"], until=None, to_retire=False):
            _ask_out(by=by, entry=before)
    entry = rows.create(**values, added_by=by, added_at=now)
    record_creation(by=by, instance=entry, what="knowledge entry added")
    return entry  # type: ignore[no-any-return]


@transaction.atomic
def edit_entry(*, by: User, entry: E, values: dict[str, Any]) -> E:
    """Changes a draft. Raises SymbiosisError for an entry in force: it is added anew and asked out."""
    lock_entries()
    row = _own_row(entry)
    if row.standing != Added.Standing.DRAFT:
        raise SymbiosisError(_("Only a draft can be changed. Take this entry out and add a new one."))
    _check(type(row), values, but=row.pk)
    before = snapshot(row)
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    record_change(by=by, instance=row, before=before, what="knowledge entry changed")
    return row


@transaction.atomic
def remove_entry(*, by: User, entry: Added) -> bool:
    """A draft is deleted, an entry in force goes out at the next release; so does what hangs on a material or a use.

    Gives whether it was deleted. Raises SymbiosisError while something narrower hangs on it.
    """
    lock_entries()
    row = _own_row(entry)
    for below in _hanging_on(row):
        _take_out(by=by, entry=below)
    return _take_out(by=by, entry=row)


@transaction.atomic
def keep_entry(*, by: User, entry: Added) -> None:
    """Takes back that the entry was asked out. Raises SymbiosisError when a draft has its place."""
    lock_entries()
    row = _own_row(entry)
    if not row.to_retire:
        return
    if isinstance(row, AddedFitness):
        values: dict[str, Any] = {"use": row.use, "material": row.material}
    elif isinstance(row, AddedTerm):
        values = {"target": row.target, "language": row.language, "pattern": row.pattern}
    else:
        values = {"key": row.key}  # type: ignore[attr-defined]
    if type(row)._default_manager.filter(**values, until=None, to_retire=False).exists():
        raise SymbiosisError(_("A draft replaces this entry. Delete the draft first."))
    type(row)._default_manager.filter(pk=row.pk).update(to_retire=False)
    record(by=by, action=AuditEntry.Action.CHANGED, instance=row, what="knowledge entry kept")


def pending_entries() -> list[Added]:
    """What the next release brings in or takes out, newest first."""
    found: list[Added] = []
    for model in ENTRIES.values():
        rows: Any = model._default_manager
        found += rows.pending().select_related("added_by__person")
    return sorted(found, key=lambda entry: (entry.added_at, entry.pk), reverse=True)


def entries_hanging_on(entry: Added) -> int:
    """How many terms and fitness rows go with it."""
    return sum(1 for _below in _hanging_on(entry, refuse=False))


def _own_row(entry: E) -> E:
    rows: Any = type(entry)._default_manager
    row = rows.select_for_update(of=("self",)).filter(pk=entry.pk).first()
    if row is None or row.standing == Added.Standing.GONE:
        raise SymbiosisError(_("The entry is not there any more."))
    return row  # type: ignore[no-any-return]


def _take_out(*, by: User, entry: Added) -> bool:
    if entry.standing == Added.Standing.DRAFT:
        record(by=by, action=AuditEntry.Action.DELETED, instance=entry, what="knowledge entry removed")
        entry.delete()
        return True
    if not entry.to_retire:
        _ask_out(by=by, entry=entry)
    return False


def _ask_out(*, by: User, entry: Added) -> None:
    if entry.standing == Added.Standing.DRAFT:
        raise SymbiosisError(_("A draft says already how well this material suits this use. Change that one."))
    type(entry)._default_manager.filter(pk=entry.pk).update(to_retire=True)
    entry.to_retire = True
    record(by=by, action=AuditEntry.Action.CHANGED, instance=entry, what="knowledge entry to be taken out")


def _hanging_on(row: Added, *, refuse: bool = True) -> Iterator[Added]:
    """Terms and fitness rows of a material or use that the files don't have themselves."""
    if not isinstance(row, AddedMaterial | AddedUse):
        return
    kind = "material" if isinstance(row, AddedMaterial) else "use"
    if row.key in (knowledge().materials if kind == "material" else knowledge().uses):
        return
    others: Any = type(row)._default_manager
    if refuse and others.after_next_release().filter(broader=row.key).exists():
        raise SymbiosisError(_("Something narrower hangs on it. Move or delete that first."))
    yield from AddedTerm.objects.after_next_release().filter(target=f"{kind}:{row.key}")
    yield from AddedFitness.objects.after_next_release().filter(**{kind: row.key})


# --- Checks -----------------------------------------------------------------------------------------------------------


def _check(model: type[Added], values: dict[str, Any], *, but: int | None = None) -> None:
    whole = catalogue()
    others: Any = model._default_manager.exclude(pk=but)
    if model is AddedTerm:
        kind, _colon, key = values["target"].partition(":")
        if kind not in ("material", "use") or key not in whole.entries(kind):
            raise SymbiosisError(_("The material or the use is not there any more."))
        same = {name: values[name] for name in ("target", "language", "pattern")}
        if _is_term(**same) or others.filter(**same, until=None, to_retire=False).exists():
            raise SymbiosisError(_("It has this word already."))
    elif model is AddedFitness:
        if values["use"] not in whole.entries("use") or values["material"] not in whole.entries("material"):
            raise SymbiosisError(_("The material or the use is not there any more."))
        draft = {"use": values["use"], "material": values["material"], "since": None, "until": None}
        if others.filter(**draft).exists():
            raise SymbiosisError(_("A draft says already how well this material suits this use. Change that one."))
    else:
        _check_name(model, values, whole.entries("material" if model is AddedMaterial else "use"), others)


def _check_name(model: type[Added], values: dict[str, Any], entries: Any, others: Any) -> None:
    if values["broader"] and values["broader"] not in entries:
        raise SymbiosisError(_("What should be broader is not there any more."))
    own = values.get("key", "")
    name = values["label_fi"].casefold()
    taken = others.filter(label_fi__iexact=values["label_fi"], until=None).exists() or any(
        entry.label["fi"].casefold() == name
        for entry in (knowledge().materials if model is AddedMaterial else knowledge().uses).values()
    )
    if taken:
        raise SymbiosisError(_("There is one of this Finnish name already."))
    if own and values["broader"] == own:
        raise SymbiosisError(_("Nothing is broader than itself."))


def _is_term(*, target: str, language: str, pattern: str) -> bool:
    lexicon, first = current_knowledge().terms[language], pattern.split()[0]
    terms = lexicon.whole.get(first.rstrip("$"), []) + lexicon.starts.get(first.strip("*$"), [])
    return any(term.target == target and list(term.words) == pattern.split() for term in terms)


def _key_of(label: str, model: type[Added]) -> str:
    """From the Finnish name, in the files' manner; numbered where it is taken."""
    base = slugify(label).replace("-", "_")[: KEY - 5].strip("_") or "added"
    known = knowledge().materials if model is AddedMaterial else knowledge().uses
    rows: models.Manager[Any] = model._default_manager
    taken = {*known, *rows.filter(key__startswith=base).values_list("key", flat=True)}
    return base if base not in taken else next(f"{base}_{n}" for n in range(2, 1000) if f"{base}_{n}" not in taken)
