"""Pages against a blank one: how many times the work of /livez each page is, and how many queries it asks.

Runs in one process through Django's own client on the database of `make run` (demo data); only the ratios speak.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import User

ROUNDS = 15
LIMIT_RATIO = 100  # a page of more than a hundred blank ones wants a look
PAGES = (
    ("", "home"),
    ("", "symbiosis:listing_list"),
    ("", "workpackages:indicator_list"),
    ("member@kisu.example", "desk"),
    ("coordinator@kisu.example", "desk"),
    ("coordinator@kisu.example", "symbiosis:match_list"),
    ("staff@kisu.example", "desk"),
    ("staff@kisu.example", "members:organisation_list"),
    ("steering@kisu.example", "workpackages:steering"),
)


def median_ms(ask: Callable[[], object]) -> float:
    """Median of ROUNDS after two that warm caches, in milliseconds."""
    for _ in range(2):
        ask()
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        ask()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def main() -> None:
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    visitor = Client()
    blank = median_ms(lambda: visitor.get(reverse("livez")))
    print(f"{'page':34} {'as':12} {'ms':>7} {'× blank':>8} {'queries':>8}")  # noqa: T201
    print(f"{'livez (blank)':34} {'visitor':12} {blank:7.1f} {1.0:8.1f} {0:8d}")  # noqa: T201
    for email, name in PAGES:
        client = Client()
        if email:
            client.force_login(User.objects.get(email=email))
        url = reverse(name)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        taken = median_ms(lambda client=client, url=url: client.get(url))  # type: ignore[misc]
        mark = " over the limit" if taken / blank > LIMIT_RATIO else ""
        row = f"{name:34} {email.partition('@')[0] or 'visitor':12} {taken:7.1f} {taken / blank:8.1f} {len(queries):8d}"
        print(row + mark)  # noqa: T201
