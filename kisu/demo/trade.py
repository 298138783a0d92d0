"""The demo's listings, what the matcher makes of them, what people answer and write to each other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import cycle
from random import Random
from typing import Any

from kisu.demo.cast import OWN_ORGANISATION, OWN_REGION, Cast, note
from kisu.demo.network import DATA
from kisu.lib.dates import at_local
from members.models import Organisation, User
from symbiosis.models import (
    Chain,
    Enquiry,
    Listing,
    Match,
    MatchAnswer,
    MaterialClass,
    Message,
    PoolPart,
    Service,
    Unit,
    WasteCode,
)

TIMES_A_YEAR = {"weekly": 52, "monthly": 12}
# The file says nothing of services; all others are advice.
SERVICES = {
    "D289": "other_service",
    "D291": "other_service",
    "D293": "analysis",
    "D295": "analysis",
    "D296": "analysis",
    "D300": "other_service",
}
# So that every desk of the own region has its work: one listing to review, one that ends soon, one on behalf of a firm.
OWN_CASES: dict[str, dict[str, Any]] = {
    "D128": {"state": "in_review", "valid_from_offset_days": -2},
    "D066": {"ends_in_days": 9},
    "D097": {"on_behalf": True},
}
ON_BEHALF_EVERY = 17
OPENED = {"good": 0.5, "possible": 0.2}  # part of the unanswered that somebody has looked at
UNTOUCHED = 20  # matches at home that wait for the demo's guest

TALKS: dict[str, Sequence[Sequence[str]]] = {
    "fi": (
        ("Hei, ilmoituksenne sopisi meidän tarpeeseemme. Voisitteko kertoa kosteuden ja toimituserän koon?",
         "Hei, kosteus on vaihdellut 12 ja 18 prosentin välillä. Yksi erä on noin 25 tonnia.",
         "Kiitos. Sopisiko, että haemme näytteen ensi viikolla?"),
        ("Onko materiaalia vielä jäljellä? Meille kävisi nouto omalla autolla.",
         "On vielä. Lastaamme arkisin kello 7–15, ilmoita tulosta edellisenä päivänä."),
        ("Kiinnostaa. Onko tästä tehty haitta-aineanalyysi, ja saisiko sen nähtäväksi?",),
        ("Voisimme ottaa koe-erän. Mitä kuljetus maksaisi teiltä meille?",
         "Oma auto kulkee teille päin torstaisin, paluukuormana hinta jää pieneksi. Kuinka suuri koe-erä olisi?"),
        ("Tarvitsisimme tätä säännöllisesti. Riittääkö määrä myös talvella?",
         "Talvella syntyy noin puolet kesän määrästä, mutta varastoa on kahdeksi kuukaudeksi.",
         "Se riittää meille. Kutsun aluekoordinaattorin mukaan, niin sovitaan jatkosta."),
    ),
    "sv": (
        ("Hej, vi är intresserade. Hur stort är ett parti och hur ofta uppstår det?",
         "Hej, ungefär 20 ton i månaden, lite mindre på sommaren."),
        ("Finns materialet kvar? Vi kan hämta det själva.",),
    ),
    "en": (
        ("Hello, this could suit our process. Do you have a recent analysis of the material?",
         "Hello, yes, from last spring. We can also send a sample of five kilograms."),
        ("Is it still available, and can you load a curtain-side trailer?",),
    ),
}  # fmt: skip


def make_listings(cast: Cast, *, now: datetime, today: date) -> dict[str, Listing]:
    """By their id in the file."""
    random = Random("listings")
    classes = {one.code: one for one in MaterialClass.objects.all()}
    codes = {one.code: one for one in WasteCode.objects.all()}
    units = {one.code: one for one in Unit.objects.all()}
    services = {one.code: one for one in Service.objects.all()}
    listings = {}
    rows = [json.loads(line) for line in (DATA / "listings.jsonl").read_text(encoding="utf-8").splitlines()]
    for number, file_row in enumerate(rows, start=1):
        row = file_row | OWN_CASES.get(file_row["id"], {})
        organisation = cast.organisations[row["organisation"]]
        on_behalf = row.get("on_behalf", number % ON_BEHALF_EVERY == 0 and organisation.name != OWN_ORGANISATION)
        starts = today + timedelta(days=min(row["valid_from_offset_days"], 0))
        ends = (
            today + timedelta(days=row["ends_in_days"])
            if "ends_in_days" in row
            else starts + timedelta(days=row["valid_days"])
        )
        out = row["state"] not in {"draft", "in_review"}
        written = min(
            at_local(starts, time(random.randint(8, 16), random.randint(0, 59))), now - timedelta(minutes=number % 50)
        )
        listing = Listing(
            kind=row["kind"],
            state=row["state"],
            organisation=organisation,
            on_behalf=on_behalf,
            language=row["lang"],
            title=row["title"],
            description=row["description"],
            nature=row["nature"] or "",
            material_class=classes[row["material_class"]] if row["material_class"] else None,
            waste_code=codes[row["waste_code"]] if row["waste_code"] else None,
            service=services[SERVICES.get(row["id"], "expert_service")] if row["kind"] == "expertise" else None,
            industry=organisation.industry if row["kind"] == "offer" else None,
            hazardous=row["hazardous"],
            continuity=row["continuity"] or "",
            quantity=_a_year(row),
            unit=units[row["unit"]] if row["unit"] else None,
            municipality=organisation.municipality,
            valid_from=starts,
            valid_until=ends,
            created_by=cast.decider(organisation) if on_behalf else cast.contact(organisation),
            published_at=written + timedelta(minutes=40) if out else None,
            approved_by=cast.decider(organisation) if out else None,
            moderation_reason=row["moderation_reason"] or "",
            close_reason=row["close_reason"] or "",
        )
        if listing.published_at and listing.published_at > now:
            listing.published_at = now
        listing.created_at = listing.changed_at = written
        listings[row["id"]] = listing
    written_at = [listing.created_at for listing in listings.values()]
    Listing.objects.bulk_create(listings.values())
    for listing, moment in zip(listings.values(), written_at, strict=True):
        listing.created_at, listing.changed_at = moment, listing.published_at or moment
    Listing.objects.bulk_update(listings.values(), ["created_at", "changed_at"])
    note(listings.values(), organisation="organisation_id", region="organisation.municipality.region_id")
    return listings


def _a_year(row: dict[str, Any]) -> Decimal | None:
    """The file states the quantity of a week, month, year or lot; the portal keeps a year's."""
    if row["quantity"] is None:
        return None
    return Decimal(str(row["quantity"])) * TIMES_A_YEAR.get(row["frequency"], 1)


def answer_matches(cast: Cast, *, now: datetime, agreed: dict[tuple[int, int], datetime]) -> list[Match]:
    """What people said of the night's matches; returns those in which both sides are interested.

    `agreed` holds the pairs (offer, need) that became synergies, and when.
    """
    random, openings = Random("answers"), Random("openings")
    matches = list(
        Match.objects.select_related(
            "offer__organisation__municipality__region", "need__organisation__municipality__region"
        ).order_by("offer__title", "need__title", "pk")
    )
    answers: list[MatchAnswer] = []
    both, at_home = [], 0
    # What stands in a pool or a chain is left for the guest too: turned down, it would be gone from there.
    beyond = {
        *PoolPart.objects.values_list("match__offer", "match__need"),
        *Chain.objects.values_list("offer", "need"),
    }
    for match in matches:
        sides = (match.offer.organisation, match.need.organisation)
        newest = max(listing.published_at or now for listing in (match.offer, match.need))
        match.first_seen_at = min(newest + timedelta(hours=14), now)
        moment = agreed.get((match.offer_id, match.need_id))
        if moment is None:
            moment = match.first_seen_at + (now - match.first_seen_at) * random.random()
            says = _says(match, random)
            if (match.offer_id, match.need_id) in beyond:
                says = ("", "")
            elif match.match_class != "distant" and OWN_REGION in {one.municipality.region.code for one in sides}:
                # At home: the first pair waits for a contact, the second for one side, most others for everybody.
                at_home += 1
                if at_home <= UNTOUCHED:
                    says = {1: ("interested", "interested"), 2: ("interested", "")}.get(at_home, ("", ""))
        else:
            moment, says = min(moment, now), ("interested", "interested")
        answers += [
            MatchAnswer(
                match=match,
                organisation=side,
                answer="interested" if said == "interested" else "dismissed",
                reason="" if said == "interested" else said,
                answered_by=cast.decider(side) if random.random() < 0.2 else cast.contact(side),
                answered_at=moment,
            )
            for side, said in zip(sides, says, strict=True)
            if said
        ]
        if any(says) or openings.random() < OPENED.get(match.match_class, 0):
            match.seen_at = moment
        if says == ("interested", "interested"):
            both.append(match)
    Match.objects.bulk_update(matches, ["first_seen_at", "seen_at"])
    MatchAnswer.objects.bulk_create(answers)
    return both


def _says(match: Match, random: Random) -> tuple[str, str]:
    """What offer's and need's side say: interested, a reason of dismissal, or nothing."""
    chance = random.random()
    reasons = ["too_far", "wrong_quality", "too_little", "already_taken"]
    if match.match_class == "good":
        if chance < 0.16:
            return "interested", "interested"
        if chance < 0.30:
            return ("interested", "") if random.random() < 0.5 else ("", "interested")
        return ("", random.choice(reasons)) if chance < 0.38 else ("", "")
    if match.match_class == "possible":
        if chance < 0.05:
            return "interested", "interested"
        return ("", random.choice(reasons)) if chance < 0.2 else ("", "")
    return (random.choice(reasons), "") if chance < 0.04 else ("", "")


def make_enquiries(cast: Cast, both: Sequence[Match], listings: dict[str, Listing], *, now: datetime) -> None:
    """Most of those who are interested write; somebody asks member@'s organisation and waits for the answer."""
    random = Random("enquiries")
    talks = {language: cycle(found) for language, found in TALKS.items()}
    cases: list[tuple[Listing, Organisation, Match | None, Sequence[str]]] = [
        (match.offer, match.need.organisation, match, next(talks[match.offer.language]))
        for match in both
        if OWN_REGION not in {match.offer.municipality.region.code, match.need.municipality.region.code}
        and random.random() < 0.8
    ]
    asker = next(one for name, one in cast.organisations.items() if name == "Kanavasuvannon Kala Oy")
    cases.append((listings["D066"], asker, None, TALKS["fi"][2]))
    cases.append((listings["D017"], cast.organisations[OWN_ORGANISATION], None, TALKS["fi"][1]))
    taken: set[tuple[int, int]] = set()
    enquiries: list[Enquiry] = []
    messages: list[tuple[Message, datetime]] = []
    for listing, sender, match, talk in cases:
        if (listing.pk, sender.pk) in taken or sender.pk == listing.organisation_id:
            continue
        taken.add((listing.pk, sender.pk))
        opened = now - timedelta(days=random.randint(1, 20), hours=random.randint(1, 9))
        enquiry = Enquiry(
            listing=listing,
            match=match,
            sender=sender,
            opened_by=cast.contact(sender),
            state=Enquiry.State.ANSWERED if len(talk) > 1 else Enquiry.State.OPEN,
        )
        enquiry.opened_at = opened
        enquiries.append(enquiry)
        for number, text in enumerate(talk):
            side: Organisation = sender if number % 2 == 0 else listing.organisation
            author: User = cast.contact(side)
            message = Message(enquiry=enquiry, author=author, organisation=side, text=text)
            messages.append((message, min(opened + timedelta(hours=7 * number), now)))
    opened_at = [enquiry.opened_at for enquiry in enquiries]
    Enquiry.objects.bulk_create(enquiries)
    for enquiry, moment in zip(enquiries, opened_at, strict=True):
        enquiry.opened_at = moment
    Enquiry.objects.bulk_update(enquiries, ["opened_at"])
    Message.objects.bulk_create(message for message, _moment in messages)
    for message, moment in messages:
        message.sent_at = moment
    Message.objects.bulk_update([message for message, _moment in messages], ["sent_at"])
