from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from kisu.lib.texts import TextField
from members.models import Organisation
from symbiosis.models import MatchAnswer


class MatchAnswerForm(forms.Form):
    """What one side says of a match. `sides` are those for which the user may answer: asked only when there are two."""

    side = forms.ModelChoiceField(
        label=_("For which organisation"), queryset=Organisation.objects.none(), empty_label=None
    )
    answer = forms.ChoiceField(label=_("Answer"), choices=MatchAnswer.Answer.choices, widget=forms.RadioSelect)
    reason = forms.ChoiceField(
        label=_("Why it does not suit"), choices=[("", _("Choose")), *MatchAnswer.Reason.choices], required=False
    )
    note = TextField(
        label=_("In your words"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Your organisation, the regional coordinator and the service centre see it; the other side does not."
        ),
    )

    def __init__(self, *args: Any, sides: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["side"].queryset = sides  # type: ignore[attr-defined]
        self.sides = list(sides)
        if len(self.sides) == 1:
            self.fields["side"].required = False
            self.fields["side"].widget = forms.HiddenInput()
        else:
            self.fields["side"].widget = forms.RadioSelect(choices=[(side.pk, side.name) for side in self.sides])

    def clean_side(self) -> Organisation | None:
        side: Organisation | None = self.cleaned_data["side"]
        return side or (self.sides[0] if len(self.sides) == 1 else None)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("answer") == MatchAnswer.Answer.DISMISSED and not values.get("reason"):
            self.add_error("reason", _now("Choose a reason."))
        return values
