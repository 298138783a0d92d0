"""A person's own card, and the way to sign-in, sessions and own data."""

from __future__ import annotations

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kisu.lib.dates import today
from members.access import requires, signed_in
from members.forms import ProfileForm
from members.permissions import SECOND_FACTOR_ROLES, Permission
from members.services.people import update_profile


@requires(Permission.PROFILE)
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    person = getattr(user, "person", None)
    initial = {
        "name": person.name if person else "",
        "phone": person.phone if person else "",
        "language": user.language,
    }
    form = ProfileForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        update_profile(by=user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("members:profile")
    grants = user.role_grants.select_related("organisation", "region").order_by("starts_on", "pk")
    return TemplateResponse(
        request,
        "members/profile.html",
        {
            "form": form,
            "grants": [grant for grant in grants if grant.ends_on is None or grant.ends_on >= today()],
            "affiliations": person.affiliations.in_force(on=today()).select_related("organisation").order_by("pk")
            if person
            else [],
            "second_factor": is_mfa_enabled(user),
            "needs_second_factor": bool(user.roles & SECOND_FACTOR_ROLES),
            "sessions": UserSession.objects.filter(user=user).count(),
        },
    )
