"""What else helps a listing on: experts and services that fit it, and flows of like material that came true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kisu.lib.geography import road_km
from members.models import User
from symbiosis.matching.facts import ListingFacts
from symbiosis.matching.knowledge import BROADER, NARROWER, Knowledge
from symbiosis.matching.languages import language_of
from symbiosis.matching.reading import Reading, read_listing
from symbiosis.matching.receivers import receiving_of
from symbiosis.models import Listing, Synergy
from symbiosis.services.knowledge import current_knowledge
from symbiosis.services.receivers import point_of, reading_behind, sees_matches_of

SHOWN = 5
NAMED = 0.5
"""A material of less weight is only mentioned."""
LIKE = 0.55
"""A material stands near another that is one step broader, or some steps narrower."""
FITS = 0.6
"""How well what was read must serve a use for who does that use."""
HAZARDOUS_ONLY = frozenset({"hazardous_waste_treatment"})

SERVICE_USES: Mapping[str, frozenset[str]] = {
    "fuel_production": frozenset(
        {"fuel_pellets", "srf", "biodiesel", "bioethanol", "vehicle_fuel", "charcoal", "biogas", "gasification"}
    ),
    "energy_recovery": frozenset({"waste_to_energy", "fuel", "srf"}),
    "recycling": frozenset(
        {
            "metal_recycling", "metal_recovery", "plastic_recycling", "chemical_recycling", "paper_recycling",
            "textile_fibre_recycling", "glass_remelting", "rubber_granulate", "electronics_recycling",
            "battery_recycling", "gypsum_board_production", "composting",
        }
    ),
    "preparing_for_reuse": frozenset(
        {
            "goods_reuse", "it_equipment_reuse", "clothing_reuse", "building_reuse", "packaging_reuse",
            "equipment_use", "spare_parts", "medical_reuse",
        }
    ),
    "backfilling_landscaping": frozenset({"earth_fill", "landscaping", "mine_backfill", "noise_barrier"}),
    "earthworks": frozenset({"road_base", "earth_fill", "lightweight_fill", "soil_stabilisation", "drainage_layer"}),
    "agriculture_green_areas": frozenset({"fertiliser", "soil_improvement", "liming", "growing_media", "mulch"}),
    "soil_disposal_site": frozenset({"earth_fill"}),
    "landfill_hazardous": HAZARDOUS_ONLY,
    "incineration_disposal": HAZARDOUS_ONLY,
}  # fmt: skip
"""By code of a service: the uses of which its doers live. Other services (transport, advice) fit by materials alone."""


@dataclass(frozen=True, slots=True)
class Expert:
    """An open listing of expertise or a service that fits, why, and how far by road."""

    listing: Listing
    why: str
    km: int


@dataclass(frozen=True, slots=True)
class Done:
    """A flow that came true with the same or a near material."""

    synergy: Synergy
    material: str
    same: bool


@dataclass(frozen=True, slots=True)
class BeyondPairs:
    experts: list[Expert] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.experts or self.done)


def beyond_pairs(*, listing: Listing, user: User, on: date) -> BeyondPairs:
    """For who sees matches of the listing; empty for others. Three queries besides the reading, however many there are."""
    if not listing.is_material or not sees_matches_of(listing, user):
        return BeyondPairs()
    known = current_knowledge()
    reading = reading_behind(listing, known)
    if not (reading.materials or reading.uses):
        return BeyondPairs()
    return BeyondPairs(
        experts=_experts(listing, reading, known, on=on), done=_done(listing, reading, known, user=user, on=on)
    )


# --- Experts and services ---------------------------------------------------------------------------------------------


def _experts(listing: Listing, reading: Reading, known: Knowledge, *, on: date) -> list[Expert]:
    """The nearest first."""
    serves = {use: fit for use, (fit, _material) in receiving_of(known).uses_of(reading).items()}
    place = point_of(listing.municipality)
    found = [
        Expert(row, why, round(road_km(place, point_of(row.municipality))))
        for row in Listing.objects.published(on=on)
        .of_kind(Listing.Kind.EXPERTISE)
        .exclude(organisation=listing.organisation_id)
        .select_related("organisation", "municipality__region", "service")
        if (why := _why(row, reading, serves, known, hazardous=bool(listing.hazardous)))
    ]
    return sorted(found, key=lambda one: (one.km, one.listing.pk))[:SHOWN]


def _why(
    expertise: Listing, reading: Reading, serves: Mapping[str, float], known: Knowledge, *, hazardous: bool
) -> str:
    """In the reader's words, "" when it does not fit."""
    language = get_language() or "fi"
    told = _read(known, expertise.language, expertise.title, expertise.description)
    if near := _nearest(reading, told, known):
        return _("Names the material: %(material)s") % {"material": known.label(f"material:{near[0]}", language)}
    if any(weight >= NAMED for weight in told.materials.values()):
        return ""  # it is about other goods
    fitting = {use: serves.get(use, 0.0) for use in told.uses if serves.get(use, 0.0) >= FITS}
    if use := max(fitting, key=lambda key: (fitting[key], key), default=""):
        return _("Does what the material serves: %(use)s") % {"use": known.label(f"use:{use}", language)}
    service = expertise.service
    if service is None:
        return ""
    uses = SERVICE_USES.get(service.code, frozenset()) - (frozenset() if hazardous else HAZARDOUS_ONLY)
    fits = any(serves.get(use, 0.0) >= FITS for use in uses)
    return _("Service that fits: %(service)s") % {"service": service} if fits else ""


# --- Flows that came true ---------------------------------------------------------------------------------------------


def _done(listing: Listing, reading: Reading, known: Knowledge, *, user: User, on: date) -> list[Done]:
    """Of those that the reader may see; the most alike first, then the newest."""
    language = get_language() or "fi"
    rows = (
        Synergy.objects.visible_to(user)
        .realised(on=on)
        .select_related("giver", "receiver", "impact", "offer__reading", "need__reading")
        .order_by("-realised_on", "-pk")
    )
    found: list[tuple[float, Done]] = []
    for row in rows:
        if listing.pk in {row.offer_id, row.need_id}:
            continue
        if near := _nearest(reading, _reading_of(row, known), known):
            material, alike = near
            label = known.label(f"material:{material}", language)
            found.append((alike, Done(synergy=row, material=label, same=alike == 1.0)))
    return [one for _alike, one in sorted(found, key=lambda pair: -pair[0])[:SHOWN]]


def _reading_of(synergy: Synergy, known: Knowledge) -> Reading:
    """Of its offer, else of its need, else of its own title."""
    for side in (synergy.offer, synergy.need):
        if side is not None:
            stored = getattr(side, "reading", None)
            if stored is not None:
                return Reading(materials=stored.materials, uses=stored.uses)
            return _read(known, side.language, side.title, side.description)
    return _read(known, "", synergy.title, "")


# --- Likeness ---------------------------------------------------------------------------------------------------------


def _nearest(one: Reading, other: Reading, known: Knowledge) -> tuple[str, float] | None:
    """The material of the other that is most alike to one that this is about, and how much; None when none is near."""
    pairs = [
        (alike * min(weight, theirs), key, alike)
        for material, weight in one.materials.items()
        if weight >= NAMED and material in known.materials
        for key, theirs in other.materials.items()
        if theirs >= NAMED and key in known.materials
        if (alike := _alike(material, key, known)) >= LIKE
    ]
    if not pairs:
        return None
    _strength, key, alike = max(pairs)
    return key, alike


def _alike(wanted: str, other: str, known: Knowledge) -> float:
    """As `Knowledge.likeness`, without siblings: bark is no case for sawdust."""
    if wanted == other:
        return 1.0
    if (far := known.ancestors[other].get(wanted)) is not None:
        return NARROWER**far
    far = known.ancestors[wanted].get(other)
    # Everything is alike by the family that all of it belongs to: that tells nothing.
    return 0.0 if far is None or not known.materials[other].broader else BROADER**far


@dataclass(frozen=True, slots=True)
class _Version:
    """The knowledge as a key: two of one version read the same."""

    version: str
    known: Knowledge = field(compare=False)


def _read(known: Knowledge, language: str, title: str, description: str) -> Reading:
    return _read_text(_Version(known.version, known), language or language_of(title, known), title, description)


@lru_cache(maxsize=4096)
def _read_text(of: _Version, language: str, title: str, description: str) -> Reading:
    """Texts of expertise and titles of synergies have no stored reading, and seldom change."""
    facts = ListingFacts(
        key="",
        kind="offer",
        language=language,
        title=title,
        description=description,
        valid_from=date.min,
        valid_until=date.min,
    )
    try:
        return read_listing(facts, of.known)
    except Exception:  # as in services/readings: a text that provokes the matcher is left unread
        return Reading()
