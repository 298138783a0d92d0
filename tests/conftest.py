"""What every test stands on: reference data, a scratch folder for files, a doorbell that only counts."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Compiles the catalogues, and has Django read again what it keeps from before, also when it had found none."""
    if hasattr(config, "workerinput"):
        return  # one of several; the first process has done it
    from django.conf import settings
    from django.utils.translation.reloader import translation_file_changed

    from kisu.management.commands.compile_catalogues import compile_catalogues

    for source in compile_catalogues([Path(folder) for folder in settings.LOCALE_PATHS]):
        translation_file_changed(None, source.with_suffix(".mo"))


def pytest_collection_finish() -> None:
    """What is imported and collected stays to the end: the garbage collector need not look through it each time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Reference data are part of the schema: loaded once per test database, seen by every test."""
    from django.conf import settings

    from members.services.reference import load_reference as load_members
    from symbiosis.services.reference import load_reference as load_symbiosis

    name = str(settings.DATABASES["default"]["NAME"])
    if not name.startswith("test_"):
        return  # no test of this run asks for the database, so there is no test database
    with django_db_blocker.unblock():
        load_members()
        load_symbiosis()


@pytest.fixture(scope="session")
def _media(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the files of all tests go. It is set once: each change of a setting tells all who listen, twice."""
    from django.test import override_settings

    folder = tmp_path_factory.mktemp("files") / "media"
    with override_settings(MEDIA_ROOT=folder):
        yield folder


@pytest.fixture(autouse=True)
def _no_files_of_another_test(_media: Path) -> Iterator[None]:
    yield
    if _media.exists():
        shutil.rmtree(_media)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Tests read the message ids; a test of Finnish or Swedish says so."""
    from django.utils import translation

    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The doorbell, instead of a broker: (task name, id) of what a request rang for after commit."""
    from members import tasks

    calls: list[tuple[str, int]] = []
    monkeypatch.setattr(tasks, "ring", lambda task, pk: calls.append((task.name, pk)))
    return calls
