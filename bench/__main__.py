"""`make bench`: all measurements in one run, as ratios. Nothing here is a test; the machine decides the seconds."""

from __future__ import annotations

import os
from pathlib import Path

from kisu.lib.postgres import ensure_database


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kisu.settings")
    os.environ.setdefault("KISU_LOCAL", "1")
    ensure_database(Path(__file__).resolve().parent.parent)
    import django

    django.setup()
    from bench import matching, pages

    pages.main()
    matching.main()


if __name__ == "__main__":
    main()
