"""Matches: the night's run, what a side answers, and a match in a reader's words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, Literal

from django.db import connection, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from kisu.lib.dates import business_date
from kisu.lib.jobs import Progress
from members.models import AuditEntry, Organisation, User
from members.permissions import Permission, Reach
from members.services.audit import record
from members.services.notices import notify
from symbiosis.matching import ListingFacts, MatchClass, Reason, Suggestion, match, sentence
from symbiosis.matching.facts import is_bulk
from symbiosis.models import Enquiry, Listing, Match, MatchAnswer, MaterialClass, Synergy
from symbiosis.services import SymbiosisError
from symbiosis.services.audience import audience_of

KEPT = 10  # suggestions of a need
MOST_OWN = 50  # offers of the need's own organisation for which room is asked beyond KEPT
LOCK = 0x6B697375  # any number of ours, the same for every run
WORTH_A_NOTICE = (Match.MatchClass.GOOD, Match.MatchClass.POSSIBLE)
BATCH = 1000
STAGED = "offer_id, need_id, match_class, score, distance_km, parts, reasons, check_first"

Pair = tuple[int, int]


# --- The night --------------------------------------------------------------------------------------------------------


def match_listings(*, on: date, now: datetime, progress: Progress | None = None) -> dict[str, Any]:
    """Joins all open offers and needs and publishes the result at once, or not at all.

    Safe to run again and at the same time: each pair is one row, a run that began earlier than the published one is
    dropped, and a pair is told of once. Returns counts; `superseded` means that a later run was faster.
    """
    offers, needs = _open_facts("offer", on=on), _open_facts("need", on=on)
    owners = dict(Listing.objects.published(on=on).values_list("pk", "organisation"))
    if progress is not None:
        progress(0, len(needs))
    suggestions = _of_two_firms(offers, needs, owners, on=on, progress=progress)
    for _batch in _stage(suggestions):
        if progress is not None:
            progress(len(needs), len(needs))
    counts = _publish(suggestions, on=on, now=now)
    return {"offers": len(offers), "needs": len(needs), **counts}


def facts_of(listing: Listing) -> ListingFacts:
    """What the matcher reads of a listing. Needs municipality, unit, material class and waste code selected."""
    kind: Literal["offer", "need"] = "need" if listing.kind == Listing.Kind.NEED else "offer"
    material, waste_code = listing.material_class, listing.waste_code
    return ListingFacts(
        key=str(listing.pk),
        kind=kind,
        language=listing.language,
        title=listing.title,
        description=listing.description,
        valid_from=listing.valid_from,
        valid_until=listing.valid_until,
        nature=listing.nature or None,
        material_class=material.code if material else None,
        waste_code=waste_code.code if waste_code else None,
        hazardous=listing.hazardous,
        quantity=listing.quantity,
        unit=listing.unit.code if listing.unit else None,
        frequency=listing.continuity or None,
        latitude=listing.municipality.latitude,
        longitude=listing.municipality.longitude,
        radius_km=listing.radius_km,
        bulk=material.bulk if material else is_bulk(waste_code.code if waste_code else None, None),
    )


def _open_facts(kind: str, *, on: date) -> list[ListingFacts]:
    listings = Listing.objects.published(on=on).of_kind(kind).order_by("pk")
    return [facts_of(one) for one in listings.select_related("municipality", "unit", "material_class", "waste_code")]


def _of_two_firms(
    offers: Sequence[ListingFacts],
    needs: Sequence[ListingFacts],
    owners: dict[int, int],
    *,
    on: date,
    progress: Progress | None,
) -> dict[Pair, Suggestion]:
    """The best KEPT offers of each need that belong to another organisation. The matcher knows no organisations."""
    offered = Counter(owners.get(int(facts.key)) for facts in offers)
    own = max((offered[owners.get(int(facts.key))] for facts in needs), default=0)
    kept: dict[Pair, Suggestion] = {}
    of_need: Counter[int] = Counter()
    for suggestion in match(offers, needs, on=on, limit=KEPT + min(own, MOST_OWN), progress=progress):
        pair = offer, need = int(suggestion.offer), int(suggestion.need)
        if of_need[need] < KEPT and owners.get(offer) != owners.get(need):
            of_need[need] += 1
            kept[pair] = suggestion
    return kept


def _stage(suggestions: dict[Pair, Suggestion]) -> Iterator[None]:
    """Copies them into a table of this connection, a batch a step. Publishing is one statement then, and short: what a
    job tells from inside a transaction nobody hears before its end.
    """
    rows = iter(suggestions.items())
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS staged_match")
        cursor.execute(
            f"CREATE TEMPORARY TABLE staged_match AS SELECT {STAGED} FROM symbiosis_match WITH NO DATA"  # noqa: S608
        )
        yield
        while batch := list(islice(rows, BATCH)):
            with cursor.copy(f"COPY staged_match ({STAGED}) FROM STDIN") as copy:
                for pair, one in batch:
                    reasons = [reason.as_json() for reason in one.reasons]
                    words = (Jsonb(one.parts), Jsonb(reasons), Jsonb(one.check_first.as_json()))
                    copy.write_row((*pair, str(one.match_class), one.score, one.distance_km, *words))
            yield


@transaction.atomic
def _publish(suggestions: dict[Pair, Suggestion], *, on: date, now: datetime) -> dict[str, Any]:
    """What is staged, in the place of what was published before. What was closed or deleted since is left out."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if Match.objects.filter(computed_at__gt=now).exists():
        return {"superseded": True}
    still_open = set(Listing.objects.published(on=on).values_list("pk", flat=True))
    known: dict[Pair, str] = {
        (offer, need): name for offer, need, name in Match.objects.values_list("offer", "need", "match_class")
    }
    answered: set[Pair] = set(MatchAnswer.objects.values_list("match__offer", "match__need"))
    rows = {pair: str(one.match_class) for pair, one in suggestions.items() if still_open.issuperset(pair)}
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO symbiosis_match ({STAGED}, first_seen_at, computed_at)"  # noqa: S608
            f" SELECT {STAGED}, %(now)s, %(now)s FROM staged_match"
            " WHERE offer_id = ANY(%(open)s) AND need_id = ANY(%(open)s)"
            " ON CONFLICT (offer_id, need_id) DO UPDATE SET match_class = excluded.match_class, score = excluded.score,"
            " distance_km = excluded.distance_km, parts = excluded.parts, reasons = excluded.reasons,"
            " check_first = excluded.check_first, computed_at = excluded.computed_at, withdrawn_at = NULL",
            {"now": now, "open": list(still_open)},
        )
        cursor.execute("DROP TABLE staged_match")
    withdrawn = Match.objects.filter(withdrawn_at=None).exclude(computed_at=now).update(withdrawn_at=now)
    # News is what was not suggested before as more than distant, and what nobody has judged.
    news = [
        pair
        for pair, match_class in rows.items()
        if match_class in WORTH_A_NOTICE and known.get(pair) not in WORTH_A_NOTICE and pair not in answered
    ]
    return {
        "matches": len(rows),
        "good": sum(match_class == MatchClass.GOOD for match_class in rows.values()),
        "new": sum(pair not in known for pair in rows),
        "withdrawn": withdrawn,
        "told": _tell_of(news, on=on),
    }


def _tell_of(pairs: Sequence[Pair], *, on: date) -> int:
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


# --- Answers ----------------------------------------------------------------------------------------------------------


def answerable_sides(*, match: Match, user: User) -> list[Organisation]:
    """For which of the two the user may answer: the own one, those of a coordinator's region, for staff both."""
    reachable = Organisation.objects.in_reach(user, Permission.MATCH_ANSWER)
    may = set(reachable.filter(pk__in=[side.organisation_id for side in match.sides]).values_list("pk", flat=True))
    return [side.organisation for side in match.sides if side.organisation_id in may]


@transaction.atomic
def answer_match(
    *,
    by: User,
    match: Match,
    organisation: Organisation,
    answer: str,
    reason: str = "",
    note: str = "",
    now: datetime,
) -> MatchAnswer:
    """Writes what one side says; it may change its mind until the match is a synergy.

    The other side hears of interest, unless it has turned the match down. Raises SymbiosisError for an organisation
    that is no side, and when a synergy has begun.
    """
    row = (
        Match.objects.select_for_update(of=("self",))
        .select_related("offer__organisation__municipality", "need__organisation__municipality")
        .get(pk=match.pk)
    )
    own = row.side_of(organisation)
    if own is None:
        raise SymbiosisError(_("This organisation is no side of the match."))
    if Synergy.objects.filter(match=row).exists():
        raise SymbiosisError(_("The match is a synergy already. The answers stay as they are."))
    answer = MatchAnswer.Answer(answer)
    interested = answer == MatchAnswer.Answer.INTERESTED
    values: dict[str, Any] = {
        "answer": answer,
        "reason": "" if interested else MatchAnswer.Reason(reason),
        "note": "" if interested else note,
    }
    before = MatchAnswer.objects.filter(match=row, organisation=organisation).first()
    if before is not None and all(getattr(before, name) == value for name, value in values.items()):
        return before
    given, _created = MatchAnswer.objects.update_or_create(
        match=row, organisation=organisation, defaults={**values, "answered_by": by, "answered_at": now}
    )
    record(
        by=by,
        action=AuditEntry.Action.CHANGED,
        instance=row,
        what="match answered",
        changes={
            "answers__answer": [before.answer if before else "", answer],
            "answers__reason": [before.reason if before else "", given.reason],
        },
        organisation=organisation,
    )
    if interested:
        other = row.other_side(own)
        turned_down = row.answers.filter(organisation=other.organisation, answer=MatchAnswer.Answer.DISMISSED).exists()
        people = audience_of([other.organisation], on=business_date(now))[other.organisation_id]
        notify(
            users=[] if turned_down else [user for user in people if user != by],
            kind="interest_shown",
            params={"title": other.title},
            url=row.get_absolute_url(),
        )
    return given


# --- For readers ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a match. `linked`: the reader may open the listing. `note`: its words, kept from the other side."""

    listing: Listing
    answer: MatchAnswer | None
    own: bool
    linked: bool
    note: str

    @property
    def organisation(self) -> Organisation:
        return self.listing.organisation


@dataclass(frozen=True, slots=True)
class ReadMatch:
    """A match in the reader's language. `other` is the side that is new to the reader: the one that isn't their own."""

    match: Match
    offer: Side
    need: Side
    reasons_for: list[str]
    reasons_against: list[str]
    check_first: str
    synergy: Synergy | None
    enquiry: Enquiry | None

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.offer, self.need

    @property
    def other(self) -> Side:
        return self.offer if self.need.own and not self.offer.own else self.need

    @property
    def gist(self) -> list[str]:
        """The weightiest reason for and the weightiest against, for a line of a table."""
        return self.reasons_for[:1] + self.reasons_against[:1]


def read_matches(matches: Iterable[Match], *, user: User, on: date, side: Listing | None = None) -> list[ReadMatch]:
    """Words the matches for the reader: five queries however many. Fetch them `with_parties`.

    `side` names the listing from which they are looked at, for readers who belong to none of the sides.
    """
    rows = list(matches)
    names = _material_names(rows)
    reach = user.reach(Permission.MATCH_READ)
    listings = {listing.pk for row in rows for listing in row.sides}
    linked = set(Listing.objects.visible_to(user, on=on).filter(pk__in=listings).values_list("pk", flat=True))
    synergies = {
        synergy.match_id: synergy
        for synergy in Synergy.objects.visible_to(user).filter(match__in=[row.pk for row in rows])
    }
    threads = Enquiry.objects.visible_to(user).filter(match__in=[row.pk for row in rows]).order_by("opened_at", "pk")
    enquiries = {thread.match_id: thread for thread in threads}
    read = []
    for row in rows:
        answers = {answer.organisation_id: answer for answer in row.answers.all()}
        offer, need = (
            Side(
                listing=listing,
                answer=answers.get(listing.organisation_id),
                own=listing.organisation_id in reach.organisations or (side is not None and listing.pk == side.pk),
                linked=listing.pk in linked,
                note=_note(answers.get(listing.organisation_id), reach),
            )
            for listing in row.sides
        )
        reasons = [Reason.from_json(reason) for reason in row.reasons]
        read.append(
            ReadMatch(
                match=row,
                offer=offer,
                need=need,
                reasons_for=_worded([reason for reason in reasons if reason.for_it], names),
                reasons_against=_worded([reason for reason in reasons if not reason.for_it], names),
                check_first="".join(_worded([Reason.from_json(row.check_first)] if row.check_first else [], names)[:1]),
                synergy=synergies.get(row.pk),
                enquiry=enquiries.get(row.pk),
            )
        )
    return read


def _note(answer: MatchAnswer | None, reach: Reach) -> str:
    if answer is None:
        return ""
    return answer.note if reach.everything or reach.regions or answer.organisation_id in reach.organisations else ""


def matches_of(*, listing: Listing, user: User, on: date) -> list[ReadMatch]:
    """For the listing's own page: its matches, best first, for its organisation, the region's coordinator and staff."""
    if not Listing.objects.filter(pk=listing.pk).in_reach(user, Permission.MATCH_READ).exists():
        return []
    found = Match.objects.visible_to(user).current().of_listing(listing).not_dismissed_by(user)
    return read_matches(found.with_parties().best_first(), user=user, on=on, side=listing)


def _material_names(matches: Sequence[Match]) -> dict[str, str]:
    """Names of the material classes that the reasons name by code."""
    codes = {
        str(value)
        for row in matches
        for reason in row.reasons
        for key, value in reason["params"].items()
        if key in {"material", "offered", "needed"}
    }
    return {material.code: material.name for material in MaterialClass.objects.filter(code__in=codes)} if codes else {}


def _worded(reasons: Iterable[Reason], names: dict[str, str]) -> list[str]:
    words = []
    for reason in reasons:
        try:
            words.append(sentence(reason, material_name=lambda code: names.get(code, code)))
        except KeyError:  # stored by another version of the matcher; the next night words it anew
            continue
    return words
