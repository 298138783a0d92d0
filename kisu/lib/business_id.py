"""The Finnish Business ID (Y-tunnus): seven digits, a hyphen and a check digit."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum.fi import ytunnus

# VAT number FI01120389, any dash, and 6 or 7 digits: spreadsheets and old registers drop the leading zero.
_FORM = re.compile(r"(?:FI ?)?(\d{6,7}) ?[-\u2010\u2011\u2012\u2013\u2212]? ?(\d)", re.ASCII | re.IGNORECASE)


class BusinessIdError(ValueError):
    """A text that is no Business ID: wrong form or wrong check digit."""


def normalise_business_id(text: str) -> str:
    """The ID in its official form 1234567-1. Raises BusinessIdError."""
    found = _FORM.fullmatch(text.replace("\u00a0", " ").strip())
    if found is None:
        raise BusinessIdError(text)
    number = found[1].zfill(7) + found[2]
    # All zeros has a right check digit but belongs to nobody.
    if not ytunnus.is_valid(number) or not int(number):
        raise BusinessIdError(text)
    return f"{number[:7]}-{number[7:]}"


class BusinessIdField(forms.CharField):
    default_error_messages = {"invalid": _("Check the Business ID, e.g. 1234567-1.")}

    def __init__(self, **kwargs: Any) -> None:
        # A model field passes its own length, which the longer written forms would not fit.
        kwargs["max_length"] = 20
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        if not text:
            return self.empty_value
        try:
            return normalise_business_id(text)
        except BusinessIdError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
