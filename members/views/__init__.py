from members.views.application import (
    application_approve,
    application_detail,
    application_list,
    application_new,
    application_reject,
    application_sent,
)
from members.views.invitation import invitation_accept, invitation_new, invitation_revoke
from members.views.organisation import my_organisation, organisation_detail, organisation_edit, organisation_list
from members.views.people import people_list, person_remove, person_role
from members.views.user import role_end, role_new, user_detail, user_disable, user_enable, user_list

__all__ = [
    "application_approve",
    "application_detail",
    "application_list",
    "application_new",
    "application_reject",
    "application_sent",
    "invitation_accept",
    "invitation_new",
    "invitation_revoke",
    "my_organisation",
    "organisation_detail",
    "organisation_edit",
    "organisation_list",
    "people_list",
    "person_remove",
    "person_role",
    "role_end",
    "role_new",
    "user_detail",
    "user_disable",
    "user_enable",
    "user_list",
]
