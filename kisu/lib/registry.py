"""What the registries share: entries under unique keys, filled at start-up from one module name in every app."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """Entries by key. `module` is the module name that is looked for in every installed app, as Django finds `admin`."""

    def __init__(self, module: str) -> None:
        self.module = module
        self._entries: dict[str, T] = {}

    def add(self, key: str, entry: T) -> None:
        """Raises ValueError for a key that is taken: two apps that mean different things by one name."""
        if key in self._entries:
            raise ValueError(f"{key!r} is registered twice in {self.module}")
        self._entries[key] = entry

    def __getitem__(self, key: str) -> T:
        return self._entries[key]

    def get(self, key: str) -> T | None:
        return self._entries.get(key)

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[T]:
        return iter(self._entries.values())

    def keys(self) -> list[str]:
        return sorted(self._entries)
