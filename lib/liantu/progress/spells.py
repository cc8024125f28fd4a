"""Each time a project stands in a stage: when it entered, from when it was known, when it left and for which stage.

Two corrections belong here and nowhere else. A project that is long in a stage when the first ledger is collected is listed because it is
still there, so it counts as at risk only from that ledger on (delayed entry). A stage that is stated without a date was reached at the
latest when the first ledger said so, and that day stands for it as the day of leaving, never as the day of entering.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from liantu.progress.counts import FLOW

TERMINATED = "terminated"
UNLISTED = "unlisted"
"""The `to` of a spell whose project the newest ledger of its county no longer lists: what became of it is not known (censored)."""
STAYS = FLOW[:-1]
"""The stages in which a project can stand; who is at capacity has arrived."""
NOTES = ("undated_entry", "out_of_order", "over_before", "known_today")
"""Why a spell is in no risk set: entered on an unknown day; dates out of order; over before the first ledger that lists the project;
first listed only on the last day."""
LENGTHS = {"day": 0, "ten_days": 10, "month": 30, "quarter": 91, "half": 183, "year": 365}
"""How many days a date may lie before the last day of its period, by its precision."""
COLUMNS = ["project_id", "stage", "entered", "known_from", "left", "to", "days", "by_ledger", "precision", "note"]
_ALL = (*FLOW, TERMINATED)
Day = dt.date | pd.Timestamp
_NAT = np.datetime64("NaT", "D")


@dataclass(frozen=True, eq=False)
class Lives:
    """What is known of projects at a date, as arrays of projects x (FLOW and `terminated`).

    `at`: actual dates (datetime64[D], NaT: undated or not reached); `reported`: first ledger that says so; `reached`: whether it happened;
    `precision`: of the dates. `first`, `last`: first and last ledger that lists the project; `listed`: the newest of its county does.
    """

    ids: pd.Index
    at: np.ndarray
    reported: np.ndarray
    reached: np.ndarray
    precision: np.ndarray
    first: np.ndarray
    last: np.ndarray
    listed: np.ndarray
    ahead: int


def lives(projects: pd.DataFrame, milestones: pd.DataFrame, as_of: Day, first_snapshot: Day | None = None) -> Lives:
    """The lives of `projects` as `milestones` tell them up to `as_of`; milestones of other projects are not used.

    A stage has happened when it has an actual date or a ledger that reports it (up to `as_of`); a date behind `as_of` of a reported stage
    is no date (`ahead` counts them). `first_snapshot` stands for a project without one.
    """
    ids = pd.Index(projects["project_id"].astype("str"), name="project_id")
    today = np.datetime64(pd.Timestamp(as_of), "D")
    rows = milestones[milestones["stage"].isin(_ALL)]
    row, column = ids.get_indexer(rows["project_id"]), pd.Index(_ALL).get_indexer(rows["stage"])
    mine = row >= 0
    row, column = row[mine], column[mine]
    shape = (len(ids), len(_ALL))
    at, reported = np.full(shape, _NAT), np.full(shape, _NAT)
    at[row, column] = rows["actual_date"].to_numpy(dtype="datetime64[D]")[mine]
    reported[row, column] = rows["first_reported"].to_numpy(dtype="datetime64[D]")[mine]
    precision = np.full(shape, "", dtype=object)
    precision[row, column] = rows["precision"].fillna("").to_numpy(dtype=object)[mine]
    reported[reported > today] = _NAT
    ahead = (at > today) & ~np.isnat(reported)
    at[at > today] = _NAT
    first, last = (projects[name].to_numpy(dtype="datetime64[D]") for name in ("first_snapshot", "last_snapshot"))
    begun = _NAT if first_snapshot is None else np.datetime64(pd.Timestamp(first_snapshot), "D")
    first = np.where(np.isnat(first), begun, first)
    return Lives(ids, at, reported, ~np.isnat(at) | ~np.isnat(reported), precision, first, last, _listed(projects, last), int(ahead.sum()))


def _listed(projects: pd.DataFrame, last: np.ndarray) -> np.ndarray:
    """Whether the newest ledger of its county lists each project; a project without ledgers counts as listed."""
    if not len(projects):
        return np.zeros(0, dtype=bool)
    county = projects["county"].fillna("") if "county" in projects else pd.Series("", index=projects.index)
    newest = pd.Series(last, index=projects.index).groupby(county).transform("max").to_numpy(dtype="datetime64[D]")
    return ~(last < newest)


def spells(projects: pd.DataFrame, milestones: pd.DataFrame, as_of: Day, first_snapshot: Day | None = None) -> pd.DataFrame:
    """One row each time a project stands in a stage of STAYS: project_id, stage, entered, known_from, left, to, days and what is odd.

    `projects` and `milestones` follow their contracts, as known at `as_of`. A spell ends with the next stage that is reported (stages may
    be passed unsaid) or with termination; `to` is missing while it lasts, UNLISTED (with the last ledger that listed the project as
    `left`) where ledgers dropped the project. `known_from`: the entry, or the first ledger that lists the project if that is later. `days`
    from the entry to `left`, else to `as_of` (censored there). `by_ledger`: the end has no date of its own, so the first ledger that
    reports it stands for it (no later than the next dated stage): such days are too long. `precision` is that of the entry; a date known
    to a period is the period's last day, and an end inside that period gives 0 days. `note` is one of NOTES for a spell that no risk set
    may hold, else empty; rows without an entry or out of order have no days.
    """
    known = lives(projects, milestones, as_of, first_snapshot)
    return spells_of(known, as_of)


def spells_of(known: Lives, as_of: Day) -> pd.DataFrame:
    """The `spells` of some lives."""
    today = np.datetime64(pd.Timestamp(as_of), "D")
    ends, by_ledger = _ends(known)
    to = _next(known.reached)
    parts = []
    for place, stage in enumerate(STAYS):
        who = np.flatnonzero(known.reached[:, place])
        where = to[who, place]
        left = np.where(where >= 0, ends[who, where], np.where(known.listed[who], _NAT, known.last[who]))
        names = np.array([*_ALL, None], dtype=object)[where]
        parts.append(_stay(known, stage, who, left, np.where((where < 0) & ~known.listed[who], UNLISTED, names),
                           by_ledger[who, where] & (where >= 0), today))
    table = pd.concat(parts, ignore_index=True)
    order = np.lexsort((pd.Index(STAYS).get_indexer(table["stage"]), table["project_id"].to_numpy(dtype=object)))
    return table.iloc[order].reset_index(drop=True)


def _stay(known: Lives, stage: str, who: np.ndarray, left: np.ndarray, to: np.ndarray, by_ledger: np.ndarray, today: np.datetime64,
          ) -> pd.DataFrame:
    """The spells of the projects at places `who` in one stage."""
    place = FLOW.index(stage)
    entered, precision = known.at[who, place], known.precision[who, place]
    slack = np.array([LENGTHS.get(name, 0) for name in precision], dtype="timedelta64[D]")
    left = np.where((left < entered) & ((entered - left <= slack) | (to == UNLISTED)), entered, left)
    known_from = np.where(known.first[who] > entered, known.first[who], entered)
    until = np.where(np.isnat(left), today, left)
    days = (until - entered).astype("float64")
    undated, backward = np.isnat(entered), ~np.isnat(left) & (left < entered)
    days[undated | backward] = np.nan
    # An end on the day of entry is half a day of risk; one on the day on which an older spell becomes known is none.
    gone = (until < known_from) | ((until == known_from) & (known_from > entered))
    late = np.where(np.isnat(left), "known_today", "over_before")
    note = np.select([undated, backward, gone], ["undated_entry", "out_of_order", late], default="")
    table = pd.DataFrame({
        "project_id": known.ids[who], "stage": stage, "entered": entered.astype("datetime64[ms]"),
        "known_from": known_from.astype("datetime64[ms]"), "left": left.astype("datetime64[ms]"), "to": to, "days": days,
        "by_ledger": by_ledger, "precision": precision, "note": note})
    return table.astype(dict.fromkeys(("project_id", "stage", "to", "precision", "note"), "str"))[COLUMNS]


def _ends(known: Lives) -> tuple[np.ndarray, np.ndarray]:
    """The day that ends a spell for each project and stage, and whether a ledger's date stands for it.

    A stage without a date lies before the dated stages after it, so their earliest bounds the ledger's date.
    """
    flow = len(FLOW)
    later = np.full(known.at.shape, _NAT)
    bound = np.full(len(known.ids), _NAT)
    for place in range(flow - 1, -1, -1):
        later[:, place] = bound
        bound = np.fmin(bound, known.at[:, place])
    undated = np.isnat(known.at)
    return np.where(undated, np.fmin(known.reported, later), known.at), undated & known.reached


def _next(reached: np.ndarray) -> np.ndarray:
    """For each project and stage of STAYS the place of the next stage it reached, of `terminated` if that came, else -1."""
    nearest = np.where(reached[:, -1], len(FLOW), -1)
    found = np.full((len(reached), len(STAYS)), -1)
    for place in range(len(STAYS) - 1, -1, -1):
        nearest = np.where(reached[:, place + 1], place + 1, nearest)
        found[:, place] = nearest
    return found


def at_risk(table: pd.DataFrame) -> pd.DataFrame:
    """The spells that a risk set may hold (no note), with `entry` (days at risk begin) and `ended` (left for a stage that is known)."""
    rows = table[table["note"] == ""]
    entry = (rows["known_from"] - rows["entered"]).dt.days.astype("float64")
    return rows.assign(entry=entry, ended=rows["to"].notna() & (rows["to"] != UNLISTED)).reset_index(drop=True)


def spell_notes(table: pd.DataFrame) -> pd.DataFrame:
    """How many spells are left out of risk sets and why, and how many have a doubtful length: note, n; only what occurs.

    Beside NOTES: `by_ledger` (end dated by the first ledger that reports it), `coarse` (entered within a quarter or longer), `unlisted`.
    """
    counts = {name: int((table["note"] == name).sum()) for name in NOTES}
    good = table[table["note"] == ""]
    counts |= {"by_ledger": int(good["by_ledger"].sum()), "coarse": int(good["precision"].isin(["quarter", "half", "year"]).sum()),
               UNLISTED: int((good["to"] == UNLISTED).sum())}
    return pd.DataFrame([(name, n) for name, n in counts.items() if n], columns=["note", "n"]).astype({"note": "str", "n": "int64"})
