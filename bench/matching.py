"""python bench/matching.py [N]: N offers against N needs (default 2,000), made by code with a fixed seed.

One run compares the matcher with the bare sparse product it stands on (vectors and cosines only) and with RapidFuzz's
token set ratio on the same texts, each with the ten best of every need. Prints a table: seconds, ratio, peak memory
(of the process so far; Linux).
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from symbiosis.matching import ListingFacts, match
from symbiosis.matching.engine import BLOCK
from symbiosis.matching.words import asserted, vectorise

LIMIT = 10
ON = date(2026, 9, 1)
CONSONANTS, VOWELS = "hjklmnprstv", "aeiouyäö"


def listings(kind: Literal["offer", "need"], count: int, chance: random.Random, words: list[str]) -> list[ListingFacts]:
    """Texts of 30 to 45 words drawn by rank (Zipf), as words are in real texts, with a Finnish ending each."""
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    endings = ["", "a", "n", "ssa", "sta", "lle", "t", "ja"]
    rows: list[ListingFacts] = []
    for number in range(count):
        drawn = chance.choices(words, weights, k=chance.randint(30, 45))
        text = [word + chance.choice(endings) for word in drawn]
        rows.append(
            ListingFacts(
                key=f"{kind}{number}",
                kind=kind,
                language="fi",
                title=" ".join(text[:3]),
                description=" ".join(text[3:]),
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
            )
        )
    return rows


def timed(job: Callable[[], object]) -> tuple[float, float]:
    """Seconds, and the peak memory of the process so far in MB."""
    start = time.perf_counter()
    job()
    return time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    chance = random.Random(3)  # noqa: S311  # made-up texts, the same in every run
    syllables = [consonant + vowel for consonant in CONSONANTS for vowel in VOWELS]
    words = list(dict.fromkeys("".join(chance.choices(syllables, k=chance.randint(2, 5))) for _ in range(4000)))
    offers, needs = (listings(kind, count, chance, words) for kind in ("offer", "need"))
    texts = [[" ".join(asserted(f"{row.title}. {row.description}")) for row in side] for side in (offers, needs)]

    def best(rows: np.ndarray) -> None:
        np.argpartition(-rows, min(LIMIT, count - 1), axis=1)[:, :LIMIT]

    def product() -> None:
        vectors = vectorise(*texts)
        for start in range(0, count, BLOCK):
            best(vectors.cosines(start, start + BLOCK))

    def token_set() -> None:
        from rapidfuzz import fuzz, process

        for start in range(0, count, BLOCK):
            best(process.cdist(texts[1][start : start + BLOCK], texts[0], scorer=fuzz.token_set_ratio, workers=1))

    vectorise(["warm"], ["warm"])  # imports belong to no one's time
    results = {
        "bare sparse product": timed(product),
        "the matcher": timed(lambda: match(offers, needs, on=ON, limit=LIMIT)),
        "RapidFuzz token set": timed(token_set),
    }
    base = results["the matcher"][0]
    print(f"{count} offers x {count} needs, ten best each")  # noqa: T201
    print(f"{'':22}{'seconds':>9}{'x matcher':>11}{'peak MB so far':>16}")  # noqa: T201
    for name, (seconds, memory) in results.items():
        print(f"{name:22}{seconds:9.1f}{seconds / base:11.2f}{memory:16.0f}")  # noqa: T201


if __name__ == "__main__":
    main()
