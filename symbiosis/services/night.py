"""The night's matching: cut into slices that any worker takes up, staged, and published at once or not at all."""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from psycopg.types.json import Jsonb

from kisu.lib.jobs import Progress
from members.models import User
from members.services.notices import notify
from members.tasks import ring
from symbiosis.matching import ListingFacts, MatchClass, Reason, Suggestion
from symbiosis.matching.knowledge import Knowledge
from symbiosis.matching.reading import Reading
from symbiosis.models import Listing, Match, MatchAnswer, MatchRun, MatchSlice, StagedMatch
from symbiosis.services.audience import audience_of
from symbiosis.services.beyond import Beyond, find_beyond, publish_chains, publish_pools
from symbiosis.services.facts import OpenListings, dismissed_pairs, learned_factors, read_open, told_by_owners
from symbiosis.services.knowledge import current_knowledge
from symbiosis.services.readings import refresh_readings
from symbiosis.services.releases import ask_comparison, first_release, unreleased_change

logger = logging.getLogger(__name__)

KEPT = 10  # suggestions of a need
MOST_DISMISSED = 50  # dismissed pairs of a need for which room is asked beyond KEPT
SLICE = 500  # needs
WAIT = 0.2  # seconds between looks at what other workers do
HELPERS = 3  # doorbells for other workers
_NO_QUESTION = Reason("check_quality", False)
RESUMED_WITHIN = timedelta(hours=6)
LOCK = 0x6B697375  # any number of ours, the same for every run
WORTH_A_NOTICE = (Match.MatchClass.GOOD, Match.MatchClass.POSSIBLE)
COLUMNS = "offer_id, need_id, match_class, score, distance_km, parts, reasons, check_first, notes"
UPDATED = "ON CONFLICT (offer_id, need_id) DO UPDATE SET withdrawn_at = NULL, " + ", ".join(
    f"{name} = excluded.{name}" for name in (*COLUMNS.split(", ")[2:], "computed_at")
)

Pair = tuple[int, int]


def match_listings(*, on: date, now: datetime, progress: Progress | None = None) -> dict[str, Any]:
    """Joins all open offers and needs and publishes the result at once, or not at all.

    Safe to run again and at the same time: runs of one day and knowledge are one run, which goes on where it was left;
    each pair is one row, a run that began earlier than the published one is dropped, and a pair is told of once.
    Returns counts; `superseded` means that another was faster.
    """
    known = current_knowledge()
    first_release(known=known, now=now)
    held = unreleased_change(known=known)
    if held:
        ask_comparison(by=None, now=now)
    refresh_readings(now=now, progress=progress)
    run = _open_run(on=on, now=now, known=known)
    offers = work_on(run.pk, known=known, waits=True, progress=progress)
    counts = _finish(run, offers, held=held, known=known)
    return {"offers": len(offers.facts), "needs": sum(len(one.needs) for one in run.slices.all()), **counts}


def suggest(*, on: date, known: Knowledge, progress: Progress | None = None) -> dict[Pair, Suggestion]:
    """What a night would publish with that knowledge. Writes nothing."""
    setting = _Setting.of(on=on, known=known)
    needs = read_open(_open("need", on=on), known=known, told=setting.told)
    return dict(setting.suggestions(needs, progress=progress))


# --- Slices -----------------------------------------------------------------------------------------------------------


def _open(kind: str, *, on: date) -> Any:
    return Listing.objects.published(on=on).of_kind(kind)


@transaction.atomic
def _open_run(*, on: date, now: datetime, known: Knowledge) -> MatchRun:
    """The run that was left unfinished, or a new one."""
    with publishing():
        running = MatchRun.objects.filter(state=MatchRun.State.RUNNING)
        left = running.filter(on=on, version=known.version, began_at__gte=now - RESUMED_WITHIN).order_by("-pk").first()
        if left is not None:
            return left
        for older in running.select_for_update():
            _close(older, MatchRun.State.SUPERSEDED)
        run = MatchRun.objects.create(on=on, version=known.version, began_at=now)
        needs = list(_open("need", on=on).order_by("pk").values_list("pk", flat=True))
        slices = [needs[start : start + SLICE] for start in range(0, len(needs), SLICE)]
        MatchSlice.objects.bulk_create(
            MatchSlice(run=run, number=number, needs=part) for number, part in enumerate(slices)
        )
    for _worker in range(min(HELPERS, len(slices) - 1)):
        transaction.on_commit(partial(_call_for_help, run.pk), robust=True)
    return run


def _call_for_help(run_id: int) -> None:
    from symbiosis.tasks import help_matching

    ring(help_matching, run_id)


def work_on(
    run_id: int, *, known: Knowledge | None = None, waits: bool = False, progress: Progress | None = None
) -> OpenListings:
    """Takes up slices while any is free, also those of workers that fell silent. Gives the offers, for the rest of it.

    `waits`: until all slices are done, as the run's own worker does.
    """
    run = MatchRun.objects.get(pk=run_id)
    known = known or current_knowledge()
    if known.version != run.version:
        return OpenListings()  # of another version of the portal: its own workers go on
    setting: _Setting | None = None
    while run.slices.unfinished().exists():
        one = _claim(run)
        if one is not None:
            setting = setting or _Setting.of(on=run.on, known=known)
            _match_slice(run, one, setting, progress=_slice_progress(run, one, progress))
        elif not waits:
            break
        else:
            time.sleep(WAIT)
        if progress is not None:
            progress(*_done(run))
    return setting.offers if setting else read_open(_open("offer", on=run.on), known=known, told=told_by_owners())


@transaction.atomic
def _claim(run: MatchRun) -> MatchSlice | None:
    now = timezone.now()
    free = run.slices.free(now=now).select_for_update(skip_locked=True).order_by("number").first()
    if free is not None:
        free.seen_at, free.done = now, 0
        free.save(update_fields=["seen_at", "done"])
    return free


def _done(run: MatchRun) -> tuple[int, int]:
    """Needs that are done, and all of them."""
    rows = list(run.slices.values_list("needs", "done", "done_at"))
    return sum(len(needs) if at else done for needs, done, at in rows), sum(len(needs) for needs, _done, _at in rows)


def _slice_progress(run: MatchRun, one: MatchSlice, progress: Progress | None) -> Progress:
    """A sign of life on the slice's row at most once a second, and the whole run's progress for who asked."""
    written = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal written
        if time.monotonic() - written < 1:
            return
        written = time.monotonic()
        run.slices.filter(pk=one.pk).update(done=done, seen_at=timezone.now())
        if progress is not None:
            progress(*_done(run))

    return tell


@dataclass(frozen=True, slots=True)
class _Setting:
    """What all slices of a run share: the offers laid out, and what people have answered."""

    supply: Any
    offers: OpenListings
    told: Mapping[str, Any]
    dismissed: frozenset[Pair]

    @classmethod
    def of(cls, *, on: date, known: Knowledge) -> _Setting:
        from symbiosis.matching.engine import Supply  # numpy and scikit-learn, in workers only

        told = told_by_owners()
        offers = read_open(_open("offer", on=on), known=known, told=told)
        supply = Supply(offers.facts, on=on, known=known, readings=offers.readings, learned=learned_factors())
        return cls(supply, offers, told, frozenset(dismissed_pairs()))

    def suggestions(
        self, needs: OpenListings, *, progress: Progress | None = None
    ) -> Iterator[tuple[Pair, Suggestion]]:
        """The best KEPT of each need, and besides them those that were turned down and would still be suggested."""
        from symbiosis.matching.engine import Demand, Market

        turned_down = Counter(need for _offer, need in self.dismissed)
        room = max((turned_down[int(facts.key)] for facts in needs.facts), default=0)
        market = Market(self.supply, Demand(needs.facts, self.supply, readings=needs.readings))
        of_need: Counter[int] = Counter()
        for suggestion in market.suggestions(limit=KEPT + min(room, MOST_DISMISSED), progress=progress):
            pair = _offer, need = int(suggestion.offer), int(suggestion.need)
            if pair in self.dismissed:
                yield pair, suggestion
            elif of_need[need] < KEPT:
                of_need[need] += 1
                yield pair, suggestion


def _match_slice(run: MatchRun, one: MatchSlice, setting: _Setting, *, progress: Progress) -> None:
    """Stages the slice, whole or not at all. When a need makes the matcher raise, each is matched alone and it is parked."""
    listings = Listing.objects.filter(pk__in=one.needs).published(on=run.on)
    needs = read_open(listings, known=setting.supply.known, told=setting.told)
    parked = dict(needs.parked)
    try:
        found = list(setting.suggestions(needs, progress=progress))
    except Exception:
        logger.exception("A slice of %s needs raised; they are matched one by one.", len(needs.facts))
        found = []
        for facts in needs.facts:
            alone = OpenListings([facts], {facts.key: needs.readings[facts.key]})
            try:
                found += setting.suggestions(alone, progress=progress)
            except Exception as error:
                logger.exception("Listing %s could not be matched", facts.key)
                parked[facts.key] = type(error).__name__
    _stage(run, one, found, {**setting.offers.parked, **parked})


@transaction.atomic
def _stage(run: MatchRun, one: MatchSlice, found: Iterable[tuple[Pair, Suggestion]], parked: Mapping[str, str]) -> None:
    """A slice that another worker has finished meanwhile is not staged twice."""
    row = MatchSlice.objects.select_for_update().filter(pk=one.pk, done_at=None, run__state=run.State.RUNNING).first()
    if row is None:
        return
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {StagedMatch._meta.db_table} (slice_id, {COLUMNS}) FROM STDIN") as copy,
    ):
        for pair, suggestion in found:
            copy.write_row((row.pk, *pair, *values_of(suggestion)))
    row.done, row.done_at = len(row.needs), timezone.now()
    row.save(update_fields=["done", "done_at"])
    if parked:
        told = MatchRun.objects.select_for_update().get(pk=run.pk)
        told.parked = sorted({(int(key), error) for key, error in (*told.parked, *parked.items())})
        told.save(update_fields=["parked"])


def values_of(one: Suggestion) -> tuple[Any, ...]:
    reasons = [reason.as_json() for reason in one.reasons]
    words = (Jsonb(one.parts), Jsonb(reasons), Jsonb(one.check_first.as_json()), Jsonb(list(one.notes)))
    return str(one.match_class), one.score, one.distance_km, *words


# --- Publishing -------------------------------------------------------------------------------------------------------


@contextmanager
def publishing() -> Iterator[None]:
    """One at a time, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    yield


def _close(run: MatchRun, state: MatchRun.State) -> None:
    """What was staged is of no use any more. The slices stay, as a record of the run."""
    StagedMatch.objects.filter(slice__run=run).delete()
    run.state = state
    run.save(update_fields=["state", "published_at"])


def _finish(run: MatchRun, offers: OpenListings, *, held: bool, known: Knowledge) -> dict[str, Any]:
    """Publishes, unless another worker has done it. What lies beyond pairs is looked for before the transaction."""
    beyond = None if held else _beyond(run, offers, known=known)
    return _publish(run, held=held, beyond=beyond)


def _beyond(run: MatchRun, offers: OpenListings, *, known: Knowledge) -> Beyond:
    needs = read_open(_open("need", on=run.on), known=known, told={})
    staged = StagedMatch.objects.filter(slice__run=run).order_by("need_id", "-score")
    light = [
        Suggestion(str(offer), str(need), score, MatchClass(name), km, {}, [], _NO_QUESTION)
        for offer, need, score, name, km in staged.values_list(
            "offer_id", "need_id", "score", "match_class", "distance_km"
        ).iterator(chunk_size=5000)
    ]
    readings: dict[str, Reading] = {**offers.readings, **needs.readings}

    def read(facts: ListingFacts) -> Reading:
        return readings[facts.key]

    return find_beyond(suggestions=light, offers=offers.facts, needs=needs.facts, on=run.on, known=known, read=read)


@transaction.atomic
def _publish(run: MatchRun, *, held: bool, beyond: Beyond | None) -> dict[str, Any]:
    """What is staged, in the place of what was published before. What was closed or deleted since is left out.

    `held`: the knowledge or the formula has changed and waits for its release: only pairs with a listing that is new or
    edited since the last run are published, and others are left as they are.
    """
    with publishing():
        row = MatchRun.objects.select_for_update().get(pk=run.pk)
        if row.state != MatchRun.State.RUNNING:
            return {"superseded": True}
        now = row.began_at
        if MatchRun.objects.filter(state=MatchRun.State.PUBLISHED, began_at__gt=now).exists():
            _close(row, MatchRun.State.SUPERSEDED)
            return {"superseded": True}
        # What was edited since the run began has a job of its own (services/rematch.py), which knows better.
        edited = list(Listing.objects.filter(changed_at__gt=now).values_list("pk", flat=True))
        still_open = list(Listing.objects.published(on=row.on).exclude(pk__in=edited).values_list("pk", flat=True))
        fresh = _changed_since_last(row) if held else still_open
        known: dict[Pair, str] = {
            (offer, need): name for offer, need, name in Match.objects.values_list("offer", "need", "match_class")
        }
        _insert(row, now=now, still_open=still_open, fresh=fresh)
        published = Match.objects.filter(computed_at=now)
        rows: dict[Pair, str] = {
            (offer, need): name for offer, need, name in published.values_list("offer", "need", "match_class")
        }
        withdrawn = Match.objects.filter(withdrawn_at=None, computed_at__lt=now).not_touching(edited)
        if held:
            withdrawn = withdrawn.touching(fresh) | withdrawn.exclude(offer__in=still_open, need__in=still_open)
        counts = {"withdrawn": Match.objects.filter(pk__in=withdrawn.values("pk")).update(withdrawn_at=now)}
        told = tell_of(news(rows, known), on=row.on)
        row.published_at = timezone.now()
        _close(row, MatchRun.State.PUBLISHED)
        if beyond is not None:
            counts |= publish_pools(pools=beyond.pools, on=row.on, now=now)
            counts |= publish_chains(chains=beyond.chains, on=row.on, now=now)
    return {
        "matches": len(rows),
        "good": sum(name == MatchClass.GOOD for name in rows.values()),
        "new": sum(pair not in known for pair in rows),
        "told": told,
        "parked": len(row.parked),
        **counts,
        **({"held": True} if held else {}),
    }


def _changed_since_last(run: MatchRun) -> list[int]:
    last = MatchRun.objects.filter(state=MatchRun.State.PUBLISHED).order_by("-began_at").first()
    changed = Listing.objects.published(on=run.on)
    if last is not None:
        changed = changed.filter(changed_at__gte=last.began_at)
    return list(changed.values_list("pk", flat=True))


def _insert(run: MatchRun, *, now: datetime, still_open: Sequence[int], fresh: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO symbiosis_match ({COLUMNS}, first_seen_at, computed_at)"  # noqa: S608
            f" SELECT {COLUMNS}, %(now)s, %(now)s FROM symbiosis_stagedmatch staged"
            " JOIN symbiosis_matchslice slice ON slice.id = staged.slice_id"
            " WHERE slice.run_id = %(run)s AND offer_id = ANY(%(open)s) AND need_id = ANY(%(open)s)"
            f" AND (offer_id = ANY(%(fresh)s) OR need_id = ANY(%(fresh)s)) {UPDATED}",
            {"now": now, "run": run.pk, "open": list(still_open), "fresh": list(fresh)},
        )


def write_matches(rows: Iterable[tuple[Pair, Suggestion]], *, now: datetime) -> None:
    """Each pair is one row: a new one, or the one that is there with what was found now."""
    marks = ", ".join(["%s"] * (len(COLUMNS.split(", ")) + 2))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO symbiosis_match ({COLUMNS}, first_seen_at, computed_at) VALUES ({marks}) {UPDATED}",  # noqa: S608
            [(*pair, *values_of(one), now, now) for pair, one in rows],
        )


def news(rows: Mapping[Pair, str], known: Mapping[Pair, str]) -> list[Pair]:
    """What was not suggested before as more than distant, and what nobody has judged."""
    answered: set[Pair] = set(MatchAnswer.objects.values_list("match__offer", "match__need"))
    return [
        pair
        for pair, name in rows.items()
        if name in WORTH_A_NOTICE and known.get(pair) not in WORTH_A_NOTICE and pair not in answered
    ]


def tell_of(pairs: Sequence[Pair], *, on: date) -> int:
    """One notice a person for the whole night: it leads to the match, or to the list when there are several."""
    if not pairs:
        return 0
    listings = Listing.objects.select_related("organisation__municipality").in_bulk(
        {pk for pair in pairs for pk in pair}
    )
    suggested = Match.objects.filter(offer__in={pair[0] for pair in pairs}).only("offer", "need", "score")
    matches = {(one.offer_id, one.need_id): one for one in suggested}
    audience = audience_of({listing.organisation for listing in listings.values()}, on=on)
    people: dict[int, User] = {}
    news: defaultdict[int, dict[int, tuple[Match, Listing]]] = defaultdict(dict)
    for pair in pairs:
        for pk in pair:
            for user in audience[listings[pk].organisation_id]:
                people[user.pk] = user
                news[user.pk].setdefault(matches[pair].pk, (matches[pair], listings[pk]))
    for user_id, found in news.items():
        best, own = max(found.values(), key=lambda one: one[0].score)
        more = f" (+{len(found) - 1})" if len(found) > 1 else ""
        notify(
            users=[people[user_id]],
            kind="match_found",
            params={"title": own.title + more},
            url=f"{reverse('symbiosis:match_list')}?answer=none" if more else best.get_absolute_url(),
        )
    return len(news)
