"""Makes .venv, installs the pinned packages, then runs the rest of its command line with the Python in there.

    setup.py [--dev] [arguments of python ...]

Standard library only. It must parse on any Python 3.6, so that an old one gets a sentence instead of a SyntaxError.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  says it to older ones
    sys.exit(
        f"KiSu needs Python 3.11 or newer, and this is {sys.version_info[0]}.{sys.version_info[1]}."
        " If there is another on this machine: make run PYTHON=/path/to/python3.12"
    )

import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "kisu-installed"  # sums of the requirement files that are in
LOG = ROOT / "var" / "setup.log"
NEEDED = {"requirements.txt": 900, "requirements-dev.txt": 1500}  # MB on the disk while installing
REASONS = (
    ("No space left on device", "The disk is full: packages could not be installed."),
    (
        "DO NOT MATCH THE HASHES",
        "A downloaded package is not the one that was checked (hash mismatch). Nothing was run.",
    ),
    (
        "NewConnectionError|ConnectTimeout|NameResolution|Network is unreachable|refused|timed out|ProxyError",
        "Packages could not be downloaded: no connection to the package index. Check the network and start again.",
    ),
    (
        "Permission denied",
        "Packages could not be installed: .venv belongs to another user. Delete it or use that user.",
    ),
    ("No matching distribution", "A package is not available for this Python or machine."),
)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def install(name: str) -> None:
    """Brings .venv to what the requirement file says; returns at once when it is there."""
    wanted = (ROOT / name).read_bytes()
    done = set(STAMP.read_text().split()) if STAMP.exists() else set()
    if hashlib.sha256(wanted).hexdigest() in done and os.access(PYTHON, os.X_OK):
        return
    free = shutil.disk_usage(ROOT).free // 2**20
    if free < NEEDED[name]:
        sys.exit(f"The disk is nearly full: {free} MB free in {ROOT}, and the packages need {NEEDED[name]} MB.")
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("w") as log:
        make_environment(log)
        STAMP.unlink(missing_ok=True)
        install_packages(name, log)
    # The development file holds the same pins as the other, and more.
    names = [name] if name == "requirements.txt" else ["requirements.txt", name]
    STAMP.write_text("\n".join(hashlib.sha256((ROOT / each).read_bytes()).hexdigest() for each in names))


def make_environment(log: IO[str]) -> None:
    works = os.access(PYTHON, os.X_OK) and not run([PYTHON, "-m", "pip", "--version"], log)
    if works:
        return
    if not importlib.util.find_spec("ensurepip") or not importlib.util.find_spec("venv"):
        sys.exit("This Python has no venv module. On Debian and Ubuntu: apt install python3-venv")
    say("Making .venv ...")
    if run([sys.executable, "-m", "venv", "--clear", VENV], log):
        sys.exit(reason())


def install_packages(name: str, log: IO[str]) -> None:
    total = len(re.findall(r"^[\w.\[\]-]+==", (ROOT / name).read_text(), re.MULTILINE))
    say(f"Installing {total} packages (once; a minute or two) ...")
    command: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--require-hashes",
        "--only-binary=:all:",
        "--requirement",
        ROOT / name,
    ]
    quiet = [
        "--no-input",
        "--disable-pip-version-check",
        "--progress-bar=off",
        "--no-color",
        "--retries=1",
        "--timeout=20",
    ]
    alone = os.environ | {"PIP_REQUIRE_VIRTUALENV": "0", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(  # noqa: S603
        [*command, *quiet, "--root-user-action=ignore"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=alone,
    ) as pip:
        seen = 0
        for line in pip.stdout or ():
            log.write(line)
            found = re.match(r"Collecting ([\w.-]+)|(Installing collected)", line)
            if found:
                seen += 1
                if found[2]:
                    progress("  unpacking", last=True)
                elif sys.stdout.isatty() or seen % 10 == 1:
                    progress(f"  {seen} of {total}: {found[1]}")
    log.flush()
    if pip.returncode:
        sys.exit(reason())


def progress(text: str, last: bool = False) -> None:
    if sys.stdout.isatty():
        sys.stdout.write(f"\r\x1b[K{text}" + ("\n" if last else ""))
        sys.stdout.flush()
    else:
        say(text)


def run(command: Sequence[str | Path], log: IO[str]) -> int:
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log).returncode  # noqa: S603


def reason() -> str:
    said = LOG.read_text(errors="replace")
    if sys.stdout.isatty():
        say("")
    for pattern, sentence in REASONS:
        if re.search(pattern, said):
            return f"{sentence} (details: {LOG})"
    errors = re.findall(r"^ERROR: (.+)", said, re.MULTILINE)
    return f"Packages could not be installed: {errors[-1] if errors else 'pip failed'} (details: {LOG})"


def take_terminal() -> None:
    """Ctrl-C would reach make as well, and make ends with an error then: so the terminal is ours alone until we end.

    kisu.lib.serve gives it back.
    """
    if sys.stdin and sys.stdin.isatty() and os.tcgetpgrp(0) == os.getpgrp() != os.getpid():
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        signal.signal(signal.SIGTSTP, signal.SIG_IGN)  # the shell would not see that we sleep
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())


def main(arguments: list[str]) -> None:
    development = arguments[:1] == ["--dev"]
    command = arguments[1:] if development else arguments
    serving = "kisu.lib.serve" in command
    if serving:
        take_terminal()
    try:
        install("requirements-dev.txt" if development else "requirements.txt")
    except KeyboardInterrupt:
        say("\nStopped.")
        sys.exit(0 if serving else 130)
    except OSError as error:
        sys.exit(f"The packages could not be installed: {error.strerror}: {error.filename or ROOT}")
    if command:
        os.chdir(ROOT)
        os.execv(PYTHON, [str(PYTHON), *command])  # noqa: S606


main(sys.argv[1:])
