"""Health for machines, and where browsers report breaches of the content security policy."""

from __future__ import annotations

import json
import logging
import shutil
import time
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from threading import Thread

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from members.access import public
from members.models import Heartbeat, Mail
from members.tasks import DOORBELL

log = logging.getLogger(__name__)

BEAT_SILENT = timedelta(seconds=180)
MAIL_LATE = timedelta(minutes=10)
DISK_FREE = 0.10
PATIENCE = 1.2  # seconds: whoever asks waits two
REPORT_LIMIT = 8 * 1024


@public(why="the process supervisor asks; tells nothing")
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers. Asks no database."""
    return HttpResponse("ok", content_type="text/plain")


@public(why="the load balancer asks; tells only names of checks")
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether this instance can serve: 200, or 503 with the names of the checks that fail. No version, no figures."""
    answers = _database()
    broker = _broker()
    database = answers()
    checks = {
        "database": database,
        # Asked only of a database that answers: each would wait for it again.
        "migrations": database and _migrations(),
        "beat": database and _beat(),
        "mail": database and _mail(),
        "broker": broker,
        "disk": _disk(),
    }
    ready = all(checks.values())
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)


def _database() -> Callable[[], bool]:
    """Begins to open a connection, and gives what tells whether it answered.

    In a thread, which can be left waiting: psycopg bears a silent server for two seconds at least.
    """
    good: list[bool] = []

    def ask() -> None:
        with suppress(DatabaseError), closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            good.append(True)

    thread = Thread(target=ask, daemon=True)
    thread.start()
    give_up = time.monotonic() + PATIENCE

    def answers() -> bool:
        thread.join(max(0.0, give_up - time.monotonic()))
        return bool(good)

    return answers


def _migrations() -> bool:
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return False


def _broker() -> bool:
    from kisu.celery import app

    if settings.CELERY_BROKER_URL.startswith("filesystem"):
        return Path(settings.BROKER_DIR).is_dir()
    try:
        with app.connection_for_write(transport_options=DOORBELL) as link:
            link.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=1)
    except Exception:  # kombu wraps what each transport raises, and any of them means "no"
        return False
    return True


def _beat() -> bool:
    try:
        return Heartbeat.objects.filter(name="beat", at__gte=timezone.now() - BEAT_SILENT).exists()
    except DatabaseError:
        return False


def _mail() -> bool:
    try:
        return not Mail.objects.due(now=timezone.now() - MAIL_LATE).exists()
    except DatabaseError:
        return False


def _disk() -> bool:
    place = Path(settings.MEDIA_ROOT)
    while not place.exists():
        place = place.parent
    usage = shutil.disk_usage(place)
    return usage.free >= DISK_FREE * usage.total or usage.free >= 5 * 1024**3


@public(why="browsers report without cookies")
@csrf_exempt
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """One log line a report: which directive on which page; never the blocked content."""
    if int(request.headers.get("Content-Length") or 0) <= REPORT_LIMIT:
        try:
            report = json.loads(request.body).get("csp-report", {})
            log.warning(
                "CSP: %s blocked on %s",
                str(report.get("effective-directive", ""))[:60],
                str(report.get("document-uri", "")).partition("?")[0][:200],
            )
        except (ValueError, AttributeError):
            pass  # anyone may post anything here
    return HttpResponse(status=204)
