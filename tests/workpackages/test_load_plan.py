import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from members.models import AuditEntry
from tests.factories.members import create_staff
from tests.factories.workpackages import create_value
from workpackages import plan_file
from workpackages.models import (
    BudgetLine,
    BudgetPeriod,
    Challenge,
    ClockPhase,
    Indicator,
    PackageContent,
    PackageLead,
    PackageRole,
    PersonMonths,
    PlanDifference,
    StaffingYear,
    Target,
    Value,
    WorkPackage,
)
from workpackages.services.indicators import set_target
from workpackages.services.plan import load_plan

pytestmark = pytest.mark.django_db


def all_rows() -> dict[str, list[dict[str, object]]]:
    models = [*apps.get_app_config("workpackages").get_models(include_auto_created=True), AuditEntry]
    return {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in models}


def load_changed(tmp_path: Path, file: str, old: str, new: str) -> None:
    """Loads the plan with one text of one of its files replaced."""
    folder = shutil.copytree(plan_file.PLAN_DIRECTORY, tmp_path / "plan")
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    load_plan(plan=plan_file.load(folder))


PLAN = plan_file.load()


@pytest.fixture(autouse=True)
def _loaded() -> None:
    load_plan(plan=PLAN)


def test_the_whole_plan_comes_in():
    counts = {
        model: model.objects.count()
        for model in (WorkPackage, PackageContent, PackageRole, PackageLead, BudgetLine, PersonMonths, Indicator)
    }
    assert list(counts.values()) == [6, 148, 71, 7, 15, 36, 28]
    period = BudgetPeriod.objects.get()
    assert (period.starts_on, period.printed_total_eur) == (date(2022, 3, 1), 500_000)
    assert [line.amount_eur for line in period.lines.top().order_by("position")] == [
        126289, 66155, 35949, 81357, 68742, 72508, 49000,
    ]  # fmt: skip
    assert sum(part.amount_eur for part in BudgetLine.objects.exclude(parent=None)) == 49_000
    assert PlanDifference.objects.get(code="days-row-tp4").computed_figure == Decimal("106.5")
    assert PlanDifference.objects.get(code="handover-month").printed_figure.year == 2023
    assert [str(row) for row in StaffingYear.objects.order_by("year")] == ["2022", "2023", "2024"]


def test_the_lead_of_tp1_passes_after_a_year_and_a_half():
    leads = PackageLead.objects.filter(package__code="TP1").order_by("starts_on")
    assert [(lead.partner, lead.starts_on) for lead in leads] == [
        ("motiva", date(2022, 3, 1)),
        ("syke", date(2023, 9, 1)),
    ]


def test_parts_hang_under_their_contents():
    part = PackageContent.objects.filter(package__code="TP4").exclude(parent=None).first()
    assert part.parent.package_id == part.package_id


def test_loading_again_changes_nothing():
    before = all_rows()
    load_plan(plan=PLAN)
    assert all_rows() == before


def test_a_target_without_a_year_is_for_the_last_day_of_the_project_and_a_doubling_gives_no_path():
    target = Target.objects.get(indicator__code="actions-promoted")
    assert (target.amount, target.on, target.from_plan) == (10, date(2025, 2, 28), True)
    doubling = Indicator.objects.get(code="resource-productivity")
    assert (doubling.goal_times, doubling.goal_year, doubling.targets.count()) == (2, 2035, 0)


def test_a_changed_text_is_taken_and_logged(tmp_path):
    old = Challenge.objects.get(code="scattered").text_en
    load_changed(tmp_path, "network.toml", old, "Networks work apart.")

    assert Challenge.objects.get(code="scattered").text_en == "Networks work apart."
    entry = AuditEntry.objects.latest("pk")
    assert (entry.what, entry.changes) == ("plan loaded", {"workpackages.Challenge": [3, 3]})


def test_what_left_the_file_goes(tmp_path):
    phase = PLAN.phases[-1]
    text = f'[[phase]]\ncode = "{phase.code}"\n'
    names = "".join(f'name_{key} = "{getattr(phase.name, key)}"\n' for key in ("fi", "sv", "en"))
    load_changed(tmp_path, "network.toml", text + names, "")

    assert not ClockPhase.objects.filter(code=phase.code).exists()


def test_what_people_added_stays():
    staff = create_staff()
    indicator = Indicator.objects.get(code="actions-promoted")
    value = create_value(indicator, date(2024, 1, 31), 4)
    own = set_target(
        by=staff, indicator=indicator, on=date(2025, 2, 28), amount=Decimal(12), amount_high=None, source="Steering"
    )
    lead = PackageLead.objects.create(
        package=WorkPackage.objects.get(code="TP2"), partner="motiva", starts_on=date(2025, 3, 1)
    )
    ClockPhase.objects.filter(code="launch").update(starts_on=date(2026, 1, 7))
    later = BudgetPeriod.objects.create(starts_on=date(2023, 3, 1), ends_on=date(2024, 2, 29))
    ours = Indicator.objects.create(code="ours", position=99, level="output", metric="")
    before = all_rows()

    load_plan(plan=PLAN)

    assert all_rows() == before
    assert Target.objects.get(indicator=indicator) == own
    assert Value.objects.get() == value
    assert {lead.pk, later.pk, ours.pk} == {
        PackageLead.objects.get(from_plan=False).pk, BudgetPeriod.objects.latest("starts_on").pk, ours.pk,
    }  # fmt: skip


def test_an_indicator_with_values_outlives_its_place_in_the_file(tmp_path):
    indicator = Indicator.objects.get(code="website-visitors")
    create_value(indicator, date(2024, 1, 31), 4000)
    load_changed(tmp_path, "indicators.toml", 'code = "website-visitors"', 'code = "site-visitors"')

    indicator.refresh_from_db()
    assert (indicator.from_plan, indicator.values.count()) == (False, 1)
    assert Indicator.objects.get(code="site-visitors").from_plan


def test_a_bad_file_is_refused_in_words(tmp_path):
    with pytest.raises(CommandError, match="Nothing was loaded: "):
        call_command("load_plan", folder=tmp_path)


def test_the_command_tells_what_it_did(capsys):
    call_command("load_plan")
    assert "Indicator: 28 (0 new, 0 changed, 0 removed)" in capsys.readouterr().out
