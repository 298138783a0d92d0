"""Regions, municipalities and industries: reference data from members/data, replaced by `manage.py load_reference`."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate
from django.utils.translation import gettext_lazy as _

from kisu.lib.collation import finnish_order
from kisu.lib.language import in_language, name_column


class Region(models.Model):
    """A maakunta. `code` is Statistics Finland's (01-21); the tile map's column and row count from 1 at the top left."""

    code = models.CharField(_("code"), max_length=2, unique=True)
    iso = models.CharField(_("ISO code"), max_length=5, unique=True)
    name_fi = models.CharField(_("name in Finnish"), max_length=60)
    name_sv = models.CharField(_("name in Swedish"), max_length=60)
    name_en = models.CharField(_("name in English"), max_length=60)
    name_fi_in = models.CharField(_("“in the region” in Finnish"), max_length=60)
    tile_column = models.PositiveSmallIntegerField(_("tile column"))
    tile_row = models.PositiveSmallIntegerField(_("tile row"))
    latitude = models.FloatField(_("latitude"))
    longitude = models.FloatField(_("longitude"))

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(self, "name")


class MunicipalityQuerySet(models.QuerySet["Municipality"]):
    def in_force(self, *, on: date) -> MunicipalityQuerySet:
        return self.filter(Q(valid_from=None) | Q(valid_from__lte=on), Q(valid_until=None) | Q(valid_until__gte=on))


def by_municipality(path: str = "") -> Collate:
    """To order by the municipality's name in the reader's language; `path` leads to it, e.g. "municipality__"."""
    return finnish_order(path + name_column().replace("_en", "_fi"))


class Municipality(models.Model):
    """A kunta. Municipalities merge: `valid_until` is the last day, `successor` the one that took it over."""

    code = models.CharField(_("code"), max_length=3, unique=True)
    name_fi = models.CharField(_("name in Finnish"), max_length=60)
    name_sv = models.CharField(_("name in Swedish"), max_length=60)
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="municipalities", verbose_name=_("region")
    )
    latitude = models.FloatField(_("latitude"))
    longitude = models.FloatField(_("longitude"))
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    successor = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("successor")
    )

    objects = MunicipalityQuerySet.as_manager()

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_sv if in_language(self, "name") == self.name_sv else self.name_fi


class Industry(models.Model):
    """A section or division of the industrial classification TOL; 2008 and 2025 side by side until all have moved."""

    class Classification(models.TextChoices):
        TOL2008 = "TOL2008", "TOL 2008"
        TOL2025 = "TOL2025", "TOL 2025"

    classification = models.CharField(_("classification"), max_length=7, choices=Classification.choices)
    code = models.CharField(_("code"), max_length=2)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("section")
    )
    name_fi = models.CharField(_("name in Finnish"), max_length=200)
    name_sv = models.CharField(_("name in Swedish"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)
    checked = models.BooleanField(_("name held against the official text"), default=False)

    class Meta:
        verbose_name = _("industry")
        verbose_name_plural = _("industries")
        constraints = [
            models.UniqueConstraint(fields=["classification", "code"], name="one_industry_per_classification_and_code"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def name(self) -> str:
        return in_language(self, "name")
