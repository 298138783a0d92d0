"""What stands between every request and the views of people."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse

from members.permissions import SECOND_FACTOR_ROLES
from members.services.audit import record_refusal

Handler = Callable[[HttpRequest], HttpResponseBase]


def refusals(get_response: Handler) -> Handler:
    """One audit row for each refused request to a page that exists: 403, 404 that hides, or a stranger sent to sign in."""
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
            record_refusal(by=user, method=request.method or "", path=request.path, status=response.status_code)
        return response

    return middleware


def allowed_methods(get_response: Handler) -> Handler:
    """The portal knows GET, HEAD and POST. Everything else is 405 everywhere, before any view can misread it."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD", "POST"}:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        return get_response(request)

    return middleware


def second_factor(get_response: Handler) -> Handler:
    """Roles that need a second factor do nothing without one but set it up or sign out."""
    from allauth.mfa.utils import is_mfa_enabled

    open_to_all = ("mfa_", "account_logout", "account_reauthenticate", "set_language", "set_theme", "livez", "readyz")

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if settings.REQUIRE_SECOND_FACTOR and request.user.is_authenticated and request.user.roles & SECOND_FACTOR_ROLES:
            return _without_factor(request) or get_response(request)
        return get_response(request)

    def _without_factor(request: HttpRequest) -> HttpResponse | None:
        from django.urls import Resolver404, resolve

        try:
            name = resolve(request.path_info).url_name or ""
        except Resolver404:
            return None
        if name.startswith(open_to_all) or is_mfa_enabled(request.user):
            return None
        return redirect("mfa_activate_totp")

    return middleware
