"""Filter forms of this room's lists: an allowlist of what may be asked."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.forms import CheckboxSelectMultiple
from django.utils.translation import gettext_lazy as _

from kisu.lib.collation import finnish_order
from kisu.lib.dates import FinnishDateField, local_midnight
from kisu.lib.language import name_column
from kisu.lib.texts import clean_line
from members.models import AuditEntry, Industry, JobRun, Mail, MembershipApplication, Organisation, Region, User
from members.permissions import Role


def regions(request: Any) -> QuerySet[Region]:
    return Region.objects.order_by(finnish_order(name_column()))


def divisions(request: Any) -> QuerySet[Industry]:
    """Of TOL 2008; an organisation coded by TOL 2025 is found by the same number."""
    of_2008 = Industry.objects.filter(classification=Industry.Classification.TOL2008)
    return of_2008.exclude(parent=None).order_by("code")


class OrganisationFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(label=_("Name or Business ID"), method="by_words")
    kind = django_filters.MultipleChoiceFilter(
        label=_("Kind of organisation"), choices=Organisation.Kind.choices, widget=CheckboxSelectMultiple
    )
    region = django_filters.ModelMultipleChoiceFilter(
        label=_("Region"),
        queryset=regions,
        field_name="municipality__region__code",
        to_field_name="code",
        widget=CheckboxSelectMultiple,
    )

    class Meta:
        model = Organisation
        fields: list[str] = []

    def by_words(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.found_by(value)


class RegisterFilter(OrganisationFilter):
    """For those who see the whole register: also by state."""

    state = django_filters.MultipleChoiceFilter(
        label=_("State"), choices=Organisation.State.choices, widget=CheckboxSelectMultiple
    )
    industry = django_filters.ModelChoiceFilter(
        label=_("Industry"), queryset=divisions, to_field_name="code", method="by_industry", empty_label=_("All")
    )
    field_order = ("q", "state", "kind", "region", "industry")

    def by_industry(self, queryset: QuerySet[Organisation], name: str, value: Industry) -> QuerySet[Organisation]:
        return queryset.filter(industry__code=value.code)


class ApplicationFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(label=_("Name or Business ID"), method="by_words")
    state = django_filters.MultipleChoiceFilter(
        label=_("State"), choices=MembershipApplication.State.choices, widget=CheckboxSelectMultiple
    )

    class Meta:
        model = MembershipApplication
        fields: list[str] = []

    def by_words(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(Q(name__icontains=clean_line(value)) | Q(business_id=clean_line(value)))


class UserFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(label=_("Name or e-mail"), method="by_words")
    role = django_filters.MultipleChoiceFilter(
        label=_("Role today"), choices=Role.choices, method="by_role", widget=CheckboxSelectMultiple
    )
    active = django_filters.ChoiceFilter(
        label=_("Account"),
        field_name="is_active",
        choices=[("True", _("May sign in")), ("False", _("Disabled"))],
        empty_label=_("All"),
    )

    class Meta:
        model = User
        fields: list[str] = []

    def by_words(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        words = clean_line(value)
        return queryset.filter(Q(email__icontains=words) | Q(person__name__icontains=words))

    def by_role(self, queryset: Any, name: str, value: list[str]) -> Any:
        if not value:
            return queryset
        found = queryset.holding(*(Role(role) for role in value))
        return found | queryset.filter(is_superuser=True) if Role.SUPERUSER in value else found


class DayFilter(django_filters.DateFilter):  # type: ignore[misc]
    """A day as it is written here."""

    field_class = FinnishDateField


class AuditFilter(django_filters.FilterSet):  # type: ignore[misc]
    action = django_filters.MultipleChoiceFilter(
        label=_("Act"), choices=AuditEntry.Action.choices, widget=CheckboxSelectMultiple
    )
    since = DayFilter(label=_("From"), method="from_day")
    until = DayFilter(label=_("Until"), method="until_day")

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def from_day(self, queryset: QuerySet[AuditEntry], name: str, value: date) -> QuerySet[AuditEntry]:
        return queryset.filter(at__gte=local_midnight(value))

    def until_day(self, queryset: QuerySet[AuditEntry], name: str, value: date) -> QuerySet[AuditEntry]:
        return queryset.filter(at__lt=local_midnight(value + timedelta(days=1)))


class JobFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.MultipleChoiceFilter(
        label=_("State"), choices=JobRun.State.choices, widget=CheckboxSelectMultiple
    )

    class Meta:
        model = JobRun
        fields: list[str] = []


class MailFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(label=_("Recipient"), method="by_recipient")
    state = django_filters.MultipleChoiceFilter(
        label=_("State"), choices=Mail.State.choices, widget=CheckboxSelectMultiple
    )

    class Meta:
        model = Mail
        fields: list[str] = []

    def by_recipient(self, queryset: QuerySet[Mail], name: str, value: str) -> QuerySet[Mail]:
        return queryset.filter(recipient__icontains=clean_line(value))
