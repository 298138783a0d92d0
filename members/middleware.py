"""What stands between every request and the views of people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kisu.lib.logs import scrub
from members.models import User
from members.permissions import SECOND_FACTOR_ROLES
from members.services.audit import record_refusal

Handler = Callable[[HttpRequest], HttpResponseBase]

# Keys of the session, in seconds since 1970; members/adapters.py writes the first at sign-in.
SIGNED_IN, SEEN = "signed_in_at", "seen_at"
# Who reads others' data signs in every day, and again after a long lunch.
LONGEST = {True: timedelta(hours=12), False: timedelta(days=14)}
LONGEST_IDLE = timedelta(hours=3)
SEEN_EVERY = timedelta(minutes=5)  # not at each request: each is a write


def refusals(get_response: Handler) -> Handler:
    """One audit row for each refused request to a page that exists: 403, a 404 that hides, a stranger sent away."""
    login_path = reverse(settings.LOGIN_URL)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        # An address that no pattern knows is a bot's walk, not an act: the web server's log has it.
        if request.resolver_match is None:
            return response
        sent_to_login = (
            response.status_code == 302
            and request.user.is_anonymous
            and response.get("Location", "").startswith(f"{login_path}?{REDIRECT_FIELD_NAME}=")
        )
        if response.status_code in {403, 404} or sent_to_login:
            user = request.user if request.user.is_authenticated else None
            # An old invitation's key is nobody's reading.
            path = scrub(request.path)
            record_refusal(by=user, method=request.method or "", path=path, status=response.status_code)
        return response

    return middleware


class OneDoor(LoginRequiredMiddleware):
    """Strangers are sent to the portal's sign-in, also from the administration, and come back."""

    def get_login_url(self, view_func: object) -> str:
        return reverse(settings.LOGIN_URL)


def allowed_methods(get_response: Handler) -> Handler:
    """The portal knows GET, HEAD and POST. Everything else is 405 everywhere, before any view can misread it."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD", "POST"}:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        return get_response(request)

    return middleware


def session_ages(get_response: Handler) -> Handler:
    """Ends sessions that are too old: with a role that needs a second factor 12 h, or 3 h unused; others 14 days."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated and _is_over(request, request.user, timezone.now()):
            logout(request)
            messages.info(request, _("Your session has ended. Sign in again."))
        return get_response(request)

    def _is_over(request: HttpRequest, user: User, now: datetime) -> bool:
        # A session that was not opened by the portal's sign-in is as old as the last sign-in.
        opened = request.session.get(SIGNED_IN) or (user.last_login or now).timestamp()
        strict = bool(user.roles & SECOND_FACTOR_ROLES)
        if now.timestamp() - opened > LONGEST[strict].total_seconds():
            return True
        if strict:
            idle = now.timestamp() - request.session.get(SEEN, opened)
            if idle > LONGEST_IDLE.total_seconds():
                return True
            if idle > SEEN_EVERY.total_seconds():
                request.session[SIGNED_IN], request.session[SEEN] = opened, now.timestamp()
        return False

    return middleware


def second_factor(get_response: Handler) -> Handler:
    """Roles that need a second factor do nothing without one but set it up or sign out."""
    from allauth.mfa.utils import is_mfa_enabled

    open_to_all = ("mfa_", "account_logout", "account_reauthenticate", "set_language", "set_theme", "livez", "readyz")

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if (
            settings.REQUIRE_SECOND_FACTOR
            and request.user.is_authenticated
            and request.user.roles & SECOND_FACTOR_ROLES
        ):
            return _without_factor(request) or get_response(request)
        return get_response(request)

    def _without_factor(request: HttpRequest) -> HttpResponse | None:
        try:
            name = resolve(request.path_info).url_name or ""
        except Resolver404:
            return None
        if name.startswith(open_to_all) or is_mfa_enabled(request.user):
            return None
        messages.warning(request, _("Your role needs two-factor authentication. Set it up."))
        return redirect("mfa_activate_totp")

    return middleware
