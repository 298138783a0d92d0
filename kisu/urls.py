"""All addresses of the portal. Paths are Finnish, names English."""

from allauth.socialaccount.views import login_error
from django.contrib import admin
from django.urls import include, path

from kisu import views
from members.access import public

# Allauth opens its pages for strangers itself, but not this one.
public(why="whose single sign-on failed is not signed in")(login_error)

urlpatterns = [
    path("", views.home, name="home"),
    path("tietoa/", views.about, name="about"),
    path("saavutettavuus/", views.accessibility, name="accessibility"),
    path("tietosuoja/", views.privacy, name="privacy"),
    path("kayttoehdot/", views.terms, name="terms"),
    path("haku/", views.search, name="search"),
    path("tyopoyta/", views.desk, name="desk"),
    path("kalenteri/", views.calendar, name="calendar"),
    path("kieli/", views.set_language, name="set_language"),
    path("ulkoasu/", views.set_theme, name="set_theme"),
    path("tyopoyta/vaihda/", views.set_desk, name="set_desk"),
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
    path("csp-raportti/", views.csp_report, name="csp_report"),
    path("robots.txt", views.robots, name="robots"),
    path("tili/", include("allauth.urls")),
    path("yllapito/", admin.site.urls),
    path("", include("members.urls")),
    path("", include("workpackages.urls")),
    path("", include("symbiosis.urls")),
]

handler400 = "kisu.views.bad_request"
handler403 = "kisu.views.permission_denied"
handler404 = "kisu.views.page_not_found"
handler500 = "kisu.views.server_error"
