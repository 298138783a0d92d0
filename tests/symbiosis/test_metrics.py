from datetime import date

import pytest

from kisu.lib.metrics import metrics
from members.permissions import Permission
from tests.factories.members import create_coordinator, create_organisation
from tests.factories.symbiosis import create_synergy

pytestmark = pytest.mark.django_db


def test_a_synergy_is_born_on_the_day_it_began_also_when_it_lapsed_later():
    create_synergy(started_on=date(2025, 3, 1), stage="lapsed")
    born = metrics["symbiosis.synergies"]
    assert (born.value(date(2025, 2, 28)), born.value(date(2025, 3, 1))) == (0, 1)


def test_a_synergy_counts_as_realised_from_its_day_on():
    create_synergy(stage="realised", realised_on=date(2025, 6, 1))
    create_synergy(stage="implementation")
    realised = metrics["symbiosis.synergies_realised"]
    assert (realised.value(date(2025, 5, 31)), realised.value(date(2025, 6, 1))) == (0, 1)


def test_each_party_gains_once_and_since_its_first_synergy():
    giver, receiver = create_organisation(name="Giver"), create_organisation(name="Receiver", state="prospect")
    create_synergy(stage="realised", giver=giver, receiver=receiver, realised_on=date(2025, 6, 1))
    create_synergy(stage="realised", giver=giver, receiver=receiver, realised_on=date(2024, 2, 1))
    create_synergy(stage="negotiation")
    gaining = metrics["symbiosis.organisations_benefiting"]
    assert (gaining.value(date(2024, 1, 31)), gaining.value(date(2026, 1, 1))) == (0, 2)
    rows = gaining.described(list(gaining.rows(date(2026, 1, 1)).order_by("name")))
    assert [(row.label, row.on) for row in rows] == [
        ("Giver", date(2024, 2, 1)),
        ("Receiver", date(2024, 2, 1)),
    ]


@pytest.mark.parametrize(
    "key", ["symbiosis.synergies", "symbiosis.synergies_realised", "symbiosis.organisations_benefiting"]
)
def test_a_coordinator_sees_the_rows_of_the_region(key):
    here, there = create_organisation(municipality_name="Jyväskylä"), create_organisation(municipality_name="Helsinki")
    create_synergy(stage="realised", giver=here, receiver=create_organisation(municipality_name="Jyväskylä"))
    create_synergy(stage="realised", giver=there, receiver=create_organisation(municipality_name="Helsinki"))
    metric = metrics[key]
    rows = metric.rows(date(2026, 1, 1))
    reach = create_coordinator("13").reach(Permission.INDICATOR_ROWS)
    assert metric.within is not None
    assert metric.within(rows, reach).count() * 2 == rows.count()
