from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from kisu.lib.business_id import BusinessIdField
from kisu.lib.texts import LineField, TextField
from members.forms.organisation import WebsiteField, divisions, municipalities_now
from members.models import Industry, Municipality, Organisation


class AddressField(forms.EmailField):
    """An e-mail address, in small letters."""

    default_error_messages = {"invalid": _("Enter the address as name@example.fi.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)

    def clean(self, value: Any) -> str:
        address: str = super().clean(value)
        return address.lower()


class ApplicationForm(forms.Form):
    """What an organisation tells when it asks to join. The names of its fields are apply_for_membership's."""

    name = LineField(label=_("Name of the organisation"), max_length=150)
    business_id = BusinessIdField(label=_("Business ID"), help_text=_("For example 1234567-1"))
    kind = forms.ChoiceField(label=_("Kind of organisation"), choices=[("", _("Choose")), *Organisation.Kind.choices])
    industry = forms.ModelChoiceField(
        label=_("Industry"), queryset=Industry.objects.none(), required=False, empty_label=_("Choose")
    )
    municipality = forms.ModelChoiceField(
        label=_("Municipality"), queryset=Municipality.objects.none(), empty_label=_("Choose")
    )
    website = WebsiteField(label=_("Website"), required=False)
    reason = TextField(
        label=_("Why you want to join"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What you offer, what you look for, what you want to do with others."),
    )
    contact_name = LineField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    contact_email = AddressField(
        label=_("Your e-mail"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("We send the answer and the invitation to this address."),
    )
    contact_phone = LineField(
        label=_("Your phone"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
        validators=[RegexValidator(r"^\+?[0-9 ()-]{5,}\Z", _("Enter the number as +358 40 123 4567."))],
    )
    # The name whose likeness to a member's the applicant has been told of: sent again, it goes through.
    name_seen = LineField(max_length=150, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["industry"].queryset = divisions()  # type: ignore[attr-defined]
        self.fields["municipality"].queryset = municipalities_now()  # type: ignore[attr-defined]

    @property
    def answers(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "name_seen"}

    @property
    def organisation_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("name", "business_id", "kind", "industry", "municipality", "website", "reason")]

    @property
    def contact_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("contact_name", "contact_email", "contact_phone")]


class RejectionForm(forms.Form):
    reason = TextField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("The applicant gets this text by e-mail, in the language in which you write it."),
    )
