"""The outbox: a mail is a row in the same transaction as what caused it, and leaves after commit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.models.user import User
from members.permissions import Permission

CLAIM_LASTS = timedelta(minutes=5)


class MailQuerySet(models.QuerySet["Mail"]):
    def due(self, *, now: datetime) -> Self:
        return self.filter(state=Mail.State.QUEUED, not_before__lte=now)

    def visible_to(self, user: User) -> Self:
        return self if user.may(Permission.JOBS) else self.none()

    def resendable(self) -> Self:
        """What a person may decide to send again."""
        return self.filter(state__in=[Mail.State.FAILED, Mail.State.UNCERTAIN])

    def abandoned(self, *, now: datetime) -> Self:
        """Claimed by a worker that died: nobody knows whether the mail left, so it is not sent again silently."""
        return self.filter(state=Mail.State.CLAIMED, claimed_at__lt=now - CLAIM_LASTS)


class Mail(models.Model):
    """queued → claimed → sent, failed (refused or given up) or uncertain (the sender died in between)."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        CLAIMED = "claimed", _("Sending")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        UNCERTAIN = "uncertain", _("Uncertain")

    recipient = models.EmailField(_("recipient"), max_length=254)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="mails",
        verbose_name=_("user"),
    )
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"), blank=True)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default="fi")
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    error = models.CharField(_("error"), max_length=300, blank=True)
    queued_at = models.DateTimeField(_("queued at"), auto_now_add=True)
    not_before = models.DateTimeField(_("not before"))
    claimed_at = models.DateTimeField(_("claimed at"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("outgoing mail")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="a_sent_mail_has_its_time"
            ),
        ]
        indexes = [models.Index(fields=["state", "not_before"], name="mails_that_are_due")]

    def __str__(self) -> str:
        return self.subject

    @property
    def is_resendable(self) -> bool:
        return self.state in {self.State.FAILED, self.State.UNCERTAIN}

    @property
    def tone(self) -> str:
        return {"queued": "neutral", "claimed": "info", "sent": "ok", "failed": "late", "uncertain": "watch"}[
            self.state
        ]
