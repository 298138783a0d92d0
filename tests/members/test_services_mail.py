"""The outbox: a mail leaves once or is seen to be uncertain, whatever breaks on the way."""

import smtplib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail as django_mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction

from members.models import AuditEntry, Mail
from members.models.mail import CLAIM_LASTS
from members.services.mail import WAITS, queue_message, resend, send, sweep_mail
from tests.factories.members import create_staff

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Killed(BaseException):
    """What SIGKILL is to a process: nothing of ours runs after it."""


@pytest.fixture
def relay(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A mail server that does what the test says, on connecting or on the message; it counts what it took."""

    class Relay:
        on_open: BaseException | None = None
        before_data: BaseException | None = None
        after_data: BaseException | None = None

        def open(self, backend: EmailBackend) -> bool:
            if self.on_open:
                raise self.on_open
            return True

        def take(self, backend: EmailBackend, messages: list[Any]) -> int:
            if self.before_data:
                raise self.before_data
            django_mail.outbox.extend(messages)
            if self.after_data:
                raise self.after_data
            return len(messages)

    it = Relay()
    monkeypatch.setattr(EmailBackend, "open", lambda backend: it.open(backend))
    monkeypatch.setattr(EmailBackend, "send_messages", lambda backend, messages: it.take(backend, messages))
    return it


def write(**fields: Any) -> Mail:
    values = {"recipient": "to@kisu.example", "subject": "Subject", "text": "Text", "html": "<p>Text</p>"}
    return Mail.objects.create(**values | {"not_before": NOW} | fields)


def state(mail: Mail) -> tuple[str, int, str]:
    mail.refresh_from_db()
    return mail.state, mail.attempts, mail.error


def test_a_mail_leaves_once_with_both_parts_and_a_fixed_message_id(relay: Any) -> None:
    mail = write(language="sv")
    assert send(mail_id=mail.pk, now=NOW) == "sent"
    assert send(mail_id=mail.pk, now=NOW) is None
    (message,) = django_mail.outbox
    assert message.to == ["to@kisu.example"]
    assert [part.mimetype for part in message.alternatives] == ["text/html"]
    assert message.extra_headers["Message-ID"] == f"<mail-{mail.pk}@127.0.0.1>"
    assert message.extra_headers["Content-Language"] == "sv"


def test_a_line_break_in_a_subject_forges_no_header(relay: Any) -> None:
    mail = queue_message(
        recipient="to@kisu.example", subject="Hi\r\nBcc: x@kisu.example", text="t", html="", language="fi", user=None
    )
    assert "\n" not in mail.subject
    send(mail_id=mail.pk, now=mail.not_before)
    assert django_mail.outbox[0].message()["Bcc"] is None


def test_a_rolled_back_cause_sends_nothing(rung: Any) -> None:
    with transaction.atomic():
        queue_message(recipient="to@kisu.example", subject="s", text="t", html="", language="fi", user=None)
        transaction.set_rollback(True)
    assert (Mail.objects.count(), rung) == (0, [])


def test_a_committed_cause_rings_for_its_mail(rung: Any, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        mail = queue_message(recipient="to@kisu.example", subject="s", text="t", html="", language="fi", user=None)
    assert rung == [("members.send_mail", mail.pk)]


# --- Where a process can be killed ------------------------------------------------------------------------------------


def test_killed_before_the_claim_it_is_sent_by_the_sweeper(relay: Any, rung: Any) -> None:
    mail = write()
    assert sweep_mail(now=NOW) == 1
    assert rung == [("members.send_mail", mail.pk)]
    assert send(mail_id=mail.pk, now=NOW) == "sent"


@pytest.mark.parametrize(
    ("fault", "left"), [("on_open", 0), ("before_data", 0), ("after_data", 1)], ids=["claimed", "connected", "accepted"]
)
def test_killed_after_the_claim_it_is_uncertain_and_not_sent_again(
    relay: Any, rung: Any, fault: str, left: int
) -> None:
    mail = write()
    setattr(relay, fault, Killed())
    with pytest.raises(Killed):
        send(mail_id=mail.pk, now=NOW)
    assert len(django_mail.outbox) == left
    assert state(mail)[0] == "claimed"

    setattr(relay, fault, None)
    sweep_mail(now=NOW + CLAIM_LASTS)
    assert state(mail)[0] == "claimed"  # its sender may still live
    later = NOW + CLAIM_LASTS + timedelta(seconds=1)
    sweep_mail(now=later)
    assert state(mail)[0] == "uncertain"
    assert send(mail_id=mail.pk, now=later) is None
    assert (len(django_mail.outbox), rung) == (left, [])


def test_killed_after_sending_before_the_state_was_written_it_is_uncertain(
    relay: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = write()

    def killed(*args: Any, **kwargs: Any) -> None:
        raise Killed

    monkeypatch.setattr("members.services.mail._leave", killed)
    with pytest.raises(Killed):
        send(mail_id=mail.pk, now=NOW)
    sweep_mail(now=NOW + CLAIM_LASTS * 2)
    assert (state(mail)[0], len(django_mail.outbox)) == ("uncertain", 1)


# --- What a server can answer -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "error", "expected"),
    [
        ("on_open", ConnectionRefusedError(), "queued"),
        ("on_open", TimeoutError(), "queued"),
        ("on_open", smtplib.SMTPServerDisconnected(), "queued"),
        ("on_open", smtplib.SMTPAuthenticationError(535, b"no"), "queued"),
        ("before_data", smtplib.SMTPRecipientsRefused({"a": (550, b"unknown")}), "failed"),
        ("before_data", smtplib.SMTPRecipientsRefused({"a": (452, b"later")}), "queued"),
        ("before_data", smtplib.SMTPSenderRefused(421, b"busy", "x"), "queued"),
        ("before_data", smtplib.SMTPDataError(554, b"spam"), "failed"),
        ("before_data", smtplib.SMTPDataError(451, b"later"), "queued"),
        ("before_data", ValueError("bad header"), "failed"),
        ("after_data", TimeoutError(), "uncertain"),
        ("after_data", smtplib.SMTPServerDisconnected(), "uncertain"),
        ("after_data", ConnectionResetError(), "uncertain"),
    ],
    ids=str,
)
def test_each_answer_leaves_its_state(relay: Any, fault: str, error: Exception, expected: str) -> None:
    mail = write()
    setattr(relay, fault, error)
    assert send(mail_id=mail.pk, now=NOW) == expected
    assert state(mail) == (expected, 1, type(error).__name__)


def test_a_relay_that_is_down_is_tried_with_growing_waits_and_then_given_up(relay: Any) -> None:
    relay.on_open = ConnectionRefusedError()
    mail, now, waits = write(), NOW, []
    while send(mail_id=mail.pk, now=now) == "queued":
        mail.refresh_from_db()
        waits.append(mail.not_before - now)
        assert send(mail_id=mail.pk, now=mail.not_before - timedelta(seconds=1)) is None
        now = mail.not_before
    assert waits == WAITS
    assert state(mail)[0] == "failed"
    assert now - NOW > timedelta(hours=12)


# --- By hand ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "again"), [("failed", True), ("uncertain", True), ("sent", False), ("queued", False)]
)
def test_only_what_failed_or_is_uncertain_is_sent_again(
    relay: Any, given: str, again: bool, rung: Any, django_capture_on_commit_callbacks: Any
) -> None:
    staff, mail = create_staff(), write(state=given, sent_at=NOW, attempts=7)
    with django_capture_on_commit_callbacks(execute=True):
        assert resend(by=staff, mail=mail, now=NOW) is again
        assert not resend(by=staff, mail=mail, now=NOW)
    assert rung == ([("members.send_mail", mail.pk)] if again else [])
    assert AuditEntry.objects.filter(what="mail queued again", actor=staff).count() == int(again)
    if again:
        assert send(mail_id=mail.pk, now=NOW) == "sent"
