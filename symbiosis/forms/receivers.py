from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kisu.lib.collation import finnish_order
from kisu.lib.language import name_column
from members.models import Region
from symbiosis.forms.widgets import ManyCheckboxes


class ReceiverFilterForm(forms.Form):
    """Whose members are looked for, and whether industries without any are left out."""

    members = forms.BooleanField(label=_("Only industries with members"), required=False)
    region = forms.ModelMultipleChoiceField(
        label=_("Members in the region"),
        queryset=Region.objects.none(),
        to_field_name="code",
        required=False,
        widget=ManyCheckboxes,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = Region.objects.order_by(finnish_order(name_column()))  # type: ignore[attr-defined]

    @property
    def regions(self) -> list[Region]:
        return list(self.cleaned_data["region"]) if self.is_valid() else []

    @property
    def only_with_members(self) -> bool:
        return self.is_valid() and bool(self.cleaned_data["members"])
