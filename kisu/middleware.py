"""What every request passes, of no room's own."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

from kisu.lib import logs

Handler = Callable[[HttpRequest], HttpResponseBase]
GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,32}")


def request_id(get_response: Handler) -> Handler:
    """An id for the request's log lines and audit rows: the proxy's when it gives a sane one, else our own."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-Id", "")
        value = given if GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
        token = logs.request_id.set(value)
        try:
            response = get_response(request)
        finally:
            logs.request_id.reset(token)
        response.headers["X-Request-Id"] = value
        return response

    return middleware


def language(get_response: Handler) -> Handler:
    """The language of the cookie, or Finnish. The browser's wish is not asked: the portal is Finnish first."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        wanted = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        code = wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        translation.activate(code)
        request.LANGUAGE_CODE = code
        response = get_response(request)
        response.headers.setdefault("Content-Language", code)
        patch_vary_headers(response, ["Cookie"])
        return response

    return middleware


def no_shared_cache(get_response: Handler) -> Handler:
    """Pages of a signed-in person are nobody else's, not even a proxy's or the Back button's after sign-out."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.user.is_authenticated:
            response.headers["Cache-Control"] = "private, no-store"
        return response

    return middleware
