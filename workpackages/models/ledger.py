"""Money and working time: what was planned, what was used. EUR without VAT, person-days (7.25 h) with two decimals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kisu.lib.language import in_language
from workpackages.models.package import Partner, WorkPackage

# BETWEEN keeps NaN out, which >= does not.
MONEY = (Decimal(0), Decimal(1_000_000_000))
DAYS = (Decimal(0), Decimal(100_000))


class BudgetPeriodQuerySet(models.QuerySet["BudgetPeriod"]):
    def current(self, *, on: date) -> BudgetPeriod | None:
        """The period of the day, or the last one that has begun."""
        return self.filter(starts_on__lte=on).order_by("-starts_on", "-pk").first()


class BudgetPeriod(models.Model):
    """A budget's year, March to February. The printed totals are the plan's, whatever its rows add up to."""

    starts_on = models.DateField(_("from"), unique=True)
    ends_on = models.DateField(_("until"))
    printed_total_eur = models.DecimalField(
        _("total as printed, EUR"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    printed_days_motiva = models.DecimalField(
        _("Motiva's person-days as printed"), max_digits=8, decimal_places=2, null=True, blank=True
    )
    printed_days_syke = models.DecimalField(
        _("Syke's person-days as printed"), max_digits=8, decimal_places=2, null=True, blank=True
    )
    printed_days_total = models.DecimalField(
        _("person-days in all as printed"), max_digits=8, decimal_places=2, null=True, blank=True
    )

    objects = BudgetPeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("budget period")
        verbose_name_plural = _("budget periods")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=models.F("starts_on")), name="a_budget_period_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on.month}/{self.starts_on.year}–{self.ends_on.month}/{self.ends_on.year}"

    @property
    def key(self) -> str:
        """The first month (2022-03): for addresses."""
        return f"{self.starts_on:%Y-%m}"

    def elapsed_share(self, *, on: date) -> Decimal:
        """How much of the period has passed on that day, 0 to 1."""
        days = (self.ends_on - self.starts_on).days + 1
        passed = min(max((on - self.starts_on).days + 1, 0), days)
        return Decimal(passed) / Decimal(days)


class BudgetLineQuerySet(models.QuerySet["BudgetLine"]):
    def top(self) -> Self:
        """The lines that add up to the total: those that are not the split of another."""
        return self.filter(parent=None)


class BudgetLine(models.Model):
    """Money for a package, or for what no package owns (subcontracting); `parent` is the line that it splits."""

    class Group(models.TextChoices):
        COMMUNICATION = "communication", _("Communication")
        OTHER = "other", pgettext_lazy("group of costs", "Other")

    period = models.ForeignKey(BudgetPeriod, on_delete=models.CASCADE, related_name="lines", verbose_name=_("period"))
    package = models.ForeignKey(
        WorkPackage,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="budget_lines",
        verbose_name=_("work package"),
    )
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="parts", verbose_name=_("part of")
    )
    code = models.SlugField(_("code"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"))
    name_fi = models.CharField(_("name in Finnish"), max_length=150)
    name_sv = models.CharField(_("name in Swedish"), max_length=150)
    name_en = models.CharField(_("name in English"), max_length=150)
    group = models.CharField(_("group of costs"), max_length=13, choices=Group.choices, blank=True)
    amount_eur = models.DecimalField(_("amount, EUR"), max_digits=12, decimal_places=2)

    objects = BudgetLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("budget line")
        verbose_name_plural = _("budget lines")
        constraints = [
            models.UniqueConstraint(fields=["period", "code"], name="one_budget_line_per_period_and_code"),
            models.CheckConstraint(condition=Q(amount_eur__range=MONEY), name="a_budget_line_is_a_sane_amount"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(self, "name")


class Allocation(models.Model):
    """Person-days for a package in a period; `printed_total` is the row's total as the plan prints it."""

    period = models.ForeignKey(
        BudgetPeriod, on_delete=models.CASCADE, related_name="allocations", verbose_name=_("period")
    )
    package = models.ForeignKey(
        WorkPackage, on_delete=models.PROTECT, related_name="allocations", verbose_name=_("work package")
    )
    days_motiva = models.DecimalField(_("Motiva, person-days"), max_digits=8, decimal_places=2)
    days_syke = models.DecimalField(_("Syke, person-days"), max_digits=8, decimal_places=2)
    printed_total = models.DecimalField(_("total as printed"), max_digits=8, decimal_places=2, null=True, blank=True)

    class Meta:
        verbose_name = _("allocation of person-days")
        verbose_name_plural = _("allocations of person-days")
        constraints = [
            models.UniqueConstraint(fields=["period", "package"], name="one_allocation_per_period_and_package"),
            models.CheckConstraint(
                condition=Q(days_motiva__range=DAYS, days_syke__range=DAYS),
                name="an_allocation_is_a_sane_number_of_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.package.code} {self.period}"

    @property
    def days(self) -> Decimal:
        return self.days_motiva + self.days_syke


class LeadDays(models.Model):
    """Person-days planned for the lead of a package in one organisation."""

    period = models.ForeignKey(
        BudgetPeriod, on_delete=models.CASCADE, related_name="lead_days", verbose_name=_("period")
    )
    package = models.ForeignKey(
        WorkPackage, on_delete=models.PROTECT, related_name="lead_days", verbose_name=_("work package")
    )
    partner = models.CharField(_("organisation"), max_length=6, choices=Partner.choices)
    days = models.DecimalField(_("person-days"), max_digits=8, decimal_places=2)

    class Meta:
        verbose_name = _("person-days of a lead")
        verbose_name_plural = _("person-days of leads")
        constraints = [
            models.UniqueConstraint(
                fields=["period", "package", "partner"], name="one_lead_figure_per_package_and_partner"
            ),
            models.CheckConstraint(condition=Q(days__range=DAYS), name="lead_days_are_a_sane_number"),
        ]


class StaffingYear(models.Model):
    """A calendar year for which the plan estimates person-months, with the totals that it prints."""

    year = models.PositiveSmallIntegerField(_("year"), unique=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    printed_motiva = models.DecimalField(
        _("Motiva's person-months as printed"), max_digits=6, decimal_places=2, null=True, blank=True
    )
    printed_syke = models.DecimalField(
        _("Syke's person-months as printed"), max_digits=6, decimal_places=2, null=True, blank=True
    )

    class Meta:
        verbose_name = _("year of person-months")
        verbose_name_plural = _("years of person-months")

    def __str__(self) -> str:
        return str(self.year)


class PersonMonths(models.Model):
    """Person-months of one organisation for a package in a calendar year."""

    year = models.PositiveSmallIntegerField(_("year"))
    package = models.ForeignKey(
        WorkPackage, on_delete=models.PROTECT, related_name="person_months", verbose_name=_("work package")
    )
    partner = models.CharField(_("organisation"), max_length=6, choices=Partner.choices)
    months = models.DecimalField(_("person-months"), max_digits=6, decimal_places=2)

    class Meta:
        verbose_name = _("person-months")
        verbose_name_plural = _("person-months")
        constraints = [
            models.UniqueConstraint(
                fields=["year", "package", "partner"], name="one_month_figure_per_year_package_and_partner"
            ),
            models.CheckConstraint(condition=Q(months__range=DAYS), name="person_months_are_a_sane_number"),
        ]


class Actual(models.Model):
    """What a budget line has used from the start of its period up to a day, as the organisations report it."""

    line = models.ForeignKey(
        BudgetLine, on_delete=models.CASCADE, related_name="actuals", verbose_name=_("budget line")
    )
    until = models.DateField(_("up to"))
    amount_eur = models.DecimalField(_("used, EUR"), max_digits=12, decimal_places=2)
    days = models.DecimalField(_("used, person-days"), max_digits=8, decimal_places=2)

    class Meta:
        verbose_name = _("actual")
        verbose_name_plural = _("actuals")
        constraints = [
            models.UniqueConstraint(fields=["line", "until"], name="one_actual_per_line_and_day"),
            models.CheckConstraint(condition=Q(amount_eur__range=MONEY, days__range=DAYS), name="an_actual_is_sane"),
        ]
