"""The demo's synergies: who gives what to whom, their dated steps, what the realised ones keep in use."""

from __future__ import annotations

import json
from datetime import date, time, timedelta
from decimal import Decimal
from itertools import cycle
from typing import Any

from kisu.demo.cast import OWN_REGION, SOURCE, Cast, note
from kisu.demo.network import DATA
from kisu.lib.dates import at_local
from members.models import Region
from symbiosis.models import Listing, Synergy, SynergyStep
from workpackages.models import Impact

NEXT_STEPS = (
    "Kysy koe-erän tulos", "Sovi tapaaminen osapuolten kesken", "Pyydä kuljetustarjous", "Toimita näyte laboratorioon",
    "Tarkista ympäristöluvan ehdot", "Lähetä sopimusluonnos", "Selvitä varastointi talven yli",
)  # fmt: skip


def make_synergies(cast: Cast, listings: dict[str, Listing], *, today: date) -> list[Synergy]:
    regions = {region.code: region for region in Region.objects.all()}
    next_steps = cycle(NEXT_STEPS)
    rows = [json.loads(line) for line in (DATA / "synergies.jsonl").read_text(encoding="utf-8").splitlines()]
    synergies, steps, impacts = [], [], []
    for number, row in enumerate(rows):
        days = [_day(stage, today) for stage in row["stages"]]
        realised = row["stage"] == Synergy.Stage.REALISED
        impact = _impact(row["impact"], days[-1]) if realised else None
        if impact is not None:
            impacts.append(impact)
        synergy = Synergy(
            title=row["title"],
            giver=cast.organisations[row["giver"]],
            receiver=cast.organisations[row["receiver"]],
            region=regions[row["region_code"]],
            offer=listings[row["offer"]] if row["offer"] else None,
            need=listings[row["need"]] if row["need"] else None,
            stage=row["stage"],
            started_on=days[0],
            realised_on=days[-1] if realised else None,
            impact=impact,
        )
        synergy.created_by = cast.coordinators.get(synergy.region_id, cast.staff)
        # Open ones have their next step, but every fifth none and every seventh a late one; at home one of each.
        if row["stage"] in {"idea", "discussion", "negotiation", "implementation"}:
            at_home = row["region_code"] == OWN_REGION
            missing, late = (
                (row["stage"] == "discussion", row["stage"] == "negotiation")
                if at_home
                else (number % 5 == 0, number % 7 == 0)
            )
            if not missing:
                synergy.next_step = next(next_steps)
                synergy.next_step_on = today + timedelta(days=-4 if late else 2 + number % 25)
        synergies.append(synergy)
        steps += [
            SynergyStep(
                synergy=synergy,
                stage=stage["stage"],
                on=day,
                reason=(row["reason"] or "") if stage["stage"] in {"on_hold", "lapsed"} else "",
                taken_by=synergy.created_by,
            )
            for stage, day in zip(row["stages"], days, strict=True)
        ]
    Impact.objects.bulk_create(impacts)
    for synergy in synergies:
        synergy.impact = synergy.impact  # takes over the key that the impact has now
    Synergy.objects.bulk_create(synergies)
    SynergyStep.objects.bulk_create(steps)
    for step in steps:
        step.recorded_at = at_local(step.on, time(12))
    SynergyStep.objects.bulk_update(steps, ["recorded_at"])
    note(synergies, region="region_id")
    return synergies


def _day(stage: dict[str, Any], today: date) -> date:
    return date.fromisoformat(stage["on"]) if "on" in stage else today - timedelta(days=stage["days_ago"])


def _impact(row: dict[str, Any], realised: date) -> Impact:
    return Impact(
        kind=row["figure"],
        starts_on=realised,
        kept_in_use_t=Decimal(str(row["tonnes_per_year"])),
        co2e_t=Decimal(str(row["co2e_t_per_year"])),
        factor=Decimal(str(row["factor_t_co2e_per_t"])),
        source=f"{SOURCE}: {row['factor_source']}",
    )
