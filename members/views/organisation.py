from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from kisu.lib.collation import finnish_order
from kisu.lib.language import name_column
from kisu.lib.tables import Column, filter_chips, table_page
from members.access import editable_or_403, public, requires, signed_in, visible_or_404
from members.filters import OrganisationFilter, RegisterFilter
from members.forms import OrganisationForm
from members.models import Organisation
from members.models.geography import by_municipality
from members.permissions import Permission
from members.services import MembersError
from members.services.organisations import edit_organisation
from members.views.history import history_of


def organisation_columns(*, register: bool) -> list[Column]:
    columns = [
        Column("name", gettext_lazy("Organisation"), order_by=finnish_order("name")),
        Column("kind", gettext_lazy("Kind"), order_by="kind", export=lambda row: row.get_kind_display()),
        Column("municipality", gettext_lazy("Municipality"), order_by=by_municipality("municipality__")),
        Column(
            "municipality.region",
            gettext_lazy("Region"),
            order_by=finnish_order(f"municipality__region__{name_column()}"),
        ),
        Column("joined_on", gettext_lazy("Member since"), order_by="joined_on", numeric=True),
    ]
    if register:
        columns.insert(
            4, Column("state", gettext_lazy("State"), order_by="state", export=lambda row: row.get_state_display())
        )
    return columns


@public(why="the network shows its members; the rest of the register only to those who keep it")
@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def organisation_list(request: HttpRequest) -> HttpResponseBase:
    register = request.user.is_authenticated and request.user.may(Permission.ORGANISATION_REGISTER)
    organisations = Organisation.objects.visible_to(request.user).select_related("municipality__region")
    found = (RegisterFilter if register else OrganisationFilter)(request.GET, queryset=organisations, request=request)
    columns = organisation_columns(register=register)
    table = table_page(request, found.qs, columns, default="name")
    if download := table.download(_("Organisations")):
        return download
    part = "#results" if request.headers.get("HX-Target") == "results" else ""
    return TemplateResponse(
        request,
        f"members/organisation_list.html{part}",
        {"table": table, "filter": found, "chips": filter_chips(request, found.form), "register": register},
    )


@public(why="the card of a member is public; others 404")
@require_safe
def organisation_detail(request: HttpRequest, pk: int) -> TemplateResponse:
    organisation = visible_or_404(_organisations(request), pk=pk)
    editable, people, history = False, False, None
    if request.user.is_authenticated:
        user = request.user
        one = Organisation.objects.filter(pk=pk)
        editable = one.editable_by(user).exists()
        people = one.in_reach(user, Permission.ORGANISATION_PEOPLE).exists()
        if one.in_reach(user, Permission.AUDIT_READ).exists():
            history = history_of(organisation, user=user)
    return TemplateResponse(
        request,
        "members/organisation_detail.html",
        {"organisation": organisation, "editable": editable, "people": people, "history": history},
    )


@requires(Permission.ORGANISATION_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def organisation_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    organisation = editable_or_403(_organisations(request), Organisation.objects.editable_by(user), pk=pk)
    form = OrganisationForm(request.POST if request.method == "POST" else None, instance=organisation)
    if request.method == "POST" and form.is_valid():
        try:
            edit_organisation(by=user, organisation=organisation, values=form.cleaned_data)
        except MembersError as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect(organisation)
    return TemplateResponse(request, "members/organisation_edit.html", {"form": form, "organisation": organisation})


@requires(Permission.ORGANISATION_PEOPLE)
@require_safe
def my_organisation(request: HttpRequest) -> HttpResponse:
    """To the card of the organisation in which the user holds a role; with several, to a choice of them."""
    user = signed_in(request)
    own = Organisation.objects.filter(pk__in=user.reach(Permission.ORGANISATION_PEOPLE).organisations).order_by(
        "name", "pk"
    )
    organisations = list(own)
    if len(organisations) == 1:
        return redirect(organisations[0])
    return TemplateResponse(request, "members/my_organisation.html", {"organisations": organisations})


def _organisations(request: HttpRequest) -> QuerySet[Organisation]:
    return Organisation.objects.visible_to(request.user).select_related("municipality__region", "industry")
