from kisu.views.calendar import calendar
from kisu.views.choices import set_desk, set_language, set_theme
from kisu.views.desk import desk
from kisu.views.errors import bad_request, csrf_failure, page_not_found, permission_denied, server_error
from kisu.views.front import about, accessibility, home, privacy, robots, terms
from kisu.views.health import csp_report, livez, readyz
from kisu.views.search import search

__all__ = [
    "about",
    "accessibility",
    "bad_request",
    "calendar",
    "csp_report",
    "csrf_failure",
    "desk",
    "home",
    "livez",
    "page_not_found",
    "permission_denied",
    "privacy",
    "readyz",
    "robots",
    "search",
    "server_error",
    "set_desk",
    "set_language",
    "set_theme",
    "terms",
]
