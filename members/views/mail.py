"""Outgoing mail as staff see it: to whom, when and how it went, never the text."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from kisu.lib.tables import Column, filter_chips, table_page
from members.access import requires, signed_in, visible_or_404
from members.filters import MailFilter
from members.models import Mail
from members.permissions import Permission
from members.services.mail import resend

COLUMNS = [
    Column("recipient", gettext_lazy("Recipient"), order_by="recipient"),
    Column("state", gettext_lazy("State"), order_by="state"),
    Column("queued_at", gettext_lazy("Written"), order_by="queued_at", numeric=True),
    Column("sent_at", gettext_lazy("Sent"), order_by="sent_at", numeric=True),
    Column("again", gettext_lazy("Actions")),
]


@requires(Permission.JOBS)
@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def mail_list(request: HttpRequest) -> HttpResponseBase:
    mails = Mail.objects.visible_to(signed_in(request)).defer("text", "html")
    found = MailFilter(request.GET, queryset=mails, request=request)
    part = "#results" if request.headers.get("HX-Target") == "results" else ""
    return TemplateResponse(
        request,
        f"members/mail_list.html{part}",
        {
            "table": table_page(request, found.qs, COLUMNS, default="-queued_at"),
            "filter": found,
            "chips": filter_chips(request, found.form),
        },
    )


@requires(Permission.JOBS)
@require_http_methods(["GET", "HEAD", "POST"])
def mail_resend(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    mail = visible_or_404(Mail.objects.visible_to(user).defer("text", "html"), pk=pk)
    if request.method != "POST":
        return TemplateResponse(request, "members/mail_resend.html", {"mail": mail})
    if resend(by=user, mail=mail, now=timezone.now()):
        messages.success(request, _("The e-mail was put in the queue again."))
    else:
        messages.error(request, _("Only a failed or uncertain e-mail can be sent again."))
    return redirect("members:mail_list")
