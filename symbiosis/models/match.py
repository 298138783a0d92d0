"""Matches: an offer and a need that the night joined, with score and reasons, and what each side answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.models import Organisation, User
from members.permissions import Permission
from symbiosis.models.listing import Listing

# What the other side may read of a listing: its text was public once, and nobody has taken it back.
SHOWN = (Listing.State.PUBLISHED, Listing.State.EXPIRED, Listing.State.CLOSED)


class MatchQuerySet(models.QuerySet["Match"]):
    def current(self) -> Self:
        """Those of the last published run, and those that somebody answered: people's words outlive the night."""
        return self.filter(Q(withdrawn_at=None) | Exists(_answers()))

    def open(self) -> Self:
        """Suggested, and both listings public: what a side may still act on."""
        published = Listing.State.PUBLISHED
        return self.filter(withdrawn_at=None, offer__state=published, need__state=published)

    def in_reach(self, user: User, permission: Permission) -> Self:
        """Those with a side in reach; the other side's listing must have been public, or be in reach too."""
        reach = user.reach(permission)
        if reach.everything:
            return self

        def own(side: str) -> Q:
            organisation = f"{side}__organisation"
            return Q(**{f"{organisation}__in": reach.organisations}) | Q(
                **{f"{organisation}__municipality__region__in": reach.regions}
            )

        offer, need = own("offer"), own("need")
        return self.filter((offer & (need | Q(need__state__in=SHOWN))) | (need & (offer | Q(offer__state__in=SHOWN))))

    def visible_to(self, user: User) -> Self:
        return self.in_reach(user, Permission.MATCH_READ)

    def answerable_by(self, user: User) -> Self:
        return self.in_reach(user, Permission.MATCH_ANSWER)

    def of_listing(self, listing: Listing) -> Self:
        return self.filter(Q(offer=listing) | Q(need=listing))

    def touching(self, listings: Iterable[int]) -> Self:
        return self.filter(Q(offer__in=listings) | Q(need__in=listings))

    def not_touching(self, listings: Iterable[int]) -> Self:
        return self.exclude(Q(offer__in=listings) | Q(need__in=listings))

    def answered_by(self, user: User, answer: str) -> Self:
        """With this answer of the user's own organisations; of any side for those who look after a region or all."""
        return self.filter(Exists(_answers(user, answer=answer)))

    def not_dismissed_by(self, user: User) -> Self:
        """Without what the user's own side has turned down; for coordinators and staff, either side."""
        return self.exclude(Exists(_answers(user, answer=MatchAnswer.Answer.DISMISSED)))

    def unanswered_by(self, user: User) -> Self:
        return self.exclude(Exists(_answers(user)))

    def best_first(self) -> Self:
        return self.order_by(class_rank(), "-score", "pk")

    def with_parties(self) -> Self:
        """With what a list shows: one query for the page, and one for its answers."""
        listing = ("organisation", "municipality", "unit", "material_class")
        parts = [f"{side}__{part}" for side in ("offer", "need") for part in listing]
        return self.select_related(*parts, "synergy").prefetch_related("answers")

    def fetched(self) -> list[Match]:
        """What a list shows, in this order; for a page of rows.

        The keys first: one query with the joins of the reach and of what is shown takes PostgreSQL long to plan.
        """
        keys = list(self.values_list("pk", flat=True))
        found = Match.objects.with_parties().in_bulk(keys)
        return [found[key] for key in keys if key in found]


def class_rank() -> Case:
    """0 for good to 2 for distant, to order by."""
    ranks = [When(match_class=name, then=Value(rank)) for rank, name in enumerate(Match.MatchClass.values)]
    return Case(*ranks, output_field=models.SmallIntegerField())


def _answers(user: User | None = None, **filters: str) -> models.QuerySet[MatchAnswer]:
    """The answers to the outer match, of the user's own organisations when that is all that the user reaches."""
    answers = MatchAnswer.objects.filter(match=OuterRef("pk"), **filters)
    if user is None:
        return answers
    reach = user.reach(Permission.MATCH_READ)
    return answers if reach.everything or reach.regions else answers.filter(organisation__in=reach.organisations)


class Match(models.Model):
    """One suggested pair. The score orders; people see the class and the reasons, never a percentage."""

    class MatchClass(models.TextChoices):
        GOOD = "good", _("Good")
        POSSIBLE = "possible", _("Possible")
        DISTANT = "distant", _("Distant")

    offer = models.ForeignKey(
        Listing, on_delete=models.CASCADE, related_name="matches_as_offer", verbose_name=_("offer")
    )
    need = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="matches_as_need", verbose_name=_("need"))
    match_class = models.CharField(_("class"), max_length=8, choices=MatchClass.choices)
    score = models.FloatField(_("score, 0 to 1"))
    parts = models.JSONField(_("parts of the score"), default=dict)
    reasons = models.JSONField(_("reasons"), default=list)
    check_first = models.JSONField(_("what to check first"), null=True, blank=True)
    notes = models.JSONField(_("what law and sense say"), default=list, blank=True)
    distance_km = models.FloatField(_("distance by road, km"), null=True, blank=True)
    first_seen_at = models.DateTimeField(_("first suggested"))
    computed_at = models.DateTimeField(_("computed"))
    withdrawn_at = models.DateTimeField(_("no longer suggested since"), null=True, blank=True)
    seen_at = models.DateTimeField(_("first opened by a side"), null=True, blank=True)

    objects = MatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        constraints = [
            models.UniqueConstraint(fields=["offer", "need"], name="one_match_per_pair"),
            models.CheckConstraint(condition=Q(score__range=(0, 1)), name="a_score_is_between_0_and_1"),
        ]
        indexes = [models.Index(fields=["need", "-score"], name="matches_of_a_need")]

    def __str__(self) -> str:
        return f"{self.offer} → {self.need}"

    def get_absolute_url(self) -> str:
        return reverse("symbiosis:match_detail", args=[self.pk])

    @property
    def km(self) -> int | None:
        """By road, rough as it is."""
        return None if self.distance_km is None else round(self.distance_km)

    @property
    def sides(self) -> tuple[Listing, Listing]:
        return self.offer, self.need

    def side_of(self, organisation: Organisation) -> Listing | None:
        """The organisation's own listing of the pair."""
        return next((side for side in self.sides if side.organisation_id == organisation.pk), None)

    def other_side(self, listing: Listing) -> Listing:
        return self.need if listing.pk == self.offer_id else self.offer


class MatchAnswer(models.Model):
    """What one side says of a match. The coordinator may answer for a side; `answered_by` tells."""

    class Answer(models.TextChoices):
        INTERESTED = "interested", _("Interested")
        DISMISSED = "dismissed", _("Dismissed")

    class Reason(models.TextChoices):
        TOO_FAR = "too_far", _("Too far")
        WRONG_QUALITY = "wrong_quality", _("Wrong quality")
        TOO_LITTLE = "too_little", _("Too little")
        ALREADY_TAKEN = "already_taken", _("Already taken")
        NOT_ALLOWED = "not_allowed", _("Not allowed")
        OTHER = "other", _("Other reason")

    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="answers", verbose_name=_("match"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="match_answers", verbose_name=_("organisation")
    )
    answer = models.CharField(_("answer"), max_length=10, choices=Answer.choices)
    reason = models.CharField(_("reason"), max_length=13, choices=Reason.choices, blank=True)
    note = models.CharField(_("in your words"), max_length=500, blank=True)
    # A later night weighs the answer and may move the pair to another class: people judged this one.
    match_class = models.CharField(
        _("class when first answered"), max_length=8, choices=Match.MatchClass.choices, blank=True
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered"))

    class Meta:
        verbose_name = _("answer to a match")
        verbose_name_plural = _("answers to matches")
        constraints = [
            models.UniqueConstraint(fields=["match", "organisation"], name="one_answer_per_match_and_side"),
            models.CheckConstraint(
                condition=Q(answer="interested", reason="") | (Q(answer="dismissed") & ~Q(reason="")),
                name="a_dismissal_has_its_reason",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_answer_display())

    @property
    def tone(self) -> str:
        return "ok" if self.answer == self.Answer.INTERESTED else "neutral"
