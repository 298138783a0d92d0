"""Beyond pairs: small flows that together fill a need, and offers that serve one after somebody has treated them."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models import User
from members.permissions import Permission
from symbiosis.models.listing import Listing
from symbiosis.models.match import Match


class PoolQuerySet(models.QuerySet["Pool"]):
    def current(self) -> Self:
        return self.filter(withdrawn_at=None)

    def visible_to(self, user: User) -> Self:
        """The need's own people, its region's coordinators, staff: they are who would gather the flows."""
        reach = user.reach(Permission.MATCH_READ)
        if reach.everything:
            return self
        return self.filter(
            models.Q(need__organisation__in=reach.organisations)
            | models.Q(need__organisation__municipality__region__in=reach.regions)
        )


class Pool(models.Model):
    """Offers of a region that are each too small for the need and together reach it. Amounts of a year in `unit`."""

    need = models.OneToOneField(Listing, on_delete=models.CASCADE, related_name="pool", verbose_name=_("need"))
    offered = models.DecimalField(_("offered together"), max_digits=14, decimal_places=3)
    needed = models.DecimalField(_("needed"), max_digits=14, decimal_places=3)
    unit = models.CharField(_("unit"), max_length=20)
    matches = models.ManyToManyField(Match, related_name="pools", verbose_name=_("matches"))
    computed_at = models.DateTimeField(_("computed"))
    withdrawn_at = models.DateTimeField(_("no longer suggested since"), null=True, blank=True)

    objects = PoolQuerySet.as_manager()

    class Meta:
        verbose_name = _("pool of small flows")
        verbose_name_plural = _("pools of small flows")

    def __str__(self) -> str:
        return f"{self.need}: {self.offered} / {self.needed} {self.unit}"


class ChainQuerySet(models.QuerySet["Chain"]):
    def current(self) -> Self:
        return self.filter(withdrawn_at=None)

    def visible_to(self, user: User) -> Self:
        """As a match: one of the two sides in reach."""
        reach = user.reach(Permission.MATCH_READ)
        if reach.everything:
            return self

        def own(side: str) -> models.Q:
            return models.Q(**{f"{side}__organisation__in": reach.organisations}) | models.Q(
                **{f"{side}__organisation__municipality__region__in": reach.regions}
            )

        return self.filter(own("offer") | own("need"))


class Chain(models.Model):
    """An offer that serves a need once it has been treated: how, into what, and by which kind of company.

    `treatment`, `made_from` and `made_into` are keys of the matcher's knowledge.
    """

    offer = models.ForeignKey(
        Listing, on_delete=models.CASCADE, related_name="chains_as_offer", verbose_name=_("offer")
    )
    need = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="chains_as_need", verbose_name=_("need"))
    treatment = models.CharField(_("treatment"), max_length=80)
    made_from = models.CharField(_("from"), max_length=80)
    made_into = models.CharField(_("into"), max_length=80)
    score = models.FloatField(_("score, 0 to 1"))
    distance_km = models.FloatField(_("distance by road, km"), null=True, blank=True)
    computed_at = models.DateTimeField(_("computed"))
    withdrawn_at = models.DateTimeField(_("no longer suggested since"), null=True, blank=True)

    objects = ChainQuerySet.as_manager()

    class Meta:
        verbose_name = _("chain over a treatment")
        verbose_name_plural = _("chains over a treatment")
        constraints = [models.UniqueConstraint(fields=["offer", "need"], name="one_chain_per_pair")]
        indexes = [models.Index(fields=["need", "-score"], name="chains_of_a_need")]

    def __str__(self) -> str:
        return f"{self.offer} → {self.treatment} → {self.need}"
