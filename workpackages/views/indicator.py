from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kisu.lib import formats
from kisu.lib.charts import Chart, Series
from kisu.lib.dates import Period, today
from kisu.lib.exports import Cell, csv_response, xlsx_response
from kisu.lib.metrics import MetricRow, metrics
from kisu.lib.tables import PAGE, NearestPaginator
from members.access import editable_or_403, public, requires, signed_in
from members.models import User
from members.permissions import Permission
from members.services.jobs import start_job
from workpackages.budget import leads_on
from workpackages.crosstabs import values_by_month
from workpackages.evidence import rows_behind
from workpackages.forms import TargetForm, ValueForm
from workpackages.models import Indicator, Value
from workpackages.progress import WATCH_FROM, Standing, in_levels, standings, tone, word
from workpackages.services import WorkPackagesError
from workpackages.services.indicators import enter_value, set_target

ROWS_A_PAGE = 25
VALUES_SHOWN = 12
MONTHLY_UP_TO = 18  # months; a longer chart has a point a quarter


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str
    url: str = ""
    note: str = ""
    unit: str = ""


@public(why="the network's figures are public")
@require_safe
def indicator_list(request: HttpRequest) -> TemplateResponse:
    found = standings(Indicator.objects.all(), on=today())
    return TemplateResponse(request, "workpackages/indicator_list.html", {"levels": in_levels(found)})


@public(why="the same figures as the list, as a file")
@require_safe
def indicator_list_csv(request: HttpRequest) -> HttpResponse:
    header: list[Cell] = [
        _("Indicator"), _("Level"), _("Work package"), _("State"), _("Value"), _("Unit"), _("Day"), _("Target path"),
        _("Per cent of the target path"), _("Target"), _("Day of the target"), _("Change in 12 months"),
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [
            one.indicator.name,
            one.indicator.get_level_display(),
            one.indicator.package.code if one.indicator.package else "",
            one.word,
            one.latest.amount if one.latest else None,
            one.indicator.unit,
            one.latest.on if one.latest else None,
            _rounded(one.path),
            one.percent_shown,
            one.goal.amount if one.goal else None,
            one.goal.on if one.goal else None,
            one.change,
        ]
        for one in standings(Indicator.objects.all(), on=today())
    ]
    return csv_response(_("Indicators"), header, rows)


@public(why="the same figures as the list, by month")
@require_safe
def indicator_crosstab(request: HttpRequest) -> HttpResponse:
    header, rows = values_by_month(on=today())
    return xlsx_response(_("Indicators by month"), header, rows)


@public(why="the network's figures are public; the rows behind them by INDICATOR_ROWS")
@require_safe
def indicator_detail(request: HttpRequest, code: str) -> TemplateResponse:
    on = today()
    standing = _standing(code, on=on)
    indicator = standing.indicator
    user = request.user if request.user.is_authenticated else None
    rows = None
    if indicator.counts is not None:
        rows = _rows(request, standing, on=on)
    return TemplateResponse(
        request,
        "workpackages/indicator_detail.html",
        {
            "standing": standing,
            "indicator": indicator,
            "stats": _stats(standing),
            "chart": _chart(standing),
            "facts": _facts(standing, on=on, linked=user is not None),
            "rows": rows,
            "history": indicator.values.up_to(on).order_by("-on")[:VALUES_SHOWN],
            "may_enter": user is not None and user.may(Permission.INDICATOR_VALUE) and _may_enter(user, indicator),
            "may_define": user is not None and user.may(Permission.INDICATOR_DEFINE),
        },
    )


@public(why="the same figures as the indicator's page, as a file")
@require_safe
def value_list(request: HttpRequest, code: str) -> HttpResponse:
    """Every value of an indicator with the target path of its day."""
    on = today()
    standing = _standing(code, on=on)
    header: list[Cell] = [
        _("Day"), _("Value"), _("Unit"), _("Target path"), _("State"), _("Origin"), _("Evidence"),
    ]  # fmt: skip
    rows: list[list[Cell]] = []
    for value in standing.indicator.values.up_to(on).order_by("on"):
        path = standing.path_on(value.on)
        state = word(tone(standing.percent_of_path(value.amount, path)))
        unit = standing.indicator.unit
        rows.append([value.on, value.amount, unit, _rounded(path), state, value.get_origin_display(), value.evidence])
    return csv_response(standing.indicator.name, header, rows)


@requires(Permission.INDICATOR_ROWS)
@require_safe
def indicator_rows(request: HttpRequest, code: str) -> HttpResponse:
    """The rows behind a counted figure that the user may read; for those who see figures only, their number and sum."""
    on = today()
    standing = _standing(code, on=on)
    metric = standing.indicator.counts
    if metric is None:
        raise Http404
    day = _counted_on(standing, on=on)
    rows = rows_behind(metric, user=signed_in(request), on=day)
    if rows is None:
        totals: list[Cell] = [metric.rows(day).count(), day, metric.value(day)]
        return csv_response(_("Rows behind the figure"), [_("Number of rows"), _("Day"), _("Sum")], [totals])
    header: list[Cell] = [_("Row"), _("Details"), _("Day"), _("Amount")]
    lines: list[list[Cell]] = [
        [row.label, row.detail, row.on, row.amount] for row in map(metric.describe, rows.iterator(chunk_size=2000))
    ]
    return csv_response(_("Rows behind the figure"), header, lines)


@requires(Permission.INDICATOR_DEFINE)
@require_POST
def indicator_recount(request: HttpRequest, code: str) -> HttpResponse:
    user = signed_in(request)
    indicator = editable_or_403(Indicator.objects.all(), Indicator.objects.definable_by(user), code=code)
    if not indicator.metric:
        messages.error(request, _("People enter the values of this indicator: there is nothing to count."))
        return redirect(indicator)
    run = start_job(
        by=user, job="workpackages.update_indicators", arguments={"indicator": indicator.code}, now=timezone.now()
    )
    return redirect(run)


@requires(Permission.INDICATOR_VALUE)
@require_http_methods(["GET", "HEAD", "POST"])
def value_new(request: HttpRequest, code: str) -> HttpResponse:
    user = signed_in(request)
    indicator = editable_or_403(Indicator.objects.all(), Indicator.objects.editable_by(user), code=code)
    form = ValueForm(request.POST or None, indicator=indicator, today=today())
    if request.method == "POST" and form.is_valid():
        try:
            enter_value(by=user, indicator=indicator, **form.cleaned_data)
        except WorkPackagesError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect(indicator)
    return TemplateResponse(request, "workpackages/value_new.html", {"form": form, "indicator": indicator})


@requires(Permission.INDICATOR_DEFINE)
@require_http_methods(["GET", "HEAD", "POST"])
def target_new(request: HttpRequest, code: str) -> HttpResponse:
    user = signed_in(request)
    indicator = editable_or_403(Indicator.objects.all(), Indicator.objects.definable_by(user), code=code)
    form = TargetForm(request.POST or None, indicator=indicator)
    if request.method == "POST" and form.is_valid():
        set_target(by=user, indicator=indicator, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect(indicator)
    targets = indicator.targets.order_by("on")
    return TemplateResponse(
        request, "workpackages/target_new.html", {"form": form, "indicator": indicator, "targets": targets}
    )


def _standing(code: str, *, on: date) -> Standing:
    """Every indicator is public: 404 only for a code that is not there."""
    indicators = Indicator.objects.filter(code=code).select_related("package", "challenge", "objective")
    found = standings(indicators.prefetch_related("package__leads"), on=on)
    if not found:
        raise Http404
    return found[0]


def _may_enter(user: User, indicator: Indicator) -> bool:
    return Indicator.objects.editable_by(user).filter(pk=indicator.pk).exists()


def _counted_on(standing: Standing, *, on: date) -> date:
    return standing.latest.on if standing.latest else on


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(Decimal("0.001"))


def _drawn(value: Decimal | None, places: int) -> Decimal | None:
    """For the chart: as many decimals as the indicator, one more for a small figure."""
    return None if value is None else round(value, places + (abs(value) < 100))


def _rows(request: HttpRequest, standing: Standing, *, on: date) -> dict[str, Any]:
    """What the page tells of the rows behind a counted figure: a page of them, or only how many there are."""
    metric = standing.indicator.counts
    assert metric is not None  # noqa: S101  the caller asked
    day = _counted_on(standing, on=on)
    readable: QuerySet[Any] | None = rows_behind(metric, user=request.user, on=day)
    page, shown = None, list[MetricRow]()
    if readable is not None:
        page = NearestPaginator(readable, ROWS_A_PAGE).get_page(request.GET.get(PAGE, "1"))
        shown = metric.described(list(page.object_list))
    sees_all = page is not None and signed_in(request).reach(Permission.INDICATOR_ROWS).everything
    count = page.paginator.count if page is not None and sees_all else metric.rows(day).count()
    now = Decimal(count) if metric.amount is None else metric.value(day)
    apart = metrics.get(metric.apart) if metric.apart else None
    return {
        "on": day,
        "count": count,
        "page": page,
        "shown": shown,
        "has_amount": metric.amount is not None,
        # The records may have changed since the night: then the page says so instead of hiding it.
        "now": now if standing.latest and _rounded(now) != standing.latest.amount else None,
        "apart": apart.value(day) if apart else None,
    }


def _stats(standing: Standing) -> list[Fact]:
    indicator, latest = standing.indicator, standing.latest
    if latest is None:
        return []
    places, day = indicator.decimals, formats.date(latest.on)
    percent = formats.number(standing.percent_shown)
    return [
        Fact(_("on %(day)s") % {"day": day}, formats.number(latest.amount, places), unit=indicator.unit),
        Fact(
            _("target path on the same day"),
            formats.number(standing.path, standing.path_places),
            unit=indicator.unit if standing.path is not None else "",
        ),
        Fact(_("of the target path"), percent, unit="%" if standing.percent is not None else ""),
        Fact(
            _("change in 12 months"),
            formats.signed(standing.change, places),
            unit=indicator.unit if standing.change is not None else "",
        ),
    ]


def _facts(standing: Standing, *, on: date, linked: bool) -> list[Fact]:
    indicator = standing.indicator
    facts = [Fact(_("Unit"), indicator.unit or _("The plan gives none"))]
    if indicator.metric:
        facts.append(Fact(_("Updated"), _("Every night, from the portal's records")))
    else:
        facts.append(Fact(_("Updated"), _("By hand, with evidence")))
    if indicator.package is not None:
        lead, _next = leads_on(list(indicator.package.leads.all()), on)
        url = indicator.package.get_absolute_url() if linked else ""
        facts.append(
            Fact(_("Work package"), str(indicator.package), url, str(lead.get_partner_display()) if lead else "")
        )
    if indicator.challenge is not None:
        facts.append(Fact(_("Challenge"), str(indicator.challenge)))
    if indicator.objective is not None:
        facts.append(Fact(_("Objective"), str(indicator.objective)))
    facts.append(Fact(_("Basis"), str(indicator.get_basis_display())))
    for target in standing.targets:
        amount = formats.number(target.amount, indicator.decimals)
        if target.amount_high is not None:
            amount = f"{amount}–{formats.number(target.amount_high, indicator.decimals)}"
        if target.is_approximate:
            amount = _("about %(amount)s") % {"amount": amount}
        by = _("by %(day)s") % {"day": formats.date(target.on)}
        facts.append(Fact(_("Target"), f"{amount} {indicator.unit}".strip(), note=by))
    if indicator.goal_times is not None:
        goal = _("%(times)s times the base year by %(year)s") % {
            "times": formats.number(indicator.goal_times),
            "year": indicator.goal_year or formats.UNKNOWN,
        }
        facts.append(Fact(_("Goal"), goal, note=_("The plan prints no base year, so there is no target path.")))
    return facts


def _chart(standing: Standing) -> Chart | None:
    """The values and the target path, a point a month or a quarter; nothing for fewer than two points."""
    if not standing.values:
        return None
    first, last = standing.values[0].on, standing.values[-1].on
    end = max(last, standing.goal.on) if standing.goal else last
    months = (end.year - first.year) * 12 + end.month - first.month
    span = Period.containing(first, "month" if months <= MONTHLY_UP_TO else "quarter")
    periods = []
    while span.start <= end:
        periods.append(span)
        span = span.shifted(1)
    if len(periods) < 2:
        return None
    by_period: dict[str, Value] = {}
    for value in standing.values:
        by_period[Period.containing(value.on, periods[0].span).key] = value
    actual = [by_period.get(period.key) for period in periods]
    # Where there is a value the path is that of its day, so that the two can be compared.
    days = [value.on if value else min(period.end, end) for value, period in zip(actual, periods, strict=True)]
    path = [_drawn(standing.path_on(day), standing.indicator.decimals) for day in days]
    indicator, has_path = standing.indicator, any(point is not None for point in path)
    series = [Series(pgettext("series of a chart", "Actual"), [v.amount if v else None for v in actual], "actual")]
    band = None
    if has_path:
        series.append(Series(_("Target path"), path, "target"))
        low = [_drawn(point and point * WATCH_FROM / 100, indicator.decimals) for point in path]
        if indicator.direction == Indicator.Direction.UP:
            band = (_("90 to 100 per cent of the target path"), low, path)
    named = {"name": indicator.name}
    title = {
        "ok": _("%(name)s: on the target path") % named,
        "watch": _("%(name)s: slightly off the target path") % named,
        "late": _("%(name)s: clearly off the target path") % named,
        "neutral": _("%(name)s: development") % named,
    }[standing.tone]
    subtitle = _("Last value of each month") if periods[0].span == "month" else _("Last value of each quarter")
    return Chart(
        key="trend",
        title=title,
        subtitle=f"{subtitle}, {indicator.unit}" if indicator.unit else subtitle,
        label_name=_("Month") if periods[0].span == "month" else _("Quarter"),
        labels=[f"{p.start.month}/{p.start.year}" if p.span == "month" else p.label for p in periods],
        series=series,
        unit=indicator.unit,
        places=indicator.decimals,
        source=_("records of the portal, %(day)s") % {"day": formats.date(last)}
        if indicator.metric
        else _("entered by people, %(day)s") % {"day": formats.date(last)},
        band=band,
    )
