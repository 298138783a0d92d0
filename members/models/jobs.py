"""Rows of jobs. The row is the truth, the broker a doorbell: the sweeper finds lost messages and killed workers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kisu.lib.jobs import job_title
from members.models.user import User
from members.permissions import Permission

# A running job writes its heartbeat at every progress call; silence this long means that its worker is gone.
STALE_AFTER = timedelta(seconds=90)
MAX_ATTEMPTS = 3


class JobRunQuerySet(models.QuerySet["JobRun"]):
    def visible_to(self, user: User) -> Self:
        """Staff see all; everyone the runs that they started."""
        return self if user.may(Permission.JOBS) else self.filter(started_by=user)

    def due(self, *, now: datetime) -> Self:
        """Waiting, or running without a sign of life: what a worker should take up now."""
        stale = Q(state=JobRun.State.RUNNING, heartbeat_at__lt=now - STALE_AFTER)
        return self.filter(stale | Q(state=JobRun.State.QUEUED, not_before__lte=now))


class JobRun(models.Model):
    """One run of a job. A daily run has its business date (Helsinki); (job, business date) is unique."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        PARKED = "parked", _("Parked")

    job = models.CharField(_("job"), max_length=60)
    business_date = models.DateField(_("business date"), null=True, blank=True)
    arguments = models.JSONField(_("arguments"), default=dict)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    done = models.PositiveIntegerField(_("handled"), default=0)
    total = models.PositiveIntegerField(_("in all"), default=0)
    result = models.JSONField(_("result"), default=dict)
    traceback = models.TextField(_("what went wrong"), blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("started by"),
    )
    queued_at = models.DateTimeField(_("queued at"), auto_now_add=True)
    not_before = models.DateTimeField(_("not before"))
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = JobRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("job run")
        verbose_name_plural = _("job runs")
        constraints = [
            models.UniqueConstraint(
                fields=["job", "business_date"],
                condition=Q(business_date__isnull=False),
                name="one_run_per_job_and_business_date",
            ),
            models.UniqueConstraint(
                fields=["job", "arguments"],
                condition=Q(state__in=["queued", "running"], business_date=None),
                name="one_open_run_per_job_and_arguments",
            ),
        ]
        indexes = [models.Index(fields=["state", "not_before"], name="job_runs_that_are_due")]

    def __str__(self) -> str:
        return f"{self.job} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("members:job_detail", args=[self.pk])

    @property
    def title(self) -> str:
        return job_title(self.job)

    @property
    def is_over(self) -> bool:
        return self.state in {self.State.DONE, self.State.PARKED}

    @property
    def tone(self) -> str:
        return {"queued": "neutral", "running": "info", "done": "ok", "parked": "late"}[self.state]


class Heartbeat(models.Model):
    """One row per process kind (beat by way of a worker): when it last lived."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()
