"""Role grants: who holds which role, over what, from when to when, and who gave it."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.models.geography import Region
from members.models.organisation import Organisation
from members.permissions import Role

# Work packages live above this room, so a grant names one by its code.
PACKAGES = [(code, code) for code in ("TP1", "TP2", "TP3", "TP4", "TP5", "TP6")]


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    def in_force(self, *, on: date) -> RoleGrantQuerySet:
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)


class RoleGrant(models.Model):
    """`ends_on` is the last day on which the role holds."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="role_grants", verbose_name=_("user")
    )
    role = models.CharField(
        _("role"), max_length=12, choices=[choice for choice in Role.choices if choice[0] != Role.SUPERUSER]
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="role_grants",
        verbose_name=_("organisation"),
    )
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="role_grants", verbose_name=_("region")
    )
    package = models.CharField(_("work package"), max_length=3, blank=True, choices=PACKAGES)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("granted by")
    )
    granted_at = models.DateTimeField(_("granted at"), auto_now_add=True)

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("role grant")
        verbose_name_plural = _("role grants")
        constraints = [
            models.CheckConstraint(
                name="a_grant_has_the_scope_of_its_role",
                condition=Q(role__in=["member", "org_admin"], organisation__isnull=False, region=None, package="")
                | Q(role="coordinator", region__isnull=False, organisation=None, package="")
                | (Q(role="wp_lead", region=None, organisation=None) & ~Q(package=""))
                | Q(role__in=["expert", "steering", "comms", "staff"], region=None, organisation=None, package=""),
            ),
            models.CheckConstraint(
                name="a_grant_does_not_end_before_it_starts",
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")),
            ),
            models.UniqueConstraint(
                name="one_open_grant_of_a_role_per_scope",
                fields=["user", "role", "organisation", "region", "package"],
                condition=Q(ends_on=None),
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        scope = self.scope_label
        return f"{self.get_role_display()} ({scope})" if scope else str(self.get_role_display())

    def holds_on(self, day: date) -> bool:
        """What `in_force` asks of the database, for a grant at hand."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    @property
    def scope_label(self) -> str:
        return str(self.organisation or self.region or self.package or "")
