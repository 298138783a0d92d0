"""Forms of listings and their files. What a form may set is in symbiosis/services/listings.py: FIELDS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.db.models import Model, QuerySet
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from kisu.lib import formats
from kisu.lib.collation import finnish_order
from kisu.lib.dates import FinnishDateField
from kisu.lib.files import CheckedFileField
from kisu.lib.language import name_column
from kisu.lib.numbers import QuantityField
from kisu.lib.texts import LineField, TextField, clean_line
from members.models import Industry, Municipality, Organisation, User
from members.permissions import Permission
from symbiosis.forms.widgets import LongSelect
from symbiosis.models import Listing, MaterialClass, Service, Unit, WasteCode
from symbiosis.models.listing import QUANTITY, latest_end
from symbiosis.services.listings import FIELDS, version_of

HITS_SHOWN = 20
NO_CODE = "none"
HAZARD = {"no": False, "yes": True, "unknown": None}


def municipalities(*, on: date) -> QuerySet[Municipality]:
    column = "name_sv" if get_language() == "sv" else "name_fi"
    return Municipality.objects.in_force(on=on).order_by(finnish_order(column))


def postable_organisations(user: User) -> QuerySet[Organisation]:
    """For whom this person may post: own organisations, those of the coordinator's region, for staff all."""
    organisations = Organisation.objects.in_reach(user, Permission.LISTING_CREATE)
    gone = [Organisation.State.SUSPENDED, Organisation.State.LEFT]
    return organisations.exclude(state__in=gone).order_by(finnish_order("name"), "pk")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the long form, as the template draws it."""

    key: str
    title: str | Promise
    fields: list[BoundField]

    @property
    def error_count(self) -> int:
        return sum(1 for field in self.fields if field.errors)


class _Named(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Rows by their code and in their own words."""

    def __init__(self, model: type[Model], **kwargs: Any) -> None:
        kwargs.setdefault("widget", LongSelect)
        super().__init__(queryset=model._default_manager.none(), to_field_name="code", **kwargs)


# The parts of the form of each kind, each with its fields in order.
SECTIONS: dict[str, list[tuple[str, str | Promise, tuple[str, ...]]]] = {
    Listing.Kind.OFFER: [
        (
            "material",
            _("Material"),
            (
                "organisation",
                "title",
                "description",
                "language",
                "nature",
                "material_class",
                "waste_code",
                "hazardous",
                "industry",
            ),
        ),
        ("quantity", _("Quantity and place"), ("continuity", "quantity", "quantity_note", "municipality")),
        ("validity", _("Validity"), ("valid_until", "materiaalitori_url")),
    ],
    Listing.Kind.NEED: [
        (
            "material",
            _("Material"),
            ("organisation", "title", "description", "language", "material_class", "waste_code", "hazardous"),
        ),
        ("quantity", _("Quantity and place"), ("continuity", "quantity", "quantity_note", "municipality", "radius_km")),
        ("validity", _("Validity"), ("valid_until",)),
    ],
    Listing.Kind.EXPERTISE: [
        ("expertise", _("Expertise"), ("organisation", "title", "description", "language", "service")),
        ("validity", _("Place and validity"), ("municipality", "valid_until")),
    ],
}


class ListingForm(forms.Form):
    """A listing of one kind. With `listing` it edits, without it makes a new one for one of the user's organisations.

    `draft`: what is missing may follow later, all but what the database itself needs.
    """

    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.none(), widget=LongSelect
    )
    title = LineField(label=_("Title"), max_length=120)
    description = TextField(label=_("Description"), max_length=5000, widget=forms.Textarea(attrs={"rows": 7}))
    language = forms.ChoiceField(
        label=_("Language of the text"),
        choices=settings.LANGUAGES,
        widget=forms.Select(attrs={"class": "is-medium"}),
    )
    nature = forms.ChoiceField(label=_("What is it?"), choices=Listing.Nature.choices, widget=forms.RadioSelect)
    material_class = _Named(
        MaterialClass,
        label=_("Material class"),
        empty_label=_("Choose the nearest class"),
        widget=LongSelect(attrs={"class": "input is-medium"}),
    )
    waste_code = forms.CharField(
        label=_("Waste code"),
        required=False,
        max_length=20,
        help_text=_("Search by code or by word. The code helps to find the right permits and matches."),
    )
    hazardous: forms.Field = forms.TypedChoiceField(
        label=_("Is it hazardous?"),
        choices=[("no", _("No")), ("yes", _("Yes, hazardous waste")), ("unknown", _("Not known"))],
        coerce=lambda value: HAZARD[value],
        empty_value=None,
        initial="unknown",
        required=False,
        widget=forms.RadioSelect,
    )
    industry = forms.ModelChoiceField(
        label=_("Industry where it arises"),
        queryset=Industry.objects.none(),
        required=False,
        to_field_name="code",
        widget=LongSelect,
    )
    service = _Named(Service, label=_("Service"), empty_label=_("Choose the nearest service"))
    continuity = forms.ChoiceField(
        label=_("How does it arise?"), choices=Listing.Continuity.choices, widget=forms.RadioSelect
    )
    quantity = QuantityField(
        label=_("Quantity"),
        min_value=QUANTITY[0],
        max_value=QUANTITY[1],
        max_digits=13,
        help_text=_("An estimate is enough. If it arises continuously, give the quantity of a year."),
    )
    unit = _Named(Unit, label=_("Unit"), empty_label=None, required=False)
    quantity_note = LineField(
        label=_("More about the quantity"),
        required=False,
        help_text=_("Size of a batch, how often, packing."),
    )
    municipality = _Named(
        Municipality,
        label=_("Municipality"),
        empty_label=_("Choose the municipality"),
        widget=LongSelect(attrs={"class": "input is-medium"}),
    )
    radius_km = forms.IntegerField(
        label=_("How far may it come from?"),
        required=False,
        min_value=1,
        max_value=1500,
        help_text=_("By road. Empty means the whole country."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    valid_until = FinnishDateField(label=_("Valid until"))
    materiaalitori_url = forms.URLField(
        label=_("The same listing in Materiaalitori"),
        required=False,
        max_length=200,
        assume_scheme="https",
        help_text=_("Its address, if you published the material there too."),
    )
    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        kind: str,
        user: User,
        on: date,
        listing: Listing | None = None,
        draft: bool = False,
        initial: dict[str, Any] | None = None,
        searched: str = "",
    ) -> None:
        self.kind, self.on, self.listing = kind, on, listing
        self.searched = clean_line(searched)[:80]
        names = {name for _key, _title, fields in SECTIONS[kind] for name in fields} | {"seen"}
        super().__init__(data, initial=self._start(user, names) | (initial or {}))
        if "quantity" in names:
            names.add("unit")
        if listing is not None:
            names.discard("organisation")
        for name in set(self.fields) - names:
            del self.fields[name]
        self._fill_choices(user)
        if kind == Listing.Kind.NEED:
            self._ask_as_a_need()
        if draft:
            for name in ("description", "nature", "continuity", "quantity", "service"):
                if name in self.fields:
                    self.fields[name].required = False

    def _start(self, user: User, names: set[str]) -> dict[str, Any]:
        if self.listing is not None:
            return template_of(self.listing) | {"seen": version_of(self.listing)}
        start: dict[str, Any] = {
            "language": get_language(),
            "valid_until": latest_end(on=self.on),
            "unit": "t",
        }
        organisations = list(postable_organisations(user).select_related("municipality", "industry")[:2])
        if len(organisations) == 1:
            (only,) = organisations
            start |= {"organisation": only.pk, "municipality": only.municipality, "industry": only.industry}
        return start

    def _fill_choices(self, user: User) -> None:
        by_name = finnish_order(name_column())
        choices: dict[str, Callable[[], QuerySet[Any]]] = {
            "organisation": lambda: postable_organisations(user),
            "material_class": lambda: MaterialClass.objects.order_by(by_name),
            "service": lambda: Service.objects.order_by("pk"),
            "unit": lambda: Unit.objects.order_by("pk"),
            "industry": lambda: (
                Industry.objects.filter(classification=Industry.Classification.TOL2008)
                .exclude(parent=None)
                .order_by("code")
            ),
            "municipality": lambda: municipalities(on=self.on),
        }
        for name, rows in choices.items():
            if name in self.fields:
                self.fields[name].queryset = rows()  # type: ignore[attr-defined]
        hints = {
            "title": {
                Listing.Kind.OFFER: _("Say what it is and how often. A good title names the substance."),
                Listing.Kind.NEED: _("Say what you need and what for."),
                Listing.Kind.EXPERTISE: _("Say what you can help with."),
            },
            "description": {
                Listing.Kind.OFFER: _(
                    "Where it comes from, what is in it and what is not, in which form. Don't write personal data."
                ),
                Listing.Kind.NEED: _(
                    "What you use it for, and what quality you need or can't accept. Don't write personal data."
                ),
                Listing.Kind.EXPERTISE: _(
                    "What you do, for whom, and what you have done before. Don't write personal data."
                ),
            },
        }
        for name, texts in hints.items():
            self.fields[name].help_text = texts[Listing.Kind(self.kind)]
        self.fields["valid_until"].help_text = _now("At most 6 months, so until %(date)s at the latest.") % {
            "date": formats.date(latest_end(on=self.on))
        }
        if "radius_km" in self.fields:
            self.fields["radius_km"].unit = "km"  # type: ignore[attr-defined]
        if "organisation" in self.fields and user.may(Permission.LISTING_MODERATE):
            self.fields["organisation"].help_text = _(
                "If you don't work in it, the listing is marked as posted on its behalf."
            )

    def _ask_as_a_need(self) -> None:
        self.fields["hazardous"] = forms.BooleanField(label=_("Hazardous waste is accepted too"), required=False)
        self.fields["continuity"].label = _("How often do you need it?")
        for name in ("continuity", "quantity"):
            self.fields[name].required = False
        self.fields["waste_code"].help_text = _("Search by code or by word, if you look for a certain waste.")

    @property
    def sections(self) -> list[Section]:
        return [
            Section(key, title, [self[name] for name in names if name in self.fields])
            for key, title, names in SECTIONS[self.kind]
        ]

    # --- Waste codes: 842 of them, so a search and a list instead of a select ---

    @property
    def chosen_code(self) -> str:
        return str(self["waste_code"].value() or "")

    @property
    def codes(self) -> list[WasteCode]:
        """What the picker shows: the chosen code first, then what the search found."""
        found = list(self._found[:HITS_SHOWN])
        chosen = WasteCode.objects.select_related("chapter").filter(code=self.chosen_code).first()
        return [chosen, *found] if chosen is not None and chosen not in found else found

    @property
    def code_count(self) -> int:
        return self._found.count()

    @property
    def _found(self) -> QuerySet[WasteCode]:
        return WasteCode.objects.found_by(self.searched).select_related("chapter").order_by("code")

    def clean_waste_code(self) -> WasteCode | None:
        chosen = self.cleaned_data["waste_code"]
        if chosen == NO_CODE:
            return None
        if chosen:
            code = WasteCode.objects.filter(code=chosen).first()
            if code is None:
                raise forms.ValidationError(_("Choose a waste code from the list."))
            return code
        if not self.searched:
            return None
        # Typed but not searched for: taken when only one fits.
        found = list(self._found[:2])
        if len(found) != 1:
            raise forms.ValidationError(
                _("Choose a waste code from the list.") if found else _("No waste code has these words. Try others.")
            )
        return found[0]

    # --- Rules between fields ---

    def clean_valid_until(self) -> date:
        until: date = self.cleaned_data["valid_until"]
        if until < self.on:
            raise forms.ValidationError(_("This day has passed. Choose a later one."))
        if until > latest_end(on=self.on):
            raise forms.ValidationError(_("Choose a date within 6 months."))
        return until

    def clean_materiaalitori_url(self) -> str:
        url: str = self.cleaned_data["materiaalitori_url"]
        parts = urlsplit(url)
        host = parts.hostname or ""
        if url and (parts.scheme != "https" or not f".{host}".endswith(".materiaalitori.fi")):
            raise forms.ValidationError(_("The address must begin with https://www.materiaalitori.fi."))
        return url

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if "quantity" in self.fields and values.get("quantity") is None:
            values["unit"] = None
        elif "quantity" in self.fields and "unit" not in self.errors and values.get("unit") is None:
            self.add_error("unit", _("Choose the unit."))
        code, hazardous = values.get("waste_code"), values.get("hazardous")
        if code is not None and "hazardous" not in self.errors:
            if self.kind == Listing.Kind.OFFER and hazardous is None:
                values["hazardous"] = code.hazardous
            elif code.hazardous != hazardous and (code.hazardous or self.kind == Listing.Kind.OFFER):
                self.add_error("hazardous", _("Waste code and hazard disagree. Check them."))
        return values

    @property
    def values(self) -> dict[str, Any]:
        """For the service: only what a form may set."""
        return {name: value for name, value in self.cleaned_data.items() if name in FIELDS}


def template_of(listing: Listing) -> dict[str, Any]:
    """The listing's content as a form's start."""
    start = {name: getattr(listing, name) for name in FIELDS}
    if listing.kind == Listing.Kind.OFFER:
        start["hazardous"] = next(word for word, value in HAZARD.items() if value is listing.hazardous)
    start["waste_code"] = listing.waste_code.code if listing.waste_code else ""
    return start


class ReasonForm(forms.Form):
    """Why a listing is rejected or hidden: its owner reads it."""

    reason = TextField(
        label=_("Reason"),
        max_length=500,
        help_text=_("The owner reads this. Say what has to be mended."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class CloseForm(forms.Form):
    reason = forms.ChoiceField(label=_("How did it go?"), choices=Listing.CloseReason.choices, widget=forms.RadioSelect)


class ProlongForm(forms.Form):
    valid_until = FinnishDateField(label=_("Valid until"))

    def __init__(self, data: Any = None, *, on: date) -> None:
        self.on = on
        super().__init__(data, initial={"valid_until": latest_end(on=on)})

    def clean_valid_until(self) -> date:
        until: date = self.cleaned_data["valid_until"]
        if until <= self.on:
            raise forms.ValidationError(_("This day has passed. Choose a later one."))
        if until > latest_end(on=self.on):
            raise forms.ValidationError(_("Choose a date within 6 months."))
        return until


class AttachmentForm(forms.Form):
    file = CheckedFileField(
        label=_("File"),
        help_text=_("PDF, picture, Word, Excel, PowerPoint, text or CSV, at most 10 MB. For example an analysis."),
    )
