from __future__ import annotations

from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Compiles the message catalogues (.po to .mo) that changed. Needs no gettext on the machine."

    def handle(self, *args: Any, **options: Any) -> str:
        compiled = compile_catalogues([Path(folder) for folder in settings.LOCALE_PATHS])
        return f"{len(compiled)} compiled" if compiled else "up to date"


def compile_catalogues(folders: list[Path]) -> list[Path]:
    """Compiles what is newer than its .mo; returns those. A reader never meets half a file."""
    compiled = []
    for source in sorted(path for folder in folders for path in folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        fresh = target.with_suffix(".fresh")
        polib.pofile(str(source)).save_as_mofile(str(fresh))
        fresh.replace(target)
        compiled.append(source)
    return compiled
