"""The administration of this room. What services guard (states, stages, who and when) is only shown here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from members.audited_admin import AuditedAdmin, ShownOnly
from symbiosis.models import (
    AddedFitness,
    AddedMaterial,
    AddedTerm,
    AddedUse,
    Attachment,
    Chain,
    Enquiry,
    Listing,
    ListingReading,
    Match,
    MatchAnswer,
    MatchingRelease,
    MaterialClass,
    Message,
    Pool,
    PoolPart,
    ReadingCorrection,
    ReleaseDifference,
    Service,
    Synergy,
    SynergyStep,
    Unit,
    WasteChapter,
    WasteCode,
)


@admin.register(Listing)
class ListingAdmin(AuditedAdmin):
    list_display = ["title", "kind", "state", "organisation", "municipality", "valid_until"]
    list_filter = ["state", "kind", "on_behalf", "language", "hazardous", "municipality__region"]
    search_fields = ["title", "description", "organisation__name", "waste_code__code"]
    list_select_related = ["organisation", "municipality"]
    date_hierarchy = "published_at"
    autocomplete_fields = ["municipality", "material_class", "waste_code"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    readonly_fields = [
        "kind", "state", "organisation", "on_behalf", "valid_from", "valid_until", "created_by", "created_at",
        "changed_at", "published_at", "approved_by", "moderation_reason", "close_reason", "expiry_told",
    ]  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # the portal's form knows for whom one may post

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # the portal asks for the password and removes the files too


@admin.register(Attachment)
class AttachmentAdmin(ShownOnly):
    list_display = ["name", "listing", "content_type", "size", "added_by", "added_at"]
    list_filter = ["content_type"]
    search_fields = ["name", "listing__title"]
    list_select_related = ["listing", "added_by"]
    date_hierarchy = "added_at"


@admin.register(ListingReading)
class ListingReadingAdmin(ShownOnly):
    list_display = ["listing", "main_material", "version", "read_at"]
    search_fields = ["listing__title", "main_material"]
    list_select_related = ["listing"]
    date_hierarchy = "read_at"


@admin.register(ReadingCorrection)
class ReadingCorrectionAdmin(ShownOnly):
    list_display = ["listing", "target", "holds", "made_by", "made_at"]
    list_filter = ["holds"]
    search_fields = ["listing__title", "target"]
    list_select_related = ["listing", "made_by"]
    date_hierarchy = "made_at"


@admin.register(AddedMaterial)
class AddedMaterialAdmin(ShownOnly):
    list_display = ["key", "label_fi", "broader", "since", "until", "to_retire", "added_by", "added_at"]
    list_filter = ["to_retire", "value"]
    search_fields = ["key", "label_fi", "label_sv", "label_en"]
    list_select_related = ["since", "until", "added_by"]
    date_hierarchy = "added_at"


@admin.register(AddedUse)
class AddedUseAdmin(ShownOnly):
    list_display = ["key", "label_fi", "broader", "since", "until", "to_retire", "added_by", "added_at"]
    list_filter = ["to_retire"]
    search_fields = ["key", "label_fi", "label_sv", "label_en"]
    list_select_related = ["since", "until", "added_by"]
    date_hierarchy = "added_at"


@admin.register(AddedTerm)
class AddedTermAdmin(ShownOnly):
    list_display = ["pattern", "language", "target", "since", "until", "to_retire", "added_by", "added_at"]
    list_filter = ["to_retire", "language"]
    search_fields = ["pattern", "target"]
    list_select_related = ["since", "until", "added_by"]
    date_hierarchy = "added_at"


@admin.register(AddedFitness)
class AddedFitnessAdmin(ShownOnly):
    list_display = ["material", "use", "level", "since", "until", "to_retire", "added_by", "added_at"]
    list_filter = ["to_retire", "level"]
    search_fields = ["material", "use"]
    list_select_related = ["since", "until", "added_by"]
    date_hierarchy = "added_at"


@admin.register(MatchingRelease)
class MatchingReleaseAdmin(ShownOnly):
    list_display = ["version", "state", "created_by", "created_at", "released_by", "released_at"]
    list_display_links = ["version", "created_at"]
    list_filter = ["state"]
    search_fields = ["version"]
    list_select_related = ["created_by", "released_by"]
    date_hierarchy = "created_at"


@admin.register(ReleaseDifference)
class ReleaseDifferenceAdmin(ShownOnly):
    list_display = ["offer", "need", "class_before", "class_after", "release"]
    list_filter = ["class_before", "class_after"]
    search_fields = ["offer__title", "need__title"]
    list_select_related = ["offer", "need", "release"]


@admin.register(Match)
class MatchAdmin(ShownOnly):
    list_display = ["offer", "need", "match_class", "distance_km", "first_seen_at", "withdrawn_at"]
    list_filter = ["match_class", "offer__municipality__region"]
    search_fields = ["offer__title", "need__title", "offer__organisation__name", "need__organisation__name"]
    list_select_related = ["offer", "need"]
    date_hierarchy = "first_seen_at"


@admin.register(Pool)
class PoolAdmin(ShownOnly):
    list_display = ["need", "offered", "needed", "unit", "computed_at", "withdrawn_at"]
    list_filter = ["need__municipality__region"]
    search_fields = ["need__title", "need__organisation__name"]
    list_select_related = ["need"]
    date_hierarchy = "computed_at"


@admin.register(PoolPart)
class PoolPartAdmin(ShownOnly):
    list_display = ["pool", "match", "amount", "density"]
    search_fields = ["pool__need__title", "match__offer__title"]
    list_select_related = ["pool__need", "match__offer", "match__need"]


@admin.register(Chain)
class ChainAdmin(ShownOnly):
    list_display = ["offer", "treatment", "made_into", "need", "distance_km", "computed_at", "withdrawn_at"]
    list_filter = ["treatment", "offer__municipality__region"]
    search_fields = ["offer__title", "need__title", "offer__organisation__name", "need__organisation__name"]
    list_select_related = ["offer", "need"]
    date_hierarchy = "computed_at"


@admin.register(MatchAnswer)
class MatchAnswerAdmin(ShownOnly):
    list_display = ["match", "organisation", "answer", "reason", "answered_by", "answered_at"]
    list_filter = ["answer", "reason"]
    search_fields = ["organisation__name", "match__offer__title", "match__need__title"]
    list_select_related = ["match__offer", "match__need", "organisation", "answered_by"]
    date_hierarchy = "answered_at"


@admin.register(Enquiry)
class EnquiryAdmin(ShownOnly):
    list_display = ["listing", "sender", "state", "opened_at"]
    list_filter = ["state"]
    search_fields = ["listing__title", "sender__name"]
    list_select_related = ["listing", "sender"]
    date_hierarchy = "opened_at"


@admin.register(Message)
class MessageAdmin(ShownOnly):
    """That a message was sent, not what it says: that is between the two sides."""

    list_display = ["enquiry", "organisation", "sent_at"]
    search_fields = ["enquiry__listing__title", "organisation__name"]
    list_select_related = ["enquiry__listing", "organisation"]
    date_hierarchy = "sent_at"
    exclude = ["text"]


class SynergyStepInline(admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable when run
    model = SynergyStep
    extra = 0
    can_delete = False
    fields = ("stage", "on", "reason", "taken_by", "recorded_at")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Synergy)
class SynergyAdmin(AuditedAdmin):
    list_display = ["number", "title", "stage", "giver", "receiver", "region", "started_on", "realised_on"]
    list_display_links = ["number", "title"]
    list_filter = ["stage", "region"]
    search_fields = ["title", "giver__name", "receiver__name"]
    list_select_related = ["giver", "receiver", "region"]
    date_hierarchy = "started_on"
    readonly_fields = [
        "giver", "receiver", "region", "offer", "need", "match", "stage", "started_on", "realised_on", "impact",
        "created_by",
    ]  # fmt: skip
    inlines = [SynergyStepInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(SynergyStep)
class SynergyStepAdmin(ShownOnly):
    list_display = ["synergy", "stage", "on", "taken_by", "recorded_at"]
    list_filter = ["stage"]
    search_fields = ["synergy__title"]
    list_select_related = ["synergy", "taken_by"]
    date_hierarchy = "on"


@admin.register(MaterialClass)
class MaterialClassAdmin(AuditedAdmin):
    list_display = ["code", "name_fi", "name_sv", "name_en", "parent", "is_waste", "is_material", "bulk"]
    list_filter = ["is_waste", "is_material", "bulk"]
    search_fields = ["code", "name_fi", "name_sv", "name_en"]
    list_select_related = ["parent"]


@admin.register(Service)
class ServiceAdmin(AuditedAdmin):
    list_display = ["code", "name_fi", "name_sv", "name_en", "parent"]
    search_fields = ["code", "name_fi", "name_sv", "name_en"]
    list_select_related = ["parent"]


@admin.register(Unit)
class UnitAdmin(AuditedAdmin):
    list_display = ["code", "symbol_fi", "symbol_sv", "symbol_en", "dimension", "to_base"]
    list_filter = ["dimension"]
    search_fields = ["code", "name_fi", "name_sv", "name_en"]


@admin.register(WasteChapter)
class WasteChapterAdmin(AuditedAdmin):
    list_display = ["code", "name_fi", "name_sv", "checked"]
    list_filter = ["checked"]
    search_fields = ["code", "name_fi", "name_sv", "name_en"]


@admin.register(WasteCode)
class WasteCodeAdmin(AuditedAdmin):
    list_display = ["code", "name_fi", "hazardous", "entry", "checked"]
    list_filter = ["hazardous", "entry", "checked"]
    search_fields = ["code", "name_fi", "name_sv", "name_en"]
    list_select_related = ["chapter"]
    autocomplete_fields = ["chapter"]
