from members.forms.application import ApplicationForm, RejectionForm
from members.forms.organisation import OrganisationForm
from members.forms.people import AcceptanceForm, InvitationForm, OwnRoleForm, RoleForm

__all__ = [
    "AcceptanceForm",
    "ApplicationForm",
    "InvitationForm",
    "OrganisationForm",
    "OwnRoleForm",
    "RejectionForm",
    "RoleForm",
]
