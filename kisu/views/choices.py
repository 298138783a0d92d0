"""What a person chooses for the own browser: language, look, desk. Cookies only, so visitors can choose too."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from kisu.context_processors import DESK_COOKIE, THEME_COOKIE, desks_of
from members.access import public, requires, signed_in
from members.permissions import Permission


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """To the page that the form stood on, never off the site."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if safe else "/")


def _keep(response: HttpResponse, name: str, value: str) -> HttpResponse:
    response.set_cookie(
        name, value, max_age=settings.LANGUAGE_COOKIE_AGE, secure=settings.HTTPS, httponly=True, samesite="Lax"
    )
    return response


@public(why="visitors choose their language too")
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    response = _back(request)
    wanted = request.POST.get("language", "")
    return _keep(response, settings.LANGUAGE_COOKIE_NAME, wanted) if wanted in dict(settings.LANGUAGES) else response


@public(why="visitors choose their look too")
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    response = _back(request)
    wanted = request.POST.get("theme", "")
    if wanted in {"light", "dark"}:
        return _keep(response, THEME_COOKIE, wanted)
    response.delete_cookie(THEME_COOKIE)
    return response


@requires(Permission.DASHBOARD)
@require_POST
def set_desk(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("desk", "")
    response: HttpResponse = HttpResponseRedirect("/tyopoyta/")
    return _keep(response, DESK_COOKIE, wanted) if wanted in desks_of(signed_in(request)) else response
