from __future__ import annotations

import time

from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from members.models import User
from tests.factories.members import PASSWORD


def client_of(user: User, *, confirmed: bool = True) -> Client:
    """An English browser of somebody who signed in and, unless told otherwise, gave the password again just now."""
    client = Client()
    client.cookies["kisu_language"] = "en"
    client.force_login(user)
    if confirmed:
        session = client.session
        session["account_authentication_methods_user"] = str(user.pk)
        session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
        session.save()
    return client


def sign_in(user: User) -> Client:
    """By the form, as a person does: the session that stands after it has somebody in it only when that worked."""
    EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client
