"""The demo is loaded once for this module, in a transaction that is rolled back at its end."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count, F
from django.test import Client
from django.utils import timezone

from kisu.demo.cast import ACCOUNTS, LOADED, OWN_ORGANISATION
from kisu.demo.load import NotEmptyError, load_demo
from kisu.lib.dates import today
from members.models import AuditEntry, JobRun, MembershipApplication, Organisation, User
from members.permissions import Permission, Role
from symbiosis.models import Enquiry, Listing, Match, MatchAnswer, Synergy
from workpackages.models import BudgetPeriod, Impact, Indicator, Target, Value

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[float]:
    """Seconds that the load took."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_plan", stdout=StringIO())
        started = time.monotonic()
        call_command("load_demo", stdout=StringIO())
        yield time.monotonic() - started
        transaction.set_rollback(True)


def account(name: str) -> User:
    return User.objects.get(email=f"{name}@kisu.example")


def test_it_takes_less_than_forty_seconds(loaded: float) -> None:
    assert loaded < 40


def test_the_network_is_whole() -> None:
    assert Organisation.objects.count() == 120
    assert set(Organisation.objects.values_list("municipality__region__code", flat=True)) == {
        *(
            "01",
            "02",
            "04",
            "05",
            "06",
            "07",
            "08",
            "09",
            "10",
            "11",
            "12",
            "13",
            "14",
            "15",
            "16",
            "17",
            "18",
            "19",
            "21",
        ),
    }
    assert Listing.objects.count() == 306
    assert Counter(Synergy.objects.values_list("stage", flat=True)).keys() == set(Synergy.Stage.values)


@pytest.mark.parametrize("who", ACCOUNTS, ids=lambda who: who.name)
def test_every_account_signs_in(client: Client, who: Any, settings: Any) -> None:
    # The hash of the demo is scrypt where the demo runs; here it is whatever the tests use.
    response = client.post("/tili/login/", {"login": who.email, "password": settings.DEMO_PASSWORD})
    assert response.headers["Location"] == "/tyopoyta/"
    assert client.get("/tyopoyta/", follow=True).status_code == 200
    assert account(who.name).roles == {who.role or Role.SUPERUSER}


def test_all_addresses_are_verified_and_at_the_example_domain() -> None:
    assert EmailAddress.objects.filter(verified=True, primary=True).count() == User.objects.count()
    assert not User.objects.exclude(email__endswith="@kisu.example").exists()


def test_quantities_are_of_a_year() -> None:
    shavings = Listing.objects.get(title="Kuivaa kutterinlastua irtotavarana")
    assert shavings.quantity == 45 * 12
    assert Listing.objects.get(title="Sahanpurua männystä").quantity == 9000


def test_no_day_lies_in_the_future_that_should_not() -> None:
    now = timezone.now()
    assert not Listing.objects.filter(published_at__gt=now).exists()
    assert not Listing.objects.filter(created_at__gt=now).exists()
    assert not MatchAnswer.objects.filter(answered_at__gt=now).exists()
    assert not Synergy.objects.filter(started_on__gt=today()).exists()
    assert not Listing.objects.filter(published_at__lt=F("created_at")).exists()


def test_every_published_listing_is_open_and_every_expired_one_past() -> None:
    assert not Listing.objects.expired(on=today()).exists()
    assert not Listing.objects.filter(state="expired", valid_until__gte=today()).exists()


def test_the_matcher_itself_made_the_matches() -> None:
    assert Match.objects.count() > 100
    assert set(Match.objects.values_list("match_class", flat=True)) == {"good", "possible", "distant"}
    run = JobRun.objects.get(job="symbiosis.match_listings", state="done")
    assert run.result["offers"] == Listing.objects.published(on=today()).of_kind("offer").count()


def test_answers_enquiries_and_applications_are_in_all_states() -> None:
    assert set(MatchAnswer.objects.values_list("answer", flat=True)) == {"interested", "dismissed"}
    assert {"open", "answered"} <= set(Enquiry.objects.values_list("state", flat=True))
    assert set(MembershipApplication.objects.values_list("state", flat=True)) == {"submitted", "approved", "rejected"}
    assert set(JobRun.objects.values_list("state", flat=True)) == {"done", "parked"}


def test_nothing_of_last_night_is_missed_at_the_first_start() -> None:
    from members.services.jobs import missed_daily

    assert missed_daily(now=timezone.now()) == []


def test_counted_values_are_what_the_metrics_count() -> None:
    for indicator in Indicator.objects.counted():
        assert indicator.counts is not None
        values = list(Value.objects.filter(indicator=indicator).order_by("-on"))
        assert len(values) == 37
        assert values[0].amount == indicator.counts.value(today()).quantize(Decimal("0.001"))


def test_entered_values_say_that_they_are_made_up() -> None:
    entered = Value.objects.filter(origin="entered")
    assert entered.count() > 200
    assert set(entered.values_list("evidence", flat=True)) == {"Esittelyaineisto"}
    assert not entered.exclude(indicator__metric="").exists()
    assert not entered.filter(amount__lt=0).exists()
    assert not Value.objects.filter(indicator__level=Indicator.Level.NATIONAL).exists()


def test_targets_of_the_plan_stay_and_others_say_where_they_come_from() -> None:
    assert Target.objects.filter(from_plan=True).count() == 2
    assert set(Target.objects.filter(from_plan=False).values_list("source", flat=True)) == {"Esittelyaineisto"}


def test_budgets_reach_today_and_say_that_they_are_made_up() -> None:
    plan, *others = BudgetPeriod.objects.order_by("starts_on")
    assert others[-1].starts_on <= today() <= others[-1].ends_on
    for period in others:
        assert all(line.name_fi.endswith("(esittely)") for line in period.lines.all())
        assert period.allocations.count() == plan.allocations.count()
        for line in period.lines.annotate(n=Count("parts")).filter(n__gt=0):
            assert line.amount_eur == sum(part.amount_eur for part in line.parts.all())
    assert not plan.lines.filter(actuals__isnull=False).exists()


def test_impacts_add_up() -> None:
    assert Impact.objects.count() == Synergy.objects.filter(stage="realised").count()
    for impact in Impact.objects.all():
        assert impact.co2e_t is not None
        assert abs(impact.kept_in_use_t * impact.factor - impact.co2e_t) < Decimal("0.1")


def test_member_and_coordinator_have_something_to_do(client: Client) -> None:
    own = Organisation.objects.get(name=OWN_ORGANISATION)
    member, coordinator = account("member"), account("coordinator")
    assert own.listings.filter(kind="offer").published(on=today()).exists()
    assert Match.objects.open().visible_to(member).unanswered_by(member).exists()
    assert Enquiry.objects.waiting_for(member).exists()
    client.force_login(coordinator)
    client.cookies["kisu_language"] = "en"
    tasks = client.get("/tyopoyta/").context["desk"].left[0]
    starts = {task.title.split(":")[0] for task in tasks.rows}
    assert {"Review the listing", "Membership application", "Open the contact"} <= starts
    assert any(task.late for task in tasks.rows)
    assert Listing.objects.expiring(on=today()).editable_by(member).exists()


def test_only_the_own_region_is_within_reach_of_its_coordinator() -> None:
    regions = account("coordinator").reach(Permission.LISTING_MODERATE).regions
    assert {Organisation.objects.get(name=OWN_ORGANISATION).municipality.region_id} == regions


def test_every_audit_row_is_by_the_portal_itself() -> None:
    assert not AuditEntry.objects.exclude(actor=None).exists()
    assert AuditEntry.objects.filter(what=LOADED, model="symbiosis.Listing").count() == 306


def test_a_second_load_changes_nothing_and_is_quick() -> None:
    before = [model.objects.count() for model in (User, Listing, Match, Value, AuditEntry)]
    said, started = StringIO(), time.monotonic()
    call_command("load_demo", stdout=said)
    assert time.monotonic() - started < 1
    assert said.getvalue() == "The demo is loaded already.\n"
    assert [model.objects.count() for model in (User, Listing, Match, Value, AuditEntry)] == before


def test_other_peoples_data_are_never_mixed_with_it() -> None:
    with pytest.raises(NotEmptyError):
        load_demo(now=timezone.now(), say=lambda text: None)


def test_the_accounts_are_printed_with_their_roles(settings: Any) -> None:
    said = StringIO()
    call_command("demo_accounts", stdout=said)
    lines = said.getvalue().splitlines()
    assert settings.DEMO_PASSWORD in lines[0]
    assert [line.split()[0] for line in lines[1:]] == [who.email for who in ACCOUNTS]
    assert "Regional coordinator" in said.getvalue()


def test_loading_the_plan_again_leaves_the_demo_alone() -> None:
    before = (Value.objects.count(), Target.objects.count(), BudgetPeriod.objects.count())
    call_command("load_plan", stdout=StringIO())
    assert (Value.objects.count(), Target.objects.count(), BudgetPeriod.objects.count()) == before


def test_prepare_finds_everything_done(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "static"
    settings.LOCALE_PATHS = []
    said = StringIO()
    call_command("prepare", stdout=said)
    lines = [line.rpartition(" (")[0] for line in said.getvalue().splitlines()]
    assert lines[0] == "Database: up to date"
    assert lines[3] == "Message catalogues: up to date"
    assert lines[-1] == "Demo data: in place"
    assert len(lines) == 6


def test_production_prepares_without_a_demo(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "static"
    settings.LOCALE_PATHS = []
    settings.LOCAL = False
    said = StringIO()
    call_command("prepare", stdout=said)
    assert "Demo" not in said.getvalue()


def test_listings_end_at_most_six_months_after_they_begin() -> None:
    assert not Listing.objects.filter(valid_until__gt=F("valid_from") + timedelta(days=185)).exists()
