"""Which projects count toward a target, and when: one cohort logic for every chart, table and sentence.

A count is always "as known": it is taken on tables opened at a date, so the same question asked on 31 March and on 30 June may differ;
the difference is what was reported late, or withdrawn.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd

Tables = Mapping[str, pd.DataFrame]
AT_WORK = ("started", "resumed")
STAGE_OF = {"new_starts": "started", "at_work": "started", "at_capacity": "at_capacity", "introduced": "signed"}
"""The stage that each measure dates."""
FINISHED = ("completed", "producing", "at_capacity")
_COLUMNS = ["project_id", "date", "first_reported"]


def events(tables: Tables, measure: str, start: dt.date, end: dt.date) -> pd.DataFrame:
    """The projects that count toward `measure` in [start, end] as the tables know it: project_id, date, first_reported; one row each.

    Measures: `new_starts` (first start of works), `at_capacity`, `introduced` (signed), `at_work` (new starts and carried-over projects
    at work, 开复工). Raises KeyError for another measure.
    """
    first, last = pd.Timestamp(start), pd.Timestamp(end)
    return _at_work(tables, first, last) if measure == "at_work" else _dated(tables, STAGE_OF[measure], first, last)


def undated(tables: Tables, measure: str) -> int:
    """How many projects are said to have reached the stage of `measure` without any date: they cannot be counted in a period."""
    rows = tables["milestones"]
    rows = rows[rows["stage"] == STAGE_OF[measure]]
    return int((rows["actual_date"].isna() & rows["first_reported"].notna()).sum())


def _dated(tables: Tables, stage: str, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    rows = tables["milestones"]
    rows = rows[(rows["stage"] == stage) & rows["actual_date"].between(start, end)]
    return rows.rename(columns={"actual_date": "date"})[_COLUMNS].reset_index(drop=True)


def _at_work(tables: Tables, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """New starts of the window, and projects started before it that a ledger of the window reports at work, each project once."""
    new = _dated(tables, "started", start, end)
    carried = _carried_over(tables, start, end)
    both = pd.concat([new, carried[~carried["project_id"].isin(new["project_id"])]], ignore_index=True)
    return both.sort_values(["date", "project_id"]).reset_index(drop=True)


def _carried_over(tables: Tables, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Projects started before the window and at work in it.

    The date is that of the first ledger in the window that reports the project at work (or finished in the window);
    a reported resumption in the window dates it exactly. Suspended and terminated rows do not count.
    """
    rows, milestones = tables["observations"], tables["milestones"]
    dates = milestones.pivot_table(index="project_id", columns="stage", values="actual_date", aggfunc="first")
    dates = dates.reindex(columns=["started", "resumed", *FINISHED]).astype("datetime64[ms]")
    before = (dates["started"] < start) | dates.index.isin(rows.loc[rows["construction"] == "carried_over", "project_id"])
    done_before = (dates[list(FINISHED)] < start).any(axis=1)
    open_then = dates.index[before & ~done_before & ~dates["started"].between(start, end)]
    seen = rows[rows["project_id"].isin(open_then) & rows["snapshot"].between(start, end)]
    stage = stage_of_rows(seen)
    working = stage.isin(AT_WORK) | (stage.isin(FINISHED) & seen["project_id"].isin(_finished_in(dates, start, end)))
    first = seen[working].groupby("project_id")["snapshot"].min().rename("first_reported")
    carried = first.to_frame().join(dates["resumed"])
    carried["date"] = carried["resumed"].where(carried["resumed"].between(start, end), carried["first_reported"])
    return carried.reset_index()[_COLUMNS]


def stage_of_rows(observations: pd.DataFrame) -> pd.Series:
    """The stage each ledger row tells: as stated, else the furthest stage for which the row itself gives an actual date (NaN without any).

    Of works under way, the latest dated of started, suspended and resumed counts.
    """
    dates = observations[[f"{stage}_actual" for stage in ("started", "suspended", "resumed")]]
    told = dates.notna().any(axis=1)
    works = dates[told].idxmax(axis=1).str.removesuffix("_actual").reindex(observations.index)
    for stage in (*FINISHED, "terminated"):
        works = works.mask(observations[f"{stage}_actual"].notna(), stage)
    return observations["stage"].fillna(works)


def _finished_in(dates: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.Index:
    inside = (dates[list(FINISHED)] >= start) & (dates[list(FINISHED)] <= end)
    return dates.index[inside.any(axis=1)]
