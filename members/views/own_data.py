"""What the portal keeps about the reader: what and why, a copy of all of it, and its erasure."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kisu.lib.dates import today
from kisu.lib.exports import json_response
from kisu.lib.tables import FORMAT
from members.access import requires, signed_in
from members.history import field_label, value_words
from members.permissions import Permission
from members.services import MembersError
from members.services.personal_data import erase, export_of, kept_of, why_not_erase
from members.views.identity import confirm_identity


@requires(Permission.OWN_DATA)
@require_safe
def own_data(request: HttpRequest) -> HttpResponse:
    """The list of what is kept; ?muoto=json downloads all of it, ?muoto=html shows it, both after the password."""
    user = signed_in(request)
    wanted = request.GET.get(FORMAT, "")
    if wanted not in {"json", "html"}:
        return TemplateResponse(request, "members/own_data.html", {"kept": kept_of(user=user)})
    confirm_identity(request)
    export = export_of(by=user, user=user)
    if wanted == "json":
        return json_response(_("My data"), export)
    sections = [
        {
            "title": part["title"],
            "purposes": part["purposes"],
            "rows": [_facts(key, row) for row in part["rows"]],
        }
        for key, part in export.items()
        if part["rows"]
    ]
    return TemplateResponse(
        request, "members/own_data_copy.html", {"sections": sections, "at": timezone.now(), "account": user}
    )


def _facts(key: str, row: dict[str, Any]) -> list[tuple[str, str]]:
    """(label, value) for a reader: names instead of the numbers that lead to them, nothing that is empty."""
    return [
        (field_label(key, name), value_words(key, name, value))
        for name, value in row.items()
        if value not in (None, "") and f"{name}_name" not in row and name != "id"
    ]


@requires(Permission.OWN_DATA)
@require_http_methods(["GET", "HEAD", "POST"])
def own_data_erase(request: HttpRequest) -> HttpResponse:
    """GET shows what would go and changes nothing; POST erases after the password, and signs out."""
    user = signed_in(request)
    if request.method == "POST":
        confirm_identity(request)
        try:
            erase(by=user, user=user, now=timezone.now())
        except MembersError as error:
            messages.error(request, str(error))
            return redirect("members:own_data_erase")
        logout(request)
        messages.success(request, _("Your data were erased and your account was closed."))
        return redirect("home")
    kept = [one for one in kept_of(user=user) if one.count]
    return TemplateResponse(
        request, "members/own_data_erase.html", {"kept": kept, "obstacle": why_not_erase(user=user, on=today())}
    )
