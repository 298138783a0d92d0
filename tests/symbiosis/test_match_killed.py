"""The night's job in processes of its own, killed for real: what a worker leaves behind, another one finishes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone
from psycopg import sql

from members.models import JobRun

ROOT = Path(__file__).resolve().parents[2]

BEGIN = """
import django; django.setup()
from datetime import timedelta
from django.utils import timezone
from members import tasks
from members.models import JobRun, Notification
from members.services import jobs
from symbiosis.models import Match, match_run
rung = []
tasks.ring = lambda task, pk: rung.append(pk)
"""

ASK = """
from tests.factories.members import create_member
from tests.factories.symbiosis import create_listing, create_need
for number in range(3):
    offer = create_listing(title=f"Dry sawdust {number}")
    create_member(offer.organisation)
    create_need(title=f"Sawdust {number}")
jobs.start_job(by=None, job="symbiosis.match_listings", now=timezone.now())
"""

LOOK = """
import json, sys
match_run.SILENT = timedelta()  # what was left is anybody's at once
def look():
    run = JobRun.objects.get(job="symbiosis.match_listings", business_date=None)
    print(json.dumps([run.state, run.attempts, Match.objects.count(), Notification.objects.count()]), flush=True)
    return run
run, now = look(), timezone.now() + timedelta(minutes=int(sys.argv[1]))
"""

# Hangs at the given place, and says so: the moment to kill it.
DIE = """
import time
from symbiosis.services import night
place = sys.argv[2]
real = getattr(night, place)
def hang(*args, **kwargs):
    answer = real(*args, **kwargs)
    print("here", flush=True)
    time.sleep(60)
    return answer
setattr(night, place, hang)
jobs.run_job(run_id=run.pk, now=now)
"""

SWEEP = """
jobs.sweep_jobs(now=now)
for _twice in range(2):
    assert run.pk in rung
    jobs.run_job(run_id=run.pk, now=now)
look()
"""


@contextmanager
def _copy_of_the_database() -> Iterator[str]:
    """URL of a copy of the test database, gone afterwards: a killed process leaves nothing in the other tests' way."""
    made = settings.DATABASES["default"]
    connections.close_all()  # a database in use cannot be copied
    copy = f"{made['NAME']}_killed"
    address = {"host": made["HOST"], "port": made["PORT"] or None, "user": made["USER"], "password": made["PASSWORD"]}
    given = urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(dbname="postgres", autocommit=True, **address) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(copy)))
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(copy), sql.Identifier(made["NAME"]))
        )
        try:
            yield urlunsplit(given._replace(path=f"/{copy}"))
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(copy)))


@pytest.fixture
def process(django_db_setup: None) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    with _copy_of_the_database() as url:
        environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "kisu.settings", "KISU_TESTING": "1"}

        def start(script: str, *arguments: str) -> subprocess.Popen[str]:
            return subprocess.Popen(
                [sys.executable, "-c", BEGIN + script, *arguments],
                cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip

        yield start


@pytest.mark.django_db
def test_a_run_is_left_alone_while_it_gives_signs_of_life() -> None:
    now = timezone.now()
    run = JobRun.objects.create(
        job="symbiosis.match_listings", not_before=now, state=JobRun.State.RUNNING, attempts=1, heartbeat_at=now
    )
    assert run not in JobRun.objects.due(now=now + timedelta(seconds=60))
    assert run in JobRun.objects.due(now=now + timedelta(minutes=2))


def _killed(process: subprocess.Popen[str]) -> Any:
    """What it saw before it began; killed when it hangs."""
    assert process.stdout is not None
    saw = json.loads(process.stdout.readline())
    assert process.stdout.readline() == "here\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=10)
    return saw


def test_a_worker_killed_in_the_job_leaves_nothing_half_and_nothing_is_done_twice(
    process: Callable[..., subprocess.Popen[str]],
) -> None:
    """Killed once with a slice in hand and once while it publishes; the third worker finishes."""
    assert _killed(process(ASK + LOOK + DIE, "0", "_claim")) == ["queued", 0, 0, 0]
    assert _killed(process(LOOK + DIE, "2", "tell_of")) == ["running", 1, 0, 0]
    last = process(LOOK + SWEEP, "4")
    said, _ = last.communicate(timeout=60)
    assert last.returncode == 0
    assert [json.loads(line) for line in said.splitlines()] == [["running", 2, 0, 0], ["done", 3, 9, 3]]
