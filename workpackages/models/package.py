"""The work packages of the implementation plan, as `manage.py load_plan` reads them from workpackages/data."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kisu.lib.language import in_language


class Partner(models.TextChoices):
    """The two organisations of the service centre."""

    MOTIVA = "motiva", "Motiva"
    SYKE = "syke", "Syke"


class Goal(models.Model):
    """One of the network's main goals."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
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
    """One thing that the plan says of a package; a part of another thing has it as its parent."""

    class Kind(models.TextChoices):
        OBJECTIVE = "objective", _("Aim")
        CONTENT = "content", _("Content")
        PHASE = "phase", _("Phase")
        PRINCIPLE = "principle", _("Principle")
        THEME = "theme", _("Theme")
        EMPHASIS = "emphasis", _("Emphasis")
        OPERATING_MODEL = "operating_model", _("Way of working")

    class Actor(models.TextChoices):
        MOTIVA = "motiva", "Motiva"
        REGIONAL_COORDINATOR = "regional_coordinator", _("Regional coordinator")

    package = models.ForeignKey(
        WorkPackage, on_delete=models.CASCADE, related_name="contents", verbose_name=_("work package")
    )
    code = models.SlugField(_("code"), max_length=80)
    position = models.PositiveSmallIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=15, choices=Kind.choices)
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="parts", verbose_name=_("part of")
    )
    actor = models.CharField(_("who does it"), max_length=20, choices=Actor.choices, blank=True)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    text_fi = models.TextField(_("text in Finnish"))
    text_sv = models.TextField(_("text in Swedish"))
    text_en = models.TextField(_("text in English"))

    class Meta:
        verbose_name = _("content of a package")
        verbose_name_plural = _("contents of packages")
        constraints = [
            models.UniqueConstraint(fields=["package", "code"], name="one_content_per_package_and_code"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=models.F("starts_on")),
                name="a_content_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return in_language(self, "text")


class PackageRole(models.Model):
    """A task of Motiva or Syke in a package. Years are those printed above it; TP1 and TP6 print none.

    `is_main`: the plan gives the organisation the main responsibility. The days narrow the years where the plan does.
    """

    package = models.ForeignKey(
        WorkPackage, on_delete=models.CASCADE, related_name="partner_roles", verbose_name=_("work package")
    )
    partner = models.CharField(_("organisation"), max_length=6, choices=Partner.choices)
    code = models.SlugField(_("code"), max_length=80)
    position = models.PositiveSmallIntegerField(_("position"))
    first_year = models.PositiveSmallIntegerField(_("first year"), null=True, blank=True)
    last_year = models.PositiveSmallIntegerField(_("last year"), null=True, blank=True)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    is_main = models.BooleanField(_("main responsibility"), default=False)
    text_fi = models.TextField(_("text in Finnish"))
    text_sv = models.TextField(_("text in Swedish"))
    text_en = models.TextField(_("text in English"))

    class Meta:
        verbose_name = _("task in a package")
        verbose_name_plural = _("tasks in packages")
        constraints = [
            models.UniqueConstraint(fields=["package", "code"], name="one_task_per_package_and_code"),
            models.CheckConstraint(
                condition=Q(first_year=None, last_year=None) | Q(last_year__gte=models.F("first_year")),
                name="a_task_has_both_years_in_order_or_none",
            ),
        ]

    def __str__(self) -> str:
        return in_language(self, "text")

    @property
    def years(self) -> str:
        """2022, 2023–2024, or empty where the plan prints none."""
        if self.first_year == self.last_year:
            return str(self.first_year or "")
        return f"{self.first_year}–{self.last_year}"


class PackageLink(models.Model):
    """How one package leans on another, in content or in time: `source` gives to or steers `target`."""

    class Kind(models.TextChoices):
        CONTENT = "content", _("Content")
        TIME = "time", _("Time")

    source = models.ForeignKey(WorkPackage, on_delete=models.CASCADE, related_name="links_out", verbose_name=_("from"))
    target = models.ForeignKey(WorkPackage, on_delete=models.CASCADE, related_name="links_in", verbose_name=_("to"))
    kind = models.CharField(_("kind"), max_length=7, choices=Kind.choices)
    position = models.PositiveSmallIntegerField(_("position"))
    is_strong = models.BooleanField(_("strong"), default=False)
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


class PackageLead(models.Model):
    """Which organisation leads a package from when to when; the hand-over is the day the next one starts.

    `from_plan` marks the leads that loading the plan keeps in step with its file; others are people's own.
    """

    package = models.ForeignKey(
        WorkPackage, on_delete=models.CASCADE, related_name="leads", verbose_name=_("work package")
    )
    partner = models.CharField(_("organisation"), max_length=6, choices=Partner.choices)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    from_plan = models.BooleanField(_("from the plan's file"), default=False, editable=False)

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

    code = models.SlugField(_("code"), max_length=60, unique=True)
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
    """A place where the plan's own figures or words don't agree: what is printed, and what adds up.

    `printed` and `computed` are figures or days in the file's form (106.5, 2023-08-31); empty where words differ.
    """

    class Kind(models.TextChoices):
        SUM = "sum", _("Sum")
        CONVERSION = "conversion", _("Conversion")
        SHARE = "share", _("Share")
        PERIOD = "period", _("Period")
        TIMING = "timing", _("Timing")
        LEAD = "lead", _("Lead")
        NAME = "name", _("Name")
        SCOPE = "scope", _("Scope")
        MISSING = "missing", _("Missing")
        REPEATED = "repeated", _("Repeated")
        REFERENCE = "reference", _("Reference")
        OPEN = "open", pgettext_lazy("kind of difference", "Open question")

    code = models.SlugField(_("code"), max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    packages = models.ManyToManyField(
        WorkPackage, blank=True, related_name="differences", verbose_name=_("work packages")
    )
    printed = models.CharField(_("printed"), max_length=40, blank=True)
    computed = models.CharField(_("computed"), max_length=40, blank=True)
    place_fi = models.CharField(_("place in the plan, in Finnish"), max_length=200)
    place_sv = models.CharField(_("place in the plan, in Swedish"), max_length=200)
    place_en = models.CharField(_("place in the plan, in English"), max_length=200)
    note_fi = models.TextField(_("note in Finnish"))
    note_sv = models.TextField(_("note in Swedish"))
    note_en = models.TextField(_("note in English"))

    class Meta:
        verbose_name = _("difference in the plan")
        verbose_name_plural = _("differences in the plan")

    def __str__(self) -> str:
        return self.place

    @property
    def place(self) -> str:
        return in_language(self, "place")

    @property
    def note(self) -> str:
        return in_language(self, "note")

    @property
    def printed_figure(self) -> Decimal | date | None:
        return _figure(self.printed)

    @property
    def computed_figure(self) -> Decimal | date | None:
        return _figure(self.computed)


def _figure(text: str) -> Decimal | date | None:
    if not text:
        return None
    return date.fromisoformat(text) if text.count("-") == 2 else Decimal(text)
