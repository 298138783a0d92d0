"""Numbers as people in Finland type them: reading, writing back, and the form field for quantities."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"
LONGEST_NUMBER = 40  # characters; with at most 28 digits Decimal's default context never rounds

_SPACES = re.compile("[\u00a0\u202f\u2009\t]")
_PLAIN = re.compile(r"(?P<whole>\d+)(?:(?P<mark>[.,])(?P<decimals>\d+))?", re.ASCII)
_SPACED = re.compile(r"(?P<whole>\d{1,3}(?: \d{3})+)(?:[.,](?P<decimals>\d+))?", re.ASCII)
_COMMA_GROUPED = re.compile(r"(?P<whole>[1-9]\d{0,2}(?:,\d{3})+)(?:\.(?P<decimals>\d+))?", re.ASCII)


class NumberError(ValueError):
    """A text that is not one clear number. `code` is "empty", "ambiguous" or "invalid"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def parse_decimal(text: str, *, language: str | None = None) -> Decimal:
    """The number in a text, exact; `language` is the active one unless given.

    A form that can be read in one way is read, one that can be read in two is refused: in Finnish and Swedish the comma
    is the decimal mark and a point is one only where it cannot be grouping (1000.5, 0.125, not 1.000); in English
    1,000.5 is grouped and a comma is a decimal mark only where it cannot be grouping (1,5). Spaces of any width group.
    No exponents, no signs but minus, no digits but 0-9. Raises NumberError.
    """
    english = (language or get_language() or "fi").startswith("en")
    text = _SPACES.sub(" ", text).replace(MINUS, "-").strip(" ")
    if not text:
        raise NumberError("empty")
    if len(text) > LONGEST_NUMBER:
        raise NumberError("invalid")
    sign, digits = ("-", text[1:].lstrip(" ")) if text.startswith("-") else ("", text)
    if english and (grouped := _COMMA_GROUPED.fullmatch(digits)):
        found = grouped
    elif spaced := _SPACED.fullmatch(digits):
        found = spaced
    elif plain := _PLAIN.fullmatch(digits):
        # The mark that is not the language's own may be meant as grouping before exactly three digits; in English,
        # where grouping is the custom, also in 1234,567.
        foreign = plain["mark"] == ("," if english else ".") and len(plain["decimals"]) == 3
        if foreign and int(plain["whole"]) and (english or len(plain["whole"]) <= 3):
            raise NumberError("ambiguous")
        found = plain
    elif re.fullmatch(r"[\d.,]+", digits, re.ASCII):
        raise NumberError("ambiguous")
    else:
        raise NumberError("invalid")
    whole, decimals = re.sub("[ ,]", "", found["whole"]), found["decimals"] or ""
    if len(whole + decimals) > 28:
        raise NumberError("invalid")
    value = Decimal(f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}")
    return value or abs(value)  # no negative zero


def decimal_text(value: Decimal | int, *, language: str | None = None) -> str:
    """The number as parse_decimal reads it: 1 000,5 and −5 with a no-break space and a true minus; English 1,000.5."""
    text = f"{value:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if not (language or get_language() or "fi").startswith("en"):
        text = text.translate({ord(","): NO_BREAK_SPACE, ord("."): ","})
    return text.replace("-", MINUS)


class QuantityInput(forms.TextInput):
    """A text field with a number keyboard: type=number would refuse the comma and the space."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", **(attrs or {})})


class QuantityField(forms.DecimalField):
    """A measured amount: more than 0 and at most 1,000,000,000 unless told otherwise.

    `above` is an exclusive lower bound; giving `min_value` replaces it by an inclusive one.
    """

    widget = QuantityInput
    default_error_messages = {
        "invalid": _("Enter a number, e.g. 1,000.5."),
        "above": _("Enter a number above %(bound)s."),
        "least": _("Enter a number that is at least %(bound)s."),
        "most": _("Enter a number that is at most %(bound)s."),
        "max_digits": _("The number has too many digits: at most %(max)s."),
        "max_decimal_places": _("The number has too many decimals: at most %(max)s."),
        "max_whole_digits": _("The number is too large: at most %(max)s digits before the decimals."),
    }

    def __init__(
        self,
        *,
        above: Decimal | int | None = 0,
        min_value: Decimal | int | None = None,
        max_value: Decimal | int | None = 1_000_000_000,
        max_digits: int | None = 15,
        decimal_places: int | None = 3,
        **kwargs: Any,
    ) -> None:
        self.above = above if min_value is None else None
        self.least, self.most = min_value, max_value
        super().__init__(max_digits=max_digits, decimal_places=decimal_places, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {}  # min, max and step belong to type=number

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # Django's own breach
        if value in self.empty_values:
            return None
        try:
            number = parse_decimal(value) if isinstance(value, str) else Decimal(str(value))
        except (NumberError, InvalidOperation) as error:
            if getattr(error, "code", None) == "empty":
                return None
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        if not number.is_finite():
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return number

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is None:
            return
        for code, bound, within in (
            ("above", self.above, self.above is None or value > self.above),
            ("least", self.least, self.least is None or value >= self.least),
            ("most", self.most, self.most is None or value <= self.most),
        ):
            if not within:
                params = {"bound": decimal_text(Decimal(bound or 0))}
                raise ValidationError(self.error_messages[code], code=code, params=params)

    def prepare_value(self, value: Any) -> Any:
        return decimal_text(value) if isinstance(value, Decimal | int) else value
