"""The doorbell: it never raises, never holds a request up, and tells the task which request rang."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from kombu import pools

from kisu.celery import app
from kisu.lib import logs
from members import tasks
from members.tasks import ring as real_ring
from members.tasks import send_mail


@pytest.fixture(autouse=True)
def _a_bell_of_its_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = app.conf.broker_url
    monkeypatch.setattr(tasks, "_silent_until", 0.0)
    yield
    app.conf.broker_url = before
    pools.reset()


@pytest.fixture
def silent_port() -> Iterator[int]:
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
    for connection in held:
        connection.close()


def test_a_broker_that_refuses_costs_a_request_little_and_once(caplog: Any) -> None:
    app.conf.broker_url = "redis://127.0.0.1:1/0"
    started = time.monotonic()
    for number in range(20):
        real_ring(send_mail, number)
    assert time.monotonic() - started < 2
    assert [record.getMessage() for record in caplog.records if record.name == "members.tasks"] == [
        "The broker did not take members.send_mail: OperationalError"
    ]


def test_a_broker_that_never_answers_costs_a_request_little_and_once(silent_port: int) -> None:
    app.conf.broker_url = f"redis://127.0.0.1:{silent_port}/0"
    started = time.monotonic()
    for number in range(20):
        real_ring(send_mail, number)
    assert time.monotonic() - started < 2


def test_a_broker_of_files_is_used_without_a_word() -> None:
    """Without REDIS_URL; in a process of its own, since it is settled when the settings load."""
    script = "import django; django.setup()\nfrom kisu.celery import app; app.connection_for_read().info()"
    done = subprocess.run([sys.executable, "-c", script], env=os.environ | {"REDIS_URL": ""}, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, b"")


def test_whatever_a_broker_raises_stays_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**kwargs: Any) -> None:
        raise RuntimeError("from a library")

    monkeypatch.setattr(app, "connection_for_write", broken)
    real_ring(send_mail, 1)


def test_the_requests_id_goes_with_the_ring_and_is_on_the_tasks_log_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    app.conf.broker_url = "memory://"
    token = logs.request_id.set("request-of-the-ring")
    try:
        real_ring(send_mail, 7)
    finally:
        logs.request_id.reset(token)
    with app.connection_for_read() as link, link.SimpleQueue("celery") as queue:
        message = queue.get(block=False)
        message.ack()
    assert message.payload[0] == [7]

    seen = []
    monkeypatch.setattr(
        "members.services.mail.send",
        lambda mail_id, now: seen.append((mail_id, logs.request_id.get(), logs.task_id.get())),
    )
    send_mail.push_request(**message.headers)
    try:
        send_mail.run(7)
    finally:
        send_mail.pop_request()
    assert seen == [(7, "request-of-the-ring", message.headers["id"])]
    assert (logs.request_id.get(), logs.task_id.get()) == ("", "")
