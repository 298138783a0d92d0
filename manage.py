#!/usr/bin/env python
"""Django's command line; starts or joins the portal's own PostgreSQL when DATABASE_URL is not set."""

import os
import sys
from pathlib import Path


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kisu.settings")
    from kisu.lib.postgres import ensure_database

    ensure_database(Path(__file__).resolve().parent)
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
