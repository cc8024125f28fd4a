"""Rules about dates and what later ledgers say: order, heaps at a quarter's end, standstill, claims taken back, plans moved afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from liantu.assess.evidence.found import Found, first_of, found, nothing_to_test, pooled
from liantu.assess.evidence.known import Known
from liantu.progress.counts import AT_WORK, FLOW
from liantu.tables.runs import among

HEAPS = ["county", "n", "late", "expected", "p", "q", "heap"]


def dates_out_of_order(known: Known, parameters: Mapping[str, Any]) -> Found:
    """A later stage is dated surely before an earlier one: its last possible day lies before the earlier one's first possible day."""
    parts = []
    for pair in parameters["pairs"]:
        table = known.claims[pair["later"]]
        earlier = known.claims[pair["earlier"]].reindex(table.index)
        why = first_of(no_date=table["end"].isna(), no_earlier_date=earlier["begin"].isna())
        said = {"earlier": pair["earlier"], "stage": pair["later"], "earlier_date": earlier["end"], "date": table["end"]}
        parts.append(found(table, why, table["end"] < earlier["begin"], said, pair["later"], pair["severity"], f"{pair['later']}_actual"))
    return pooled(parts)


def said_before_dated(known: Known, parameters: Mapping[str, Any]) -> Found:
    """A ledger said that a stage was reached before the date that is now given for it: that ledger's claim was not yet true."""
    parts = []
    for stage in FLOW:
        table = known.claims[stage]
        why = first_of(no_date=table["begin"].isna())
        said = {"stage": stage, "date": table["end"], "snapshot": table["since"]}
        parts.append(found(table, why, table["begin"] > table["since"], said, stage, told=f"{stage}_actual"))
    return pooled(parts)


def plan_moved_after(known: Known, parameters: Mapping[str, Any]) -> Found:
    """A plan was moved to a later date only after it had passed and a ledger had shown it passed and not reached."""
    planned = known.milestones[known.milestones["planned_date"].notna() & among(known.milestones["project_id"], known.facts.index)]
    bare = known.facts.index[~among(known.facts.index, planned["project_id"])]
    rows = known.changes[known.changes["field"].isin([f"{stage}_planned" for stage in FLOW])]
    rows = rows[(rows["latest_date"] > rows["previous_date"]) & (rows["previous_date"] < rows["previous_snapshot"])]
    parts = [nothing_to_test(bare, "no_plan_date")]
    for stage in FLOW:
        ids = pd.Index(planned.loc[planned["stage"] == stage, "project_id"], name="project_id")
        moved = rows[rows["field"] == f"{stage}_planned"].sort_values("snapshot", kind="stable")
        moved = moved.drop_duplicates("project_id", keep="last").set_index("project_id").reindex(ids)
        reports = known.facts["n_reports"].reindex(ids)
        table = pd.DataFrame({"since": moved["snapshot"]}, index=ids)
        said = {"stage": stage, "planned": moved["previous_date"], "moved_to": moved["latest_date"], "snapshot": moved["snapshot"]}
        parts.append(found(table, first_of(one_ledger=reports < 2), moved["latest_date"].notna(), said, stage, told=f"{stage}_planned"))
    return pooled(parts)


def no_progress(known: Known, parameters: Mapping[str, Any]) -> Found:
    """At work, but the money done stands still over two ledgers or more with enough days outside the winter pause between them.

    From `high_days` such days on it weighs heavily. Projects that have spent nearly all are left out: they wait for acceptance.
    """
    ids = known.facts.index[known.facts["stage"].isin(AT_WORK)]
    rows = known.investments.dropna(subset=["done_total_wan"])
    rows = rows[among(rows["project_id"], ids)].sort_values(["project_id", "snapshot"], kind="stable")
    since = known.reached("started")["since"]
    rows = rows[(rows["snapshot"] >= _of_each(rows, since)).to_numpy(bool)]
    newest = rows.drop_duplicates("project_id", keep="last").set_index("project_id")
    amount, same = _of_each(rows, newest["done_total_wan"]), parameters["same_share"]
    moved = (rows["done_total_wan"] - amount).abs() > same * amount.abs()
    # Only the ledgers after the last one that told another sum stand still.
    last = _of_each(rows, rows[moved].groupby("project_id")["snapshot"].max())
    still = rows[~moved & ~(rows["snapshot"] <= last)].groupby("project_id")["snapshot"].min()
    earliest = rows.groupby("project_id")["snapshot"].min()
    table = pd.DataFrame({"since": still}).reindex(ids)
    newest = newest.reindex(ids)
    days = pd.Series(known.works(table["since"], newest["snapshot"]), index=ids)
    room = pd.Series(known.works(earliest.reindex(ids), newest["snapshot"]), index=ids)
    share = newest["done_total_wan"] / known.facts["total_investment_wan"].reindex(ids)
    why = first_of(no_amount=newest["done_total_wan"].isna(), too_short=~(room >= parameters["least_days"]),
                   nearly_done=share >= parameters["nearly_done"])
    severity = np.where(days >= parameters["high_days"], "high", "")
    said = {"done_wan": newest["done_total_wan"], "snapshot": table["since"], "until": newest["snapshot"], "days": days}
    return found(table, why, days >= parameters["least_days"], said, "started", severity, "done_total_wan")


def _of_each(rows: pd.DataFrame, of_project: pd.Series) -> pd.Series:
    """The value of each row's project."""
    return of_project.reindex(rows["project_id"]).set_axis(rows.index)


def taken_back(known: Known, parameters: Mapping[str, Any]) -> Found:
    """The newest row of a reporter tells an earlier stage than that reporter told before, in a sheet that could tell the later one.

    One finding for each stage taken back. It weighs less where another reporter's newest row still tells the stage.
    """
    rows = known.standing
    series = rows.groupby(["project_id", "source"], sort=False)
    newest = series.tail(1).set_index(["project_id", "source"])
    most = series["rank"].max().reindex(newest.index)
    count = series["snapshot"].nunique().reindex(newest.index)
    table = newest.assign(most=most, count=count).reset_index().set_index("project_id").assign(since=lambda part: part["snapshot"])
    highest = newest["rank"].groupby(level="project_id").max()
    return pooled([_stage_taken_back(table[table["most"] >= place], place, highest) for place in range(len(FLOW))])


def _stage_taken_back(table: pd.DataFrame, place: int, highest: pd.Series) -> Found:
    """One row for each project of which a reporter told the stage at `place`: one that takes it back, else one that can be tested."""
    why = first_of(one_ledger=table["count"] < 2, form_cannot_say=table["can"] < place)
    table = table.assign(why=why, doubt=(table["rank"] < place).to_numpy(bool) & (why == ""), mute=why != "")
    table = table.sort_values(["doubt", "mute"], ascending=[False, True], kind="stable")
    table = table[~table.index.duplicated()]
    back = pd.Series([FLOW[rank] if rank >= 0 else "lead" for rank in table["rank"]], index=table.index, dtype=object)
    severity = np.where(highest.reindex(table.index) >= place, "medium", "")
    said = {"stage": FLOW[place], "back_to": back, "snapshot": table["since"]}
    return found(table, table["why"], table["doubt"], said, FLOW[place], severity, f"{FLOW[place]}_actual")


def quarter_end_heaps(known: Known, parameters: Mapping[str, Any]) -> pd.DataFrame:
    """For each county its dates (known to the day) of the last year in the last days of a quarter, against what chance gives.

    Columns: county, n, late (in the last `days` of a quarter), expected (share: mean of days / length of each date's quarter), p
    (binomial, upper tail), q (Benjamini and Hochberg 1995, over all counties with at least `least`), heap (q < `level`).
    """
    from scipy.stats import binom, false_discovery_control

    rows = _dated(known, parameters)
    table = rows.groupby("county").agg(n=("late", "size"), late=("late", "sum"), expected=("share", "mean")).reset_index()
    table = table[table["n"] >= parameters["least"]].reset_index(drop=True)
    if table.empty:
        return pd.DataFrame(columns=HEAPS)
    p = binom.sf(table["late"].to_numpy("int64") - 1, table["n"].to_numpy("int64"), table["expected"].to_numpy("float64"))
    q = false_discovery_control(p)
    return table.assign(p=p, q=q, heap=q < parameters["level"])[HEAPS]


def quarter_end_heap(known: Known, parameters: Mapping[str, Any]) -> Found:
    """A date in the last days of a quarter, in a county whose dates heap there more than chance allows."""
    rows = _dated(known, parameters)
    heaps = quarter_end_heaps(known, parameters).set_index("county")
    parts = []
    for stage in parameters["stages"]:
        table = known.claims[stage]
        table = table[~(table["end"] <= pd.Timestamp(known.as_of) - pd.Timedelta(days=365))]
        own = rows[rows["stage"] == stage].set_index("project_id").reindex(table.index)
        group = heaps.reindex(known.facts["county"].reindex(table.index).to_numpy(object)).set_index(table.index)
        why = first_of(no_date=table["end"].isna(), not_to_the_day=own["late"].isna(), few_in_county=group["n"].isna())
        said = {"stage": stage, "date": table["end"], "late": group["late"], "n": group["n"]}
        doubt = own["late"].eq(True).to_numpy(bool, na_value=False) & group["heap"].eq(True).to_numpy(bool, na_value=False)
        parts.append(found(table, why, doubt, said, stage, told=f"{stage}_actual"))
    return pooled(parts)


def _dated(known: Known, parameters: Mapping[str, Any]) -> pd.DataFrame:
    """Dates of the last 365 days known to the day: project_id, county, stage, late (bool), share (of such days in its quarter)."""
    parts = []
    for stage in parameters["stages"]:
        table = known.claims[stage]
        table = table[table["precision"].eq("day").to_numpy(bool, na_value=False)
                      & (table["end"] > pd.Timestamp(known.as_of) - pd.Timedelta(days=365)).to_numpy(bool)]
        quarter = table["end"].dt.to_period("Q")
        last = quarter.dt.end_time.dt.normalize()
        length = (last - quarter.dt.start_time).dt.days + 1
        parts.append(pd.DataFrame({"county": known.facts["county"].reindex(table.index), "stage": stage,
                                   "late": ((last - table["end"]).dt.days < parameters["days"]).astype(bool),
                                   "share": parameters["days"] / length}))
    return pd.concat(parts).rename_axis("project_id").reset_index()
