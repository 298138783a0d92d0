"""The portal as a stranger starts it, and a browser that tells of everything that a page does wrong."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, Response, expect
from psycopg import sql

from tests.browser.words import say

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "kisu-demo-2026"
STARTS_IN = 240  # seconds, the promise of `make run` on two cores
STOPS_IN = 40
JOB_ENDS_IN = 150
TOLD = 40  # lines of the log from an error on
DESKTOP, PHONE, NARROW = (1280, 800), (390, 844), (320, 640)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass(frozen=True, slots=True)
class Portal:
    """`make run` at work."""

    url: str
    var: Path
    log: Path

    def log_lines(self) -> list[str]:
        return self.log.read_text(errors="replace").splitlines()

    def mails(self) -> list[str]:
        """As sent: headers and all parts."""
        return [path.read_bytes().decode("utf-8", "replace") for path in sorted((self.var / "mail").glob("*"))]


@contextmanager
def _database(url: str) -> Iterator[str]:
    """A database of its own on the server that the tests were given, gone afterwards."""
    server, _, _ = url.rpartition("/")
    name = f"kisu_browser_{os.getpid()}"
    with psycopg.connect(f"{server}/postgres", connect_timeout=5, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"{server}/{name}"
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _left_behind(var: Path) -> list[str]:
    """Command lines of processes that work in `var`."""
    mark, found = os.fsencode(var), []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (process / "cmdline").read_bytes()
            if command and (mark in command or mark in (process / "environ").read_bytes()):
                found.append(command.replace(b"\0", b" ").decode(errors="replace"))
    return found


def _wait_until_ready(process: subprocess.Popen[bytes], portal: Portal) -> None:
    give_up = time.monotonic() + STARTS_IN
    while time.monotonic() < give_up and process.poll() is None:
        with suppress(OSError, urllib.error.URLError), urllib.request.urlopen(f"{portal.url}/readyz", timeout=5):  # noqa: S310
            return
        time.sleep(0.2)
    pytest.fail("The portal did not get ready. Its last words:\n" + "\n".join(portal.log_lines()[-25:]), pytrace=False)


@pytest.fixture(scope="session")
def portal() -> Iterator[Portal]:
    """`make run` in a folder of its own, on the portal's own database or on the server of DATABASE_URL."""
    var = Path(tempfile.mkdtemp(prefix="kisu-browser-"))
    var.chmod(0o755)  # as root the database server runs as nobody, who must get there
    port = _free_port()
    portal = Portal(f"http://127.0.0.1:{port}", var, var / "run.log")
    # What the test run has set for itself is not for the portal.
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("KISU_", "PYTEST_", "DJANGO_"))
    }
    environment |= {"KISU_VAR_DIR": str(var), "PORT": str(port)}
    given = "" if os.environ.get("KISU_EMBEDDED") else environment["DATABASE_URL"]
    if not given:
        environment.pop("DATABASE_URL", None)
        environment.pop("REDIS_URL", None)
    with _database(given) if given else nullcontext() as url:
        if url:
            environment |= {"DATABASE_URL": url, "EMAIL_URL": f"file:///{var}/mail"}
        with portal.log.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "kisu.lib.serve"], cwd=ROOT, env=environment, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        try:
            _wait_until_ready(process, portal)
            yield portal
        finally:
            process.send_signal(signal.SIGINT)
            try:
                code: int | None = process.wait(timeout=STOPS_IN)
            except subprocess.TimeoutExpired:
                process.kill()
                code = None
        said = portal.log_lines()
        give_up = time.monotonic() + 15
        while (left := _left_behind(var)) and time.monotonic() < give_up:
            time.sleep(0.2)
    shutil.rmtree(var, ignore_errors=True)
    assert code == 0, "\n".join(said[-25:])
    assert left == []
    wrong = [number for number, line in enumerate(said) if re.search("CSP:|ERROR|Traceback", line)]
    assert not wrong, "\n".join(line for number in wrong for line in said[max(0, number - 2) : number + TOLD])


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    quiet += ["--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]
    return browser_type_launch_args | {"executable_path": shutil.which("chromium-headless-shell"), "args": quiet}


@dataclass
class Watch:
    """Notes what must not happen in a context: errors in the console, requests elsewhere, parts that don't come."""

    host: str
    faults: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.faults.append(f"{error.page and error.page.url}: {error.error}"))
        context.on("request", self._request)
        context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # A refused page is also said in the console; what comes of it is the test's business.
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            self.faults.append(f"{message.page and message.page.url}: {message.text}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != self.host:
            self.faults.append(f"asked another host: {request.url}")

    def _response(self, response: Response) -> None:
        request = response.request
        if response.status >= 500 or (response.status >= 400 and not request.is_navigation_request()):
            self.faults.append(f"{response.status} for {request.method} {response.url}")


@dataclass
class Sessions:
    """Signs each demo account in once, by the form, and keeps what the browser keeps."""

    browser: Browser
    portal: Portal
    kept: dict[str, Any] = field(default_factory=dict)

    def of(self, account: str) -> Any:
        if account not in self.kept:
            context = self.browser.new_context(locale="fi-FI")
            page = context.new_page()
            sign_in(page, self.portal, f"{account}@kisu.example")
            self.kept[account] = context.storage_state()
            context.close()
        return self.kept[account]


@pytest.fixture(scope="session")
def sessions(browser: Browser, portal: Portal) -> Sessions:
    return Sessions(browser, portal)


def sign_in(page: Page, portal: Portal, email: str, password: str = PASSWORD) -> None:
    page.goto(f"{portal.url}/tili/login/")
    page.get_by_label(say("E-mail address")).fill(email)
    page.get_by_label(say("Password"), exact=True).fill(password)
    page.get_by_role("main").get_by_role("button", name=say("Sign in")).click()
    page.wait_for_url(lambda url: "/tili/login/" not in url)


def wait_for(page: Page, sign: Locator) -> None:
    """What a job brings. With script the page follows by itself; without it a person reloads."""
    page.wait_for_load_state()
    script = page.evaluate("() => 'htmx' in window")
    give_up = time.monotonic() + JOB_ENDS_IN
    while not script and sign.count() == 0 and time.monotonic() < give_up:
        page.wait_for_timeout(500)
        page.reload()
    expect(sign).to_be_visible(timeout=JOB_ENDS_IN * 1000)


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, portal: Portal, sessions: Sessions) -> Iterator[Visit]:
    """Opens a page as an account, or as a visitor without one. What went wrong in any of them fails the test."""
    watch = Watch(urlsplit(portal.url).netloc)
    contexts: list[BrowserContext] = []

    def open_page(
        account: str = "",
        path: str = "",
        *,
        size: tuple[int, int] = DESKTOP,
        language: str = "fi",
        theme: str = "light",
        javascript: bool = True,
        axe: bool = False,
    ) -> Page:
        context = browser.new_context(
            base_url=portal.url,
            viewport={"width": size[0], "height": size[1]},
            locale="fi-FI",
            color_scheme="dark" if theme == "dark" else "light",
            java_script_enabled=javascript,
            reduced_motion="reduce",
            storage_state=sessions.of(account) if account else None,
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        watch.over(context)
        if language != "fi":
            context.add_cookies([{"name": "kisu_language", "value": language, "url": portal.url}])
        if axe:
            context.add_init_script(AXE_SCRIPT)
        page = context.new_page()
        if path:
            page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert watch.faults == []
