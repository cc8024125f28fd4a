"""Indicators of departments and of the problems of a county, of the newest lists known at the period's end."""

from __future__ import annotations

import pandas as pd
from scipy.special import ndtri

from liantu.assess.service import county_service, department_measures
from liantu.assess.standings.measured import Units, counts, measured, shares
from liantu.assess.standings.of_projects import Measure
from liantu.assess.standings.windows import Window
from liantu.reference.opened import kept
from liantu.report import Report

_LEVEL = 0.9  # of the intervals of `department_measures`


def share_of(above: str, below: str) -> Measure:
    """The measure of a share of two columns of `department_measures`."""
    def measure(window: Window, units: Units) -> pd.DataFrame:
        rows = _rows(window, units)
        return shares(units, rows[above].fillna(0), rows[below].fillna(0))

    return measure


def overdue(window: Window, units: Units) -> pd.DataFrame:
    """Problems open beyond the time allowed; not reported for who has no problem in the log."""
    if units.group == "county":
        rows = county_service(window.report.whole_city).set_index("county").reindex(list(units.ids))
        return counts(units, rows["overdue"].astype("float64"))
    rows = _rows(window, units)
    return counts(units, rows["problems_overdue"].astype("float64").where(rows["problems"] > 0))


def median_days(window: Window, units: Units) -> pd.DataFrame:
    """Median days to resolve a problem, with the error that its interval tells as if it were normal."""
    rows = _rows(window, units)
    error = (rows["high"] - rows["low"]) / (2 * ndtri(0.5 + _LEVEL / 2))
    value, n = rows["median_days"].astype("float64"), rows["problems_resolved"].fillna(0).astype("int64")
    note = ["" if known else f"few:{count}" for known, count in zip(value.notna(), n, strict=True)]
    return measured(units, value, n, error, note)


def _rows(window: Window, units: Units) -> pd.DataFrame:
    return _measures(window.report.whole_city).reindex(list(units.ids))


@kept(maxsize=8)  # every indicator asks for it
def _measures(report: Report) -> pd.DataFrame:
    return department_measures(report).set_index("department")
