"""Widgets of long lists. Django renders several templates for each option: 400 of them cost more than all the rest."""

from __future__ import annotations

from typing import Any

from django import forms


class LongSelect(forms.Select):
    """A select whose options are drawn in one template."""

    template_name = "symbiosis/long_select.html"

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Any = ()) -> None:
        super().__init__({"class": "input", **(attrs or {})}, choices)


class ManyCheckboxes(forms.CheckboxSelectMultiple):
    """Checkboxes of one template each."""

    option_template_name = "symbiosis/checkbox.html"
