"""Reading of TOML tables that forgives nothing: wrong types, empty values and unknown keys are errors with a place."""

import datetime as dt
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn, cast

from workpackages.plan_file.tree import Text


class PlanFileError(ValueError):
    """A plan file says something that cannot be: `file`, `table` and `key` say where."""

    def __init__(self, file: str, table: str, key: str, problem: str) -> None:
        self.file, self.table, self.key, self.problem = file, table, key, problem
        super().__init__(f"{file}: [{table}] {key}: {problem}")


class Table:
    """One TOML table: gives each value once in its type, and `close` refuses what was never asked for."""

    def __init__(self, values: dict[str, Any], file: str, label: str) -> None:
        self._values, self._file, self._label = values, file, label
        self._parts: list[Table] = []

    @classmethod
    def read(cls, path: Path, file: str) -> "Table":
        try:
            return cls(tomllib.loads((path / file).read_text(encoding="utf-8"), parse_float=Decimal), file, file)
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise PlanFileError(file, "", "", f"cannot be read: {error}") from error

    def fail(self, key: str, problem: str) -> NoReturn:
        raise PlanFileError(self._file, self._label, key, problem)

    def close(self) -> None:
        for key in self._values:
            self.fail(key, "unknown key")
        for part in self._parts:
            part.close()

    def _take(self, key: str, kind: type, *, optional: bool = False) -> Any:
        value = self._values.pop(key, None)
        if value is None and optional:
            return None
        if value is None:
            self.fail(key, "is missing")
        # bool is an int to Python, and a date with a time is a date.
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is int) or isinstance(value, dt.datetime):
            self.fail(key, f"expected {kind.__name__}, got {value!r}")
        if value == [] or (isinstance(value, str) and not value.strip()):
            self.fail(key, "is empty")
        return value

    def string(self, key: str) -> str:
        return cast(str, self._take(key, str))

    def optional_string(self, key: str) -> str | None:
        return cast(str | None, self._take(key, str, optional=True))

    def strings(self, key: str) -> tuple[str, ...]:
        values = self._values.pop(key, [])
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            self.fail(key, "expected a list of strings")
        return tuple(values)

    def text(self, key: str) -> Text:
        return Text(fi=self.string(f"{key}_fi"), sv=self.string(f"{key}_sv"), en=self.string(f"{key}_en"))

    def choice(self, key: str, allowed: tuple[str, ...], *, optional: bool = False) -> str | None:
        value = cast(str | None, self._take(key, str, optional=optional))
        if value is not None and value not in allowed:
            self.fail(key, f"“{value}” is none of {', '.join(allowed)}")
        return value

    def flag(self, key: str) -> bool:
        return bool(self._take(key, bool, optional=True))

    def integer(self, key: str) -> int:
        return cast(int, self._take(key, int))

    def optional_integer(self, key: str) -> int | None:
        return cast(int | None, self._take(key, int, optional=True))

    def date(self, key: str) -> dt.date:
        return cast(dt.date, self._take(key, dt.date))

    def optional_date(self, key: str) -> dt.date | None:
        return cast(dt.date | None, self._take(key, dt.date, optional=True))

    def decimal(self, key: str) -> Decimal:
        self._widen(key)
        return cast(Decimal, self._take(key, Decimal))

    def optional_decimal(self, key: str) -> Decimal | None:
        self._widen(key)
        return cast(Decimal | None, self._take(key, Decimal, optional=True))

    def _widen(self, key: str) -> None:
        value = self._values.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            self._values[key] = Decimal(value)

    def optional_figure(self, key: str) -> Decimal | dt.date | None:
        return self.optional_date(key) if isinstance(self._values.get(key), dt.date) else self.optional_decimal(key)

    def decimals(self) -> Mapping[str, Decimal]:
        """All values that are left, each a number."""
        return MappingProxyType({key: self.decimal(key) for key in list(self._values)})

    def table(self, key: str) -> "Table":
        return self._part(self._take(key, dict), key)

    def optional_table(self, key: str) -> "Table | None":
        value = self._take(key, dict, optional=True)
        return None if value is None else self._part(value, key)

    def tables(self, key: str) -> "list[Table]":
        parts = self._take(key, list)
        if not all(isinstance(part, dict) for part in parts):
            self.fail(key, "expected tables")
        return [self._part(part, f"{key} {part.get('code', place)}") for place, part in enumerate(parts, 1)]

    def _part(self, values: dict[str, Any], key: str) -> "Table":
        part = Table(values, self._file, key if self._label == self._file else f"{self._label}.{key}")
        self._parts.append(part)
        return part
