from datetime import date
from decimal import Decimal

import pytest

from tests.factories.workpackages import create_indicator, create_target, create_value
from workpackages.models import Indicator, Target, Value
from workpackages.progress import percent_of, standings, target_path, tone

DAY = date(2026, 11, 24)


def target(on: date, amount: int) -> Target:
    return Target(on=on, amount=Decimal(amount))


def start(on: date, amount: int) -> Value:
    return Value(on=on, amount=Decimal(amount))


@pytest.mark.parametrize(
    ("percent", "expected"),
    [("100", "ok"), ("250", "ok"), ("99.99", "watch"), ("90", "watch"), ("89.99", "late"), ("0", "late")],
)
def test_the_rule_of_the_states(percent, expected):
    assert tone(Decimal(percent)) == expected


def test_nothing_to_compare_with_is_neutral():
    assert tone(None) == "neutral"


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (Decimal(150), Decimal(100), Decimal(150)),
        (Decimal(1), Decimal(0), None),
        (None, Decimal(5), None),
        (Decimal(5), None, None),
    ],
)
def test_a_share_may_pass_a_hundred_and_of_nothing_is_unknown(part, whole, expected):
    assert percent_of(part, whole) == expected


def test_the_path_is_straight_from_the_first_value_to_the_target():
    begun = start(date(2026, 1, 1), 0)
    goals = [target(date(2026, 1, 11), 10)]
    assert [target_path(goals, begun, date(2026, 1, day)) for day in (1, 2, 6, 11, 20)] == [None, 1, 5, 10, 10]


def test_the_path_bends_at_each_target():
    goals = [target(date(2026, 1, 1), 10), target(date(2026, 1, 11), 0)]
    assert [target_path(goals, None, date(2026, 1, day)) for day in (1, 6, 11)] == [10, 5, 0]
    assert target_path(goals, None, date(2025, 12, 31)) is None
    assert target_path([], start(DAY, 1), DAY) is None


@pytest.mark.django_db
def test_less_is_better_turns_the_share():
    indicator = create_indicator(direction=Indicator.Direction.DOWN)
    create_value(indicator, date(2025, 1, 1), 200)
    create_value(indicator, date(2026, 1, 1), 125)
    create_target(indicator, date(2026, 1, 1), 100)

    (one,) = standings(Indicator.objects.all(), on=DAY)

    assert (one.percent, one.tone) == (80, "late")


@pytest.mark.django_db
def test_a_target_of_nothing_gives_no_share():
    indicator = create_indicator()
    create_value(indicator, date(2026, 1, 1), 5)
    create_target(indicator, date(2025, 1, 1), 0)

    (one,) = standings(Indicator.objects.all(), on=DAY)

    assert (one.path, one.percent, one.percent_shown, one.tone) == (0, None, None, "neutral")


@pytest.mark.django_db
def test_shares_are_shown_rounded_down():
    indicator = create_indicator()
    create_value(indicator, date(2026, 1, 1), Decimal("99.9"))
    create_target(indicator, date(2025, 1, 1), 100)

    (one,) = standings(Indicator.objects.all(), on=DAY)

    assert (one.percent_shown, one.tone) == (99, "watch")


@pytest.mark.django_db
def test_a_month_is_its_last_value_and_the_future_is_not_read():
    indicator = create_indicator()
    for on, amount in ((date(2026, 9, 5), 1), (date(2026, 9, 30), 2), (DAY, 3), (date(2026, 12, 1), 9)):
        create_value(indicator, on, amount)

    (one,) = standings(Indicator.objects.all(), on=DAY)

    assert [value.amount for value in one.values] == [2, 3]
    assert one.spark == [2, None, 3]
    assert one.change is None


@pytest.mark.django_db
@pytest.mark.parametrize("indicators", [1, 30])
def test_three_queries_for_any_number(indicators, django_assert_num_queries):
    for _ in range(indicators):
        one = create_indicator()
        create_value(one, date(2026, 1, 31), 1)
        create_target(one, date(2026, 12, 31), 5)
    with django_assert_num_queries(3):
        assert [str(one.indicator.package) and one.tone for one in standings(Indicator.objects.all(), on=DAY)]
