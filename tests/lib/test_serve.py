"""The processes of `make run`: started, restarted, stopped together. The children here are small scripts."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kisu.lib.postgres import _command_line
from kisu.lib.serve import FailedError, chosen_port, portal_programs, readable

ROOT = Path(__file__).resolve().parents[2]
RUN = """
import sys
from kisu.lib import serve

def portal(presses):
    codes = enumerate(sys.argv[1:])
    programs = [serve.Program(f"p{number}", [sys.executable, "-c", code]) for number, code in codes]
    with serve.running(programs, presses):
        serve.supervise(programs, presses)

sys.exit(serve.main(portal))
"""
# A server with a worker process, as granian and Celery have; says both numbers.
WORKING = """
import os, subprocess, time
child = subprocess.Popen(["sleep", "600"])
print("up", os.getpid(), child.pid)
time.sleep(600)
"""
STUBBORN = "import signal\nfor number in (2, 15): signal.signal(number, signal.SIG_IGN)\n" + WORKING


@pytest.fixture
def start() -> Iterator[Callable[..., tuple[subprocess.Popen[str], list[int]]]]:
    """Starts the supervisor over children with these codes; gives it and the numbers of all processes it has."""
    started: list[subprocess.Popen[str]] = []

    def run(*codes: str) -> tuple[subprocess.Popen[str], list[int]]:
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, *codes], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
        )
        started.append(process)
        assert process.stdout
        numbers: list[int] = []
        while len(numbers) < 2 * sum(WORKING in code for code in codes):
            _, _, text = process.stdout.readline().partition("| up ")
            numbers += [int(number) for number in text.split()]
        return process, numbers

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def all_gone(numbers: list[int], seconds: float = 5) -> bool:
    give_up = time.monotonic() + seconds
    while any(_command_line(number) for number in numbers) and time.monotonic() < give_up:
        time.sleep(0.02)
    return not any(_command_line(number) for number in numbers)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_takes_all_processes_along_and_is_no_error(start: Callable[..., object], number: int) -> None:
    process, numbers = start(WORKING, WORKING)  # type: ignore[misc]
    process.send_signal(number)
    out, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")
    assert out.splitlines()[-1] == "Stopped."
    assert all_gone(numbers, 0)


def test_a_second_press_ends_what_will_not_end(start: Callable[..., object]) -> None:
    process, numbers = start(STUBBORN)  # type: ignore[misc]
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=10)[1] == ""
    assert process.returncode == 0
    assert time.monotonic() - began < 4
    assert all_gone(numbers, 0)


def test_a_child_that_dies_is_started_again(start: Callable[..., object]) -> None:
    process, numbers = start(WORKING)  # type: ignore[misc]
    os.kill(numbers[0], signal.SIGKILL)
    assert process.stdout.readline() == "p0 ended; starting it again.\n"
    again = [int(number) for number in process.stdout.readline().split()[-2:]]
    assert all_gone(numbers)  # the dead one's worker too
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert process.returncode == 0
    assert all_gone(again, 0)


def test_a_child_that_dies_again_and_again_stops_all_with_its_last_words(start: Callable[..., object]) -> None:
    process, numbers = start(WORKING, "print('no such module: kisu'); raise SystemExit(3)")  # type: ignore[misc]
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert errors.splitlines()[0] == "p1 ended 4 times in a minute. Its last words:"
    assert errors.splitlines()[-1] == "  no such module: kisu"
    assert all_gone(numbers, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a killed parent")
def test_a_killed_supervisor_leaves_no_server(start: Callable[..., object]) -> None:
    process, numbers = start(WORKING)  # type: ignore[misc]
    process.kill()
    assert all_gone(numbers[:1])
    os.kill(numbers[1], signal.SIGKILL)


def test_a_taken_port_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        with pytest.raises(FailedError, match=rf"^Port {port} is taken by another program\. .*make run PORT=8001$"):
            chosen_port()
    assert chosen_port() == port


@pytest.mark.parametrize("text", ["0", "65536", "-1", "web", "80 80", "²"])
def test_a_port_that_is_none(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("PORT", text)
    with pytest.raises(FailedError, match=r"^PORT must be a number from 1 to 65535"):
        chosen_port()


def test_beat_is_a_process_of_its_own_only_with_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)
    assert [(program.name, "--beat" in program.command) for program in portal_programs(8000)] == [
        ("web", False),
        ("jobs", True),
    ]
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:6379/0")
    assert [(program.name, "--beat" in program.command) for program in portal_programs(8000)] == [
        ("web", False),
        ("jobs", False),
        ("clock", False),
    ]


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ('{"at": "x", "level": "error", "message": "No way", "traceback": "Tr"}', "error: No way\nTr"),
        ('{"level": "info"}', '{"level": "info"}'),
        ("{broken", "{broken"),
        ("plain", "plain"),
    ],
)
def test_log_lines_as_a_person_reads_them(line: str, read: str) -> None:
    assert readable(line) == read
