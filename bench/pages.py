"""Start, and main pages at 1,000 and 20,000 listings, against a blank page of the same server in the same run.

Starts the portal of `make run` in a scratch folder, twice (the second start has nothing to make), then asks its server
over HTTP on one kept connection. Only the ratios and the queries speak; the machine decides the milliseconds.
"""

from __future__ import annotations

import atexit
import http.client
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 60
SIZES = (1_000, 20_000)
MATCHES_A_NEED = 5
BLANK = "terms"  # the frame of every page around a few fixed sentences
PAGES = (
    ("", "home", ""),
    ("", "symbiosis:listing_list", ""),
    ("", "symbiosis:listing_list", "?q=puu"),
    ("", "workpackages:indicator_list", ""),
    ("member", "desk", ""),
    ("member", "symbiosis:match_list", ""),
    ("coordinator", "desk", ""),
    ("coordinator", "symbiosis:match_list", ""),
    ("coordinator", "symbiosis:synergy_list", ""),
    ("staff", "desk", ""),
    ("staff", "members:organisation_list", ""),
    ("steering", "workpackages:steering", ""),
)


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds."""

    p50: float
    p95: float

    @classmethod
    def of(cls, seconds: list[float]) -> Times:
        cuts = statistics.quantiles(seconds, n=20)
        return cls(p50=cuts[9] * 1000, p95=cuts[18] * 1000)


@contextmanager
def portal(environment: dict[str, str], port: int) -> Iterator[float]:
    """`make run` without make; gives the seconds until it answered. Stopped by Ctrl-C afterwards."""
    started = time.perf_counter()
    with (Path(environment["KISU_VAR_DIR"]) / "run.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "kisu.lib.serve"], cwd=ROOT, env=environment, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        while True:
            if process.poll() is not None:
                sys.exit(f"The portal did not start: {environment['KISU_VAR_DIR']}/run.log")
            try:
                if ask(http.client.HTTPConnection("127.0.0.1", port, timeout=5), "/readyz") == 200:
                    break
            except OSError:
                time.sleep(0.1)
        yield time.perf_counter() - started
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


def ask(connection: http.client.HTTPConnection, path: str, cookie: str = "") -> int:
    connection.request("GET", path, headers={"Cookie": cookie, "Accept-Language": "fi"})
    response = connection.getresponse()
    response.read()
    return response.status


def measured(connection: http.client.HTTPConnection, path: str, cookie: str) -> Times:
    """After two that warm caches."""
    seconds = []
    for round_ in range(ROUNDS + 2):
        started = time.perf_counter()
        status = ask(connection, path, cookie)
        if round_ > 1:
            seconds.append(time.perf_counter() - started)
        if status != 200:
            sys.exit(f"{path} answered {status}")
    return Times.of(seconds)


def grow(count: int) -> None:
    """Fills up to `count` published listings with copies of the demo's, and gives the new needs matches."""
    from django.db import connection
    from django.utils import timezone

    from symbiosis.models import Listing, Match

    chance = random.Random(count)  # noqa: S311  # the same rows in every run
    models = list(Listing.objects.filter(state=Listing.State.PUBLISHED).order_by("pk")[:200])
    now = timezone.now()
    rows = []
    for number in range(count - Listing.objects.filter(state=Listing.State.PUBLISHED).count()):
        row = chance.choice(models)
        copy = Listing(
            **{
                field.attname: getattr(row, field.attname)
                for field in Listing._meta.concrete_fields
                if not field.primary_key and not field.generated
            }
        )
        copy.title = f"{row.title} {number}"[:120]
        copy.published_at = now - timedelta(minutes=number)
        rows.append(copy)
    made = Listing.objects.bulk_create(rows, batch_size=1000)
    offers = [row.pk for row in made if row.kind == Listing.Kind.OFFER]
    Match.objects.bulk_create(
        [
            Match(
                offer_id=offer, need_id=row.pk, match_class="possible", score=chance.random(), distance_km=90.0,
                reasons=[{"code": "same_material", "for_it": True, "params": {"material": "wood"}}],
                first_seen_at=now, computed_at=now,
            )
            for row in made
            if row.kind == Listing.Kind.NEED
            for offer in chance.sample(offers, MATCHES_A_NEED)
        ],
        batch_size=2000,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def compare(port: int) -> None:
    from django.conf import settings
    from django.db import connection as database
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from members.models import User
    from tests.factories.sessions import client_of

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    web = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    nothing, blank = measured(web, reverse("livez"), ""), measured(web, reverse(BLANK), "")
    header = f"{'page':30} {'as':12} {'p50 ms':>7} {'p95 ms':>7} {'p50 ×':>6} {'p95 ×':>6} {'queries':>8}"
    print(header)  # noqa: T201
    for name, times in (("livez", nothing), (f"{BLANK} (blank)", blank)):
        ratios = f"{times.p50 / blank.p50:6.1f} {times.p95 / blank.p95:6.1f}"
        print(f"{name:30} {'visitor':12} {times.p50:7.1f} {times.p95:7.1f} {ratios} {0:8d}")  # noqa: T201
    for account, name, query in PAGES:
        client = client_of(User.objects.get(email=f"{account}@kisu.example")) if account else Client()
        client.cookies["kisu_language"] = "fi"
        path = reverse(name) + query
        with CaptureQueriesContext(database) as queries:
            client.get(path)
        cookie = "; ".join(f"{key}={morsel.value}" for key, morsel in client.cookies.items())
        times = measured(web, path, cookie)
        print(  # noqa: T201
            f"{name + query:30} {account or 'visitor':12} {times.p50:7.1f} {times.p95:7.1f} "
            f"{times.p50 / blank.p50:6.1f} {times.p95 / blank.p95:6.1f} {len(queries):8d}"
        )


def main() -> None:
    var = Path(tempfile.mkdtemp(prefix="kisu-bench-"))
    atexit.register(shutil.rmtree, var, ignore_errors=True)  # the last of all, when the database has stopped
    var.chmod(0o755)  # as root the database server runs as nobody, who must get there
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL"}}
    environment |= {"KISU_VAR_DIR": str(var), "PORT": str(port)}
    with portal(environment, port) as first:
        pass
    with portal(environment, port) as second:
        print(f"Start: {first:.1f} s with everything to make, {second:.1f} s again.")  # noqa: T201
        for name in ("DATABASE_URL", "REDIS_URL"):
            os.environ.pop(name, None)
        os.environ |= {"KISU_VAR_DIR": str(var), "KISU_LOCAL": "1", "DJANGO_SETTINGS_MODULE": "kisu.settings"}
        from kisu.lib.postgres import ensure_database

        ensure_database(ROOT)
        import django

        django.setup()
        for count in SIZES:
            grow(count)
            print(f"\n{count} published listings; {ROUNDS} requests a page, one after the other")  # noqa: T201
            compare(port)
