"""People: contacts of the network, with or without an account, and where they work."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models.organisation import Organisation


class PersonQuerySet(models.QuerySet["Person"]):
    def working_in(self, organisation: Organisation, *, on: date) -> Self:
        here = Affiliation.objects.in_force(on=on).filter(organisation=organisation)
        return self.filter(pk__in=here.values("person"))


class Person(models.Model):
    """A contact. Name, e-mail and phone are shown to the same organisation, the region's coordinator and staff."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="person",
        verbose_name=_("user"),
    )
    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    last_active_on = models.DateField(_("last active"), null=True, blank=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.name


class AffiliationQuerySet(models.QuerySet["Affiliation"]):
    def in_force(self, *, on: date) -> Self:
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)


class Affiliation(models.Model):
    """A person's place in an organisation; `ends_on` is the last day."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="affiliations", verbose_name=_("person"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="affiliations", verbose_name=_("organisation")
    )
    title = models.CharField(pgettext_lazy("of a person in an organisation", "title"), max_length=120, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)

    objects = AffiliationQuerySet.as_manager()

    class Meta:
        verbose_name = _("affiliation")
        verbose_name_plural = _("affiliations")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation"],
                condition=Q(ends_on=None),
                name="one_open_affiliation_per_organisation",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")),
                name="an_affiliation_does_not_end_before_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.organisation}"
