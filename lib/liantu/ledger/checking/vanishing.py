"""Projects that a reporter's next snapshot no longer has."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from liantu.ledger.rows.records import Records
from liantu.ledger.sheets import stem_of
from liantu.reference.checking import VanishingRules
from liantu.tables.fold import in_order

_PERIOD_WORDS = re.compile(r"[\d\W_]+|[一二三四上下半]+(?:季度|年|月)|年度?|月份?|季度?|Q")
_LEDGER = ["source_file", "sheet"]
_OVER = ("completed", "producing", "at_capacity", "terminated")

_NEEDED = [
    "project_id", "snapshot", "source", "source_file", "sheet", "row", "county", "name", "stage", *(f"{stage}_actual" for stage in _OVER)]


class Vanished(NamedTuple):
    """A project's last row, by its index, and the snapshot of its reporter that lacks the project."""

    index: Any
    snapshot: pd.Timestamp


def vanished(
        observations: pd.DataFrame, rules: VanishingRules, replaced: Collection[str] = (),
        refused: Iterable[tuple[pd.Timestamp, str]] = ()) -> list[Vanished]:
    """The last row of each project that no ledger names any more, although its reporter has sent the next ledger of the series.

    `observations` needs project_id, snapshot, source, source_file, sheet, row, county, name, stage and the actual dates, on a unique
    index. `replaced` holds the ids of packaged projects whose parts took their place; `refused` the snapshot and name of rows that could
    not be used, which still name their project. What was completed, produces or was terminated is dropped rightly; a reporter that sent
    nothing later, or only ledgers of another kind (`rules.least_kept`), says nothing; a project that came back has not vanished.
    """
    rows = _missing_at_last(observations)
    last = rows.drop_duplicates("project_id", keep="last").copy()
    last["lacking"] = _next_snapshot(observations, last)
    gone = last[last["lacking"].notna() & ~last["project_id"].isin([*replaced])]
    gone = gone[~gone["project_id"].isin(_over(rows[rows["project_id"].isin(gone["project_id"])]))]
    gone = gone[~gone["project_id"].isin(_still_named(gone, rows, refused))]
    gone = gone[_goes_on(gone, observations, rules.least_kept)] if len(gone) else gone
    return [Vanished(*row) for row in gone[["_index", "lacking"]].itertuples(index=False)]


def _goes_on(gone: pd.DataFrame, observations: pd.DataFrame, least: float) -> pd.Series:
    """For each row whether its reporter sends the ledger that it stands in again: enough of its other projects stand in later ones.

    A permit tracker is no earlier edition of a list of key projects that the same county sends next. What is finished by then may be
    missing without telling so.
    """
    beside = observations[observations["source_file"].isin(gone["source_file"].unique())].drop_duplicates([*_LEDGER, "project_id"])
    known = observations[observations["project_id"].isin(beside["project_id"])]
    last = known.assign(reporter=reporters(known)).groupby(["reporter", "project_id"])["snapshot"].max().rename("last")
    beside = beside.assign(reporter=reporters(beside)).join(last, on=["reporter", "project_id"])
    kept = beside["last"] > beside["snapshot"]
    beside = beside.assign(kept=kept)[kept | ~beside["project_id"].isin(_over(known))]
    told = beside.groupby(_LEDGER)["kept"].agg(["sum", "size"]).reindex(pd.MultiIndex.from_frame(gone[_LEDGER]))
    others = told["size"].to_numpy() - 1
    return pd.Series((others > 0) & (told["sum"].to_numpy() >= least * others), index=gone.index)


def _missing_at_last(observations: pd.DataFrame) -> pd.DataFrame:
    """All rows, in order, of the projects that the newest snapshot does not have."""
    project, _ = pd.factorize(observations["project_id"])
    lately = np.zeros(int(project.max(initial=-1)) + 1, dtype=bool)
    lately[project[observations["snapshot"].eq(observations["snapshot"].max()).to_numpy()]] = True
    rows = observations.loc[~lately[project], _NEEDED]
    return in_order(rows.assign(_index=rows.index))


def refused_names(records: Iterable[Records]) -> list[tuple[pd.Timestamp, str]]:
    """Snapshot and name of every row about a project that could not be used."""
    found = []
    for record in (record for record in records if record.table == "projects" and record.rejected):
        names = record.body.column("name").series()[np.isin(record.body.rows, [*record.rejected])]
        found += [(pd.Timestamp(record.body.context.snapshot), name) for name in names.dropna()]
    return found


def reporters(rows: pd.DataFrame) -> pd.Series:
    """Who sends each row, the same over snapshots: a county's ledger is known by its county, others by their file's undated name."""
    stems = {file: _PERIOD_WORDS.sub("", stem_of(file)) for file in rows["source_file"].unique()}
    of_county = rows["source"].eq("county") & rows["county"].notna()
    return rows["source"] + "|" + rows["county"].where(of_county, rows["source_file"].map(stems)).astype("str")


def _next_snapshot(observations: pd.DataFrame, last: pd.DataFrame) -> pd.Series:
    """The snapshot that each last row's reporter sent next, missing when it sent none."""
    files = observations[["source", "county", "source_file", "snapshot"]].drop_duplicates()
    sent = files.assign(reporter=reporters(files))[["reporter", "snapshot"]].drop_duplicates().sort_values(["reporter", "snapshot"])
    sent["next"] = sent.groupby("reporter")["snapshot"].shift(-1)
    who = pd.MultiIndex.from_arrays([reporters(last), last["snapshot"]])
    return pd.Series(sent.set_index(["reporter", "snapshot"])["next"].reindex(who).array, index=last.index)


def _over(rows: pd.DataFrame) -> set[str]:
    """The projects that any row says to be finished or ended."""
    over = rows["stage"].isin(_OVER)
    for stage in _OVER:
        over |= rows[f"{stage}_actual"].notna()
    return set(rows.loc[over, "project_id"])


def _still_named(gone: pd.DataFrame, rows: pd.DataFrame, refused: Iterable[tuple[pd.Timestamp, str]]) -> set[str]:
    """The projects whose name, as any of their rows writes it, stands in a refused row of a later snapshot."""
    told = pd.DataFrame([(pd.Timestamp(day), name) for day, name in refused if name], columns=["refused", "name"])
    if told.empty or gone.empty:
        return set()
    told["name"] = told["name"].str.normalize("NFKC").str.replace(r"\s", "", regex=True)
    names = rows.loc[rows["project_id"].isin(gone["project_id"]), ["project_id", "name"]].drop_duplicates()
    names["name"] = names["name"].str.normalize("NFKC").str.replace(r"\s", "", regex=True)
    both = names.merge(told, on="name").merge(gone[["project_id", "snapshot"]], on="project_id")
    return set(both.loc[both["refused"] > both["snapshot"], "project_id"])
