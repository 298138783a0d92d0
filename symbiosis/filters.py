"""Filter forms of this room's lists: an allowlist of what may be asked."""

from __future__ import annotations

from typing import Any, TypeVar

import django_filters
from django import forms
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kisu.lib.collation import finnish_order
from kisu.lib.dates import today
from kisu.lib.language import name_column
from members.models import Municipality, Organisation, Region
from members.permissions import Permission
from symbiosis.forms.listing import HAZARD
from symbiosis.forms.widgets import ManyCheckboxes
from symbiosis.models import Chain, Listing, Match, MaterialClass, Pool, ReleaseDifference, Synergy, WasteCode
from symbiosis.models.beyond import ChainQuerySet, PoolQuerySet
from symbiosis.models.knowledge import ReleaseDifferenceQuerySet
from symbiosis.models.listing import ListingQuerySet
from symbiosis.models.match import MatchQuerySet
from symbiosis.models.synergy import SynergyQuerySet

Pairs = TypeVar("Pairs", MatchQuerySet, ChainQuerySet)


def regions(request: Any) -> QuerySet[Region]:
    return Region.objects.order_by(finnish_order(name_column()))


def materials(request: Any) -> QuerySet[MaterialClass]:
    return MaterialClass.objects.order_by(finnish_order(name_column()))


def parties(request: Any) -> QuerySet[Organisation]:
    """Organisations of the synergies that the user sees."""
    seen = Synergy.objects.visible_to(request.user)
    return Organisation.objects.filter(Q(pk__in=seen.values("giver")) | Q(pk__in=seen.values("receiver"))).order_by(
        finnish_order("name"), "pk"
    )


def _material_filter() -> django_filters.ModelMultipleChoiceFilter:
    return django_filters.ModelMultipleChoiceFilter(
        label=_("Material class"),
        queryset=materials,
        to_field_name="code",
        method="by_material",
        widget=ManyCheckboxes,
    )


def _region_filter(**where: str) -> django_filters.ModelMultipleChoiceFilter:
    """`where`: the field that holds the region's code, or the method that looks for it."""
    return django_filters.ModelMultipleChoiceFilter(
        label=_("Region"), queryset=regions, to_field_name="code", widget=ManyCheckboxes, **where
    )


class ListingFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(label=_("Words"), method="by_words", widget=forms.HiddenInput)
    kind = django_filters.MultipleChoiceFilter(
        label=_("Kind of listing"), choices=Listing.Kind.choices, widget=ManyCheckboxes
    )
    material = _material_filter()
    region = _region_filter(field_name="municipality__region__code")
    # A text and no select: 308 options would cost more than the rest of the page.
    municipality = django_filters.CharFilter(label=_("Municipality"), method="by_place", max_length=60)
    nature = django_filters.MultipleChoiceFilter(
        label=_("Waste or side stream"), choices=Listing.Nature.choices, widget=ManyCheckboxes
    )
    waste_code = django_filters.CharFilter(label=_("Waste code"), method="by_waste_code", max_length=60)
    hazardous = django_filters.MultipleChoiceFilter(
        label=_("Hazard"),
        choices=[("no", _("Not hazardous")), ("yes", _("Hazardous waste")), ("unknown", _("Hazard not known"))],
        method="by_hazard",
        widget=ManyCheckboxes,
    )
    continuity = django_filters.MultipleChoiceFilter(
        label=_("How it arises"), choices=Listing.Continuity.choices, widget=ManyCheckboxes
    )
    language = django_filters.MultipleChoiceFilter(
        label=_("Language of the text"), choices=settings.LANGUAGES, widget=ManyCheckboxes
    )

    class Meta:
        model = Listing
        fields: list[str] = []

    def filter_queryset(self, queryset: ListingQuerySet) -> ListingQuerySet:
        """Published ones, unless somebody asks for the own ones or for a state."""
        found: ListingQuerySet = super().filter_queryset(queryset)
        asked = self.form.cleaned_data
        return found if asked.get("own") or asked.get("state") else found.published(on=today())

    def by_words(self, queryset: ListingQuerySet, name: str, value: str) -> ListingQuerySet:
        return queryset.with_words(value)

    def by_material(self, queryset: ListingQuerySet, name: str, value: list[MaterialClass]) -> ListingQuerySet:
        return queryset.of_material(value) if value else queryset

    def by_place(self, queryset: ListingQuerySet, name: str, value: str) -> ListingQuerySet:
        """By the whole name in Finnish or Swedish; when there is none, by how it begins."""
        whole = Municipality.objects.filter(Q(name_fi__iexact=value) | Q(name_sv__iexact=value))
        begun = Municipality.objects.filter(Q(name_fi__istartswith=value) | Q(name_sv__istartswith=value))
        return queryset.filter(municipality__in=list(whole) or list(begun))

    def by_waste_code(self, queryset: ListingQuerySet, name: str, value: str) -> ListingQuerySet:
        return queryset.filter(waste_code__in=WasteCode.objects.found_by(value))

    def by_hazard(self, queryset: ListingQuerySet, name: str, value: list[str]) -> ListingQuerySet:
        chosen = Q()
        for word in value:
            chosen |= Q(hazardous=HAZARD[word])
        return queryset.filter(chosen)


class OwnListingFilter(ListingFilter):
    """For those who post: also their own, and by state what they may see."""

    own = django_filters.BooleanFilter(label=_("Only own listings"), method="by_own", widget=forms.HiddenInput)
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=Listing.State.choices, widget=ManyCheckboxes)

    def by_own(self, queryset: ListingQuerySet, name: str, value: bool) -> ListingQuerySet:
        return queryset.own_of(self.request.user) if value else queryset


class OfEitherSide:
    """How pairs of an offer and a need are filtered: by what holds of one of the two."""

    def by_material(self, queryset: Pairs, name: str, value: list[MaterialClass]) -> Pairs:
        if not value:
            return queryset
        listings = Listing.objects.of_material(value)
        return queryset.filter(Q(offer__in=listings) | Q(need__in=listings))

    def by_region(self, queryset: Pairs, name: str, value: list[Region]) -> Pairs:
        if not value:
            return queryset
        return queryset.filter(Q(offer__municipality__region__in=value) | Q(need__municipality__region__in=value))


class MatchFilter(OfEitherSide, django_filters.FilterSet):  # type: ignore[misc]
    """Without an answer chosen, what one's own side has turned down is left out."""

    match_class = django_filters.MultipleChoiceFilter(
        label=_("Class"), choices=Match.MatchClass.choices, widget=ManyCheckboxes
    )
    answer = django_filters.ChoiceFilter(
        label=_("Answer"),
        choices=[
            ("none", _("Nobody has answered")),
            ("interested", _("Interested")),
            ("dismissed", _("Turned down")),
        ],
        empty_label=_("All but turned down"),
        method="by_answer",
        widget=forms.RadioSelect,
    )
    material = _material_filter()
    region = _region_filter(method="by_region")

    class Meta:
        model = Match
        fields: list[str] = []

    def filter_queryset(self, queryset: MatchQuerySet) -> MatchQuerySet:
        found: MatchQuerySet = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("answer") else found.not_dismissed_by(self.request.user)

    def by_answer(self, queryset: MatchQuerySet, name: str, value: str) -> MatchQuerySet:
        user = self.request.user
        return queryset.unanswered_by(user) if value == "none" else queryset.answered_by(user, value)


class ReadingFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Of open offers and needs. Without a choice those of which nothing was read: the work list."""

    show = django_filters.ChoiceFilter(
        label=_("Readings"),
        choices=[("corrected", _("Corrected by the owners")), ("all", _("All open listings"))],
        empty_label=_("Nothing was read"),
        method="by_reading",
        widget=forms.RadioSelect,
    )
    kind = django_filters.MultipleChoiceFilter(
        label=_("Kind of listing"),
        choices=[choice for choice in Listing.Kind.choices if choice[0] != Listing.Kind.EXPERTISE],
        widget=ManyCheckboxes,
    )
    language = django_filters.MultipleChoiceFilter(
        label=_("Language of the text"), choices=settings.LANGUAGES, widget=ManyCheckboxes
    )

    class Meta:
        model = Listing
        fields: list[str] = []

    def filter_queryset(self, queryset: ListingQuerySet) -> ListingQuerySet:
        found: ListingQuerySet = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("show") else found.nothing_read()

    def by_reading(self, queryset: ListingQuerySet, name: str, value: str) -> ListingQuerySet:
        return queryset.with_corrected_reading() if value == "corrected" else queryset


class DifferenceFilter(django_filters.FilterSet):  # type: ignore[misc]
    change = django_filters.ChoiceFilter(
        label=_("Change"),
        choices=[("appears", _("Appears")), ("vanishes", _("Vanishes")), ("changes", _("Changes class"))],
        empty_label=_("All changes"),
        method="by_change",
        widget=forms.RadioSelect,
    )
    class_before = django_filters.MultipleChoiceFilter(
        label=_("Class before"), choices=Match.MatchClass.choices, widget=ManyCheckboxes
    )
    class_after = django_filters.MultipleChoiceFilter(
        label=_("Class after"), choices=Match.MatchClass.choices, widget=ManyCheckboxes
    )

    class Meta:
        model = ReleaseDifference
        fields: list[str] = []

    def by_change(self, queryset: ReleaseDifferenceQuerySet, name: str, value: str) -> ReleaseDifferenceQuerySet:
        return queryset.of_change(value)


class PoolFilter(django_filters.FilterSet):  # type: ignore[misc]
    region = _region_filter(field_name="need__municipality__region__code")
    material = _material_filter()

    class Meta:
        model = Pool
        fields: list[str] = []

    def by_material(self, queryset: PoolQuerySet, name: str, value: list[MaterialClass]) -> PoolQuerySet:
        return queryset.filter(need__in=Listing.objects.of_material(value)) if value else queryset


class ChainFilter(OfEitherSide, django_filters.FilterSet):  # type: ignore[misc]
    """By either side, as the matches."""

    region = _region_filter(method="by_region")
    material = _material_filter()

    class Meta:
        model = Chain
        fields: list[str] = []


class SynergyFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(label=_("Title, organisation or material"), method="by_words", max_length=100)
    stage = django_filters.MultipleChoiceFilter(label=_("Stage"), choices=Synergy.Stage.choices, widget=ManyCheckboxes)
    no_next = django_filters.BooleanFilter(
        label=_("Only without a next step"), method="by_next", widget=forms.CheckboxInput
    )
    region = _region_filter()
    organisation = django_filters.ModelChoiceFilter(
        label=_("Organisation"), queryset=parties, method="by_party", empty_label=_("All organisations")
    )

    class Meta:
        model = Synergy
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.request.user.reach(Permission.SYNERGY_READ).everything:
            del self.filters["region"]  # theirs are of one region, or of their own organisation

    def by_words(self, queryset: SynergyQuerySet, name: str, value: str) -> SynergyQuerySet:
        return queryset.with_words(value)

    def by_next(self, queryset: SynergyQuerySet, name: str, value: bool) -> SynergyQuerySet:
        return queryset.without_next_step(on=today()) if value else queryset

    def by_party(self, queryset: SynergyQuerySet, name: str, value: Organisation) -> SynergyQuerySet:
        return queryset.filter(Q(giver=value) | Q(receiver=value))
