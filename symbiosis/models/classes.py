"""Reference data of the symbiosis service, from symbiosis/data by `manage.py load_reference`."""

from __future__ import annotations

import re
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kisu.lib.language import in_language
from kisu.lib.texts import search_terms


def _named(word: str) -> Q:
    return Q(name_fi__icontains=word) | Q(name_sv__icontains=word) | Q(name_en__icontains=word)


class MaterialClassQuerySet(models.QuerySet["MaterialClass"]):
    def with_word(self, word: str) -> Self:
        return self.filter(_named(word))


class MaterialClass(models.Model):
    """A class of waste or side stream as in Materiaalitori. `bulk`: heavy and cheap, transport does not pay far."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("upper class")
    )
    name_fi = models.CharField(_("name in Finnish"), max_length=120)
    name_sv = models.CharField(_("name in Swedish"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120)
    is_waste = models.BooleanField(_("used for waste"), default=True)
    is_material = models.BooleanField(_("used for side streams"), default=True)
    bulk = models.BooleanField(_("heavy and cheap"), default=False)

    objects = MaterialClassQuerySet.as_manager()

    class Meta:
        verbose_name = _("material class")
        verbose_name_plural = _("material classes")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(self, "name")


class Service(models.Model):
    """A service of waste management or expertise."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("upper class")
    )
    name_fi = models.CharField(_("name in Finnish"), max_length=120)
    name_sv = models.CharField(_("name in Swedish"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120)

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")

    def __str__(self) -> str:
        return in_language(self, "name")


class Unit(models.Model):
    """A unit of quantity; `to_base` turns it into the base unit of its dimension (kg to t: 0.001)."""

    class Dimension(models.TextChoices):
        MASS = "mass", _("Mass")
        VOLUME = "volume", _("Volume")
        AREA = "area", _("Area")
        COUNT = "count", _("Count")
        ENERGY = "energy", _("Energy")
        LENGTH = "length", _("Length")

    code = models.SlugField(_("code"), max_length=10, unique=True)
    symbol_fi = models.CharField(_("symbol in Finnish"), max_length=10)
    symbol_sv = models.CharField(_("symbol in Swedish"), max_length=10)
    symbol_en = models.CharField(_("symbol in English"), max_length=10)
    name_fi = models.CharField(_("name in Finnish"), max_length=40)
    name_sv = models.CharField(_("name in Swedish"), max_length=40)
    name_en = models.CharField(_("name in English"), max_length=40)
    dimension = models.CharField(_("dimension"), max_length=6, choices=Dimension.choices)
    to_base = models.DecimalField(_("in base units"), max_digits=16, decimal_places=9)

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")

    def __str__(self) -> str:
        return in_language(self, "name")

    @property
    def symbol(self) -> str:
        return in_language(self, "symbol")


class WasteChapter(models.Model):
    """A chapter ("03") or sub-chapter ("03 01") of the European List of Waste."""

    code = models.CharField(_("code"), max_length=5, unique=True)
    name_fi = models.TextField(_("name in Finnish"))
    name_sv = models.TextField(_("name in Swedish"))
    name_en = models.TextField(_("name in English"))
    checked = models.BooleanField(_("name held against the legal text"), default=False)

    class Meta:
        verbose_name = _("chapter of the List of Waste")
        verbose_name_plural = _("chapters of the List of Waste")

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def name(self) -> str:
        return in_language(self, "name")


class WasteCodeQuerySet(models.QuerySet["WasteCode"]):
    def starting_with(self, digits: str) -> Self:
        """By the first two, four or six digits, however they are spaced; nothing for a text without digits."""
        pairs = re.findall(r"\d\d?", re.sub(r"\D", "", digits))
        return self.filter(code__startswith=" ".join(pairs[:3])) if pairs else self.none()

    def with_word(self, word: str) -> Self:
        return self.filter(_named(word))

    def found_by(self, text: str) -> Self:
        """By digits, or by words that the names of the entry and its sub-chapter hold between them."""
        words = search_terms(text)
        if words and re.fullmatch(r"[\d .*]+", text.strip(), re.ASCII):
            return self.starting_with(text)
        found = self if words else self.none()
        for word in words:
            chapters = WasteChapter.objects.filter(_named(word))
            found = found.filter(_named(word) | Q(chapter__in=chapters))
        return found


class WasteCode(models.Model):
    """A six-digit entry of the European List of Waste, "03 01 05"; hazardous ones carry the asterisk."""

    class Entry(models.TextChoices):
        ABSOLUTE_HAZARDOUS = "absolute_hazardous", _("Always hazardous")
        ABSOLUTE_NON_HAZARDOUS = "absolute_non_hazardous", _("Never hazardous")
        MIRROR_HAZARDOUS = "mirror_hazardous", _("Hazardous of a pair")
        MIRROR_NON_HAZARDOUS = "mirror_non_hazardous", _("Non-hazardous of a pair")

    code = models.CharField(_("code"), max_length=8, unique=True)
    chapter = models.ForeignKey(
        WasteChapter, on_delete=models.PROTECT, related_name="codes", verbose_name=_("sub-chapter")
    )
    hazardous = models.BooleanField(_("hazardous"))
    entry = models.CharField(_("kind of entry"), max_length=22, choices=Entry.choices)
    name_fi = models.TextField(_("name in Finnish"))
    name_sv = models.TextField(_("name in Swedish"))
    name_en = models.TextField(_("name in English"))
    checked = models.BooleanField(_("name held against the legal text"), default=False)

    objects = WasteCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("waste code")
        verbose_name_plural = _("waste codes")

    def __str__(self) -> str:
        return f"{self.display_code} {self.name}"

    @property
    def display_code(self) -> str:
        return f"{self.code}*" if self.hazardous else self.code

    @property
    def name(self) -> str:
        # English names are shown with a capital as the other two begin low in the annexes.
        name = in_language(self, "name")
        return name[:1].upper() + name[1:] if get_language() == "en" else name
