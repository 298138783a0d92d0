import datetime as dt
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from workpackages import plan_file
from workpackages.plan_file import Plan, PlanFileError, Text


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_file.load()


def texts(value: object) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name))
    elif isinstance(value, tuple):
        for part in value:
            yield from texts(part)


def role_texts(plan: Plan, code: str) -> str:
    return " ".join(role.text.fi for role in plan.package(code).roles).lower()


def item(plan: Plan, package: str, code: str) -> str:
    return next(item.text.fi for item in plan.package(package).items if item.code == code)


def names(plan: Plan, code: str) -> set[str]:
    return {printed.name for printed in plan.package(code).printed_names}


def test_budget_is_the_printed_half_million(plan: Plan) -> None:
    assert [line.eur for line in plan.budget.lines] == [126289, 66155, 35949, 81357, 68742, 72508, 49000]
    assert sum(line.eur for line in plan.budget.lines) == plan.budget.printed_total == 500_000
    assert sum(line.eur for line in plan.budget.subcontracting) == plan.budget.printed_subcontracting_total == 49_000
    assert len(plan.budget.subcontracting) == 8


def test_printed_figures_are_kept(plan: Plan) -> None:
    days = plan.person_days
    assert [row.printed_total for row in days.rows] == [178, 104, 54, 106, 105, 119]
    assert days.printed_totals == {"motiva": 358, "syke": 307, "all": 666}
    assert (days.column("motiva"), days.column("syke")) == (Decimal("358.5"), 308)
    assert [plan.person_months[year].printed_totals["motiva"] for year in (2022, 2023, 2024)] == [
        Decimal("17.1"),
        Decimal("19.5"),
        18,
    ]
    assert [plan.person_months[year].column("syke") for year in (2022, 2023, 2024)] == [Decimal("14.1"), 18, 19]


def test_leads_days_stay_within_their_packages_days(plan: Plan) -> None:
    for row in plan.lead_days.rows:
        for organisation, days in row.amounts.items():
            assert days <= plan.person_days.amount(row.package, organisation)


def test_lead_is_handed_over_after_a_year_and_a_half(plan: Plan) -> None:
    coordination = plan.package("tp1")
    assert coordination.lead_on(dt.date(2022, 2, 28)) is None
    assert coordination.lead_on(dt.date(2023, 8, 31)) == "motiva"
    assert coordination.lead_on(dt.date(2023, 9, 1)) == coordination.lead_on(dt.date(2025, 2, 28)) == "syke"
    mid_2022 = dt.date(2022, 7, 1)
    assert [package.lead_on(mid_2022) for package in plan.packages] == [
        "motiva",
        "syke",
        "syke",
        "motiva",
        "syke",
        "motiva",
    ]


def test_every_text_is_there_in_three_languages_and_not_a_copy(plan: Plan) -> None:
    found = list(texts(plan))
    assert len(found) > 400
    for text in found:
        assert all(part.strip() for part in (text.fi, text.sv, text.en))
        # Names such as Motiva are the same in every language; sentences are not.
        assert len({text.fi, text.sv, text.en}) == 3 or text.fi == "Motiva"


def test_every_language_reads_as_itself(plan: Plan) -> None:
    for text in texts(plan):
        assert not re.search(r"\b(och|för|inte|som)\b", text.fi)
        assert not re.search(r"\b(ja|sekä|että)\b", text.sv)
        assert not re.search(r"[äöÄÖ]", text.en)


def test_no_string_looks_like_the_name_of_a_person() -> None:
    # Official names, and sentences whose first word stands before a name.
    allowed = {
        *("Aluksi Motivan", "Asiantuntijapooli Materiaalitoriin", "Business Finland", "Business Finlandin"),
        *("Circular Economy", "Economic Affairs", "Economy Finland", "Economy Green", "Environment Institute"),
        *("Finnish Environment", "Green Deal", "Kahdella Syken", "Motivalta Sykelle", "Otsikon Rahoitus"),
        "Taulukossa Motivan",
    }
    pair = re.compile(r"(?=\b([A-ZÅÄÖ][a-zåäöé]+(?:-[A-ZÅÄÖ][a-zåäöé]+)?[ /][A-ZÅÄÖ][a-zåäöé]+)\b)")

    for file in plan_file.PLAN_DIRECTORY.iterdir():
        assert set(pair.findall(file.read_text(encoding="utf-8"))) <= allowed


def test_indicators_follow_the_table(plan: Plan) -> None:
    by_code = {indicator.code: indicator for indicator in plan.indicators}
    table = [indicator for indicator in plan.indicators if indicator.basis in ("row", "part")]
    # 3 + 3 + 3 output rows hold 6, 4 and 3 measures; 2 + 1 + 1 outcome rows hold 2, 3 and 3.
    assert [
        len([i for i in table if i.level == level and i.challenge == challenge.code])
        for challenge in plan.challenges
        for level in ("output", "outcome")
    ] == [6, 2, 4, 3, 3, 3]
    assert len([indicator for indicator in plan.indicators if indicator.level == "national"]) == 5
    target = by_code["actions-promoted"].target
    assert target is not None
    assert (target.low, target.high) == (10, None)
    regions = by_code["regions-in-symbiosis-service"].target
    assert regions is not None
    assert (regions.low, regions.high, regions.is_approximate) == (12, 15, True)
    assert {indicator.metric for indicator in plan.indicators} - {None} == {
        "members.organisations",
        "members.organisations_reached",
        "symbiosis.organisations_benefiting",
        "symbiosis.synergies",
        "symbiosis.synergies_realised",
        "workpackages.co2e_reduction_t",
        "workpackages.material_kept_in_use_t",
    }


# What the data themselves must show for each difference that no figure shows.
SHOWN: dict[str, Callable[[Plan], bool]] = {
    "months-period": lambda plan: (
        not [f for f in plan_file.findings(plan) if f.kind == "conversion" and f.where.endswith(".motiva")]
        and plan.person_months[2023].starts_on < plan.person_days.ends_on
    ),
    "project-end-missing": lambda plan: (
        (plan.source.handover_on, plan.source.ends_on + dt.timedelta(days=1))
        == (dt.date(2022 + 1, 3 + 6, 1), dt.date(2022 + 3, 3, 1))
    ),
    "lead-order-tp2": lambda plan: plan.package("tp2").table_first != plan.package("tp2").leads[0].organisation,
    "lead-order-tp5": lambda plan: plan.package("tp5").table_first != plan.package("tp5").leads[0].organisation,
    "lead-days-tp5": lambda plan: plan.lead_days.amount("tp5", "syke") < plan.lead_days.amount("tp5", "motiva"),
    "lead-columns-tp3": lambda plan: (
        plan.package("tp3").table_first == "syke"
        and plan.lead_days.amount("tp3", "motiva") == 11
        and plan.lead_days.amount("tp3", "syke") == 15
    ),
    "lead-pair-tp2": lambda plan: plan.package("tp2").lead_people["syke"] == 2,
    "main-lead-leads": lambda plan: any(lead.leads == ("tp1", "tp3") for lead in plan.main_leads),
    "main-lead-absent": lambda plan: any(lead.named_in == ("tp1", "tp5") for lead in plan.main_leads),
    "coordination-in-two": lambda plan: (
        "koordinoi" in role_texts(plan, "tp2") and "koordinointi" in item(plan, "tp1", "coordinate")
    ),
    "name-tp2": lambda plan: len(names(plan, "tp2")) == 2,
    "name-tp3": lambda plan: len(names(plan, "tp3")) == 3,
    "name-tp4": lambda plan: len(names(plan, "tp4")) == 2,
    "name-tp5": lambda plan: (
        len(names(plan, "tp5")) == 3 and len([n for n in names(plan, "tp5") if "seuranta" in n]) == 1
    ),
    "name-tp6": lambda plan: len(names(plan, "tp6")) == 2,
    "subcontracting-contents": lambda plan: (
        {line.code for line in plan.budget.subcontracting} >= {"rooms", "travel", "thesis"}
    ),
    "costs-outside-packages": lambda plan: (
        {line.package for line in plan.budget.subcontracting if line.package} == {"tp4", "tp5", "tp6"}
    ),
    "tp3-timing": lambda plan: (
        next(i.starts_on for i in plan.package("tp3").items if i.code == "timing") == dt.date(2023, 1, 1)
        and next(row.printed_total for row in plan.person_days.rows if row.package == "tp3") == 54
        and next(line.eur for line in plan.budget.lines if line.package == "tp3") == 35949
    ),
    "first-to-start": lambda plan: all(
        any(part.start_year == 2022 for part in plan.package(code).roles)
        or any(part.code == "year-2022" for part in plan.package(code).items)
        for code in ("tp2", "tp3", "tp6")
    ),
    "roles-without-years": lambda plan: (
        [p.code for p in plan.packages if all(role.start_year is None for role in p.roles)] == ["tp1", "tp6"]
    ),
    "later-money": lambda plan: plan.budget.ends_on < plan.source.ends_on,
    "target-groups": lambda plan: (
        "maakuntien" in next(goal.text.fi for goal in plan.goals if goal.code == "competence")
        and "maakuntien" not in next(o.text.fi for c in plan.challenges for o in c.objectives if o.code == "coach")
    ),
    "members-and-partners": lambda plan: (
        "kehittämisyhtiöt" in next(goal.text.fi for goal in plan.goals if goal.code == "network")
        and "kehittämisyhtiöt" in item(plan, "tp1", "build-partners")
    ),
    "rows-of-several-measures": lambda plan: len([i for i in plan.indicators if i.basis == "part"]) == 14,
    "outcome-twins": lambda plan: (
        {i.code.removeprefix("models-") for i in plan.indicators if i.code.startswith("models-")}
        == {i.code.removeprefix("projects-") for i in plan.indicators if i.code.startswith("projects-")}
    ),
    "units-missing": lambda plan: (
        {i.code for i in plan.indicators if i.level != "national" and not i.unit}
        == {"competence-level", "customer-satisfaction", "new-operating-models", "digital-solutions"}
    ),
    "base-year-missing": lambda plan: (
        {i.code for i in plan.indicators if i.target and i.target.times}
        == {"resource-productivity", "circular-material-use-rate"}
    ),
    "national-goals-open": lambda plan: (
        len([i for i in plan.indicators if i.level == "national" and i.target is None]) == 3
    ),
    "outcome-targets-missing": lambda plan: (
        [i.code for i in plan.indicators if i.basis in ("row", "part") and i.target] == ["actions-promoted"]
    ),
    "regions-range": lambda plan: any(i.target and i.target.high and i.target.is_approximate for i in plan.indicators),
    "tp4-funding-repeated": lambda plan: (
        {"projects-guide", "projects-criteria", "projects-steering", "projects-monitoring", "funding"}
        <= {i.code for i in plan.package("tp4").items}
    ),
    "tp3-role-repeated": lambda plan: (
        {"motiva-2022-network-role", "motiva-2022-definition"} <= {role.code for role in plan.package("tp3").roles}
    ),
    "tp2-international-unassigned": lambda plan: (
        "kansainväli" in item(plan, "tp2", "international")
        and "kansainväli" not in role_texts(plan, "tp2")
        and not [i for i in plan.package("tp2").items if i.kind == "objective" and "kansainväli" in i.text.fi]
    ),
    "tp5-themes-unassigned": lambda plan: (
        "Rahoitus" in item(plan, "tp5", "report-funding")
        and "kansainväli" in item(plan, "tp5", "report-international")
        and not re.search("rahoit|kansainväli", role_texts(plan, "tp5"))
    ),
    "tp3-open-question": lambda plan: "Avoinna" in item(plan, "tp3", "material-efficiency"),
    "tp4-open-question": lambda plan: "avoinna" in item(plan, "tp4", "experts-search"),
}
# These rest on the printed document alone: its pictures, references, spellings and sentences are not in the data.
ON_PAPER = {
    "areas-and-packages",
    "clock-dates",
    "footnotes",
    "measures-when",
    "name-subcontracting",
    "name-ylva",
    "slide-number",
    "who-approves",
}


def test_recorded_figures_are_those_that_the_plan_shows(plan: Plan) -> None:
    recorded = {d.where: (d.kind, d.printed, d.computed) for d in plan.differences if d.where}
    assert recorded == {f.where: (f.kind, f.printed, f.computed) for f in plan_file.findings(plan)}
    assert len(recorded) == 17


def test_other_differences_are_all_accounted_for(plan: Plan) -> None:
    others = {d.code for d in plan.differences if d.kind not in plan_file.RECOMPUTED}
    assert others == {*SHOWN, *ON_PAPER}


@pytest.mark.parametrize("code", SHOWN)
def test_difference_is_really_there(plan: Plan, code: str) -> None:
    assert SHOWN[code](plan)


@pytest.mark.parametrize(
    ("file", "old", "new", "table", "key"),
    [
        ("network.toml", "dated_on = 2022-06-10", 'dated_on = "10.6.2022"', "source", "dated_on"),
        ("network.toml", "dated_on = 2022-06-10", "dated_on = 2022-06-10T08:00:00", "source", "dated_on"),
        ("network.toml", 'target = "tp2"', 'target = "tp7"', "link", "target"),
        ("network.toml", 'kind = "time"', 'kind = "place"', "link 5", "kind"),
        ("network.toml", "is_lead = true", 'is_lead = "yes"', "organisation motiva", "is_lead"),
        ("resources.toml", "eur = 126289", "eur = 126289.5", "budget.line tp1", "eur"),
        ("resources.toml", 'package = "tp1"\neur', 'package = "tp2"\neur', "budget.line", "package"),
        ("resources.toml", "days_per_month = 21", 'days_per_month = "21"', "resources.toml", "days_per_month"),
        ("resources.toml", "motiva = 112, ", "", "person_days.row tp1", "amounts"),
        ("resources.toml", "year = 2022", "year = 2021", "person_months", "year"),
        ("tp1.toml", "starts_on = 2023-09-01", "starts_on = 2023-09-02", "lead", "starts_on"),
        ("tp1.toml", "ends_on = 2025-02-28", "ends_on = 2024-12-31", "lead", "ends_on"),
        ("tp1.toml", 'parent = "build"', 'parent = "buidl"', "item build-needs", "parent"),
        ("tp1.toml", "is_main", "is_mian", "role motiva-needs", "is_mian"),
        ("tp1.toml", 'code = "syke-needs"', 'code = "motiva-needs"', "role", "code"),
        ("tp4.toml", 'actor = "motiva"', 'actor = "mtoiva"', "item model-national", "actor"),
        ("indicators.toml", 'name_sv = "Synergier som uppstått"', 'name_sv = " "', "indicator synergies", "name_sv"),
        ("indicators.toml", 'metric = "symbiosis.synergies"', 'metric = "synergies"', "indicator synergies", "metric"),
        (
            "indicators.toml",
            'objective = "connect"',
            'objective = "coahc"',
            "indicator organisations-in-network",
            "objective",
        ),
        ("indicators.toml", 'challenge = "scattered"', 'challenge = "unused-models"', None, "challenge"),
        ("differences.toml", "computed = 106.5", "computed = 106.4", "difference days-row-tp4", "computed"),
        (
            "differences.toml",
            'where = "person_days.tp4"',
            'where = "person_days.tp1"',
            "difference days-row-tp4",
            "where",
        ),
        ("differences.toml", 'kind = "sum"\npackages', 'kind = "name"\npackages', "difference days-row-tp4", "where"),
        ("resources.toml", "motiva = 41,", "motiva = 42,", "difference days-column-motiva", "computed"),
        ("differences.toml", "printed = 106\n", "", "difference days-row-tp4", "printed"),
    ],
)
def test_error_says_where(tmp_path: Path, file: str, old: str, new: str, table: str | None, key: str) -> None:
    copy = tmp_path / "plan"
    shutil.copytree(plan_file.PLAN_DIRECTORY, copy)
    before = (copy / file).read_text(encoding="utf-8")
    assert old in before
    (copy / file).write_text(before.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PlanFileError) as caught:
        plan_file.load(copy)
    assert caught.value.key == key
    if table is None:
        assert caught.value.table.startswith("indicator ")
    else:
        assert caught.value.table == table
    assert str(caught.value).startswith(f"{caught.value.file}: [{caught.value.table}] {key}: ")


def test_missing_difference_is_an_error(tmp_path: Path) -> None:
    copy = tmp_path / "plan"
    shutil.copytree(plan_file.PLAN_DIRECTORY, copy)
    path = copy / "differences.toml"
    blocks = path.read_text(encoding="utf-8").split("\n[[difference]]")
    path.write_text("\n[[difference]]".join(b for b in blocks if "days-row-tp4" not in b), encoding="utf-8")
    with pytest.raises(PlanFileError, match=r"not recorded: person_days\.tp4"):
        plan_file.load(copy)


@pytest.mark.parametrize("content", [None, b"source = [", b"\xff\xfe"])
def test_unreadable_file_is_an_error(tmp_path: Path, content: bytes | None) -> None:
    copy = tmp_path / "plan"
    shutil.copytree(plan_file.PLAN_DIRECTORY, copy)
    (copy / "tp3.toml").unlink()
    if content is not None:
        (copy / "tp3.toml").write_bytes(content)
    with pytest.raises(PlanFileError, match=r"^tp3\.toml: "):
        plan_file.load(copy)


def test_document_lists_every_difference(plan: Plan) -> None:
    document = (Path(__file__).parents[2] / "docs" / "plan-data.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([a-z0-9-]+)` \|", document, re.MULTILINE) == [d.code for d in plan.differences]
