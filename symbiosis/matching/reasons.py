"""Reasons for and against a pair, as codes with figures, and their sentences in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import isfinite, isnan
from typing import TYPE_CHECKING

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kisu.lib import formats
from symbiosis.matching.facts import ListingFacts, Reason

if TYPE_CHECKING:
    from symbiosis.matching.knowledge import Knowledge

MOST_FOR, MOST_AGAINST, MOST_WORDS = 3, 2, 3

NEAR_KM, BULK_NEAR_KM = 100.0, 60.0
FAR_KM, BULK_FAR_KM = 350.0, 200.0
"""What a person would call near and far by road; heavy, cheap goods rarely pay their way over 200 km."""
SHORT_DAYS = 14
HALF_THE_MONTHS = 0.5
SMALL_SHARE = 0.25
ALIKE = 0.2
"""From here up texts are evidence; unrelated texts of one language reach half of it by their common n-grams."""
KIND_OF, GOOD_FIT = 0.6, 0.6
"""From here up a named material is a kind of what is wanted, and a use is usual; below, it is only near it."""
GROUP = 5
"""Letters of a sub-chapter, "NN NN"."""

PART_OF = {
    "same_goods": "named",
    "kind_of_goods": "named",
    "kindred_goods": "named",
    "fits_use": "used",
    "could_fit_use": "used",
    "refused_property": "refused",
    "missing_property": "missing",
    "same_material": "material",
    "other_material": "other_material",
    "ruled_out": "ruled_out",
    "unstated_property": "asked",
    "out_of_range": "number",
    "told_far": "told_far",
    "told_little": "told_little",
    "told_unsuited": "told_unsuited",
    "learned_well": "learned",
    "learned_badly": "learned",
    "same_waste_code": "waste_code",
    "same_waste_group": "waste_code",
    "only_chapter": "waste_code",
    "only_class": "material",
    "shared_words": "words",
    "only_texts": "words",
    "near": "distance",
    "same_place": "distance",
    "far": "distance",
    "place_unknown": "place_unknown",
    "within_radius": "radius",
    "outside_radius": "radius",
    "dates_fit": "time",
    "short_time": "time",
    "other_months": "months",
    "quantity_enough": "quantity",
    "quantity_small": "quantity",
    "hazardous": "hazard",
}
"""The part of the score that each reason tells of: a reason is never given for a part that didn't count."""


NO_OBSTACLE = frozenset({"unstated_property", "learned_badly"})
"""Reasons against that ask for a word of the other side and don't stand in the way of a good match."""


@dataclass(frozen=True, slots=True)
class Outside:
    """A number of the offer outside what the need asks for; ends in the measure's unit, infinite where open."""

    measure: str
    asked: tuple[float, float]
    stated: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Pair:
    """What was compared. `km`, `limit_km`, `share` are NaN when a side didn't state them; `days` are common days."""

    offer: ListingFacts
    need: ListingFacts
    parts: dict[str, float]
    km: float
    limit_km: float
    days: int
    since: date
    until: date
    share: float
    shared_words: list[str]
    goods: str = ""
    """The offer's material that answers the wish, as the knowledge names it."""
    wanted: str = ""
    """The material of the need that it answers best."""
    use: str = ""
    because: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    clash: str = ""
    """The property that the need refuses and the offer has."""
    lack: str = ""
    """The property that the need asks for and the offer denies."""
    unstated: str = ""
    """One that the need asks for and the offer says nothing of."""
    outside: Outside | None = None
    ruled_out: tuple[str, ...] = ()
    """Words of the need for what it does not take, that the offer says."""
    asks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """Gates that bear on the pair: what law or sense asks for, and what it only says."""


def reasons_of(pair: Pair) -> list[Reason]:
    """The weightiest reasons: at most three for, then at most two against."""
    found = [
        *_knowledge(pair),
        *_properties(pair),
        *_answers(pair),
        *_material(pair),
        *_place(pair),
        *_amount(pair),
        *_dates(pair),
    ]
    return [reason for reason in found if reason.for_it][:MOST_FOR] + [reason for reason in found if not reason.for_it][
        :MOST_AGAINST
    ]


def _knowledge(pair: Pair) -> list[Reason]:
    """What the tables of materials and uses say of the pair."""
    found: list[Reason] = []
    if named := pair.parts.get("named", 0.0):
        params = {"goods": pair.goods, "wanted": pair.wanted}
        if pair.goods == pair.wanted:
            found.append(Reason("same_goods", True, {"goods": pair.goods}))
        elif named >= KIND_OF:
            found.append(Reason("kind_of_goods", True, params))
        else:
            found.append(Reason("kindred_goods", False, params))
    if (used := pair.parts.get("used", 0.0)) and pair.use:
        params = {"goods": pair.goods, "use": pair.use}
        if because := " ".join(pair.because):
            params["because"] = because
        found.append(Reason("fits_use" if used >= GOOD_FIT else "could_fit_use", used >= GOOD_FIT, params))
    return found


def _properties(pair: Pair) -> list[Reason]:
    found: list[Reason] = []
    if pair.clash:
        found.append(Reason("refused_property", False, {"property": pair.clash}))
    if pair.ruled_out:
        found.append(Reason("ruled_out", False, {"words": ", ".join(pair.ruled_out[:MOST_WORDS])}))
    if pair.lack:
        found.append(Reason("missing_property", False, {"property": pair.lack}))
    if pair.outside:
        found.append(Reason("out_of_range", False, _range_params(pair.outside)))
    if pair.unstated and pair.unstated != pair.lack and pair.parts.get("asked", 1.0) < 1:
        found.append(Reason("unstated_property", False, {"property": pair.unstated}))
    return found


def _range_params(outside: Outside) -> dict[str, str | float | int]:
    """Finite ends only: infinity is no JSON."""
    ends = zip(("asked_from", "asked_to", "stated_from", "stated_to"), (*outside.asked, *outside.stated), strict=True)
    return {"measure": outside.measure, **{name: round(value, 3) for name, value in ends if isfinite(value)}}


def _answers(pair: Pair) -> list[Reason]:
    """What the sides have answered to earlier suggestions, and others to such pairs."""
    found: list[Reason] = []
    if "told_far" in pair.parts:
        found.append(Reason("told_far", False, {"km": round(pair.km)}))
    if "told_little" in pair.parts:
        found.append(Reason("told_little", False))
    if "told_unsuited" in pair.parts:
        found.append(Reason("told_unsuited", False, {"goods": pair.goods}))
    if learned := pair.parts.get("learned"):
        found.append(Reason("learned_well", True) if learned > 1 else Reason("learned_badly", False))
    return found


def _material(pair: Pair) -> list[Reason]:
    offer, need, parts = pair.offer, pair.need, pair.parts
    found: list[Reason] = []
    if "hazard" in parts:
        found.append(Reason("hazardous", False))
    if "material" in parts and offer.material_class and "known" not in parts:
        found.append(Reason("same_material", True, {"material": offer.material_class}))
    if "other_material" in parts and offer.material_class and need.material_class:
        found.append(Reason("other_material", False, {"offered": offer.material_class, "needed": need.material_class}))
    group = ""
    if "waste_code" in parts and offer.waste_code and need.waste_code:
        if offer.waste_code[:GROUP] == need.waste_code[:GROUP]:
            group = offer.waste_code[:GROUP]
            if offer.waste_code == need.waste_code:
                found.append(Reason("same_waste_code", True, {"waste_code": offer.waste_code}))
            else:
                found.append(Reason("same_waste_group", True, {"group": group}))
        elif "material" not in parts:
            found.append(Reason("only_chapter", False, {"group": offer.waste_code[:2]}))
    if pair.shared_words and "known" not in parts:
        found.append(Reason("shared_words", True, {"words": ", ".join(pair.shared_words)}))
    if "known" in parts:
        return found
    if "material" in parts and not group and parts.get("words", 0.0) < ALIKE:
        found.append(Reason("only_class", False))
    if "words" in parts and "material" not in parts and "waste_code" not in parts:
        found.append(Reason("only_texts", False))
    return found


def _place(pair: Pair) -> list[Reason]:
    if isnan(pair.km):
        return [Reason("place_unknown", False)]
    km = round(pair.km)
    if "radius" in pair.parts:
        limit = round(pair.limit_km)
        if pair.km > pair.limit_km:
            return [Reason("outside_radius", False, {"km": km, "limit": limit})]
        return [Reason("within_radius", True, {"km": km, "limit": limit})]
    if km == 0:
        return [Reason("same_place", True)]
    bulk = pair.offer.bulk or pair.need.bulk
    if pair.km <= (BULK_NEAR_KM if bulk else NEAR_KM):
        return [Reason("near", True, {"km": km})]
    if pair.km > (BULK_FAR_KM if bulk else FAR_KM):
        return [Reason("far", False, {"km": km})]
    return []


def _amount(pair: Pair) -> list[Reason]:
    offered, needed = pair.offer.yearly(), pair.need.yearly()
    if isnan(pair.share) or offered is None or needed is None:
        return []
    params: dict[str, str | float | int] = {
        "offered": float(offered[0]),
        "needed": float(needed[0]),
        "unit": offered[1],
    }
    if pair.share >= 1:
        return [Reason("quantity_enough", True, params)]
    return [Reason("quantity_small", False, params)] if pair.share < SMALL_SHARE else []


def _dates(pair: Pair) -> list[Reason]:
    if pair.parts.get("months", 1.0) < HALF_THE_MONTHS:
        return [Reason("other_months", False)]
    if pair.days < SHORT_DAYS:
        return [Reason("short_time", False, {"until": pair.until.isoformat()})]
    return [Reason("dates_fit", True, {"since": pair.since.isoformat(), "until": pair.until.isoformat()})]


def check_first(pair: Pair, reasons: list[Reason]) -> Reason:
    """The one question to ask before anything else: the heaviest obstacle, else what the trade always asks."""
    against = {reason.code: reason for reason in reasons if not reason.for_it}
    if "hazardous" in against:
        return Reason("check_permit", False)
    if pair.offer.hazardous is None and pair.offer.nature == "waste" and pair.need.hazardous is not True:
        return Reason("check_hazard", False)
    if "refused_property" in against:
        return Reason("check_property", False, against["refused_property"].params)
    for code, check in (
        ("ruled_out", "check_ruled_out"),
        ("out_of_range", "check_number"),
        ("missing_property", "check_lack"),
        ("other_material", "check_material"),
        ("outside_radius", "check_transport"),
        ("far", "check_transport"),
        ("short_time", "check_time"),
        ("other_months", "check_months"),
        ("only_texts", "check_use"),
        ("only_chapter", "check_use"),
        ("only_class", "check_use"),
        ("quantity_small", "check_quantity"),
        ("place_unknown", "check_place"),
    ):
        if code in against:
            params = against[code].params if check in _WITH_FIGURES else {}
            return Reason(check, False, params)
    if pair.asks:
        return Reason("check_gate", False, {"gate": pair.asks[0]})
    if "unstated_property" in against:
        return Reason("check_unstated", False, against["unstated_property"].params)
    if pair.conditions:
        return Reason("check_condition", False, {"condition": pair.conditions[0]})
    if pair.offer.nature == "waste":
        return Reason("check_recipient", False)
    return Reason("check_quality", False)


_WITH_FIGURES = frozenset({"check_transport", "check_time", "check_number", "check_lack", "check_ruled_out"})


def sentence(reason: Reason, *, material_name: Callable[[str], str] = str, known: Knowledge | None = None) -> str:
    """The reason in the active language. `material_name` turns a material class code into its name there; `known` names
    what the reason names, the files alone when it is left out.

    The codes of `check_first` give whole questions, to stand after a label such as "Check first:".
    Raises KeyError for a code this version doesn't know.
    """
    params = reason.params
    shown: dict[str, str] = {name: str(value) for name, value in params.items()}
    for name in ("material", "offered", "needed"):
        if isinstance(value := params.get(name), str):
            shown[name] = material_name(value)
        elif value is not None:
            shown[name] = _amount_text(value, str(params["unit"]))
    for name, kind in _NAMES:
        if name in params:
            shown[name] = words_of(f"{kind}:{params[name]}", known)
    if "measure" in params:
        shown |= _measured(params, known)
    if "because" in params:
        causes = str(params["because"]).split()
        shown["because"] = ", ".join(words_of(f"reason:{key}", known) for key in causes)
        if reason.code in _WITH_CAUSE:
            return _WITH_CAUSE[reason.code]() % shown
    for name in ("km", "limit"):
        if name in params:
            shown[name] = formats.quantity(int(params[name]), "km")
    for name in ("since", "until"):
        if name in params:
            shown[name] = formats.date(date.fromisoformat(str(params[name])))
    return _SENTENCES[reason.code]() % shown


_NAMES = (
    ("goods", "material"),
    ("wanted", "material"),
    ("use", "use"),
    ("property", "property"),
    ("condition", "condition"),
    ("gate", "gate"),
)


def words_of(target: str, known: Knowledge | None = None) -> str:
    """The label of an entry of the knowledge in the active language."""
    return _in_force(known).label(target, get_language() or "fi")


def _in_force(known: Knowledge | None) -> Knowledge:
    from symbiosis.matching.knowledge import knowledge

    return known or knowledge()


def _measured(params: Mapping[str, str | float | int], known: Knowledge | None) -> dict[str, str]:
    """The measure's name and the two ranges as text: "10–20 %", "at most 15 %"."""
    measure = _in_force(known).measures.get(str(params["measure"]))
    if measure is None:
        return {"measure": str(params["measure"]), "asked": "", "stated": ""}
    language = get_language() or "fi"
    texts = {
        side: _range_text(params.get(f"{side}_from"), params.get(f"{side}_to"), measure.unit)
        for side in ("asked", "stated")
    }
    return {"measure": measure.label[language], **texts}


def _range_text(low: str | float | None, high: str | float | None, unit: str) -> str:
    ends = [None if end is None else formats.number(Decimal(str(end))) for end in (low, high)]
    if ends[0] is None and ends[1] is None:
        return ""
    if ends[0] == ends[1] or None not in ends:
        figures = ends[0] if ends[0] == ends[1] else f"{ends[0]}–{ends[1]}"
        return f"{figures} {unit}".strip()
    if ends[0] is None:
        return _("at most %(figure)s") % {"figure": f"{ends[1]} {unit}".strip()}
    return _("at least %(figure)s") % {"figure": f"{ends[0]} {unit}".strip()}


_WITH_CAUSE: dict[str, Callable[[], str]] = {
    "fits_use": lambda: _("Suits the use: %(use)s. The material %(because)s."),
    "could_fit_use": lambda: _("Suits the use only with reservations: %(use)s. The material %(because)s."),
}

# Functions, so that every msgid is a literal for makemessages and is translated when asked for.
_SENTENCES: dict[str, Callable[[], str]] = {
    "same_goods": lambda: _("What is looked for is offered: %(goods)s"),
    "kind_of_goods": lambda: _("Offered: %(goods)s. Named in the need: %(wanted)s."),
    "kindred_goods": lambda: _("Offered is %(goods)s, which is only near what is looked for: %(wanted)s"),
    "fits_use": lambda: _("Suits the use: %(use)s"),
    "could_fit_use": lambda: _("Suits the use only with reservations: %(use)s"),
    "refused_property": lambda: _("The need does not accept: %(property)s"),
    "ruled_out": lambda: _("The need rules out something that the offer mentions: %(words)s"),
    "check_ruled_out": lambda: _("The need rules this out: %(words)s. Do the goods offered have it?"),
    "missing_property": lambda: _("The need asks for this, the offer says otherwise: %(property)s"),
    "check_property": lambda: _("The offer seems to have what the need does not accept: %(property)s. Is it so?"),
    "check_condition": lambda: "%(condition)s",
    "unstated_property": lambda: _("The need asks for this, and the offer does not tell: %(property)s"),
    "out_of_range": lambda: _("%(measure)s: the need asks for %(asked)s, the offer says %(stated)s."),
    "told_far": lambda: _("About as far was turned down before as too far: %(km)s."),
    "told_little": lambda: _("As small a quantity was turned down before."),
    "told_unsuited": lambda: _("This was turned down before as unsuitable: %(goods)s"),
    "learned_well": lambda: _("Others have found such pairs useful."),
    "learned_badly": lambda: _("Others have mostly turned down such pairs."),
    "check_gate": lambda: "%(gate)s",
    "check_unstated": lambda: _("Does the offer meet what the need asks for: %(property)s?"),
    "check_number": lambda: _("%(measure)s: would %(stated)s do, when the need asks for %(asked)s?"),
    "check_lack": lambda: _("The need asks for: %(property)s. Can the offer meet it after all?"),
    "same_material": lambda: _("Same material: %(material)s"),
    "other_material": lambda: _("Different materials: %(offered)s is offered, %(needed)s is needed."),
    "same_waste_code": lambda: _("Both use the waste code %(waste_code)s."),
    "same_waste_group": lambda: _("Both waste codes begin with %(group)s."),
    "only_chapter": lambda: _("Of the waste codes only the chapter agrees: %(group)s."),
    "only_class": lambda: _("Only the material class agrees, not the texts."),
    "shared_words": lambda: _("Both texts mention: %(words)s"),
    "only_texts": lambda: _("Only the texts are alike."),
    "near": lambda: _("Near: %(km)s"),
    "same_place": lambda: _("Near: in the same place."),
    "far": lambda: _("Far: %(km)s. Transport may not pay."),
    "place_unknown": lambda: _("A place is missing, so the distance is not known."),
    "within_radius": lambda: _("Inside the stated search area: %(km)s, at most %(limit)s."),
    "outside_radius": lambda: _("Outside the stated search area: %(km)s, at most %(limit)s."),
    "dates_fit": lambda: _("The dates fit: both are open from %(since)s to %(until)s."),
    "short_time": lambda: _("Little time: both are open only until %(until)s."),
    "quantity_enough": lambda: _("The quantity is enough: %(offered)s offered, %(needed)s needed in a year."),
    "quantity_small": lambda: _(
        "The quantity is small for the need: %(offered)s offered, %(needed)s needed in a year."
    ),
    "other_months": lambda: _("The goods come in other months than they are needed."),
    "check_months": lambda: _("Could the goods be stored until they are needed?"),
    "hazardous": lambda: _("Hazardous waste: the recipient needs a permit."),
    "check_permit": lambda: _("Does the recipient's permit cover this hazardous waste?"),
    "check_hazard": lambda: _("Is the waste hazardous? The offer does not say."),
    "check_material": lambda: _("Is it the right material? The two listings name different classes."),
    "check_transport": lambda: _("Does transport pay over %(km)s?"),
    "check_time": lambda: _("Is there time to agree by %(until)s?"),
    "check_use": lambda: _("Does the material suit the use?"),
    "check_quantity": lambda: _("Is a part of the needed quantity of use?"),
    "check_place": lambda: _("Where are the goods, and where are they needed?"),
    "check_recipient": lambda: _("May the recipient take in this waste: is there a registration or a permit?"),
    "check_quality": lambda: _("Do purity, moisture and piece size suit the use?"),
}
CODES = frozenset(_SENTENCES)


def _amount_text(value: float, unit: str) -> str:
    # The figures are estimates: whole numbers from a hundred up.
    return formats.quantity(Decimal(str(round(value, 0 if value >= 100 else 1 if value >= 1 else 3))), unit)
