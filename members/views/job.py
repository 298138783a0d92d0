"""Jobs: what the portal does by itself, when, how it went; started and tried again by a press."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from kisu.lib import formats
from kisu.lib.jobs import Job, jobs
from kisu.lib.tables import Column, filter_chips, table_page
from members.access import requires, signed_in, visible_or_404
from members.filters import JobFilter
from members.history import field_name, value_words
from members.models import JobRun
from members.permissions import Permission
from members.services.jobs import next_daily, retry_job, start_job

COLUMNS = [
    Column("job", gettext_lazy("Run"), order_by="job"),
    Column("state", gettext_lazy("State"), order_by="state"),
    Column("queued_at", gettext_lazy("Asked for"), order_by="queued_at", numeric=True),
    Column("finished_at", gettext_lazy("Ended"), order_by="finished_at", numeric=True),
    Column("attempts", gettext_lazy("Tries"), order_by="attempts", numeric=True),
]


@dataclass(frozen=True, slots=True)
class Registered:
    """A job with its last run and its next."""

    job: Job
    last: JobRun | None
    next_at: datetime | None


@requires(Permission.JOBS)
@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def job_list(request: HttpRequest) -> HttpResponseBase:
    now = timezone.now()
    runs = JobRun.objects.visible_to(signed_in(request))
    last = {run.job: run for run in runs.order_by("job", "-queued_at", "-pk").distinct("job")}
    found = JobFilter(request.GET, queryset=runs.select_related("started_by__person"), request=request)
    part = "#results" if request.headers.get("HX-Target") == "results" else ""
    return TemplateResponse(
        request,
        f"members/job_list.html{part}",
        {
            "registered": [
                Registered(job=jobs[name], last=last.get(name), next_at=next_daily(job=name, now=now))
                for name in jobs.keys()  # noqa: SIM118  a registry, in the order of its names
            ],
            "table": table_page(request, found.qs, COLUMNS, default="-queued_at"),
            "filter": found,
            "chips": filter_chips(request, found.form),
        },
    )


@requires(Permission.DASHBOARD)
@require_safe
def job_detail(request: HttpRequest, pk: int) -> TemplateResponse:
    """How far a run is. A page that polls is told to reload itself once the run is over."""
    user = signed_in(request)
    run = visible_or_404(JobRun.objects.visible_to(user).select_related("started_by__person"), pk=pk)
    keeps_jobs = user.may(Permission.JOBS)
    response = TemplateResponse(
        request,
        "members/job_detail.html",
        {"run": run, "job": jobs.get(run.job), "figures": figures_of(run), "keeps_jobs": keeps_jobs},
    )
    if run.is_over and request.headers.get("HX-Request"):
        response.headers["HX-Refresh"] = "true"
    return response


def figures_of(run: JobRun) -> list[tuple[str, Any]]:
    """The result as (label, value), those that the job names first and in its order."""
    job = jobs.get(run.job)
    named = job.figures if job else {}
    keys = [key for key in named if key in run.result] + [key for key in run.result if key not in named]
    return [(str(named.get(key) or field_name("", key)), _in_words(key, run.result[key])) for key in keys]


def _in_words(key: str, value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return formats.number(value)
    return value_words("", key, ", ".join(map(str, value)) if isinstance(value, list) else value)


@requires(Permission.JOBS)
@require_POST
def job_start(request: HttpRequest, name: str) -> HttpResponse:
    if name not in jobs:
        raise Http404
    return redirect(start_job(by=signed_in(request), job=name, now=timezone.now()))


@requires(Permission.JOBS)
@require_POST
def job_retry(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    run = visible_or_404(JobRun.objects.visible_to(user), pk=pk)
    if not retry_job(by=user, run=run, now=timezone.now()):
        messages.error(request, _("Only a run that was given up can be tried again."))
    return redirect(run)
