"""Challenges, objectives, indicators with their targets and values."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import TruncMonth
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kisu.lib.language import in_language
from kisu.lib.metrics import Metric, metrics
from members.models import User
from members.permissions import Permission
from workpackages.models.package import WorkPackage

AMOUNT = (Decimal(-1_000_000_000_000), Decimal(1_000_000_000_000))
DAILY_KEPT = 60  # days for which every day's counted value is kept; of older months only the last one


class Challenge(models.Model):
    """A challenge that the plan answers."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(_("position"))
    text_fi = models.TextField(_("text in Finnish"))
    text_sv = models.TextField(_("text in Swedish"))
    text_en = models.TextField(_("text in English"))

    class Meta:
        verbose_name = _("challenge")
        verbose_name_plural = _("challenges")

    def __str__(self) -> str:
        return in_language(self, "text")


class Objective(models.Model):
    """An objective under a challenge."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    challenge = models.ForeignKey(
        Challenge, on_delete=models.CASCADE, related_name="objectives", verbose_name=_("challenge")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    text_fi = models.TextField(_("text in Finnish"))
    text_sv = models.TextField(_("text in Swedish"))
    text_en = models.TextField(_("text in English"))

    class Meta:
        verbose_name = _("objective")
        verbose_name_plural = _("objectives")

    def __str__(self) -> str:
        return in_language(self, "text")


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    def counted(self) -> Self:
        """Those that the nightly job counts from the portal's records."""
        return self.exclude(metric="")

    def editable_by(self, user: User) -> Self:
        """Those whose values the user may enter; one that is counted takes none by hand."""
        reach = user.reach(Permission.INDICATOR_VALUE)
        entered = self.filter(metric="")
        return entered if reach.everything else entered.filter(package__code__in=reach.packages)

    def definable_by(self, user: User) -> Self:
        """Those whose target the user may set, and that the user may have recounted."""
        return self if user.reach(Permission.INDICATOR_DEFINE).everything else self.none()


class Indicator(models.Model):
    """What is measured. `metric` names the count in the portal's records; empty: people enter the values.

    `goal_times` and `goal_year`: the plan asks for a multiple of a base year that it does not print (doubling by 2035).
    """

    class Level(models.TextChoices):
        OUTPUT = "output", _("Output")
        OUTCOME = "outcome", _("Outcome")
        NATIONAL = "national", _("National goal")

    class Direction(models.TextChoices):
        UP = "up", _("More is better")
        DOWN = "down", _("Less is better")

    class Basis(models.TextChoices):
        ROW = "row", _("A row of the plan's table")
        PART = "part", _("A part of a row of the plan's table")
        TEXT = "text", _("The plan's text")
        GOAL = "goal", _("A national goal in the plan")
        ADDED = "added", _("Added by the portal")

    class Unit(models.TextChoices):
        PIECES = "pcs", pgettext_lazy("unit", "pcs")
        TONNES = "t", "t"
        TONNES_CO2E = "t_co2e", pgettext_lazy("unit", "t CO₂e")
        EURO = "eur", "€"
        EURO_PER_KG = "eur_per_kg", "€/kg"
        PERCENT = "percent", "%"

    code = models.SlugField(_("code"), max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(_("position"))
    level = models.CharField(_("level"), max_length=8, choices=Level.choices)
    basis = models.CharField(_("basis"), max_length=5, choices=Basis.choices, default=Basis.ADDED)
    direction = models.CharField(_("direction"), max_length=4, choices=Direction.choices, default=Direction.UP)
    package = models.ForeignKey(
        WorkPackage,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="indicators",
        verbose_name=_("work package"),
    )
    challenge = models.ForeignKey(
        Challenge,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="indicators",
        verbose_name=_("challenge"),
    )
    objective = models.ForeignKey(
        Objective,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="indicators",
        verbose_name=_("objective"),
    )
    name_fi = models.CharField(_("name in Finnish"), max_length=200)
    name_sv = models.CharField(_("name in Swedish"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)
    definition_fi = models.TextField(_("definition in Finnish"))
    definition_sv = models.TextField(_("definition in Swedish"))
    definition_en = models.TextField(_("definition in English"))
    unit_code = models.CharField(_("unit"), max_length=10, choices=Unit.choices, blank=True)
    decimals = models.PositiveSmallIntegerField(_("decimals shown"), default=0)
    goal_times = models.DecimalField(
        _("goal as a multiple of the base year"), max_digits=6, decimal_places=2, null=True, blank=True
    )
    goal_year = models.PositiveSmallIntegerField(_("year of the goal"), null=True, blank=True)
    metric = models.CharField(_("metric"), max_length=80, blank=True)
    from_plan = models.BooleanField(_("from the plan's file"), default=False, editable=False)

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("workpackages:indicator_detail", args=[self.code])

    @property
    def name(self) -> str:
        return in_language(self, "name")

    @property
    def definition(self) -> str:
        return in_language(self, "definition")

    @property
    def unit(self) -> str:
        """The unit's short form, empty where the plan leaves it open."""
        return str(self.get_unit_code_display())

    @property
    def counts(self) -> Metric | None:
        """The metric that counts it, from the registry."""
        return metrics.get(self.metric) if self.metric else None


class Target(models.Model):
    """The value aimed at on a day; the path between two targets is a straight line (workpackages/progress.py).

    `amount_high` is the upper end where the plan aims at a range; the path goes by `amount`, its lower end.
    """

    indicator = models.ForeignKey(
        Indicator, on_delete=models.CASCADE, related_name="targets", verbose_name=_("indicator")
    )
    on = models.DateField(_("day of the target"))
    amount = models.DecimalField(_("target value"), max_digits=16, decimal_places=3)
    amount_high = models.DecimalField(
        _("upper end of the target"), max_digits=16, decimal_places=3, null=True, blank=True
    )
    is_approximate = models.BooleanField(_("approximate"), default=False)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("set by"),
    )
    source = models.CharField(_("source of the target"), max_length=200, blank=True)
    from_plan = models.BooleanField(_("from the plan's file"), default=False, editable=False)

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        constraints = [
            models.UniqueConstraint(fields=["indicator", "on"], name="one_target_per_indicator_and_day"),
            models.CheckConstraint(condition=Q(amount__range=AMOUNT), name="a_target_is_a_sane_amount"),
            models.CheckConstraint(
                condition=Q(amount_high=None) | Q(amount_high__gte=models.F("amount"), amount_high__range=AMOUNT),
                name="a_target_range_is_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.on.isoformat()}"


class ValueQuerySet(models.QuerySet["Value"]):
    def up_to(self, day: date) -> Self:
        return self.filter(on__lte=day)

    def monthly(self) -> Self:
        """Each month's last value of each indicator, oldest first: for trends; the last one is the latest of all."""
        by_month = self.annotate(month=TruncMonth("on"))
        return by_month.order_by("indicator", "month", "-on").distinct("indicator", "month")

    def thinnable(self, *, on: date) -> Self:
        """Counted values older than DAILY_KEPT days of which their month has a later one."""
        later = Value.objects.filter(
            indicator=models.OuterRef("indicator"),
            on__gt=models.OuterRef("on"),
            on__year=models.OuterRef("on__year"),
            on__month=models.OuterRef("on__month"),
        )
        old = Q(origin=Value.Origin.COUNTED, on__lt=on - timedelta(days=DAILY_KEPT))
        return self.filter(old, models.Exists(later))


class Value(models.Model):
    """An indicator's value on a day (Helsinki): counted by the night's job, or entered by a person with evidence."""

    class Origin(models.TextChoices):
        COUNTED = "counted", _("Counted from the portal's records")
        ENTERED = "entered", _("Entered")

    indicator = models.ForeignKey(
        Indicator, on_delete=models.CASCADE, related_name="values", verbose_name=_("indicator")
    )
    on = models.DateField(_("on"))
    amount = models.DecimalField(_("value"), max_digits=16, decimal_places=3)
    origin = models.CharField(_("origin"), max_length=7, choices=Origin.choices, default=Origin.ENTERED)
    evidence = models.CharField(_("evidence"), max_length=300, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("entered by"),
    )
    recorded_at = models.DateTimeField(_("recorded"), auto_now=True)

    objects = ValueQuerySet.as_manager()

    class Meta:
        verbose_name = _("indicator value")
        verbose_name_plural = _("indicator values")
        constraints = [
            models.UniqueConstraint(fields=["indicator", "on"], name="one_value_per_indicator_and_day"),
            models.CheckConstraint(condition=Q(amount__range=AMOUNT), name="a_value_is_a_sane_amount"),
            models.CheckConstraint(
                condition=Q(origin="counted") | (Q(origin="entered") & ~Q(evidence="")),
                name="an_entered_value_has_its_evidence",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.on.isoformat()}"

    def clean(self) -> None:
        if self.origin != self.Origin.ENTERED:
            return
        if self.indicator_id and self.indicator.metric:
            raise ValidationError(_("The portal counts this indicator itself: no value can be entered."))
        if not self.evidence:
            raise ValidationError({"evidence": _("Tell where the figure comes from.")})
