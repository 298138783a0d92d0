"""Reads matrix.txt: what each role gets of each URL, in the words of docs/roles.md."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

ROLES = ("anon", "member", "org_admin", "coordinator", "expert", "steering", "comms", "wp_lead", "staff", "superuser")
MATRIX = Path(__file__).parent / "matrix.txt"

# What a cell says of a request.
OPEN, FORBIDDEN, HIDDEN, LOGIN = "y", "-", "0", "L"
METHODS = {"G": (True, False), "P": (False, True), "GP": (True, True)}


@dataclass(frozen=True, slots=True)
class Row:
    """One URL and one object: `whose` is own, other or any; `cells` follow ROLES."""

    name: str
    objects: tuple[str, ...]
    whose: str
    methods: str
    cells: tuple[str, ...]

    def cell(self, role: str) -> str:
        return self.cells[ROLES.index(role)]

    @property
    def address(self) -> tuple[str, int]:
        """Its name and how many arguments it takes: what tells two patterns of one name apart."""
        return self.name, len(self.objects)

    def __str__(self) -> str:
        return f"{self.name}({','.join(self.objects)})[{self.whose}]"


def read(text: str) -> list[Row]:
    """Raises ValueError, naming the line, for a line that is not of the table's form."""
    rows = []
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.partition("#")[0].strip()
        if not line:
            continue
        name, objects, whose, methods, *cells = line.split()
        known = (
            set(cells) <= {OPEN, FORBIDDEN, HIDDEN, LOGIN} and methods in METHODS and whose in {"own", "other", "any"}
        )
        if len(cells) != len(ROLES) or not known:
            raise ValueError(f"matrix.txt line {number}: {line}")
        rows.append(Row(name, () if objects == "." else tuple(objects.split(",")), whose, methods, tuple(cells)))
    return rows


def expand(rows: list[Row], addresses: Iterable[tuple[str, int]]) -> list[Row]:
    """Rows with a * in their name, once for each address of that form that has no row of its own.

    Their one argument, where they have one, is a number of the model that the name holds (`@`).
    """
    exact = [row for row in rows if "*" not in row.name]
    named = {row.name for row in exact}
    taken = set(named)
    for row in (row for row in rows if "*" in row.name):
        for name, arguments in sorted(addresses):
            if name not in taken and fnmatchcase(name, row.name):
                exact.append(replace(row, name=name, objects=("@",) * arguments))
                taken.add(name)
    return exact
