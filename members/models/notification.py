"""Notices: what the portal tells a person when they come."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from kisu.lib.jobs import job_title
from members.models.user import User


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(user=user)

    def unread(self) -> Self:
        return self.filter(read_at=None)


class Notification(models.Model):
    """A kind with its parameters, so that it is read in the language that the reader has then."""

    class Kind(models.TextChoices):
        MATCH_FOUND = "match_found", _("New match")
        INTEREST_SHOWN = "interest_shown", _("The other side is interested")
        ENQUIRY_RECEIVED = "enquiry_received", _("New message")
        LISTING_TO_REVIEW = "listing_to_review", _("Listing to review")
        LISTING_APPROVED = "listing_approved", _("Your listing was published")
        LISTING_REJECTED = "listing_rejected", _("Your listing was not published")
        LISTING_EXPIRING = "listing_expiring", _("Your listing expires soon")
        APPLICATION_RECEIVED = "application_received", _("New membership application")
        SYNERGY_MOVED = "synergy_moved", _("A synergy moved on")
        MATCHING_COMPARED = "matching_compared", _("A comparison of the matching is ready")
        JOB_PARKED = "job_parked", _("A job failed three times")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications", verbose_name=_("user")
    )
    kind = models.CharField(_("kind"), max_length=24, choices=Kind.choices)
    params = models.JSONField(_("details"), default=dict)
    url = models.CharField(_("page"), max_length=200)
    made_at = models.DateTimeField(_("made"), auto_now_add=True)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = [models.Index(fields=["user", "read_at"], name="notices_of_a_person")]

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        title = self.params["title"]
        return f"{self.get_kind_display()}: {job_title(title) if self.kind == self.Kind.JOB_PARKED else title}"
