"""Plan against latest dates with the original kept: what the year was to bring at first, what it is to bring now, and what came."""

from __future__ import annotations

import numpy as np
import pandas as pd

from liantu.progress.slips import slips
from liantu.reference.opened import kept
from liantu.report import Report

STAGES = ("started", "completed", "producing", "at_capacity")
_COLUMNS = ["stage", "month", "original", "latest", "actual", "actual_of_plan", "left_before", "moved_out", "moved_in", "note"]


@kept(maxsize=8)
def plan_versions(report: Report) -> pd.DataFrame:
    """Projects planned to reach each stage by each month end of the year, by the original and the latest plans, and those that did.

    One row for each stage of STAGES and month; counts are cumulative from 1 January. Columns: stage, month (its last day), original,
    latest, actual (all projects with an actual date in the year by then, planned or not; NaN for months that end after `as_of`),
    actual_of_plan (those of the originally planned), and for the year, the same in each row: left_before (originally planned for before
    the year, not reached before it), moved_out (planned for the year at first, for later now), moved_in (the reverse), note ("" or
    `no_plans`). Plans of projects terminated since are counted: they were plans. Kept, so the caller must not change it.
    """
    months = pd.date_range(f"{report.quarter.year}-01-01", periods=12, freq="ME")
    plans, told = slips(report), report.milestones
    parts = [_of_stage(report, stage, months, plans[plans["stage"] == stage], told[told["stage"] == stage]) for stage in STAGES]
    return pd.concat(parts, ignore_index=True)[_COLUMNS]


def _of_stage(report: Report, stage: str, months: pd.DatetimeIndex, plans: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    start, end = pd.Timestamp(report.quarter.year, 1, 1), months[-1]
    original, latest, actual = plans["original_date"], plans["planned_date"], plans["actual_date"]
    planned, now = original.between(start, end), latest.between(start, end)
    reached_before = (actual < start) | plans["note"].eq("no_date")
    known = np.asarray(months <= pd.Timestamp(report.as_of))
    table = pd.DataFrame({
        "stage": stage, "month": months, "original": _by(original[planned], months), "latest": _by(latest[now], months),
        "actual": np.where(known, _by(told.loc[told["actual_date"].between(start, end), "actual_date"], months), np.nan),
        "actual_of_plan": np.where(known, _by(actual[planned & actual.between(start, end)], months), np.nan)})
    return table.assign(left_before=int(((original < start) & ~reached_before).sum()), moved_out=int((planned & (latest > end)).sum()),
                        moved_in=int((~planned & now).sum()), note="" if len(plans) else "no_plans")


def _by(dates: pd.Series, months: pd.DatetimeIndex) -> np.ndarray:
    """How many of some dates lie at or before each month end."""
    ordered = np.sort(dates.to_numpy(dtype="datetime64[ms]"))
    return np.searchsorted(ordered, months.to_numpy(dtype="datetime64[ms]"), side="right")
