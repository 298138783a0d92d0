"""python bench/matching.py [N] [M] [--peers]: N offers against M needs (default 2,000 and as many), fixed seed.

The listings name real materials and uses of the knowledge files in sentences made by code, so that the matcher has as
much to do as with people's texts. One run times the matcher, with the listings read in the run and with readings kept
from before, and the bare sparse product it stands on (vectors of all n-grams and cosines of the same texts). `--peers`: also RapidFuzz's
token set ratio and PostgreSQL's full text search (DATABASE_URL), each on SAMPLE needs and said for all. Prints a table:
seconds, how many times the matcher's, milliseconds a need, peak memory of the process so far (Linux).
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from symbiosis.matching import ListingFacts
from symbiosis.matching.engine import BLOCK, Demand, Market, Supply
from symbiosis.matching.knowledge import Knowledge, knowledge
from symbiosis.matching.reading import read_listing
from symbiosis.matching.words import NGRAMS, TextSpace, asserted

LIMIT = 10
ON = date(2026, 9, 1)
SAMPLE = 200
FILLERS = (
    "Noudettavissa arkisin, lastaus onnistuu trukilla.",
    "Erän tiedot saa pyynnöstä, ensimmäinen kuorma heti.",
    "Toivomme pitkää sopimusta, hinnasta voi puhua.",
    "Varastoitu sisällä, kuva liitteenä.",
    "Määrä vaihtelee vuodenajan mukaan jonkin verran.",
)


def listings(
    kind: Literal["offer", "need"], count: int, chance: random.Random, known: Knowledge
) -> Iterator[ListingFacts]:
    """Finnish texts of 12 to 30 words: what it is, for what, how it is, how it is fetched."""
    materials, uses, properties = (
        [entry.label["fi"] for entry in table.values()] for table in (known.materials, known.uses, known.properties)
    )
    for number in range(count):
        what, beside = chance.choice(materials), chance.choice(materials)
        purpose = f"Käyttöön: {chance.choice(uses)}. " if kind == "need" or chance.random() < 0.2 else ""
        how = f"{chance.choice(properties)}, {chance.choice(properties)}"
        yield ListingFacts(
            key=f"{kind}{number:07}",
            kind=kind,
            language="fi",
            title=f"{what}, erä {number % 97}",
            description=f"{purpose}{what} ja {beside}: {how}. {' '.join(chance.sample(FILLERS, chance.randint(1, 3)))}",
            valid_from=date(2026, 1, 1),
            valid_until=date(2027, 1, 1),
            nature="by_product",
            material_class=f"class{chance.randrange(45)}",
            hazardous=chance.random() < 0.05,
            quantity=Decimal(chance.randint(1, 5000)),
            unit="t",
            frequency="yearly",
            latitude=chance.uniform(60, 68),
            longitude=chance.uniform(21, 30),
            owner=str(chance.randrange(2000)),
        )


def text(listing: ListingFacts) -> str:
    return f"{listing.title}. {listing.description}"


def timed(job: Callable[[], object]) -> tuple[float, float]:
    """Seconds, and the peak memory of the process so far in MB."""
    start = time.perf_counter()
    job()
    return time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def token_set(offers: Sequence[ListingFacts], needs: Sequence[ListingFacts]) -> None:
    from rapidfuzz import fuzz, process

    process.cdist(
        [text(need) for need in needs], [text(offer) for offer in offers], scorer=fuzz.token_set_ratio, workers=1
    )


def full_text(offers: Sequence[ListingFacts], needs: Sequence[ListingFacts]) -> float:
    """Seconds of the searches alone; the index is there before, as it would be."""
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute("CREATE TEMPORARY TABLE offer (key text, words tsvector)")
        with connection.cursor() as cursor, cursor.copy("COPY offer FROM STDIN") as copy:
            for offer in offers:
                words = " ".join(asserted(text(offer)))
                copy.write_row((offer.key, " ".join(f"'{word}'" for word in dict.fromkeys(words.split()))))
        connection.execute("CREATE INDEX ON offer USING gin (words)")
        connection.execute("ANALYZE offer")
        start = time.perf_counter()
        for need in needs:
            wanted = " | ".join(f"'{word}':*" for word in dict.fromkeys(asserted(text(need))))
            connection.execute(
                "SELECT key FROM offer, to_tsquery('simple', %s) query WHERE words @@ query"
                " ORDER BY ts_rank(words, query) DESC LIMIT 10",
                [wanted],
            ).fetchall()
        return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("offers", type=int, nargs="?", default=2000)
    parser.add_argument("needs", type=int, nargs="?")
    parser.add_argument("--peers", action="store_true")
    arguments = parser.parse_args()
    if arguments.peers and "DATABASE_URL" not in os.environ:
        parser.error("--peers needs DATABASE_URL, for PostgreSQL's full text search.")
    known, chance = knowledge(), random.Random(3)  # noqa: S311  # made-up texts, the same in every run
    offers = list(listings("offer", arguments.offers, chance, known))
    needs = list(listings("need", arguments.needs or arguments.offers, chance, known))
    texts = [[" ".join(asserted(text(row))) for row in side] for side in (offers, needs)]
    TextSpace(["warm"]).of(["warm"])  # imports and tables belong to no one's time
    _ = known.likeness, known.fit
    read: dict[str, object] = {}

    def product() -> None:
        vectoriser = TfidfVectorizer(analyzer="char_wb", ngram_range=NGRAMS, sublinear_tf=True, dtype=np.float32)
        columns = vectoriser.fit_transform(texts[0]).T.tocsr()
        rows = vectoriser.transform(texts[1])
        for start in range(0, len(needs), BLOCK):
            cosines = (rows[start : start + BLOCK] @ columns).toarray()
            np.argpartition(-cosines, min(LIMIT, len(offers) - 1), axis=1)

    def matched(readings: dict[str, object]) -> None:
        supply = Supply(offers, on=ON, known=known, readings=readings)  # type: ignore[arg-type]
        market = Market(supply, Demand(needs, supply, readings=readings))  # type: ignore[arg-type]
        found = sum(1 for _suggestion in market.suggestions(limit=LIMIT))
        print(f"{found} suggestions")  # noqa: T201

    results = {"bare sparse product": timed(product), "the matcher, all read": timed(lambda: matched({}))}
    read |= {row.key: read_listing(row, known) for row in (*offers, *needs)}
    results["the matcher, readings kept"] = timed(lambda: matched(read))
    if arguments.peers:
        share = len(needs) / min(SAMPLE, len(needs))
        seconds, memory = timed(lambda: token_set(offers, needs[:SAMPLE]))
        results["RapidFuzz token set"] = seconds * share, memory
        results["PostgreSQL full text"] = full_text(offers, needs[:SAMPLE]) * share, memory
    base = results["the matcher, readings kept"][0]
    print(f"{len(offers)} offers x {len(needs)} needs, ten best each")  # noqa: T201
    print(f"{'':28}{'seconds':>9}{'x matcher':>11}{'ms a need':>11}{'peak MB so far':>16}")  # noqa: T201
    for name, (seconds, memory) in results.items():
        line = f"{name:28}{seconds:9.1f}{seconds / base:11.2f}{1000 * seconds / len(needs):11.2f}{memory:16.0f}"
        print(line)  # noqa: T201


if __name__ == "__main__":
    main()
