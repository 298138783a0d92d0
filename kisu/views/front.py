"""Pages for everybody: the front page, what the network is, and what the law asks for."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from kisu.lib.dates import today
from kisu.lib.language import name_column
from members.access import public
from members.models import Organisation, Region
from symbiosis.models import Listing
from workpackages.models import Challenge, Goal, Indicator, Value, WorkPackage

# The figures of the front page, by the codes of their indicators; one that has no value yet is left out.
FRONT_INDICATORS = ("member_organisations", "synergies_realised", "material_kept_in_use", "co2e_reduction")


@public(why="the front page")
@require_safe
def home(request: HttpRequest) -> TemplateResponse:
    on = today()
    published = Listing.objects.published(on=on)
    counts = dict(published.values_list("municipality__region").annotate(n=Count("pk")))
    kinds = dict(published.values_list("kind").annotate(n=Count("pk")))
    values = (
        Value.objects.filter(indicator__code__in=FRONT_INDICATORS)
        .select_related("indicator")
        .order_by("indicator", "-on")
        .distinct("indicator")
    )
    latest = {value.indicator.code: value for value in values}
    return TemplateResponse(
        request,
        "kisu/home.html",
        {
            "on": on,
            "regions": [(region, counts.get(region.pk, 0)) for region in Region.objects.order_by("code")],
            "total": sum(counts.values()),
            "kinds": kinds,
            "figures": [latest[code] for code in FRONT_INDICATORS if code in latest],
            "newest": published.select_related("organisation", "municipality", "unit").order_by("-published_at", "-pk")[
                :6
            ],
            "member_count": Organisation.objects.members(on=on).count(),
        },
    )


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
            "regions": Region.objects.order_by(name_column()),
        },
    )


@public(why="Act 306/2019")
@require_safe
def accessibility(request: HttpRequest) -> TemplateResponse:
    return TemplateResponse(request, "kisu/accessibility.html", {"contact_email": settings.CONTACT_EMAIL})


@public(why="GDPR art. 13")
@require_safe
def privacy(request: HttpRequest) -> TemplateResponse:
    return TemplateResponse(request, "kisu/privacy.html", {"contact_email": settings.CONTACT_EMAIL})


@public(why="terms of use")
@require_safe
def terms(request: HttpRequest) -> TemplateResponse:
    return TemplateResponse(request, "kisu/terms.html", {"contact_email": settings.CONTACT_EMAIL})


@public(why="for crawlers; names no page that is not public")
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    text = "User-agent: *\nDisallow: /tili/\nDisallow: /tyopoyta/\nDisallow: /haku/\n"
    return HttpResponse(text if not settings.LOCAL else "User-agent: *\nDisallow: /\n", content_type="text/plain")
