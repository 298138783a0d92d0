from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from kisu.lib.dates import today
from kisu.lib.tables import Column, filter_chips, table_page
from members.access import requires, signed_in, visible_or_404
from members.permissions import Permission
from workpackages.budget import Use, leads_on, ledger_of
from workpackages.filters import DifferenceFilter
from workpackages.models import BudgetPeriod, PackageContent, PackageLead, PackageRole, PlanDifference, WorkPackage
from workpackages.models.package import Partner
from workpackages.progress import standings


@dataclass(frozen=True, slots=True)
class Branch:
    """A content of a package with its parts."""

    content: PackageContent
    parts: list[Branch]


@dataclass(frozen=True, slots=True)
class Listed:
    package: WorkPackage
    lead: PackageLead | None
    coming: PackageLead | None
    use: Use | None


@requires(Permission.DASHBOARD)
@require_safe
def package_list(request: HttpRequest) -> TemplateResponse:
    on = today()
    period, uses = _uses(on=on)
    listed = []
    for package in WorkPackage.objects.prefetch_related("leads").order_by("code"):
        lead, coming = leads_on(list(package.leads.all()), on)
        listed.append(Listed(package, lead, coming, uses.get(package.pk)))
    return TemplateResponse(
        request,
        "workpackages/package_list.html",
        {
            "packages": listed,
            "period": period,
            "differences": PlanDifference.objects.count(),
            "may_steer": signed_in(request).may(Permission.STEERING_VIEW),
        },
    )


@requires(Permission.DASHBOARD)
@require_safe
def package_detail(request: HttpRequest, code: str) -> TemplateResponse:
    on = today()
    package = visible_or_404(WorkPackage.objects.all(), code=code)
    leads = list(package.leads.order_by("starts_on"))
    lead, coming = leads_on(leads, on)
    period, uses = _uses(on=on)
    return TemplateResponse(
        request,
        "workpackages/package_detail.html",
        {
            "package": package,
            "leads": leads,
            "lead": lead,
            "coming": coming,
            "handover": _handover(leads),
            "contents": _contents(list(package.contents.order_by("position"))),
            "roles": _roles(list(package.partner_roles.order_by("position"))),
            "links_out": package.links_out.select_related("target").order_by("position"),
            "links_in": package.links_in.select_related("source").order_by("position"),
            "period": period,
            "use": uses.get(package.pk),
            "lead_days": package.lead_days.filter(period=period).order_by("partner") if period else [],
            # What was used is for those who see the steering view; the plan is for everyone who signs in.
            "may_steer": signed_in(request).may(Permission.STEERING_VIEW),
            "standings": standings(package.indicators.all(), on=on),
            "differences": package.differences.order_by("position"),
        },
    )


@requires(Permission.DASHBOARD)
@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def plan_differences(request: HttpRequest) -> HttpResponseBase:
    columns = [
        Column("place", gettext_lazy("Place in the plan"), order_by="position"),
        Column("kind", gettext_lazy("Kind"), order_by="kind", export=lambda row: row.get_kind_display()),
        Column("packages", gettext_lazy("Work packages"), export=_codes),
        Column("printed_figure", gettext_lazy("Printed"), numeric=True),
        Column("computed_figure", gettext_lazy("Computed"), numeric=True),
        Column("note", gettext_lazy("Note")),
    ]
    differences = PlanDifference.objects.prefetch_related("packages")
    found = DifferenceFilter(request.GET, queryset=differences, request=request)
    table = table_page(request, found.qs.distinct(), columns, default="place", per_page=100)
    if download := table.download(_("Differences in the plan")):
        return download
    return TemplateResponse(
        request,
        "workpackages/plan_differences.html",
        {"table": table, "filter": found, "chips": filter_chips(request, found.form)},
    )


def _codes(row: PlanDifference) -> str:
    return ", ".join(package.code for package in row.packages.all())


def _uses(*, on: date) -> tuple[BudgetPeriod | None, dict[int, Use]]:
    """The current period's money and days by package."""
    period = BudgetPeriod.objects.current(on=on)
    if period is None:
        return None, {}
    uses = ledger_of(period, on=on).uses
    return period, {use.line.package_id: use for use in uses if use.line.package_id is not None}


def _handover(leads: list[PackageLead]) -> tuple[PackageLead, PackageLead] | None:
    """The last change of lead: who gave and who took, on the day the latter starts."""
    pairs = [(old, new) for old, new in pairwise(leads) if old.partner != new.partner]
    return pairs[-1] if pairs else None


def _contents(rows: list[PackageContent]) -> list[tuple[str, list[Branch]]]:
    """Trees of contents by the kind of their root, in the plan's order."""

    def branch(row: PackageContent) -> Branch:
        return Branch(row, [branch(part) for part in rows if part.parent_id == row.pk])

    kinds: dict[str, list[Branch]] = {}
    for row in rows:
        if row.parent_id is None:
            kinds.setdefault(row.kind, []).append(branch(row))
    titles = {
        PackageContent.Kind.OBJECTIVE: _("Aims"),
        PackageContent.Kind.CONTENT: _("Contents"),
        PackageContent.Kind.PHASE: _("Phases"),
        PackageContent.Kind.PRINCIPLE: _("Principles"),
        PackageContent.Kind.THEME: _("Themes"),
        PackageContent.Kind.EMPHASIS: _("Emphases"),
        PackageContent.Kind.OPERATING_MODEL: _("Ways of working"),
    }
    return [(titles[kind], kinds[kind]) for kind in titles if kind in kinds]


def _roles(rows: list[PackageRole]) -> list[tuple[str, list[tuple[str, list[PackageRole]]]]]:
    """Tasks by organisation, and within one by the years printed above them."""
    result = []
    for partner, label in Partner.choices:
        years: dict[str, list[PackageRole]] = {}
        for row in rows:
            if row.partner == partner:
                years.setdefault(row.years, []).append(row)
        if years:
            result.append((str(label), list(years.items())))
    return result
