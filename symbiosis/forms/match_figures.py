from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from kisu.lib.dates import FinnishDateField, add_months


class PeriodForm(forms.Form):
    """When the pairs were first suggested. Each field narrows: dates of one's own go with all the time."""

    period = forms.ChoiceField(
        label=_("Suggested in"),
        choices=[("", _("All the time")), ("12", _("The last 12 months")), ("year", _("This year"))],
        required=False,
        widget=forms.RadioSelect,
    )
    since = FinnishDateField(label=_("First day"), required=False)
    until = FinnishDateField(label=_("Last day"), required=False)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        since, until = values.get("since"), values.get("until")
        if since and until and until < since:
            self.add_error("until", _now("The last day is before the first. Change one of them."))
        return values

    def days(self, *, on: date) -> tuple[date | None, date | None]:
        """The first and the last day; None is no limit. For a valid form."""
        asked = self.cleaned_data
        starts = {"12": add_months(on, -12), "year": date(on.year, 1, 1)}.get(asked["period"])
        since = max((day for day in (starts, asked["since"]) if day), default=None)
        return since, asked["until"]
