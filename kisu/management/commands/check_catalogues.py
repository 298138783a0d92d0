"""What makes a catalogue wrong: a sentence without a translation, a lost placeholder, a word that we do not use."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import templatize

from kisu.management.commands import makemessages

LANGUAGES = ("fi", "sv")
MENDED = "en"  # only sentences of packages whose English is not ours
FOLDERS = ("kisu", "members", "workpackages", "symbiosis", "situation", "comms", "templates")
KEYWORDS = (
    "gettext_noop",
    "gettext_lazy",
    "ngettext_lazy:1,2",
    "pgettext:1c,2",
    "npgettext:1c,2,3",
    "pgettext_lazy:1c,2",
    "npgettext_lazy:1c,2,3",
)
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[dsr]|\{\w*\}")
TAG = re.compile(r"<[^>]+>")
# docs/language.md, Traps. An inserted name stays in its basic form: Helsinki, but Helsingissä.
FORBIDDEN = {
    "fi": re.compile(
        r"dashboard|mätsi|follow-up|valitettavasti|ole hyvä|ongelmajät|klikka|onnistuneesti|säästä muutokset"
        r"|tullaan \w+maan|jätedirekt|ELY-keskus|%\(\w+\)s:?[a-zåäö]",
        re.IGNORECASE,
    ),
    "sv": re.compile(
        r"dashboard|\bmatch(en|er|erna)?\b|\blistning|tyvärr|klicka|\b(e-)?mejl|\bmail|organisationsnummer|\blän(et)?\b"
        r"|regionförbund|kretsloppsekonomi|restström|biflöde|problemavfall|deponi|utlysning|dagordning|tillåtelse"
        r"|tillgänglighetsredogörelse|NTM-central|%\(\w+\)ss\b|(?-i:\bNi\b)",
        re.IGNORECASE,
    ),
    MENDED: re.compile(
        r"\bplease\b|\bsorry\b|unfortunately|successfully|click here|\bemail|\blog ?in\b", re.IGNORECASE
    ),
}

Key = tuple[str | None, str]


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Fails with a list when a sentence lacks its Finnish or Swedish, or a translation breaks docs/language.md."

    def handle(self, *args: Any, **options: Any) -> str:
        if shutil.which("xgettext") is None:
            raise CommandError("xgettext is missing: install the gettext tools, then check again.")
        said = extracted(settings.BASE_DIR)
        faults = []
        for language in LANGUAGES:
            entries = catalogue(language)
            faults += [f"{language}: not in the catalogue: {msgid!r}" for msgid in missing(said, entries)]
            faults += [f"{language}: {fault}" for entry in entries.values() for fault in faults_of(entry, language)]
        for key, entry in catalogue(MENDED).items():
            faults += [f"{MENDED}: nobody says: {entry.msgid!r}"] if key not in said else []
            faults += [f"{MENDED}: {fault}" for fault in faults_of(entry, MENDED)]
        if faults:
            raise CommandError("\n".join([*faults, f"{len(faults)} faults"]))
        return f"{len(said)} sentences in {len(LANGUAGES)} languages"


def catalogue(language: str) -> dict[Key, polib.POEntry]:
    """Its entries; none when there is no such file."""
    path = Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"
    if not path.exists():
        return {}
    return {(entry.msgctxt, entry.msgid): entry for entry in polib.pofile(str(path)) if not entry.obsolete}


def extracted(root: Path) -> dict[Key, str]:
    """Every sentence of the code and the templates with its plural or "", as makemessages would find them."""
    with TemporaryDirectory() as folder:
        names = []
        for source in sorted(path for top in FOLDERS for path in (root / top).rglob("*")):
            if source.suffix not in {".py", ".html", ".txt"}:
                continue
            names.append(str(source.relative_to(root)))
            target = Path(folder, names[-1])
            target.parent.mkdir(parents=True, exist_ok=True)
            text = source.read_text(encoding="utf-8")
            target.write_text(text if source.suffix == ".py" else templatize(text, origin=names[-1]), encoding="utf-8")
        options = [f"--keyword={keyword}" for keyword in KEYWORDS] + makemessages.Command.xgettext_options
        command = ["xgettext", "--language=Python", "--from-code=UTF-8", "--output=all.pot", *options, "--files-from=-"]
        run = subprocess.run(  # noqa: S603 - nothing in it comes from outside
            command, cwd=folder, input="\n".join(names), text=True, capture_output=True, check=False
        )
        if run.returncode:
            raise CommandError(run.stderr)
        found = polib.pofile(str(Path(folder, "all.pot")))
    return {(entry.msgctxt, entry.msgid): entry.msgid_plural for entry in found}


def audit_names(root: Path) -> set[str]:
    """What the services call their acts in the audit log: literals given as `what` or put into a variable `what`."""
    names = set()
    for source in (path for top in FOLDERS for path in (root / top).rglob("*.py")):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            match node:
                case ast.keyword(arg="what", value=value) | ast.Assign(targets=[ast.Name(id="what")], value=value):
                    choices = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
                    names |= {
                        one.value for one in choices if isinstance(one, ast.Constant) and isinstance(one.value, str)
                    }
    return names


def missing(said: dict[Key, str], entries: dict[Key, polib.POEntry]) -> list[str]:
    return [key[1] for key, plural in said.items() if key not in entries or entries[key].msgid_plural != plural]


def faults_of(entry: polib.POEntry, language: str) -> Iterator[str]:
    """What is wrong with one entry, each as a sentence that ends in its msgid."""
    forms = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    if entry.fuzzy or not all(forms) or len(forms) != (2 if entry.msgid_plural else 1):
        yield f"not translated: {entry.msgid!r}"
        return
    for number, form in enumerate(forms):
        # The first of two forms may name the one thing instead of counting it.
        originals = [entry.msgid, entry.msgid_plural] if entry.msgid_plural else [entry.msgid]
        allowed = [sorted(PLACEHOLDER.findall(text)) for text in originals[number:]]
        if sorted(PLACEHOLDER.findall(form)) not in allowed:
            yield f"placeholders differ: {entry.msgid!r}"
        if sorted(TAG.findall(form)) not in [sorted(TAG.findall(text)) for text in originals]:
            yield f"tags differ: {entry.msgid!r}"
        if "%(" in entry.msgid and "%" in PLACEHOLDER.sub("", form).replace("%%", ""):
            yield f"a bare per cent sign among placeholders: {entry.msgid!r}"
        words = TAG.sub("", form)
        if word := FORBIDDEN[language].search(words):
            yield f"“{word[0]}” is not our word: {entry.msgid!r}"
        if "!" in words or '"' in words:
            yield f"an exclamation mark or a straight quotation mark: {entry.msgid!r}"
        if entry.msgid[:1].isspace() != form[:1].isspace() or entry.msgid[-1:].isspace() != form[-1:].isspace():
            yield f"space at an end: {entry.msgid!r}"
