"""Organisations of the network and of its register."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kisu.lib.business_id import BusinessIdError, normalise_business_id
from kisu.lib.collation import plain_letters
from kisu.lib.language import in_language
from kisu.lib.texts import fold
from members.models.geography import Industry, Municipality
from members.permissions import Permission

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.models.user import User


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def members(self, *, on: date) -> Self:
        """Those that were members on that day."""
        return self.filter(Q(left_on=None) | Q(left_on__gt=on), joined_on__lte=on)

    def found_by(self, words: str) -> Self:
        """Whose name holds the words, or whose Business ID they are, in whatever form it is typed.

        "aakkoset" finds Ääkköset, as on a keyboard without ä; "ääkköset" finds only itself.
        """
        words = fold(words)
        found = Q(name__icontains=words) | Q(plain_name__contains=words)
        with suppress(BusinessIdError):
            found |= Q(business_id=normalise_business_id(words))
        return self.alias(plain_name=plain_letters("name")).filter(found)

    def in_reach(self, user: User, permission: Permission) -> Self:
        reach = user.reach(permission)
        if reach.everything:
            return self
        return self.filter(Q(pk__in=reach.organisations) | Q(municipality__region__in=reach.regions))

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Members are public; the rest of the register is for the coordinator of the region and for staff."""
        public = Q(state=Organisation.State.MEMBER)
        if user.is_anonymous:
            return self.filter(public)
        reach = user.reach(Permission.ORGANISATION_REGISTER)
        if reach.everything:
            return self
        own = user.reach(Permission.ORGANISATION_PEOPLE).organisations
        return self.filter(public | Q(municipality__region__in=reach.regions) | Q(pk__in=own))

    def editable_by(self, user: User) -> Self:
        return self.in_reach(user, Permission.ORGANISATION_EDIT)


class Organisation(models.Model):
    """An organisation. `joined_on` is the first day of membership, `left_on` the first day without it."""

    class Kind(models.TextChoices):
        MUNICIPALITY = "municipality", _("Municipality")
        REGIONAL_COUNCIL = "regional_council", _("Regional council")
        COMPANY = "company", _("Company")
        RESEARCH_INSTITUTE = "research_institute", _("Research institute")
        UNIVERSITY = "university", _("University")
        INDUSTRY_ASSOCIATION = "industry_association", _("Industry association")
        DEVELOPMENT_COMPANY = "development_company", _("Development company")
        FUNDER = "funder", _("Funder")
        MINISTRY = "ministry", _("Ministry")
        OTHER = "other", _("Other organisation")

    class State(models.TextChoices):
        PROSPECT = "prospect", _("Prospect")
        INVITED = "invited", _("Invited")
        APPLIED = "applied", _("Applied")
        MEMBER = "member", _("Member")
        SUSPENDED = "suspended", _("Suspended")
        LEFT = "left", _("Left")

    name = models.CharField(_("name"), max_length=150)
    kind = models.CharField(_("kind of organisation"), max_length=20, choices=Kind.choices)
    business_id = models.CharField(_("Business ID"), max_length=9, unique=True)
    industry = models.ForeignKey(
        Industry,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="organisations",
        verbose_name=_("industry"),
    )
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="organisations", verbose_name=_("municipality")
    )
    website = models.URLField(_("website"), max_length=200, blank=True)
    description_fi = models.TextField(_("description in Finnish"), max_length=2000, blank=True)
    description_sv = models.TextField(_("description in Swedish"), max_length=2000, blank=True)
    description_en = models.TextField(_("description in English"), max_length=2000, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PROSPECT)
    joined_on = models.DateField(_("member since"), null=True, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            models.UniqueConstraint(Lower("name"), name="one_organisation_per_name"),
            models.CheckConstraint(
                name="a_member_has_joined",
                condition=~Q(state="member") | Q(joined_on__isnull=False, left_on=None),
            ),
            models.CheckConstraint(
                name="who_left_had_joined",
                condition=~Q(state="left") | Q(joined_on__isnull=False, left_on__gt=models.F("joined_on")),
            ),
        ]
        indexes = [
            GinIndex(OpClass(Lower("name"), name="gin_trgm_ops"), name="organisation_name_trigrams"),
            models.Index(fields=["state", "municipality"], name="organisation_by_state_place"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("members:organisation_detail", args=[self.pk])

    @property
    def description(self) -> str:
        return in_language(self, "description")

    @property
    def is_member(self) -> bool:
        return self.state == self.State.MEMBER

    @property
    def tone(self) -> str:
        """Shape and colour of the state (components/state.html)."""
        return {"member": "ok", "applied": "watch", "invited": "info", "suspended": "watch"}.get(self.state, "neutral")
