"""What the matcher read of a listing, and what its owner said of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from symbiosis.models.listing import Listing


class ListingReading(models.Model):
    """Materials and uses with weights 0 to 1, by the keys of the matcher's knowledge, after the owner's corrections.

    Made again whenever the listing or the knowledge changes; never edited by hand.
    """

    listing = models.OneToOneField(
        Listing, on_delete=models.CASCADE, related_name="reading", primary_key=True, verbose_name=_("listing")
    )
    materials = models.JSONField(_("materials"), default=dict)
    uses = models.JSONField(_("uses"), default=dict)
    properties = models.JSONField(_("properties"), default=list)
    without = models.JSONField(_("properties that are denied"), default=list)
    whole = models.JSONField(_("whole reading"), default=dict, editable=False)
    """As `Reading.as_json` gives it, and "of": what was read, so that a reading of another text is never taken up."""
    main_material = models.CharField(_("weightiest material"), max_length=80, blank=True, db_index=True)
    version = models.CharField(_("version of the knowledge"), max_length=16)
    read_at = models.DateTimeField(_("read"))

    class Meta:
        verbose_name = _("reading of a listing")
        verbose_name_plural = _("readings of listings")

    def __str__(self) -> str:
        return f"{self.listing}: {', '.join([*self.materials, *self.uses])}"


class ReadingCorrection(models.Model):
    """One word of the owner on the reading: it is about this, or it is not. It wins over the reading for good."""

    listing = models.ForeignKey(
        Listing, on_delete=models.CASCADE, related_name="reading_corrections", verbose_name=_("listing")
    )
    target = models.CharField(_("material, use or property"), max_length=100)
    holds = models.BooleanField(_("is about this"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("corrected by")
    )
    made_at = models.DateTimeField(_("corrected"))

    class Meta:
        verbose_name = _("correction of a reading")
        verbose_name_plural = _("corrections of readings")
        constraints = [
            models.UniqueConstraint(fields=["listing", "target"], name="one_correction_per_listing_and_target")
        ]

    def __str__(self) -> str:
        return f"{self.target}: {self.holds}"
