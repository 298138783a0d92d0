from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kisu.lib.dates import today
from kisu.lib.search import Hit, search_source
from symbiosis.models import Listing, Synergy


def _hit(listing: Listing) -> Hit:
    return Hit(
        title=listing.title,
        detail=f"{listing.get_kind_display()} · {listing.organisation} · {listing.municipality}",
        url=listing.get_absolute_url(),
    )


@search_source("symbiosis.listings", title=_("Listings"), fields=("title", "description"), hit=_hit)
def listings(user: Any) -> QuerySet[Listing]:
    return Listing.objects.visible_to(user, on=today()).select_related("organisation", "municipality")


def _synergy_hit(synergy: Synergy) -> Hit:
    return Hit(
        title=synergy.title,
        detail=f"{synergy.giver} → {synergy.receiver} · {synergy.get_stage_display()}",
        url=synergy.get_absolute_url(),
    )


@search_source("symbiosis.synergies", title=_("Synergies"), fields=("title",), hit=_synergy_hit)
def synergies(user: Any) -> QuerySet[Synergy]:
    return (
        Synergy.objects.visible_to(user).select_related("giver", "receiver")
        if user.is_authenticated
        else Synergy.objects.none()
    )
