"""The night's matching while it runs: cut into slices that any worker takes up, staged until all of it is there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from symbiosis.models.match import Match

SILENT = timedelta(seconds=45)
"""A slice whose worker has given no sign for so long is anybody's."""


class MatchRun(models.Model):
    """One matching of all open listings. What it finds is published at once, or not at all."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        PUBLISHED = "published", _("Published")
        SUPERSEDED = "superseded", _("Superseded")

    on = models.DateField(_("day"))
    version = models.CharField(_("version of the knowledge"), max_length=16)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.RUNNING)
    began_at = models.DateTimeField(_("began"))
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    parked = models.JSONField(_("listings left aside by a fault"), default=list, blank=True)

    class Meta:
        verbose_name = _("run of the matching")
        verbose_name_plural = _("runs of the matching")

    def __str__(self) -> str:
        return f"{self.on}: {self.get_state_display()}"


class MatchSliceQuerySet(models.QuerySet["MatchSlice"]):
    def unfinished(self) -> Self:
        return self.filter(done_at=None)

    def free(self, *, now: datetime) -> Self:
        """Nobody works on it, or its worker has fallen silent."""
        return self.unfinished().filter(Q(seen_at=None) | Q(seen_at__lt=now - SILENT))


class MatchSlice(models.Model):
    """Some needs of a run."""

    run = models.ForeignKey(MatchRun, on_delete=models.CASCADE, related_name="slices", verbose_name=_("run"))
    number = models.PositiveIntegerField(_("number"))
    needs = ArrayField(models.BigIntegerField(), verbose_name=_("needs"))
    done = models.PositiveIntegerField(_("needs done"), default=0)
    seen_at = models.DateTimeField(_("last sign of its worker"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    objects = MatchSliceQuerySet.as_manager()

    class Meta:
        verbose_name = _("slice of a run of the matching")
        verbose_name_plural = _("slices of a run of the matching")
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="one_slice_per_run_and_number")]

    def __str__(self) -> str:
        return f"{self.run}, {self.number}"


class StagedMatch(models.Model):
    """A pair of a run that is not published yet. Listings without a constraint: they may be deleted meanwhile."""

    slice = models.ForeignKey(MatchSlice, on_delete=models.CASCADE, related_name="+", verbose_name=_("slice"))
    offer_id = models.BigIntegerField(_("offer"))
    need_id = models.BigIntegerField(_("need"))
    match_class = models.CharField(_("class"), max_length=8, choices=Match.MatchClass.choices)
    score = models.FloatField(_("score, 0 to 1"))
    parts = models.JSONField(_("parts of the score"))
    reasons = models.JSONField(_("reasons"))
    check_first = models.JSONField(_("what to check first"))
    notes = models.JSONField(_("what law and sense say"))
    distance_km = models.FloatField(_("distance by road, km"), null=True)

    class Meta:
        verbose_name = _("staged match")
        verbose_name_plural = _("staged matches")

    def __str__(self) -> str:
        return f"{self.offer_id} → {self.need_id}"
