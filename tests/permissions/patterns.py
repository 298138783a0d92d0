"""Every URL pattern of the portal, by its full name, from the resolver."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


def addresses(urlconf: Any = None) -> set[tuple[str, int]]:
    """{("members:organisation_detail", 1)}: name and number of arguments. A nameless one is its path in brackets."""
    return set(_walk(get_resolver(urlconf), "", "", 0))


def _walk(resolver: URLResolver, namespace: str, route: str, before: int) -> Iterator[tuple[str, int]]:
    for entry in resolver.url_patterns:
        arguments = before + len(entry.pattern.regex.groupindex)
        path = f"{route}{entry.pattern}"
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry, inner, path, arguments)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name or f'</{path}>'}", arguments
