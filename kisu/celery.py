"""Celery: the doorbell and the clock. What has to happen stands in the database (members.models: jobs, mail)."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from celery import Celery
from celery.schedules import crontab, schedule
from celery.signals import beat_init, setup_logging, worker_init
from django.conf import settings
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kisu.settings")

app = Celery("kisu")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# UTC. Nothing between 00:00 and 02:00 UTC, which holds 03:00-04:00 in Helsinki both in summer and in winter.
# Each daily entry only asks for a run; the row (job, business date) makes it one, and the sweeper starts what was missed.
app.conf.beat_schedule = {
    # The readiness check and staff see by it that beat and a worker live.
    "heartbeat": {"task": "members.heartbeat", "schedule": schedule(60.0)},
    # Takes up what a killed worker, a lost message or a rolled-back kick left behind, and what is due and was missed.
    "sweep": {"task": "members.sweep", "schedule": schedule(30.0)},
    # First after midnight in Helsinki (00:05 winter, 01:05 summer): what expired yesterday is not matched tonight.
    "expire listings": {
        "task": "members.start_daily",
        "args": ("symbiosis.expire_listings",),
        "schedule": crontab(hour=22, minute=5),
    },
    # After expiry, before the indicators that count its results.
    "match listings": {
        "task": "members.start_daily",
        "args": ("symbiosis.match_listings",),
        "schedule": crontab(hour=22, minute=20),
    },
    "update indicators": {
        "task": "members.start_daily",
        "args": ("workpackages.update_indicators",),
        "schedule": crontab(hour=23, minute=0),
    },
    # Last: deletes only what no job of the night still needs.
    "retention": {
        "task": "members.start_daily",
        "args": ("members.enforce_retention",),
        "schedule": crontab(hour=23, minute=40),
    },
}


@setup_logging.connect
def keep_our_logging(**kwargs: Any) -> None:
    """Celery leaves the root logger alone when something listens here; Django has set up JSON logs already."""


@worker_init.connect
def make_broker_folders(**kwargs: Any) -> None:
    for key in ("data_folder_in", "control_folder"):
        if folder := settings.CELERY_BROKER_TRANSPORT_OPTIONS.get(key):
            Path(folder).mkdir(parents=True, exist_ok=True)


@beat_init.connect
def beat_at_once(**kwargs: Any) -> None:
    """Ready as soon as everything runs, not after the first minute. A broker that is still silent gets the next one."""
    with suppress(OperationalError, OSError):
        app.send_task("members.heartbeat", retry=False)
