from datetime import date, timedelta
from decimal import Decimal

import pytest

from kisu.lib.jobs import Run, jobs
from members.models import AuditEntry
from tests.factories.members import create_organisation, create_staff
from tests.factories.symbiosis import create_impact
from tests.factories.workpackages import create_indicator, create_target, create_value
from workpackages.models import Impact, Value
from workpackages.services import WorkPackagesError
from workpackages.services.indicators import enter_value, set_target, update_indicators

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 24)


def silent(done: int, total: int) -> None:
    pass


def count_on(day: date) -> dict:
    return update_indicators(on=day, progress=silent)


def test_the_count_of_a_day_is_written_once_however_often_it_runs():
    indicator = create_indicator(metric="members.organisations")
    create_organisation()
    first = count_on(DAY)
    rows = list(Value.objects.values())
    second = count_on(DAY)

    assert (first["changed"], second["changed"]) == (1, 0)
    assert list(Value.objects.values()) == rows
    value = indicator.values.get()
    assert (value.on, value.amount, value.origin) == (DAY, 1, Value.Origin.COUNTED)
    (entry,) = AuditEntry.objects.filter(what="indicators counted")
    assert entry.changes == {indicator.code: [None, "1"]}


def test_a_recount_says_what_it_changed():
    indicator = create_indicator(metric="members.organisations")
    create_organisation()
    count_on(DAY)
    create_organisation()
    count_on(DAY)

    assert AuditEntry.objects.latest("pk").changes == {indicator.code: ["1", "2"]}


def test_values_that_people_enter_are_left_alone():
    entered = create_indicator()
    create_value(entered, date(2020, 1, 1), 5)
    create_value(entered, date(2020, 1, 2), 6)
    assert count_on(DAY) == {"counted": 0, "changed": 0, "thinned": 0, "unknown": []}
    assert entered.values.count() == 2


def test_a_metric_that_no_room_has_is_told():
    indicator = create_indicator(metric="nobody.counts_this")
    assert count_on(DAY)["unknown"] == [indicator.code]
    assert not indicator.values.exists()


def test_only_the_asked_indicator_is_counted():
    one = create_indicator(metric="members.organisations")
    other = create_indicator(metric="members.organisations_reached")
    jobs["workpackages.update_indicators"].function(Run(on=DAY, arguments={"indicator": one.code}, progress=silent))
    assert (one.values.count(), other.values.count()) == (1, 0)


def test_days_are_kept_for_sixty_days_then_the_ends_of_months():
    indicator = create_indicator(metric="members.organisations")
    days = [date(2026, 8, 1) + timedelta(days=n) for n in range((DAY - date(2026, 8, 1)).days)]
    for day in days:
        create_value(indicator, day, 1)

    result = count_on(DAY)

    kept = sorted(indicator.values.values_list("on", flat=True))
    edge = DAY - timedelta(days=60)  # 25 September: this and later days stay
    assert kept[0] == date(2026, 8, 31)
    assert kept[1:] == [edge + timedelta(days=n) for n in range(61)]
    assert result["thinned"] == len(days) + 1 - len(kept)
    assert count_on(DAY)["thinned"] == 0


def test_a_month_without_its_last_day_keeps_the_latest_it_has():
    indicator = create_indicator(metric="members.organisations")
    for day in (date(2026, 1, 3), date(2026, 1, 20)):
        create_value(indicator, day, 1)
    count_on(DAY)
    assert list(indicator.values.order_by("on").values_list("on", flat=True)) == [date(2026, 1, 20), DAY]


def test_tonnes_are_those_measured_and_calculated_times_the_share():
    indicator = create_indicator(metric="workpackages.material_kept_in_use_t", unit_code="t")
    create_impact(kept_in_use_t=Decimal(100), attribution_percent=Decimal(50))
    create_impact(kept_in_use_t=Decimal("10.5"), kind=Impact.Kind.CALCULATED)
    create_impact(kept_in_use_t=Decimal(1000), kind=Impact.Kind.ESTIMATED)
    create_impact(kept_in_use_t=Decimal(1000), starts_on=DAY + timedelta(days=1))
    count_on(DAY)
    assert indicator.values.get().amount == Decimal("60.5")


def test_a_value_is_entered_and_corrected_with_both_in_the_log():
    staff, indicator = create_staff(), create_indicator()
    enter_value(by=staff, indicator=indicator, on=DAY, amount=Decimal(5), evidence="Survey 2026")
    enter_value(by=staff, indicator=indicator, on=DAY, amount=Decimal(6), evidence="Survey 2026, corrected")

    value = indicator.values.get()
    assert (value.amount, value.entered_by) == (6, staff)
    made, corrected = AuditEntry.objects.order_by("pk")
    assert (made.what, corrected.what) == ("indicator value entered", "indicator value corrected")
    assert [Decimal(one) for one in corrected.changes["amount"]] == [5, 6]


def test_a_counted_indicator_takes_no_value_by_hand():
    indicator = create_indicator(metric="members.organisations")
    with pytest.raises(WorkPackagesError):
        enter_value(by=create_staff(), indicator=indicator, on=DAY, amount=Decimal(5), evidence="Wish")
    assert not Value.objects.exists()


def test_a_target_of_the_plan_becomes_the_persons_own():
    staff, indicator = create_staff(), create_indicator()
    create_target(indicator, DAY, 10, from_plan=True, is_approximate=True)
    set_target(
        by=staff, indicator=indicator, on=DAY, amount=Decimal(12), amount_high=Decimal(15), source="Steering group"
    )

    target = indicator.targets.get()
    assert (target.amount, target.amount_high, target.from_plan, target.set_by) == (12, 15, False, staff)
    assert AuditEntry.objects.latest("pk").what == "target changed"
