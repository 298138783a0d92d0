"""Documents that repeat the code are held against it."""

import re
from importlib import import_module
from pathlib import Path

from django.apps import apps

from members.permissions import TABLE, Role

DOCS = Path(__file__).parents[2] / "docs"
WORDS = {"figures": "aggregate"}


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def test_the_table_of_rights_is_the_one_in_the_code() -> None:
    lines = (DOCS / "roles.md").read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("| # | right |"))
    assert cells(lines[start])[2:] == [str(role.value) for role in Role]
    written = {cells(line)[1]: cells(line)[2:] for line in lines[start + 2 : start + 2 + len(TABLE)]}
    assert written == {
        permission.value: [
            {v: k for k, v in WORDS.items()}.get(row[role].value, row[role].value) if role in row else "–"
            for role in Role
        ]
        for permission, row in TABLE.items()
    }


def test_the_glossary_names_what_is_in_the_code() -> None:
    text = (DOCS / "glossary.md").read_text(encoding="utf-8")
    named = {name.split(".")[0] for row in text.splitlines() for name in re.findall(r"`([A-Z]\w+(?:\.\w+)*)`", row)}
    rooms = ("members", "workpackages", "symbiosis")
    models = {model.__name__ for model in apps.get_models() if model._meta.app_label in rooms}
    others = {"Role", "Permission", "MatchClass", "Reason", "Metric"}
    assert named - models == others
    for name, module in {"Reason": "symbiosis.matching", "Metric": "kisu.lib.metrics"}.items():
        assert hasattr(import_module(module), name)
