"""Pages for everybody: the front page, what the network is, and what the law asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_safe

from kisu.lib.charts import map_levels
from kisu.lib.dates import today
from kisu.lib.formats import number
from kisu.lib.personal_data import personal_models, retention_rules
from members.access import public
from members.history import field_name
from members.models import Region
from symbiosis.models import Listing
from workpackages.models import Challenge, Goal, Indicator, Value, WorkPackage

NEWEST = 6
# The indicators of the front page, with what stands under the figure; one that has no value yet is left out.
FRONT_INDICATORS: dict[str, str | Promise] = {
    "organisations-in-network": gettext_lazy("member organisations"),
    "synergies-realised": gettext_lazy("realised synergies"),
    "models-resource-use": gettext_lazy("of material stays in use, measured or calculated"),
    "models-emission-reduction": gettext_lazy("of emissions avoided, measured or calculated"),
}
# When the accessibility of the portal was last assessed: change it with the statement.
ASSESSED_ON = date(2026, 11, 24)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of components/stat.html."""

    label: str
    value: str
    unit: str
    url: str


@dataclass(frozen=True, slots=True)
class Tile:
    name: str
    count: int
    url: str
    level: int
    column: int
    row: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A line of the privacy notice. `what` empty: the rows as such; `months` None: as long as the account."""

    what: str
    purpose: str
    basis: str
    months: int | None


@public(why="the front page")
@require_safe
def home(request: HttpRequest) -> TemplateResponse:
    on = today()
    published = Listing.objects.published(on=on)
    kinds = dict(published.values_list("kind").annotate(n=Count("pk")))
    total = sum(kinds.values())
    values = list(
        Value.objects.filter(indicator__code__in=FRONT_INDICATORS)
        .up_to(on)
        .select_related("indicator")
        .order_by("indicator", "-on")
        .distinct("indicator")
    )
    listings = published.select_related("organisation", "municipality", "unit")
    return TemplateResponse(
        request,
        "kisu/home.html",
        {
            "on": on,
            "examples": [_("wood fibre"), _("plasterboard"), "15 01 02", _("bedding")],
            "tiles": region_tiles(on=on),
            "total": total,
            "kinds": kinds,
            "figures": front_figures(values, listings=total),
            "counted_on": max((value.on for value in values), default=None),
            "newest": listings.newest_first()[:NEWEST],
        },
    )


def region_tiles(*, on: date) -> list[Tile]:
    """The regions with their open listings, each a link to them. Two queries."""
    counts = dict(Listing.objects.published(on=on).values_list("municipality__region").annotate(n=Count("pk")))
    regions = list(Region.objects.order_by("tile_row", "tile_column"))
    levels = map_levels([counts.get(region.pk) for region in regions])
    listings = reverse("symbiosis:listing_list")
    return [
        Tile(
            name=region.name,
            count=counts.get(region.pk, 0),
            url=f"{listings}?region={region.code}",
            level=level,
            column=region.tile_column,
            row=region.tile_row,
        )
        for region, level in zip(regions, levels, strict=True)
    ]


def front_figures(values: Sequence[Value], *, listings: int) -> list[Figure]:
    latest = {value.indicator.code: value for value in values}
    figures = [
        Figure(
            label=str(label),
            value=number(value.amount, value.indicator.decimals),
            unit=pgettext("unit", "%(unit)s/year") % {"unit": value.indicator.unit}
            if value.indicator.unit_code in {"t", "t_co2e"}
            else "",
            url=value.indicator.get_absolute_url(),
        )
        for code, label in FRONT_INDICATORS.items()
        if (value := latest.get(code)) is not None
    ]
    figures.insert(
        1,
        Figure(
            label=_("open listings of materials and expertise"),
            value=number(listings),
            unit="",
            url=reverse("symbiosis:listing_list"),
        ),
    )
    return figures


@public(why="what the network is and how to join")
@require_safe
def about(request: HttpRequest) -> TemplateResponse:
    return TemplateResponse(
        request,
        "kisu/about.html",
        {
            "goals": Goal.objects.order_by("position"),
            "challenges": Challenge.objects.prefetch_related("objectives").order_by("position"),
            "packages": WorkPackage.objects.order_by("code"),
            "national": Indicator.objects.filter(level=Indicator.Level.NATIONAL).order_by("position"),
        },
    )


@public(why="Act 306/2019")
@require_safe
def accessibility(request: HttpRequest) -> TemplateResponse:
    return TemplateResponse(
        request, "kisu/accessibility.html", {"contact_email": settings.CONTACT_EMAIL, "assessed_on": ASSESSED_ON}
    )


@public(why="GDPR art. 13")
@require_safe
def privacy(request: HttpRequest) -> TemplateResponse:
    return TemplateResponse(
        request, "kisu/privacy.html", {"contact_email": settings.CONTACT_EMAIL, "kept": personal_data_kept()}
    )


def personal_data_kept() -> list[tuple[str, list[Kept]]]:
    """What the registry of personal data says, model by model: the notice can't lag behind the portal."""
    known = retention_rules()
    kept = []
    for entry in sorted(personal_models, key=lambda one: one.key):
        rules = known.get(entry.key, {})
        # A row goes as a whole: the time of one of its fields is that of all.
        months = min((rule.months for rule in rules.values() if rule.months), default=None)
        by_purpose: dict[tuple[str, str], list[str]] = {}
        for name, rule in rules.items():
            fields = by_purpose.setdefault((rule.spoken, rule.basis_label), [])
            if name in entry.fields:
                fields.append(field_name(entry.key, name))
        rows = [Kept(", ".join(what), purpose, basis, months) for (purpose, basis), what in by_purpose.items()]
        kept.append((entry.label, rows))
    return kept


@public(why="terms of use")
@require_safe
def terms(request: HttpRequest) -> TemplateResponse:
    return TemplateResponse(request, "kisu/terms.html", {"contact_email": settings.CONTACT_EMAIL})


@public(why="for crawlers; names no page that is not public")
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    text = "User-agent: *\nDisallow: /tili/\nDisallow: /tyopoyta/\nDisallow: /haku/\n"
    return HttpResponse(text if not settings.LOCAL else "User-agent: *\nDisallow: /\n", content_type="text/plain")
