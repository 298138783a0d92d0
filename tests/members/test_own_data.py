"""What is kept about oneself, and a copy of it after the password."""

import json

import pytest
from django.urls import reverse
from django.utils.translation import override

from kisu.lib.personal_data import personal_models
from members.history import field_name
from members.models import AuditEntry, Mail
from tests.factories.members import create_member
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db
URL = reverse("members:own_data")
# Words that are the same in both languages.
SAME = {
    "fi": {"members.Mail.html"},
    "sv": {"members.Mail.html", "members.Mail.text", "symbiosis.Listing.organisation"}
    | {"symbiosis.Message.organisation", "symbiosis.MatchAnswer.organisation"}
    | {"symbiosis.AddedFitness.material", "symbiosis.MatchingRelease.version"},
}


def test_each_kind_is_listed_with_why_and_how_many_rows() -> None:
    user = create_member()
    client = client_of(user, confirmed=False)
    client.cookies["kisu_language"] = "fi"
    response = client.get(URL)
    kept = {one.entry.key: one.count for one in response.context["kept"]}
    assert kept.keys() == set(personal_models.keys())
    assert (kept["members.Person"], kept["members.RoleGrant"], kept["members.Mail"]) == (1, 1, 0)
    assert "Kirjautuminen ja omia asioita koskeva sähköposti" in response.content.decode()
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_kinds_and_fields_are_named_in_the_readers_language(language: str) -> None:
    def names() -> dict[str, str]:
        return {entry.key: entry.label for entry in personal_models} | {
            f"{entry.key}.{name}": field_name(entry.key, name)
            for entry in personal_models
            for name in entry.export or entry.fields
        }

    english = names()
    with override(language):
        assert {key for key, name in names().items() if name == english[key]} <= SAME[language]


@pytest.mark.parametrize("form", ["json", "html"])
def test_the_copy_is_given_after_the_password_only_and_written_down(form: str) -> None:
    user = create_member(email="mine@kisu.example")
    create_member(email="other@kisu.example")
    asked = client_of(user, confirmed=False).get(URL, {"muoto": form})
    assert asked.status_code == 302
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert not AuditEntry.objects.exists()

    response = client_of(user).get(URL, {"muoto": form})
    assert b"mine@kisu.example" in response.content
    assert b"other@kisu.example" not in response.content
    assert "no-store" in response["Cache-Control"]
    assert AuditEntry.objects.get().what == "personal data exported"
    if form == "json":
        assert response["Content-Disposition"].startswith("attachment")
        assert json.loads(response.content)["members.User"]["rows"][0]["email"] == "mine@kisu.example"


def test_text_in_the_copy_is_text() -> None:
    user = create_member()
    Mail.objects.create(
        user=user, recipient="x@kisu.example", subject="<script>1</script>", text="t", not_before="2026-01-01T00:00Z"
    )
    assert b"<script>1" not in client_of(user).get(URL, {"muoto": "html"}).content


def test_another_form_is_just_the_page() -> None:
    assert "kept" in client_of(create_member()).get(URL, {"muoto": "xml"}).context
