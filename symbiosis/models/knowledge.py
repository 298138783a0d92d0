"""What the service centre adds to the matcher's knowledge, and the releases that bring it into force.

The files of `symbiosis/matching/data/` are the ground; entries here lie on top of them by the same keys, survive an
upgrade, and can be exported into the files.
"""

from __future__ import annotations

from typing import Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, Value, When
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from symbiosis.models.listing import Listing
from symbiosis.models.match import Match

KEY = 80

Entry = TypeVar("Entry", bound="Added")


class MatchingRelease(models.Model):
    """A version of knowledge and formula: compared with what is published, then released by staff, or dropped.

    `version` is a hash over the files, the formula and the entries in force with it. `counts`: how many matches appear,
    vanish, change class and stay.
    """

    class State(models.TextChoices):
        COMPARING = "comparing", _("Comparing")
        COMPARED = "compared", _("Waits for release")
        RELEASED = "released", _("Released")
        DROPPED = "dropped", _("Dropped")

    version = models.CharField(_("version"), max_length=16)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.COMPARING)
    counts = models.JSONField(_("counts"), default=dict)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by")
    )
    created_at = models.DateTimeField(_("asked"))
    compared_at = models.DateTimeField(_("compared"), null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("released by")
    )
    released_at = models.DateTimeField(_("released"), null=True, blank=True)

    class Meta:
        verbose_name = _("release of the matching")
        verbose_name_plural = _("releases of the matching")
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=Q(state__in=("comparing", "compared")),
                name="one_release_at_a_time_by_state",
            )
        ]

    def __str__(self) -> str:
        return self.version or str(self.State(self.state).label)

    def get_absolute_url(self) -> str:
        return reverse("symbiosis:release_detail", args=[self.pk])

    @property
    def tone(self) -> str:
        return {"comparing": "info", "compared": "watch", "released": "ok", "dropped": "neutral"}[self.state]


class ReleaseDifferenceQuerySet(models.QuerySet["ReleaseDifference"]):
    def of_change(self, change: str) -> Self:
        """appears, vanishes or changes; any other word: all."""
        if change == "appears":
            return self.filter(class_before="")
        if change == "vanishes":
            return self.filter(class_after="")
        return self.exclude(class_before="").exclude(class_after="") if change == "changes" else self


def change_rank() -> Case:
    """0 appears, 1 vanishes, 2 changes class: to order by."""
    appears, vanishes = When(class_before="", then=Value(0)), When(class_after="", then=Value(1))
    return Case(appears, vanishes, default=Value(2), output_field=models.SmallIntegerField())


class ReleaseDifference(models.Model):
    """One pair that a release would change. A class is blank where the pair is not suggested.

    `reasons` are those after it; of a pair that vanishes, those that it was suggested for.
    """

    release = models.ForeignKey(
        MatchingRelease, on_delete=models.CASCADE, related_name="differences", verbose_name=_("release")
    )
    offer = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="+", verbose_name=_("offer"))
    need = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="+", verbose_name=_("need"))
    class_before = models.CharField(_("class before"), max_length=8, choices=Match.MatchClass.choices, blank=True)
    class_after = models.CharField(_("class after"), max_length=8, choices=Match.MatchClass.choices, blank=True)
    reasons = models.JSONField(_("reasons after"), default=list)

    objects = ReleaseDifferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("difference of a release")
        verbose_name_plural = _("differences of a release")
        constraints = [
            models.UniqueConstraint(fields=["release", "offer", "need"], name="one_difference_per_release_and_pair")
        ]

    def __str__(self) -> str:
        return f"{self.offer} → {self.need}: {self.class_before} → {self.class_after}"

    @property
    def change(self) -> str:
        return "appears" if not self.class_before else "changes" if self.class_after else "vanishes"


class AddedQuerySet(models.QuerySet[Entry]):
    def in_force(self) -> Self:
        return self.filter(since__isnull=False, until=None)

    def pending(self) -> Self:
        """What the next release would bring in or take out."""
        return self.filter(Q(since=None) | Q(to_retire=True), until=None)

    def after_next_release(self) -> Self:
        return self.filter(until=None, to_retire=False)


class Added(models.Model):
    """An entry of the service centre: a draft until a release brings it in, in force until a release takes it out."""

    class Standing(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_FORCE = "in_force", _("Added, in force")
        LEAVING = "leaving", _("Goes out at the next release")
        GONE = "gone", _("Taken out")

    since = models.ForeignKey(
        MatchingRelease,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("in force since"),
    )
    until = models.ForeignKey(
        MatchingRelease,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("in force until"),
    )
    to_retire = models.BooleanField(_("is taken out at the next release"), default=False)
    note = models.CharField(_("why"), max_length=300, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added"))

    class Meta:
        abstract = True

    @property
    def standing(self) -> Standing:
        if self.until_id is not None:
            return self.Standing.GONE
        if self.since_id is None:
            return self.Standing.DRAFT
        return self.Standing.LEAVING if self.to_retire else self.Standing.IN_FORCE

    @property
    def tone(self) -> str:
        return {"draft": "watch", "in_force": "ok", "leaving": "watch", "gone": "neutral"}[self.standing]


class AddedMaterial(Added):
    """A material that the files don't have. `broader`: a key of the files or of another added material."""

    class Value(models.TextChoices):
        WASTE = "waste", _("Transport pays some 100 km")
        LOW = "low", _("Transport pays some 200 km")
        MEDIUM = "medium", _("Transport pays some 400 km")
        HIGH = "high", _("Transport pays through the country")

    key = models.SlugField(_("key"), max_length=KEY, unique=True)
    label_fi = models.CharField(_("name in Finnish"), max_length=100)
    label_sv = models.CharField(_("name in Swedish"), max_length=100)
    label_en = models.CharField(_("name in English"), max_length=100)
    broader = models.CharField(_("broader material"), max_length=KEY, blank=True)
    value = models.CharField(_("how far transport pays"), max_length=6, choices=Value.choices, default=Value.LOW)

    objects = AddedQuerySet["AddedMaterial"].as_manager()

    class Meta:
        verbose_name = _("added material")
        verbose_name_plural = _("added materials")

    def __str__(self) -> str:
        return self.label_fi

    @property
    def labels(self) -> dict[str, str]:
        return {"fi": self.label_fi, "sv": self.label_sv, "en": self.label_en}


class AddedUse(Added):
    key = models.SlugField(_("key"), max_length=KEY, unique=True)
    label_fi = models.CharField(_("name in Finnish"), max_length=100)
    label_sv = models.CharField(_("name in Swedish"), max_length=100)
    label_en = models.CharField(_("name in English"), max_length=100)
    broader = models.CharField(_("broader use"), max_length=KEY, blank=True)

    objects = AddedQuerySet["AddedUse"].as_manager()

    class Meta:
        verbose_name = _("added use")
        verbose_name_plural = _("added uses")

    def __str__(self) -> str:
        return self.label_fi

    @property
    def labels(self) -> dict[str, str]:
        return {"fi": self.label_fi, "sv": self.label_sv, "en": self.label_en}


class AddedTerm(Added):
    """A word or words by which people name a material or a use in one language; the pattern as in the files."""

    target = models.CharField(_("material, use or property"), max_length=KEY + 10)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    pattern = models.CharField(_("pattern"), max_length=80)

    objects = AddedQuerySet["AddedTerm"].as_manager()

    class Meta:
        verbose_name = _("added term")
        verbose_name_plural = _("added terms")
        constraints = [
            models.UniqueConstraint(
                fields=["target", "language", "pattern"],
                condition=Q(until=None, to_retire=False),
                name="one_term_per_target_and_pattern",
            )
        ]

    def __str__(self) -> str:
        return self.pattern


class AddedFitness(Added):
    """How well a material serves a use; wins over the files. The reason is said to people as it is written here."""

    class Level(models.IntegerChoices):
        NOT = 0, _("0: does not suit")
        CONCEIVABLE = 1, _("1: conceivable")
        CONDITIONAL = 2, _("2: with a condition")
        USUAL = 3, _("3: usual practice")

    use = models.CharField(_("use"), max_length=KEY)
    material = models.CharField(_("material"), max_length=KEY)
    level = models.SmallIntegerField(_("how well"), choices=Level.choices)
    reason_fi = models.CharField(_("reason in Finnish"), max_length=120, blank=True)
    reason_sv = models.CharField(_("reason in Swedish"), max_length=120, blank=True)
    reason_en = models.CharField(_("reason in English"), max_length=120, blank=True)

    objects = AddedQuerySet["AddedFitness"].as_manager()

    class Meta:
        verbose_name = _("added fitness")
        verbose_name_plural = _("added fitness rows")
        constraints = [
            models.UniqueConstraint(
                fields=["use", "material"],
                condition=Q(until=None, to_retire=False),
                name="one_added_fitness_per_use_and_material",
            )
        ]

    def __str__(self) -> str:
        return f"{self.use} × {self.material}: {self.level}"

    @property
    def reason(self) -> str:
        """In the reader's language, else in the first that has one."""
        own = str(getattr(self, f"reason_{get_language() or 'fi'}", ""))
        return own or self.reason_fi or self.reason_sv or self.reason_en
