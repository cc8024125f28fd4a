"""Key tasks: which are done, late, under way or not begun, how late, how far along for their time, and what their rows contradict."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from liantu.assess.service.rules import ServiceRules

STATES = ("done", "late", "under_way", "not_begun")
"""The states of a task; late: not done, and due before today or said to be late."""
FAULTS = ("done_without_date", "done_without_progress", "full_without_done", "dated_without_done", "begun_though_not", "done_ahead",
          "progress_fell", "due_moved")
"""What a task's own rows contradict (see `task_faults`)."""
_FULL = 1 - 1e-9
_COUNTS = ["group", "tasks", *STATES, "overdue", "done_late", "progress", "elapsed", "delay_done", "delay_overdue"]


def newest_rows(rows: pd.DataFrame, key: str) -> pd.DataFrame:
    """Each key by its newest row, with `listed`: whether the newest snapshot of all still lists it."""
    last = rows.sort_values("snapshot", kind="stable").drop_duplicates(key, keep="last")
    return last.assign(listed=last["snapshot"] == rows["snapshot"].max()).sort_values(key, kind="stable").reset_index(drop=True)


def task_states(tasks: pd.DataFrame, as_of: dt.date, rules: ServiceRules) -> pd.DataFrame:
    """One row for each key task by its newest row: what ledgers say, its state, and how it stands against its due date.

    `tasks` follows its contract and may hold several snapshots; rows of `rules.not_key_kinds` are left out. Added columns: state (one of
    STATES), overdue (not done, due before `as_of`), done_late (done after its due date), delay_days (of those done late and of those
    overdue; else NaN), elapsed (share of the time from 1 January of the due year to the due date that is gone, 0 to 1; NaN without due
    date), behind (progress less elapsed, of tasks not done), listed (the newest ledger still lists it).
    """
    own = tasks[~tasks["kind"].isin(rules.not_key_kinds)]
    rows, today = newest_rows(own, "task_id"), pd.Timestamp(as_of)
    said = rows["status"].fillna("").str.strip()
    dated = rows["done_date"] <= today
    done = dated | said.isin(rules.done_words) | (rows["progress"] >= _FULL)
    overdue = ~done & (rows["due"] < today)
    late = ~done & (overdue | said.isin(rules.late_words))
    idle = ~done & ~late & (said.isin(rules.not_begun_words) | (~said.isin(rules.under_way_words) & (rows["progress"].fillna(0) == 0)))
    days = (rows["done_date"].where(dated, today) - rows["due"]).dt.days.astype("float64")
    done_late = dated & (days > 0)
    begin = pd.to_datetime(rows["due"].dt.year.astype("Int64").astype("str") + "-01-01", errors="coerce")
    elapsed = ((today - begin).dt.days / (rows["due"] - begin).dt.days.where(rows["due"] > begin)).astype("float64").clip(0, 1)
    return rows.assign(
        state=pd.Series(np.select([done, late, idle], ["done", "late", "not_begun"], "under_way"), index=rows.index, dtype="str"),
        overdue=overdue.astype("bool"), done_late=done_late.astype("bool"),
        delay_days=days.where(done_late | overdue), elapsed=elapsed, behind=(rows["progress"] - elapsed).mask(done))


def task_counts(states: pd.DataFrame, by: str = "") -> pd.DataFrame:
    """How the tasks of each group stand: group, tasks, one column for each of STATES, and their delays; without `by` one row for all.

    `states` as from `task_states`. overdue and done_late: of late and of done; progress and elapsed: means over the tasks that state them
    (0 to 1); delay_done and delay_overdue: median days. A group that no row names is empty.
    """
    if states.empty:
        return pd.DataFrame(columns=_COUNTS)
    group = states[by].astype("object").fillna("") if by else pd.Series("", index=states.index)
    rows = states.assign(group=group, delay_done=states["delay_days"].where(states["done_late"]),
                         delay_overdue=states["delay_days"].where(states["overdue"]))
    rows = rows.assign(**{name: rows["state"] == name for name in STATES})
    table = rows.groupby("group", sort=True).agg(
        tasks=("task_id", "size"), **{name: (name, "sum") for name in (*STATES, "overdue", "done_late")}, progress=("progress", "mean"),
        elapsed=("elapsed", "mean"), delay_done=("delay_done", "median"), delay_overdue=("delay_overdue", "median"))
    return table.reset_index()[_COUNTS]


def task_faults(tasks: pd.DataFrame, states: pd.DataFrame, rules: ServiceRules) -> pd.DataFrame:
    """What the rows of a task contradict: task_id, fault (one of FAULTS), said, shown; one row for each.

    done_without_date, done_without_progress: said to be done, without a date or with progress below 1; full_without_done,
    dated_without_done: progress 1 or a date, yet said to be something else; begun_though_not: not begun, yet progress; done_ahead: a date
    behind its ledger; progress_fell, due_moved: against the ledger before. Rows that are consistent are in none.
    """
    said = states["status"].fillna("").str.strip()
    done, known = said.isin(rules.done_words), said != ""
    progress, date = states["progress"], states["done_date"]
    before = _before(tasks[tasks["task_id"].isin(states["task_id"])]).reindex(states["task_id"]).set_axis(states.index)
    found = {
        "done_without_date": (done & date.isna(), said, ""), "done_without_progress": (done & (progress < _FULL), said, progress),
        "full_without_done": ((progress >= _FULL) & known & ~done, said, progress),
        "dated_without_done": (date.notna() & known & ~done, said, date),
        "begun_though_not": (said.isin(rules.not_begun_words) & (progress > 0), said, progress),
        "done_ahead": (date > states["snapshot"], date, states["snapshot"]),
        "progress_fell": (progress < before["progress"], progress, before["progress"]),
        "due_moved": (states["due"] > before["due"], states["due"], before["due"])}
    parts = [pd.DataFrame({"task_id": states["task_id"], "fault": fault, "said": _text(one, states), "shown": _text(other, states)})[wrong]
             for fault, (wrong, one, other) in found.items()]
    return pd.concat(parts, ignore_index=True).astype("str")


def _before(tasks: pd.DataFrame) -> pd.DataFrame:
    """progress and due of each task in the ledger before its newest one."""
    rows = tasks.sort_values("snapshot", kind="stable")
    earlier = rows[rows.duplicated("task_id", keep="last")]
    return earlier.drop_duplicates("task_id", keep="last").set_index("task_id")[["progress", "due"]]


def _text(values: pd.Series | str, like: pd.DataFrame) -> pd.Series:
    """Values as they are read: dates as days, shares as per cents, missing as nothing."""
    if isinstance(values, str):
        return pd.Series(values, index=like.index)
    if values.dtype.kind == "M":
        return values.dt.strftime("%Y-%m-%d").fillna("")
    if values.dtype.kind == "f":
        return pd.Series(["" if pd.isna(value) else f"{value:.0%}" for value in values], index=values.index, dtype="str")
    return values
