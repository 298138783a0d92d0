"""Search over all that its reader may see."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from kisu.lib.search import Hit, sources
from kisu.lib.texts import clean_line
from members.access import public

SHOWN = 10
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Found:
    key: str
    title: str
    count: int
    hits: list[Hit]


@public(why="finds only what the reader may see")
@require_safe
def search(request: HttpRequest) -> TemplateResponse:
    words = clean_line(request.GET.get("q", "").replace("\x00", ""))[:LONGEST]
    found = []
    if words:
        for source in sources:
            rows = source.find(request.user, words)
            hits = [source.hit(row) for row in rows[:SHOWN]]
            if hits:
                found.append(
                    Found(source.key, str(source.title), rows.count() if len(hits) == SHOWN else len(hits), hits)
                )
    return TemplateResponse(request, "kisu/search.html", {"words": words, "found": found})
