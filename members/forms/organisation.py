from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kisu.lib.dates import today
from kisu.lib.language import name_column
from kisu.lib.texts import LineField, TextField
from members.models import Industry, Municipality, Organisation


class OrganisationForm(forms.ModelForm):  # type: ignore[type-arg]
    """The organisation's card. Business ID, state and dates are never taken from it."""

    name = LineField(label=_("Name"), max_length=150)
    description_fi = TextField(label=_("What you do, in Finnish"), max_length=2000, required=False)
    description_sv = TextField(label=_("What you do, in Swedish"), max_length=2000, required=False)
    description_en = TextField(label=_("What you do, in English"), max_length=2000, required=False)

    class Meta:
        model = Organisation
        fields = (
            "name",
            "kind",
            "industry",
            "municipality",
            "website",
            "description_fi",
            "description_sv",
            "description_en",
        )
        labels = {
            "kind": _("Kind of organisation"),
            "industry": _("Industry"),
            "municipality": _("Municipality"),
            "website": _("Website"),
        }
        help_texts = {"website": _("The whole address, e.g. https://www.example.fi")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        industries = Industry.objects.filter(classification=Industry.Classification.TOL2008).exclude(parent=None)
        self.fields["industry"].queryset = industries.order_by("code")  # type: ignore[attr-defined]
        places = Municipality.objects.in_force(on=today()).order_by(name_column().replace("_en", "_fi"))
        self.fields["municipality"].queryset = places  # type: ignore[attr-defined]
        self.fields["website"].assume_scheme = "https"  # type: ignore[attr-defined]

    def clean_website(self) -> str:
        website: str = self.cleaned_data["website"]
        if website and not website.startswith(("https://", "http://")):
            raise forms.ValidationError(_("The address must begin with https:// or http://."))
        return website
