from __future__ import annotations

from allauth.account.utils import perform_login
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from members.access import editable_or_403, public, requires, signed_in, visible_or_404
from members.forms import AcceptanceForm, InvitationForm
from members.models import Invitation, Organisation, User
from members.permissions import Permission
from members.services import MembersError
from members.services.people import accept_invitation, invitation_for, invite, revoke_invitation
from members.views.identity import confirm_identity


def manageable_organisation(request: HttpRequest, pk: int) -> Organisation:
    """The organisation whose people the user may invite and remove; 404 or 403 as everywhere."""
    user = signed_in(request)
    return editable_or_403(
        Organisation.objects.in_reach(user, Permission.ORGANISATION_PEOPLE).select_related("municipality__region"),
        Organisation.objects.in_reach(user, Permission.ORGANISATION_PEOPLE_MANAGE),
        pk=pk,
    )


@requires(Permission.ORGANISATION_PEOPLE_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_new(request: HttpRequest, pk: int) -> HttpResponse:
    organisation = manageable_organisation(request, pk)
    confirm_identity(request)
    form = InvitationForm(
        request.POST if request.method == "POST" else None, initial={"language": get_language() or "fi"}
    )
    if request.method == "POST" and form.is_valid():
        try:
            invite(by=signed_in(request), organisation=organisation, now=timezone.now(), **form.cleaned_data)
        except MembersError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("We sent an invitation to %(email)s.") % {"email": form.cleaned_data["email"]})
            return redirect("members:people_list", pk=organisation.pk)
    return TemplateResponse(request, "members/invitation_new.html", {"form": form, "organisation": organisation})


@requires(Permission.ORGANISATION_PEOPLE_MANAGE)
@require_POST
def invitation_revoke(request: HttpRequest, pk: int, invitation_pk: int) -> HttpResponse:
    organisation = manageable_organisation(request, pk)
    now = timezone.now()
    invitation = visible_or_404(organisation.invitations.open(now=now), pk=invitation_pk)
    revoke_invitation(by=signed_in(request), invitation=invitation, now=now)
    messages.success(request, _("The invitation was cancelled. Its link does not work any more."))
    return redirect("members:people_list", pk=organisation.pk)


@public(why="the link of the mail is the key; GET changes nothing, since link scanners open every link")
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_accept(request: HttpRequest, token: str) -> HttpResponse:
    """Who opens an account gives name and password; who has one signs in first, then presses the same button."""
    invitation = invitation_for(token=token, now=timezone.now())
    if invitation is None:
        return _key_stays_home(TemplateResponse(request, "members/invitation_invalid.html", status=404))
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        translation.activate(invitation.language)
    user = request.user if request.user.is_authenticated else None
    case, form = _case(request, invitation, user)
    status = 200
    if request.method == "POST" and form is None:
        status = 409
    elif form is not None and request.method == "POST" and form.is_valid():
        values = {"name": "", "password": ""} | form.cleaned_data
        try:
            accepted = accept_invitation(invitation=invitation, user=user, now=timezone.now(), **values)
        except MembersError as error:
            form.add_error(None, str(error))
        else:
            return _welcome(request, invitation, accepted)
    response = TemplateResponse(
        request,
        "members/invitation_accept.html",
        {"form": form, "invitation": invitation, "case": case},
        status=status,
        headers={"Content-Language": get_language() or "fi"},
    )
    return _key_stays_home(response)


def _case(request: HttpRequest, invitation: Invitation, user: User | None) -> tuple[str, forms.Form | None]:
    """Who stands at the door, and what they are asked."""
    data = request.POST if request.method == "POST" else None
    if user is None:
        if User.objects.filter(email__iexact=invitation.email).exists():
            return "sign_in_first", None
        return "new", AcceptanceForm(data, email=invitation.email, initial={"name": invitation.name})
    if user.email.lower() != invitation.email.lower():
        return "other_account", None
    return "own_account", forms.Form(data)


def _welcome(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponse:
    if not request.user.is_authenticated:
        # The link came by mail to the address, so the address is proved.
        response: HttpResponse = perform_login(request, user, email_verification="none", redirect_url=reverse("desk"))
    else:
        response = redirect("desk")
    messages.success(request, _("Welcome to %(organisation)s.") % {"organisation": invitation.organisation.name})
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            invitation.language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )
    return _key_stays_home(response)


def _key_stays_home(response: HttpResponse) -> HttpResponse:
    """The address holds the key: no page that is opened from here learns it, not even one of ours.

    Not "no-referrer": with it browsers send "Origin: null" from the form, and the CSRF check refuses it.
    """
    response.headers["Referrer-Policy"] = "strict-origin"
    return response
