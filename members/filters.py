"""Filter forms of this room's lists: an allowlist of what may be asked."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kisu.lib.language import name_column
from kisu.lib.texts import clean_line
from members.models import AuditEntry, JobRun, Organisation, Region


def regions(request: Any) -> QuerySet[Region]:
    return Region.objects.order_by(name_column())


class OrganisationFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(label=_("Name or Business ID"), method="by_words")
    kind = django_filters.MultipleChoiceFilter(label=_("Kind of organisation"), choices=Organisation.Kind.choices)
    region = django_filters.ModelMultipleChoiceFilter(
        label=_("Region"), queryset=regions, field_name="municipality__region", to_field_name="code"
    )

    class Meta:
        model = Organisation
        fields: list[str] = []

    def by_words(self, queryset: QuerySet[Organisation], name: str, value: str) -> QuerySet[Organisation]:
        words = clean_line(value)
        return queryset.filter(Q(name__icontains=words) | Q(business_id=words))


class RegisterFilter(OrganisationFilter):
    """For those who see the whole register: also by state."""

    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=Organisation.State.choices)


class AuditFilter(django_filters.FilterSet):  # type: ignore[misc]
    action = django_filters.MultipleChoiceFilter(label=_("Act"), choices=AuditEntry.Action.choices)
    since = django_filters.DateFilter(label=_("From"), field_name="at", lookup_expr="date__gte")
    until = django_filters.DateFilter(label=_("Until"), field_name="at", lookup_expr="date__lte")

    class Meta:
        model = AuditEntry
        fields: list[str] = []


class JobFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=JobRun.State.choices)

    class Meta:
        model = JobRun
        fields: list[str] = []
