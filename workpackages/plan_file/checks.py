"""Checks of a whole plan: references, leads and recorded differences."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from workpackages.plan_file.findings import Finding, findings
from workpackages.plan_file.toml_table import PlanFileError
from workpackages.plan_file.tree import RECOMPUTED, Difference, Plan


def check(plan: Plan) -> None:
    """Raise PlanFileError at the first thing in the plan that cannot be."""
    _check_references(plan)
    _check_leads(plan)
    _check_differences(plan)


def _check_references(plan: Plan) -> None:
    packages = {package.code for package in plan.packages}
    leads = {organisation.code for organisation in plan.organisations if organisation.is_lead}
    objectives = {part.code: challenge.code for challenge in plan.challenges for part in challenge.objectives}
    _unique("network.toml", "organisation", [organisation.code for organisation in plan.organisations])
    _unique("network.toml", "goal", [goal.code for goal in plan.goals])
    _unique("network.toml", "challenge", [challenge.code for challenge in plan.challenges])
    _unique("network.toml", "objective", [part.code for challenge in plan.challenges for part in challenge.objectives])
    _unique("network.toml", "phase", [phase.code for phase in plan.phases])
    for link in plan.links:
        _known("network.toml", "link", "source", link.source, packages)
        _known("network.toml", "link", "target", link.target, packages)
    for main_lead in plan.main_leads:
        _known("network.toml", "main_lead", "organisation", main_lead.organisation, leads)
        for code in (*main_lead.leads, *main_lead.named_in):
            _known("network.toml", "main_lead", "leads and named_in", code, packages)
    for package in plan.packages:
        file = f"{package.code}.toml"
        items = [item.code for item in package.items]
        _known(file, "package", "table_first", package.table_first, leads)
        if set(package.lead_people) != leads:
            raise PlanFileError(file, "package.lead_people", "", f"needs {', '.join(sorted(leads))}")
        _unique(file, "item", items)
        _unique(file, "role", [role.code for role in package.roles])
        for item in package.items:
            if item.parent is not None:
                _known(file, f"item {item.code}", "parent", item.parent, items)
        for role in package.roles:
            _known(file, f"role {role.code}", "organisation", role.organisation, leads)
    _check_resources(plan, packages, leads)
    _unique("indicators.toml", "indicator", [indicator.code for indicator in plan.indicators])
    for indicator in plan.indicators:
        table = f"indicator {indicator.code}"
        _known("indicators.toml", table, "package", indicator.package, packages)
        if indicator.objective is not None:
            _known("indicators.toml", table, "objective", indicator.objective, objectives)
        expected = None if indicator.objective is None else objectives[indicator.objective]
        if indicator.challenge != expected or (indicator.level == "national") != (indicator.challenge is None):
            raise PlanFileError("indicators.toml", table, "challenge", "does not go with the objective and the level")
    _unique("differences.toml", "difference", [difference.code for difference in plan.differences])
    for difference in plan.differences:
        for code in difference.packages:
            _known("differences.toml", f"difference {difference.code}", "packages", code, packages)


def _check_resources(plan: Plan, packages: set[str], leads: set[str]) -> None:
    file = "resources.toml"
    _unique(file, "budget.line", [line.code for line in plan.budget.lines])
    _unique(file, "budget.subcontracting", [line.code for line in plan.budget.subcontracting])
    if {line.package for line in plan.budget.lines} != {*packages, None}:
        raise PlanFileError(file, "budget.line", "package", "needs each package, and one line without a package")
    for line in plan.budget.subcontracting:
        if line.package is not None:
            _known(file, f"budget.subcontracting {line.code}", "package", line.package, packages)
    tables = {"person_days": plan.person_days, "lead_days": plan.lead_days}
    tables |= {f"person_months {year}": table for year, table in plan.person_months.items()}
    for name, table in tables.items():
        if [row.package for row in table.rows] != sorted(packages):
            raise PlanFileError(file, f"{name}.row", "package", "needs each package once, in order")
        for row in table.rows:
            if set(row.amounts) != leads:
                raise PlanFileError(file, f"{name}.row {row.package}", "amounts", f"needs {', '.join(sorted(leads))}")
        for code in table.printed_totals:
            _known(file, f"{name}.printed_totals", code, code, {*leads, "all"})
    if plan.person_days.starts_on.year not in plan.person_months:
        raise PlanFileError(file, "person_months", "year", f"{plan.person_days.starts_on.year} is missing")
    if set(plan.communication_split) != leads:
        raise PlanFileError(file, "communication_split", "", f"needs {', '.join(sorted(leads))}")


def _check_leads(plan: Plan) -> None:
    """Each package is led on each day of the project by exactly one organisation."""
    leads = {organisation.code for organisation in plan.organisations if organisation.is_lead}
    for package in plan.packages:
        file, day = f"{package.code}.toml", plan.source.starts_on
        for lead in package.leads:
            _known(file, "lead", "organisation", lead.organisation, leads)
            if lead.starts_on != day or lead.ends_on < day:
                raise PlanFileError(file, "lead", "starts_on", f"expected {day}, and the end not before it")
            day = lead.ends_on + dt.timedelta(days=1)
        if day != plan.source.ends_on + dt.timedelta(days=1):
            raise PlanFileError(file, "lead", "ends_on", f"the last lead must end on {plan.source.ends_on}")


def _check_differences(plan: Plan) -> None:
    found = {finding.where: finding for finding in findings(plan)}
    for difference in plan.differences:
        table = f"difference {difference.code}"
        if difference.kind not in RECOMPUTED:
            if (difference.where, difference.printed, difference.computed) != (None, None, None):
                raise PlanFileError("differences.toml", table, "where", f"not used with kind “{difference.kind}”")
            continue
        finding = found.pop(difference.where or "", None)
        if finding is None:
            raise PlanFileError("differences.toml", table, "where", "the figures show no such difference")
        recorded = Finding(finding.where, difference.kind, *_pair(difference, table))
        if recorded != finding:
            raise PlanFileError(
                "differences.toml", table, "computed", f"the figures give {finding.printed} and {finding.computed}"
            )
    if found:
        raise PlanFileError("differences.toml", "difference", "where", f"not recorded: {', '.join(found)}")


def _pair(difference: Difference, table: str) -> tuple[Decimal | dt.date, Decimal | dt.date]:
    if difference.printed is None or difference.computed is None:
        raise PlanFileError("differences.toml", table, "printed", "both printed and computed are needed")
    return difference.printed, difference.computed


def _unique(file: str, table: str, codes: Iterable[str]) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise PlanFileError(file, table, "code", f"“{code}” is there twice")
        seen.add(code)


def _known(file: str, table: str, key: str, code: str, known: Iterable[str]) -> None:
    if code not in known:
        raise PlanFileError(file, table, key, f"“{code}” is not known")
