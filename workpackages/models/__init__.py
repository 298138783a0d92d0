from workpackages.models.impact import Impact
from workpackages.models.indicator import Challenge, Indicator, Objective, Target, Value
from workpackages.models.ledger import (
    Actual,
    Allocation,
    BudgetLine,
    BudgetPeriod,
    LeadDays,
    PersonMonths,
    StaffingYear,
)
from workpackages.models.package import (
    ClockPhase,
    Goal,
    PackageContent,
    PackageLead,
    PackageLink,
    PackageRole,
    PlanDifference,
    WorkPackage,
)

__all__ = [
    "Actual",
    "Allocation",
    "BudgetLine",
    "BudgetPeriod",
    "Challenge",
    "ClockPhase",
    "Goal",
    "Impact",
    "Indicator",
    "LeadDays",
    "Objective",
    "PackageContent",
    "PackageLead",
    "PackageLink",
    "PackageRole",
    "PersonMonths",
    "PlanDifference",
    "StaffingYear",
    "Target",
    "Value",
    "WorkPackage",
]
