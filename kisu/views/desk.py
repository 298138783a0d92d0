"""The desk: where a person starts, by role. What stands on it is in desk_blocks.py and desk_figures.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from kisu.context_processors import desk_of
from kisu.lib import formats
from kisu.lib.dates import business_date
from kisu.views import desk_blocks as blocks
from kisu.views import desk_figures as figures
from kisu.views.desk_blocks import Block
from members.access import requires, signed_in
from members.models import Region, User
from members.permissions import Permission


@dataclass(frozen=True, slots=True)
class Desk:
    """`left` is what to do, `right` what to know; blocks without rows and without a word for that are left out."""

    title: str
    lead: str
    may_post: bool
    left: list[Block]
    right: list[Block]

    @property
    def is_quiet(self) -> bool:
        return not any(block.rows for block in self.left)


@requires(Permission.DASHBOARD)
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    user, name, now = signed_in(request), desk_of(request), timezone.now()
    if name == "steering":
        return redirect("workpackages:steering")
    on = business_date(now)
    made = {"coordinator": _coordinator, "staff": _staff, "comms": _comms}.get(name, _member)(user, on)
    return TemplateResponse(request, "kisu/desk.html", {"desk": made, "on": on})


def _member(user: User, on: date) -> Desk:
    """Who has nothing of their own yet, as experts and new members, sees what others have."""
    left = [blocks.member_tasks(user, on), blocks.matches_to_answer(user, on)]
    own = [blocks.own_listings(user, on), blocks.own_synergies(user, on)]
    if any(block.rows for block in own):
        return _desk(user, on, _("Desk"), left=left, right=own)
    return _desk(
        user,
        on,
        _("Desk"),
        left=[*left, blocks.newest_listings(user, on)],
        right=[blocks.newest_members(user, on), *own],
    )


def _coordinator(user: User, on: date) -> Desk:
    regions = Region.objects.filter(pk__in=user.reach(Permission.LISTING_MODERATE).regions).order_by("code")
    names = [region.name for region in regions]
    title = _("%(region)s today") % {"region": names[0]} if len(names) == 1 else _("Your regions today")
    return _desk(
        user,
        on,
        title,
        left=[blocks.keeper_tasks(user, on), blocks.untouched_matches(user, on), blocks.synergies_adrift(user, on)],
        right=[
            figures.region_figures(user, on),
            figures.funnel(user, on),
            blocks.incoming_messages(user, on),
            blocks.expiring_listings(user, on),
        ],
    )


def _staff(user: User, on: date) -> Desk:
    return _desk(
        user,
        on,
        _("The network today"),
        left=[
            blocks.keeper_tasks(user, on),
            figures.indicators_to_enter(user, on),
            blocks.synergies_adrift(user, on),
            blocks.untouched_matches(user, on),
        ],
        right=[
            figures.counted_indicators(user, on),
            figures.funnel(user, on),
            blocks.incoming_messages(user, on),
            blocks.expiring_listings(user, on),
        ],
    )


def _comms(user: User, on: date) -> Desk:
    return _desk(
        user,
        on,
        _("The network today"),
        left=[figures.communication_indicators(user, on), blocks.newest_listings(user, on)],
        right=[figures.counted_indicators(user, on), blocks.newest_members(user, on)],
    )


def _desk(user: User, on: date, title: str, *, left: Sequence[Block], right: Sequence[Block]) -> Desk:
    sentences = [_("Today is %(day)s.") % {"day": formats.date(on)}]
    tasks = next((block for block in left if block.part == "queue"), None)
    if tasks is not None and tasks.count:
        sentences.append(
            ngettext("One thing waits for you.", "%(number)s things wait for you.", tasks.count)
            % {"number": formats.number(tasks.count)}
        )
        late = sum(task.late for task in tasks.rows)
        if late:
            sentences.append(ngettext("One is late.", "%(number)s are late.", late) % {"number": formats.number(late)})
    return Desk(
        title=title,
        lead=" ".join(sentences),
        may_post=user.may(Permission.LISTING_CREATE),
        left=[block for block in left if block.rows or block.empty],
        right=[block for block in right if block.rows or block.empty],
    )
