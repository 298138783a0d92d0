"""A test-only URL conf with three holes that the matrix test has to find. Never part of the portal."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from members.access import requires
from members.models import Notification, Organisation, Person
from members.permissions import Permission


@requires(Permission.PROFILE)
def leaking_list(request: HttpRequest) -> HttpResponse:
    """Hole 1: shows every contact to whoever is signed in."""
    return HttpResponse(", ".join(Person.objects.values_list("phone", flat=True)))


@requires(Permission.PROFILE)
def open_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Hole 2: takes the object without asking whether this user may change it."""
    organisation = Organisation.objects.get(pk=pk)
    if request.method == "POST":
        organisation.website = "https://changed.example"
        organisation.save()
    return HttpResponse("ok")


def write_then_refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Hole 3: refuses, but has written already."""
    from django.core.exceptions import PermissionDenied

    if request.user.is_authenticated:
        Notification.objects.create(user=request.user, kind="match_found", params={"title": "x"}, url="/")
    raise PermissionDenied


urlpatterns = [
    path("vuoto/", leaking_list, name="leaking_list"),
    path("avoin/<int:pk>/", open_edit, name="open_edit"),
    path("kirjoittaa/<int:pk>/", write_then_refuse, name="write_then_refuse"),
    path("luettelematon/", leaking_list, name="unlisted"),
    path("", include("kisu.urls")),
]

# What the holes should have said: written as the matrix is.
MATRIX = """
leaking_list       .             any    G   L y y y y y y y y y
open_edit          organisation  other  GP  L - - - - - - - y y
write_then_refuse  organisation  other  P   L - - - - - - - - -
"""
