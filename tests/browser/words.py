"""The portal's own words, as its catalogues have them: tests follow the text, not the other way round."""

from __future__ import annotations

import re

from django.utils import translation


def say(text: str, *, context: str = "", language: str = "fi", **values: object) -> str:
    """The message in that language; `values` fill its placeholders."""
    with translation.override(language):
        said = translation.pgettext(context, text) if context else translation.gettext(text)
    return said % values if values else said


def around(text: str, *, context: str = "", language: str = "fi") -> re.Pattern[str]:
    """Matches the message with anything in the places of its placeholders."""
    said = say(text, context=context, language=language)
    return re.compile(".*".join(re.escape(part) for part in re.split(r"%\(\w+\)s", said)))
