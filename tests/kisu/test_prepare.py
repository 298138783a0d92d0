import gettext
import os
from pathlib import Path
from typing import Any

import polib
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from kisu.management.commands.compile_catalogues import compile_catalogues
from kisu.management.commands.prepare import _collect_static


def write_catalogue(folder: Path, translation: str) -> Path:
    path = folder / "fi" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    catalogue.append(polib.POEntry(msgid="Saved.", msgstr=translation))
    catalogue.append(polib.POEntry(msgid="Unsure.", msgstr="Arvaus.", flags=["fuzzy"]))
    catalogue.save(str(path))
    return path


def translated(source: Path, text: str) -> str:
    with source.with_suffix(".mo").open("rb") as file:
        return gettext.GNUTranslations(file).gettext(text)


def test_catalogues_are_compiled_without_guesses(tmp_path: Path) -> None:
    source = write_catalogue(tmp_path, "Tallennettu.")
    assert compile_catalogues([tmp_path]) == [source]
    assert translated(source, "Saved.") == "Tallennettu."
    assert translated(source, "Unsure.") == "Unsure."
    assert sorted(path.suffix for path in source.parent.iterdir()) == [".mo", ".po"]


def test_only_changed_catalogues_are_compiled_again(tmp_path: Path) -> None:
    source = write_catalogue(tmp_path, "Tallennettu.")
    compile_catalogues([tmp_path])
    assert compile_catalogues([tmp_path]) == []
    write_catalogue(tmp_path, "Talletettu.")
    later = source.with_suffix(".mo").stat().st_mtime + 5
    os.utime(source, (later, later))
    assert compile_catalogues([tmp_path]) == [source]
    assert translated(source, "Saved.") == "Talletettu."


def test_static_files_are_collected_once(tmp_path: Path, settings: Any) -> None:
    settings.VAR_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "static"
    assert _collect_static().endswith("files collected")
    assert (tmp_path / "static" / "css" / "site.css").exists()
    assert (tmp_path / "static" / "plotly" / "plotly.min.js").exists()
    assert _collect_static() == "up to date"


def test_another_place_for_static_files_is_filled(tmp_path: Path, settings: Any) -> None:
    settings.VAR_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "static"
    _collect_static()
    settings.STATIC_ROOT = tmp_path / "elsewhere"
    assert _collect_static().endswith("files collected")


@pytest.mark.django_db
def test_the_demo_is_refused_in_production(settings: Any, capsys: Any) -> None:
    settings.LOCAL = False
    with pytest.raises(CommandError, match="local portal only"):
        call_command("load_demo")
    with pytest.raises(CommandError, match="not loaded"):
        call_command("demo_accounts")
