"""Two tenants in two regions. Every private text of the other holds a canary that nobody of the own may ever get."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.test import Client
from django.test.client import ClientHandler
from django.urls import reverse

from tests.permissions.table import Row

CANARY = "CNRY"


@dataclass
class Tenant:
    """One organisation with its objects; `tag` stands in its texts."""

    tag: str
    objects: dict[str, Any]

    def url(self, row: Row) -> str:
        if "</" in row.name:
            path = row.name.partition("<")[2][:-1]
            return path.replace("<path:object_id>", "1").replace("(?P<url>.*)$", "nowhere")
        return reverse(row.name, args=[self._value(name, row) for name in row.objects])

    def _value(self, name: str, row: Row) -> Any:
        """`listing` is the object's number; `indicator.code` an attribute; `=text` the text; `@` any of the admin's."""
        if name.startswith("="):
            return name[1:]
        if name == "@":
            return a_number_of(row.name)
        key, _dot, attribute = name.partition(".")
        thing = self.objects[key]
        return getattr(thing, attribute) if attribute else getattr(thing, "pk", thing)


def a_number_of(admin_name: str) -> Any:
    """An object of "admin:members_organisation_change"; a number that nobody has where there is none."""
    app_label, model = admin_name.removeprefix("admin:").split("_")[:2]
    return apps.get_model(app_label, model)._base_manager.values_list("pk", flat=True).first() or 1


@dataclass
class World:
    own: Tenant
    other: Tenant
    cookies: dict[str, dict[str, str]]
    # One for all browsers: each of its own would build the middlewares anew, once a cell.
    portal: ClientHandler = field(default_factory=lambda: ClientHandler(enforce_csrf_checks=False))

    def tenant(self, whose: str) -> Tenant:
        return self.other if whose == "other" else self.own

    def browser(self, role: str) -> Client:
        """A browser of its own whose user has just signed in, so that re-authentication is not asked for."""
        client = Client()
        client.handler = self.portal
        client.cookies.load(self.cookies[role])
        return client
