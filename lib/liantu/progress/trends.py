"""The targets' numbers as each quarter's own report gave them."""

from __future__ import annotations

import pandas as pd

from liantu.progress.targets import comparable, counted_in, year_targets
from liantu.reference import Quarter
from liantu.report import Report


def held_quarters(report: Report) -> list[Quarter]:
    """The quarters of which the data set holds a ledger, as known at `as_of`, oldest first."""
    return sorted({Quarter.of(day.date()) for day in report.collected})


def trends(report: Report) -> pd.DataFrame:
    """One row for each quarter that the data hold and each counted target of its year: target, quarter, value, target_value.

    `value` is the count as known at that quarter's end, which is what that quarter's own report says; it begins anew each year.
    `target_value` is None where there is nothing to compare with.
    """
    rows = []
    for quarter in held_quarters(report):
        known = report.known_at(min(quarter.end, report.as_of))
        rows += [{"target": target.id, "quarter": str(quarter), "value": len(counted_in(known, target)),
                  "target_value": target.value if comparable(report) else None} for target in year_targets(report, quarter.year)]
    table = pd.DataFrame(rows, columns=["target", "quarter", "value", "target_value"])
    return table.astype({"target_value": "object"})
