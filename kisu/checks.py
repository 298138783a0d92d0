"""System checks of our own rules: every view says whom it serves; every personal field has its purpose and time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from kisu.lib.personal_data import personal_models, retention_rules

# Views of packages, whose guard is their own: allauth asks for login where it must.
FOREIGN = ("allauth.", "django.views.")


def own_patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    """All patterns whose view is ours. Of the admin none is: its site asks for `is_staff` before each of its views."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            if entry.app_name != "admin":
                yield from own_patterns(entry)
        elif not entry.callback.__module__.startswith(FOREIGN):
            yield entry


@register("security")
def views_say_whom_they_serve(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[Error]:
    return [
        Error(
            f"The view {entry.callback.__module__}.{entry.callback.__name__} has neither @requires nor @public.",
            id="kisu.E001",
        )
        for entry in own_patterns()
        if not hasattr(entry.callback, "permission") and not hasattr(entry.callback, "public")
    ]


@register("security")
def personal_fields_have_a_purpose(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[Error]:
    rules = retention_rules()
    errors = []
    for entry in personal_models:
        for field in entry.rule_names:
            if field not in rules.get(entry.key, {}):
                errors.append(
                    Error(f"{entry.key}.{field} has no purpose and time in data_retention.toml.", id="kisu.E002")
                )
        for field in rules.get(entry.key, {}):
            if field not in entry.rule_names:
                errors.append(
                    Error(f"data_retention.toml names {entry.key}.{field}, which is not registered.", id="kisu.E003")
                )
    known = set(personal_models.keys())
    errors += [
        Error(f"data_retention.toml names {label}, which no app registers.", id="kisu.E004")
        for label in rules
        if label not in known
    ]
    return errors
