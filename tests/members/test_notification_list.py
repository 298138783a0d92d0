"""Notices: one's own, read by a press or by going to what they are about."""

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from members.models import Notification, User
from members.services.notices import notify
from tests.factories.members import create_member
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db
URL = reverse("members:notification_list")


def tell(user: User, title: str = "Sawdust", url: str = "/ilmoitukset/1/") -> Notification:
    notify(users=[user], kind="match_found", params={"title": title}, url=url)
    return Notification.objects.latest("pk")


def test_only_ones_own_are_listed_new_ones_counted() -> None:
    user = create_member()
    tell(user, "Mine")
    tell(create_member(), "Theirs")
    response = client_of(user).get(URL)
    assert [notice.params["title"] for notice in response.context["table"].rows] == ["Mine"]
    assert response.context["unread"] == 1
    assert b"Theirs" not in response.content


def test_a_parked_job_is_called_by_its_title_and_one_that_is_gone_by_its_name() -> None:
    user = create_member()
    for name in ("symbiosis.match_listings", "symbiosis.gone"):
        notify(users=[user], kind="job_parked", params={"title": name}, url="/")
    with override("fi"):
        told = {notice.sentence for notice in Notification.objects.all()}
    assert told == {"Ajo epäonnistui kolmesti: Osumien haku", "Ajo epäonnistui kolmesti: symbiosis.gone"}


@pytest.mark.parametrize("rows", [1, 30])
def test_a_page_costs_the_same_however_many(rows: int, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    user = create_member()
    notify(users=[user] * rows, kind="match_found", params={"title": "x"}, url="/")
    client = client_of(user)
    with django_assert_num_queries(7):
        client.get(URL)


def test_opening_marks_as_read_and_goes_on() -> None:
    user = create_member()
    notice = tell(user)
    answer = client_of(user).post(reverse("members:notification_read", args=[notice.pk]), {"open": "1"})
    assert answer["Location"] == "/ilmoitukset/1/"
    notice.refresh_from_db()
    first = notice.read_at
    assert first is not None
    client_of(user).post(reverse("members:notification_read", args=[notice.pk]))
    notice.refresh_from_db()
    assert notice.read_at == first


@pytest.mark.parametrize("url", ["//evil.example", "https://evil.example/", "javascript:alert(1)", "/\\evil.example"])
def test_an_address_outside_the_portal_is_not_gone_to(url: str) -> None:
    user = create_member()
    notice = tell(user, url=url)
    answer = client_of(user).post(reverse("members:notification_read", args=[notice.pk]), {"open": "1"})
    assert answer["Location"] == URL


def test_anothers_notice_is_not_there_and_stays_new() -> None:
    notice = tell(create_member())
    answer = client_of(create_member()).post(reverse("members:notification_read", args=[notice.pk]))
    assert answer.status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


def test_all_of_ones_own_are_marked_at_once() -> None:
    user, other = create_member(), create_member()
    tell(user)
    tell(user)
    tell(other)
    client_of(user).post(reverse("members:notification_read_all"))
    assert Notification.objects.filter(read_at=None).count() == 1
    assert Notification.objects.exclude(read_at=None).filter(read_at__lte=timezone.now(), user=user).count() == 2
