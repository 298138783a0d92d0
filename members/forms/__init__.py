from members.forms.application import ApplicationForm, RejectionForm
from members.forms.organisation import OrganisationForm
from members.forms.people import AcceptanceForm, InvitationForm, OwnRoleForm, RoleForm
from members.forms.profile import ProfileForm

__all__ = [
    "AcceptanceForm",
    "ApplicationForm",
    "InvitationForm",
    "OrganisationForm",
    "OwnRoleForm",
    "ProfileForm",
    "RejectionForm",
    "RoleForm",
]
