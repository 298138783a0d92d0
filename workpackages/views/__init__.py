from workpackages.views.indicator import (
    indicator_crosstab,
    indicator_detail,
    indicator_list,
    indicator_list_csv,
    indicator_recount,
    indicator_rows,
    target_new,
    value_list,
    value_new,
)
from workpackages.views.package import package_detail, package_list, plan_differences
from workpackages.views.steering import ledger, ledger_crosstab, steering, steering_packages

__all__ = [
    "indicator_crosstab",
    "indicator_detail",
    "indicator_list",
    "indicator_list_csv",
    "indicator_recount",
    "indicator_rows",
    "ledger",
    "ledger_crosstab",
    "package_detail",
    "package_list",
    "plan_differences",
    "steering",
    "steering_packages",
    "target_new",
    "value_list",
    "value_new",
]
