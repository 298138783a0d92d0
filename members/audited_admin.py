"""The admin class of every model: in the portal's rights, and each write leaves the same audit row as a service's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from kisu.lib.personal_data import personal_models
from members.access import signed_in
from members.models import AuditEntry
from members.services.audit import record, record_change, record_creation, snapshot

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin  # generic for the type checker only


class AuditedAdmin(_ModelAdmin):
    """Every write leaves the same audit row as a service's, and objects link to their page in the portal."""

    list_per_page = 50
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    show_full_result_count = False

    def view_on_site(self, obj: models.Model) -> str | None:
        url = getattr(obj, "get_absolute_url", None)
        return str(url()) if url else None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Looking at a row about a person is an act of its own (docs/roles.md, 54)."""
        response = super().change_view(request, object_id, form_url, extra_context)
        looked = request.method == "GET" and response.status_code == 200 and self.model._meta.label in personal_models
        if looked and (row := self.get_object(request, unquote(object_id))) is not None:
            record(
                by=signed_in(request), action=AuditEntry.Action.READ, instance=row, what="read in the administration"
            )
        return response

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The audit log of the object: Django's own log knows nothing of what was done outside the admin."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("History: %(object)s") % {"object": row},
            "object": row,
            "opts": self.opts,
            "history": AuditEntry.objects.visible_to(signed_in(request)).about(row).order_by("-at", "-pk"),
        }
        return TemplateResponse(request, "admin/audit_history.html", context)

    # Django's own log of the admin is not written: the audit log has these acts, and cannot be altered.

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        return None

    def save_model(self, request: HttpRequest, obj: models.Model, form: ModelForm[Any], change: bool) -> None:
        user = signed_in(request)
        with transaction.atomic():
            before = snapshot(type(obj)._base_manager.get(pk=obj.pk)) if change else {}
            super().save_model(request, obj, form, change)
            if change:
                record_change(by=user, instance=obj, before=before, what="changed in the administration")
            else:
                record_creation(by=user, instance=obj, what="created in the administration")

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        with transaction.atomic():
            record(
                by=signed_in(request),
                action=AuditEntry.Action.DELETED,
                instance=obj,
                what="deleted in the administration",
            )
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        for obj in queryset:
            self.delete_model(request, obj)


class ShownOnly(AuditedAdmin):
    """For rows that only services write."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
