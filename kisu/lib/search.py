"""Search over all: each app's `search.py` says what of its own a person may find by a word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Q, QuerySet
from django.db.models.functions import Greatest
from django.utils.functional import Promise

from kisu.lib.registry import Registry


@dataclass(frozen=True, slots=True)
class Hit:
    title: str
    detail: str
    url: str


@dataclass(frozen=True, slots=True)
class SearchSource:
    """`rows(user)` are the rows that this user may see; `fields` are searched; `hit` is what is shown of a row."""

    key: str
    title: str | Promise
    rows: Callable[[Any], QuerySet[Any]]
    fields: tuple[str, ...]
    hit: Callable[[Any], Hit]

    def find(self, user: Any, words: str) -> QuerySet[Any]:
        """Rows that hold the words, or nearly (trigrams forgive a letter), best first.

        Plain containment first: PostgreSQL's full text would need a lexer of Finnish compounds.
        """
        contains = Q()
        for field in self.fields:
            contains |= Q(**{f"{field}__icontains": words})
        near = [TrigramWordSimilarity(words, field) for field in self.fields]
        rank = Greatest(*near) if len(near) > 1 else near[0]
        rows: QuerySet[Any] = self.rows(user).annotate(rank=rank)
        return rows.filter(contains | Q(rank__gte=0.6)).order_by("-rank", "pk")


sources: Registry[SearchSource] = Registry("search")


def search_source(
    key: str,
    *,
    title: str | Promise,
    fields: tuple[str, ...],
    hit: Callable[[Any], Hit],
) -> Callable[[Callable[[Any], QuerySet[Any]]], Callable[[Any], QuerySet[Any]]]:
    """Registers the function that gives the rows a user may find."""

    def register(rows: Callable[[Any], QuerySet[Any]]) -> Callable[[Any], QuerySet[Any]]:
        sources.add(key, SearchSource(key=key, title=title, rows=rows, fields=fields, hit=hit))
        return rows

    return register
