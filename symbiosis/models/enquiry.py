"""Enquiries: the contact that the portal opens between two organisations. Addresses stay hidden."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.models import Organisation, User
from members.permissions import Permission
from symbiosis.models.listing import Listing
from symbiosis.models.match import Match


class EnquiryQuerySet(models.QuerySet["Enquiry"]):
    def visible_to(self, user: User) -> Self:
        """Threads of the own organisations; coordinators and staff see those that they wrote in or were invited to."""
        organisations = user.reach(Permission.ENQUIRY).organisations
        return self.filter(
            Q(sender__in=organisations)
            | Q(listing__organisation__in=organisations)
            | Q(opened_by=user.pk)
            | Q(messages__author=user.pk)
        ).distinct()


class Enquiry(models.Model):
    """A thread about a listing, from one organisation (or the coordinator for it) to the listing's owner."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ANSWERED = "answered", _("Answered")
        CLOSED = "closed", _("Closed")

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="enquiries", verbose_name=_("listing"))
    match = models.ForeignKey(
        Match, on_delete=models.SET_NULL, null=True, blank=True, related_name="enquiries", verbose_name=_("match")
    )
    sender = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="enquiries_sent", verbose_name=_("from organisation")
    )
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("opened by")
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField(_("opened"), auto_now_add=True)

    objects = EnquiryQuerySet.as_manager()

    class Meta:
        verbose_name = _("enquiry")
        verbose_name_plural = _("enquiries")
        constraints = [
            models.UniqueConstraint(
                fields=["listing", "sender"], condition=~Q(state="closed"), name="one_open_enquiry_per_listing_and_sender"
            ),
        ]

    def __str__(self) -> str:
        return self.listing.title

    def get_absolute_url(self) -> str:
        return reverse("symbiosis:enquiry_detail", args=[self.pk])

    @property
    def tone(self) -> str:
        return {"open": "watch", "answered": "ok", "closed": "neutral"}[self.state]


class Message(models.Model):
    """One message of a thread; `organisation` is the side that speaks, None for the service centre or a coordinator."""

    enquiry = models.ForeignKey(Enquiry, on_delete=models.CASCADE, related_name="messages", verbose_name=_("enquiry"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="messages", verbose_name=_("author")
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("organisation")
    )
    text = models.TextField(_("message"), max_length=4000)
    sent_at = models.DateTimeField(_("sent"), auto_now_add=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")

    def __str__(self) -> str:
        return str(self.pk)
