from members.forms.organisation import OrganisationForm

__all__ = ["OrganisationForm"]
