from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kisu.lib.dates import today
from members.access import requires, signed_in, visible_or_404
from members.forms import OwnRoleForm
from members.models import Organisation, Person
from members.permissions import Permission, Role
from members.services import MembersError
from members.services.people import read_people, remove_from_organisation, set_role
from members.views.identity import confirm_identity
from members.views.invitation import manageable_organisation


@requires(Permission.ORGANISATION_PEOPLE)
@require_safe
def people_list(request: HttpRequest, pk: int) -> TemplateResponse:
    user = signed_in(request)
    organisations = Organisation.objects.in_reach(user, Permission.ORGANISATION_PEOPLE)
    organisation = visible_or_404(organisations.select_related("municipality__region"), pk=pk)
    one = Organisation.objects.filter(pk=pk)
    manages = one.in_reach(user, Permission.ORGANISATION_PEOPLE_MANAGE).exists()
    # A member sees names; addresses and phones are for who keeps the contacts (docs/roles.md, 17).
    contacts = manages or one.in_reach(user, Permission.ORGANISATION_REGISTER).exists()
    invitations = organisation.invitations.open(now=timezone.now()).order_by("expires_at", "pk") if contacts else None
    return TemplateResponse(
        request,
        "members/people_list.html",
        {
            "organisation": organisation,
            "people": read_people(by=user, organisation=organisation, on=today()),
            "invitations": invitations,
            "manages": manages,
            "contacts": contacts,
        },
    )


@requires(Permission.ORGANISATION_PEOPLE_MANAGE)
@require_POST
def person_role(request: HttpRequest, pk: int, person_pk: int) -> HttpResponse:
    organisation, person = _colleague(request, pk, person_pk)
    confirm_identity(request)
    user = signed_in(request)
    form = OwnRoleForm(request.POST)
    if person.user is None:
        messages.error(request, _("This person has no account. Send an invitation first."))
    elif not form.is_valid():
        messages.error(request, _("The request failed. Go back and try again."))
    else:
        role = Role(form.cleaned_data["role"])
        try:
            set_role(by=user, user=person.user, organisation=organisation, role=role, on=today())
        except MembersError as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request, _("%(name)s now has the role: %(role)s") % {"name": person.name, "role": role.label}
            )
    # Who gave the own admin role away still sees the list.
    return redirect("members:people_list", pk=organisation.pk)


@requires(Permission.ORGANISATION_PEOPLE_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def person_remove(request: HttpRequest, pk: int, person_pk: int) -> HttpResponse:
    organisation, person = _colleague(request, pk, person_pk)
    confirm_identity(request)
    if request.method != "POST":
        return TemplateResponse(request, "members/person_remove.html", {"organisation": organisation, "person": person})
    user = signed_in(request)
    try:
        remove_from_organisation(by=user, person=person, organisation=organisation, now=timezone.now())
    except MembersError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(name)s was removed from the organisation.") % {"name": person.name})
        if person.user == user:
            return redirect(organisation)
    return redirect("members:people_list", pk=organisation.pk)


def _colleague(request: HttpRequest, pk: int, person_pk: int) -> tuple[Organisation, Person]:
    organisation = manageable_organisation(request, pk)
    people = Person.objects.working_in(organisation, on=today()).select_related("user")
    return organisation, visible_or_404(people, pk=person_pk)
