"""The outbox: write a mail in the transaction that causes it, send it after commit, never twice silently."""

from __future__ import annotations

import smtplib
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
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


def queue_mail(*, template: str, recipient: str, language: str, context: dict[str, Any], user: User | None = None) -> Mail:
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

    Not one transaction on purpose: the claim is committed before the message leaves, so a crash leaves "uncertain", not a second mail.
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
    try:
        message.send()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
        refused_for_good = _code(error) >= 500
        _put_back(mail, now=now, error=error, give_up=refused_for_good)
    except (OSError, smtplib.SMTPException) as error:
        _put_back(mail, now=now, error=error, give_up=False)
    else:
        mail.state, mail.sent_at, mail.error = Mail.State.SENT, timezone.now(), ""
        mail.save(update_fields=["state", "sent_at", "error"])
    return Mail.State(mail.state)


def _code(error: Exception) -> int:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max(code for code, _text in error.recipients.values())
    return int(getattr(error, "smtp_code", 0))


def _put_back(mail: Mail, *, now: datetime, error: Exception, give_up: bool) -> None:
    mail.error = type(error).__name__
    if give_up or mail.attempts > len(WAITS):
        mail.state = Mail.State.FAILED
    else:
        mail.state, mail.not_before = Mail.State.QUEUED, now + WAITS[mail.attempts - 1]
    mail.save(update_fields=["state", "not_before", "error"])


def sweep_mail(*, now: datetime) -> int:
    """Rings for mails that are due, and marks those of dead senders as uncertain. Returns how many it rang for."""
    Mail.objects.abandoned(now=now).update(state=Mail.State.UNCERTAIN)
    due = list(Mail.objects.due(now=now).order_by("not_before", "pk").values_list("pk", flat=True)[:200])
    for pk in due:
        tasks.ring(tasks.send_mail, pk)
    return len(due)


@transaction.atomic
def resend(*, by: User, mail: Mail, now: datetime) -> None:
    """Staff send again what failed or is uncertain: a person has decided that a second copy is better than none."""
    updated = Mail.objects.filter(pk=mail.pk, state__in=[Mail.State.FAILED, Mail.State.UNCERTAIN]).update(
        state=Mail.State.QUEUED, not_before=now, attempts=0
    )
    if updated:
        record(by=by, action=AuditEntry.Action.CHANGED, instance=mail, what="mail queued again")
        transaction.on_commit(partial(tasks.ring, tasks.send_mail, mail.pk), robust=True)

