"""python bench/night.py [N] [WORKERS...]: a whole night of N offers and N needs in PostgreSQL (default 2,000; 1 and 2).

Makes a database of its own beside DATABASE_URL and drops it. Each time the night runs as the worker runs it: readings,
slices, staging, publishing, notices; with more workers, processes that take up slices as the Celery task does. Prints
seconds, and for one edited listing the seconds that its own run takes: the first in a process lays the market out, later ones
find it laid out.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kisu.settings")
os.environ.setdefault("KISU_TESTING", "1")

HELPER = """
import sys, time, django
django.setup()
from symbiosis.models import MatchRun
from symbiosis.services.knowledge import current_knowledge
from symbiosis.services.night import work_on
known = current_knowledge()
import symbiosis.matching.engine
known.likeness, known.fit
print("ready", flush=True)
last = int(sys.argv[1])
while True:
    if run := MatchRun.objects.filter(state="running", pk__gt=last).first():
        last = run.pk
        work_on(run.pk, known=known)
    time.sleep(0.05)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, nargs="?", default=2000)
    parser.add_argument("workers", type=int, nargs="*", default=[1, 2])
    arguments = parser.parse_args()
    import psycopg

    given = urlsplit(os.environ["DATABASE_URL"])
    name = f"kisu_night_{os.getpid()}"
    with psycopg.connect(urlunsplit(given._replace(path="/postgres")), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        os.environ["DATABASE_URL"] = urlunsplit(given._replace(path=f"/{name}"))
        try:
            measure(arguments.count, arguments.workers)
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def measure(count: int, workers: list[int]) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections
    from django.utils import timezone

    from kisu.lib.dates import business_date
    from symbiosis.models import Listing, ListingReading, Match, MatchRun
    from symbiosis.services.night import match_listings
    from symbiosis.services.rematch import match_listing

    call_command("migrate", verbosity=0)
    call_command("load_reference", verbosity=0)
    fill(count)
    print(f"{count} offers and as many needs")  # noqa: T201
    for number in workers:
        Match.objects.all().delete()
        ListingReading.objects.all().delete()
        last = MatchRun.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        helpers = [
            subprocess.Popen(  # noqa: S603  # our own words
                [sys.executable, "-c", HELPER, str(last)], cwd=ROOT, stdout=subprocess.PIPE, text=True
            )
            for _helper in range(number - 1)
        ]
        for helper in helpers:
            next(iter(helper.stdout or ()))
        for what in ("first night, all read", "second night, readings kept"):
            now, start = timezone.now(), time.perf_counter()
            counts = match_listings(on=business_date(now), now=now)
            print(f"{number} workers, {what}: {time.perf_counter() - start:.1f} s, {counts['matches']} matches")  # noqa: T201
        for helper in helpers:
            helper.kill()
    for kind in ("need", "need", "offer"):
        listing = Listing.objects.of_kind(kind).order_by("pk")[0]
        now, start = timezone.now(), time.perf_counter()
        match_listing(listing_id=listing.pk, on=business_date(now), now=now)
        print(f"one edited {kind}: {time.perf_counter() - start:.2f} s")  # noqa: T201
    connections.close_all()


def fill(count: int) -> None:
    from django.utils import timezone

    from bench.matching import ON, listings
    from kisu.lib.dates import business_date
    from members.models import Municipality, Organisation
    from symbiosis.matching.knowledge import knowledge
    from symbiosis.models import Listing, MaterialClass, Unit
    from tests.factories.members import create_organisation

    chance = random.Random(3)  # noqa: S311  # made-up texts, the same in every run
    towns = list(Municipality.objects.filter(latitude__isnull=False).order_by("code")[:300])
    firms: list[Organisation] = [create_organisation() for _firm in range(50)]
    classes = list(MaterialClass.objects.order_by("code"))
    unit, today = Unit.objects.get(code="t"), business_date(timezone.now())
    for kind in ("offer", "need"):
        Listing.objects.bulk_create(
            (
                Listing(
                    kind=kind,
                    state="published",
                    organisation=chance.choice(firms),
                    title=facts.title[:100],
                    description=facts.description,
                    quantity=facts.quantity,
                    unit=unit,
                    material_class=chance.choice(classes),
                    nature="by_product",
                    municipality=chance.choice(towns),
                    valid_from=min(ON, today),
                    valid_until=facts.valid_until,
                    published_at=timezone.now(),
                )
                for facts in listings(kind, count, chance, knowledge())
            ),
            batch_size=1000,
        )


if __name__ == "__main__":
    main()
