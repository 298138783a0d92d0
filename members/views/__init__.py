from members.views.organisation import my_organisation, organisation_detail, organisation_edit, organisation_list

__all__ = [
    "my_organisation",
    "organisation_detail",
    "organisation_edit",
    "organisation_list",
]
