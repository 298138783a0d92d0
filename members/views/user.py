from __future__ import annotations

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from kisu.lib.collation import finnish_order
from kisu.lib.dates import today
from kisu.lib.tables import Column, filter_chips, table_page
from members.access import requires, signed_in, visible_or_404
from members.filters import UserFilter
from members.forms import RoleForm
from members.models import RoleGrant, User
from members.permissions import Permission
from members.services import MembersError
from members.services.people import disable_user, enable_user, end_role, grant_role, read_account
from members.views.history import history_of
from members.views.identity import confirm_identity


def user_columns() -> list[Column]:
    return [
        Column("name", gettext_lazy("Name"), order_by=finnish_order("person__name")),
        Column("email", gettext_lazy("E-mail"), order_by="email"),
        Column("roles", gettext_lazy("Roles today")),
        Column("last_login", gettext_lazy("Last sign-in"), order_by="last_login", numeric=True),
        Column("state", gettext_lazy("Account"), order_by="is_active"),
    ]


@requires(Permission.USER_READ)
@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def user_list(request: HttpRequest) -> HttpResponseBase:
    on = today()
    roles = RoleGrant.objects.in_force(on=on).select_related("organisation", "region").order_by("role", "pk")
    accounts = User.objects.visible_to(signed_in(request)).select_related("person")
    accounts = accounts.prefetch_related(Prefetch("role_grants", queryset=roles, to_attr="roles_today"))
    found = UserFilter(request.GET, queryset=accounts, request=request)
    table = table_page(request, found.qs, user_columns(), default="name")
    part = "#results" if request.headers.get("HX-Target") == "results" else ""
    return TemplateResponse(
        request,
        f"members/user_list.html{part}",
        {"table": table, "filter": found, "chips": filter_chips(request, found.form)},
    )


@requires(Permission.USER_READ)
@require_safe
def user_detail(request: HttpRequest, pk: int) -> TemplateResponse:
    user, account = signed_in(request), _account(request, pk)
    on = today()
    read_account(by=user, account=account)
    grants = account.role_grants.select_related("organisation", "region", "granted_by__person")
    return TemplateResponse(
        request,
        "members/user_detail.html",
        {
            "account": account,
            "current": [grant for grant in grants.order_by("role", "pk") if not _ended(grant)],
            "ended": [grant for grant in grants.order_by("-ends_on", "pk") if _ended(grant)],
            "affiliations": account.person.affiliations.in_force(on=on).select_related("organisation").order_by("pk")
            if hasattr(account, "person")
            else [],
            "sessions": UserSession.objects.filter(user=account).count(),
            "second_factor": is_mfa_enabled(account),
            "history": history_of(account, user=user),
            "own": account == user,
        },
    )


def _ended(grant: RoleGrant) -> bool:
    return grant.ends_on is not None and grant.ends_on < today()


@requires(Permission.ROLE_GRANT)
@require_http_methods(["GET", "HEAD", "POST"])
def role_new(request: HttpRequest, pk: int) -> HttpResponse:
    user, account = signed_in(request), _account(request, pk)
    confirm_identity(request)
    form = RoleForm(request.POST if request.method == "POST" else None, by=user)
    if request.method == "POST" and form.is_valid():
        try:
            grant = grant_role(by=user, user=account, **form.cleaned_data)
        except MembersError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Role granted: %(role)s") % {"role": grant})
            return redirect("members:user_detail", pk=account.pk)
    return TemplateResponse(request, "members/role_new.html", {"form": form, "account": account})


@requires(Permission.ROLE_GRANT)
@require_POST
def role_end(request: HttpRequest, pk: int, grant_pk: int) -> HttpResponse:
    account = _account(request, pk)
    grant = visible_or_404(account.role_grants.select_related("organisation", "region", "user"), pk=grant_pk)
    confirm_identity(request)
    try:
        end_role(by=signed_in(request), grant=grant, now=timezone.now())
    except MembersError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Role ended: %(role)s") % {"role": grant})
    return redirect("members:user_detail", pk=account.pk)


@requires(Permission.ROLE_GRANT)
@require_POST
def user_disable(request: HttpRequest, pk: int) -> HttpResponse:
    account = _account(request, pk)
    confirm_identity(request)
    try:
        disable_user(by=signed_in(request), user=account)
    except MembersError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The account was disabled. Its sessions ended."))
    return redirect("members:user_detail", pk=account.pk)


@requires(Permission.ROLE_GRANT)
@require_POST
def user_enable(request: HttpRequest, pk: int) -> HttpResponse:
    account = _account(request, pk)
    confirm_identity(request)
    try:
        enable_user(by=signed_in(request), user=account)
    except MembersError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The account may sign in again."))
    return redirect("members:user_detail", pk=account.pk)


def _account(request: HttpRequest, pk: int) -> User:
    accounts: QuerySet[User] = User.objects.visible_to(signed_in(request)).select_related("person")
    return visible_or_404(accounts, pk=pk)
