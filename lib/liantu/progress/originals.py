"""The first plan beside the newest one."""

from __future__ import annotations

import pandas as pd

from liantu.tables.contracts import SOURCES

_SUFFIX = "_planned"


def originals(changes: pd.DataFrame, milestones: pd.DataFrame) -> pd.DataFrame:
    """Original and latest planned date of each project and stage that has a plan: one row each, in the order of `milestones`.

    `changes` and `milestones` follow their contracts, as known at one date. Returns project_id, stage, original_date (the first that the
    source believed most ever reported: county before zone before department), planned_date (as `milestones` has it), times_moved,
    days_moved (latest minus original; negative when brought forward), reason (that of the last move; missing: no reason given) and
    actual_date. A plan that never moved is its own original.
    """
    moves = changes[changes["field"].str.endswith(_SUFFIX, na=False)]
    order = moves["source"].map({name: place for place, name in enumerate(SOURCES)})
    moves = moves.assign(stage=moves["field"].str.removesuffix(_SUFFIX), order=order)
    moves = moves.sort_values(["project_id", "stage", "order", "snapshot"], kind="stable")
    key = ["project_id", "stage"]
    believed = moves[moves["order"] == moves.groupby(key)["order"].transform("min")]
    by_stage = believed.groupby(key).agg(
        original_date=("original_date", "first"), times_moved=("snapshot", "size"))
    reason = believed.drop_duplicates(key, keep="last").set_index(key)["reason"]
    plans = milestones.loc[milestones["planned_date"].notna(), [*key, "planned_date", "actual_date"]]
    rows = plans.join(by_stage, on=key).join(reason, on=key)
    rows["original_date"] = rows["original_date"].fillna(rows["planned_date"])
    rows["days_moved"] = (rows["planned_date"] - rows["original_date"]).dt.days
    rows["times_moved"] = rows["times_moved"].fillna(0).astype("int64")
    columns = [*key, "original_date", "planned_date", "times_moved", "days_moved", "reason", "actual_date"]
    return rows[columns].reset_index(drop=True)
