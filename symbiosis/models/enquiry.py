"""Enquiries: the contact that the portal opens between two organisations. Addresses stay hidden."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kisu.lib.dates import business_date
from members.models import Organisation, RoleGrant, User
from members.permissions import Permission
from symbiosis.models.listing import Listing
from symbiosis.models.match import Match


class EnquiryQuerySet(models.QuerySet["Enquiry"]):
    def visible_to(self, user: User) -> Self:
        """Threads of the own organisations. Coordinators, staff and experts see those that they opened or wrote in: the
        rest of the region's post is not theirs (docs/roles.md, 10). But what is written about a listing that a
        coordinator has posted, or to an organisation that has nobody in the portal, nobody else would answer.
        """
        reach = user.reach(Permission.ENQUIRY)
        seen = Q(sender__in=reach.organisations) | Q(listing__organisation__in=reach.organisations)
        if reach.everything or reach.regions or reach.own:
            wrote = Message.objects.filter(enquiry=OuterRef("pk"), author=user.pk)
            seen |= Q(opened_by=user.pk) | Q(Exists(wrote))
        if reach.everything or reach.regions:
            grants = RoleGrant.objects.in_force(on=business_date(timezone.now()))
            unmanned = ~Exists(grants.filter(organisation=OuterRef("listing__organisation")))
            here = Q() if reach.everything else Q(listing__organisation__municipality__region__in=reach.regions)
            seen |= Q(listing__created_by=user.pk) | (here & Q(unmanned))
        return self.filter(seen)

    def unclosed(self) -> Self:
        return self.exclude(state=Enquiry.State.CLOSED)

    def waiting_for(self, user: User) -> Self:
        """Those that the user sees, open, whose last word is another side's."""
        last = Message.objects.filter(enquiry=OuterRef("pk")).order_by("-sent_at", "-pk")
        threads = (
            self.visible_to(user)
            .unclosed()
            .annotate(
                last_author=Subquery(last.values("author")[:1]), last_side=Subquery(last.values("organisation")[:1])
            )
        )
        own = user.reach(Permission.ENQUIRY).organisations
        return threads.filter(Q(last_side=None) | ~Q(last_side__in=own)).filter(
            Q(last_author=None) | ~Q(last_author=user.pk)
        )

    def with_last_message(self) -> Self:
        last = Message.objects.filter(enquiry=OuterRef("pk")).order_by("-sent_at", "-pk")
        return self.annotate(
            last_at=Subquery(last.values("sent_at")[:1]),
            last_speaker_name=Subquery(last.values("organisation__name")[:1]),
            messages_count=Count("messages", distinct=True),
        )


class Enquiry(models.Model):
    """A thread about a listing, from one organisation (or the coordinator for it) to the listing's owner."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ANSWERED = "answered", _("Answered")
        CLOSED = "closed", pgettext_lazy("enquiry", "Closed")

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
                fields=["listing", "sender"],
                condition=~Q(state="closed"),
                name="one_open_enquiry_per_listing_and_sender",
            ),
        ]

    def __str__(self) -> str:
        return self.listing.title

    def get_absolute_url(self) -> str:
        return reverse("symbiosis:enquiry_detail", args=[self.pk])

    @property
    def tone(self) -> str:
        return {"open": "watch", "answered": "ok", "closed": "neutral"}[self.state]

    @property
    def is_closed(self) -> bool:
        return self.state == self.State.CLOSED

    @property
    def parties(self) -> tuple[Organisation, Organisation]:
        """Who asked, and whose listing it is."""
        return self.sender, self.listing.organisation


class Message(models.Model):
    """One message of a thread; `organisation` is the side that speaks, None for the service centre or a coordinator."""

    enquiry = models.ForeignKey(Enquiry, on_delete=models.CASCADE, related_name="messages", verbose_name=_("enquiry"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="messages",
        verbose_name=_("author"),
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
