"""What only shows when rows are held against each other: stages that go back, and sources that do not agree."""

from __future__ import annotations

import pandas as pd

from liantu.tables.fold import PROGRESS, in_order

DIFFERENCE = 0.05
"""Sources that differ by more than this share are flagged (contracts, Values)."""
AMOUNTS = ("total_investment_wan", "plan_year_wan", "done_year_wan", "done_total_wan")
# Suspended and terminated say nothing of how far the works had come; a resumed project is at work again.
_RANK = {stage: place for place, stage in enumerate(PROGRESS)} | {"resumed": PROGRESS.index("started")}


def stages_back(observations: pd.DataFrame) -> pd.Index:
    """Index of the observations whose stage lies before one that the same kind of reporter gave the project in an earlier snapshot."""
    rows = observations.assign(rank=observations["stage"].map(_RANK).astype("float64")).dropna(subset=["rank"])
    highest = rows.groupby(["project_id", "source", "snapshot"])["rank"].max()
    before = highest.groupby(level=["project_id", "source"]).cummax().groupby(level=["project_id", "source"]).shift()
    earlier = rows.join(before.rename("before"), on=["project_id", "source", "snapshot"])
    return earlier.index[earlier["rank"] < earlier["before"]]


def disagreements(observations: pd.DataFrame) -> list[tuple[object, str]]:
    """Index and column of every amount that differs by more than 5 % from the one that is used for its project and snapshot."""
    ordered = in_order(observations.assign(_index=observations.index))
    found: list[tuple[object, str]] = []
    for column in AMOUNTS:
        told = ordered[ordered[column].notna()]
        used = told.groupby(["project_id", "snapshot"])[column].transform("last")
        larger = pd.concat([used, told[column]], axis=1).max(axis=1)
        differs = (told[column] - used).abs() > DIFFERENCE * larger
        found += [(index, column) for index in told.loc[differs, "_index"]]
    return found
