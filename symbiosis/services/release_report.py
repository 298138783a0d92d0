"""A release in a reader's words: what changes in the knowledge, and why a pair appears or vanishes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from symbiosis.matching import Reason, sentence
from symbiosis.matching.knowledge import Knowledge, KnowledgeError
from symbiosis.models import AddedFitness, AddedMaterial, AddedTerm, AddedUse, MaterialClass, ReleaseDifference
from symbiosis.models.knowledge import Added
from symbiosis.services.knowledge import current_knowledge
from symbiosis.services.knowledge_catalogue import Catalogue, Kind, Named
from symbiosis.services.releases import knowledge_after_next_release


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the next release. `of`: the material or use on whose page it stands."""

    entry: Added
    kind: str
    text: str
    of: Named


def described(entries: Iterable[Added], whole: Catalogue) -> list[Change]:
    return [_described(entry, whole) for entry in entries]


def _described(entry: Added, whole: Catalogue) -> Change:
    if isinstance(entry, AddedTerm):
        kind, _colon, key = entry.target.partition(":")
        of = whole.named("use" if kind == "use" else "material", key)
        name = str(dict(settings.LANGUAGES)[entry.language])
        return Change(entry, "term", _("Word %(word)s (%(language)s)") % {"word": entry.pattern, "language": name}, of)
    if isinstance(entry, AddedFitness):
        text = _("Use: %(use)s. %(level)s") % {
            "use": whole.label("use", entry.use),
            "level": AddedFitness.Level(entry.level).label,
        }
        return Change(entry, "fitness", text, whole.named("material", entry.material))
    assert isinstance(entry, AddedMaterial | AddedUse)  # noqa: S101
    of_kind: Kind = "material" if isinstance(entry, AddedMaterial) else "use"
    text = _("Material") if of_kind == "material" else _("Use")
    return Change(entry, of_kind, text, whole.named(of_kind, entry.key))


@dataclass(frozen=True, slots=True)
class Names:
    """What reasons name by key: material classes, and the knowledge with its drafts."""

    classes: Mapping[str, str]
    known: Knowledge


def reason_names() -> Names:
    try:
        known = knowledge_after_next_release()
    except KnowledgeError:
        known = current_knowledge()
    return Names({row.code: row.name for row in MaterialClass.objects.all()}, known)


def with_reasons(differences: Sequence[ReleaseDifference], names: Names) -> list[tuple[ReleaseDifference, str]]:
    return [(row, first_reason(row, names)) for row in differences]


def first_reason(difference: ReleaseDifference, names: Names) -> str:
    """The weightiest reason in the reader's language; empty where none can be worded."""

    def class_name(code: str) -> str:
        return names.classes.get(code, code)

    for stored in difference.reasons:
        try:
            return sentence(Reason.from_json(stored), material_name=class_name, known=names.known)
        except KeyError:  # stored by another version of the matcher
            continue
    return ""
