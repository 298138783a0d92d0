"""This room's jobs. When they run stands in the beat schedule of kisu/celery.py."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kisu.lib.jobs import Run, job


@job(
    "workpackages.update_indicators",
    title=_("Indicators"),
    what=_("Counts the day's value of each indicator that the portal counts from its own records."),
    figures={
        "counted": _("Indicators counted"),
        "changed": _("Values that changed"),
        "thinned": _("Old daily values removed"),
        "unknown": _("Indicators that this version cannot count"),
    },
)
def update_indicators(run: Run) -> dict[str, Any]:
    """With the argument `indicator` (a code) only that one."""
    from workpackages.services.indicators import update_indicators

    return update_indicators(on=run.on, progress=run.progress, code=run.arguments.get("indicator", ""))
