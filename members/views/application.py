from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.core.cache import cache
from django.db.models import Case, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from kisu.lib.collation import finnish_order
from kisu.lib.language import name_column
from kisu.lib.tables import Column, filter_chips, table_page
from members.access import public, requires, signed_in, visible_or_404
from members.filters import ApplicationFilter
from members.forms import ApplicationForm, RejectionForm
from members.models import MembershipApplication, Organisation
from members.models.geography import by_municipality
from members.permissions import Permission
from members.services import MembersError
from members.services.organisations import (
    apply_for_membership,
    approve_application,
    reject_application,
    similar_organisations,
)

# Applications an hour from one network: the receipt goes to whatever address is given.
HOURLY = 5
HOUR = 3600  # seconds


@public(why="any organisation may apply to join")
@require_http_methods(["GET", "HEAD", "POST"])
def application_new(request: HttpRequest) -> HttpResponse:
    form = ApplicationForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        members = Organisation.objects.visible_to(request.user).filter(state=Organisation.State.MEMBER)
        alike = [] if form.cleaned_data["name_seen"] == name else similar_organisations(name=name, among=members)
        if _too_many(request):
            form.add_error(None, _("Too many requests. Wait a moment."))
            return TemplateResponse(request, "members/application_new.html", context, status=429)
        try:
            if not alike:
                apply_for_membership(**form.answers, language=get_language() or "fi")
                return redirect("members:application_sent")
            form.data = request.POST.copy()
            form.data["name_seen"] = name
            context["alike"] = alike
        except MembersError as error:
            form.add_error("business_id", str(error))
    return TemplateResponse(request, "members/application_new.html", context)


def _too_many(request: HttpRequest) -> bool:
    key = f"applications:{get_adapter().get_client_ip(request)}"
    cache.add(key, 0, HOUR)
    try:
        return int(cache.incr(key)) > HOURLY
    except ValueError:  # the hour ended between the two lines
        return False


@public(why="says that the application left; names nobody")
@require_safe
def application_sent(request: HttpRequest) -> TemplateResponse:
    return TemplateResponse(request, "members/application_sent.html")


def application_columns() -> list[Column]:
    return [
        Column("name", gettext_lazy("Organisation"), order_by=finnish_order("name")),
        Column("kind", gettext_lazy("Kind"), order_by="kind"),
        Column("municipality", gettext_lazy("Municipality"), order_by=by_municipality("municipality__")),
        Column("region", gettext_lazy("Region"), order_by=finnish_order(f"municipality__region__{name_column()}")),
        Column("submitted_at", gettext_lazy("Submitted"), order_by="submitted_at", numeric=True),
        Column("state", gettext_lazy("State"), order_by="state"),
    ]


@requires(Permission.APPLICATION_DECIDE)
@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def application_list(request: HttpRequest) -> HttpResponseBase:
    """Those that wait first, the oldest of them first."""
    applications = MembershipApplication.objects.visible_to(signed_in(request))
    found = ApplicationFilter(
        request.GET, queryset=applications.select_related("municipality__region"), request=request
    )
    waiting_first = Case(When(state=MembershipApplication.State.SUBMITTED, then=Value(0)), default=Value(1))
    table = table_page(request, found.qs, application_columns(), default=(waiting_first, "submitted_at"))
    part = "#results" if request.headers.get("HX-Target") == "results" else ""
    return TemplateResponse(
        request,
        f"members/application_list.html{part}",
        {
            "table": table,
            "filter": found,
            "chips": filter_chips(request, found.form),
            "waiting": applications.open().count(),
        },
    )


@requires(Permission.APPLICATION_DECIDE)
@require_safe
def application_detail(request: HttpRequest, pk: int) -> TemplateResponse:
    user = signed_in(request)
    application = _application(request, pk)
    register = Organisation.objects.visible_to(user).select_related("municipality__region")
    same = register.filter(business_id=application.business_id).first()
    alike = similar_organisations(name=application.name, among=register)
    return TemplateResponse(
        request,
        "members/application_detail.html",
        {
            "application": application,
            "same": same,
            "alike": [organisation for organisation in alike if organisation != same],
            "waits": application.state == MembershipApplication.State.SUBMITTED,
        },
    )


@requires(Permission.APPLICATION_DECIDE)
@require_POST
def application_approve(request: HttpRequest, pk: int) -> HttpResponse:
    application = _application(request, pk)
    try:
        approve_application(by=signed_in(request), application=application, now=timezone.now())
    except MembersError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, _("Approved. We sent an invitation to %(email)s.") % {"email": application.contact_email}
        )
    return redirect(application)


@requires(Permission.APPLICATION_DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def application_reject(request: HttpRequest, pk: int) -> HttpResponse:
    application = _application(request, pk)
    form = RejectionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            reject_application(by=signed_in(request), application=application, now=timezone.now(), **form.cleaned_data)
        except MembersError as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request, _("Rejected. We sent the reason to %(email)s.") % {"email": application.contact_email}
            )
        return redirect(application)
    return TemplateResponse(request, "members/application_reject.html", {"form": form, "application": application})


def _application(request: HttpRequest, pk: int) -> MembershipApplication:
    applications = MembershipApplication.objects.visible_to(signed_in(request))
    return visible_or_404(
        applications.select_related("municipality__region", "industry", "organisation", "decided_by__person"), pk=pk
    )
