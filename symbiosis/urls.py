from django.urls import path

from symbiosis import views

app_name = "symbiosis"

urlpatterns = [
    path("ilmoitukset/", views.listing_list, name="listing_list"),
    path("ilmoitukset/uusi/", views.listing_new, name="listing_new"),
    path("ilmoitukset/uusi/<slug:kind>/", views.listing_new, name="listing_new"),
    path("ilmoitukset/<int:pk>/", views.listing_detail, name="listing_detail"),
    path("ilmoitukset/<int:pk>/muokkaa/", views.listing_edit, name="listing_edit"),
    path("ilmoitukset/<int:pk>/kopioi/", views.listing_copy, name="listing_copy"),
    path("ilmoitukset/<int:pk>/laheta/", views.listing_submit, name="listing_submit"),
    path("ilmoitukset/<int:pk>/hyvaksy/", views.listing_approve, name="listing_approve"),
    path("ilmoitukset/<int:pk>/hylkaa/", views.listing_reject, name="listing_reject"),
    path("ilmoitukset/<int:pk>/piilota/", views.listing_hide, name="listing_hide"),
    path("ilmoitukset/<int:pk>/sulje/", views.listing_close, name="listing_close"),
    path("ilmoitukset/<int:pk>/jatka/", views.listing_prolong, name="listing_prolong"),
    path("ilmoitukset/<int:pk>/poista/", views.listing_delete, name="listing_delete"),
    path("ilmoitukset/<int:pk>/liitteet/", views.attachment_add, name="attachment_add"),
    path("ilmoitukset/<int:pk>/liitteet/<int:attachment_pk>/", views.attachment_download, name="attachment_download"),
    path(
        "ilmoitukset/<int:pk>/liitteet/<int:attachment_pk>/poista/",
        views.attachment_remove,
        name="attachment_remove",
    ),
    path("ilmoitukset/<int:pk>/yhteys/", views.enquiry_new, name="enquiry_new"),
    path("osumat/", views.match_list, name="match_list"),
    path("osumat/hae/", views.match_run, name="match_run"),
    path("osumat/<int:pk>/", views.match_detail, name="match_detail"),
    path("osumat/<int:pk>/vastaus/", views.match_answer, name="match_answer"),
    path("osumat/<int:pk>/yhteys/", views.match_contact, name="match_contact"),
    path("osumat/<int:match_pk>/synergia/", views.synergy_new, name="synergy_new"),
    path("viestit/", views.enquiry_list, name="enquiry_list"),
    path("viestit/<int:pk>/", views.enquiry_detail, name="enquiry_detail"),
    path("viestit/<int:pk>/vastaa/", views.enquiry_reply, name="enquiry_reply"),
    path("viestit/<int:pk>/sulje/", views.enquiry_close, name="enquiry_close"),
    path("synergiat/", views.synergy_list, name="synergy_list"),
    path("synergiat/uusi/", views.synergy_new, name="synergy_new"),
    path("synergiat/<int:pk>/", views.synergy_detail, name="synergy_detail"),
    path("synergiat/<int:pk>/muokkaa/", views.synergy_edit, name="synergy_edit"),
    path("synergiat/<int:pk>/vaihe/", views.synergy_step, name="synergy_step"),
    path("synergiat/<int:pk>/toteutui/", views.synergy_realise, name="synergy_realise"),
]
