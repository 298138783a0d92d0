"""What the portal tells a person: read on the list, and by opening what it is about."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kisu.lib.tables import Column, table_page
from members.access import requires, signed_in, visible_or_404
from members.models import Notification
from members.permissions import Permission
from members.services.notices import mark_read

COLUMNS = [Column("made_at", "", order_by="made_at", numeric=True)]


@requires(Permission.PROFILE)
@require_safe
def notification_list(request: HttpRequest) -> TemplateResponse:
    notices = Notification.objects.visible_to(signed_in(request))
    table = table_page(request, notices, COLUMNS, default="-made_at")
    return TemplateResponse(
        request, "members/notification_list.html", {"table": table, "unread": notices.unread().count()}
    )


@requires(Permission.PROFILE)
@require_POST
def notification_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Marks one notice as read; the button that opens it goes on to what it is about."""
    user = signed_in(request)
    notice = visible_or_404(Notification.objects.visible_to(user), pk=pk)
    mark_read(user=user, now=timezone.now(), notice=notice)
    # The address was written by the portal, but it is data: only a page of ours is gone to.
    if "open" in request.POST and url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None):
        return redirect(notice.url)
    return redirect("members:notification_list")


@requires(Permission.PROFILE)
@require_POST
def notification_read_all(request: HttpRequest) -> HttpResponse:
    mark_read(user=signed_in(request), now=timezone.now())
    messages.success(request, _("All are marked as read."))
    return redirect("members:notification_list")
