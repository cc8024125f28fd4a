"""How good the ledgers are: what is filled, readable, possible, consistent, in time and told once; a score for each file and county.

Everything is counted for each source file first and added up, so that a county's numbers are those of its files. Tables are the tidy
tables as known at a date, of the whole city (`liantu.report.Report.whole_city`); `files` comes from `reporters`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from liantu.assess.intervals import tied_groups, weighted_interval, wilson
from liantu.assess.quality_rules import AskedField, QualityRules
from liantu.reference import Quarter
from liantu.tables.contracts import CONTRACTS, STAGES
from liantu.tables.fold import RANK
from liantu.tables.runs import ranks

ROW = ["source_file", "sheet", "row"]
CELL = [*ROW, "column"]
# What cleaning adds to a row beside what its ledger says.
_ADDED = {"project_id", "snapshot", "source", *ROW, "link", "link_confidence", "table", "key"}


def findings(quarantine: pd.DataFrame, files: pd.DataFrame, rules: QualityRules) -> pd.DataFrame:
    """The rows of quarantine that stand in `files`, with `county`, `about` (the snapshot they speak of) and `newest` (of their reporter).

    Most findings speak of the ledger in which they stand; those of `rules.of_next` (a project that is gone) of the later one that shows it.
    """
    of_ledger = files[["source_file", "snapshot", "county"]].rename(columns={"snapshot": "about"})
    rows = quarantine.rename(columns={"snapshot": "since"}).merge(of_ledger, on="source_file")
    of_next = rows["rule"].isin([rule for rule in rows["rule"].unique() if rules.speaks_of_next(rule)])
    rows = rows.assign(about=rows["since"].where(of_next, rows["about"]), of_next=of_next)
    last = files.groupby("county")["snapshot"].max()
    newest = rows["about"].to_numpy() == last.reindex(rows["county"]).to_numpy()
    return rows.drop(columns="since").assign(newest=newest).reset_index(drop=True)


# --- the parts of the score: for each file and dimension how many of how many are good


@dataclass(frozen=True)
class Found:
    """What the parts of the score are made of: what `findings`, `completeness` and `first_reports` give."""

    findings: pd.DataFrame
    filled: pd.DataFrame
    events: pd.DataFrame


def parts(tables: Mapping[str, pd.DataFrame], files: pd.DataFrame, rules: QualityRules) -> pd.DataFrame:
    """As `joined_parts`, of the tables alone."""
    observations, found = tables["observations"], findings(tables["quarantine"], files, rules)
    filled = completeness(observations, found[~found["of_next"]], rules.fields)
    return joined_parts(tables, files, rules, Found(found, filled, first_reports(observations, tables["milestones"])))


def joined_parts(tables: Mapping[str, pd.DataFrame], files: pd.DataFrame, rules: QualityRules, found: Found) -> pd.DataFrame:
    """One row for each file and dimension that it can show: source_file, dimension, good, of, rows.

    `files` needs source_file, rows_accepted and rows_quarantined; `rows` is the number of ledger rows behind the share, which says how
    sure it is: cells of one row share one hand, so rows count as trials, not cells.
    """
    observations, quarantine = tables["observations"], found.findings[~found.findings["of_next"]]
    made = [
        found.filled.groupby("source_file").agg(good=("filled", "sum"), of=("asked", "sum")).assign(dimension="completeness"),
        _by_rule(files, quarantine, rules),
        consistency(observations, quarantine, tables["changes"], rules).assign(dimension="consistency"),
        timeliness(found.events).assign(dimension="timeliness"),
        uniqueness(observations).assign(dimension="uniqueness"),
    ]
    nothing = pd.DataFrame({"source_file": pd.Series(dtype="str"), "dimension": pd.Series(dtype="str"), "good": pd.Series(dtype="float64"),
                            "of": pd.Series(dtype="float64")})
    table = pd.concat([nothing, *(part.reset_index().astype({"good": "float64", "of": "float64"}) for part in made if len(part))])
    table = table[table["source_file"].isin(files["source_file"]) & (table["of"] > 0)]
    rows = observations.groupby("source_file").size()
    behind = table["source_file"].map(rows).where(table["dimension"] == "completeness", table["of"])
    table = table.assign(rows=behind.fillna(table["of"]).astype("float64"))
    return table[["source_file", "dimension", "good", "of", "rows"]].reset_index(drop=True)


def completeness(observations: pd.DataFrame, quarantine: pd.DataFrame, fields: Iterable[AskedField]) -> pd.DataFrame:
    """How many of the cells that a project ledger should fill are filled: source_file, field, filled, asked; one row for each pair.

    `name` and `county` are asked of every row, also of those that are not used because they lack them.
    """
    rank = observations["stage"].map(RANK).to_numpy("float64")
    codes, names = pd.factorize(observations["source_file"], sort=True)
    used = pd.Series(np.bincount(codes, minlength=len(names)), names)
    counted = []
    for entry in fields:
        asked = _asked(observations, entry, rank)
        filled = asked & observations[list(entry.columns)].notna().to_numpy().any(axis=1)
        counts = {name: np.bincount(codes[rows], minlength=len(names)) for name, rows in (("filled", filled), ("asked", asked))}
        counted.append(pd.DataFrame({"source_file": names, **counts, "field": entry.id}))
    for field, rule in (("name", "name_missing"), ("county", "county_missing")):
        lacking = quarantine[quarantine["rule"] == rule].drop_duplicates(ROW).groupby("source_file").size()
        asked = used.add(lacking.reindex(used.index), fill_value=0)
        counted.append(pd.DataFrame({"filled": used, "asked": asked, "field": field}).rename_axis("source_file").reset_index())
    table = pd.concat(counted, ignore_index=True).astype({"filled": "int64", "asked": "int64"})
    return table.loc[table["asked"] > 0, ["source_file", "field", "filled", "asked"]].reset_index(drop=True)


def _asked(observations: pd.DataFrame, entry: AskedField, rank: np.ndarray) -> np.ndarray:
    """For each row, with the rank of its stage, whether it should fill a field."""
    asked = (observations["stage"] != "terminated").to_numpy()
    if entry.since:
        asked = asked & (rank >= RANK[entry.since])
    return asked & (rank <= RANK[entry.until]) if entry.until else asked


def _by_rule(files: pd.DataFrame, quarantine: pd.DataFrame, rules: QualityRules) -> pd.DataFrame:
    """Rows without a finding of a dimension's rules, of the rows used or put aside."""
    read = files.set_index("source_file")[["rows_accepted", "rows_quarantined"]].sum(axis=1)
    dimension = quarantine["rule"].map({rule: rules.dimension_of(rule) for rule in quarantine["rule"].unique()})
    made = []
    for entry in rules.dimensions:
        if entry.by_rule and entry.id != "consistency":
            flawed = quarantine[dimension == entry.id].drop_duplicates(ROW).groupby("source_file").size()
            bad = flawed.reindex(read.index).fillna(0)
            made.append(pd.DataFrame({"good": (read - bad).clip(lower=0), "of": read, "dimension": entry.id}))
    return pd.concat(made).rename_axis("source_file")


def consistency(observations: pd.DataFrame, quarantine: pd.DataFrame, changes: pd.DataFrame, rules: QualityRules) -> pd.DataFrame:
    """Of the rows whose project another row of this or an earlier snapshot reports too, those that contradict none: good, of by file."""
    project, snapshot = ranks(observations["project_id"]), ranks(observations["snapshot"])
    known = project * (snapshot.max(initial=0) + 1) + snapshot
    in_order = np.sort(known)
    until_now = np.searchsorted(in_order, known, "right") - np.searchsorted(in_order, known - snapshot)
    held = observations.loc[until_now > 1, ROW]
    against = [rule for rule in quarantine["rule"].unique() if rules.dimension_of(rule) == "consistency"]
    flawed = pd.concat([quarantine.loc[quarantine["rule"].isin(against), ROW], changes.loc[changes["reason"].isna(), ROW]])
    contradicts = pd.MultiIndex.from_frame(held[ROW]).isin(pd.MultiIndex.from_frame(flawed.astype(held[ROW].dtypes.to_dict())))
    return pd.Series(~contradicts, held.index).groupby(held["source_file"]).agg(good="sum", of="size")


def timeliness(events: pd.DataFrame) -> pd.DataFrame:
    """Of the events that a file is (with others of its date) the first to report, those of the quarter it reports: good, of by file.

    `events` are what `first_reports` gives.
    """
    return (~events["late"]).groupby(events["source_file"]).agg(good="sum", of="size")


def uniqueness(observations: pd.DataFrame) -> pd.DataFrame:
    """Rows that do not repeat a project of the same file, of all rows used: good, of by file."""
    repeats = observations.duplicated(["source_file", "project_id"])
    return (~repeats).groupby(observations["source_file"]).agg(good="sum", of="size")


# --- scores


def scores(parts: pd.DataFrame, key: pd.Series, weights: Mapping[str, float], level: float = 0.95) -> pd.DataFrame:
    """The score of each value of `key` (by source_file): score, low, high (0 to 100), rows, judged, group, and each dimension's share.

    100 x the weighted mean of the dimensions' shares; a dimension that cannot be shown is left out and the other weights are scaled up
    (`judged` is how many are in). Interval: Wilson for each share over ledger rows, joined by square-and-add as if dimensions were
    independent. `group` is 1 for the best; within a group intervals overlap, so it has no order.
    """
    rows = parts.assign(key=parts["source_file"].map(key)).dropna(subset=["key"])
    sums = rows.groupby(["key", "dimension"])[["good", "of", "rows"]].sum()
    sums = sums.assign(share=sums["good"] / sums["of"])
    sums["low"], sums["high"] = wilson(sums["share"] * sums["rows"], sums["rows"], level)
    table = pd.DataFrame([_score(name, sums.loc[name], weights) for name in sums.index.unique("key")],
                         columns=["key", "score", "low", "high", "judged", "rows", *weights])
    return table.assign(group=tied_groups(table["low"], table["high"]))


def _score(name: object, shares: pd.DataFrame, weights: Mapping[str, float]) -> dict[str, object]:
    weight = np.array([weights[dimension] for dimension in shares.index])
    value, low, high = weighted_interval(shares["share"], shares["low"], shares["high"], weight / weight.sum())
    told = {dimension: float(shares["share"].get(dimension, np.nan)) for dimension in weights}
    # No reporter can be better than perfect: the sum of squared distances may reach over 100.
    limits = {"score": 100 * value, "low": 100 * max(low, 0.0), "high": 100 * min(high, 1.0)}
    return {"key": name, **limits, "judged": len(shares), "rows": int(shares["rows"].max()), **told}


# --- what is wrong, counted


def cells_read(tables: Mapping[str, pd.DataFrame], rules: QualityRules) -> pd.Series:
    """Cells that say something, by source file: the filled columns of every row used, and the flagged cells that left theirs empty.

    Of rows that are not used only the flagged cells are counted.
    """
    counts = [_filled(tables["observations"]).groupby(tables["observations"]["source_file"]).sum()]
    lineage = tables["lineage"]
    for name in ("enterprises", "zones", "tasks", "problems"):
        rows = lineage[lineage["table"] == name].drop_duplicates(["key", *ROW])
        keyed = tables[name].assign(_filled=_filled(tables[name]))
        joined = rows.merge(keyed[[CONTRACTS[name].key[0], "snapshot", "_filled"]], left_on=["key", "snapshot"],
                            right_on=[CONTRACTS[name].key[0], "snapshot"])
        counts.append(joined.groupby("source_file")["_filled"].sum())
    flagged = tables["quarantine"].drop_duplicates(CELL)
    kept = [rule for rule in flagged["rule"].unique() if rules.keeps(rule)]
    emptied = flagged[flagged["column"].notna() & flagged["column"].ne("") & ~flagged["rule"].isin(kept)]
    counts.append(emptied.groupby("source_file").size())
    return pd.concat(counts).groupby(level=0).sum().astype("int64")


def _filled(table: pd.DataFrame) -> pd.Series:
    said = [name for name in table.columns if name not in _ADDED and not name.endswith("_precision")]
    return table[said].notna().sum(axis=1)


def cells_by_rule(quarantine: pd.DataFrame, rules: QualityRules) -> pd.DataFrame:
    """One row for each rule broken: action, rule, severity, cells, rows, files, example; in the order of the actions, most cells first."""
    order = {action.id: place for place, action in enumerate(rules.actions)}
    where = quarantine["source_file"] + "|" + quarantine["sheet"] + "|" + quarantine["row"].astype("str")
    grouped = quarantine.assign(where=where).groupby(["rule", "severity"])
    table = grouped.agg(cells=("row", "size"), rows=("where", "nunique"), files=("source_file", "nunique"), example=("value", "first"))
    table = table.reset_index()
    table.insert(0, "action", [rules.action_of(rule) for rule in table["rule"]])
    table = table.assign(_order=table["action"].map(order)).sort_values(["_order", "cells", "rule"], ascending=[True, False, True])
    return table.drop(columns="_order").reset_index(drop=True)


def first_reports(observations: pd.DataFrame, milestones: pd.DataFrame, since: pd.Timestamp | None = None) -> pd.DataFrame:
    """Each dated event beside the file that was the first to tell it: source_file, project_id, stage, actual_date, first_reported, days,
    late.

    `days` from the event to its first report; `late` when a quarter's end passed in between. What the very first ledgers report (those of
    `since`, by default the first of `observations`) is left out (it may have been reported before), and so is an event whose date was
    later moved behind its first report. An event that two files of one date are the first to tell stands twice.
    """
    where = observations[["source_file", "project_id", "snapshot"]]
    told = pd.concat([where[observations[f"{stage}_actual"].notna()].assign(stage=stage) for stage in STAGES], ignore_index=True)
    rows = milestones.dropna(subset=["actual_date", "first_reported"])
    since = observations["snapshot"].min() if since is None else since
    rows = rows[(rows["first_reported"] > since) & (rows["first_reported"] >= rows["actual_date"])]
    events = told.merge(rows, left_on=["project_id", "stage", "snapshot"], right_on=["project_id", "stage", "first_reported"])
    events = events.drop_duplicates(["source_file", "project_id", "stage"], ignore_index=True)
    ends = {day: pd.Timestamp(Quarter.of(day).end) for day in events["actual_date"].unique()}
    late = events["first_reported"] > pd.to_datetime(events["actual_date"].map(ends))
    days = (events["first_reported"] - events["actual_date"]).dt.days
    return events.assign(days=days, late=late.astype(bool))[
        ["source_file", "project_id", "stage", "actual_date", "first_reported", "days", "late"]]


def lateness(events: pd.DataFrame, key: Sequence[object] | pd.Series, level: float = 0.95) -> pd.DataFrame:
    """Late reports by `key` (one value for each event): key, n, late, share, low, high (Wilson), median days; group 1 is the soonest."""
    grouped = events.assign(key=list(key)).dropna(subset=["key"]).groupby("key")
    table = grouped.agg(n=("late", "size"), late=("late", "sum"), median=("days", "median")).reset_index()
    low, high = wilson(table["late"], table["n"], level)
    share = table["late"] / table["n"]
    return table.assign(share=share, low=low, high=high, group=tied_groups(-high, -low))


def skipped(files: pd.DataFrame, counties: Iterable[str], snapshots: Sequence[pd.Timestamp] | None = None) -> pd.DataFrame:
    """The snapshots of the data set for which a county has sent no file: county, snapshot. A county that never sent one lacks them all.

    `snapshots` are those of the data set, by default those of `files`.
    """
    snapshots = sorted(files["snapshot"].dropna().unique()) if snapshots is None else snapshots
    sent = set(files[["county", "snapshot"]].itertuples(index=False, name=None))
    lacking = [(code, day) for code in counties for day in snapshots if (code, day) not in sent]
    return pd.DataFrame(lacking, columns=["county", "snapshot"])


def duplicates(observations: pd.DataFrame, merges: pd.DataFrame) -> pd.DataFrame:
    """Rows told twice, by file: source_file, repeated (rows that repeat a project of the same file), proposed (pairs for a person)."""
    repeated = observations.duplicated(["source_file", "project_id"]).groupby(observations["source_file"]).sum()
    proposed = merges[merges["decision"] == "proposed"].groupby("source_file").size()
    table = pd.DataFrame({"repeated": repeated, "proposed": proposed}).fillna(0).astype("int64")
    return table.rename_axis("source_file").reset_index()


def personal_data(tables: Mapping[str, pd.DataFrame], removed: str) -> pd.Series:
    """Cells from which telephone, ID numbers or e-mail addresses were taken (`removed` stands in their place), by source file."""
    observed = tables["observations"]
    texts = observed[["name", "company", "note"]].apply(lambda column: column.str.contains(removed, regex=False).fillna(False).astype(bool))
    flagged = tables["quarantine"]
    inside = flagged.loc[flagged["value"].str.contains(removed, regex=False).fillna(False).astype(bool), "source_file"].value_counts()
    counts = pd.concat([texts.sum(axis=1).groupby(observed["source_file"]).sum(), inside]).groupby(level=0).sum()
    return counts[counts > 0].astype("int64").rename_axis("source_file")
