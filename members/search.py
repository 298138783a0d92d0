"""What of this room the search over all finds: organisations that the reader may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kisu.lib.collation import plain_letters
from kisu.lib.search import Hit, search_source
from members.models import Organisation

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.models import User


def hit(organisation: Organisation) -> Hit:
    place = organisation.municipality
    return Hit(
        title=organisation.name,
        detail=f"{organisation.get_kind_display()} · {place.name}, {place.region.name}",
        url=organisation.get_absolute_url(),
    )


@search_source("organisations", title=_("Organisations"), fields=("name", "plain_name", "business_id"), hit=hit)
def organisations(user: User | AnonymousUser) -> QuerySet[Organisation]:
    found = Organisation.objects.visible_to(user).select_related("municipality__region")
    return found.annotate(plain_name=plain_letters("name"))
