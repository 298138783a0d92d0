"""The administration of this room. What a service guards (roles, invitations, decisions, mail) is only shown here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from kisu.lib.business_id import BusinessIdField
from members.audited_admin import AuditedAdmin, ShownOnly
from members.models import (
    Affiliation,
    AuditEntry,
    Industry,
    Invitation,
    JobRun,
    Mail,
    MembershipApplication,
    Municipality,
    Notification,
    Organisation,
    Person,
    Region,
    RoleGrant,
    User,
)

NAMES = ("name_fi", "name_sv", "name_en")

# --- Network ----------------------------------------------------------------------------------------------------------


class OrganisationAdminForm(forms.ModelForm):  # type: ignore[type-arg]
    """Says in words what the database's constraints of the state say."""

    business_id = BusinessIdField(label=_("Business ID"))

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        state, joined, left = given.get("state"), given.get("joined_on"), given.get("left_on")
        if state == Organisation.State.MEMBER and (joined is None or left is not None):
            self.add_error("state", _("A member has a day of joining and no day of leaving."))
        if state == Organisation.State.LEFT and (joined is None or left is None or left <= joined):
            self.add_error("state", _("Who left has a day of joining, and a later day of leaving."))
        return given


@admin.register(Organisation)
class OrganisationAdmin(AuditedAdmin):
    form = OrganisationAdminForm
    list_display = ("name", "kind", "state", "business_id", "municipality", "joined_on")
    list_filter = ("state", "kind", "municipality__region")
    list_select_related = ("municipality",)
    search_fields = ("name", "business_id")
    autocomplete_fields = ("municipality", "industry")
    readonly_fields = ("created_at", "changed_at")
    date_hierarchy = "joined_on"
    ordering = ("name", "pk")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # an organisation leaves; its listings, results and roles stay readable


@admin.register(Person)
class PersonAdmin(AuditedAdmin):
    list_display = ("name", "email", "phone", "user", "last_active_on")
    list_select_related = ("user",)
    list_filter = (("user", admin.EmptyFieldListFilter),)
    search_fields = ("name", "email")
    readonly_fields = ("user",)
    date_hierarchy = "last_active_on"
    ordering = ("name", "pk")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # by manage.py erase_personal_data, with a second person, or by the retention time


@admin.register(Affiliation)
class AffiliationAdmin(AuditedAdmin):
    list_display = ("person", "organisation", "title", "starts_on", "ends_on")
    list_select_related = ("person", "organisation")
    list_filter = ("organisation__municipality__region",)
    search_fields = ("person__name", "organisation__name", "title")
    autocomplete_fields = ("person", "organisation")
    date_hierarchy = "starts_on"
    ordering = ("-starts_on", "pk")


@admin.register(MembershipApplication)
class MembershipApplicationAdmin(ShownOnly):
    list_display = ("name", "business_id", "state", "municipality", "submitted_at", "decided_at")
    list_select_related = ("municipality",)
    list_filter = ("state", "municipality__region")
    search_fields = ("name", "business_id")
    date_hierarchy = "submitted_at"
    ordering = ("-submitted_at", "pk")


@admin.register(Invitation)
class InvitationAdmin(ShownOnly):
    list_display = ("email", "organisation", "role", "invited_at", "expires_at", "accepted_at", "revoked_at")
    list_select_related = ("organisation",)
    list_filter = ("role", ("accepted_at", admin.EmptyFieldListFilter))
    search_fields = ("email", "name", "organisation__name")
    date_hierarchy = "invited_at"
    ordering = ("-invited_at", "pk")


# --- Accounts and rights ----------------------------------------------------------------------------------------------


@admin.register(User)
class UserAdmin(AuditedAdmin):
    """Accounts are opened by invitation, disabled on the portal's page (it ends the sessions), erased by a service."""

    list_display = ("email", "person", "is_active", "is_superuser", "last_login")
    list_select_related = ("person",)
    list_filter = ("is_active", "is_superuser", "role_grants__role")
    search_fields = ("email", "person__name")
    fields = ("email", "language", "is_active", "is_superuser", "joined_at", "last_login", "erased_at")
    date_hierarchy = "joined_at"
    ordering = ("email",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Only an administrator makes another one, and nobody takes the flag from themselves."""
        fixed = ("email", "is_active", "joined_at", "last_login", "erased_at")
        may_flag = request.user.is_authenticated and request.user.is_superuser and obj != request.user
        return fixed if may_flag else (*fixed, "is_superuser")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(RoleGrant)
class RoleGrantAdmin(ShownOnly):
    list_display = ("user", "role", "scope_label", "starts_on", "ends_on", "granted_by")
    list_select_related = ("user", "organisation", "region", "granted_by")
    list_filter = ("role", "region", "package")
    search_fields = ("user__email", "user__person__name", "organisation__name")
    date_hierarchy = "starts_on"
    ordering = ("-starts_on", "pk")

    def view_on_site(self, obj: models.Model) -> str | None:
        return obj.user.get_absolute_url() if isinstance(obj, RoleGrant) else None


# --- Reference data ---------------------------------------------------------------------------------------------------


@admin.register(Region)
class RegionAdmin(AuditedAdmin):
    list_display = ("code", *NAMES)
    search_fields = ("code", *NAMES)
    ordering = ("code",)


@admin.register(Municipality)
class MunicipalityAdmin(AuditedAdmin):
    list_display = ("code", "name_fi", "name_sv", "region", "valid_until", "successor")
    list_select_related = ("region", "successor")
    list_filter = ("region", ("valid_until", admin.EmptyFieldListFilter))
    search_fields = ("code", "name_fi", "name_sv")
    autocomplete_fields = ("region", "successor")
    ordering = ("name_fi", "pk")


@admin.register(Industry)
class IndustryAdmin(AuditedAdmin):
    list_display = ("classification", "code", "name_fi", "checked")
    list_display_links = ("code",)
    list_filter = ("classification", "checked")
    search_fields = ("code", *NAMES)
    autocomplete_fields = ("parent",)
    ordering = ("classification", "code")


# --- Log and jobs -----------------------------------------------------------------------------------------------------


@admin.register(AuditEntry)
class AuditEntryAdmin(ShownOnly):
    list_display = ("at", "actor", "done", "label", "model")
    list_select_related = ("actor",)
    list_filter = ("action", "model")
    search_fields = ("label", "what", "object_id", "request_id")
    date_hierarchy = "at"
    ordering = ("-at", "-pk")

    @admin.display(description=_("what was done"), ordering="what")
    def done(self, entry: AuditEntry) -> str:
        return entry.act


@admin.register(JobRun)
class JobRunAdmin(ShownOnly):
    list_display = ("job", "business_date", "state", "attempts", "queued_at", "finished_at")
    list_filter = ("state", "job")
    search_fields = ("job",)
    date_hierarchy = "queued_at"
    ordering = ("-queued_at", "-pk")


@admin.register(Mail)
class MailAdmin(ShownOnly):
    """Without the text: it may hold the key of an invitation or of a new password."""

    list_display = ("recipient", "subject", "state", "attempts", "queued_at", "sent_at")
    list_filter = ("state", "language")
    search_fields = ("recipient", "subject")
    exclude = ("text", "html")
    date_hierarchy = "queued_at"
    ordering = ("-queued_at", "-pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mail]:
        return Mail.objects.defer("text", "html")


@admin.register(Notification)
class NotificationAdmin(ShownOnly):
    list_display = ("user", "kind", "made_at", "read_at")
    list_select_related = ("user",)
    list_filter = ("kind", ("read_at", admin.EmptyFieldListFilter))
    search_fields = ("user__email",)
    date_hierarchy = "made_at"
    ordering = ("-made_at", "-pk")
