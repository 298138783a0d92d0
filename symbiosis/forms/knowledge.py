"""Forms of the service centre's own knowledge. What contradicts the knowledge is the services' business."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kisu.lib.texts import LineField, TextField
from symbiosis.forms.widgets import LongSelect
from symbiosis.models import AddedFitness, AddedMaterial, Listing
from symbiosis.services import SymbiosisError
from symbiosis.services.knowledge_catalogue import Catalogue, Row, families, found_by
from symbiosis.services.knowledge_entries import clean_pattern, read_so_far, spoken_pattern

LABEL, REASON = 100, 120


class EntryFilterForm(forms.Form):
    """Which materials or uses are shown."""

    q = forms.CharField(label=_("Name or word"), max_length=100, required=False, widget=forms.TextInput)
    family = forms.ChoiceField(label=_("Family"), required=False, widget=LongSelect)
    added = forms.BooleanField(label=_("Only what the service centre has added"), required=False)
    silent = forms.MultipleChoiceField(
        label=_("Without words in"),
        choices=settings.LANGUAGES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, kind: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.input_type = "search"
        self.fields["family"].choices = [("", _("All families")), *families(kind)]  # type: ignore[attr-defined]

    def kept(self, rows: list[Row]) -> list[Row]:
        asked = self.cleaned_data if self.is_valid() else {}
        if family := asked.get("family"):
            rows = [row for row in rows if row.family == family]
        if asked.get("added"):
            rows = [row for row in rows if row.entry]
        for language in asked.get("silent", ()):
            rows = [row for row in rows if not getattr(row, language)]
        return found_by(rows, asked["q"]) if asked.get("q") else rows


class NoteForm(forms.Form):
    """What every entry has: why it is made."""

    note = LineField(
        label=_("Why"),
        max_length=300,
        required=False,
        help_text=_("For your colleagues: where the word or the knowledge comes from."),
    )

    @property
    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "confirmed"}


class TermForm(NoteForm):
    """A word of a material or a use. What is read as something else so far is asked back once."""

    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, initial="fi", widget=forms.RadioSelect
    )
    pattern = LineField(
        label=_("Word"),
        max_length=80,
        help_text=_(
            "Write the beginning that all forms of the word share: kahvinpuru meets kahvinpurua and kahvinpurut, too."
            " A $ at the end takes the word only as it stands: lava$ does not meet lavat."
            " A * in front finds it inside compounds as well: *puru meets sahanpuru."
            " Several words in a row make one term."
        ),
    )
    confirmed = forms.BooleanField(label=_("It belongs here all the same"), required=False)
    field_order = ("language", "pattern", "note", "confirmed")

    def __init__(self, *args: Any, target: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.target = target
        self.spoken = ""
        if not self.data.get(self.add_prefix("pattern")):
            del self.fields["confirmed"]

    def clean_pattern(self) -> str:
        try:
            pattern = clean_pattern(self.cleaned_data["pattern"])
        except SymbiosisError as error:
            raise forms.ValidationError(str(error)) from error
        self.spoken = spoken_pattern(pattern)
        return pattern

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        pattern, language = values.get("pattern"), values.get("language")
        others = read_so_far(pattern=pattern, language=language, target=self.target) if pattern and language else []
        if not others:
            self.fields.pop("confirmed", None)
        elif not values.get("confirmed"):
            self.add_error(
                "confirmed",
                _now("So far this is read as: %(names)s. It meets %(what)s. Check that it belongs here, and confirm.")
                % {"names": ", ".join(others), "what": self.spoken},
            )
        return values | {"target": self.target}

    @property
    def values(self) -> dict[str, Any]:
        return super().values | {"target": self.target}


class _NamedForm(NoteForm):
    label_fi = LineField(label=_("Name in Finnish"), max_length=LABEL, help_text=_("People read it in reasons."))
    label_sv = LineField(label=_("Name in Swedish"), max_length=LABEL)
    label_en = LineField(label=_("Name in English"), max_length=LABEL)


class AddedMaterialForm(_NamedForm):
    broader = forms.ChoiceField(
        label=_("Broader material"),
        required=False,
        widget=LongSelect,
        help_text=_("It answers wishes for the broader one, and serves its uses for less."),
    )
    value = forms.ChoiceField(
        label=_("How far transport pays"),
        choices=AddedMaterial.Value.choices,
        initial=AddedMaterial.Value.LOW,
        widget=forms.RadioSelect,
    )
    field_order = ("label_fi", "label_sv", "label_en", "broader", "value", "note")

    def __init__(self, *args: Any, catalogue: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        none = pgettext_lazy("broader material", "None")
        self.fields["broader"].choices = [("", none), *catalogue.choices("material")]  # type: ignore[attr-defined]


class AddedUseForm(_NamedForm):
    broader = forms.ChoiceField(
        label=_("Broader use"),
        required=False,
        widget=LongSelect,
        help_text=_("What suits the broader use suits this one for less."),
    )
    field_order = ("label_fi", "label_sv", "label_en", "broader", "note")

    def __init__(self, *args: Any, catalogue: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        none = pgettext_lazy("broader use", "None")
        self.fields["broader"].choices = [("", none), *catalogue.choices("use")]  # type: ignore[attr-defined]


class AddedFitnessForm(NoteForm):
    material = forms.ChoiceField(label=_("Material"), widget=LongSelect)
    use = forms.ChoiceField(label=_("Use"), widget=LongSelect)
    level = forms.TypedChoiceField(
        label=_("How well"), coerce=int, choices=AddedFitness.Level.choices, widget=forms.RadioSelect
    )
    reason_fi = LineField(
        label=_("Reason in Finnish"),
        max_length=REASON,
        required=False,
        help_text=_("Goes on from “The material …”: soaks up moisture. Small first letter, no full stop."),
    )
    reason_sv = LineField(label=_("Reason in Swedish"), max_length=REASON, required=False)
    reason_en = LineField(label=_("Reason in English"), max_length=REASON, required=False)
    field_order = ("material", "use", "level", "reason_fi", "reason_sv", "reason_en", "note")

    def __init__(self, *args: Any, catalogue: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose = [("", _("Choose"))]
        self.fields["material"].choices = [*choose, *catalogue.choices("material")]  # type: ignore[attr-defined]
        self.fields["use"].choices = [*choose, *catalogue.choices("use")]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        reasons = [values.get(f"reason_{language}") for language, _name in settings.LANGUAGES]
        if any(reasons) and not all(reasons):
            self.add_error(None, _now("Write the reason in all three languages, or leave it out."))
        return values


class TryTextForm(forms.Form):
    """A listing's text to see how it is read; nothing is kept."""

    kind = forms.ChoiceField(
        label=_("Kind of listing"),
        choices=[(Listing.Kind.OFFER, Listing.Kind.OFFER.label), (Listing.Kind.NEED, Listing.Kind.NEED.label)],
        initial=Listing.Kind.OFFER,
        widget=forms.RadioSelect,
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, initial="fi", widget=forms.RadioSelect
    )
    title = LineField(label=_("Title"), max_length=150)
    description = TextField(
        label=_("Description"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )
