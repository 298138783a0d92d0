from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from kisu.lib import formats
from kisu.lib.collation import finnish_order
from kisu.lib.dates import FinnishDateField
from kisu.lib.language import name_column
from kisu.lib.numbers import QuantityField
from kisu.lib.texts import LineField, TextField
from members.models import Organisation, Region, User
from members.permissions import Permission
from symbiosis.models import Match, Synergy
from workpackages.models import Impact


def editable_regions(user: User) -> QuerySet[Region]:
    reach = user.reach(Permission.SYNERGY_EDIT)
    regions = Region.objects.all() if reach.everything else Region.objects.filter(pk__in=reach.regions)
    return regions.order_by(finnish_order(name_column()))


class SynergyEditForm(forms.Form):
    title = LineField(label=_("Title"), max_length=150, help_text=_("What goes where, e.g. Sawdust to bedding"))
    next_step = LineField(label=_("Next step"), max_length=200, required=False, help_text=_("Who does what"))
    next_step_on = FinnishDateField(label=_("By which day"), required=False)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("next_step_on") and not values.get("next_step"):
            self.add_error("next_step", _now("Tell what is to be done by that day."))
        return values


class SynergyForm(SynergyEditForm):
    """A new synergy: of a match, whose organisations stand, or free. The region is in reach, and one party is in it."""

    giver = forms.ModelChoiceField(
        label=_("Provider"),
        queryset=Organisation.objects.none(),
        empty_label=_("Choose"),
        help_text=_("Gives the material"),
    )
    receiver = forms.ModelChoiceField(
        label=_("Recipient"),
        queryset=Organisation.objects.none(),
        empty_label=_("Choose"),
        help_text=_("Takes it into use"),
    )
    region = forms.ModelChoiceField(label=_("Region"), queryset=Region.objects.none(), empty_label=_("Choose"))
    started_on = FinnishDateField(label=_("Began"), help_text=_("The day on which the idea was spoken of first"))
    # Which parties the user has been warned of: sent again, the form goes through.
    flow_seen = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    field_order = ("title", "giver", "receiver", "region", "started_on", "next_step", "next_step_on")

    def __init__(self, *args: Any, user: User, match: Match | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.match = user, match
        regions = editable_regions(user)
        if match is not None:
            del self.fields["giver"], self.fields["receiver"]
            homes = {side.organisation.municipality.region_id for side in match.sides}
            regions = regions.filter(pk__in=homes)
        else:
            seen = Organisation.objects.visible_to(user).order_by(finnish_order("name"), "pk")
            for name in ("giver", "receiver"):
                self.fields[name].queryset = seen  # type: ignore[attr-defined]
        self.fields["region"].queryset = regions  # type: ignore[attr-defined]
        found = list(regions[:2])
        self.only_region = found[0] if len(found) == 1 else None
        if self.only_region is not None:
            self.fields["region"].required = False
            self.fields["region"].widget = forms.HiddenInput()

    def clean_region(self) -> Region | None:
        region: Region | None = self.cleaned_data["region"]
        return region or self.only_region

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if self.match is not None:
            values |= {"giver": self.match.offer.organisation, "receiver": self.match.need.organisation}
            return values
        giver, receiver, region = values.get("giver"), values.get("receiver"), values.get("region")
        if giver is None or receiver is None:
            return values
        if giver == receiver:
            self.add_error("receiver", _now("A synergy joins two organisations. Choose another recipient."))
        elif region is not None and region.pk not in {
            giver.municipality.region_id,
            receiver.municipality.region_id,
        }:
            self.add_error("giver", _now("One of the organisations has to be in the synergy's region."))
        return values

    @property
    def flow(self) -> str:
        """Names the flow between the chosen parties."""
        return f"{self.cleaned_data['giver'].pk}-{self.cleaned_data['receiver'].pk}"

    @property
    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "flow_seen"}


class SynergyStepForm(forms.Form):
    """To another stage. `moves` are those that the synergy may go to; realising has a form of its own."""

    stage = forms.ChoiceField(label=_("To stage"), widget=forms.RadioSelect)
    reached_on = FinnishDateField(label=_("On which day"), required=False, help_text=_("Today when left empty"))
    reason = TextField(
        label=_("Reason"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed when the synergy goes on hold or lapses. Both organisations see it."),
    )

    def __init__(self, *args: Any, moves: list[Synergy.Stage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(stage.value, stage.label) for stage in moves if stage != Synergy.Stage.REALISED]
        self.fields["stage"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("stage") in Synergy.ASIDE and not values.get("reason"):
            self.add_error("reason", _now("Tell why the synergy leaves its path."))
        return values


class RealiseForm(forms.Form):
    """What the synergy does in a year. The names of its fields are realise_synergy's."""

    reached_on = FinnishDateField(label=_("Realised on"), help_text=_("The day from which the material moves"))
    kept_in_use_t = QuantityField(
        label=_("Material kept in use"),
        max_digits=12,
        max_value=999_999_999,
        help_text=_("What would otherwise be thrown away, or bought new. Of a one-off batch the whole batch."),
    )
    one_off = forms.BooleanField(label=_("One-off batch"), required=False)
    kind = forms.ChoiceField(label=_("Kind of figure"), choices=Impact.Kind.choices, widget=forms.RadioSelect)
    co2e_t = QuantityField(
        label=_("Emissions avoided"), max_digits=12, min_value=0, max_value=999_999_999, required=False,
        help_text=_("Leave empty when not known, or give a factor below."),
    )  # fmt: skip
    factor = QuantityField(
        label=_("Emission factor"), max_digits=10, decimal_places=4, min_value=0, max_value=100, required=False,
        help_text=_("The portal reckons the emissions: tonnes times factor."),
    )  # fmt: skip
    source = LineField(
        label=_("Source of the figures"), max_length=300, help_text=_("Weighbridge, invoice, calculation, factor table")
    )
    attribution_percent = QuantityField(
        label=_("Network's share"), max_digits=5, decimal_places=2, min_value=0, max_value=100, initial=Decimal(100),
        help_text=_("How much of it is thanks to the network"),
    )  # fmt: skip

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reached_on"].initial = today
        for name, unit in (
            ("kept_in_use_t", formats.unit("t/a")),
            ("co2e_t", formats.unit("co2e_t")),
            ("factor", _("t CO₂e per t")),
            ("attribution_percent", "%"),
        ):
            self.fields[name].unit = unit  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("co2e_t") is not None and values.get("factor") is not None:
            self.add_error("factor", _now("Give the emissions or a factor, not both."))
        return values
