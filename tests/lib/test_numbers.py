import contextlib
from decimal import Decimal

import pytest
from django import forms
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from kisu.lib.numbers import NumberError, QuantityField, decimal_text, parse_decimal


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1000,5", "1000.5"),
        ("1 000,5", "1000.5"),
        ("1\u00a0000,5", "1000.5"),
        ("1\u202f000,5", "1000.5"),
        ("1\u2009000\u2009000", "1000000"),
        (" 12,5 ", "12.5"),
        ("1000.5", "1000.5"),
        ("1234.567", "1234.567"),
        ("0.125", "0.125"),
        ("1,000", "1"),
        ("\u22125", "-5"),
        ("-12,5", "-12.5"),
        ("0,0001", "0.0001"),
        ("-0", "0"),
        ("00100", "100"),
    ],
)
@pytest.mark.parametrize("language", ["fi", "sv"])
def test_finnish_and_swedish_numbers_are_read(text: str, value: str, language: str) -> None:
    assert parse_decimal(text, language=language) == Decimal(value)
    assert str(parse_decimal("-0", language=language)) == "0"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,000.5", "1000.5"),
        ("1,000,000", "1000000"),
        ("1,000", "1000"),
        ("1.000", "1"),
        ("1000.5", "1000.5"),
        ("1 000,5", "1000.5"),
        ("1,5", "1.5"),
        ("0,125", "0.125"),
    ],
)
def test_english_numbers_are_read(text: str, value: str) -> None:
    assert parse_decimal(text, language="en") == Decimal(value)


@pytest.mark.parametrize(
    ("text", "language", "code"),
    [
        ("1.000,5", "fi", "ambiguous"),
        ("1,000.5", "fi", "ambiguous"),
        ("1.000", "fi", "ambiguous"),
        ("1.000.000", "sv", "ambiguous"),
        ("1.000,5", "en", "ambiguous"),
        ("1234,567", "en", "ambiguous"),
        ("1,2,3", "fi", "ambiguous"),
        ("", "fi", "empty"),
        ("\u00a0", "fi", "empty"),
        ("½", "fi", "invalid"),
        ("NaN", "fi", "invalid"),
        ("inf", "fi", "invalid"),
        ("1e400", "fi", "invalid"),
        ("1_000", "fi", "invalid"),
        ("١٢", "fi", "invalid"),
        ("１２", "fi", "invalid"),
        ("1 00", "fi", "invalid"),
        ("+5", "fi", "invalid"),
        ("--5", "fi", "invalid"),
        ("5 t", "fi", "invalid"),
        ("0x10", "fi", "invalid"),
        ("9" * 29, "fi", "invalid"),
        ("9" * 100_000, "fi", "invalid"),
        ("5\n6", "fi", "invalid"),
    ],
)
def test_other_texts_are_refused_with_a_code(text: str, language: str, code: str) -> None:
    with pytest.raises(NumberError) as refused:
        parse_decimal(text, language=language)
    assert refused.value.code == code


@settings(max_examples=200, deadline=None)
@given(
    st.decimals(min_value=-(10**9), max_value=10**9, places=3, allow_nan=False, allow_infinity=False),
    st.sampled_from(["fi", "sv", "en"]),
)
def test_what_is_written_is_read_back(value: Decimal, language: str) -> None:
    assert parse_decimal(decimal_text(value, language=language), language=language) == value


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="0123456789.,- \u00a0\u2212eE_+½xn", max_size=20), st.sampled_from(["fi", "en"]))
def test_any_text_gives_a_finite_number_or_a_refusal(text: str, language: str) -> None:
    with contextlib.suppress(NumberError):
        assert parse_decimal(text, language=language).is_finite()


@pytest.mark.parametrize(
    ("value", "fi", "en"),
    [
        (Decimal("1000.50"), "1\u00a0000,5", "1,000.5"),
        (Decimal("-5.000"), "\u22125", "\u22125"),
        (Decimal("1E+6"), "1\u00a0000\u00a0000", "1,000,000"),
        (Decimal(100), "100", "100"),
        (0, "0", "0"),
    ],
)
def test_numbers_are_written_in_the_language(value: Decimal, fi: str, en: str) -> None:
    assert (decimal_text(value, language="fi"), decimal_text(value, language="en")) == (fi, en)


def clean(field: forms.Field, value: object) -> object:
    """The cleaned value, or the first error's code and English text."""
    with translation.override("en"):
        try:
            return field.clean(value)
        except forms.ValidationError as error:
            return error.error_list[0].code, error.messages[0]


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        ("1 000,5", Decimal("1000.5")),
        (Decimal("1.000"), Decimal(1)),
        (2.5, Decimal("2.5")),
        ("", ("required", "Fill this in.")),
        (" \u00a0", ("required", "Fill this in.")),
        ("NaN", ("invalid", "Enter a number, e.g. 1,000.5.")),
        (float("nan"), ("invalid", "Enter a number, e.g. 1,000.5.")),
        (float("inf"), ("invalid", "Enter a number, e.g. 1,000.5.")),
        ([], None),
        ("0", ("above", "Enter a number above 0.")),
        ("-5", ("above", "Enter a number above 0.")),
        ("1000000001", ("most", "Enter a number that is at most 1,000,000,000.")),
        ("1e12", ("invalid", "Enter a number, e.g. 1,000.5.")),
        ("0,00011", ("max_decimal_places", "The number has too many decimals: at most 3.")),
    ],
)
def test_a_quantity_is_a_sane_positive_number(value: object, outcome: object) -> None:
    if value == []:
        assert clean(QuantityField(required=False), value) is None
    else:
        assert clean(QuantityField(), value) == outcome


def test_bounds_can_be_inclusive() -> None:
    field = QuantityField(min_value=-10, max_value=100)
    assert clean(field, "0") == 0
    assert clean(field, "-10") == -10
    assert clean(field, "-11") == ("least", "Enter a number that is at least \u221210.")


def test_the_widget_shows_the_number_as_it_is_typed_and_keeps_a_wrong_text() -> None:
    class Form(forms.Form):
        amount = QuantityField(initial=Decimal("1234.500"))

    with translation.override("fi"):
        html = str(Form()["amount"])
        assert 'value="1\u00a0234,5"' in html
        assert 'type="text"' in html
        assert 'inputmode="decimal"' in html
        assert "min=" not in html
        assert 'value="abc"' in str(Form({"amount": "abc"})["amount"])
        assert not Form({"amount": "1 234,5"}).has_changed()
