"""Beyond pairs: small flows that together fill a need, and offers that serve one after somebody has treated them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from members.models import User
from members.permissions import Permission, Reach
from symbiosis.models.listing import Listing
from symbiosis.models.match import Match, MatchAnswer


def _within(side: str, reach: Reach) -> Q:
    return Q(**{f"{side}__organisation__in": reach.organisations}) | Q(
        **{f"{side}__organisation__municipality__region__in": reach.regions}
    )


def _public(side: str, *, on: date) -> Q:
    return Q(**{f"{side}__state": Listing.State.PUBLISHED, f"{side}__valid_until__gte": on})


class PoolPartQuerySet(models.QuerySet["PoolPart"]):
    def open(self, *, on: date) -> Self:
        """Whose offer is public today, and whose pair nobody has turned down."""
        turned_down = MatchAnswer.objects.filter(match=OuterRef("match"), answer=MatchAnswer.Answer.DISMISSED)
        return self.filter(_public("match__offer", on=on), ~Exists(turned_down), match__withdrawn_at=None)


class PoolQuerySet(models.QuerySet["Pool"]):
    def current(self) -> Self:
        return self.filter(withdrawn_at=None)

    def open(self, *, on: date) -> Self:
        """Suggested, for a public need, with at least two offers that are still to be had; `together` is their amount.

        A listing that was hidden, closed or turned down since the night is gone from it at once.
        """
        open_parts = PoolPart.objects.open(on=on).filter(pool=OuterRef("pk")).order_by().values("pool")
        return (
            self.current()
            .filter(_public("need", on=on))
            .annotate(
                open_parts=models.Subquery(open_parts.annotate(n=models.Count("pk")).values("n")),
                together=models.Subquery(open_parts.annotate(n=models.Sum("amount")).values("n")),
            )
            .filter(open_parts__gte=2)
        )

    def visible_to(self, user: User) -> Self:
        """The need's own people, its region's coordinators, staff: they are who would gather the flows."""
        reach = user.reach(Permission.MATCH_READ)
        return self if reach.everything else self.filter(_within("need", reach))


class Pool(models.Model):
    """Offers near a need that are each too small for it and together reach it. Amounts of a year in `unit`."""

    need = models.OneToOneField(Listing, on_delete=models.CASCADE, related_name="pool", verbose_name=_("need"))
    offered = models.DecimalField(_("offered together"), max_digits=14, decimal_places=3)
    needed = models.DecimalField(_("needed"), max_digits=14, decimal_places=3)
    unit = models.CharField(_("unit"), max_length=20)
    matches = models.ManyToManyField(Match, through="PoolPart", related_name="pools", verbose_name=_("matches"))
    computed_at = models.DateTimeField(_("computed"))
    withdrawn_at = models.DateTimeField(_("no longer suggested since"), null=True, blank=True)

    objects = PoolQuerySet.as_manager()

    class Meta:
        verbose_name = _("pool of small flows")
        verbose_name_plural = _("pools of small flows")

    def __str__(self) -> str:
        return f"{self.need}: {self.offered} / {self.needed} {self.unit}"


class PoolPart(models.Model):
    """One offer of a pool, by its match. `density`: t/m³ by which its amount was reckoned from the other unit."""

    pool = models.ForeignKey(Pool, on_delete=models.CASCADE, related_name="parts", verbose_name=_("pool"))
    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="pool_parts", verbose_name=_("match"))
    amount = models.DecimalField(_("amount a year, in the pool's unit"), max_digits=14, decimal_places=3)
    density = models.DecimalField(_("bulk density, t/m³"), max_digits=6, decimal_places=3, null=True, blank=True)

    objects = PoolPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer of a pool")
        verbose_name_plural = _("offers of pools")
        constraints = [models.UniqueConstraint(fields=["pool", "match"], name="one_part_per_pool_and_match")]

    def __str__(self) -> str:
        return f"{self.match.offer}: {self.amount}"

    @property
    def is_reckoned(self) -> bool:
        return self.density is not None and self.density > Decimal(0)


class ChainQuerySet(models.QuerySet["Chain"]):
    def current(self) -> Self:
        return self.filter(withdrawn_at=None)

    def open(self, *, on: date) -> Self:
        """Suggested, with both listings public today, and the pair turned down by nobody."""
        turned_down = MatchAnswer.objects.filter(
            match__offer=OuterRef("offer"), match__need=OuterRef("need"), answer=MatchAnswer.Answer.DISMISSED
        )
        return self.current().filter(_public("offer", on=on), _public("need", on=on), ~Exists(turned_down))

    def visible_to(self, user: User) -> Self:
        """As a match: one of the two sides in reach."""
        reach = user.reach(Permission.MATCH_READ)
        return self if reach.everything else self.filter(_within("offer", reach) | _within("need", reach))

    def of_listing(self, listing: Listing) -> Self:
        return self.filter(Q(offer=listing) | Q(need=listing))

    def best_first(self) -> Self:
        return self.order_by("-score", "pk")

    def with_parties(self) -> Self:
        parts = ("organisation", "municipality", "unit", "material_class")
        return self.select_related(*(f"{side}__{part}" for side in ("offer", "need") for part in parts))


class Chain(models.Model):
    """An offer that serves a need once it has been treated: how, into what, and by which kind of company.

    `treatment`, `made_from` and `made_into` are keys of the matcher's knowledge.
    """

    offer = models.ForeignKey(
        Listing, on_delete=models.CASCADE, related_name="chains_as_offer", verbose_name=_("offer")
    )
    need = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="chains_as_need", verbose_name=_("need"))
    treatment = models.CharField(_("treatment"), max_length=80)
    made_from = models.CharField(_("made from"), max_length=80)
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

    @property
    def km(self) -> int | None:
        return None if self.distance_km is None else round(self.distance_km)
