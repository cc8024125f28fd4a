"""Indicators of development zones, of the newest zone ledger known at the period's end."""

from __future__ import annotations

import numpy as np
import pandas as pd

from liantu.assess.standings.measured import Units, measured
from liantu.assess.standings.of_projects import Measure
from liantu.assess.standings.windows import Window
from liantu.assess.zones.zone_table import zone_measures

_RESTS_ON = {"output_per_mu": "output_wan", "tax_per_mu": "tax_wan", "jobs_per_mu": "jobs"}


def of_zone(column: str) -> Measure:
    """The measure of a column of `zone_measures`. Results per mu vary as if the zone's firms had come by chance (see `firm_error`)."""
    def measure(window: Window, units: Units) -> pd.DataFrame:
        rows = zone_measures(window.report.whole_city).set_index("zone").reindex(list(units.ids))
        value = rows[column].to_numpy("float64")
        n = rows["firms"].to_numpy("float64")
        error = np.full(len(value), np.nan)
        if column in _RESTS_ON:
            error = value * firm_error(window.report.whole_city.enterprises, _RESTS_ON[column], units)
        return measured(units, value, n, error, np.where(np.isnan(value), "no_source", ""))

    return measure


def firm_error(firms: pd.DataFrame, column: str, units: Units) -> np.ndarray:
    """Relative error of each zone's sum over its firms in the register, as a compound Poisson sum: root of the sum of squares over the sum.

    A zone whose output one firm makes has an error near 1: another year without it, and the rank is gone. NaN without firms.
    """
    rows = firms[firms["zone"].isin(units.ids) & (firms[column] > 0)]
    by = rows.groupby("zone")[column]
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.sqrt((rows[column] ** 2).groupby(rows["zone"]).sum()) / by.sum()
    return relative.reindex(list(units.ids)).to_numpy("float64")
