"""Figures on the desks: of a region, of its synergies' path, of the network. Each block takes few queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import npgettext

from kisu.lib import formats
from kisu.lib.dates import add_months, month_span
from kisu.views.desk_blocks import Block
from members.models import Organisation, User
from members.permissions import Permission
from symbiosis.models import Listing, Match, Synergy, SynergyStep
from workpackages.models import Impact, Indicator
from workpackages.progress import Standing, standings

MONTHS = 12
FUNNEL_WIDTH = 400


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a region with its course over twelve months, empty where the records don't tell the past."""

    name: str
    url: str
    now: str
    change: str
    course: Sequence[Decimal | int]


def region_figures(user: User, on: date) -> Block:
    """Counted from the records of the coordinator's regions, at each month's end. Five queries."""
    regions = user.reach(Permission.SYNERGY_EDIT).regions
    days = [month.end for month in month_span(add_months(on, -MONTHS), add_months(on, -1))] + [on]
    organisations = Organisation.objects.filter(municipality__region__in=regions)
    spans = list(organisations.values_list("joined_on", "left_on"))
    synergies = list(Synergy.objects.editable_by(user).values_list("started_on", "realised_on", "stage"))
    kept = Impact.objects.filter(synergy__region__in=regions).exclude(kind=Impact.Kind.ESTIMATED)
    tonnes = list(kept.values_list("starts_on", F("kept_in_use_t") * F("attribution_percent") / 100))
    listings = Listing.objects.published(on=on).filter(municipality__region__in=regions).count()
    good = Match.objects.open().visible_to(user).filter(match_class=Match.MatchClass.GOOD).count()
    under_way = sum(stage in Synergy.OPEN for _started, _realised, stage in synergies)
    members_url, listings_url = reverse("members:organisation_list"), reverse("symbiosis:listing_list")
    synergies_url = reverse("symbiosis:synergy_list")
    members = [
        sum(joined is not None and joined <= day and (left is None or left > day) for joined, left in spans)
        for day in days
    ]
    realised = [sum(done is not None and done <= day for _started, done, _stage in synergies) for day in days]
    material = [sum((amount for since, amount in tonnes if since <= day), Decimal(0)) for day in days]
    rows = [
        _figure(_("Member organisations"), members_url, members),
        Figure(_("Open listings"), listings_url, formats.number(listings), "", ()),
        Figure(_("Good matches"), reverse("symbiosis:match_list"), formats.number(good), "", ()),
        Figure(_("Synergies under way"), synergies_url, formats.number(under_way), "", ()),
        _figure(_("Realised synergies"), synergies_url, realised),
        _figure(_("Material kept in use, t a year"), synergies_url, [round(amount) for amount in material]),
    ]
    note = _("12 months, %(date)s") % {"date": formats.date(on)}
    return Block("region", "figures", _("Figures of the region"), rows, note=note)


def _figure(name: str, url: str, course: Sequence[int]) -> Figure:
    return Figure(name, url, formats.number(course[-1]), formats.signed(course[-1] - course[0]), course)


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    count: int
    width: int
    percent: int | None


def funnel(user: User, on: date) -> Block:
    """How many synergies have reached each stage or a later one, also those that lapsed afterwards. One query."""
    path = [str(stage) for stage in Synergy.PATH]
    reached: dict[int, int] = {}
    steps = SynergyStep.objects.filter(synergy__in=Synergy.objects.editable_by(user), stage__in=path)
    for synergy, stage in steps.values_list("synergy", "stage"):
        reached[synergy] = max(reached.get(synergy, 0), path.index(stage))
    counts = [sum(place >= number for place in reached.values()) for number in range(len(path))]
    rows = [
        Step(
            _reached(stage, count),
            count,
            round(FUNNEL_WIDTH * count / counts[0]),
            round(count * 100 / before) if number and before else None,
        )
        for number, (stage, count, before) in enumerate(zip(path, counts, [0, *counts], strict=False))
        if counts[0]
    ]
    return Block("funnel", "funnel", _("From idea to practice"), rows)


def _reached(stage: str, count: int) -> str:
    """What stands after the number."""
    match stage:
        case Synergy.Stage.IDEA:
            return npgettext("synergies", "idea", "ideas", count)
        case Synergy.Stage.DISCUSSION:
            return npgettext("synergies", "discussion", "discussions", count)
        case Synergy.Stage.NEGOTIATION:
            return npgettext("synergies", "negotiation", "negotiations", count)
        case Synergy.Stage.IMPLEMENTATION:
            return npgettext("synergies", "implementation", "implementations", count)
    return npgettext("synergies", "realised", "realised", count)


def counted_indicators(user: User, on: date) -> Block:
    return _indicators("figures", _("Figures"), Indicator.objects.counted(), on)


def communication_indicators(user: User, on: date) -> Block:
    return _indicators("communication", _("Communication"), Indicator.objects.filter(package__code="TP6"), on)


def indicators_to_enter(user: User, on: date) -> Block:
    """Of the own work packages; for staff, who may enter all of them, it would be a list of everything."""
    packages = user.reach(Permission.INDICATOR_VALUE).packages
    mine = Indicator.objects.editable_by(user).filter(package__code__in=packages)
    return _indicators("enter", _("Indicators of your work package"), mine, on)


def _indicators(key: str, title: str, indicators: QuerySet[Indicator], on: date) -> Block:
    found: list[Standing] = standings(indicators, on=on)
    return Block(
        "indicators",
        key,
        title,
        found,
        more_url=reverse("workpackages:indicator_list"),
        more_label=_("All indicators"),
    )
