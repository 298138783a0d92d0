from members.views.application import (
    application_approve,
    application_detail,
    application_list,
    application_new,
    application_reject,
    application_sent,
)
from members.views.audit import audit_list
from members.views.invitation import invitation_accept, invitation_new, invitation_revoke
from members.views.job import job_detail, job_list, job_retry, job_start
from members.views.mail import mail_list, mail_resend
from members.views.notification import notification_list, notification_read, notification_read_all
from members.views.organisation import my_organisation, organisation_detail, organisation_edit, organisation_list
from members.views.own_data import own_data, own_data_erase
from members.views.people import people_list, person_remove, person_role
from members.views.profile import profile
from members.views.user import role_end, role_new, user_detail, user_disable, user_enable, user_list

__all__ = [
    "application_approve",
    "application_detail",
    "application_list",
    "application_new",
    "application_reject",
    "application_sent",
    "audit_list",
    "invitation_accept",
    "invitation_new",
    "invitation_revoke",
    "job_detail",
    "job_list",
    "job_retry",
    "job_start",
    "mail_list",
    "mail_resend",
    "my_organisation",
    "notification_list",
    "notification_read",
    "notification_read_all",
    "organisation_detail",
    "organisation_edit",
    "organisation_list",
    "own_data",
    "own_data_erase",
    "people_list",
    "person_remove",
    "person_role",
    "profile",
    "role_end",
    "role_new",
    "user_detail",
    "user_disable",
    "user_enable",
    "user_list",
]
