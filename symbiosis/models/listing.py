"""Listings: what is offered, what is needed, which expertise there is."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.models import Industry, Municipality, Organisation, User
from members.permissions import Permission
from symbiosis.models.classes import MaterialClass, Service, Unit, WasteCode

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

MAX_VALIDITY = timedelta(days=184)  # six months
QUANTITY = (Decimal("0.001"), Decimal(1_000_000_000))


class ListingQuerySet(models.QuerySet["Listing"]):
    def published(self, *, on: date) -> Self:
        """What the public sees on that day: an expired listing is gone at midnight, also before the night's job has run."""
        return self.filter(state=Listing.State.PUBLISHED, valid_until__gte=on)

    def expired(self, *, on: date) -> Self:
        """Published, but past its last day: due for the night's job."""
        return self.filter(state=Listing.State.PUBLISHED, valid_until__lt=on)

    def of_kind(self, kind: str) -> Self:
        return self.filter(kind=kind)

    def in_reach(self, user: User, permission: Permission) -> Self:
        reach = user.reach(permission)
        if reach.everything:
            return self
        within = Q(organisation__in=reach.organisations) | Q(organisation__municipality__region__in=reach.regions)
        if reach.own:
            within |= Q(created_by=reach.user_id)
        return self.filter(within)

    def visible_to(self, user: User | AnonymousUser, *, on: date) -> Self:
        """The published ones, and those of the own organisation, region or of all in any state."""
        public = self.published(on=on)
        if user.is_anonymous:
            return public
        reach = user.reach(Permission.LISTING_EDIT)
        own = user.reach(Permission.LISTING_CREATE)
        if reach.everything:
            return self
        return self.filter(
            Q(state=Listing.State.PUBLISHED, valid_until__gte=on)
            | Q(created_by=user.pk)
            | Q(organisation__in=reach.organisations | own.organisations)
            | Q(organisation__municipality__region__in=reach.regions)
        )

    def editable_by(self, user: User) -> Self:
        return self.in_reach(user, Permission.LISTING_EDIT)

    def moderatable_by(self, user: User) -> Self:
        """Those in the coordinator's region but not of an own organisation; staff: all."""
        reach = user.reach(Permission.LISTING_MODERATE)
        if reach.everything:
            return self
        own = user.reach(Permission.LISTING_CREATE).organisations
        return self.filter(organisation__municipality__region__in=reach.regions).exclude(organisation__in=own)


class Listing(models.Model):
    """One material or one expertise. `valid_until` is the last day; quantity is per year when it arises continuously."""

    class Kind(models.TextChoices):
        OFFER = "offer", _("Material offered")
        NEED = "need", _("Material wanted")
        EXPERTISE = "expertise", _("Expertise offered")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        PUBLISHED = "published", _("Published")
        EXPIRED = "expired", _("Expired")
        CLOSED = "closed", _("Closed")
        REJECTED = "rejected", _("Rejected")
        HIDDEN = "hidden", _("Hidden")

    class Nature(models.TextChoices):
        WASTE = "waste", _("Waste")
        SIDE_STREAM = "side_stream", _("Side stream")
        BY_PRODUCT = "by_product", _("By-product")
        SURPLUS = "surplus", _("Surplus material")
        REUSABLE = "reusable", _("Reusable goods")

    class Continuity(models.TextChoices):
        ONE_OFF = "one_off", _("One-off batch")
        CONTINUOUS = "continuous", _("Arises continuously")

    class CloseReason(models.TextChoices):
        FOUND_HERE = "found_here", _("A partner was found in the portal")
        FOUND_ELSEWHERE = "found_elsewhere", _("A partner was found elsewhere")
        NOT_NEEDED = "not_needed", _("The material or the need is gone")
        OTHER = "other", _("Other reason")

    kind = models.CharField(_("kind"), max_length=9, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.DRAFT)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="listings", verbose_name=_("organisation")
    )
    on_behalf = models.BooleanField(_("posted on behalf of the organisation"), default=False)
    language = models.CharField(_("language of the text"), max_length=2, choices=settings.LANGUAGES, default="fi")
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("description"), max_length=5000)
    nature = models.CharField(_("nature"), max_length=11, choices=Nature.choices, blank=True)
    material_class = models.ForeignKey(
        MaterialClass, on_delete=models.PROTECT, null=True, blank=True, related_name="listings", verbose_name=_("material class")
    )
    waste_code = models.ForeignKey(
        WasteCode, on_delete=models.PROTECT, null=True, blank=True, related_name="listings", verbose_name=_("waste code")
    )
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, null=True, blank=True, related_name="listings", verbose_name=_("service")
    )
    industry = models.ForeignKey(
        Industry, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("industry where it arises")
    )
    hazardous = models.BooleanField(_("hazardous; in a need: hazardous is accepted"), null=True, blank=True)
    continuity = models.CharField(_("how it arises"), max_length=10, choices=Continuity.choices, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=13, decimal_places=3, null=True, blank=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit"))
    quantity_note = models.CharField(_("more about the quantity"), max_length=200, blank=True)
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="listings", verbose_name=_("municipality")
    )
    radius_km = models.PositiveSmallIntegerField(_("search radius, km"), null=True, blank=True)
    materiaalitori_url = models.URLField(_("the same listing in Materiaalitori"), max_length=200, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="listings", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("approved by")
    )
    moderation_reason = models.CharField(_("reason of rejection or hiding"), max_length=500, blank=True)
    close_reason = models.CharField(_("why it was closed"), max_length=15, choices=CloseReason.choices, blank=True)

    objects = ListingQuerySet.as_manager()

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        constraints = [
            models.CheckConstraint(condition=Q(valid_until__gte=models.F("valid_from")), name="a_listing_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(quantity=None) | Q(quantity__range=QUANTITY), name="a_quantity_is_positive_and_sane"
            ),
            models.CheckConstraint(
                condition=Q(quantity=None, unit=None) | Q(quantity__isnull=False, unit__isnull=False),
                name="a_quantity_has_its_unit",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False), name="a_published_listing_has_its_time"
            ),
            models.CheckConstraint(condition=~Q(state="closed") | ~Q(close_reason=""), name="a_closed_listing_has_its_reason"),
            models.CheckConstraint(
                condition=~Q(kind__in=["offer", "need"]) | Q(material_class__isnull=False), name="a_material_has_its_class"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "kind", "valid_until"], name="listings_by_state_and_kind"),
            GinIndex(OpClass(Lower("title"), name="gin_trgm_ops"), name="listing_title_trigrams"),
            GinIndex(OpClass(Lower("description"), name="gin_trgm_ops"), name="listing_text_trigrams"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("symbiosis:listing_detail", args=[self.pk])

    @property
    def is_material(self) -> bool:
        return self.kind in {self.Kind.OFFER, self.Kind.NEED}

    @property
    def tone(self) -> str:
        return {
            "published": "ok", "in_review": "watch", "rejected": "late", "hidden": "late", "expired": "watch",
        }.get(self.state, "neutral")  # fmt: skip

    def is_open(self, *, on: date) -> bool:
        return self.state == self.State.PUBLISHED and self.valid_until >= on


class Attachment(models.Model):
    """A file of a listing: checked by content, stored under a random name, served through the listing's own access check."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="attachments", verbose_name=_("listing"))
    name = models.CharField(_("name"), max_length=150)
    stored_as = models.CharField(max_length=80, unique=True, editable=False)
    content_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveIntegerField(_("size, bytes"))
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")

    def __str__(self) -> str:
        return self.name
