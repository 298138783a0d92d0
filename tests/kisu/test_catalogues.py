from __future__ import annotations

import re

import polib
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from kisu.management.commands.check_catalogues import LANGUAGES, MENDED, audit_names, catalogue, faults_of, missing


def entry(msgid: str, msgstr: str = "", *, plural: tuple[str, str, str] | None = None, flags: tuple[str, ...] = ()):
    if plural is None:
        return polib.POEntry(msgid=msgid, msgstr=msgstr, flags=list(flags))
    return polib.POEntry(msgid=msgid, msgid_plural=plural[0], msgstr_plural=dict(enumerate(plural[1:])))


@pytest.mark.parametrize("language", [*LANGUAGES, MENDED])
def test_every_entry_is_translated_keeps_its_placeholders_and_uses_our_words(language):
    assert [fault for one in catalogue(language).values() for fault in faults_of(one, language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_of_an_act_in_the_audit_log_is_in_the_catalogue(language):
    assert audit_names(settings.BASE_DIR) - {msgid for _context, msgid in catalogue(language)} == set()


@pytest.mark.parametrize("language", [*LANGUAGES, MENDED])
def test_the_header_names_the_language_and_no_person(language):
    po = polib.pofile(str(settings.LOCALE_PATHS[0] / language / "LC_MESSAGES" / "django.po"))
    assert po.metadata["Language"] == language
    assert po.metadata["Plural-Forms"] == "nplurals=2; plural=(n != 1);"
    assert re.search(r"@|TRANSLATOR|FULL NAME", f"{po.header}{po.metadata}") is None
    assert not po.metadata_is_fuzzy
    assert po.obsolete_entries() == []


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (entry("Saved."), "not translated: 'Saved.'"),
        (entry("Saved.", "Tallennettu.", flags=("fuzzy",)), "not translated: 'Saved.'"),
        (entry("%(n)s day", plural=("%(n)s days", "%(n)s päivä", "")), "not translated: '%(n)s day'"),
        (entry("%(n)s day", plural=("%(n)s days", "%(n)s päivä", "päiviä")), "placeholders differ: '%(n)s day'"),
        (entry("By %(name)s", "%(nimi)s"), "placeholders differ: 'By %(name)s'"),
        (entry("Read <b>this</b>", "Lue tämä"), "tags differ: 'Read <b>this</b>'"),
        (entry("%(n)s per cent", "%(n)s %"), "a bare per cent sign among placeholders: '%(n)s per cent'"),
        (entry("Overview", "Dashboard"), "“Dashboard” is not our word: 'Overview'"),
        (entry("In %(place)s", "%(place)ssa"), "“%(place)ss” is not our word: 'In %(place)s'"),
        (entry("Saved.", "Tallennettu!"), "an exclamation mark or a straight quotation mark: 'Saved.'"),
        (entry("Name", "Nimi "), "space at an end: 'Name'"),
    ],
)
def test_a_fault_is_named_with_its_sentence(found, fault):
    assert list(faults_of(found, "fi")) == [fault]


def test_one_thing_may_be_named_instead_of_counted():
    found = entry("One thing waits.", plural=("%(n)s things wait.", "Yksi asia odottaa.", "%(n)s asiaa odottaa."))
    assert list(faults_of(found, "fi")) == []


def test_words_inside_a_tag_are_not_read():
    found = entry('Ask <a href="mailto:%(to)s">us</a>', 'Fråga <a href="mailto:%(to)s">oss</a>')
    assert list(faults_of(found, "sv")) == []


def test_a_sentence_that_the_catalogue_lacks_is_missing_also_when_only_its_plural_is():
    entries = {(None, "Saved."): entry("Saved.", "Tallennettu."), (None, "day"): entry("day", "päivä")}
    said = {(None, "Saved."): "", (None, "day"): "days", ("page", "Next"): ""}
    assert missing(said, entries) == ["day", "Next"]


def test_the_command_says_so_when_xgettext_is_not_installed(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CommandError, match="xgettext is missing"):
        call_command("check_catalogues")
