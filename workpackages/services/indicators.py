"""Values of indicators: counted by the night's job, or entered by people; targets."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kisu.lib.jobs import Progress
from members.models import User
from members.services.audit import record_change, record_creation, snapshot
from workpackages.models import Indicator, Target, Value
from workpackages.services import WorkPackagesError
from workpackages.services.runs import record_run

STORED = Decimal("0.001")


@transaction.atomic
def update_indicators(*, on: date, progress: Progress, code: str = "") -> dict[str, Any]:
    """Writes the day's value of each counted indicator, or of the one with the code, and thins out old values.

    Counting a day again overwrites its value. Returns {"counted", "changed", "thinned", "unknown": [codes]};
    unknown are those whose metric no room of this version has. One audit row says what changed.
    """
    indicators = Indicator.objects.counted().order_by("position", "pk")
    rows = list(indicators.filter(code=code) if code else indicators)
    standing = {value.indicator_id: value for value in Value.objects.filter(indicator__in=rows, on=on)}
    changes: dict[str, list[Any]] = {}
    unknown = []
    for number, indicator in enumerate(rows, start=1):
        progress(number, len(rows))
        if indicator.counts is None:
            unknown.append(indicator.code)
            continue
        amount = indicator.counts.value(on).quantize(STORED, ROUND_HALF_UP)
        value = standing.get(indicator.pk)
        if value is not None and (value.amount, value.origin) == (amount, Value.Origin.COUNTED):
            continue
        changes[indicator.code] = [f"{value.amount.normalize():f}" if value else None, f"{amount.normalize():f}"]
        Value.objects.update_or_create(
            indicator=indicator,
            on=on,
            defaults={"amount": amount, "origin": Value.Origin.COUNTED, "evidence": "", "entered_by": None},
        )
    thinned, _by_model = Value.objects.filter(indicator__in=rows).thinnable(on=on).delete()
    record_run(model=Value, object_id=on.isoformat(), label=on.isoformat(), what="indicators counted", changes=changes)
    return {
        "counted": len(rows) - len(unknown),
        "changed": len(changes),
        "thinned": thinned,
        "unknown": unknown,
    }


@transaction.atomic
def enter_value(*, by: User, indicator: Indicator, on: date, amount: Decimal, evidence: str) -> Value:
    """Enters the value of a day, or corrects the one that stands there; the audit log keeps both.

    Raises WorkPackagesError for an indicator that the portal counts itself.
    """
    if indicator.metric:
        raise WorkPackagesError(_("The portal counts this indicator itself: no value can be entered."))
    value = Value.objects.select_for_update().filter(indicator=indicator, on=on).first()
    if value is None:
        value = Value(indicator=indicator, on=on)
    before = snapshot(value) if value.pk else {}
    value.amount, value.evidence = amount.quantize(STORED, ROUND_HALF_UP), evidence
    value.origin, value.entered_by = Value.Origin.ENTERED, by
    value.save()
    if before:
        record_change(by=by, instance=value, before=before, what="indicator value corrected")
    else:
        record_creation(by=by, instance=value, what="indicator value entered")
    return value


@transaction.atomic
def set_target(
    *, by: User, indicator: Indicator, on: date, amount: Decimal, amount_high: Decimal | None, source: str
) -> Target:
    """Sets the target of a day, or changes the one that stands there. From then on it is not the plan file's."""
    target = Target.objects.select_for_update().filter(indicator=indicator, on=on).first()
    if target is None:
        target = Target(indicator=indicator, on=on)
    before = snapshot(target) if target.pk else {}
    target.amount, target.amount_high, target.source = amount, amount_high, source
    target.is_approximate, target.from_plan, target.set_by = False, False, by
    target.save()
    if before:
        record_change(by=by, instance=target, before=before, what="target changed")
    else:
        record_creation(by=by, instance=target, what="target set")
    return target
