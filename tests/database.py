"""A pytest plugin that is loaded before Django's settings: starts or joins the test server when there is no DATABASE_URL."""

from __future__ import annotations

import os
from pathlib import Path

from kisu.lib.postgres import ensure_database

os.environ.setdefault("KISU_TESTING", "1")
ensure_database(Path(__file__).resolve().parent.parent, testing=True)
