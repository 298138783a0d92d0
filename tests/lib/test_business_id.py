import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from kisu.lib.business_id import BusinessIdError, BusinessIdField, normalise_business_id


@pytest.mark.parametrize(
    "text",
    [
        "0112038-9",
        "01120389",
        "FI01120389",
        "fi 01120389",
        "112038-9",
        "1120389",
        " 0112038-9\u00a0",
        "0112038–9",
        "0112038\u22129",
        "0112038 - 9",
    ],
)
def test_written_forms_become_the_official_one(text: str) -> None:
    assert normalise_business_id(text) == "0112038-9"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0112038-8",
        "0112083-9",
        "12038-9",
        "00112038-9",
        "0000000-0",
        "0112038-9a",
        "٠١١٢٠٣٨-٩",
        "SE01120389",
        "9" * 10_000,
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(BusinessIdError):
        normalise_business_id(text)


@settings(max_examples=100, deadline=None)
@given(st.integers(10**5, 10**7 - 1))
def test_exactly_one_check_digit_fits_or_none(number: int) -> None:
    fitting = 0
    for digit in range(10):
        try:
            assert normalise_business_id(f"{number:07}-{digit}") == f"{number:07}-{digit}"
            fitting += 1
        except BusinessIdError:
            pass
    assert fitting <= 1


def test_the_field_normalises_and_says_what_to_check() -> None:
    assert BusinessIdField(max_length=9).clean("FI 01120389") == "0112038-9"
    assert BusinessIdField(required=False).clean("") == ""
    assert BusinessIdField(required=False, empty_value=None).clean(" ") is None
    with translation.override("en"), pytest.raises(ValidationError, match=r"Check the Business ID, e\.g\. 1234567-1\."):
        BusinessIdField().clean("1234567-8")
