"""What the shell of every page needs: navigation by role, desk, language, theme, notices."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from members.card import card_of
from members.models import User
from members.permissions import Permission, Role

THEME_COOKIE = "kisu_theme"
DESK_COOKIE = "kisu_desk"

# Which desks a role opens; where a person holds several roles, the first of theirs in this order is the start.
DESKS: dict[str, frozenset[Role]] = {
    "staff": frozenset({Role.STAFF, Role.SUPERUSER, Role.WP_LEAD}),
    "coordinator": frozenset({Role.COORDINATOR}),
    "steering": frozenset({Role.STEERING}),
    "comms": frozenset({Role.COMMS}),
    "member": frozenset({Role.MEMBER, Role.ORG_ADMIN, Role.EXPERT}),
}
# What a page of the navigation asks for; all others are open to whoever holds a role.
NEEDS = {
    "symbiosis:match_list": Permission.MATCH_READ,
    "symbiosis:synergy_list": Permission.SYNERGY_READ,
    "symbiosis:enquiry_list": Permission.ENQUIRY,
    "members:application_list": Permission.APPLICATION_DECIDE,
    "members:my_organisation": Permission.ORGANISATION_PEOPLE,
    "workpackages:steering": Permission.STEERING_VIEW,
}
DENSE = frozenset({"staff", "coordinator", "steering", "comms"})


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str
    current: bool = False
    count: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    key: str
    label: str
    current: bool


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    links: list[Link]


@dataclass(frozen=True, slots=True)
class Shell:
    desk: str
    dense: bool
    theme: str
    nav: list[Link]
    languages: list[Choice]
    footer: list[Group]
    is_demo: bool
    contact_email: str
    desks: list[Choice] = field(default_factory=list)
    notices: int = 0
    person_label: str = ""
    organisation_label: str = ""
    person_menu: list[Link] = field(default_factory=list)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Lazy: error pages and partials that don't draw the shell don't pay for it."""
    return {"shell": SimpleLazyObject(lambda: build_shell(request))}


def desks_of(user: User) -> list[str]:
    return [desk for desk, roles in DESKS.items() if roles & user.roles]


def desk_of(request: HttpRequest) -> str:
    """The desk whose navigation is shown. Rights don't depend on it: they are the union of the roles."""
    if not request.user.is_authenticated:
        return "visitor"
    desks = desks_of(request.user)
    wanted = request.COOKIES.get(DESK_COOKIE, "")
    return wanted if wanted in desks else desks[0] if desks else "member"


def build_shell(request: HttpRequest) -> Shell:
    desk = desk_of(request)
    theme = request.COOKIES.get(THEME_COOKIE, "")
    language = get_language()
    frame: dict[str, Any] = {
        "desk": desk,
        "dense": desk in DENSE,
        "theme": theme if theme in {"light", "dark"} else "",
        "nav": [_link(request, label, name) for label, name in navigation(desk, request.user)],
        "languages": [Choice(key=code, label=name, current=code == language) for code, name in settings.LANGUAGES],
        "footer": _footer(),
        "is_demo": settings.LOCAL,
        "contact_email": settings.CONTACT_EMAIL,
    }
    if not request.user.is_authenticated:
        return Shell(**frame)
    user = request.user
    card = card_of(user)
    return Shell(
        **frame,
        desks=[Choice(key=key, label=_desk_label(key), current=key == desk) for key in desks_of(user)],
        notices=card.unread,
        person_label=card.name or user.email,
        organisation_label=card.organisation or _role_label(user),
        person_menu=_person_menu(request, user),
    )


def navigation(desk: str, user: User | AnonymousUser) -> list[tuple[str, str]]:
    """(label, URL name): at most seven, only rooms that exist, and none that would answer this user with a refusal."""
    listings, indicators = (_("Listings"), "symbiosis:listing_list"), (_("Indicators"), "workpackages:indicator_list")
    members = (_("Members"), "members:organisation_list")
    here = (_("Desk"), "desk")
    packages = (_("Work packages"), "workpackages:package_list")
    matches, synergies = (_("Matches"), "symbiosis:match_list"), (_("Synergies"), "symbiosis:synergy_list")
    messages = (_("Messages"), "symbiosis:enquiry_list")
    links = {
        "visitor": [listings, members, indicators, (_("About the network"), "about")],
        "member": [
            *[here, listings, matches, messages, members, indicators],
            (_("My organisation"), "members:my_organisation"),
        ],
        "coordinator": [
            *[here, listings, matches, synergies, messages],
            (_("Organisations"), "members:organisation_list"),
            (_("Figures"), "workpackages:indicator_list"),
        ],
        "staff": [
            here,
            (_("Network"), "members:organisation_list"),
            (_("Applications"), "members:application_list"),
            *[listings, synergies, packages, indicators],
        ],
        "steering": [(_("Situation"), "workpackages:steering"), indicators, packages, members],
        "comms": [here, indicators, members, listings],
    }[desk]
    return [link for link in links if link[1] not in NEEDS or (user.is_authenticated and user.may(NEEDS[link[1]]))]


def _link(request: HttpRequest, label: str, name: str) -> Link:
    url = _address(name)
    current = request.path == url or (url.count("/") > 1 and request.path.startswith(url))
    return Link(label=label, url=url, current=current)


@cache
def _address(name: str) -> str:
    """Some 25 addresses stand in the frame of every page, the same ones for as long as the process lives."""
    return reverse(name)


def _desk_label(desk: str) -> str:
    return {
        "staff": _("Service centre"),
        "coordinator": _("Regional coordinator"),
        "steering": _("Steering group"),
        "comms": _("Communication"),
        "member": _("Member"),
    }[desk]


def _role_label(user: User) -> str:
    if user.grants:
        grant = user.grants[0]
        return grant.scope_label or str(grant.get_role_display())
    return _("Administrator") if user.is_superuser else ""


def _person_menu(request: HttpRequest, user: User) -> list[Link]:
    menu = [
        (_("My profile"), "members:profile", True),
        (_("Calendar"), "calendar", user.may(Permission.DASHBOARD)),
        (_("Matches"), "symbiosis:match_list", user.reach(Permission.MATCH_READ).everything),
        (_("Messages"), "symbiosis:enquiry_list", user.reach(Permission.ENQUIRY).everything),
        (_("Readings of listings"), "symbiosis:reading_list", user.may(Permission.KNOWLEDGE)),
        (_("Knowledge base"), "symbiosis:knowledge_material_list", user.may(Permission.KNOWLEDGE)),
        (_("Steering view"), "workpackages:steering", user.may(Permission.STEERING_VIEW)),
        (_("Applications"), "members:application_list", user.may(Permission.APPLICATION_DECIDE)),
        (_("Accounts and roles"), "members:user_list", user.may(Permission.USER_READ)),
        (_("Jobs"), "members:job_list", user.may(Permission.JOBS)),
        (_("Audit log"), "members:audit_list", user.may(Permission.AUDIT_READ)),
        (_("Administration"), "admin:index", user.may(Permission.ADMIN)),
    ]
    return [_link(request, label, name) for label, name, allowed in menu if allowed]


def _footer() -> list[Group]:
    def links(*pairs: tuple[str, str]) -> list[Link]:
        return [Link(label=label, url=_address(name)) for label, name in pairs]

    return [
        Group(
            pgettext("footer", "Network"),
            links(
                (_("About the network"), "about"),
                (_("Join the network"), "members:application_new"),
                (_("Members"), "members:organisation_list"),
            ),
        ),
        Group(
            pgettext("footer", "Information"),
            links((_("Listings"), "symbiosis:listing_list"), (_("Indicators"), "workpackages:indicator_list")),
        ),
        Group(
            pgettext("footer", "This service"),
            links(
                (_("Accessibility statement"), "accessibility"),
                (_("Privacy notice"), "privacy"),
                (_("Terms of use"), "terms"),
            ),
        ),
    ]
