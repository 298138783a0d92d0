"""Codes of NACE Rev. 2 (TOL 2008): sections A to U, divisions 01 to 99, written C, C23 or 23."""

from __future__ import annotations

import re

SECTIONS = (
    ("A", 1, 3), ("B", 5, 9), ("C", 10, 33), ("D", 35, 35), ("E", 36, 39), ("F", 41, 43), ("G", 45, 47),
    ("H", 49, 53), ("I", 55, 56), ("J", 58, 63), ("K", 64, 66), ("L", 68, 68), ("M", 69, 75), ("N", 77, 82),
    ("O", 84, 84), ("P", 85, 85), ("Q", 86, 88), ("R", 90, 93), ("S", 94, 96), ("T", 97, 98), ("U", 99, 99),
)  # fmt: skip
CODE = re.compile(r"([A-U])?\s?(\d{1,2})?(?:\.\d{1,2})?", re.ASCII)


class IndustryError(ValueError):
    """Not a code of the classification."""


def section_of(division: str) -> str:
    """The letter of a division's two digits. Raises IndustryError for digits that no section has."""
    number = int(division)
    for letter, first, last in SECTIONS:
        if first <= number <= last:
            return letter
    raise IndustryError(f"{division}: NACE has no such division.")


def parse_industry(text: str) -> str:
    """ "C", "C23", "23" or "C23.51" as "C" or "C23". Raises IndustryError."""
    code = text.strip().upper()
    found = CODE.fullmatch(code)
    if not code or found is None or (found[1] is None and found[2] is None):
        raise IndustryError(f"{text.strip() or 'empty'}: write a section (C) or a division (C23 or 23) of NACE.")
    if found[2] is None:
        return found[1]
    digits = found[2].zfill(2)
    letter = section_of(digits)
    if found[1] not in {None, letter}:
        raise IndustryError(f"{text.strip()}: division {digits} belongs to section {letter}.")
    return letter + digits


def division_of(text: str) -> str:
    """The code when it is a division, else ""."""
    try:
        code = parse_industry(text)
    except IndustryError:
        return ""
    return code if len(code) == 3 else ""
