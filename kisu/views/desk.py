"""The desk: where a person starts, by role; and the calendar of all rooms."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from members.access import requires
from members.permissions import Permission


@requires(Permission.DASHBOARD)
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "kisu/desk.html")


@requires(Permission.DASHBOARD)
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "kisu/calendar.html")
