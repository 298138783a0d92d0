import pytest
from django.urls import reverse

from members.models import JobRun
from members.permissions import Role
from members.services.jobs import run_job
from tests.factories.members import create_organisation, create_staff, create_with_role
from tests.factories.workpackages import create_indicator

pytestmark = pytest.mark.django_db


def url_of(indicator) -> str:
    return reverse("workpackages:indicator_recount", args=[indicator.code])


def test_staff_start_one_run_however_often_they_press(client, rung, django_capture_on_commit_callbacks):
    create_organisation()
    indicator, other = (
        create_indicator(metric="members.organisations"),
        create_indicator(metric="members.organisations"),
    )
    client.force_login(create_staff())
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(url_of(indicator))
        client.post(url_of(indicator))

    run = JobRun.objects.get()
    assert response["Location"] == run.get_absolute_url()
    assert rung == [("members.run_job", run.pk)]
    assert run_job(run_id=run.pk, now=run.not_before) == JobRun.State.DONE
    assert (indicator.values.count(), other.values.count()) == (1, 0)
    run.refresh_from_db()
    assert run.result == {"counted": 1, "changed": 1, "thinned": 0, "unknown": []}


def test_there_is_nothing_to_count_where_people_enter_the_values(client):
    client.force_login(create_staff())
    indicator = create_indicator()
    response = client.post(url_of(indicator), follow=True)
    assert "there is nothing to count" in response.content.decode()
    assert not JobRun.objects.exists()


def test_steering_starts_nothing(client):
    client.force_login(create_with_role(Role.STEERING))
    assert client.post(url_of(create_indicator(metric="members.organisations"))).status_code == 403
    assert not JobRun.objects.exists()


def test_reading_the_address_starts_nothing(client):
    client.force_login(create_staff())
    assert client.get(url_of(create_indicator(metric="members.organisations"))).status_code == 405
