"""Jobs: all that are registered, their runs, and how one is started."""

import pytest
from django.urls import reverse
from django.utils import timezone

from kisu.lib.jobs import jobs
from members.models import AuditEntry, JobRun
from tests.factories.members import create_coordinator, create_staff
from tests.factories.sessions import client_of

pytestmark = pytest.mark.django_db
URL = reverse("members:job_list")
NAME = "members.enforce_retention"


def create_run(**fields: object) -> JobRun:
    return JobRun.objects.create(**{"job": NAME, "not_before": timezone.now(), "state": "done"} | fields)


def test_every_registered_job_is_listed_with_its_last_run_and_its_next() -> None:
    create_run()
    last = create_run(state="parked")
    registered = client_of(create_staff()).get(URL).context["registered"]
    assert [one.job.name for one in registered] == jobs.keys()
    (retention,) = [one for one in registered if one.job.name == NAME]
    assert retention.last == last
    assert retention.next_at > timezone.now()


def test_runs_are_filtered_by_state() -> None:
    create_run()
    parked = create_run(state="parked")
    response = client_of(create_staff()).get(URL, {"state": "parked"})
    assert list(response.context["table"].rows) == [parked]
    assert [chip.value for chip in response.context["chips"]] != []


@pytest.mark.parametrize("rows", [1, 30])
def test_a_page_costs_the_same_however_many(rows: int, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    staff = create_staff()
    for _number in range(rows):
        create_run(started_by=staff)
    client = client_of(staff)
    with django_assert_num_queries(7):
        client.get(URL)


def test_a_press_starts_one_run_and_shows_it(rung: object, django_capture_on_commit_callbacks) -> None:  # type: ignore[no-untyped-def]
    staff = create_staff()
    client, url = client_of(staff), reverse("members:job_start", args=[NAME])
    with django_capture_on_commit_callbacks(execute=True):
        first, second = client.post(url), client.post(url)
    run = JobRun.objects.get()
    assert first["Location"] == second["Location"] == run.get_absolute_url()
    assert (run.started_by, rung) == (staff, [("members.run_job", run.pk)])
    assert AuditEntry.objects.filter(what="job started", actor=staff).count() == 1


def test_a_job_that_is_not_there_is_404() -> None:
    client = client_of(create_staff())
    assert client.post(reverse("members:job_start", args=["os.system"])).status_code == 404
    assert not JobRun.objects.exists()


def test_jobs_are_for_staff() -> None:
    client = client_of(create_coordinator())
    assert client.get(URL).status_code == 403
    assert client.post(reverse("members:job_start", args=[NAME])).status_code == 403
    assert not JobRun.objects.exists()
