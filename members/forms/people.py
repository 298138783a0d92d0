from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from kisu.lib.business_id import BusinessIdField
from kisu.lib.collation import finnish_order
from kisu.lib.dates import FinnishDateField, today
from kisu.lib.language import name_column
from kisu.lib.texts import LineField
from members.forms.application import AddressField
from members.models import Organisation, Region, User
from members.models.access import PACKAGES
from members.permissions import GRANT_SCOPE, Role, Scope

# The roles that an organisation gives itself; others are never taken from its forms.
OWN_ROLES = [(role.value, role.label) for role in (Role.MEMBER, Role.ORG_ADMIN)]


class InvitationForm(forms.Form):
    """Whom to invite. The names of its fields are invite's."""

    name = LineField(label=_("Name"), max_length=120)
    email = AddressField(label=_("E-mail"), help_text=_("The link in the e-mail works for 14 days."))
    role = forms.ChoiceField(
        label=_("Role"),
        choices=OWN_ROLES,
        initial=Role.MEMBER,
        widget=forms.RadioSelect,
        help_text=_("A member posts listings and answers enquiries. An admin also edits the card and invites people."),
    )
    language = forms.ChoiceField(
        label=_("Language of the e-mail"), choices=settings.LANGUAGES, widget=forms.RadioSelect
    )


class OwnRoleForm(forms.Form):
    role = forms.ChoiceField(choices=OWN_ROLES)


class AcceptanceForm(forms.Form):
    """Name and password of somebody who opens an account by an invitation."""

    name = LineField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters. A sentence is easier to remember than a word."),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, User(email=self.email))
        return password


class RoleForm(forms.Form):
    """A role with its scope. Only the scope that the role asks for is kept."""

    role = forms.ChoiceField(label=_("Role"))
    business_id = BusinessIdField(
        label=_("Business ID of the organisation"),
        required=False,
        help_text=_("For a member or an organisation admin."),
    )
    region = forms.ModelChoiceField(
        label=_("Region"),
        queryset=Region.objects.none(),
        required=False,
        empty_label=_("Choose"),
        help_text=_("For a regional coordinator."),
    )
    package = forms.ChoiceField(
        label=_("Work package"),
        choices=[("", _("Choose")), *PACKAGES],
        required=False,
        help_text=_("For a work package lead."),
    )
    starts_on = FinnishDateField(label=_("From"))
    ends_on = FinnishDateField(
        label=_("Until"), required=False, help_text=_("The last day. Leave empty when the end is not known.")
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [role for role in GRANT_SCOPE if role is not Role.STAFF or by.is_superuser]
        choices = [("", _("Choose")), *((role.value, role.label) for role in roles)]
        self.fields["role"].choices = choices  # type: ignore[attr-defined]
        regions = Region.objects.order_by(finnish_order(name_column()))
        self.fields["region"].queryset = regions  # type: ignore[attr-defined]
        self.fields["starts_on"].initial = today

    def clean_starts_on(self) -> date:
        starts_on: date = self.cleaned_data["starts_on"]
        if starts_on < today():
            raise forms.ValidationError(_("A role cannot start in the past."))
        return starts_on

    def clean(self) -> dict[str, Any]:
        """The cleaned data are grant_role's: role, organisation, region, package, starts_on, ends_on."""
        given = self.cleaned_data
        role = Role(given["role"]) if given.get("role") else None
        scope = GRANT_SCOPE[role] if role else None
        starts_on, ends_on = given.get("starts_on"), given.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("The end date cannot be before the start date."))
        organisation = None
        if scope is Scope.ORGANISATION and "business_id" not in self.errors:
            organisation = Organisation.objects.filter(business_id=given.get("business_id") or "").first()
            if organisation is None:
                self.add_error("business_id", _("No organisation of the register has this Business ID."))
        if scope is Scope.REGION and not given.get("region") and "region" not in self.errors:
            self.add_error("region", _("Choose the coordinator's region."))
        if scope is Scope.PACKAGE and not given.get("package") and "package" not in self.errors:
            self.add_error("package", _("Choose the lead's work package."))
        return {
            "role": role,
            "organisation": organisation,
            "region": given.get("region") if scope is Scope.REGION else None,
            "package": given.get("package", "") if scope is Scope.PACKAGE else "",
            "starts_on": starts_on,
            "ends_on": ends_on,
        }
