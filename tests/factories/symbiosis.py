from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from kisu.lib.dates import business_date
from members.models import Organisation, User
from symbiosis.models import (
    Chain,
    Enquiry,
    Listing,
    ListingReading,
    Match,
    MaterialClass,
    Message,
    Pool,
    PoolPart,
    ReadingCorrection,
    Synergy,
    SynergyStep,
    Unit,
)
from tests.factories.members import create_organisation
from workpackages.models import Impact


def create_listing(*, organisation: Organisation | None = None, **fields: Any) -> Listing:
    """An open offer of sawdust unless the test says another."""
    organisation = organisation or create_organisation()
    today = business_date(timezone.now())
    state = fields.get("state", Listing.State.PUBLISHED)
    values: dict[str, Any] = {
        "kind": Listing.Kind.OFFER,
        "state": state,
        "organisation": organisation,
        "language": "en",
        "title": "Dry sawdust from a sawmill",
        "description": "Clean spruce sawdust, moisture under 15 %.",
        "material_class": MaterialClass.objects.get(code="wood"),
        "quantity": Decimal(120),
        "unit": Unit.objects.get(code="t"),
        "continuity": Listing.Continuity.CONTINUOUS,
        "municipality": organisation.municipality,
        "valid_from": today - timedelta(days=10),
        "valid_until": today + timedelta(days=90),
        "published_at": timezone.now() if state == Listing.State.PUBLISHED else None,
        "close_reason": Listing.CloseReason.OTHER if state == Listing.State.CLOSED else "",
    }
    return Listing.objects.create(**values | fields)


def create_need(**fields: Any) -> Listing:
    values: dict[str, Any] = {
        "kind": Listing.Kind.NEED,
        "title": "Sawdust wanted for animal bedding",
        "description": "Dry sawdust, also in bulk.",
    }
    return create_listing(**values | fields)


def create_reading(*, listing: Listing | None = None, **fields: Any) -> ListingReading:
    """Sawdust for bedding, dry."""
    values: dict[str, Any] = {
        "listing": listing or create_listing(),
        "materials": {"sawdust": 1.0},
        "uses": {"animal_bedding": 0.7},
        "properties": ["dry"],
        "main_material": "sawdust",
        "version": "of-a-test",
        "read_at": timezone.now(),
    }
    return ListingReading.objects.create(**values | fields)


def create_correction(*, listing: Listing, **fields: Any) -> ReadingCorrection:
    values: dict[str, Any] = {"target": "material:sawdust", "holds": False, "made_at": timezone.now()}
    return ReadingCorrection.objects.create(listing=listing, **values | fields)


def create_match(*, offer: Listing | None = None, need: Listing | None = None, **fields: Any) -> Match:
    now = timezone.now()
    values: dict[str, Any] = {
        "offer": offer or create_listing(),
        "need": need or create_need(),
        "match_class": Match.MatchClass.GOOD,
        "score": 0.8,
        "reasons": [{"code": "same_material", "for_it": True, "params": {"material": "wood"}}],
        "first_seen_at": now,
        "computed_at": now,
    }
    return Match.objects.create(**values | fields)


def create_pool(*, need: Listing | None = None, offers: Sequence[Listing] = (), **fields: Any) -> Pool:
    """A hundred tonnes a year, filled by two offers of forty unless the test gives others."""
    need = need or create_need(quantity=Decimal(100))
    offers = offers or [create_listing(quantity=Decimal(40)) for _number in range(2)]
    values: dict[str, Any] = {"needed": Decimal(100), "unit": "t", "computed_at": timezone.now()}
    amounts = [offer.quantity or Decimal(0) for offer in offers]
    pool = Pool.objects.create(need=need, **{"offered": sum(amounts)} | values | fields)
    for offer, amount in zip(offers, amounts, strict=True):
        match = Match.objects.filter(offer=offer, need=need).first() or create_match(offer=offer, need=need)
        PoolPart.objects.create(pool=pool, match=match, amount=amount)
    return pool


def create_chain(**fields: Any) -> Chain:
    """Branches, chipped, for a heating plant."""
    values: dict[str, Any] = {
        "treatment": "chipping",
        "made_from": "branches",
        "made_into": "forest_chips",
        "score": 0.5,
        "distance_km": 40.0,
        "computed_at": timezone.now(),
    }
    if "offer" not in fields:
        fields["offer"] = create_listing(title="Branches from parks")
    if "need" not in fields:
        fields["need"] = create_need(title="Forest chips wanted")
    return Chain.objects.create(**values | fields)


def create_enquiry(
    *,
    listing: Listing | None = None,
    sender: Organisation | None = None,
    by: User | None = None,
    text: str = "Is it still there?",
    **fields: Any,
) -> Enquiry:
    enquiry = Enquiry.objects.create(
        **{"listing": listing or create_listing(), "sender": sender or create_organisation(), "opened_by": by} | fields
    )
    Message.objects.create(enquiry=enquiry, author=by, organisation=enquiry.sender, text=text)
    return enquiry


def create_impact(**fields: Any) -> Impact:
    values: dict[str, Any] = {
        "kind": Impact.Kind.MEASURED,
        "starts_on": date(2025, 1, 1),
        "kept_in_use_t": Decimal(100),
        "co2e_t": Decimal(20),
        "source": "Weighbridge",
    }
    return Impact.objects.create(**values | fields)


def create_synergy(*, stage: str = Synergy.Stage.IDEA, **fields: Any) -> Synergy:
    giver = fields.pop("giver", None) or create_organisation()
    realised = stage == Synergy.Stage.REALISED
    values: dict[str, Any] = {
        "title": "Sawdust to bedding",
        "giver": giver,
        "receiver": fields.pop("receiver", None) or create_organisation(),
        "region": giver.municipality.region,
        "stage": stage,
        "started_on": date(2025, 1, 1),
        "realised_on": date(2025, 6, 1) if realised else None,
        "impact": create_impact() if realised and "impact" not in fields else None,
    }
    synergy = Synergy.objects.create(**values | fields)
    SynergyStep.objects.create(
        synergy=synergy, stage=stage, on=synergy.started_on, reason="Paused" if stage in {"on_hold", "lapsed"} else ""
    )
    return synergy
