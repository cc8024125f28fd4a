"""Projects that sit in one stage longer than is usual in the city, and their open problems."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import pandas as pd

from liantu.chains.base_rates import OPEN_STAGES, reached
from liantu.chains.gap_rules import GapRules

FEWEST = 8
"""A stage with fewer projects has no quartile of its own; that of all open stages stands in."""


def days_in_stage(projects: pd.DataFrame, milestones: pd.DataFrame, as_of: dt.date) -> pd.Series:
    """Days that each project (index of `projects`) has stood in its stage; NaN for a project that is not open, or of an unknown date.

    Counted from the actual date of the stage, else from the first ledger that says it; of a lead or a project under negotiation, which
    have no dates, from the first ledger that names it.
    """
    dates = reached(milestones).drop_duplicates(["project_id", "stage"], keep="last").set_index(["project_id", "stage"])["date"]
    since = pd.Series(dates.reindex(pd.MultiIndex.from_frame(projects[["project_id", "stage"]])).to_numpy(), index=projects.index)
    early = projects["stage"].isin(("lead", "negotiating"))
    since = since.where(~early, projects["first_snapshot"])
    days = (pd.Timestamp(as_of) - since).dt.days.astype("float64")
    return days.where(projects["stage"].isin(OPEN_STAGES)).clip(lower=0)


def stage_limits(projects: pd.DataFrame, milestones: pd.DataFrame, as_of: dt.date, rules: GapRules) -> pd.Series:
    """Days beyond which a project is slow, by open stage: the quantile `rules.slow_quantile` of all projects given (the city's).

    A stage with fewer than 8 dated projects takes that of all open stages; NaN where these have fewer, too: nothing is slow then.
    """
    days = days_in_stage(projects, milestones, as_of)
    common = days.quantile(rules.slow_quantile) if days.count() >= FEWEST else float("nan")
    by_stage = days.groupby(projects["stage"])
    own = by_stage.quantile(rules.slow_quantile).where(by_stage.count() >= FEWEST)
    return own.reindex(OPEN_STAGES).fillna(common).rename("days")


def open_problems(problems: pd.DataFrame, as_of: dt.date, solved: Collection[str]) -> pd.DataFrame:
    """The problems that are open at `as_of` by the newest row of each: no date of solution by then, and a status that is none of `solved`.

    `problems` needs problem_id, snapshot, project_id, raised, resolved, status. Problems raised later, and those of no known project,
    are left out.
    """
    newest = problems.sort_values("snapshot", kind="stable").drop_duplicates("problem_id", keep="last")
    day = pd.Timestamp(as_of)
    settled = (newest["resolved"] <= day) | newest["status"].astype("str").str.strip().isin(solved)
    return newest[~settled & ~(newest["raised"] > day) & newest["project_id"].notna()]


def slow_projects(projects: pd.DataFrame, milestones: pd.DataFrame, problems: pd.DataFrame, as_of: dt.date, limits: pd.Series) -> pd.Series:
    """Whether each project (index of `projects`) is beyond its stage's limit and has an open problem (`problems`: the open ones)."""
    late = days_in_stage(projects, milestones, as_of) > projects["stage"].map(limits).astype("float64")
    return late & projects["project_id"].isin(problems["project_id"])
