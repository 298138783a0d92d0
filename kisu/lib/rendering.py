"""Forms in the portal's look: `{{ form }}` is components/form.html, a field group components/field.html."""

from __future__ import annotations

from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest

_CONTROL = "input"
# Widget types (the end of the template's name) that are not boxes of text.
_BARE = {"checkbox", "radio", "hidden", "multiple_hidden", "checkbox_select", "multiple_input", "multiwidget"}
_BARE |= {"checkbox_option", "radio_option", "select_option", "input_option"}


class KisuRenderer(TemplatesSetting):
    """Django's own widget templates with the class of the control added, so that no form has to name it."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        if (widget := context.get("widget")) and template_name.startswith("django/forms/widgets/"):
            name = template_name.removeprefix("django/forms/widgets/").removesuffix(".html")
            attrs = widget["attrs"]
            if widget.get("type") != "search":
                attrs.pop("placeholder", None)  # a label stands above; packages' forms repeat it here
            if name not in _BARE and _CONTROL not in str(attrs.get("class", "")).split():
                short = attrs.get("inputmode") in {"decimal", "numeric"} and "class" not in attrs
                given = attrs.get("class", "is-short" if short else "")
                widget["attrs"] = {**attrs, "class": f"{_CONTROL} {given}".strip()}
        return super().render(template_name, context, request)
