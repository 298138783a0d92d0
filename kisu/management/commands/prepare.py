from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from kisu.demo.load import is_loaded, load_demo

LOCK = 7_301_940  # any number that nothing else locks: two starts at once prepare one after the other
Step = Callable[[], str]


class Command(BaseCommand):
    help = (
        "Makes the portal ready to start: database, reference data, plan, demo (local only), catalogues, static files."
    )
    # The portal's own checks need tables that this command makes; `manage.py check` runs them.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        with _alone():
            steps: list[tuple[str, Step]] = [
                ("Database", _migrate),
                ("Reference data", lambda: _quiet("load_reference")),
                ("Implementation plan", lambda: _quiet("load_plan")),
                ("Message catalogues", lambda: _quiet("compile_catalogues")),
                ("Static files", _collect_static),
            ]
            if settings.LOCAL:
                steps.append(("Demo data", self._load_demo))
            for title, step in steps:
                started = time.monotonic()
                outcome = step()
                self.stdout.write(f"{title}: {outcome} ({time.monotonic() - started:.1f} s)")

    def _load_demo(self) -> str:
        """It takes longest, so it tells how far it is."""
        if is_loaded():
            return "in place"
        load_demo(now=timezone.now(), say=self.stdout.write)
        return "loaded"


@contextmanager
def _alone() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        # Closing the connection would free it as well, but a caller in the same process keeps the connection.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
            cursor.execute("RESET lock_timeout")


def _migrate() -> str:
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if not waiting:
        return "up to date"
    call_command("migrate", interactive=False, verbosity=0)
    return f"{waiting} migrations applied"


def _quiet(command: str) -> str:
    said = StringIO()
    call_command(command, stdout=said)
    lines = said.getvalue().splitlines()
    return lines[0] if len(lines) == 1 else f"{len(lines)} tables in place"


def _collect_static() -> str:
    """Collects when a file is new or changed since the last time: compressing them all takes seconds."""
    root, stamp = Path(settings.STATIC_ROOT), Path(settings.VAR_DIR) / "static-files.sum"
    digest, count = hashlib.sha256(), 0
    for finder in get_finders():
        for name, storage in finder.list([]):
            status, count = Path(storage.path(name)).stat(), count + 1
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    seen = f"{root}\n{digest.hexdigest()}"
    if root.is_dir() and stamp.exists() and stamp.read_text() == seen:
        return "up to date"
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(seen)
    return f"{count} files collected"
