from django.urls import path

from members import views

app_name = "members"

urlpatterns = [
    path("jasenet/", views.organisation_list, name="organisation_list"),
    path("jasenet/oma/", views.my_organisation, name="my_organisation"),
    path("jasenet/<int:pk>/", views.organisation_detail, name="organisation_detail"),
    path("jasenet/<int:pk>/muokkaa/", views.organisation_edit, name="organisation_edit"),
]
