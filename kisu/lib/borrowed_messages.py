"""Sentences that makemessages does not find where they are said, so that the catalogues of kisu/locale keep them.

People see these of Django and allauth, and the packages' own translations are missing or not ours: ours win, in English
too where the English is not ours (kisu/locale/en). Nothing imports this module.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy

DJANGO_FORMS = (
    _("This field is required."),
    _("This field cannot be null."),
    _("This field cannot be blank."),
    _("Enter a valid value."),
    _("Enter a valid URL."),
    _("Enter a valid email address."),
    _("Enter a valid integer."),
    _("Enter a number."),
    _("Enter a whole number."),
    _("Enter a valid date."),
    _("Enter a valid time."),
    _("Enter a valid date/time."),
    _("Enter a list of values."),
    _("Enter a complete value."),
    _("Value %(value)r is not a valid choice."),
    _("Select a valid choice. %(value)s is not one of the available choices."),
    _("Select a valid choice. That choice is not one of the available choices."),
    _("“%(pk)s” is not a valid value."),
    _("Null characters are not allowed."),
    _("Ensure this value is less than or equal to %(limit_value)s."),
    _("Ensure this value is greater than or equal to %(limit_value)s."),
    ngettext_lazy(
        "Ensure this value has at least %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at least %(limit_value)d characters (it has %(show_value)d).",
        "limit_value",
    ),
    ngettext_lazy(
        "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).",
        "limit_value",
    ),
    ngettext_lazy(
        "Ensure that there are no more than %(max)s digit in total.",
        "Ensure that there are no more than %(max)s digits in total.",
        "max",
    ),
    ngettext_lazy(
        "Ensure that there are no more than %(max)s decimal place.",
        "Ensure that there are no more than %(max)s decimal places.",
        "max",
    ),
    ngettext_lazy(
        "Ensure that there are no more than %(max)s digit before the decimal point.",
        "Ensure that there are no more than %(max)s digits before the decimal point.",
        "max",
    ),
    _("No file was submitted. Check the encoding type on the form."),
    _("No file was submitted."),
    _("The submitted file is empty."),
    ngettext_lazy(
        "Ensure this filename has at most %(max)d character (it has %(length)d).",
        "Ensure this filename has at most %(max)d characters (it has %(length)d).",
        "max",
    ),
    _("Please either submit a file or check the clear checkbox, not both."),
    _("File extension “%(extension)s” is not allowed. Allowed extensions are: %(allowed_extensions)s."),
    _("Upload a valid image. The file you uploaded was either not an image or a corrupted image."),
    _("%(model_name)s with this %(field_label)s already exists."),
    _("%(model_name)s with this %(field_labels)s already exists."),
    _("Constraint “%(name)s” is violated."),
    _(
        "ManagementForm data is missing or has been tampered with. Missing fields: %(field_names)s."
        " You may need to file a bug report if the issue persists."
    ),
    _("(Hidden field %(name)s) %(error)s"),
)

DJANGO_PASSWORDS = (
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
        "min_length",
    ),
    ngettext_lazy(
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
        "min_length",
    ),
    _("The password is too similar to the %(verbose_name)s."),
    _("Your password can’t be too similar to your other personal information."),
    _("This password is too common."),
    _("Your password can’t be a commonly used password."),
    _("The two password fields didn’t match."),
)

DJANGO_ADMIN = (
    _("The {name} “{obj}” was added successfully."),
    _("The {name} “{obj}” was added successfully. You may add another {name} below."),
    _("The {name} “{obj}” was changed successfully."),
    _("The {name} “{obj}” was changed successfully. You may edit it again below."),
    _("The {name} “{obj}” was changed successfully. You may add another {name} below."),
    _("The %(name)s “%(obj)s” was deleted successfully."),
    _("Successfully deleted %(count)d %(items)s."),
    _("%(name)s with ID “%(key)s” doesn’t exist. Perhaps it was deleted?"),
    ngettext_lazy("Please correct the error below.", "Please correct the errors below.", "counter"),
    _("Click here to select the objects across all pages"),
    _("You don’t have permission to view or edit anything."),
    _("We’re sorry, but the requested page could not be found."),
    _("Thanks for spending some quality time with the web site today."),
    _("Start typing to filter…"),
    _("Model name"),
    _("Add link"),
    _("Change or view list link"),
    _("Yes, I’m sure"),
    _("No, take me back"),
    _("Save and continue editing"),
)

ALLAUTH = (
    _("This account is currently inactive."),
    _("You cannot remove your primary email address."),
    _("This email address is already associated with this account."),
    _("The email address and/or password you specified are not correct."),
    _("A user is already registered with this email address."),
    _("Please type your current password."),
    _("Incorrect code."),
    _("Incorrect password."),
    _("Invalid or expired key."),
    _("Invalid login."),
    _("The password reset token was invalid."),
    _("You cannot add more than %d email addresses."),
    _("Too many failed login attempts. Try again later."),
    _("The email address is not assigned to any user account."),
    _("Your primary email address must be verified."),
    _("Please select only one."),
    _("The new value must be different from the current one."),
    _("Be patient, you are sending too many requests."),
    _("Use your password"),
    _("Use authenticator app or code"),
    _("You must type the same password each time."),
    _("You must type the same email each time."),
    _("Remember Me"),
    _("Email"),
    _("email address"),
    _("Email address"),
    _("Email (again)"),
    _("Email address confirmation"),
    _("Password (again)"),
    _("Current Password"),
    _("New Password"),
    _("New Password (again)"),
    _("Authenticator code"),
    _("TOTP Authenticator"),
    _("You cannot add an email address to an account protected by two-factor authentication."),
    _("You cannot deactivate two-factor authentication."),
    _("You cannot generate recovery codes without having two-factor authentication enabled."),
    _("You cannot activate two-factor authentication until you have verified your email address."),
    _("User Sessions"),
    _("session key"),
)

ALLAUTH_SINGLE_SIGN_ON = (
    _(
        "An account already exists with this email address. Please sign in to that account first, then connect your %s"
        " account."
    ),
    _("Invalid token."),
    _("Your account has no password set up."),
    _("Your account has no verified email address."),
    _("You cannot disconnect your last remaining third-party account."),
    _("The third-party account is already connected to a different account."),
    _("Third-Party Login Failure"),
    _("An error occurred while attempting to login via your third-party account."),
    _("Account Connections"),
    _("You can sign in to your account using any of the following third-party accounts:"),
    _("You currently have no third-party accounts connected to this account."),
    _("Add a Third-Party Account"),
    _("Connect %(provider)s"),
    _("You are about to connect a new third-party account from %(provider)s."),
    _("Sign In Via %(provider)s"),
    _("You are about to sign in using a third-party account from %(provider)s."),
    _("Continue"),
    _("Login Cancelled"),
    _(
        "You decided to cancel logging in to our site using one of your existing accounts. If this was a mistake,"
        ' please proceed to <a href="%(login_url)s">sign in</a>.'
    ),
    _("The third-party account has been connected."),
    _("The third-party account has been disconnected."),
    _("Third-Party Account Connected"),
    _("A third-party account from %(provider)s has been connected to your account."),
    _("Third-Party Account Disconnected"),
    _("A third-party account from %(provider)s has been disconnected from your account."),
    _("Or use a third-party"),
    _("social account"),
    _("social accounts"),
    _("social application"),
    _("social applications"),
    _("social application token"),
    _("social application tokens"),
    _("provider"),
    _("uid"),
    _("extra data"),
)
