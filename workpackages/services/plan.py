"""Loading the implementation plan from its files (workpackages.plan_file). Loading again changes nothing.

Rows are known by their codes. What left the file goes, but never what people added: values, their own targets and
leads, other budget periods, what was used, days of the annual clock, decimals of an indicator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model, Q, QuerySet

from workpackages.models import (
    Allocation,
    BudgetLine,
    BudgetPeriod,
    Challenge,
    ClockPhase,
    Goal,
    Indicator,
    LeadDays,
    Objective,
    PackageContent,
    PackageLead,
    PackageLink,
    PackageRole,
    PersonMonths,
    PlanDifference,
    StaffingYear,
    Target,
    WorkPackage,
)
from workpackages.models.package import Partner
from workpackages.plan_file import Plan, PlanTarget, Text
from workpackages.services.runs import record_run

M = TypeVar("M", bound=Model)

# Not in the plan: decimals shown by unit and level, until somebody says otherwise. Outcomes without a unit are on a
# scale.
DECIMALS = {("percent", "national"): 1, ("eur_per_kg", "national"): 2, ("", "outcome"): 1}


@dataclass(slots=True)
class Loaded:
    """Rows of one table after the load, and what the load did."""

    rows: int = 0
    created: int = 0
    changed: int = 0
    removed: int = 0


@dataclass(slots=True)
class _Load:
    """One load. Rows that left the file are removed last, in turn, when nothing of the plan refers to them any more."""

    tables: dict[str, Loaded] = field(default_factory=dict)
    leaving: list[tuple[Loaded, QuerySet[Any]]] = field(default_factory=list)

    def sync(
        self,
        scope: QuerySet[M],
        wanted: Iterable[M],
        *,
        key: Callable[[M], Any],
        fields: Sequence[str],
    ) -> dict[Any, M]:
        """Makes the rows of `scope` those that are wanted; returns them by key. `fields` are what the file decides."""
        counts = self.tables.setdefault(scope.model._meta.label, Loaded())
        standing = {key(row): row for row in scope}
        result, new, changed = {}, [], []
        for row in wanted:
            counts.rows += 1
            old = standing.pop(key(row), None)
            result[key(row)] = old or row
            if old is None:
                new.append(row)
                continue
            names = [row._meta.get_field(name).attname for name in fields]  # type: ignore[union-attr]
            if any(getattr(old, name) != getattr(row, name) for name in names):
                for name in names:
                    setattr(old, name, getattr(row, name))
                changed.append(old)
        manager = scope.model._default_manager
        manager.bulk_create(new)
        if changed:
            manager.bulk_update(changed, fields)
        if standing:
            self.leaving.append((counts, manager.filter(pk__in=[row.pk for row in standing.values()])))
        counts.created += len(new)
        counts.changed += len(changed)
        return result

    def remove(self) -> None:
        for counts, rows in reversed(self.leaving):
            counts.removed += rows.count()
            rows.delete()


def _three(prefix: str, text: Text) -> dict[str, str]:
    return {f"{prefix}_fi": text.fi, f"{prefix}_sv": text.sv, f"{prefix}_en": text.en}


def _names(prefix: str) -> tuple[str, str, str]:
    return f"{prefix}_fi", f"{prefix}_sv", f"{prefix}_en"


def _code(row: Any) -> str:
    return str(row.code)


@transaction.atomic
def load_plan(*, plan: Plan) -> dict[str, Loaded]:
    """Makes the database say what the plan's files say. Returns what was done by table ("workpackages.Goal")."""
    load = _Load()
    texts = ("position", *_names("text"))
    goals = (Goal(code=goal.code, position=n, **_three("text", goal.text)) for n, goal in enumerate(plan.goals))
    load.sync(Goal.objects.all(), goals, key=_code, fields=texts)
    phases = (ClockPhase(code=one.code, position=n, **_three("name", one.name)) for n, one in enumerate(plan.phases))
    load.sync(ClockPhase.objects.all(), phases, key=_code, fields=("position", *_names("name")))
    packages = load.sync(
        WorkPackage.objects.all(),
        (
            WorkPackage(code=one.code.upper(), **_three("name", one.name), **_three("summary", one.summary))
            for one in plan.packages
        ),
        key=_code,
        fields=(*_names("name"), *_names("summary")),
    )
    by_code = {code.lower(): package for code, package in packages.items()}
    _load_packages(load, plan, by_code)
    _load_ledger(load, plan, by_code)
    _load_indicators(load, plan, by_code)
    _load_differences(load, plan, by_code)
    load.remove()
    record_run(
        model=WorkPackage,
        object_id="plan",
        label=plan.source.title.en,
        what="plan loaded",
        changes={
            label: [table.rows - table.created + table.removed, table.rows]
            for label, table in load.tables.items()
            if table.created or table.changed or table.removed
        },
    )
    return load.tables


def _load_packages(load: _Load, plan: Plan, packages: dict[str, WorkPackage]) -> None:
    items = [(packages[one.code], n, item) for one in plan.packages for n, item in enumerate(one.items)]
    contents = load.sync(
        PackageContent.objects.all(),
        (
            PackageContent(
                package=package,
                code=item.code,
                position=n,
                kind=item.kind,
                actor=item.actor or "",
                starts_on=item.starts_on,
                ends_on=item.ends_on,
                **_three("text", item.text),
            )
            for package, n, item in items
        ),
        key=lambda row: (row.package_id, row.code),
        fields=("position", "kind", "actor", "starts_on", "ends_on", *_names("text")),
    )
    moved = []
    for package, _n, item in items:
        row = contents[package.pk, item.code]
        parent = contents[package.pk, item.parent] if item.parent else None
        if row.parent_id != (parent.pk if parent else None):
            row.parent = parent
            moved.append(row)
    PackageContent.objects.bulk_update(moved, ["parent"])
    load.sync(
        PackageRole.objects.all(),
        (
            PackageRole(
                package=packages[one.code],
                code=role.code,
                position=n,
                partner=role.organisation,
                first_year=role.start_year,
                last_year=role.end_year,
                starts_on=role.starts_on,
                ends_on=role.ends_on,
                is_main=role.is_main,
                **_three("text", role.text),
            )
            for one in plan.packages
            for n, role in enumerate(one.roles)
        ),
        key=lambda row: (row.package_id, row.code),
        fields=(
            "position", "partner", "first_year", "last_year", "starts_on", "ends_on", "is_main", *_names("text"),
        ),
    )  # fmt: skip
    load.sync(
        PackageLink.objects.all(),
        (
            PackageLink(
                source=packages[link.source],
                target=packages[link.target],
                kind=link.kind,
                position=n,
                is_strong=link.is_strong,
                **_three("text", link.text),
            )
            for n, link in enumerate(plan.links)
        ),
        key=lambda row: (row.source_id, row.target_id, row.kind),
        fields=("position", "is_strong", *_names("text")),
    )
    own = {(lead.package_id, lead.starts_on) for lead in PackageLead.objects.filter(from_plan=False)}
    load.sync(
        PackageLead.objects.filter(from_plan=True),
        (
            PackageLead(
                package=packages[one.code],
                partner=lead.organisation,
                starts_on=lead.starts_on,
                ends_on=lead.ends_on,
                from_plan=True,
            )
            for one in plan.packages
            for lead in one.leads
            if (packages[one.code].pk, lead.starts_on) not in own
        ),
        key=lambda row: (row.package_id, row.starts_on),
        fields=("partner", "ends_on"),
    )


def _load_ledger(load: _Load, plan: Plan, packages: dict[str, WorkPackage]) -> None:
    budget, totals = plan.budget, plan.person_days.printed_totals
    periods = load.sync(
        BudgetPeriod.objects.filter(starts_on=budget.starts_on),
        [
            BudgetPeriod(
                starts_on=budget.starts_on,
                ends_on=budget.ends_on,
                printed_total_eur=budget.printed_total,
                printed_days_motiva=totals.get("motiva"),
                printed_days_syke=totals.get("syke"),
                printed_days_total=totals.get("all"),
            )
        ],
        key=lambda row: row.starts_on,
        fields=("ends_on", "printed_total_eur", "printed_days_motiva", "printed_days_syke", "printed_days_total"),
    )
    period = periods[budget.starts_on]
    codes = [line.code for line in budget.lines] + [line.code for line in budget.subcontracting]
    # A line on which people have reported what was used stays, though the file has it no more.
    lines = BudgetLine.objects.filter(period=period).filter(Q(code__in=codes) | Q(actuals=None))
    line_fields = ("package", "position", "group", "amount_eur", *_names("name"))
    top = load.sync(
        lines.filter(parent=None).distinct(),
        (
            BudgetLine(
                period=period,
                package=packages[line.package] if line.package else None,
                code=line.code,
                position=n,
                amount_eur=line.eur,
                **_three("name", line.name),
            )
            for n, line in enumerate(budget.lines)
        ),
        key=_code,
        fields=line_fields,
    )
    split = next(top[line.code] for line in budget.lines if line.package is None)
    load.sync(
        lines.exclude(parent=None).distinct(),
        (
            BudgetLine(
                period=period,
                package=packages[line.package] if line.package else None,
                parent=split,
                code=line.code,
                group=line.group,
                position=n,
                amount_eur=line.eur,
                **_three("name", line.name),
            )
            for n, line in enumerate(budget.subcontracting)
        ),
        key=_code,
        fields=line_fields,
    )
    load.sync(
        Allocation.objects.filter(period=period),
        (
            Allocation(
                period=period,
                package=packages[row.package],
                days_motiva=row.amounts["motiva"],
                days_syke=row.amounts["syke"],
                printed_total=row.printed_total,
            )
            for row in plan.person_days.rows
        ),
        key=lambda row: row.package_id,
        fields=("days_motiva", "days_syke", "printed_total"),
    )
    load.sync(
        LeadDays.objects.filter(period=period),
        (
            LeadDays(period=period, package=packages[row.package], partner=partner, days=row.amounts[partner])
            for row in plan.lead_days.rows
            for partner in Partner.values
        ),
        key=lambda row: (row.package_id, row.partner),
        fields=("days",),
    )
    years = {*plan.person_months, *StaffingYear.objects.values_list("year", flat=True)}
    load.sync(
        PersonMonths.objects.filter(year__in=years),
        (
            PersonMonths(year=year, package=packages[row.package], partner=partner, months=row.amounts[partner])
            for year, table in plan.person_months.items()
            for row in table.rows
            for partner in Partner.values
        ),
        key=lambda row: (row.year, row.package_id, row.partner),
        fields=("months",),
    )
    load.sync(
        StaffingYear.objects.all(),
        (
            StaffingYear(
                year=year,
                starts_on=table.starts_on,
                ends_on=table.ends_on,
                printed_motiva=table.printed_totals.get("motiva"),
                printed_syke=table.printed_totals.get("syke"),
            )
            for year, table in plan.person_months.items()
        ),
        key=lambda row: row.year,
        fields=("starts_on", "ends_on", "printed_motiva", "printed_syke"),
    )


def _load_indicators(load: _Load, plan: Plan, packages: dict[str, WorkPackage]) -> None:
    texts = ("position", *_names("text"))
    challenges = load.sync(
        Challenge.objects.all(),
        (Challenge(code=one.code, position=n, **_three("text", one.text)) for n, one in enumerate(plan.challenges)),
        key=_code,
        fields=texts,
    )
    objectives = load.sync(
        Objective.objects.all(),
        (
            Objective(code=part.code, challenge=challenges[one.code], position=n, **_three("text", part.text))
            for one in plan.challenges
            for n, part in enumerate(one.objectives)
        ),
        key=_code,
        fields=("challenge", *texts),
    )
    codes = [one.code for one in plan.indicators]
    gone = Indicator.objects.filter(from_plan=True).exclude(code__in=codes)
    # An indicator that people have worked on stays as their own.
    gone.filter(Q(values__isnull=False) | Q(targets__from_plan=False)).update(from_plan=False)
    Indicator.objects.filter(from_plan=False).exclude(objective__in=[one.pk for one in objectives.values()]).update(
        objective=None
    )
    Indicator.objects.filter(from_plan=False).exclude(challenge__in=[one.pk for one in challenges.values()]).update(
        challenge=None
    )
    indicators = load.sync(
        Indicator.objects.filter(Q(from_plan=True) | Q(code__in=codes)),
        (
            Indicator(
                code=one.code,
                position=n,
                level=one.level,
                basis=one.basis,
                direction=one.direction,
                package=packages[one.package],
                challenge=challenges[one.challenge] if one.challenge else None,
                objective=objectives[one.objective] if one.objective else None,
                unit_code=one.unit,
                decimals=DECIMALS.get((one.unit, one.level), 0),
                goal_times=one.target.times if one.target else None,
                goal_year=one.target.year if one.target and one.target.times else None,
                metric=one.metric or "",
                from_plan=True,
                **_three("name", one.name),
                **_three("definition", one.definition),
            )
            for n, one in enumerate(plan.indicators)
        ),
        key=_code,
        fields=(
            "position", "level", "basis", "direction", "package", "challenge", "objective", "unit_code", "goal_times",
            "goal_year", "metric", "from_plan", *_names("name"), *_names("definition"),
        ),
    )  # fmt: skip
    targets = [
        (indicators[one.code], _target_day(plan, one.target), one.target, one.target.low)
        for one in plan.indicators
        if one.target is not None and one.target.low is not None
    ]
    # People's own target for the same day stands.
    own = {(target.indicator_id, target.on) for target in Target.objects.filter(from_plan=False)}
    load.sync(
        Target.objects.filter(from_plan=True),
        (
            Target(
                indicator=indicator,
                on=on,
                amount=low,
                amount_high=target.high,
                is_approximate=target.is_approximate,
                source=plan.source.title.fi,
                from_plan=True,
            )
            for indicator, on, target, low in targets
            if (indicator.pk, on) not in own
        ),
        key=lambda row: (row.indicator_id, row.on),
        fields=("amount", "amount_high", "is_approximate", "source"),
    )


def _target_day(plan: Plan, target: PlanTarget) -> date:
    """The last day of the year of the target; of the project where the plan names no year."""
    return date(target.year, 12, 31) if target.year else plan.source.ends_on


def _load_differences(load: _Load, plan: Plan, packages: dict[str, WorkPackage]) -> None:
    differences = load.sync(
        PlanDifference.objects.all(),
        (
            PlanDifference(
                code=one.code,
                position=n,
                kind=one.kind,
                printed=_figure(one.printed),
                computed=_figure(one.computed),
                **_three("place", one.place),
                **_three("note", one.note),
            )
            for n, one in enumerate(plan.differences)
        ),
        key=_code,
        fields=("position", "kind", "printed", "computed", *_names("place"), *_names("note")),
    )
    link = PlanDifference.packages.through
    wanted = {(differences[one.code].pk, packages[code].pk) for one in plan.differences for code in one.packages}
    standing = {
        (difference, package): pk
        for pk, difference, package in link.objects.values_list("pk", "plandifference_id", "workpackage_id")
    }
    link.objects.filter(pk__in=[pk for pair, pk in standing.items() if pair not in wanted]).delete()
    link.objects.bulk_create(
        link(plandifference_id=difference, workpackage_id=package)
        for difference, package in sorted(wanted - standing.keys())
    )


def _figure(value: Decimal | date | None) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else f"{value:f}"
