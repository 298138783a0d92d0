"""The work packages of the implementation plan, as `manage.py load_plan` reads them from workpackages/data."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kisu.lib.language import in_language


class Partner(models.TextChoices):
    """The two organisations of the service centre."""

    MOTIVA = "motiva", "Motiva"
    SYKE = "syke", "Syke"


class Goal(models.Model):
    """One of the network's main goals."""

    key = models.SlugField(max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(_("position"))
    text_fi = models.TextField(_("text in Finnish"))
    text_sv = models.TextField(_("text in Swedish"))
    text_en = models.TextField(_("text in English"))

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")

    def __str__(self) -> str:
        return in_language(self, "text")


class WorkPackage(models.Model):
    """TP1-TP6. `code` is the same in all languages."""

    code = models.CharField(_("code"), max_length=3, unique=True)
    name_fi = models.CharField(_("name in Finnish"), max_length=150)
    name_sv = models.CharField(_("name in Swedish"), max_length=150)
    name_en = models.CharField(_("name in English"), max_length=150)
    summary_fi = models.TextField(_("summary in Finnish"), blank=True)
    summary_sv = models.TextField(_("summary in Swedish"), blank=True)
    summary_en = models.TextField(_("summary in English"), blank=True)

    class Meta:
        verbose_name = _("work package")
        verbose_name_plural = _("work packages")

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("workpackages:package_detail", args=[self.code])

    @property
    def name(self) -> str:
        return in_language(self, "name")

    @property
    def summary(self) -> str:
        return in_language(self, "summary")


class PackageContent(models.Model):
    """One thing that a package does."""

    package = models.ForeignKey(WorkPackage, on_delete=models.CASCADE, related_name="contents", verbose_name=_("work package"))
    key = models.SlugField(max_length=80)
    position = models.PositiveSmallIntegerField(_("position"))
    text_fi = models.TextField(_("text in Finnish"))
    text_sv = models.TextField(_("text in Swedish"))
    text_en = models.TextField(_("text in English"))

    class Meta:
        verbose_name = _("content of a package")
        verbose_name_plural = _("contents of packages")
        constraints = [models.UniqueConstraint(fields=["package", "key"], name="one_content_per_package_and_key")]

    def __str__(self) -> str:
        return in_language(self, "text")


class PackageRole(models.Model):
    """What Motiva or Syke does in a package in a span of years."""

    package = models.ForeignKey(WorkPackage, on_delete=models.CASCADE, related_name="partner_roles", verbose_name=_("work package"))
    partner = models.CharField(_("organisation"), max_length=6, choices=Partner.choices)
    key = models.SlugField(max_length=80)
    position = models.PositiveSmallIntegerField(_("position"))
    first_year = models.PositiveSmallIntegerField(_("first year"))
    last_year = models.PositiveSmallIntegerField(_("last year"))
    text_fi = models.TextField(_("text in Finnish"))
    text_sv = models.TextField(_("text in Swedish"))
    text_en = models.TextField(_("text in English"))

    class Meta:
        verbose_name = _("role in a package")
        verbose_name_plural = _("roles in packages")
        constraints = [
            models.UniqueConstraint(fields=["package", "partner", "key"], name="one_role_per_package_partner_and_key"),
            models.CheckConstraint(condition=Q(last_year__gte=models.F("first_year")), name="a_role_ends_after_it_starts"),
        ]

    def __str__(self) -> str:
        return in_language(self, "text")


class PackageLink(models.Model):
    """How one package leans on another, in content or in time."""

    class Kind(models.TextChoices):
        CONTENT = "content", _("Content")
        TIME = "time", _("Time")

    source = models.ForeignKey(WorkPackage, on_delete=models.CASCADE, related_name="links_out", verbose_name=_("from"))
    target = models.ForeignKey(WorkPackage, on_delete=models.CASCADE, related_name="links_in", verbose_name=_("to"))
    kind = models.CharField(_("kind"), max_length=7, choices=Kind.choices)
    text_fi = models.TextField(_("text in Finnish"))
    text_sv = models.TextField(_("text in Swedish"))
    text_en = models.TextField(_("text in English"))

    class Meta:
        verbose_name = _("link between packages")
        verbose_name_plural = _("links between packages")
        constraints = [
            models.UniqueConstraint(fields=["source", "target", "kind"], name="one_link_of_a_kind_between_packages"),
            models.CheckConstraint(condition=~Q(source=models.F("target")), name="a_link_joins_two_packages"),
        ]

    def __str__(self) -> str:
        return in_language(self, "text")


class PackageLeadQuerySet(models.QuerySet["PackageLead"]):
    def in_force(self, *, on: date) -> Self:
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)


class PackageLead(models.Model):
    """Which organisation leads a package from when to when; the hand-over is the day the next one starts."""

    package = models.ForeignKey(WorkPackage, on_delete=models.CASCADE, related_name="leads", verbose_name=_("work package"))
    partner = models.CharField(_("organisation"), max_length=6, choices=Partner.choices)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)

    objects = PackageLeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("lead of a package")
        verbose_name_plural = _("leads of packages")
        constraints = [
            models.UniqueConstraint(fields=["package", "starts_on"], name="one_lead_per_package_and_day"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")), name="a_lead_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.package.code} {self.get_partner_display()}"


class ClockPhase(models.Model):
    """A phase of the annual clock."""

    key = models.SlugField(max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(_("position"))
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    name_fi = models.CharField(_("name in Finnish"), max_length=150)
    name_sv = models.CharField(_("name in Swedish"), max_length=150)
    name_en = models.CharField(_("name in English"), max_length=150)

    class Meta:
        verbose_name = _("phase of the annual clock")
        verbose_name_plural = _("annual clock")

    def __str__(self) -> str:
        return in_language(self, "name")


class PlanDifference(models.Model):
    """A place where the plan's own figures or words don't agree: what is printed, and what adds up."""

    key = models.SlugField(max_length=80, unique=True)
    place = models.CharField(_("place in the plan"), max_length=200)
    printed = models.CharField(_("printed"), max_length=120)
    computed = models.CharField(_("computed"), max_length=120)
    kind = models.CharField(_("kind"), max_length=20)
    note_fi = models.TextField(_("note in Finnish"))
    note_sv = models.TextField(_("note in Swedish"))
    note_en = models.TextField(_("note in English"))

    class Meta:
        verbose_name = _("difference in the plan")
        verbose_name_plural = _("differences in the plan")

    def __str__(self) -> str:
        return self.place

    @property
    def note(self) -> str:
        return in_language(self, "note")
