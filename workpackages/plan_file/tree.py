"""What the plan holds, as frozen dataclasses. Codes tie them together; money is whole euros, work is Decimal."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

ItemKind = Literal["objective", "content", "phase", "principle", "theme", "emphasis", "operating_model"]
Actor = Literal["motiva", "regional_coordinator"]
LinkKind = Literal["content", "time"]
Level = Literal["output", "outcome", "national"]
Unit = Literal["pcs", "t", "t_co2e", "eur", "eur_per_kg", "percent", ""]
Direction = Literal["up", "down"]
Basis = Literal["row", "part", "text", "goal", "added"]
DifferenceKind = Literal[
    "sum",
    "conversion",
    "share",
    "period",
    "timing",
    "lead",
    "name",
    "scope",
    "missing",
    "repeated",
    "reference",
    "open",
]

# Kinds that `findings.findings` recomputes: each recorded one must be found, and each one found must be recorded.
RECOMPUTED: frozenset[str] = frozenset({"sum", "conversion", "share", "period"})


@dataclass(frozen=True, slots=True)
class Text:
    fi: str
    sv: str
    en: str


@dataclass(frozen=True, slots=True)
class Source:
    title: Text
    dated_on: dt.date
    starts_on: dt.date
    ends_on: dt.date
    handover_on: dt.date


@dataclass(frozen=True, slots=True)
class PlanOrganisation:
    code: str
    name: Text
    is_lead: bool


@dataclass(frozen=True, slots=True)
class Goal:
    code: str
    text: Text


@dataclass(frozen=True, slots=True)
class PlanObjective:
    code: str
    text: Text


@dataclass(frozen=True, slots=True)
class Challenge:
    code: str
    text: Text
    objectives: tuple[PlanObjective, ...]


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of the first year's annual clock. The plan prints their order, not their dates."""

    code: str
    name: Text


@dataclass(frozen=True, slots=True)
class MainLead:
    """Where the plan's table of people has an organisation's main lead: as lead of a package, and at all."""

    organisation: str
    leads: tuple[str, ...]
    named_in: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PrintedName:
    """What the plan calls the package in one of its places, in Finnish as printed."""

    place: str
    name: str


@dataclass(frozen=True, slots=True)
class Lead:
    """The organisation with the main responsibility, from `starts_on` to `ends_on`, both days included."""

    organisation: str
    starts_on: dt.date
    ends_on: dt.date


@dataclass(frozen=True, slots=True)
class Item:
    """One content of a package. `parent` is the code of the item it belongs to; `ends_on` is its last day."""

    code: str
    kind: ItemKind
    parent: str | None
    actor: Actor | None
    starts_on: dt.date | None
    ends_on: dt.date | None
    text: Text


@dataclass(frozen=True, slots=True)
class PlanRole:
    """One task of an organisation in a package. Years are those printed; None where the plan names none.

    `is_main` marks the tasks for which the plan gives the organisation the main responsibility.
    `starts_on` and `ends_on` narrow the years, where the plan gives a month.
    """

    code: str
    organisation: str
    start_year: int | None
    end_year: int | None
    starts_on: dt.date | None
    ends_on: dt.date | None
    is_main: bool
    text: Text


@dataclass(frozen=True, slots=True)
class Package:
    """`table_first` is the organisation whose lead the plan's table of people names first.

    `lead_people` counts the people named as its leads, by organisation code.
    """

    code: str
    number: int
    name: Text
    summary: Text
    table_first: str
    lead_people: Mapping[str, Decimal]
    printed_names: tuple[PrintedName, ...]
    leads: tuple[Lead, ...]
    items: tuple[Item, ...]
    roles: tuple[PlanRole, ...]

    def lead_on(self, day: dt.date) -> str | None:
        """Code of the organisation that leads the package on that day."""
        return next((lead.organisation for lead in self.leads if lead.starts_on <= day <= lead.ends_on), None)


@dataclass(frozen=True, slots=True)
class PackageLink:
    """`source` gives to or steers `target`; both are codes of packages."""

    source: str
    target: str
    kind: LinkKind
    is_strong: bool
    text: Text


@dataclass(frozen=True, slots=True)
class PlanBudgetLine:
    """Whole euros; `package` is None on the line of subcontracting."""

    code: str
    package: str | None
    name: Text
    eur: int


@dataclass(frozen=True, slots=True)
class CostLine:
    """A part of the subcontracting line, whole euros. `package` is our reading of whose work it serves."""

    code: str
    group: str
    package: str | None
    name: Text
    eur: int


@dataclass(frozen=True, slots=True)
class Budget:
    starts_on: dt.date
    ends_on: dt.date
    lines: tuple[PlanBudgetLine, ...]
    printed_total: int
    subcontracting: tuple[CostLine, ...]
    printed_subcontracting_total: int


@dataclass(frozen=True, slots=True)
class EffortRow:
    """Person-days or person-months of a package by organisation code, and the row's total where one is printed."""

    package: str
    amounts: Mapping[str, Decimal]
    printed_total: Decimal | None


@dataclass(frozen=True, slots=True)
class EffortTable:
    """Printed totals by organisation code, and under "all" the total of totals. Empty where none is printed."""

    starts_on: dt.date
    ends_on: dt.date
    rows: tuple[EffortRow, ...]
    printed_totals: Mapping[str, Decimal]

    def amount(self, package: str, organisation: str) -> Decimal:
        return next(row.amounts[organisation] for row in self.rows if row.package == package)

    def column(self, organisation: str) -> Decimal:
        """The sum of the column, whatever total the plan prints."""
        return sum((row.amounts[organisation] for row in self.rows), Decimal(0))


@dataclass(frozen=True, slots=True)
class PlanTarget:
    """A target as the plan gives it: at least `low`, at most `high`; `times` the level of a base year not printed."""

    low: Decimal | None
    high: Decimal | None
    times: Decimal | None
    year: int | None
    is_approximate: bool


@dataclass(frozen=True, slots=True)
class PlanIndicator:
    """`metric` is a key of kisu.lib.metrics; None means that staff enter the values.

    `basis` tells where the indicator comes from: a whole row of the plan's table, a part of a row, the plan's text,
    a national goal, or added by the portal. `unit` is "" where the plan leaves it open.
    """

    code: str
    level: Level
    package: str
    challenge: str | None
    objective: str | None
    basis: Basis
    unit: Unit
    direction: Direction
    metric: str | None
    name: Text
    definition: Text
    target: PlanTarget | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where the plan disagrees with itself or leaves something out. What is printed is kept.

    `where` names the figure for the kinds in RECOMPUTED, else it is None, as are `printed` and `computed`.
    """

    code: str
    kind: DifferenceKind
    packages: tuple[str, ...]
    where: str | None
    printed: Decimal | dt.date | None
    computed: Decimal | dt.date | None
    place: Text
    note: Text


@dataclass(frozen=True, slots=True)
class Plan:
    source: Source
    organisations: tuple[PlanOrganisation, ...]
    goals: tuple[Goal, ...]
    challenges: tuple[Challenge, ...]
    phases: tuple[Phase, ...]
    packages: tuple[Package, ...]
    links: tuple[PackageLink, ...]
    main_leads: tuple[MainLead, ...]
    budget: Budget
    person_days: EffortTable
    lead_days: EffortTable
    person_months: Mapping[int, EffortTable]
    days_per_month: Decimal
    communication_split: Mapping[str, Decimal]
    staffing_ends_on: dt.date
    service_handover_on: dt.date
    indicators: tuple[PlanIndicator, ...]
    differences: tuple[Difference, ...]

    def package(self, code: str) -> Package:
        return next(package for package in self.packages if package.code == code)
