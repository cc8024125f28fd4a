"""Which projects count toward a target, and when: one cohort logic for every chart, table and sentence.

A count is always "as known": it is taken on tables opened at a date, so the same question asked on 31 March and on 30 June may differ;
the difference is what was reported late, or withdrawn.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from liantu.tables.fold import PROGRESS
from liantu.tables.runs import among, texts_of

Tables = Mapping[str, pd.DataFrame]
FLOW = PROGRESS[2:]
"""The stages of a life from signed to at capacity, in order; `terminated` competes with each."""
AT_WORK = ("started", "resumed")
STAGE_OF = {"new_starts": "started", "at_work": "started", "at_capacity": "at_capacity", "introduced": "signed"}
"""The stage that each measure dates."""
FINISHED = ("completed", "producing", "at_capacity")
_WORKS = ("started", "suspended", "resumed")
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
    both = pd.concat([new, carried[~among(carried["project_id"], new["project_id"])]], ignore_index=True)
    return both.sort_values(["date", "project_id"]).reset_index(drop=True)


def _carried_over(tables: Tables, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Projects started before the window and at work in it.

    The date is that of the first ledger in the window that reports the project at work (or finished in the window);
    a reported resumption in the window dates it exactly. Suspended and terminated rows do not count.
    """
    told = dict.fromkeys((*_WORKS, *FINISHED, "terminated"))
    rows = tables["observations"][["project_id", "snapshot", "construction", "stage", *(f"{stage}_actual" for stage in told)]]
    dates = _dates(tables["milestones"], ("started", "resumed", *FINISHED))
    before = (dates["started"] < start) | among(dates.index, rows.loc[rows["construction"] == "carried_over", "project_id"])
    done_before = (dates[list(FINISHED)] < start).any(axis=1)
    open_then = dates.index[before & ~done_before & ~dates["started"].between(start, end)]
    seen = rows[among(rows["project_id"], open_then) & rows["snapshot"].between(start, end)]
    stage = stage_of_rows(seen)
    working = stage.isin(AT_WORK) | (stage.isin(FINISHED) & among(seen["project_id"], _finished_in(dates, start, end)))
    first = seen[working].groupby("project_id")["snapshot"].min().rename("first_reported")
    carried = first.to_frame().join(dates["resumed"])
    carried["date"] = carried["resumed"].where(carried["resumed"].between(start, end), carried["first_reported"])
    return carried.reset_index()[_COLUMNS]


def _dates(milestones: pd.DataFrame, stages: Sequence[str]) -> pd.DataFrame:
    """The actual date of each of `stages` (columns) for each project (index) that has one of any stage."""
    dated = milestones[milestones["actual_date"].notna()]
    codes, projects = pd.factorize(dated["project_id"])
    table = {}
    for stage in stages:
        own = (dated["stage"] == stage).to_numpy()
        table[stage] = np.full(len(projects), np.datetime64("NaT"), dtype="datetime64[ms]")
        table[stage][codes[own]] = dated["actual_date"].to_numpy()[own]
    return pd.DataFrame(table, index=pd.Index(projects, name="project_id"))


def stage_of_rows(observations: pd.DataFrame) -> pd.Series:
    """The stage each ledger row tells: as stated, else the furthest stage for which the row itself gives an actual date (NaN without any).

    Of works under way, the latest dated of started, suspended and resumed counts.
    """
    dates = observations[[f"{stage}_actual" for stage in _WORKS]].to_numpy(dtype="datetime64[ms]")
    # As numbers a missing date is the least.
    furthest = np.where(np.isnat(dates).all(axis=1), -1, dates.view("int64").argmax(axis=1))
    ends = (*FINISHED, "terminated")
    for place, stage in enumerate(ends, len(_WORKS)):
        furthest[observations[f"{stage}_actual"].notna().to_numpy()] = place
    return observations["stage"].fillna(texts_of(furthest, (*_WORKS, *ends)).set_axis(observations.index))


def _finished_in(dates: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.Index:
    inside = (dates[list(FINISHED)] >= start) & (dates[list(FINISHED)] <= end)
    return dates.index[inside.any(axis=1)]
