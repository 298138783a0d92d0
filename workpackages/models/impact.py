"""Impacts: tonnes, CO2e and money, one home for synergies, adoptions and commitments alike."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

RANGE = (Decimal(0), Decimal(1_000_000_000))


class Impact(models.Model):
    """What one realised change does in a year. Tonnes are metric; `kind` is never summed across."""

    class Kind(models.TextChoices):
        MEASURED = "measured", _("Measured")
        CALCULATED = "calculated", _("Calculated")
        ESTIMATED = "estimated", _("Estimated")

    kind = models.CharField(_("kind of figure"), max_length=10, choices=Kind.choices)
    starts_on = models.DateField(_("from"))
    one_off = models.BooleanField(_("one-off batch"), default=False)
    kept_in_use_t = models.DecimalField(_("material kept in use, t a year"), max_digits=12, decimal_places=3)
    co2e_t = models.DecimalField(
        _("emissions avoided, t CO₂e a year"), max_digits=12, decimal_places=3, null=True, blank=True
    )
    factor = models.DecimalField(
        _("emission factor, t CO₂e per t"), max_digits=10, decimal_places=4, null=True, blank=True
    )
    source = models.CharField(_("source of the figures"), max_length=300)
    attribution_percent = models.DecimalField(
        _("network's share, %"), max_digits=5, decimal_places=2, default=Decimal(100)
    )

    class Meta:
        verbose_name = _("impact")
        verbose_name_plural = _("impacts")
        constraints = [
            models.CheckConstraint(condition=Q(kept_in_use_t__range=RANGE), name="tonnes_kept_are_sane"),
            models.CheckConstraint(condition=Q(co2e_t=None) | Q(co2e_t__range=RANGE), name="co2e_is_sane"),
            models.CheckConstraint(
                condition=Q(factor=None) | Q(factor__range=(Decimal(-100), Decimal(100))), name="a_factor_is_sane"
            ),
            models.CheckConstraint(condition=Q(attribution_percent__range=(0, 100)), name="a_share_is_a_percentage"),
        ]

    def __str__(self) -> str:
        return f"{self.kept_in_use_t} t ({self.get_kind_display()})"

    @property
    def tone(self) -> str:
        return {"measured": "ok", "calculated": "info", "estimated": "watch"}[self.kind]

    @classmethod
    def owners(cls) -> list[models.OneToOneRel]:
        """Relations from what has an impact (a synergy, an adoption ...): those rooms are above and not known here."""
        return [field for field in cls._meta.get_fields() if isinstance(field, models.OneToOneRel)]

    @property
    def owner(self) -> models.Model | None:
        """The realised change whose impact this is. Select the accessors of `owners` to read it without a query."""
        found = (getattr(self, relation.get_accessor_name() or "", None) for relation in self.owners())
        return next((owner for owner in found if owner is not None), None)
