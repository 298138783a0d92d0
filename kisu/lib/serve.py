"""`make run`: prepares the portal, starts its processes, follows their logs, and takes all of them along when it ends.

With DATABASE_URL and REDIS_URL on real servers; without them on the portal's own PostgreSQL and a broker of files.
It serves this machine only. Production runs the same commands as containers of their own (docker-compose.yml).
"""

from __future__ import annotations

import ctypes
import errno
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kisu.lib.postgres import ensure_database

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
RESTARTS = 3  # of one process in a minute; then something is wrong that a restart does not mend
PATIENCE = 10.0  # seconds that a process gets to end by itself; a second Ctrl-C ends the wait
SPACE = 200  # MB
SET_DEATH_SIGNAL = 1  # prctl(2)


class StoppedError(Exception):
    """Ctrl-C, or a signal that means the same."""


class FailedError(Exception):
    """The portal can't run. Its text says why, for a person."""


class Presses:
    """Counts Ctrl-C, SIGTERM and SIGHUP instead of dying of them; in a plain number, for a handler must not lock."""

    def __init__(self) -> None:
        self.count = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._pressed)

    def _pressed(self, number: int, frame: object) -> None:
        self.count += 1

    def check(self) -> None:
        if self.count:
            raise StoppedError


def say(text: str = "") -> None:
    with suppress(OSError):  # the terminal is gone; whoever reads the log has stopped reading
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


@dataclass
class Program:
    """A process in a group of its own, whose lines are said with its name in front."""

    name: str
    command: Sequence[str | Path]
    environment: dict[str, str] = field(default_factory=dict)
    errors: Path | None = None  # a file for its stderr; otherwise the same lines
    process: subprocess.Popen[str] | None = None
    starts: deque[float] = field(default_factory=lambda: deque(maxlen=RESTARTS + 1))
    last_lines: deque[str] = field(default_factory=lambda: deque(maxlen=12))
    reader: threading.Thread | None = None

    def start(self) -> None:
        """From the main thread only: Linux ends the process when the thread that started it ends."""
        self.starts.append(time.monotonic())
        errors = self.errors.open("w") if self.errors else None
        try:
            self.process = subprocess.Popen(  # noqa: S603
                self.command,
                cwd=ROOT,
                env=os.environ | {"PYTHONUNBUFFERED": "1"} | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors or subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,  # Ctrl-C is for us; we end the others in order
                preexec_fn=_end_with_parent,
            )
        finally:
            if errors:
                errors.close()
        self.reader = threading.Thread(target=self._read, args=(self.process,), daemon=True)
        self.reader.start()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None  # noqa: S101
        for line in process.stdout:
            text = readable(line.rstrip("\n"))
            self.last_lines.append(text)
            say(f"{self.name:<5}| {text}" if self.name else f"  {text}")

    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def end(self) -> None:
        """Asks it to end. Only the first of its group: a pool's processes are ended by their own parent."""
        if self.process and self.runs():
            self.process.terminate()

    def bury(self) -> None:
        """Ends what is left of its group, and waits for its last lines."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            if self.reader:
                self.reader.join(timeout=2)
            if self.process.stdout and self.reader and not self.reader.is_alive():
                self.process.stdout.close()

    def worn_out(self) -> bool:
        return len(self.starts) > RESTARTS and self.starts[-1] - self.starts[0] < 60


def readable(line: str) -> str:
    """A JSON log line as a person reads it; any other line as it is."""
    if line.startswith("{"):
        with suppress(ValueError, KeyError, TypeError):
            entry = json.loads(line)
            traceback = f"\n{entry['traceback']}" if "traceback" in entry else ""
            return f"{entry['level']}: {entry['message']}{traceback}"
    return line


@contextmanager
def running(programs: Sequence[Program], presses: Presses) -> Iterator[None]:
    """Starts them, and leaves none behind, however it ends."""
    try:
        for program in programs:
            program.start()
        yield
    finally:
        say("Stopping ... (some seconds; Ctrl-C again stops at once)")
        stop(programs, presses)


def supervise(programs: Sequence[Program], presses: Presses) -> None:
    """Starts again what dies, until a stop is asked for.

    Raises StoppedError, and FailedError when one dies too often.
    """
    while True:
        presses.check()
        for program in programs:
            if not program.runs():
                program.bury()
                if program.worn_out():
                    tail = "\n".join(f"  {line}" for line in program.last_lines)
                    raise FailedError(
                        f"{program.name} ended {len(program.starts)} times in a minute. Its last words:\n{tail}"
                    )
                say(f"{program.name} ended; starting it again.")
                program.start()
        time.sleep(0.1)


def stop(programs: Sequence[Program], presses: Presses) -> None:
    """Ends all, the gentle way first. A press of Ctrl-C during that ends them at once."""
    before = presses.count
    for program in programs:
        program.end()
    give_up = time.monotonic() + PATIENCE
    while any(program.runs() for program in programs) and time.monotonic() < give_up and presses.count == before:
        time.sleep(0.05)
    for program in programs:
        program.bury()


def run_step(program: Program, presses: Presses) -> None:
    """Runs one to its end. Raises StoppedError; FailedError with the last thing it said."""
    program.start()
    assert program.process is not None  # noqa: S101
    try:
        while program.runs():
            presses.check()
            time.sleep(0.05)
    finally:
        stop([program], presses)
    if program.process.returncode:
        said = program.errors.read_text(errors="replace") if program.errors else "\n".join(program.last_lines)
        if "No space left on device" in said:
            raise FailedError("The disk is full: the portal could not be prepared.")
        lines = [line for line in said.splitlines() if line.strip()] or ["no reason given"]
        exceptions = [line for line in lines if re.match(r"[\w.]+(Error|Exception|Exit)\b", line)]
        details = f" (details: {program.errors})" if program.errors else ""
        raise FailedError(f"The portal could not be prepared: {(exceptions or lines)[-1]}{details}")


def wait_until_it_answers(port: int, programs: Sequence[Program], presses: Presses, seconds: float = 90) -> None:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        presses.check()
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(HOST, port, timeout=5)
            connection.request("GET", "/livez")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        if not programs[0].runs():
            return  # supervise() says why
        time.sleep(0.1)
    raise FailedError(f"The portal did not answer within {seconds:.0f} seconds.")


def chosen_port() -> int:
    """PORT, or 8000. Raises FailedError when nothing could listen there."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise FailedError(f"PORT must be a number from 1 to 65535, and it is “{text}”.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(text)))
        except PermissionError:
            raise FailedError(
                f"Port {text} is only for the administrator. Choose another: make run PORT=8001"
            ) from None
        except OSError:
            raise FailedError(f"Port {text} is taken by another program. Choose another: make run PORT=8001") from None
    return int(text)


def check_space() -> None:
    free = shutil.disk_usage(ROOT).free // 2**20
    if free < SPACE:
        raise FailedError(f"The disk is full: {free} MB free in {ROOT}, and the portal needs {SPACE} MB.")


def check_servers() -> None:
    """The servers that the settings name answer. Raises FailedError."""
    import psycopg

    try:
        psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=5).close()
    except psycopg.Error as error:
        raise FailedError(f"The database of DATABASE_URL does not answer: {_one_line(error)}") from None
    if address := os.environ.get("REDIS_URL"):
        import redis

        try:
            redis.Redis.from_url(address, socket_connect_timeout=3, socket_timeout=3).ping()
        except (redis.RedisError, ValueError) as error:
            raise FailedError(f"The Redis of REDIS_URL does not answer: {_one_line(error)}") from None


def portal_programs(port: int) -> list[Program]:
    """The web server first."""
    python = sys.executable
    # root is warned at length, and knows.
    celery = [python, "-W", "ignore:You're running the worker", "-m", "celery", "--quiet", "--app", "kisu"]
    # Two of each are enough for a machine with two cores; the rest of it belongs to PostgreSQL.
    web = [
        *[python, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port), "--workers", "2"],
        *["--blocking-threads", "4", "--no-ws", "--respawn-failed-workers", "--workers-kill-timeout", "5"],
        *["--log-level", "warning", "kisu.wsgi:application"],
    ]
    worker = [*celery, "worker", "--loglevel", "info", "--concurrency", "2", "--without-gossip", "--without-mingle"]
    clock = ["--schedule", str(_var() / "beat-schedule")]
    if os.environ.get("REDIS_URL"):
        beat = Program("clock", [*celery, "beat", "--loglevel", "info", *clock])
        return [Program("web", web), Program("jobs", worker), beat]
    return [Program("web", web), Program("jobs", [*worker, "--without-heartbeat", "--beat", *clock])]


def run_portal(presses: Presses) -> None:
    from dotenv import load_dotenv

    load_dotenv(ROOT / ".env")
    port = chosen_port()
    check_space()
    if os.environ.get("DATABASE_URL"):
        os.environ.setdefault("KISU_LOCAL", "1")  # real servers, but this machine only and plain http
    else:
        say("Starting PostgreSQL ...")
    ensure_database(ROOT)
    check_servers()
    presses.check()
    os.environ.setdefault("SITE_URL", f"http://{HOST}:{port}")
    errors = _var() / "log"
    errors.mkdir(parents=True, exist_ok=True)
    manage = [sys.executable, "manage.py"]
    say("Preparing the portal ...")
    run_step(Program("", [*manage, "prepare"], errors=errors / "prepare.log"), presses)
    say("Starting the web server and the jobs ...")
    programs = portal_programs(port)
    with running(programs, presses):
        wait_until_it_answers(port, programs, presses)
        say(f"\nThe portal answers at http://{HOST}:{port}/\n")
        with suppress(FailedError):  # a database of one's own may have no demo people
            run_step(
                Program("", [*manage, "demo_accounts", "--skip-checks"], errors=errors / "demo_accounts.log"), presses
            )
        say("\nCtrl-C stops everything. What the processes say follows.\n")
        supervise(programs, presses)


def main(run: Callable[[Presses], None] = run_portal) -> int:
    """The exit code: 0 after Ctrl-C, 1 with one line on stderr when it could not run."""
    presses = Presses()
    try:
        run(presses)
    except StoppedError:
        say("Stopped.")
    except FailedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except OSError as error:
        full = "The disk is full" if error.errno == errno.ENOSPC else f"The portal could not start: {error.strerror}"
        sys.stderr.write(f"{full}: {error.filename or ROOT}\n")
        return 1
    finally:
        _give_terminal_back()
    return 0


def _var() -> Path:
    return Path(os.environ.get("KISU_VAR_DIR") or ROOT / "var")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


_libc: Any = ctypes.CDLL(None) if sys.platform == "linux" else None


def _end_with_parent() -> None:
    """Linux: when we are killed outright, the process gets SIGTERM. Runs between fork and exec: nothing more here."""
    if _libc:
        _libc.prctl(SET_DEATH_SIGNAL, signal.SIGTERM)


def _give_terminal_back() -> None:
    """To make, from which tools/setup.py took it."""
    with suppress(OSError):
        if sys.stdin.isatty() and os.tcgetpgrp(0) == os.getpid() != os.getsid(0):
            os.tcsetpgrp(0, os.getpgid(os.getppid()))


if __name__ == "__main__":
    sys.exit(main())
