"""Finnish order and letters in SQL, the same on every server: the embedded PostgreSQL has no ICU."""

from __future__ import annotations

from django.db.models import CharField, F, Func, Value
from django.db.models.functions import Collate, Lower

_FROM = "áàâãåäæçðéèêëíìîïñóòôõöøšúùûüýÿžđł"
_BARE = "aaaaaaacdeeeeiiiinoooooosuuuuyyzdl"
# In Finnish å, ä and ö follow z in this order, w is a letter of its own, and ü sorts as y; braces follow z in "C".
_SORT = "aaaa{||cdeeeeiiiinoooo}}suuuyyyzdl"


def _translated(field: str, to: str) -> Func:
    assert len(to) == len(_FROM)  # noqa: S101  TRANSLATE would drop letters silently
    return Func(Lower(F(field)), Value(_FROM), Value(to), function="TRANSLATE", output_field=CharField())


def plain_letters(field: str) -> Func:
    """The field in small letters without diacritics: what "aakkoset" finds Ääkköset in. The like of texts.plain()."""
    return _translated(field, _BARE)


def finnish_order(field: str) -> Collate:
    """To order by: a-z, å, ä, ö, without regard to case, whatever collation the database has."""
    return Collate(_translated(field, _SORT), "C")


_KEYS = str.maketrans(_FROM, _SORT)


def finnish_key(text: str) -> str:
    """The same order for what is sorted in Python."""
    return text.lower().translate(_KEYS)
