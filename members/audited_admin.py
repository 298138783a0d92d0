"""The admin class of every model: in the portal's rights, and each write leaves the same audit row as a service's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import models, transaction
from django.forms import ModelForm
from django.http import HttpRequest

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
    show_full_result_count = False

    def view_on_site(self, obj: models.Model) -> str | None:
        url = getattr(obj, "get_absolute_url", None)
        return str(url()) if url else None

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
