"""How many projects of a stage produce a year later: what was seen, joined with what was held before looking."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from liantu.chains.gap_rules import GapRules
from liantu.tables.fold import RANK

EARLY = ("lead", "negotiating")
OPEN_STAGES = (*EARLY, "signed", "approved", "started", "resumed", "suspended", "completed")
"""Stages of projects that may still come to produce."""
PRODUCING = ("producing", "at_capacity")
_ASIDE = {"started": 0, "suspended": 1, "resumed": 2}
"""Stages of one rank: works stop and go on after they started, whatever the period in which the start is dated."""


def reached(milestones: pd.DataFrame) -> pd.DataFrame:
    """What happened, as dated now: project_id, stage, date (actual, else of the first ledger that says it happened); plans are left out."""
    date = milestones["actual_date"].fillna(milestones["first_reported"])
    return pd.DataFrame({"project_id": milestones["project_id"], "stage": milestones["stage"], "date": date}).dropna(subset=["date"])


def stages_at(projects: pd.DataFrame, milestones: pd.DataFrame, day: dt.date | pd.Timestamp) -> pd.Series:
    """The stage in which each project stood at `day`, as dated now: stage by project_id, of the projects that a ledger had named by then.

    `projects` needs project_id, first_snapshot; `milestones` project_id, stage, actual_date, first_reported. Leads and projects under
    negotiation have no dates, so both stand as `early`. A stage stated without a date counts from the ledger that first says it.
    """
    known = projects.loc[projects["first_snapshot"] <= pd.Timestamp(day), "project_id"]
    past = reached(milestones)
    past = past[past["date"] <= pd.Timestamp(day)]
    past = past.assign(rank=past["stage"].map(RANK), aside=past["stage"].map(_ASIDE).fillna(0))
    last = past.sort_values(["rank", "aside", "date"], kind="stable")
    # Of suspended and resumed the later one holds.
    halted = last[last["aside"] > 0].sort_values(["date", "aside"], kind="stable")
    standing = last.drop_duplicates("project_id", keep="last").set_index("project_id")
    newest = halted.drop_duplicates("project_id", keep="last").set_index("project_id")["stage"]
    stages = standing["stage"].where(standing["aside"] == 0, newest.reindex(standing.index))
    return stages.reindex(known).fillna("early").rename("stage").rename_axis("project_id")


def stage_base_rates(projects: pd.DataFrame, milestones: pd.DataFrame, as_of: dt.date, rules: GapRules) -> pd.DataFrame:
    """Share of the projects of each stage that produce within `rules.horizon_days`: one row for each open stage.

    `projects` needs project_id, first_snapshot; `milestones` project_id, stage, actual_date, first_reported, both as known at `as_of`.
    Returns stage, cohort (projects that a ledger had named at as_of - horizon and that stood in the stage then, as dated now), produced
    (those of them that produce or are at capacity by as_of), prior (the share of gaps.yml), rate (mean of the beta posterior, the prior
    weighing as many projects as gaps.yml says), low, high (its central interval at `rules.uncertainty.level`). Leads and projects under
    negotiation share one cohort. Without ledgers as old as the horizon the cohorts are empty and the rates are the prior.
    """
    from scipy.stats import beta

    then = stages_at(projects, milestones, pd.Timestamp(as_of) - pd.Timedelta(days=rules.horizon_days))
    now = reached(milestones)
    done = now.loc[now["stage"].isin(PRODUCING) & (now["date"] <= pd.Timestamp(as_of)), "project_id"]
    counts = then.index.isin(done)
    seen = pd.DataFrame({"stage": then.to_numpy(), "produced": counts}).groupby("stage")["produced"].agg(["size", "sum"])
    stages = [stage for stage in OPEN_STAGES if stage in rules.base_rates.stages]
    table = seen.reindex(["early" if stage in EARLY else stage for stage in stages]).fillna(0).astype("int64").reset_index(drop=True)
    prior = pd.Series([rules.base_rates.stages[stage] for stage in stages])
    weight = rules.base_rates.weight
    yes, no = weight * prior + table["sum"], weight * (1 - prior) + table["size"] - table["sum"]
    tail = (1 - rules.uncertainty.level) / 2
    return pd.DataFrame({
        "stage": pd.Series(stages, dtype="str"), "cohort": table["size"], "produced": table["sum"], "prior": prior,
        "rate": yes / (yes + no), "low": beta.ppf(tail, yes, no), "high": beta.ppf(1 - tail, yes, no)})


def chances_of(projects: pd.DataFrame, rates: pd.DataFrame, chances: pd.Series | None = None) -> pd.Series:
    """The probability of each project (in the order and index of `projects`) to produce within the horizon.

    `rates` as from `stage_base_rates`; `chances`, where given, holds better ones by project_id and goes before them. Projects that
    produce already, are terminated or have no stage have none (0).
    """
    rate = projects["stage"].map(rates.set_index("stage")["rate"]).astype("float64").fillna(0.0)
    if chances is None:
        return rate
    own = projects["project_id"].map(chances).astype("float64")
    return own.where(projects["stage"].isin(OPEN_STAGES)).fillna(rate)
