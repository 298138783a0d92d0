"""The network's implementation plan as data: read from TOML, checked, and handed on as frozen dataclasses.

The files are in `workpackages/data/plan/`; docs/plan-data.md tells how they are built. Nothing here touches the
database.
"""

import re
from pathlib import Path
from types import MappingProxyType
from typing import cast, get_args

from workpackages.plan_file.checks import check
from workpackages.plan_file.findings import Finding, findings
from workpackages.plan_file.toml_table import PlanFileError, Table
from workpackages.plan_file.tree import (
    RECOMPUTED,
    Actor,
    Basis,
    Budget,
    Challenge,
    CostLine,
    Difference,
    DifferenceKind,
    Direction,
    EffortRow,
    EffortTable,
    Goal,
    Item,
    ItemKind,
    Lead,
    Level,
    LinkKind,
    MainLead,
    Package,
    PackageLink,
    Phase,
    Plan,
    PlanBudgetLine,
    PlanIndicator,
    PlanObjective,
    PlanOrganisation,
    PlanRole,
    PlanTarget,
    PrintedName,
    Source,
    Text,
    Unit,
)

__all__ = [
    "PLAN_DIRECTORY",
    "RECOMPUTED",
    "Budget",
    "Challenge",
    "CostLine",
    "Difference",
    "EffortRow",
    "EffortTable",
    "Finding",
    "Goal",
    "Item",
    "Lead",
    "MainLead",
    "Package",
    "PackageLink",
    "Phase",
    "Plan",
    "PlanBudgetLine",
    "PlanFileError",
    "PlanIndicator",
    "PlanObjective",
    "PlanOrganisation",
    "PlanRole",
    "PlanTarget",
    "PrintedName",
    "Source",
    "Text",
    "findings",
    "load",
]

PLAN_DIRECTORY = Path(__file__).parent.parent / "data" / "plan"


def load(path: Path = PLAN_DIRECTORY) -> Plan:
    """Read and check the plan in the directory `path`.

    Raises PlanFileError when a file is missing or is not TOML, when a value is missing, misspelt, of a wrong type or
    refers to nothing, and when the recorded differences are not those that the figures show.
    """
    network = Table.read(path, "network.toml")
    source = network.table("source")
    resources = Table.read(path, "resources.toml")
    indicators = Table.read(path, "indicators.toml")
    differences = Table.read(path, "differences.toml")
    months = resources.table("person_months")
    plan = Plan(
        source=Source(
            title=source.text("title"),
            dated_on=source.date("dated_on"),
            starts_on=source.date("starts_on"),
            ends_on=source.date("ends_on"),
            handover_on=source.date("handover_on"),
        ),
        organisations=tuple(
            PlanOrganisation(code=row.string("code"), name=row.text("name"), is_lead=row.flag("is_lead"))
            for row in network.tables("organisation")
        ),
        goals=tuple(Goal(code=row.string("code"), text=row.text("text")) for row in network.tables("goal")),
        challenges=tuple(
            Challenge(
                code=row.string("code"),
                text=row.text("text"),
                objectives=tuple(
                    PlanObjective(code=part.string("code"), text=part.text("text")) for part in row.tables("objective")
                ),
            )
            for row in network.tables("challenge")
        ),
        phases=tuple(Phase(code=row.string("code"), name=row.text("name")) for row in network.tables("phase")),
        packages=tuple(_package(path, number) for number in range(1, 7)),
        links=tuple(
            PackageLink(
                source=row.string("source"),
                target=row.string("target"),
                kind=cast(LinkKind, row.choice("kind", get_args(LinkKind))),
                is_strong=row.flag("is_strong"),
                text=row.text("text"),
            )
            for row in network.tables("link")
        ),
        main_leads=tuple(
            MainLead(
                organisation=row.string("organisation"), leads=row.strings("leads"), named_in=row.strings("named_in")
            )
            for row in network.tables("main_lead")
        ),
        budget=_budget(resources.table("budget")),
        person_days=_effort(resources.table("person_days")),
        lead_days=_effort(resources.table("lead_days")),
        person_months=MappingProxyType(
            {table.integer("year"): _effort(table) for table in months.tables("year_table")}
        ),
        days_per_month=resources.decimal("days_per_month"),
        communication_split=resources.table("communication_split").decimals(),
        staffing_ends_on=resources.date("staffing_ends_on"),
        service_handover_on=resources.date("service_handover_on"),
        indicators=tuple(_indicator(row) for row in indicators.tables("indicator")),
        differences=tuple(_difference(row) for row in differences.tables("difference")),
    )
    for table in (network, resources, indicators, differences):
        table.close()
    check(plan)
    return plan


def _package(path: Path, number: int) -> Package:
    root = Table.read(path, f"tp{number}.toml")
    head = root.table("package")
    package = Package(
        code=f"tp{number}",
        number=number,
        name=head.text("name"),
        summary=head.text("summary"),
        table_first=head.string("table_first"),
        lead_people=head.table("lead_people").decimals(),
        printed_names=tuple(
            PrintedName(place=row.string("place"), name=row.string("name")) for row in root.tables("printed_name")
        ),
        leads=tuple(
            Lead(organisation=row.string("organisation"), starts_on=row.date("starts_on"), ends_on=row.date("ends_on"))
            for row in root.tables("lead")
        ),
        items=tuple(
            Item(
                code=row.string("code"),
                kind=cast(ItemKind, row.choice("kind", get_args(ItemKind))),
                parent=row.optional_string("parent"),
                actor=cast(Actor | None, row.choice("actor", get_args(Actor), optional=True)),
                starts_on=row.optional_date("starts_on"),
                ends_on=row.optional_date("ends_on"),
                text=row.text("text"),
            )
            for row in root.tables("item")
        ),
        roles=tuple(
            PlanRole(
                code=row.string("code"),
                organisation=row.string("organisation"),
                start_year=row.optional_integer("start_year"),
                end_year=row.optional_integer("end_year"),
                starts_on=row.optional_date("starts_on"),
                ends_on=row.optional_date("ends_on"),
                is_main=row.flag("is_main"),
                text=row.text("text"),
            )
            for row in root.tables("role")
        ),
    )
    root.close()
    return package


def _budget(table: Table) -> Budget:
    return Budget(
        starts_on=table.date("starts_on"),
        ends_on=table.date("ends_on"),
        lines=tuple(
            PlanBudgetLine(
                code=row.string("code"),
                package=row.optional_string("package"),
                name=row.text("name"),
                eur=row.integer("eur"),
            )
            for row in table.tables("line")
        ),
        printed_total=table.integer("printed_total"),
        subcontracting=tuple(
            CostLine(
                code=row.string("code"),
                group=row.string("group"),
                package=row.optional_string("package"),
                name=row.text("name"),
                eur=row.integer("eur"),
            )
            for row in table.tables("subcontracting")
        ),
        printed_subcontracting_total=table.integer("printed_subcontracting_total"),
    )


def _effort(table: Table) -> EffortTable:
    return EffortTable(
        starts_on=table.date("starts_on"),
        ends_on=table.date("ends_on"),
        rows=tuple(
            EffortRow(
                package=row.string("package"),
                printed_total=row.optional_decimal("printed_total"),
                amounts=row.decimals(),
            )
            for row in table.tables("row")
        ),
        printed_totals=table.table("printed_totals").decimals(),
    )


def _indicator(row: Table) -> PlanIndicator:
    target = row.optional_table("target")
    metric = row.optional_string("metric")
    if metric is not None and not re.fullmatch(r"[a-z]+\.[a-z0-9_]+", metric):
        row.fail("metric", f"“{metric}” is not an app's name, a dot and a metric's name")
    return PlanIndicator(
        code=row.string("code"),
        level=cast(Level, row.choice("level", get_args(Level))),
        package=row.string("package"),
        challenge=row.optional_string("challenge"),
        objective=row.optional_string("objective"),
        basis=cast(Basis, row.choice("basis", get_args(Basis))),
        unit=cast(Unit, row.choice("unit", get_args(Unit), optional=True) or ""),
        direction=cast(Direction, row.choice("direction", get_args(Direction))),
        metric=metric,
        name=row.text("name"),
        definition=row.text("definition"),
        target=None
        if target is None
        else PlanTarget(
            low=target.optional_decimal("low"),
            high=target.optional_decimal("high"),
            times=target.optional_decimal("times"),
            year=target.optional_integer("year"),
            is_approximate=target.flag("is_approximate"),
        ),
    )


def _difference(row: Table) -> Difference:
    return Difference(
        code=row.string("code"),
        kind=cast(DifferenceKind, row.choice("kind", get_args(DifferenceKind))),
        packages=row.strings("packages"),
        where=row.optional_string("where"),
        printed=row.optional_figure("printed"),
        computed=row.optional_figure("computed"),
        place=row.text("place"),
        note=row.text("note"),
    )
