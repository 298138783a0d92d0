"""Writes the entries in force into the matcher's own files, so that they can be merged into the repository."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from symbiosis.matching.knowledge import DATA, Additions, Fitness, Material, Use

Pair = tuple[str, str]
"""Use, material."""
COLUMNS = ("material", "use", "fit", "because", "conditions")
_HEADING = re.compile(r"^\[([^\[\]]+)\]\s*$")


def export_knowledge(*, additions: Additions, folder: Path, source: Path = DATA) -> list[Path]:
    """Writes what differs from the files of `source`, whole files in their places; gives them.

    New entries go to materials/added.toml and uses_added.toml; a word of an entry that is there goes into its list; a
    fitness replaces its row, or goes to fitness/added.csv.
    """
    texts: dict[str, str] = {}
    terms: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for target, language, pattern in additions.terms:
        terms[target][language].append(pattern)
    there = _where(source)
    new_materials = [one for one in additions.materials if f"material:{one.key}" not in there]
    new_uses = [one for one in additions.uses if f"use:{one.key}" not in there]
    if new_materials:
        name = "materials/added.toml"
        written = [_material(one, terms[f"material:{one.key}"]) for one in new_materials]
        texts[name] = "\n".join([*_old(source, name), *written])
    if new_uses:
        name = "uses_added.toml"
        texts[name] = "\n".join([*_old(source, name), *(_use(one, terms[f"use:{one.key}"]) for one in new_uses)])
    for target, by_language in terms.items():
        if name := there.get(target, ""):
            texts[name] = _with_terms(texts.get(name) or _text(source / name), target, by_language)
    if words := {pair: fitness.words for pair, fitness in additions.fitness.items() if fitness.words}:
        texts["reasons.toml"] = _with_reasons(_text(source / "reasons.toml"), words)
    texts |= _with_fitness(source, additions.fitness)
    paths = []
    for name, text in sorted(texts.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def _where(source: Path) -> dict[str, str]:
    """By target the file that holds its entry."""
    found = {}
    files = [("material", path) for path in sorted((source / "materials").glob("*.toml"))]
    files += [("use", path) for path in sorted(source.glob("uses*.toml"))]
    files += [("property", source / "properties.toml")]
    for kind, path in files:
        for key in tomllib.loads(_text(path)):
            found[f"{kind}:{key}"] = path.relative_to(source).as_posix()
    return found


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _old(source: Path, name: str) -> list[str]:
    return [_text(source / name)] if (source / name).exists() else []


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a JSON string is a basic string of TOML


def _list(texts: Iterable[str]) -> str:
    return "[" + ", ".join(map(_string, texts)) + "]"


def _labels(words: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f"{language} = {_string(text)}" for language, text in words.items()) + " }"


def _entry(entry: Material | Use, more: Sequence[str], terms: Mapping[str, Sequence[str]]) -> str:
    lines = [f"[{entry.key}]", f"label = {_labels(entry.label)}", f"broader = {_list(entry.broader)}", *more]
    lines += [f"{language} = {_list(patterns)}" for language, patterns in terms.items()]
    return "\n".join(lines) + "\n"


def _material(material: Material, terms: Mapping[str, Sequence[str]]) -> str:
    return _entry(material, [f"value = {_string(material.value)}"], terms)


def _use(use: Use, terms: Mapping[str, Sequence[str]]) -> str:
    return _entry(use, [], terms)


def _with_terms(text: str, target: str, terms: Mapping[str, Sequence[str]]) -> str:
    """The entry's lists with the new patterns; all other lines as they are."""
    key = target.partition(":")[2]
    lines = text.splitlines()
    start = lines.index(f"[{key}]")
    stop = next((at for at in range(start + 1, len(lines)) if _HEADING.match(lines[at])), len(lines))
    while stop > start + 1 and not lines[stop - 1].strip():
        stop -= 1
    for language, patterns in terms.items():
        at = next((at for at in range(start, stop) if re.match(rf"{language}\s*=", lines[at])), None)
        old = tomllib.loads(lines[at])[language] if at is not None else []
        line = f"{language} = {_list([*old, *(one for one in patterns if one not in old)])}"
        if at is None:
            lines.insert(stop, line)
            stop += 1
        else:
            lines[at] = line
    return "\n".join(lines) + "\n"


def _with_reasons(text: str, words: Mapping[Pair, Mapping[str, str]]) -> str:
    known = tomllib.loads(text)
    lines = [
        f"{_string(f'{use}.{material}')} = {_labels(words[use, material])}"
        for use, material in sorted(words)
        if f"{use}.{material}" not in known
    ]
    return "\n".join([text.rstrip("\n"), *lines]) + "\n"


def _with_fitness(source: Path, fitness: Mapping[Pair, Fitness]) -> dict[str, str]:
    """The tables in which a row is replaced, and the one of new rows."""
    texts: dict[str, str] = {}
    left = dict(fitness)
    for path in sorted((source / "fitness").glob("*.csv")):
        rows = list(csv.reader(io.StringIO(_text(path), newline="")))
        header, changed = rows[0], False
        place = {name: header.index(name) for name in COLUMNS}
        for row in rows[1:]:
            pair = (row[place["use"]], row[place["material"]])
            if own := fitness.get(pair):
                left.pop(pair, None)
                changed = True
                for name, value in zip(COLUMNS, _row(pair, own), strict=True):
                    row[place[name]] = value
        if changed:
            texts[f"fitness/{path.name}"] = _table(rows)
    if left:
        name = "fitness/added.csv"
        old = texts.get(name) or "".join(_old(source, name))
        rows = list(csv.reader(io.StringIO(old, newline=""))) if old else [list(COLUMNS)]
        texts[name] = _table([*rows, *(_row(pair, left[pair]) for pair in sorted(left))])
    return texts


def _row(pair: Pair, fitness: Fitness) -> list[str]:
    use, material = pair
    return [material, use, str(fitness.level), " ".join(fitness.because), " ".join(fitness.conditions)]


def _table(rows: Iterable[Sequence[str]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue()
