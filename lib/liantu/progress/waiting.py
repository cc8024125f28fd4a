"""How long projects stand in each stage and wait for each permit, and which ones stand longest."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
import pandas as pd

from liantu.progress.counts import FLOW
from liantu.progress.funnel_rules import UNKNOWN
from liantu.progress.spells import STAYS, TERMINATED, UNLISTED, at_risk
from liantu.progress.survival import aalen_johansen, kaplan_meier, quantile, risk_set, survival_at

NEXT = dict(itertools.pairwise(FLOW))
_TIMES = ["group", "stage", "n", "ended", "median", "q25", "q75", "low", "high", "waiting", "waiting_median", "longest", "from_day", "note"]
_CURVES = ["stage", "to", "group", "days", "share", "low", "high", "at_risk"]
_LONGEST = ["project_id", "stage", "entered", "days", "usual", "over", "shorter"]
_PERMITS = ["approval", "since", "needed", "done", "pending", "not_needed", "n", "median", "low", "high", "q25", "q75", "done_median",
            "before", "undated", "pending_dated", "pending_median", "pending_longest"]


def steady(rows: pd.DataFrame, few: int) -> tuple[pd.DataFrame, float]:
    """Spells (of `at_risk`) from the first day on which at least `few` were at risk when one left, and that day.

    With delayed entry very few may be at risk in the first days, and then one who leaves would decide the whole curve. What is estimated
    then is the time of those who stay beyond that day. No rows when there never were so many.
    """
    if len(rows) < few:
        return rows.iloc[:0], 0.0
    days, left = risk_set(rows["days"], rows["ended"], rows["entry"])
    enough = np.flatnonzero(left >= few)
    if not len(enough):
        return rows.iloc[:0], 0.0
    if not enough[0]:
        return rows, 0.0
    day = float(days[enough[0] - 1])
    kept = rows[rows["days"].clip(lower=0.5) > day]
    return kept.assign(entry=kept["entry"].clip(lower=day)), day


def _grouped(rows: pd.DataFrame, by: pd.Series | None) -> list[tuple[str, str, pd.DataFrame]]:
    """The rows of each stage and group, stages in the order of a life; the group is empty without `by`."""
    groups = pd.Series("", index=rows.index, dtype="object") if by is None else rows["project_id"].map(by.astype("object")).fillna(UNKNOWN)
    rows = rows.assign(group=groups)
    order = list(by.cat.categories) if by is not None and isinstance(by.dtype, pd.CategoricalDtype) else []
    names = [*order, *sorted(set(rows["group"]) - set(order), key=str)]
    parts = dict(iter(rows.groupby(["stage", "group"], sort=False, observed=True)))
    return [(stage, group, parts[stage, group]) for stage in STAYS for group in names if (stage, group) in parts]


def time_in_stage(spells: pd.DataFrame, by: pd.Series | None = None, level: float = 0.9, few: int = 10) -> pd.DataFrame:
    """Days in each stage until leaving it for whatever: stage, n, ended, median, q25, q75, low, high, waiting, waiting_median, longest.

    `spells` as from `liantu.progress.spells`; `by` a group for each project id (first column, empty without). `n` spells at risk, `ended`
    of them left; median and quartiles by Kaplan-Meier with delayed entry, `low` and `high` the interval of the median (NaN: not reached).
    `waiting`: spells that last, those in no risk set among them, with their median and longest so far. `from_day`: the estimate is of those
    who stay beyond that day (see `steady`). `note`: `few` when never `few` were at risk (no estimate), `open` when the median is not
    reached, else empty.
    """
    risk = at_risk(spells)
    open_spells = spells[spells["to"].isna() & spells["days"].notna()]
    ready = {(stage, group): rows for stage, group, rows in _grouped(risk, by)}
    found = []
    for stage, group, rows in _grouped(spells[spells["days"].notna()], by):
        mine = ready.get((stage, group), risk.iloc[:0])
        kept, day = steady(mine, few)
        curve = kaplan_meier(kept["days"], kept["ended"], kept["entry"], level)
        median, low, high = quantile(curve)
        waiting = open_spells.loc[open_spells.index.intersection(rows.index), "days"]
        note = "few" if kept.empty else "open" if np.isnan(median) else ""
        found.append((group, stage, len(mine), int(mine["ended"].sum()), median, quantile(curve, 0.25)[0], quantile(curve, 0.75)[0],
                      low, high, len(waiting), waiting.median(), waiting.max(), day, note))
    table = pd.DataFrame(found, columns=_TIMES)
    return table.astype({"n": "int64", "ended": "int64", "waiting": "int64", "group": "str", "stage": "str", "note": "str"})


def transition_curves(spells: pd.DataFrame, by: pd.Series | None = None, level: float = 0.9, few: int = 10) -> pd.DataFrame:
    """The share that has left each stage by each day, onward or terminated: stage, to, group, days, share, low, high, at_risk.

    Aalen-Johansen with delayed entry; `to` is the next stage (or a later one: it has been passed) or `terminated`. A curve begins with a
    row at the day from which `few` were at risk (0 where possible) and share 0. Groups that never had so many are left out (they are in
    `time_in_stage` with note `few`).
    """
    parts = []
    for stage, group, rows in _grouped(at_risk(spells), by):
        kept, day = steady(rows, few)
        if kept.empty:
            continue
        onward = kept["to"].where((kept["to"] == TERMINATED) | kept["to"].isna() | (kept["to"] == UNLISTED), NEXT[stage])
        curve = aalen_johansen(kept["days"], onward.mask(onward == UNLISTED), kept["entry"], level)
        for to, own in curve.groupby("to", sort=True):
            zero = pd.DataFrame({"days": [day], "share": 0.0, "low": 0.0, "high": 0.0, "at_risk": own["at_risk"].iloc[:1].to_numpy()})
            line = pd.concat([zero, own[["days", "share", "low", "high", "at_risk"]]], ignore_index=True)
            parts.append(line.assign(stage=stage, to=to, group=group)[_CURVES])
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_CURVES)
    numbers = dict.fromkeys(("days", "share", "low", "high", "at_risk"), "float64")
    return table.astype(numbers | dict.fromkeys(("stage", "to", "group"), "str"))


def longest_waiting(spells: pd.DataFrame, n: int = 30, few: int = 10) -> pd.DataFrame:
    """The `n` projects that stand in their stage longest beyond the usual: project_id, stage, entered, days, usual, over, shorter.

    Only spells that last, of projects that ledgers still list. `usual` is the Kaplan-Meier median of the stage over all spells given,
    `over` the days beyond it (NaN, and listed last, where no median is reached), `shorter` the share of such spells that are over sooner.
    """
    risk, found = at_risk(spells), []
    rows = spells[spells["to"].isna() & spells["days"].notna()]
    for stage, mine in rows.groupby("stage", sort=False):
        kept, _ = steady(risk[risk["stage"] == stage], few)
        curve = kaplan_meier(kept["days"], kept["ended"], kept["entry"])
        usual = quantile(curve)[0]
        shorter = 1 - survival_at(curve, mine["days"]) if len(curve) else np.nan
        found.append(mine.assign(usual=usual, over=mine["days"] - usual, shorter=shorter))
    table = pd.concat(found, ignore_index=True) if found else rows.assign(usual=np.nan, over=np.nan, shorter=np.nan)
    table = table.sort_values(["over", "days", "project_id"], ascending=[False, False, True], na_position="last")
    return table[_LONGEST].head(n).reset_index(drop=True)


def permit_times(approvals: pd.DataFrame, milestones: pd.DataFrame, as_of: dt.date | pd.Timestamp, level: float = 0.9, few: int = 10,
                 ) -> pd.DataFrame:
    """For each approval how many need it and have it, and the days from filing until it is done: one row each, as in `approvals`.

    Columns: approval; since (filing; for filing itself signed); needed (done and pending), done, pending, not_needed; n (done, with both
    dates); median, low, high, q25, q75: Kaplan-Meier over these and the pending ones with a date of `since`, censored at `as_of`;
    done_median: of the done alone (too short while others wait); before (done on a day before `since`: in no median), undated (done
    without one of the dates); pending_dated, pending_median, pending_longest: how long pending ones wait so far. NaN where a median is not
    reached or there are fewer than `few` projects.
    """
    today = pd.Timestamp(as_of)
    filing = approvals[(approvals["approval"] == "filing") & (approvals["status"] == "done")].set_index("project_id")["date"].dropna()
    signed = milestones[milestones["stage"] == "signed"].set_index("project_id")["actual_date"].dropna()
    found = []
    for approval, rows in approvals.groupby("approval", sort=True):
        since = "signed" if approval == "filing" else "filing"
        begin = (signed if since == "signed" else filing).reindex(rows["project_id"]).set_axis(rows.index)
        found.append((approval, since, *_permit(rows, begin.astype("datetime64[ms]"), today, level, few)))
    table = pd.DataFrame(found, columns=_PERMITS)
    counts = ["needed", "done", "pending", "not_needed", "n", "before", "undated", "pending_dated"]
    return table.astype(dict.fromkeys(counts, "int64") | {"approval": "str", "since": "str"})


def _permit(rows: pd.DataFrame, begin: pd.Series, today: pd.Timestamp, level: float, few: int) -> tuple:
    """The numbers of one approval, in the order of its columns."""
    done, pending = rows["status"] == "done", rows["status"] == "pending"
    days = ((rows["date"].where(done, today) - begin).dt.days).astype("float64")
    before = done & (days < 0)
    used = (done | pending) & (days >= 0)
    curve = kaplan_meier(days[used], done[used], level=level) if used.sum() >= few else kaplan_meier([], [])
    wait = days[pending & used]
    ended = int((done & used).sum())
    none = rows["status"] == "not_needed"
    return (int((done | pending).sum()), int(done.sum()), int(pending.sum()), int(none.sum()), ended, *quantile(curve),
            quantile(curve, 0.25)[0], quantile(curve, 0.75)[0], days[done & used].median() if ended >= few else np.nan,
            int(before.sum()), int((done & days.isna()).sum()), len(wait), wait.median(), wait.max())
