"""The units of a group, and the forms in which an indicator is told of each: counts, shares, sums and values with their error."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from liantu.assess.standings.chance import count_error, share_error
from liantu.report import Report

COLUMNS = ["value", "n", "se", "note"]


@dataclass(frozen=True, eq=False)
class Units:
    """The units of a group: their ids in order, and the unit of each project (index project_id; missing: none)."""

    group: str
    ids: tuple[str, ...]
    home: pd.Series = field(repr=False)

    def of(self, projects: pd.Series | pd.Index) -> pd.Series:
        """The unit of each of `projects`, without those of none."""
        found = self.home.reindex(pd.Index(projects))
        return found[found.isin(self.ids)]

    def count(self, projects: pd.Series | pd.Index) -> np.ndarray:
        """How many of `projects` each unit has."""
        return self.of(projects).value_counts().reindex(list(self.ids), fill_value=0).to_numpy("float64")


def units_of(report: Report, group: str) -> Units:
    """The counties, zones, task forces (chains) or departments of the whole city as known at the report's date."""
    city = report.whole_city
    projects = city.projects.set_index("project_id")
    columns = {"county": "county", "zone": "zone", "task_force": "chain", "department": "department"}
    if group == "county":
        ids = list(city.city.divisions.codes)
    elif group == "task_force":
        ids = [chain.zh for chain in city.chains.chains]
    elif group == "zone":
        ids = sorted({*city.zones["zone"].dropna(), *projects["zone"].dropna()})
    else:
        ids = sorted({*city.tasks["department"].dropna(), *city.problems["department"].dropna()})
    return Units(group, tuple(map(str, ids)), projects[columns[group]])


def counts(units: Units, n: ArrayLike, note: str = "") -> pd.DataFrame:
    """A count of each unit."""
    n = np.asarray(n, dtype="float64")
    return measured(units, n, n, count_error(n), np.where(np.isnan(n), "no_source", note))


def shares(units: Units, k: ArrayLike, n: ArrayLike) -> pd.DataFrame:
    """A share k / n of each unit; NaN where n is zero (note `no_base`)."""
    k, n = np.asarray(k, dtype="float64"), np.asarray(n, dtype="float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(n > 0, k / n, np.nan)
    return measured(units, value, n, share_error(k, n), np.where(np.isnan(value), "no_base", ""))


def measured(units: Units, value: ArrayLike, n: ArrayLike, error: ArrayLike, note: ArrayLike = "") -> pd.DataFrame:
    """Values with their base and standard error; a missing value has neither. Index: unit; columns value, n, se, note."""
    index = pd.Index(units.ids, name="unit", dtype="str")
    table = pd.DataFrame({"value": np.broadcast_to(np.asarray(value, dtype="float64"), len(index)),
                          "n": np.broadcast_to(np.asarray(n, dtype="float64"), len(index)),
                          "se": np.broadcast_to(np.asarray(error, dtype="float64"), len(index)),
                          "note": pd.Series(np.broadcast_to(np.asarray(note, dtype=object), len(index)), dtype="str").array}, index=index)
    table["se"] = table["se"].where(table["value"].notna())
    return table[COLUMNS]


def missing(units: Units, note: str) -> pd.DataFrame:
    """Nothing is reported of any unit, and why."""
    return measured(units, np.nan, np.nan, np.nan, note)
