"""Listings: what is offered, what is needed, which expertise there is."""

from __future__ import annotations

import re
from collections.abc import Iterable
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
from django.utils.translation import pgettext

from kisu.lib import formats
from kisu.lib.dates import add_months
from kisu.lib.numbers import NO_BREAK_SPACE
from kisu.lib.texts import search_terms
from members.models import Industry, Municipality, Organisation, User
from members.permissions import Permission
from symbiosis.models.classes import MaterialClass, Service, Unit, WasteCode

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

WASTE_CODE = re.compile(r"\d\d[ .]?\d\d(?:[ .]?\d\d)?\*?", re.ASCII)
VALIDITY_MONTHS = 6
EXPIRES_SOON = timedelta(days=14)
QUANTITY = (Decimal("0.001"), Decimal(1_000_000_000))
MAX_ATTACHMENTS = 10


def latest_end(*, on: date) -> date:
    """The last day that a listing may be valid until when its validity is set on that day."""
    return add_months(on, VALIDITY_MONTHS)


class ListingQuerySet(models.QuerySet["Listing"]):
    def published(self, *, on: date) -> Self:
        """What the public sees on that day: gone at midnight after the last day, before the night's job has run."""
        return self.filter(state=Listing.State.PUBLISHED, valid_until__gte=on)

    def expired(self, *, on: date) -> Self:
        """Published, but past its last day: due for the night's job."""
        return self.filter(state=Listing.State.PUBLISHED, valid_until__lt=on)

    def expiring(self, *, on: date) -> Self:
        """Published, and within its last 14 days."""
        return self.published(on=on).filter(valid_until__lte=on + EXPIRES_SOON)

    def to_tell_of_expiry(self, *, on: date) -> Self:
        """Expiring ones whose owner has not been told of this last day."""
        return self.expiring(on=on).exclude(expiry_told=models.F("valid_until"))

    def of_kind(self, kind: str) -> Self:
        return self.filter(kind=kind)

    def material(self) -> Self:
        """Offers and needs: what the matcher reads."""
        return self.filter(kind__in=(Listing.Kind.OFFER, Listing.Kind.NEED))

    def nothing_read(self) -> Self:
        """Neither a material nor a use was read of them, or they are not read yet."""
        return self.filter(Q(reading=None) | Q(reading__materials={}, reading__uses={}))

    def with_corrected_reading(self) -> Self:
        return self.filter(pk__in=Listing.objects.exclude(reading_corrections=None).values("pk"))

    def of_waste_code(self, digits: str) -> Self:
        """Under a chapter, sub-chapter or entry of the List of Waste: 03, 0301 or 030105, spaced or not."""
        return self.filter(waste_code__in=WasteCode.objects.starting_with(digits))

    def of_material(self, classes: Iterable[MaterialClass]) -> Self:
        """Of the classes or of one right below them."""
        return self.filter(Q(material_class__in=classes) | Q(material_class__parent__in=classes))

    def with_words(self, words: str) -> Self:
        """Each word in the title, the text, or the names of the material or the waste, in any language.

        When nothing has them, a slip of a letter in the title is forgiven. A text that is a waste code finds what
        carries it.
        """
        if WASTE_CODE.fullmatch(words.strip()):
            return self.of_waste_code(words)
        terms = search_terms(words)
        found = self._with_terms(terms)
        # Likeness is dear to work out for every row, and would only add noise to what was spelt right.
        return found if not terms or found.exists() else self._with_terms(terms, alike=True)

    def _with_terms(self, terms: Iterable[str], *, alike: bool = False) -> Self:
        found = self.alias(small_title=Lower("title"), small_text=Lower("description"))
        for term in terms:
            # The keys are fetched first: with a join or a subquery in the OR the trigram indexes could not be used.
            materials = list(MaterialClass.objects.with_word(term).values_list("pk", flat=True))
            codes = list(WasteCode.objects.with_word(term).values_list("pk", flat=True))
            title = Q(small_title__trigram_word_similar=term) if alike else Q(small_title__contains=term)
            found = found.filter(
                title | Q(small_text__contains=term) | Q(material_class__in=materials) | Q(waste_code__in=codes)
            )
        return found

    def newest_first(self) -> Self:
        """In the order of the index below."""
        return self.order_by(models.F("published_at").desc(nulls_last=True), "pk")

    def own_of(self, user: User) -> Self:
        """Of the organisations that the user works in, and those that the user has posted for others."""
        organisations = user.reach(Permission.LISTING_CREATE).organisations
        return self.filter(Q(organisation__in=organisations) | Q(created_by=user.pk))

    def in_reach(self, user: User, permission: Permission) -> Self:
        reach = user.reach(permission)
        if reach.everything:
            return self
        within = Q(organisation__in=reach.organisations) | Q(organisation__municipality__region__in=reach.regions)
        if reach.own:
            # Own means: posted by oneself for an organisation that one still works in.
            within |= Q(created_by=reach.user_id, organisation__in=user.reach(Permission.LISTING_CREATE).organisations)
        return self.filter(within)

    def visible_to(self, user: User | AnonymousUser, *, on: date) -> Self:
        """The published ones, and those of the own organisation, region or of all in any state."""
        if user.is_anonymous:
            return self.published(on=on)
        reach = user.reach(Permission.LISTING_CREATE)
        if reach.everything:
            return self
        return self.filter(
            Q(state=Listing.State.PUBLISHED, valid_until__gte=on)
            | Q(organisation__in=reach.organisations)
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
    """One material or expertise. `valid_until` is the last day; quantity is a year's when it arises continuously."""

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
        MaterialClass,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="listings",
        verbose_name=_("material class"),
    )
    waste_code = models.ForeignKey(
        WasteCode,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="listings",
        verbose_name=_("waste code"),
    )
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, null=True, blank=True, related_name="listings", verbose_name=_("service")
    )
    industry = models.ForeignKey(
        Industry,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("industry where it arises"),
    )
    hazardous = models.BooleanField(_("hazardous; in a need: hazardous is accepted"), null=True, blank=True)
    continuity = models.CharField(_("how it arises"), max_length=10, choices=Continuity.choices, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=13, decimal_places=3, null=True, blank=True)
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit")
    )
    quantity_note = models.CharField(_("more about the quantity"), max_length=200, blank=True)
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="listings", verbose_name=_("municipality")
    )
    radius_km = models.PositiveSmallIntegerField(_("search radius, km"), null=True, blank=True)
    materiaalitori_url = models.URLField(_("the same listing in Materiaalitori"), max_length=200, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="listings",
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    moderation_reason = models.CharField(_("reason of rejection or hiding"), max_length=500, blank=True)
    close_reason = models.CharField(_("why it was closed"), max_length=15, choices=CloseReason.choices, blank=True)
    # The last day that its owner was told of: the notice is sent once for each validity.
    expiry_told = models.DateField(_("told that it expires on"), null=True, blank=True, editable=False)

    objects = ListingQuerySet.as_manager()

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gte=models.F("valid_from")), name="a_listing_ends_after_it_starts"
            ),
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
            models.CheckConstraint(
                condition=~Q(state="closed") | ~Q(close_reason=""), name="a_closed_listing_has_its_reason"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["offer", "need"]) | Q(material_class__isnull=False),
                name="a_material_has_its_class",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "kind", "valid_until"], name="listings_by_state_and_kind"),
            # The first page of the public list, in its order, without sorting all of them.
            models.Index(
                models.F("published_at").desc(nulls_last=True),
                models.F("id").asc(),
                condition=Q(state="published"),
                name="newest_published_listings",
            ),
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

    @property
    def amount(self) -> str:
        """The quantity with its unit, 4 200 t/v; an en dash when it is not known."""
        if self.quantity is None or self.unit is None:
            return formats.UNKNOWN
        symbol = self.unit.symbol
        if self.continuity == self.Continuity.CONTINUOUS:
            symbol = pgettext("unit", "%(unit)s/year") % {"unit": symbol}
        return formats.number(self.quantity) + NO_BREAK_SPACE + symbol

    def is_open(self, *, on: date) -> bool:
        return self.state == self.State.PUBLISHED and self.valid_until >= on

    @property
    def can_be_submitted(self) -> bool:
        return self.state in {self.State.DRAFT, self.State.REJECTED, self.State.HIDDEN}

    @property
    def can_be_prolonged(self) -> bool:
        return self.state in {self.State.PUBLISHED, self.State.EXPIRED}

    @property
    def can_be_edited(self) -> bool:
        return self.state != self.State.CLOSED

    @property
    def missing(self) -> list[str]:
        """Names of the fields without which a draft can't be submitted."""
        needed = {
            self.Kind.OFFER: ("description", "nature", "continuity", "quantity"),
            self.Kind.NEED: ("description",),
            self.Kind.EXPERTISE: ("description", "service"),
        }
        return [name for name in needed[self.Kind(self.kind)] if getattr(self, name) in (None, "")]


class Attachment(models.Model):
    """A file of a listing: checked by content, stored under a random name, served to who may see the listing."""

    listing = models.ForeignKey(
        Listing, on_delete=models.CASCADE, related_name="attachments", verbose_name=_("listing")
    )
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
