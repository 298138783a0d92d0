from django.urls import path

from members import views

app_name = "members"

urlpatterns = [
    path("jasenet/", views.organisation_list, name="organisation_list"),
    path("jasenet/oma/", views.my_organisation, name="my_organisation"),
    path("jasenet/<int:pk>/", views.organisation_detail, name="organisation_detail"),
    path("jasenet/<int:pk>/muokkaa/", views.organisation_edit, name="organisation_edit"),
    path("jasenet/<int:pk>/henkilot/", views.people_list, name="people_list"),
    path("jasenet/<int:pk>/kutsu/", views.invitation_new, name="invitation_new"),
    path("jasenet/<int:pk>/kutsu/<int:invitation_pk>/peru/", views.invitation_revoke, name="invitation_revoke"),
    path("jasenet/<int:pk>/henkilot/<int:person_pk>/rooli/", views.person_role, name="person_role"),
    path("jasenet/<int:pk>/henkilot/<int:person_pk>/poista/", views.person_remove, name="person_remove"),
    path("kutsu/<str:token>/", views.invitation_accept, name="invitation_accept"),
    path("liity/", views.application_new, name="application_new"),
    path("liity/kiitos/", views.application_sent, name="application_sent"),
    path("hakemukset/", views.application_list, name="application_list"),
    path("hakemukset/<int:pk>/", views.application_detail, name="application_detail"),
    path("hakemukset/<int:pk>/hyvaksy/", views.application_approve, name="application_approve"),
    path("hakemukset/<int:pk>/hylkaa/", views.application_reject, name="application_reject"),
    path("kayttajat/", views.user_list, name="user_list"),
    path("kayttajat/<int:pk>/", views.user_detail, name="user_detail"),
    path("kayttajat/<int:pk>/rooli/", views.role_new, name="role_new"),
    path("kayttajat/<int:pk>/rooli/<int:grant_pk>/paata/", views.role_end, name="role_end"),
    path("kayttajat/<int:pk>/poista-kaytosta/", views.user_disable, name="user_disable"),
    path("kayttajat/<int:pk>/ota-kayttoon/", views.user_enable, name="user_enable"),
    path("oma/", views.profile, name="profile"),
    path("oma/tiedot/", views.own_data, name="own_data"),
    path("oma/tiedot/poista/", views.own_data_erase, name="own_data_erase"),
    path("heratteet/", views.notification_list, name="notification_list"),
    path("heratteet/luettu/", views.notification_read_all, name="notification_read_all"),
    path("heratteet/<int:pk>/luettu/", views.notification_read, name="notification_read"),
    path("ajot/", views.job_list, name="job_list"),
    path("ajot/<int:pk>/", views.job_detail, name="job_detail"),
    path("ajot/<int:pk>/uudelleen/", views.job_retry, name="job_retry"),
    path("ajot/<str:name>/kaynnista/", views.job_start, name="job_start"),
    path("viestiloki/", views.mail_list, name="mail_list"),
    path("viestiloki/<int:pk>/laheta/", views.mail_resend, name="mail_resend"),
    path("loki/", views.audit_list, name="audit_list"),
]
