"""Logs: one JSON object a line, UTC, with the request's or task's id and no personal data."""

from __future__ import annotations

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("request_id", default="")
task_id: ContextVar[str] = ContextVar("task_id", default="")

# An address in an exception's text or a query is the commonest leak; the rest is kept out by logging ids, not objects.
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
TOKEN = re.compile(r"(?<=[=/])[A-Za-z0-9_-]{32,}")


def scrub(text: str) -> str:
    return TOKEN.sub("[token]", ADDRESS.sub("[address]", text))


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": scrub(record.getMessage()),
        }
        if request_id.get():
            line["request"] = request_id.get()
        if task_id.get():
            line["task"] = task_id.get()
        if record.exc_info:
            line["traceback"] = scrub(self.formatException(record.exc_info))
        # json.dumps escapes CR and LF, so input can't forge a second line.
        return json.dumps(line, ensure_ascii=False)
