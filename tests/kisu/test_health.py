"""Health for machines: right within two seconds, whatever is down."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from members.models import Heartbeat, Mail


@pytest.fixture
def black_hole() -> Iterator[int]:
    """A port that takes connections and never answers."""
    held = []
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def take() -> None:
            while True:
                try:
                    held.append(listener.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    for taken in held:
        taken.close()


@pytest.fixture
def broker(monkeypatch, tmp_path, settings):
    """A folder as the broker, as in the mode without servers."""
    settings.CELERY_BROKER_URL, settings.BROKER_DIR = "filesystem://", tmp_path
    return tmp_path


def test_livez_asks_no_database(client: Client) -> None:
    # No database mark: a query would fail the test.
    assert client.get("/livez").content == b"ok"


@pytest.mark.django_db
def test_readyz_is_red_until_beat_has_lived_and_green_after(client: Client, broker) -> None:
    assert client.get("/readyz").json() == {
        "ready": False,
        "checks": {"database": True, "migrations": True, "broker": True, "beat": False, "mail": True, "disk": True},
    }
    Heartbeat.objects.create(name="beat", at=timezone.now() - timedelta(seconds=170))
    response = client.get("/readyz")
    assert (response.status_code, response.json()["ready"]) == (200, True)


@pytest.mark.django_db
@pytest.mark.parametrize(("check", "silent"), [("beat", timedelta(seconds=190)), ("mail", timedelta())])
def test_readyz_names_what_fails(client: Client, broker, check: str, silent: timedelta) -> None:
    now = timezone.now()
    Heartbeat.objects.create(name="beat", at=now - silent)
    if check == "mail":
        Mail.objects.create(recipient="a@kisu.example", subject="s", text="t", not_before=now - timedelta(minutes=11))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert [name for name, good in response.json()["checks"].items() if not good] == [check]


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["refuses", "is silent"])
def test_readyz_says_so_within_two_seconds_when_the_database(
    client: Client, broker, black_hole, monkeypatch, how: str
) -> None:
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", black_hole if how == "is silent" else 1)
    started = time.monotonic()
    response = client.get("/readyz")
    assert time.monotonic() - started < 2
    assert response.status_code == 503
    failing = {name for name, good in response.json()["checks"].items() if not good}
    assert failing == {"database", "migrations", "beat", "mail"}


@pytest.mark.django_db
def test_readyz_answers_within_two_seconds_while_redis_is_silent(client: Client, black_hole, settings) -> None:
    from kisu.celery import app

    before = app.conf.broker_url
    app.conf.broker_url = settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{black_hole}/0"
    try:
        started = time.monotonic()
        response = client.get("/readyz")
        assert time.monotonic() - started < 2
    finally:
        app.conf.broker_url = before
    assert response.json()["checks"]["broker"] is False


@pytest.mark.django_db
def test_a_csp_report_is_one_line_without_the_blocked_content(client: Client, caplog) -> None:
    report = {"effective-directive": "script-src", "document-uri": "https://x/?q=secret", "sample": "s3cret"}
    assert client.post("/csp-raportti/", {"csp-report": report}, content_type="application/json").status_code == 204
    assert [record.getMessage() for record in caplog.records] == ["CSP: script-src blocked on https://x/"]


@pytest.mark.django_db
@pytest.mark.parametrize("body", ["", "[]", "{", '{"csp-report": 5}', "x" * 9000])
def test_any_csp_report_is_taken_quietly(client: Client, body: str) -> None:
    assert client.post("/csp-raportti/", body, content_type="application/csp-report").status_code == 204


def test_beat_gives_its_first_sign_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from celery.signals import beat_init

    from kisu.celery import app

    sent: list[str] = []
    monkeypatch.setattr(app, "send_task", lambda name, **options: sent.append(name))
    beat_init.send(sender=None)
    assert sent == ["members.heartbeat"]
