"""How an organisation joins: an application, a decision, an invitation by mail."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.models.geography import Industry, Municipality
from members.models.organisation import Organisation
from members.models.user import User
from members.permissions import Permission, Role


class MembershipApplicationQuerySet(models.QuerySet["MembershipApplication"]):
    def open(self) -> Self:
        return self.filter(state=MembershipApplication.State.SUBMITTED)

    def visible_to(self, user: User) -> Self:
        reach = user.reach(Permission.APPLICATION_DECIDE)
        return self if reach.everything else self.filter(municipality__region__in=reach.regions)

    def editable_by(self, user: User) -> Self:
        return self.visible_to(user)


class MembershipApplication(models.Model):
    """What an organisation sends from the public form. Decided once; the decision names who and when."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("Submitted")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")

    name = models.CharField(_("name of the organisation"), max_length=150)
    business_id = models.CharField(_("Business ID"), max_length=9)
    kind = models.CharField(_("kind of organisation"), max_length=20, choices=Organisation.Kind.choices)
    industry = models.ForeignKey(
        Industry, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("industry")
    )
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="+", verbose_name=_("municipality")
    )
    website = models.URLField(_("website"), max_length=200, blank=True)
    reason = models.TextField(_("why you want to join"), max_length=2000, blank=True)
    contact_name = models.CharField(_("your name"), max_length=120)
    contact_email = models.EmailField(_("your e-mail"), max_length=254)
    contact_phone = models.CharField(_("your phone"), max_length=30, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default="fi")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.SUBMITTED)
    submitted_at = models.DateTimeField(_("submitted"), auto_now_add=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decision_reason = models.TextField(_("reason of the decision"), max_length=1000, blank=True)
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="applications",
        verbose_name=_("organisation"),
    )

    objects = MembershipApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership application")
        verbose_name_plural = _("membership applications")
        constraints = [
            models.UniqueConstraint(
                fields=["business_id"], condition=Q(state="submitted"), name="one_open_application_per_business_id"
            ),
            models.CheckConstraint(
                condition=Q(state="submitted", decided_at=None) | (~Q(state="submitted") & Q(decided_at__isnull=False)),
                name="a_decided_application_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("members:application_detail", args=[self.pk])

    @property
    def tone(self) -> str:
        return {"submitted": "watch", "approved": "ok", "rejected": "late"}[self.state]


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, *, now: datetime) -> Self:
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)


class Invitation(models.Model):
    """A person asked by mail to open an account with a role in an organisation. The token is kept as a hash only."""

    email = models.EmailField(_("e-mail"), max_length=254)
    name = models.CharField(_("name"), max_length=120)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="invitations", verbose_name=_("organisation")
    )
    role = models.CharField(
        _("role"), max_length=12, choices=[(r.value, r.label) for r in (Role.MEMBER, Role.ORG_ADMIN)]
    )
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default="fi")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("invited by")
    )
    invited_at = models.DateTimeField(_("invited"), auto_now_add=True)
    expires_at = models.DateTimeField(_("valid until"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "organisation",
                condition=Q(accepted_at=None, revoked_at=None),
                name="one_open_invitation_per_address_and_organisation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}"
