"""The few addresses that the shell names, so that these tests need no room of the portal."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def page(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    path("", page, name="home"),
    path("haku/", page, name="search"),
    path("tyopoyta/", page, name="desk"),
    path("kieli/", page, name="set_language"),
    path("ulkoasu/", page, name="set_theme"),
    path("tyopoyta/vaihda/", page, name="set_desk"),
    path("tili/", include("allauth.urls")),
]
