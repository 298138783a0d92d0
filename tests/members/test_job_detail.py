"""One run: seen by staff and by who started it, followed while it runs, tried again when it was given up."""

import pytest
from django.urls import reverse
from django.utils import timezone

from members.models import JobRun, User
from tests.factories.members import create_coordinator, create_staff
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db


def create_run(by: User | None = None, **fields: object) -> JobRun:
    values = {"job": "members.enforce_retention", "not_before": timezone.now(), "started_by": by}
    return JobRun.objects.create(**values | fields)


def test_who_started_a_run_follows_it_and_others_do_not_find_it() -> None:
    starter = create_coordinator()
    run = create_run(starter, state="parked", traceback="secret trace")
    page = client_of(starter).get(run.get_absolute_url())
    assert page.status_code == 200
    assert b"secret trace" not in page.content
    assert client_of(create_coordinator()).get(run.get_absolute_url()).status_code == 404
    assert b"secret trace" in client_of(create_staff()).get(run.get_absolute_url()).content


def test_a_running_page_asks_again_and_an_ended_one_does_not() -> None:
    staff = create_staff()
    client, run = client_of(staff), create_run(state="running", done=3, total=10)
    page = client.get(run.get_absolute_url()).content.decode()
    assert f'hx-get="{run.get_absolute_url()}"' in page
    assert "3 / 10" in page
    assert "HX-Refresh" not in client.get(run.get_absolute_url(), headers={"HX-Request": "true"})

    JobRun.objects.update(state="done", result={"members.Mail": 4, "odd_key": 1})
    response = client.get(run.get_absolute_url(), headers={"HX-Request": "true"})
    assert response["HX-Refresh"] == "true"
    assert "hx-get" not in response.content.decode().partition("<main")[2]
    response = client.get(run.get_absolute_url())
    assert "HX-Refresh" not in response
    assert dict(response.context["figures"]) == {"outgoing mail": "4", "odd key": "1"}


def test_a_parked_run_is_tried_again_by_staff_only() -> None:
    starter = create_coordinator()
    run = create_run(starter, state="parked", attempts=3)
    url = reverse("members:job_retry", args=[run.pk])
    assert client_of(starter).post(url).status_code == 403
    run.refresh_from_db()
    assert run.state == "parked"
    assert client_of(create_staff()).post(url)["Location"] == run.get_absolute_url()
    run.refresh_from_db()
    assert (run.state, run.attempts) == ("queued", 0)
