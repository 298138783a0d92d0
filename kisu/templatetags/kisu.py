"""The portal's filters, signs and small drawings. A builtin of every template: no {% load %} is needed.

The mechanics of figures and dates are in kisu.lib.formats; this module only gives them to templates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date as Date
from datetime import datetime as Moment
from functools import lru_cache
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.template import defaultfilters
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kisu.lib import formats

register = template.Library()

# --- Figures and dates ------------------------------------------------------------------------------------------------

register.filter("number", formats.number)
register.filter("signed", formats.signed)
register.filter("unit", formats.unit)
register.filter("quantity", formats.quantity)
register.filter("tonnes", formats.tonnes)
register.filter("money", formats.money)
register.filter("percent", formats.percent)
register.filter("file_size", formats.file_size)
register.filter("day", formats.day)
register.filter("clock", formats.clock)
register.filter("datetime", formats.datetime)
register.filter("due", formats.due)
register.simple_tag(formats.date_range, name="date_range")
register.simple_tag(formats.time_range, name="time_range")


@register.filter(expects_localtime=True)
def date(value: Any, layout: str | None = None) -> str:
    """{{ day|date }} in the reader's manner. With a layout it is Django's own filter: the admin's templates use it."""
    if layout is not None:
        return defaultfilters.date(value, layout)
    return formats.date(value or None)


@register.simple_tag
def time_of(value: Date | Moment | None, style: str = "date") -> str:
    """A <time> with the machine's form; `style` is date, day, datetime or clock."""
    write: Callable[[Any], str] = {
        "date": formats.date,
        "day": formats.day,
        "datetime": formats.datetime,
        "clock": formats.clock,
    }[style]
    if value is None:
        return formats.UNKNOWN
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), write(value))


# --- Signs ------------------------------------------------------------------------------------------------------------


@register.simple_tag
@lru_cache
def icon(name: str, style: str = "") -> SafeString:
    """An icon of static/icons.svg, always beside a text. `style` holds small, large, inline, in any combination."""
    classes = " ".join(["icon", *(f"is-{part}" for part in style.split())])
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', classes, static("icons.svg"), name
    )


_SHAPES = {
    "ok": '<circle cx="5" cy="5" r="4.5"/>',
    "watch": '<path d="M5 .5 9.8 9.5H.2z"/>',
    "late": '<path d="M.5.5h9v9h-9z"/>',
    "info": '<path d="m5 0 5 5-5 5-5-5z"/>',
    "neutral": '<path d="M0 3.5h10v3H0z"/>',
}


@register.simple_tag
def state(word: str, tone: str = "neutral") -> SafeString:
    """A state: shape, word and colour say the same. `tone` is ok, watch, late, info or neutral."""
    tone = tone if tone in _SHAPES else "neutral"
    return format_html(
        '<span class="state is-{}"><svg viewBox="0 0 10 10" aria-hidden="true">{}</svg>{}</span>',
        tone,
        mark_safe(_SHAPES[tone]),  # noqa: S308  our own drawing
        word,
    )


_RINGS = {
    "good": '<path class="arc" d="M20.5 12A8.5 8.5 0 1 1 10.82 3.58"/>'
    '<path class="piece" d="M13.04 3.56A8.5 8.5 0 0 1 20.21 9.8"/>',
    "possible": '<path class="arc" d="M17.93 14.54A7.5 7.5 0 1 1 9.46 6.07"/>'
    '<path class="piece" d="M15.89 2.49A7.5 7.5 0 0 1 21.51 8.11"/>',
    "distant": '<path class="arc" d="M15.94 15.4A6.5 6.5 0 1 1 8.6 8.06"/>'
    '<path class="piece" d="M16.57 1.52A6.5 6.5 0 0 1 22.48 7.43" stroke-width="1.75" stroke-dasharray="2.2 2"/>',
    "empty": '<circle class="rest" cx="12" cy="12" r="8.5" stroke-dasharray="4 3"/>',
}
_STAGE_PARTS = (
    "M13.33 3.6A8.5 8.5 0 0 1 19.57 8.14",
    "M20.4 10.67A8.5 8.5 0 0 1 18.01 18.01",
    "M15.86 19.57A8.5 8.5 0 0 1 8.14 19.57",
    "M5.99 18.01A8.5 8.5 0 0 1 3.6 10.67",
    "M4.43 8.14A8.5 8.5 0 0 1 10.67 3.6",
)


def _ring(drawing: str, size: str) -> SafeString:
    classes = f"ring is-{size}" if size else "ring"
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" aria-hidden="true" stroke-width="4">{}</svg>',
        classes,
        mark_safe(drawing),  # noqa: S308  our own drawing
    )


@register.simple_tag
def ring(name: str, size: str = "") -> SafeString:
    """The ring alone: good, possible, distant or empty. `size` is small or large."""
    return _ring(_RINGS[name], size)


@register.simple_tag
def match_class(name: str, size: str = "") -> SafeString:
    """The class of a match in ring and word: good, possible or distant; never a percentage."""
    words = {
        "good": pgettext("match class", "Good"),
        "possible": pgettext("match class", "Possible"),
        "distant": pgettext("match class", "Distant"),
    }
    return format_html('<span class="match-class">{} {}</span>', _ring(_RINGS[name], size), words[name])


@register.simple_tag
def stage(step: int, word: str, size: str = "small") -> SafeString:
    """A synergy's stage: 0 to 5 parts of the ring in place, and the stage's word."""
    parts = "".join(
        f'<path class="{"arc" if place < step else "rest"}" d="{path}"/>' for place, path in enumerate(_STAGE_PARTS)
    )
    return format_html('<span class="stage">{} {}</span>', _ring(parts, size), word)


@register.simple_tag
def kind(name: str) -> SafeString:
    """What a listing is: offer, need or expertise, in icon, word and colour."""
    words = {
        "offer": pgettext("kind of listing", "Offered"),
        "need": pgettext("kind of listing", "Wanted"),
        "expertise": pgettext("kind of listing", "Expertise"),
    }
    return format_html('<span class="kind is-{}">{} {}</span>', name, icon(name), words[name])


# --- Small drawings: hidden from assistive technology, the figures stand beside them in text --------------------------


@register.simple_tag
def sparkline(values: Iterable[Any], reference: Any = None) -> SafeString:
    """The course of a value in 96 × 24; gaps are skipped. Nothing for fewer than two values."""
    points = [(place, float(value)) for place, value in enumerate(values) if value is not None]
    if len(points) < 2:
        return SafeString("")
    heights = [value for _place, value in points] + ([float(reference)] if reference is not None else [])
    low, span = min(heights), (max(heights) - min(heights)) or 1.0
    last = points[-1][0]

    def x(place: int) -> float:
        return round(2 + 91 * place / last, 1)

    def y(value: float) -> float:
        return round(21 - 18 * (value - low) / span, 1)

    line = " ".join(f"{x(place)},{y(value)}" for place, value in points)
    mark = (
        format_html('<line class="ref" x1="0" x2="96" y1="{0}" y2="{0}"/>', y(float(reference)))
        if reference is not None
        else ""
    )
    return format_html(
        '<svg class="spark" viewBox="0 0 96 24" aria-hidden="true">{}<polyline class="line" points="{}"/>'
        '<circle class="end" cx="{}" cy="{}" r="2.75"/></svg>',
        mark,
        line,
        x(points[-1][0]),
        y(points[-1][1]),
    )


@register.simple_tag
def bullet(value: Any, target: Any = None, most: Any = None, forecast: Any = None) -> SafeString:
    """A value against its target as a bar of 160 × 20. `most` is the full length; without it the largest of all."""
    if value is None:
        return SafeString("")
    shown = [float(one) for one in (value, target, forecast) if one is not None]
    full = float(most) if most else max(*shown, 0.0) or 1.0

    def length(one: Any) -> float:
        return round(160 * min(max(float(one) / full, 0.0), 1.0), 1)

    ahead = (
        format_html('<rect class="forecast" x=".5" y="5.5" width="{}" height="9"/>', length(forecast))
        if forecast is not None
        else ""
    )
    mark = (
        format_html('<rect class="target" x="{}" y="2" width="2.5" height="16"/>', max(0.0, length(target) - 2.5))
        if target is not None
        else ""
    )
    return format_html(
        '<svg class="bullet" viewBox="0 0 160 20" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="160" height="20"/>{}<rect class="value" y="5" width="{}" height="10"/>{}</svg>',
        ahead,
        length(value),
        mark,
    )


# --- Pieces with some arithmetic --------------------------------------------------------------------------------------

_TILE, _STEP, _CHARS = 80, 84, 9  # a name longer than this is squeezed into the tile


def _tile_lines(name: str) -> list[tuple[str, bool]]:
    words = name.replace("-", "- ").split()
    return [(word, len(word) > _CHARS) for word in words]


def _part(tile: Any, key: str) -> Any:
    return tile.get(key) if isinstance(tile, Mapping) else getattr(tile, key, None)


@register.inclusion_tag("components/tile_map.html")
def tile_map(tiles: Iterable[Any], label: str) -> dict[str, Any]:
    """The 19 regions as equal tiles. Each tile has name, count, url, level (0-5), column, row (from 1), maybe own."""
    drawn: list[dict[str, Any]] = []
    for tile in tiles:
        x, y = (_part(tile, "column") - 1) * _STEP, (_part(tile, "row") - 1) * _STEP
        lines = [
            {"text": text, "squeeze": squeeze, "y": y + 18 + 14 * place}
            for place, (text, squeeze) in enumerate(_tile_lines(str(_part(tile, "name"))))
        ]
        same = {key: _part(tile, key) for key in ("count", "url", "level", "own")}
        drawn.append({"x": x, "y": y, "text_x": x + 7, "count_y": y + 71, "lines": lines, **same})
    width = max((tile["x"] for tile in drawn), default=0) + _TILE
    height = max((tile["y"] for tile in drawn), default=0) + _TILE
    return {"tiles": drawn, "label": label, "width": width, "height": height}


@register.inclusion_tag("components/breadcrumb.html")
def breadcrumb(*parts: Any) -> dict[str, Any]:
    """{% breadcrumb _("Listings") list_url listing.title %}: pairs of word and address, last the page itself."""
    trail = [{"label": parts[place], "url": parts[place + 1]} for place in range(0, len(parts) - 1, 2)]
    return {"trail": trail, "here": parts[-1] if len(parts) % 2 else None}


@register.simple_tag(takes_context=True)
def page_url(context: template.Context, number: int, key: str = "page") -> str:
    """The address of another page of the list, with everything else in the query kept."""
    query = context["request"].GET.copy()
    query[key] = str(number)
    return f"?{query.urlencode()}"


@register.filter
def elided_pages(page: Page[Any]) -> list[dict[str, Any]]:
    """The page numbers to link, with gaps: [{number, current, gap}]."""
    gap = str(page.paginator.ELLIPSIS)
    return [
        {"number": one, "current": one == page.number, "gap": one == gap}
        for one in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    ]


@register.filter
def first_control(field: BoundField) -> str:
    """The id that a link of the error summary leads to: the control, or the first choice of a group."""
    return f"{field.auto_id}_0" if field.use_fieldset else (field.id_for_label or field.auto_id)


@register.filter
def message_tone(tags: str) -> str:
    """The alert's tone for a Django message."""
    tones: Sequence[tuple[str, str]] = (("success", "ok"), ("warning", "watch"), ("error", "late"))
    return next((tone for tag, tone in tones if tag in tags.split()), "info")


@register.simple_tag
def on_page(title: str, page: Page[Any] | None) -> str:
    """A title that tells pages of one list apart: "Listings", "Listings, page 2"."""
    if page is None or page.number == 1:
        return title
    return _("%(title)s, page %(number)s") % {"title": title, "number": page.number}
