from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kisu.lib.dates import FinnishDateField
from kisu.lib.numbers import QuantityField
from kisu.lib.texts import LineField
from workpackages.models import Indicator

LEAST, MOST = -1_000_000_000_000, 1_000_000_000_000


class _AmountForm(forms.Form):
    """A figure of an indicator on a day; the indicator's unit stands beside the figure."""

    amount = QuantityField(label=_("Value"), min_value=LEAST, max_value=MOST, max_digits=16)

    def __init__(self, *args: Any, indicator: Indicator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("amount", "amount_high"):
            if name in self.fields:
                self.fields[name].unit = indicator.unit  # type: ignore[attr-defined]


class ValueForm(_AmountForm):
    """`today`: a value is of that day at the latest."""

    on = FinnishDateField(label=_("Day of the value"), help_text=_("The day that the figure describes."))
    evidence = LineField(
        label=_("Evidence"), max_length=300, help_text=_("Where the figure comes from: a report, survey or statistics.")
    )
    field_order = ("amount", "on", "evidence")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > self.today:
            raise forms.ValidationError(_("The day cannot be in the future."))
        return on


class TargetForm(_AmountForm):
    amount = QuantityField(label=_("Target value"), min_value=LEAST, max_value=MOST, max_digits=16)
    amount_high = QuantityField(
        label=_("Upper end"),
        min_value=LEAST,
        max_value=MOST,
        max_digits=16,
        required=False,
        help_text=_("Only if the target is a range."),
    )
    on = FinnishDateField(label=_("Day of the target"), help_text=_("The day by which the value should be reached."))
    source = LineField(label=_("Source"), required=False, help_text=_("Who decided on the target, and when."))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        low, high = cleaned.get("amount"), cleaned.get("amount_high")
        if low is not None and high is not None and high < low:
            self.add_error("amount_high", _("The upper end cannot be below the target value."))
        return cleaned
