"""Matches: what a side answers, and a match in a reader's words. The night that makes them: services/night.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kisu.lib.dates import business_date
from members.models import AuditEntry, Organisation, User
from members.permissions import Permission, Reach
from members.services.audit import record
from members.services.notices import notify
from symbiosis.matching import Reason, sentence
from symbiosis.matching.knowledge import Knowledge
from symbiosis.models import Enquiry, Listing, Match, MatchAnswer, MaterialClass, Synergy
from symbiosis.services import SymbiosisError
from symbiosis.services.audience import audience_of
from symbiosis.services.knowledge import current_knowledge

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
    values |= {"answered_by": by, "answered_at": now}
    given, _created = MatchAnswer.objects.update_or_create(
        match=row,
        organisation=organisation,
        defaults=values,
        create_defaults={**values, "match_class": row.match_class},
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
class Note:
    """What law or sense says of the pair, and where it says so."""

    text: str
    sources: str


@dataclass(frozen=True, slots=True)
class ReadMatch:
    """A match in the reader's language. `other` is the side that is new to the reader: the one that isn't their own."""

    match: Match
    offer: Side
    need: Side
    reasons_for: list[str]
    reasons_against: list[str]
    check_first: str
    notes: list[Note]
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
    """Words the matches for the reader: six queries however many. Fetch them `with_parties`.

    `side` names the listing from which they are looked at, for readers who belong to none of the sides.
    """
    rows = list(matches)
    names, known = _material_names(rows), current_knowledge()
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
                reasons_for=_worded([reason for reason in reasons if reason.for_it], names, known),
                reasons_against=_worded([reason for reason in reasons if not reason.for_it], names, known),
                check_first="".join(
                    _worded([Reason.from_json(row.check_first)] if row.check_first else [], names, known)[:1]
                ),
                notes=_notes(row, known),
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


def _worded(reasons: Iterable[Reason], names: dict[str, str], known: Knowledge) -> list[str]:
    words = []
    for reason in reasons:
        try:
            words.append(sentence(reason, material_name=lambda code: names.get(code, code), known=known))
        except KeyError:  # stored by another version of the matcher; the next night words it anew
            continue
    return words


def _notes(match: Match, known: Knowledge) -> list[Note]:
    """In the reader's language; a note that the knowledge no longer has is left out."""
    language = get_language() or "fi"
    gates = [known.gates[key] for key in match.notes if key in known.gates]
    return [
        Note(
            gate.text[language],
            ", ".join(known.sources[key][language] for key in gate.sources)
            + (f", {gate.section}" if gate.section else ""),
        )
        for gate in gates
    ]
