from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from kisu.lib.texts import LineField

TARGET = 100


class CorrectionForm(forms.Form):
    """One press: the button that was pressed carries what it is about. `back`: from the page of the reading."""

    affirm = LineField(max_length=TARGET, required=False)
    deny = LineField(max_length=TARGET, required=False)
    undo = LineField(max_length=TARGET, required=False)
    back = forms.ChoiceField(choices=[("reading", "reading")], required=False)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        pressed = [name for name in ("affirm", "deny", "undo") if values.get(name)]
        if len(pressed) != 1:
            raise forms.ValidationError(_now("Choose one thing to correct."))
        return values | {"act": pressed[0], "target": values[pressed[0]]}


class ReadingSearchForm(forms.Form):
    q = LineField(label=_("Search the materials and uses"), max_length=80, required=False)
