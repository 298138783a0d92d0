from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from kisu.lib.dates import business_date
from kisu.lib.metrics import metrics
from members.models import Organisation
from members.permissions import Role
from tests.factories.members import create_coordinator, create_organisation, create_staff, create_with_role
from tests.factories.symbiosis import create_synergy
from workpackages.evidence import rows_behind

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 24)


def test_members_of_a_day_and_those_reached_by_it():
    create_organisation(joined_on=date(2022, 6, 10))
    create_organisation(joined_on=date(2024, 6, 10))
    create_organisation(state=Organisation.State.LEFT, joined_on=date(2022, 6, 10), left_on=date(2024, 1, 1))
    create_organisation(state=Organisation.State.APPLIED)
    create_organisation(state=Organisation.State.PROSPECT)
    today = business_date(timezone.now())

    member, reached = metrics["members.organisations"], metrics["members.organisations_reached"]

    assert [member.value(day) for day in (date(2022, 6, 9), date(2023, 1, 1), date(2024, 1, 1), today)] == [0, 2, 1, 2]
    assert [reached.value(day) for day in (date(2023, 1, 1), today - timedelta(days=1), today)] == [2, 3, 4]


def test_an_impact_is_told_by_what_it_belongs_to(django_assert_num_queries):
    synergy = create_synergy(stage="realised")
    synergy.impact.attribution_percent = Decimal(25)
    synergy.impact.save()
    metric, staff = metrics["workpackages.material_kept_in_use_t"], create_staff()
    assert staff.grants
    with django_assert_num_queries(1):
        (row,) = metric.described(rows_behind(metric, user=staff, on=DAY))
    assert (row.label, row.detail, row.amount) == ("Sawdust to bedding", "Measured, network's share 25%", Decimal(25))
    assert row.url == synergy.get_absolute_url()


def test_a_coordinator_reads_the_rows_of_the_own_region_only():
    here = create_synergy(stage="realised", title="Here")
    create_synergy(stage="realised", title="There", giver=create_organisation(municipality_name="Helsinki"))
    metric = metrics["workpackages.material_kept_in_use_t"]
    rows = rows_behind(metric, user=create_coordinator("13"), on=DAY)
    assert [row.label for row in metric.described(rows)] == [here.title]


@pytest.mark.parametrize("role", [Role.STEERING, Role.COMMS, Role.EXPERT])
def test_others_see_only_how_many_there_are(role):
    assert rows_behind(metrics["members.organisations"], user=create_with_role(role), on=DAY) is None
    assert rows_behind(metrics["members.organisations"], user=AnonymousUser(), on=DAY) is None
