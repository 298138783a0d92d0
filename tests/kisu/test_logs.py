"""Log lines: JSON, one a record, with ids and without people."""

import json
import logging

import pytest

from kisu.lib import logs

CANARY = "canary.person@kisu.example"
TOKEN = "/kutsu/" + "aB3" * 14


def line(message: str, *args: object, error: BaseException | None = None) -> dict[str, str]:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("members", logging.WARNING, __file__, 1, message, args, info)  # type: ignore[arg-type]
    text = logs.JsonFormatter().format(record)
    assert "\n" not in text
    assert "\r" not in text
    parsed: dict[str, str] = json.loads(text)
    return parsed


def test_a_line_says_when_in_utc_how_bad_who_and_what() -> None:
    written = line("Job %s failed", 7)
    assert written["at"].endswith("+00:00")
    assert (written["level"], written["logger"], written["message"]) == ("warning", "members", "Job 7 failed")


def test_input_with_line_breaks_stays_one_line() -> None:
    assert line("Name: %s", 'x\r\n{"level": "info"}\u2028y')["message"] == 'Name: x\r\n{"level": "info"}\u2028y'


@pytest.mark.parametrize("text", [CANARY, f"<{CANARY}>", f"mailto:{CANARY}?x"])
def test_addresses_are_masked(text: str) -> None:
    assert "canary" not in line("To %s", text)["message"]


def test_keys_in_links_are_masked() -> None:
    assert line("GET %s/", TOKEN)["message"] == "GET /kutsu/[token]/"


def test_a_traceback_is_masked_too() -> None:
    try:
        raise ValueError(f"No mailbox {CANARY}")
    except ValueError as error:
        written = line("Failed", error=error)
    assert "ValueError: No mailbox [address]" in written["traceback"]


def test_the_ids_of_request_and_task_are_on_the_line() -> None:
    request, task = logs.request_id.set("r-1"), logs.task_id.set("t-1")
    try:
        written = line("x")
    finally:
        logs.request_id.reset(request)
        logs.task_id.reset(task)
    assert (written["request"], written["task"]) == ("r-1", "t-1")
    assert "request" not in line("x")
