from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kisu.lib.dates import today
from kisu.lib.texts import LineField, TextField
from members.models import Industry, Municipality, Organisation
from members.models.geography import by_municipality


class WebsiteField(forms.URLField):
    """A web address for people to follow; the portal never fetches it."""

    default_validators = [
        URLValidator(schemes=["https", "http"], message=_("The address must begin with https:// or http://."))
    ]

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("The whole address, e.g. https://www.example.fi"))
        super().__init__(max_length=200, assume_scheme="https", **kwargs)


def divisions() -> QuerySet[Industry]:
    """The divisions of TOL 2008, which the register uses."""
    return Industry.objects.filter(classification=Industry.Classification.TOL2008).exclude(parent=None).order_by("code")


def municipalities_now() -> QuerySet[Municipality]:
    return Municipality.objects.in_force(on=today()).order_by(by_municipality())


class OrganisationForm(forms.ModelForm):  # type: ignore[type-arg]
    """The organisation's card. Business ID, state and dates are never taken from it."""

    name = LineField(label=_("Name"), max_length=150)
    website = WebsiteField(label=_("Website"), required=False)
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
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["industry"].queryset = divisions()  # type: ignore[attr-defined]
        self.fields["municipality"].queryset = municipalities_now()  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if Organisation.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Another organisation has this name."))
        return name
