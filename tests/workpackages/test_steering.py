from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from members.models import AuditEntry
from members.permissions import Role
from tests.factories.members import create_coordinator, create_member, create_with_role
from tests.factories.workpackages import (
    create_actual,
    create_indicator,
    create_lead,
    create_line,
    create_package,
    create_period,
    create_target,
    create_value,
    three,
)
from workpackages.brief import brief
from workpackages.budget import ledger_of
from workpackages.models import Indicator
from workpackages.progress import standings

pytestmark = pytest.mark.django_db
URL = reverse("workpackages:steering")
MID = date(2026, 8, 31)  # 184 of the 365 days from 1 March


@pytest.fixture
def steering(client):
    user = create_with_role(Role.STEERING)
    client.force_login(user)
    return user


@pytest.fixture
def period():
    """TP1 as planned, TP2 far behind, TP3 a little ahead, subcontracting not reported."""
    period = create_period()
    for code, used in (("TP1", 500), ("TP2", 350), ("TP3", 580)):
        line = create_line(period, create_package(code), eur=1000, days=100)
        create_lead(package=line.package)
        create_actual(line, date(2026, 5, 31), 1)
        create_actual(line, MID, used, days=40)
    create_line(period, None, eur=500)
    return period


def test_uses_are_held_against_the_time_passed_on_the_day_of_the_report(period, django_assert_num_queries):
    with django_assert_num_queries(4):
        ledger = ledger_of(period, on=date(2026, 11, 24))
        states = [(use.line.package and use.line.package.code, use.tone, use.word) for use in ledger.uses]
    assert states == [
        ("TP1", "ok", "As planned"),
        ("TP2", "late", "Less used than planned"),
        ("TP3", "watch", "More used than planned"),
        (None, "neutral", "Not reported"),
    ]
    assert [use.line.package.code for use in ledger.exceptions] == ["TP2", "TP3"]
    assert (ledger.until, round(ledger.passed, 1)) == (MID, Decimal("50.4"))
    total = ledger.total
    assert (total.planned_eur, total.used_eur, total.planned_days, total.used_days) == (3500, 1430, 300, 120)


def test_a_report_of_a_later_day_is_not_read(period):
    assert [use.used_eur for use in ledger_of(period, on=date(2026, 6, 1)).uses] == [1, 1, 1, None]


def test_more_than_all_and_a_budget_of_nothing():
    period = create_period()
    create_actual(create_line(period, create_package("TP1"), eur=100, days=0), MID, 130, days=5)
    create_actual(create_line(period, create_package("TP2"), eur=0), MID, 10)
    over, nothing = ledger_of(period, on=MID).uses
    assert (over.percent_eur, over.percent_days) == (130, None)
    assert (nothing.percent_eur, nothing.tone) == (None, "neutral")


def test_the_brief_is_made_from_the_figures(period):
    for name, amounts, goal in (("Members", (50, 80), 80), ("Funding", (10, 12), 20)):
        indicator = create_indicator(**three("name", name))
        create_value(indicator, date(2025, 1, 31), amounts[0])
        create_value(indicator, date(2026, 1, 31), amounts[1])
        create_target(indicator, date(2026, 1, 31), goal)
    on = date(2026, 11, 24)

    sentences = brief(standings(Indicator.objects.all(), on=on), ledger_of(period, on=on))

    assert sentences == [
        "On their target paths: 1 of 2 indicators.",
        "Furthest behind: Funding, 60% of the path.",
        "Clearest growth in 12 months: Members, from 50 to 80.",
        "On 31\xa0August 2026, when 50% of the budget period had passed, 41% of the money and 40% of the person-days"
        " had been used.",
    ]


def test_the_brief_of_nothing_claims_nothing():
    create_indicator()
    assert brief(standings(Indicator.objects.all(), on=MID), None) == [
        "No indicator has a target path to be held against yet."
    ]


def test_the_page_tells_tally_money_and_exceptions_and_offers_no_change(client, steering, period):
    create_period(date(2025, 3, 1), date(2026, 2, 28))
    indicator = create_indicator()
    create_value(indicator, date(2025, 1, 31), 1)
    create_value(indicator, date(2026, 1, 31), 5)
    create_target(indicator, date(2026, 1, 31), 5)
    audited = AuditEntry.objects.count()

    response = client.get(URL)

    assert [(tone, count) for tone, _word, count in response.context["tally"]] == [("ok", 1), ("watch", 0), ("late", 0)]
    page = response.content.decode()
    assert "Period 3/2026–2/2027, used by 31\xa0August 2026. The vertical line: 50% of the period has passed." in page
    assert "35% of the budget had been used by 31\xa0August 2026, when 50% of the period had passed." in page
    assert "As planned, within 5 per cent of the budget:" in page
    main = page[page.index("<main") : page.index("</main>")]
    assert 'method="post"' not in main
    assert AuditEntry.objects.count() == audited


def test_another_period_is_chosen_by_its_first_month(client, steering, period):
    earlier = create_period(date(2025, 3, 1), date(2026, 2, 28))
    assert client.get(URL, {"kausi": "2025-03"}).context["ledger"].period == earlier
    assert client.get(URL, {"kausi": "nonsense"}).context["ledger"].period == period


def test_no_plan_yet_says_when_it_will_fill(client, steering):
    assert "It comes with the implementation plan when it is loaded." in client.get(URL).content.decode()


@pytest.mark.parametrize("rows", [1, 30])
def test_queries_do_not_grow(client, steering, period, rows, django_assert_num_queries):
    for _ in range(rows):
        create_value(create_indicator(), date(2026, 1, 31), 1)
    with django_assert_num_queries(12):
        client.get(URL)


def test_the_money_comes_as_a_file(client, steering, period):
    response = client.get(reverse("workpackages:steering_packages"))
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[1] == "TP1 Package TP1;Motiva;1000,00;500,00;50,0;100,00;40,00;40,0;2026-08-31;50,4"


def test_the_ledger_shows_printed_totals_beside_their_sums(client, steering, loaded):
    page = client.get(reverse("workpackages:ledger")).content.decode()
    for text in (
        "500,000",
        "106.5",
        "printed 106",
        "358.5",
        "printed 358",
        "printed 307",
        "printed 17.1",
        "printed 14",
    ):
        assert text in page
    assert "printed 500,000" not in page


def test_person_months_are_summed_at_both_edges(client, steering, loaded):
    response = client.get(reverse("workpackages:ledger_crosstab"))
    rows = list(load_workbook(BytesIO(response.content)).active.iter_rows(values_only=True))
    assert rows[0] == (
        "Work package", "2022 Motiva", "2022 Syke", "2023 Motiva", "2023 Syke", "2024 Motiva", "2024 Syke", "In all",
    )  # fmt: skip
    assert rows[4][0] == "TP4 Industrial symbiosis service"
    assert rows[4][1:] == (3.5, 1.5, 5, 2, 5, 2, 19)
    assert rows[-1] == ("In all", 17, 14.1, 19.5, 18, 18, 19, 105.6)


@pytest.mark.parametrize("name", ["steering", "ledger", "steering_packages", "ledger_crosstab"])
def test_members_may_not_and_coordinators_may(client, loaded, name):
    url = reverse(f"workpackages:{name}")
    client.force_login(create_member())
    assert client.get(url).status_code == 403
    client.force_login(create_coordinator())
    assert client.get(url).status_code == 200
