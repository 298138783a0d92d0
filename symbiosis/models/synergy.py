"""Synergies: from an idea to tonnes, each step dated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, ExpressionWrapper, F, OuterRef, Q, Subquery, Value, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kisu.lib.texts import search_terms
from members.models import Organisation, Region, User
from members.permissions import Permission
from symbiosis.models.classes import MaterialClass
from symbiosis.models.listing import Listing
from symbiosis.models.match import Match
from workpackages.models import Impact


class SynergyQuerySet(models.QuerySet["Synergy"]):
    def in_reach(self, user: User, permission: Permission) -> Self:
        reach = user.reach(permission)
        if reach.everything:
            return self
        return self.filter(
            Q(giver__in=reach.organisations) | Q(receiver__in=reach.organisations) | Q(region__in=reach.regions)
        )

    def visible_to(self, user: User) -> Self:
        return self.in_reach(user, Permission.SYNERGY_READ)

    def editable_by(self, user: User) -> Self:
        return self.in_reach(user, Permission.SYNERGY_EDIT)

    def born(self, *, on: date) -> Self:
        """Those that existed as an idea or further on that day."""
        return self.filter(started_on__lte=on)

    def realised(self, *, on: date) -> Self:
        """Those that had come true by that day."""
        return self.filter(stage=Synergy.Stage.REALISED, realised_on__lte=on)

    def under_way(self) -> Self:
        return self.filter(stage__in=Synergy.OPEN)

    def without_next_step(self, *, on: date) -> Self:
        """Under way, and nobody has said what comes next, or its day has passed."""
        return self.under_way().filter(Q(next_step="") | Q(next_step_on__lt=on))

    def with_words(self, words: str) -> Self:
        """Each word in the title, in an organisation's name or in the name of the material, in any language."""
        found = self
        for term in search_terms(words):
            materials = MaterialClass.objects.with_word(term)
            found = found.filter(
                Q(title__icontains=term)
                | Q(giver__name__icontains=term)
                | Q(receiver__name__icontains=term)
                | Q(offer__material_class__in=materials)
                | Q(need__material_class__in=materials)
            )
        return found

    def alike(self, *, giver: Organisation, receiver: Organisation, material_class: MaterialClass | None) -> Self:
        """Live or realised ones between the two, of the same or an unknown material: maybe the same flow."""
        between = self.filter(giver=giver, receiver=receiver).exclude(stage=Synergy.Stage.LAPSED)
        if material_class is None:
            return between
        unknown = Q(offer=None) & Q(need=None)
        return between.filter(
            unknown | Q(offer__material_class=material_class) | Q(need__material_class=material_class)
        )

    def with_stage_since(self, *, on: date) -> Self:
        """With the day on which the present stage was reached, the time in it until `on`, and its place for sorting."""
        last = SynergyStep.objects.filter(synergy=OuterRef("pk")).order_by("-on", "-pk")
        ranks = [When(stage=name, then=Value(rank)) for rank, name in enumerate(Synergy.Stage.values)]
        return self.annotate(
            stage_since=Subquery(last.values("on")[:1]),
            in_stage=ExpressionWrapper(
                Value(on, output_field=models.DateField()) - F("stage_since"), output_field=models.DurationField()
            ),
            stage_rank=Case(*ranks, output_field=models.SmallIntegerField()),
        )


class Synergy(models.Model):
    """Who gives what to whom. `stage` and `realised_on` repeat the last step, so that lists and counts need no join."""

    class Stage(models.TextChoices):
        IDEA = "idea", _("Idea")
        DISCUSSION = "discussion", _("Discussion")
        NEGOTIATION = "negotiation", _("Negotiation")
        IMPLEMENTATION = "implementation", _("Implementation")
        REALISED = "realised", _("Realised")
        ON_HOLD = "on_hold", _("On hold")
        LAPSED = "lapsed", _("Lapsed")

    PATH = (Stage.IDEA, Stage.DISCUSSION, Stage.NEGOTIATION, Stage.IMPLEMENTATION, Stage.REALISED)
    OPEN = PATH[:-1]
    ASIDE = (Stage.ON_HOLD, Stage.LAPSED)
    # From where to where. What is on hold goes back to where it was (`moves`); what is realised stays so.
    MOVES: dict[str, tuple[Stage, ...]] = {
        Stage.IDEA: (Stage.DISCUSSION, *ASIDE),
        Stage.DISCUSSION: (Stage.NEGOTIATION, *ASIDE),
        Stage.NEGOTIATION: (Stage.IMPLEMENTATION, *ASIDE),
        Stage.IMPLEMENTATION: (Stage.REALISED, *ASIDE),
        Stage.REALISED: (),
        Stage.ON_HOLD: (Stage.LAPSED,),
        Stage.LAPSED: (Stage.IDEA,),
    }

    title = models.CharField(_("title"), max_length=150)
    giver = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="synergies_given",
        verbose_name=pgettext_lazy("of material", "provider"),
    )
    receiver = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="synergies_received", verbose_name=_("recipient")
    )
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="synergies", verbose_name=_("region"))
    offer = models.ForeignKey(
        Listing,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="synergies_as_offer",
        verbose_name=_("offer"),
    )
    need = models.ForeignKey(
        Listing,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="synergies_as_need",
        verbose_name=_("need"),
    )
    match = models.OneToOneField(
        Match, on_delete=models.SET_NULL, null=True, blank=True, related_name="synergy", verbose_name=_("match")
    )
    stage = models.CharField(_("stage"), max_length=14, choices=Stage.choices, default=Stage.IDEA)
    started_on = models.DateField(_("began"))
    realised_on = models.DateField(_("realised"), null=True, blank=True)
    impact = models.OneToOneField(
        Impact, on_delete=models.PROTECT, null=True, blank=True, related_name="synergy", verbose_name=_("impact")
    )
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    next_step_on = models.DateField(_("next step on"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("created by")
    )

    objects = SynergyQuerySet.as_manager()

    class Meta:
        verbose_name = _("synergy")
        verbose_name_plural = _("synergies")
        constraints = [
            models.CheckConstraint(
                condition=Q(stage="realised", realised_on__isnull=False, impact__isnull=False)
                | (~Q(stage="realised") & Q(realised_on=None)),
                name="a_realised_synergy_has_its_day_and_impact",
            ),
            models.CheckConstraint(condition=~Q(giver=models.F("receiver")), name="a_synergy_joins_two_organisations"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("symbiosis:synergy_detail", args=[self.pk])

    @property
    def number(self) -> str:
        return f"S-{self.pk}"

    @property
    def tone(self) -> str:
        return {"realised": "ok", "on_hold": "watch", "lapsed": "late"}.get(self.stage, "info")

    @property
    def position(self) -> int:
        """How many of the five parts of the stage's ring are in place; none when it has left the path."""
        stage = self.Stage(self.stage)
        return self.PATH.index(stage) + 1 if stage in self.PATH else 0

    @property
    def is_open(self) -> bool:
        return self.stage in self.OPEN

    @property
    def next_stage(self) -> Stage | None:
        """The next on the path; None when it is realised or has left the path."""
        return self.PATH[self.position] if self.is_open else None

    def moves(self, *, steps: Sequence[SynergyStep]) -> list[Stage]:
        """Where it may go now. `steps` oldest first: what is on hold goes back to the last one on the path."""
        allowed = list(self.MOVES[self.stage])
        if self.stage == self.Stage.ON_HOLD:
            before = [self.Stage(step.stage) for step in steps if step.stage in self.OPEN]
            allowed.insert(0, before[-1] if before else self.Stage.IDEA)
        return allowed

    @property
    def material_class(self) -> MaterialClass | None:
        """Of its listings. Select offer and need with their classes to read it without a query."""
        listing = self.offer or self.need
        return listing.material_class if listing else None


class SynergyStep(models.Model):
    """A stage reached on a day. Leaving the path (on hold, lapsed) needs a reason."""

    synergy = models.ForeignKey(Synergy, on_delete=models.CASCADE, related_name="steps", verbose_name=_("synergy"))
    stage = models.CharField(_("stage"), max_length=14, choices=Synergy.Stage.choices)
    on = models.DateField(_("on"))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    recorded_at = models.DateTimeField(_("recorded"), auto_now_add=True)

    class Meta:
        verbose_name = _("step of a synergy")
        verbose_name_plural = _("steps of synergies")
        constraints = [
            models.CheckConstraint(
                condition=~Q(stage__in=["on_hold", "lapsed"]) | ~Q(reason=""), name="leaving_the_path_has_its_reason"
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_stage_display())
