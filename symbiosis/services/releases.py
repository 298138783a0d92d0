"""Releases of the matching: compared with what is published, then brought into force by staff, or dropped."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kisu.lib.jobs import Progress
from members.models import AuditEntry, JobRun, User
from members.services.audit import record
from members.services.jobs import start_job
from members.services.notices import notify, notify_staff
from symbiosis.matching import Suggestion
from symbiosis.matching.knowledge import Additions, Knowledge, KnowledgeError, knowledge, read
from symbiosis.models import Listing, Match, MatchingRelease, ReleaseDifference
from symbiosis.services import SymbiosisError
from symbiosis.services.knowledge import additions_after_next_release, current_knowledge
from symbiosis.services.knowledge_entries import ENTRIES, lock_entries

JOB, MATCHING = "symbiosis.compare_matching", "symbiosis.match_listings"
KEPT = 3000  # differences of a release that are kept to look at; the counts are whole
WORTH = {"good": 3, "possible": 2, "distant": 1, "": 0}

State = MatchingRelease.State
Pair = tuple[int, int]


# --- The knowledge of the next release --------------------------------------------------------------------------------


def knowledge_after_next_release() -> Knowledge:
    """The files and the entries with the drafts. Four queries; a second or two when the drafts have changed.

    Raises KnowledgeError when they contradict the files.
    """
    additions = additions_after_next_release()
    return _read(_Same(additions)) if additions else knowledge()


class _Same:
    """Additions, alike when they say the same."""

    def __init__(self, additions: Additions) -> None:
        self.additions, self.text = additions, repr(additions)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)


@lru_cache(maxsize=1)
def _read(same: _Same) -> Knowledge:
    return read(additions=same.additions)


# --- Comparing --------------------------------------------------------------------------------------------------------


def ask_comparison(*, by: User | None, now: datetime) -> MatchingRelease:
    """Starts comparing. While one runs, that one is returned."""
    try:
        with transaction.atomic():
            release = MatchingRelease.objects.create(created_by=by, created_at=now)
            record(by=by, action=AuditEntry.Action.CREATED, instance=release, what="matching compared")
            start_job(by=by, job=JOB, arguments={"release": release.pk}, now=now)
    except IntegrityError:
        return MatchingRelease.objects.filter(state__in=(State.COMPARING, State.COMPARED)).latest("pk")
    return release


def run_of(release: MatchingRelease) -> JobRun | None:
    """The run that compares it; of a released one the matching that followed."""
    job = MATCHING if release.state == State.RELEASED else JOB
    return JobRun.objects.filter(job=job, arguments={"release": release.pk}).order_by("-pk").first()


def compare_matching(
    *, release_id: int | None, on: date, now: datetime, progress: Progress | None = None
) -> dict[str, Any]:
    """The job. Started from the page of jobs, without a release, it asks for a comparison as the button does."""
    if release_id is None:
        return {"release": ask_comparison(by=None, now=now).pk}
    release = MatchingRelease.objects.filter(pk=release_id, state=State.COMPARING).first()
    return compare(release=release, on=on, now=now, progress=progress) if release else {"superseded": True}


def compare(*, release: MatchingRelease, on: date, now: datetime, progress: Progress | None = None) -> dict[str, Any]:
    """Sets what a night would publish with the next knowledge beside what is published now. All at once, or nothing.

    Of both sides only listings that are open on the day count, so that what ended since the last night is no difference.
    Knowledge that contradicts itself drops the release, with the reason in its counts.
    """
    from symbiosis.services.night import suggest

    base = current_knowledge().version
    try:
        known = knowledge_after_next_release()
    except KnowledgeError as error:
        MatchingRelease.objects.filter(pk=release.pk).update(state=State.DROPPED, counts={"error": str(error)})
        return {"error": str(error)}
    after = suggest(on=on, known=known, progress=progress)
    return _keep(release=release, after=after, version=known.version, base=base, on=on, now=now)


@transaction.atomic
def _keep(
    *, release: MatchingRelease, after: dict[Pair, Suggestion], version: str, base: str, on: date, now: datetime
) -> dict[str, Any]:
    row = MatchingRelease.objects.select_for_update().filter(pk=release.pk, state=State.COMPARING).first()
    if row is None:
        return {"superseded": True}  # dropped meanwhile
    still_open = set(Listing.objects.published(on=on).values_list("pk", flat=True))
    before: dict[Pair, tuple[str, list[Any]]] = {
        (offer, need): (match_class, reasons)
        for offer, need, match_class, reasons in Match.objects.filter(withdrawn_at=None).values_list(
            "offer", "need", "match_class", "reasons"
        )
        if still_open.issuperset((offer, need))
    }
    counts: Counter[str] = Counter(dict.fromkeys(("appears", "vanishes", "changes", "stays"), 0))
    differences: list[ReleaseDifference] = []
    for pair in before.keys() | {pair for pair in after if still_open.issuperset(pair)}:
        was, old_reasons = before.get(pair, ("", []))
        suggestion = after.get(pair)
        becomes = str(suggestion.match_class) if suggestion else ""
        if was == becomes:
            counts["stays"] += 1
            continue
        difference = ReleaseDifference(
            release=row,
            offer_id=pair[0],
            need_id=pair[1],
            class_before=was,
            class_after=becomes,
            reasons=[reason.as_json() for reason in suggestion.reasons] if suggestion else old_reasons,
        )
        counts[difference.change] += 1
        differences.append(difference)
    differences.sort(key=_weight)
    ReleaseDifference.objects.filter(release=row).delete()
    ReleaseDifference.objects.bulk_create(differences[:KEPT], batch_size=1000)
    _drop_others(row)
    row.version, row.state, row.compared_at = version, State.COMPARED, now
    row.counts = {**counts, "kept": min(len(differences), KEPT), "base": base}
    row.save(update_fields=["version", "state", "compared_at", "counts"])
    _tell(row)
    return dict(counts)


def _weight(difference: ReleaseDifference) -> tuple[int, int, int, int]:
    """The weightiest first: how far the class moves, then how good it is at its best."""
    before, after = WORTH[difference.class_before], WORTH[difference.class_after]
    return -abs(after - before), -max(before, after), difference.need_id, difference.offer_id


def _drop_others(row: MatchingRelease) -> None:
    """An older comparison has had its time; what it would have changed is of no use any more."""
    others = MatchingRelease.objects.filter(state=State.COMPARED).exclude(pk=row.pk)
    ReleaseDifference.objects.filter(release__in=others).delete()
    others.update(state=State.DROPPED)


def _tell(row: MatchingRelease) -> None:
    params = {"title": f"+{row.counts['appears']} −{row.counts['vanishes']}"}
    if row.created_by is None:
        notify_staff(kind="matching_compared", params=params, url=row.get_absolute_url())
    else:
        notify(users=[row.created_by], kind="matching_compared", params=params, url=row.get_absolute_url())


# --- Releasing --------------------------------------------------------------------------------------------------------


def is_outdated(release: MatchingRelease) -> bool:
    """Whether drafts or files have changed since it was compared."""
    try:
        return release.version != knowledge_after_next_release().version
    except KnowledgeError:
        return True


@transaction.atomic
def publish_release(*, by: User, release: MatchingRelease, now: datetime) -> MatchingRelease:
    """Brings the drafts in, takes out what is asked out, and starts the matching. A second press changes nothing.

    Raises SymbiosisError when it is not compared, or when something has changed since.
    """
    lock_entries()
    row = MatchingRelease.objects.select_for_update().get(pk=release.pk)
    if row.state == State.RELEASED:
        return row
    if row.state != State.COMPARED:
        raise SymbiosisError(_("Only a comparison that waits for release can be released."))
    if is_outdated(row):
        raise SymbiosisError(
            _("The knowledge has changed since this comparison, so it was not released. Compare again and look first.")
        )
    changed = 0
    for model in ENTRIES.values():
        entries = model._default_manager.filter(until=None)
        changed += entries.filter(to_retire=True, since__isnull=False).update(until=row, to_retire=False)
        changed += entries.filter(since=None).update(since=row)
    row.state, row.released_by, row.released_at = State.RELEASED, by, now
    row.counts = {**row.counts, "entries": changed}
    row.save(update_fields=["state", "released_by", "released_at", "counts"])
    record(
        by=by,
        action=AuditEntry.Action.CHANGED,
        instance=row,
        what="matching released",
        changes={"version": ["", row.version]},
    )
    # Its own argument: a run that goes on meanwhile knows nothing of the release.
    start_job(by=by, job=MATCHING, arguments={"release": row.pk}, now=now)
    return row


@transaction.atomic
def drop_release(*, by: User, release: MatchingRelease) -> MatchingRelease:
    """Forgets a comparison, also one that runs; the drafts stay. Raises SymbiosisError for one that is released."""
    row = MatchingRelease.objects.select_for_update().get(pk=release.pk)
    if row.state == State.DROPPED:
        return row
    if row.state == State.RELEASED:
        raise SymbiosisError(_("It is released already. Take out what should not be in force, and release anew."))
    row.differences.all().delete()
    row.state = State.DROPPED
    row.save(update_fields=["state"])
    record(by=by, action=AuditEntry.Action.CHANGED, instance=row, what="comparison dropped")
    return row


# --- For the night ----------------------------------------------------------------------------------------------------


def first_release(*, known: Knowledge, now: datetime) -> MatchingRelease | None:
    """For a portal without any release: what is in force is released, by nobody. None where there is one."""
    if MatchingRelease.objects.filter(state=State.RELEASED).exists():
        return None
    return MatchingRelease.objects.create(
        version=known.version, state=State.RELEASED, created_at=now, compared_at=now, released_at=now
    )


def unreleased_change(*, known: Knowledge) -> bool:
    """Whether files or formula have changed since the last release, and nobody has compared that yet.

    `known`: what is in force in this process. A comparison that was dropped counts: staff have seen it.
    """
    released = MatchingRelease.objects.filter(state=State.RELEASED).order_by("-released_at", "-pk").first()
    if released is None or released.version == known.version:
        return False
    later = MatchingRelease.objects.filter(pk__gt=released.pk)
    return not (later.filter(state=State.COMPARING) | later.filter(counts__base=known.version)).exists()
