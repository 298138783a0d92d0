"""Filter forms of this room's lists: an allowlist of what may be asked."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kisu.lib.texts import clean_line
from workpackages.models import PlanDifference, WorkPackage


def packages(request: Any) -> QuerySet[WorkPackage]:
    return WorkPackage.objects.order_by("code")


class DifferenceFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(label=_("Words"), method="by_words")
    kind = django_filters.MultipleChoiceFilter(
        label=_("Kind of difference"), choices=PlanDifference.Kind.choices, widget=forms.CheckboxSelectMultiple
    )
    package = django_filters.ModelMultipleChoiceFilter(
        label=_("Work package"),
        queryset=packages,
        field_name="packages__code",
        to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = PlanDifference
        fields: list[str] = []

    def by_words(self, queryset: QuerySet[PlanDifference], name: str, value: str) -> QuerySet[PlanDifference]:
        """All words, each in the place or the note, in any language."""
        columns = [f"{field}_{language}" for field in ("place", "note") for language in ("fi", "sv", "en")]
        for word in clean_line(value).split()[:8]:
            found = Q()
            for column in columns:
                found |= Q(**{f"{column}__icontains": word})
            queryset = queryset.filter(found)
        return queryset
