"""The outbox: write a mail in the transaction that causes it, send it after commit, never twice silently."""

from __future__ import annotations

import smtplib
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone, translation

from kisu.lib.texts import clean_line
from members import tasks
from members.models import AuditEntry, Mail, User
from members.services.audit import record

# A refused connection or a 4xx answer is tried again after these waits; then the mail is listed as failed.
WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720)]


def queue_mail(
    *, template: str, recipient: str, language: str, context: dict[str, Any], user: User | None = None
) -> Mail:
    """Writes a mail from `templates/<template>.txt` (first line: subject) and `.html` in the reader's language."""
    with translation.override(language):
        full = {"site_url": settings.SITE_URL, "contact_email": settings.CONTACT_EMAIL, **context}
        subject, _newline, text = render_to_string(f"{template}.txt", full).strip().partition("\n")
        html = render_to_string(f"{template}.html", full)
    return queue_message(
        recipient=recipient, user=user, language=language, subject=subject, text=text.strip(), html=html
    )


def queue_message(*, recipient: str, subject: str, text: str, html: str, language: str, user: User | None) -> Mail:
    """Writes a mail that is rendered already."""
    mail = Mail.objects.create(
        recipient=recipient,
        user=user,
        language=language,
        subject=clean_line(subject)[:200],  # a line break in a subject would forge headers
        text=text,
        html=html,
        not_before=timezone.now(),
    )
    transaction.on_commit(partial(tasks.ring, tasks.send_mail, mail.pk), robust=True)
    return mail


def send(*, mail_id: int, now: datetime) -> Mail.State | None:
    """Claims and sends one mail. None when another worker has it, or it is not due.

    Not one transaction on purpose: the claim is committed before the message leaves, so a crash leaves an uncertain
    mail, not a second one.
    """
    claimed = (
        Mail.objects.due(now=now)
        .filter(pk=mail_id)
        .update(state=Mail.State.CLAIMED, claimed_at=now, attempts=F("attempts") + 1)
    )
    if not claimed:
        return None
    mail = Mail.objects.get(pk=mail_id)
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        to=[mail.recipient],
        headers={
            "Auto-Submitted": "auto-generated",
            "Content-Language": mail.language,
            "Message-ID": f"<mail-{mail.pk}@{settings.SITE_URL.partition('//')[2].partition(':')[0]}>",
        },
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    message.connection = connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        return _put_back(mail, now=now, error=error)
    try:
        message.send()
    except ValueError as error:  # an address or a header that can't be written: nothing left
        return _give_up(mail, error=error)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
        # The server has answered, so nothing left; from 500 on it means it.
        return _give_up(mail, error=error) if _code(error) >= 500 else _put_back(mail, now=now, error=error)
    except (OSError, smtplib.SMTPException) as error:
        # The connection broke: perhaps after the server took the message.
        return _leave(mail, Mail.State.UNCERTAIN, error=type(error).__name__)
    finally:
        with suppress(OSError, smtplib.SMTPException):
            connection.close()
    return _leave(mail, Mail.State.SENT, sent_at=timezone.now(), error="")


def _code(error: smtplib.SMTPException) -> int:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max(code for code, _text in error.recipients.values())
    return int(getattr(error, "smtp_code", 0))


def _leave(mail: Mail, state: Mail.State, **fields: Any) -> Mail.State:
    Mail.objects.filter(pk=mail.pk).update(state=state, **fields)
    return state


def _give_up(mail: Mail, *, error: Exception) -> Mail.State:
    return _leave(mail, Mail.State.FAILED, error=type(error).__name__)


def _put_back(mail: Mail, *, now: datetime, error: Exception) -> Mail.State:
    """For another try after a wait that grows; given up after the last."""
    if mail.attempts > len(WAITS):
        return _give_up(mail, error=error)
    wait = WAITS[mail.attempts - 1]
    return _leave(mail, Mail.State.QUEUED, not_before=now + wait, error=type(error).__name__)


def sweep_mail(*, now: datetime) -> int:
    """Rings for mails that are due, and marks those of dead senders as uncertain. Returns how many it rang for."""
    Mail.objects.abandoned(now=now).update(state=Mail.State.UNCERTAIN)
    due = list(Mail.objects.due(now=now).order_by("not_before", "pk").values_list("pk", flat=True)[:200])
    for pk in due:
        tasks.ring(tasks.send_mail, pk)
    return len(due)


@transaction.atomic
def resend(*, by: User, mail: Mail, now: datetime) -> bool:
    """Staff send again what failed or is uncertain: a person has decided that a second copy is better than none.

    False when it was in neither state (any more). The Message-ID stays, so a mailbox that has the first copy can tell.
    """
    updated = Mail.objects.resendable().filter(pk=mail.pk).update(state=Mail.State.QUEUED, not_before=now, attempts=0)
    if updated:
        record(by=by, action=AuditEntry.Action.CHANGED, instance=mail, what="mail queued again")
        transaction.on_commit(partial(tasks.ring, tasks.send_mail, mail.pk), robust=True)
    return bool(updated)
