"""What of this room a person may find by a word."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kisu.lib.search import Hit, search_source
from members.permissions import Permission
from workpackages.models import Indicator, WorkPackage

NAMES = ("name_fi", "name_sv", "name_en")


def _package_hit(package: Any) -> Hit:
    return Hit(title=str(package), detail=package.summary, url=package.get_absolute_url())


@search_source(
    "packages", title=_("Work packages"), fields=(*NAMES, "summary_fi", "summary_sv", "summary_en"), hit=_package_hit
)
def packages(user: Any) -> QuerySet[WorkPackage]:
    """The plan is for those who sign in."""
    if user.is_anonymous or not user.may(Permission.DASHBOARD):
        return WorkPackage.objects.none()
    return WorkPackage.objects.all()


def _indicator_hit(indicator: Any) -> Hit:
    return Hit(title=indicator.name, detail=indicator.definition, url=indicator.get_absolute_url())


@search_source("indicators", title=_("Indicators"), fields=NAMES, hit=_indicator_hit)
def indicators(user: Any) -> QuerySet[Indicator]:
    return Indicator.objects.all()
