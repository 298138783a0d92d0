"""The system checks of our own rules find what they are for, and find nothing in the portal."""

from dataclasses import replace

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

from kisu import checks
from kisu.lib import personal_data
from kisu.lib.personal_data import personal_models, retention_rules


def unmarked(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [path("vapaa/", unmarked)]


def ids(found: list[object]) -> list[str]:
    return sorted({error.id for error in found})  # type: ignore[attr-defined]


def test_the_portal_keeps_its_own_rules() -> None:
    assert checks.views_say_whom_they_serve(None) == []
    assert checks.personal_fields_have_a_purpose(None) == []


@override_settings(ROOT_URLCONF=__name__)
def test_a_view_that_does_not_say_whom_it_serves_is_found() -> None:
    assert ids(checks.views_say_whom_they_serve(None)) == ["kisu.E001"]


@pytest.mark.parametrize(
    ("label", "field", "found"),
    [
        ("members.Person", "phone", ["kisu.E002"]),
        ("members.RoleGrant", "rows", ["kisu.E002"]),
        ("members.Person", None, ["kisu.E003"]),
        ("members.Region", None, ["kisu.E004"]),
    ],
)
def test_registry_and_retention_file_must_agree(
    label: str, field: str | None, found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = {key: dict(fields) for key, fields in retention_rules().items()}
    if field:
        del rules[label][field]
    else:
        rules.setdefault(label, {})["shoe_size"] = rules["members.Person"]["name"]
    monkeypatch.setattr(checks, "retention_rules", lambda: rules)
    assert ids(checks.personal_fields_have_a_purpose(None)) == found


def test_every_rule_speaks_three_languages_and_has_a_basis_of_the_regulation() -> None:
    for label, fields in retention_rules().items():
        for field, rule in fields.items():
            assert dict(rule.purposes).keys() == {"fi", "sv"}, f"{label}.{field}"
            assert rule.basis in personal_data.BASES, f"{label}.{field}"


def test_a_purpose_without_a_translation_is_told_in_english() -> None:
    rule = next(iter(personal_models)).rules[0]
    assert replace(rule, purposes=()).spoken == rule.purpose
