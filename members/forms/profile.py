from __future__ import annotations

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from kisu.lib.texts import LineField


class ProfileForm(forms.Form):
    """A person's own card. The names of its fields are update_profile's."""

    name = LineField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    phone = LineField(
        label=_("Your phone"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
        validators=[RegexValidator(r"^\+?[0-9 ()-]{5,}\Z", _("Enter the number as +358 40 123 4567."))],
        help_text=_("Seen by your own organisation, the coordinator of its region and the service centre."),
    )
    language = forms.ChoiceField(
        label=_("Language of e-mail"),
        choices=settings.LANGUAGES,
        widget=forms.RadioSelect,
        help_text=_("The language of the pages is chosen at the top of each page."),
    )
