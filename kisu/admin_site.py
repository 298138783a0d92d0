"""The Django admin of the service centre, grouped by task. What it writes is audited by members/audited_admin.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from members.access import signed_in
from members.permissions import Role


class KisuAdminSite(admin.AdminSite):
    site_header = _("Administration of Circular Economy Finland")
    site_title = _("KiSu administration")
    index_title = _("What do you want to look after?")
    enable_nav_sidebar = True

    # By task, not by app: what a person of the service centre comes to do.
    groups: tuple[tuple[Any, tuple[str, ...]], ...] = (
        (_("Network"), ("Organisation", "Person", "Affiliation", "MembershipApplication", "Invitation")),
        (_("Accounts and rights"), ("User", "RoleGrant", "EmailAddress", "Authenticator", "UserSession")),
        (
            _("Symbiosis"),
            (
                *("Listing", "Attachment", "Match", "MatchAnswer", "Pool", "PoolPart", "Chain"),
                *("Enquiry", "Message", "Synergy", "SynergyStep"),
            ),
        ),
        (
            _("Knowledge of the matching"),
            (
                *("ListingReading", "ReadingCorrection", "AddedMaterial", "AddedUse", "AddedTerm", "AddedFitness"),
                *("MatchingRelease", "ReleaseDifference"),
            ),
        ),
        (
            _("Plan and budget"),
            (
                *("Goal", "Objective", "WorkPackage", "PackageContent", "PackageRole", "PackageLink", "PackageLead"),
                *("ClockPhase", "BudgetPeriod", "BudgetLine", "Allocation", "Actual", "LeadDays"),
                *("StaffingYear", "PersonMonths", "PlanDifference"),
            ),
        ),
        (_("Indicators"), ("Challenge", "Indicator", "Target", "Value", "Impact")),
        (
            _("Reference data"),
            ("Region", "Municipality", "Industry", "MaterialClass", "WasteChapter", "WasteCode", "Service", "Unit"),
        ),
        (_("Log and jobs"), ("AuditEntry", "JobRun", "Mail", "Notification")),
    )

    # Of packages that do not speak Finnish.
    names: Mapping[str, Any] = {"Authenticator": _("Second factors"), "UserSession": _("Sessions in use")}

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Who is signed in without the right gets 403 as everywhere, not Django's second sign-in page."""
        inner: Callable[..., HttpResponse] = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            return inner(request, *args, **kwargs)

        return guarded

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The portal has one door, with its second factor and its limits."""
        if request.user.is_authenticated:
            if not self.has_permission(request):
                raise PermissionDenied
            return redirect("admin:index")
        return redirect_to_login(reverse("admin:index"))

    def password_change(  # type: ignore[override]  # a redirect
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The portal's page tells the person by mail, and ends the other sessions."""
        return redirect("account_change_password")

    @cached_property
    def _lists(self) -> dict[tuple[frozenset[Role], str | None], list[dict[str, Any]]]:
        """By the reader's roles, from which every right in the administration follows, and language."""
        return {}

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Stands beside every page of the administration, so it is not put together anew for each."""
        if app_label is not None:
            return list(super().get_app_list(request, app_label))
        reader = signed_in(request).roles, get_language()
        if reader not in self._lists:
            self._lists[reader] = self._grouped(request)
        return self._lists[reader]

    def _grouped(self, request: HttpRequest) -> list[dict[str, Any]]:
        apps = super().get_app_list(request)
        rows = {model["object_name"]: model for app in apps for model in app["models"]}
        for name in self.names.keys() & rows.keys():
            rows[name]["name"] = self.names[name]
        grouped = []
        for number, (title, names) in enumerate(self.groups):
            models_here = [rows.pop(name) for name in names if name in rows]
            if models_here:
                grouped.append(
                    {
                        "name": title,
                        "app_label": f"group-{number}",
                        "app_url": "",
                        "has_module_perms": True,
                        "models": models_here,
                    }
                )
        if rows:
            rest = sorted(rows.values(), key=lambda model: str(model["name"]))
            grouped.append(
                {"name": _("Other"), "app_label": "group-rest", "app_url": "", "has_module_perms": True, "models": rest}
            )
        return grouped
