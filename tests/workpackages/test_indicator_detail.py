from datetime import date

import pytest
from django.urls import reverse

from members.permissions import Role
from tests.factories.members import create_coordinator, create_organisation, create_staff, create_with_role
from tests.factories.symbiosis import create_impact, create_synergy
from tests.factories.workpackages import create_indicator, create_target, create_value, three
from workpackages.models import Impact

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)


@pytest.fixture
def counted():
    indicator = create_indicator(code="members-counted", metric="members.organisations")
    create_organisation(name="Near Oy")
    create_organisation(name="Far Oy", municipality_name="Helsinki")
    create_value(indicator, DAY, 2)
    return indicator


def page_of(client, indicator) -> str:
    return client.get(indicator.get_absolute_url()).content.decode()


def test_a_stranger_sees_figures_definition_and_how_many_rows(client, counted):
    page = page_of(client, counted)
    assert counted.definition_en in page
    assert 'Rows behind the figure <span class="count">2</span>' in page
    assert "Near Oy" not in page
    assert reverse("workpackages:indicator_rows", args=[counted.code]) not in page
    assert "Count now" not in page
    assert "Enter a value" not in page


def test_staff_see_every_row_and_may_recount(client, counted):
    client.force_login(create_staff())
    page = page_of(client, counted)
    assert "Near Oy" in page
    assert "Far Oy" in page
    assert "Count now" in page
    assert "Enter a value" not in page


def test_a_coordinator_sees_the_rows_of_the_own_region(client, counted):
    client.force_login(create_coordinator("13"))
    page = page_of(client, counted)
    assert "Near Oy" in page
    assert "Far Oy" not in page
    assert '<span class="count">2</span>' in page


def test_steering_sees_the_number_only(client, counted):
    client.force_login(create_with_role(Role.STEERING))
    page = page_of(client, counted)
    assert "Near Oy" not in page
    assert "Your role sees the number of rows, not the rows." in page


def test_records_that_changed_since_the_count_are_told(client, counted):
    assert "have changed since" not in page_of(client, counted)
    create_organisation()
    assert "they now give 3\xa0pcs" in page_of(client, counted).replace("3 pcs", "3\xa0pcs")


def test_estimates_stand_apart(client):
    indicator = create_indicator(metric="workpackages.material_kept_in_use_t", unit_code="t")
    create_impact(kept_in_use_t=100)
    create_impact(kept_in_use_t=40, kind=Impact.Kind.ESTIMATED)
    create_value(indicator, DAY, 100)
    page = page_of(client, indicator)
    assert "Estimated figures stand apart and are not counted: 40 t." in page
    assert '<span class="count">1</span>' in page


def test_a_target_gives_the_path_the_share_and_a_chart(client):
    indicator = create_indicator()
    create_value(indicator, date(2025, 11, 30), 0)
    create_value(indicator, date(2026, 5, 31), 40)
    create_target(indicator, date(2026, 11, 30), 100)

    response = client.get(indicator.get_absolute_url())

    labels = [(stat.value, stat.label) for stat in response.context["stats"]]
    # 182 of the 365 days have passed.
    assert labels == [
        ("40", "on 31\xa0May 2026"), ("50", "target path on the same day"), ("80", "of the target path"),
        ("–", "change in 12 months"),
    ]  # fmt: skip
    chart = response.context["chart"]
    assert chart.labels[0] == "11/2025"
    assert chart.labels[-1] == "11/2026"
    assert chart.series[1].values[-1] == 100
    assert 'data-chart="trend"' in response.content.decode()


def test_one_value_is_no_trend_and_missing_figures_are_dashes(client):
    indicator = create_indicator()
    create_value(indicator, DAY, 40)
    response = client.get(indicator.get_absolute_url())
    assert response.context["chart"] is None
    assert [stat.value for stat in response.context["stats"]] == ["40", "–", "–", "–"]


def test_a_doubling_without_a_base_year_is_told_in_words(client):
    indicator = create_indicator(goal_times=2, goal_year=2035)
    page = page_of(client, indicator)
    assert "2 times the base year by 2035" in page
    assert "No value yet." in page


def test_a_name_is_text_and_never_markup(client):
    indicator = create_indicator(**three("name", "<b>Bold</b>"))
    assert "<b>Bold</b>" not in page_of(client, indicator)


def test_an_unknown_code_is_not_found(client):
    assert client.get(reverse("workpackages:indicator_detail", args=["nothing"])).status_code == 404


def test_values_come_as_a_file_with_path_and_state(client):
    indicator = create_indicator()
    create_value(indicator, date(2025, 11, 30), 0)
    create_value(indicator, date(2026, 11, 20), 95, evidence="Survey; autumn")
    create_target(indicator, date(2026, 11, 20), 100)
    response = client.get(reverse("workpackages:value_list", args=[indicator.code]))
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[1:] == [
        "2025-11-30;0,000;pcs;;No target path;Entered;Annual report",
        '2026-11-20;95,000;pcs;100,000;To watch;Entered;"Survey; autumn"',
    ]


@pytest.mark.parametrize("rows", [1, 30])
def test_queries_do_not_grow_with_the_rows(client, rows, django_assert_num_queries):
    indicator = create_indicator(metric="workpackages.material_kept_in_use_t", unit_code="t")
    for _ in range(rows):
        create_synergy(stage="realised")
    create_value(indicator, DAY, 1)
    staff = create_staff()
    client.force_login(staff)
    with django_assert_num_queries(14):
        client.get(indicator.get_absolute_url())


def test_rows_come_as_a_file_by_reach(client, counted):
    url = reverse("workpackages:indicator_rows", args=[counted.code])
    bodies = {}
    for who, user in {
        "staff": create_staff(), "coordinator": create_coordinator("13"), "steering": create_with_role(Role.STEERING),
    }.items():  # fmt: skip
        client.force_login(user)
        bodies[who] = client.get(url).content.decode("utf-8-sig")
    assert ("Near Oy" in bodies["staff"], "Far Oy" in bodies["staff"]) == (True, True)
    assert ("Near Oy" in bodies["coordinator"], "Far Oy" in bodies["coordinator"]) == (True, False)
    assert bodies["steering"].splitlines() == ["Number of rows;Day;Sum", "2;2026-11-20;2"]


def test_an_entered_indicator_has_no_rows(client):
    client.force_login(create_staff())
    assert client.get(reverse("workpackages:indicator_rows", args=[create_indicator().code])).status_code == 404
