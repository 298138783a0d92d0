"""The plan, its ledger and indicators in the admin. What loading the plan or the night's job writes is marked so."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from members.access import signed_in
from members.audited_admin import AuditedAdmin
from workpackages.models import (
    Actual,
    Allocation,
    BudgetLine,
    BudgetPeriod,
    Challenge,
    ClockPhase,
    Goal,
    Impact,
    Indicator,
    LeadDays,
    Objective,
    PackageContent,
    PackageLead,
    PackageLink,
    PackageRole,
    PersonMonths,
    PlanDifference,
    StaffingYear,
    Target,
    Value,
    WorkPackage,
)

TEXTS = ("text_fi", "text_sv", "text_en")
NAMES = ("name_fi", "name_sv", "name_en")


@admin.register(Goal, Challenge)
class TextAdmin(AuditedAdmin):
    list_display = ("code", "position", "text_fi")
    search_fields = ("code", *TEXTS)
    ordering = ("position", "pk")


@admin.register(Objective)
class ObjectiveAdmin(AuditedAdmin):
    list_display = ("code", "challenge", "position", "text_fi")
    search_fields = ("code", *TEXTS)
    ordering = ("challenge", "position", "pk")
    list_filter = ("challenge",)
    list_select_related = ("challenge",)


@admin.register(ClockPhase)
class ClockPhaseAdmin(AuditedAdmin):
    list_display = ("code", "name_fi", "starts_on", "ends_on")
    search_fields = ("code", *NAMES)
    ordering = ("position", "pk")


@admin.register(WorkPackage)
class WorkPackageAdmin(AuditedAdmin):
    list_display = ("code", "name_fi", "name_sv", "name_en")
    search_fields = ("code", *NAMES)
    ordering = ("code",)


@admin.register(PackageContent)
class PackageContentAdmin(AuditedAdmin):
    list_display = ("code", "package", "kind", "actor", "text_fi")
    list_filter = ("package", "kind", "actor")
    list_select_related = ("package",)
    search_fields = ("code", *TEXTS)
    autocomplete_fields = ("parent",)
    ordering = ("package", "position", "pk")


@admin.register(PackageRole)
class PackageRoleAdmin(AuditedAdmin):
    list_display = ("code", "package", "partner", "years", "is_main", "text_fi")
    list_filter = ("package", "partner", "is_main", "first_year")
    list_select_related = ("package",)
    search_fields = ("code", *TEXTS)
    ordering = ("package", "position", "pk")


@admin.register(PackageLink)
class PackageLinkAdmin(AuditedAdmin):
    list_display = ("source", "target", "kind", "is_strong", "text_fi")
    list_filter = ("source", "target", "kind", "is_strong")
    list_select_related = ("source", "target")
    search_fields = TEXTS
    ordering = ("position", "pk")


class PlanOwnedAdmin(AuditedAdmin):
    """What a person changes here is the person's own from then on, and loading the plan leaves it alone."""

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        obj.from_plan = False
        super().save_model(request, obj, form, change)


@admin.register(PackageLead)
class PackageLeadAdmin(PlanOwnedAdmin):
    list_display = ("package", "partner", "starts_on", "ends_on", "from_plan")
    list_filter = ("package", "partner", "from_plan")
    readonly_fields = ("from_plan",)
    list_select_related = ("package",)
    date_hierarchy = "starts_on"
    ordering = ("package", "starts_on")


@admin.register(PlanDifference)
class PlanDifferenceAdmin(AuditedAdmin):
    list_display = ("code", "kind", "place_fi", "printed", "computed")
    list_filter = ("kind", "packages")
    search_fields = ("code", "place_fi", "place_sv", "place_en", "note_fi", "note_sv", "note_en")
    ordering = ("position", "pk")


@admin.register(BudgetPeriod)
class BudgetPeriodAdmin(AuditedAdmin):
    list_display = ("__str__", "starts_on", "ends_on", "printed_total_eur", "printed_days_total")
    ordering = ("-starts_on",)


@admin.register(BudgetLine)
class BudgetLineAdmin(AuditedAdmin):
    list_display = ("code", "period", "package", "parent", "name_fi", "amount_eur")
    list_filter = ("period", "package", "group")
    list_select_related = ("period", "package", "parent")
    search_fields = ("code", *NAMES)
    autocomplete_fields = ("parent",)
    ordering = ("-period__starts_on", "position", "pk")


@admin.register(Actual)
class ActualAdmin(AuditedAdmin):
    list_display = ("line", "period", "until", "amount_eur", "days")
    list_filter = ("line__period", "line__package")
    list_select_related = ("line__period",)
    autocomplete_fields = ("line",)
    date_hierarchy = "until"
    ordering = ("-until", "pk")

    @admin.display(ordering="line__period")
    def period(self, actual: Actual) -> str:
        return str(actual.line.period)


@admin.register(Allocation)
class AllocationAdmin(AuditedAdmin):
    list_display = ("period", "package", "days_motiva", "days_syke", "printed_total")
    list_filter = ("period", "package")
    list_select_related = ("period", "package")
    ordering = ("-period__starts_on", "package")


@admin.register(LeadDays)
class LeadDaysAdmin(AuditedAdmin):
    list_display = ("period", "package", "partner", "days")
    list_filter = ("period", "package", "partner")
    list_select_related = ("period", "package")
    ordering = ("-period__starts_on", "package", "partner")


@admin.register(StaffingYear)
class StaffingYearAdmin(AuditedAdmin):
    list_display = ("year", "starts_on", "ends_on", "printed_motiva", "printed_syke")
    ordering = ("year",)


@admin.register(PersonMonths)
class PersonMonthsAdmin(AuditedAdmin):
    list_display = ("year", "package", "partner", "months")
    list_filter = ("year", "package", "partner")
    list_select_related = ("package",)
    ordering = ("year", "package", "partner")


@admin.register(Indicator)
class IndicatorAdmin(AuditedAdmin):
    list_display = ("code", "name_fi", "level", "package", "metric", "unit_code", "from_plan")
    list_filter = ("level", "package", "basis", "from_plan")
    list_select_related = ("package",)
    search_fields = ("code", "metric", *NAMES)
    readonly_fields = ("from_plan",)
    ordering = ("position", "pk")


@admin.register(Target)
class TargetAdmin(PlanOwnedAdmin):
    list_display = ("indicator", "on", "amount", "amount_high", "source", "from_plan")
    list_filter = ("from_plan", "indicator__level")
    list_select_related = ("indicator",)
    search_fields = ("indicator__name_fi", "source")
    autocomplete_fields = ("indicator",)
    readonly_fields = ("set_by", "from_plan")
    date_hierarchy = "on"
    ordering = ("-on", "pk")

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        obj.set_by = signed_in(request)
        super().save_model(request, obj, form, change)


@admin.register(Value)
class ValueAdmin(AuditedAdmin):
    """Values that people enter; those that the portal counts are shown but not changed."""

    list_display = ("indicator", "on", "amount", "origin", "evidence")
    list_filter = ("origin", "indicator__level", "indicator__package")
    list_select_related = ("indicator",)
    search_fields = ("indicator__name_fi", "indicator__code", "evidence")
    autocomplete_fields = ("indicator",)
    readonly_fields = ("origin", "entered_by", "recorded_at")
    date_hierarchy = "on"
    ordering = ("-on", "pk")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        counted = obj is not None and obj.origin == Value.Origin.COUNTED
        return not counted and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        counted = obj is not None and obj.origin == Value.Origin.COUNTED
        return not counted and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """No deleting in bulk: it would not ask each value whether it is a counted one."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        obj.origin, obj.entered_by = Value.Origin.ENTERED, signed_in(request)
        super().save_model(request, obj, form, change)


@admin.register(Impact)
class ImpactAdmin(AuditedAdmin):
    list_display = ("__str__", "owner", "kind", "starts_on", "kept_in_use_t", "co2e_t", "attribution_percent", "source")
    list_filter = ("kind", "one_off")
    search_fields = ("source",)
    date_hierarchy = "starts_on"
    ordering = ("-starts_on", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        owners = [relation.get_accessor_name() or "" for relation in Impact.owners()]
        return super().get_queryset(request).select_related(*owners)
