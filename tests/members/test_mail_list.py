"""Outgoing mail for staff: without its text, and sent again only where that makes sense."""

import pytest
from django.urls import reverse
from django.utils import timezone

from members.models import Mail
from tests.factories.members import create_coordinator, create_staff
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db
URL = reverse("members:mail_list")


def create_mail(**fields: object) -> Mail:
    values = {"recipient": "to@kisu.example", "subject": "Subject", "text": "KEY-IN-TEXT", "html": "KEY-IN-HTML"}
    return Mail.objects.create(**values | {"not_before": timezone.now()} | fields)


def test_the_list_tells_how_each_went_but_never_its_text() -> None:
    create_mail()
    failed = create_mail(state="failed", error="SMTPDataError")
    client = client_of(create_staff())
    page = client.get(URL)
    assert b"KEY-IN" not in page.content
    assert b"SMTPDataError" in page.content
    assert page.content.count(reverse("members:mail_resend", args=[failed.pk]).encode()) == 1
    assert list(client.get(URL, {"state": ["failed", "uncertain"]}).context["table"].rows) == [failed]
    assert list(client.get(URL, {"q": "nobody"}).context["table"].rows) == []


@pytest.mark.parametrize("rows", [1, 30])
def test_a_page_costs_the_same_however_many(rows: int, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    for _number in range(rows):
        create_mail()
    client = client_of(create_staff())
    with django_assert_num_queries(6):
        client.get(URL)


def test_sending_again_asks_first() -> None:
    mail, client = create_mail(state="uncertain"), client_of(create_staff())
    url = reverse("members:mail_resend", args=[mail.pk])
    assert b"KEY-IN" not in client.get(url).content
    mail.refresh_from_db()
    assert mail.state == "uncertain"
    assert client.post(url)["Location"] == URL
    mail.refresh_from_db()
    assert mail.state == "queued"


def test_a_sent_mail_is_not_sent_again() -> None:
    mail, client = create_mail(state="sent", sent_at=timezone.now()), client_of(create_staff())
    client.post(reverse("members:mail_resend", args=[mail.pk]))
    mail.refresh_from_db()
    assert mail.state == "sent"


def test_mail_is_for_staff() -> None:
    mail, client = create_mail(state="failed"), client_of(create_coordinator())
    for url in (URL, reverse("members:mail_resend", args=[mail.pk])):
        assert client.get(url).status_code == 403
