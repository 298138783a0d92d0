"""What of this room falls on days: phases of the annual clock, hand-overs of leads, days of targets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kisu.lib.calendar import CalendarEntry, calendar_source
from kisu.lib.formats import number
from members.permissions import Permission
from workpackages.models import ClockPhase, PackageLead, Target


def _signed_in(user: Any) -> bool:
    return not user.is_anonymous and user.may(Permission.DASHBOARD)


@calendar_source("clock", title=gettext_lazy("Annual clock"))
def clock(user: Any, first: date, last: date) -> Iterator[CalendarEntry]:
    """Phases that staff have given their days: the plan's file prints none."""
    if not _signed_in(user):
        return
    ended = Q(ends_on__gte=first) | Q(ends_on=None, starts_on__gte=first)
    for phase in ClockPhase.objects.filter(ended, starts_on__lte=last).order_by("starts_on", "pk"):
        assert phase.starts_on is not None  # noqa: S101  selected by it
        ends_on = phase.ends_on or phase.starts_on
        url = reverse("workpackages:package_list")
        yield CalendarEntry(phase.starts_on, ends_on, str(phase), _("Annual clock"), url)


@calendar_source("handovers", title=gettext_lazy("Lead handovers"))
def handovers(user: Any, first: date, last: date) -> Iterator[CalendarEntry]:
    if not _signed_in(user):
        return
    leads = PackageLead.objects.select_related("package").order_by("package", "starts_on")
    for old, new in pairwise(leads):
        if old.package_id == new.package_id and old.partner != new.partner and first <= new.starts_on <= last:
            title = _("%(package)s: the lead passes from %(old)s to %(new)s") % {
                "package": new.package.code,
                "old": old.get_partner_display(),
                "new": new.get_partner_display(),
            }
            url = new.package.get_absolute_url()
            yield CalendarEntry(new.starts_on, new.starts_on, title, str(new.package), url)


@calendar_source("targets", title=gettext_lazy("Days of targets"))
def targets(user: Any, first: date, last: date) -> Iterator[CalendarEntry]:
    if not _signed_in(user):
        return
    for target in Target.objects.filter(on__range=(first, last)).select_related("indicator").order_by("on", "pk"):
        indicator = target.indicator
        amount = f"{number(target.amount, indicator.decimals)} {indicator.unit}".strip()
        detail = _("Target: %(amount)s") % {"amount": amount}
        yield CalendarEntry(target.on, target.on, indicator.name, detail, indicator.get_absolute_url())
