from django.urls import path

from workpackages import views

app_name = "workpackages"

urlpatterns = [
    path("indikaattorit/", views.indicator_list, name="indicator_list"),
    path("indikaattorit/indikaattorit.csv", views.indicator_list_csv, name="indicator_list_csv"),
    path("indikaattorit/kuukausittain.xlsx", views.indicator_crosstab, name="indicator_crosstab"),
    path("indikaattorit/<slug:code>/", views.indicator_detail, name="indicator_detail"),
    path("indikaattorit/<slug:code>/arvot.csv", views.value_list, name="value_list"),
    path("indikaattorit/<slug:code>/rivit.csv", views.indicator_rows, name="indicator_rows"),
    path("indikaattorit/<slug:code>/laske/", views.indicator_recount, name="indicator_recount"),
    path("indikaattorit/<slug:code>/arvo/", views.value_new, name="value_new"),
    path("indikaattorit/<slug:code>/tavoite/", views.target_new, name="target_new"),
    path("tyopaketit/", views.package_list, name="package_list"),
    path("tyopaketit/suunnitelman-erot/", views.plan_differences, name="plan_differences"),
    path("tyopaketit/<slug:code>/", views.package_detail, name="package_detail"),
    path("ohjaus/", views.steering, name="steering"),
    path("ohjaus/tyopaketit.csv", views.steering_packages, name="steering_packages"),
    path("ohjaus/resurssit/", views.ledger, name="ledger"),
    path("ohjaus/resurssit/henkilotyokuukaudet.xlsx", views.ledger_crosstab, name="ledger_crosstab"),
]
