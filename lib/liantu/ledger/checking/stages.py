"""Stages that go back between snapshots."""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd

from liantu.ledger.checking.again import series_again
from liantu.tables.fold import PROGRESS, RANK

_AT_WORK = ("suspended", "resumed")


class StageBack(NamedTuple):
    """A row whose stage lies before one reported earlier: its index, that stage, and the last snapshot that gave it."""

    index: Any
    stage: str
    snapshot: pd.Timestamp


def stages_back(observations: pd.DataFrame) -> list[StageBack]:
    """Observations whose stage lies before one that the same kind of reporter gave the project in an earlier snapshot.

    `observations` needs project_id, source, snapshot and stage, on a unique index. Suspended and resumed works have been started: to
    fall behind a start is to go back, to be suspended or resumed never is. Only a resumption undoes a termination. Signed after approved
    is no step back: 前期 and 未开工 are read as signed (vocabulary.yml) and only say that works have not begun.
    """
    key = ["project_id", "source"]
    rows = observations.loc[observations["stage"].notna() & series_again(observations), [*key, "snapshot", "stage"]]
    rows = rows.assign(rank=rows["stage"].map(RANK).astype("float64"))
    highest = rows.groupby([*key, "snapshot"])["rank"].max()
    before = highest.groupby(level=key).cummax().groupby(level=key).shift()
    rows = rows.join(before.rename("before"), on=[*key, "snapshot"])
    vague = rows["stage"].eq("signed") & rows["before"].eq(RANK["approved"])
    back = rows[(rows["rank"] < rows["before"]) & ~rows["stage"].isin(_AT_WORK) & ~vague & ~_resumed_since(rows, key)]
    return _from_which(back, rows, key)


def _resumed_since(rows: pd.DataFrame, key: list[str]) -> pd.Series:
    """True where an earlier snapshot already resumed a terminated project, so that its stages count anew."""
    resumed = rows["snapshot"].where(rows["stage"].eq("resumed")).groupby([rows[name] for name in key]).transform("min")
    return (rows["before"] == RANK["terminated"]) & (resumed < rows["snapshot"]) & (rows["rank"] >= RANK["started"])


def _from_which(back: pd.DataFrame, rows: pd.DataFrame, key: list[str]) -> list[StageBack]:
    """Each row with the stage it fell back from and the last earlier snapshot that gave it."""
    earlier = back[[*key, "snapshot", "before"]].reset_index(names="index").merge(
        rows[[*key, "snapshot", "stage", "rank"]], left_on=[*key, "before"], right_on=[*key, "rank"], suffixes=("", "_earlier"))
    earlier = earlier[earlier["snapshot_earlier"] < earlier["snapshot"]].assign(
        aside=lambda found: ~found["stage"].isin(PROGRESS)).sort_values(["index", "snapshot_earlier", "aside"])
    last = earlier.drop_duplicates("index", keep="last")
    return [StageBack(*row) for row in last[["index", "stage", "snapshot_earlier"]].itertuples(index=False)]
