"""The past cut into intervals: which phases were open at the start of each, and which were newly reported by its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd

from liantu.progress.forecasting.reading import Known

QUARTER = 91.0
CUTS = (1, 4)
FULL = 0.8
"""Where nothing is known of the delay, at least one and at most four newest quarters of event dates are left out as not yet fully reported:
those before the first whose ends are at least this share of the usual."""


@dataclass(frozen=True)
class Interval:
    """One past interval: `rows` open at its start (columns of Known.rows) with `ended`; `entrants`: ends by stage of rows unlisted then."""

    start: float
    end: float
    rows: pd.DataFrame
    ended: np.ndarray
    entrants: pd.Series


@dataclass(frozen=True)
class Past:
    """All intervals, oldest first; `source` tells how they were seen: `history`, `reports` (first_reported) or `events` (dates of ends).

    `delays`: stage, delay (days from an end to the snapshot that first told it; NaN: told without a date) of ends newly reported.
    `later`: ends by stage and lag of rows not listed when the first of `lag` intervals began, newly reported in the last of them; `lags`:
    how many such windows there were (index lag). Both are empty unless seen in history.
    """

    source: str
    intervals: tuple[Interval, ...]
    delays: pd.DataFrame
    later: pd.DataFrame
    lags: pd.Series


def newly(before: Known, after: Known) -> tuple[np.ndarray, np.ndarray]:
    """For each row of `before` whether it is newly reached in `after`; for each row of `after` whether it is and was not listed before."""
    place = pd.Index(after.rows["key"]).get_indexer(before.rows["key"])
    reached = after.rows["reached"].to_numpy()
    ended = (place >= 0) & ~before.rows["reached"].to_numpy()
    ended[ended] = reached[place[ended]]
    fresh = reached & ~(after.rows["first"].to_numpy() <= before.day)
    fresh[place[place >= 0]] = False
    return ended, fresh


def past(tables: Sequence[Known]) -> Past:
    """The past as known at the last of `tables` (oldest first): from earlier tables, else from first reports, else from dates of ends."""
    if len(tables) > 1:
        return _of_history(tables)
    return _of_reports(tables[-1]) or _of_events(tables[-1])


def _between(before: Known, after: Known) -> tuple[Interval, pd.DataFrame]:
    ended, fresh = newly(before, after)
    waiting = ~before.rows["reached"].to_numpy()
    entrants = after.rows.loc[fresh, "stage"].value_counts()
    place = pd.Index(after.rows["key"]).get_indexer(before.rows["key"][ended])
    told = pd.concat([after.rows.iloc[place], after.rows[fresh]])
    delays = pd.DataFrame({"stage": told["stage"].to_numpy(), "delay": after.day - told["end"].to_numpy()})
    return Interval(before.day, after.day, before.rows[waiting].reset_index(drop=True), ended[waiting], entrants), delays


def _of_history(tables: Sequence[Known]) -> Past:
    steps = [_between(before, after) for before, after in pairwise(tables)]
    later, lags = _later_entrants(tables)
    return Past("history", tuple(step[0] for step in steps), pd.concat([step[1] for step in steps], ignore_index=True), later, lags)


def _later_entrants(tables: Sequence[Known]) -> tuple[pd.DataFrame, pd.Series]:
    """Ends by stage (index) and lag (columns): newly reported in the last of `lag` intervals, of rows not listed when the first began."""
    counts: dict[int, list[pd.Series]] = {}
    for first in range(len(tables) - 1):
        listed = pd.Index(tables[first].rows["key"])
        for last in range(first + 1, len(tables)):
            ended, fresh = newly(tables[last - 1], tables[last])
            new = pd.concat([tables[last - 1].rows.loc[ended, ["key", "stage"]], tables[last].rows.loc[fresh, ["key", "stage"]]])
            unlisted = listed.get_indexer(new["key"]) < 0
            counts.setdefault(last - first, []).append(new.loc[unlisted, "stage"].value_counts())
    return _by_lag(counts)


def cut(ends: np.ndarray, day: float) -> float:
    """Days before `day` whose ends (days since 1970-01-01) are not all reported yet, judged by how their number falls off."""
    ago = np.floor((day - ends) / QUARTER).astype(int)
    counts = np.bincount(ago[(ago >= 0) & (ago < 13)], minlength=13)[:13]
    usual = float(np.median(counts[CUTS[1] - 1 :]))
    full = np.flatnonzero(counts >= FULL * usual)
    first = int(full[full >= CUTS[0]][0]) if (full >= CUTS[0]).any() else CUTS[1]
    return QUARTER * min(max(first, CUTS[0]), CUTS[1])


def _empty_later() -> tuple[pd.DataFrame, pd.Series]:
    return pd.DataFrame(dtype=float), pd.Series(dtype=float)


def _of_reports(now: Known) -> Past | None:
    """Intervals between the dates of first reports, when there are at least two; plan dates of then are not known and are left out."""
    first = now.rows["first"].to_numpy()
    days = np.unique(first[~np.isnan(first)])
    if len(days) < 2:
        return None
    if len(days) > 9:
        # Reported day by day: cut into quarters backwards from now.
        days = np.arange(now.day, days[0], -QUARTER)[:9][::-1]
    intervals, delays = [], []
    for start, end in pairwise(days):
        then = replace(now, day=start, rows=_as_reported(now.rows, start))
        after = replace(now, day=end, rows=_as_reported(now.rows, end))
        interval, delay = _between(then, after)
        intervals.append(interval)
        delays.append(delay)
    return Past("reports", tuple(intervals), pd.concat(delays, ignore_index=True), *_empty_later()) if intervals else None


def _as_reported(rows: pd.DataFrame, day: float) -> pd.DataFrame:
    when = rows["first"].fillna(rows["end"])
    return rows.assign(reached=rows["reached"] & (when <= day), planned=np.nan)


def _of_events(now: Known) -> Past:
    """Intervals on the dates of ends themselves, the newest months left out; a project is listed from its first date."""
    dated = now.rows[~(now.rows["reached"] & now.rows["end"].isna())].assign(planned=np.nan)
    begin = dated["start"].where(dated["start"] <= now.day)
    first = np.fmin(begin, dated["end"]).groupby(dated["project"]).transform("min").to_numpy()
    ends = dated["end"].dropna()
    intervals: list[Interval] = []
    newest = now.day - cut(ends.to_numpy(), now.day)
    for number in range(6, 0, -1):
        start = newest - number * QUARTER
        if ends.empty or start < ends.quantile(0.02):
            continue
        inside = dated["end"].between(start, start + QUARTER, inclusive="right").to_numpy()
        waiting = ~(dated["end"] <= start).to_numpy() & ~(first > start)
        entrants = dated.loc[inside & (first > start), "stage"].value_counts()
        intervals.append(Interval(start, start + QUARTER, dated[waiting].reset_index(drop=True), inside[waiting], entrants))
    unseen = pd.DataFrame({"stage": pd.Series(dtype="str"), "delay": pd.Series(dtype=float)})
    return Past("events", tuple(intervals), unseen, *_later_events(dated, first, [part.start for part in intervals]))


def _later_events(dated: pd.DataFrame, first: np.ndarray, starts: Sequence[float]) -> tuple[pd.DataFrame, pd.Series]:
    """As `_later_entrants`, from dates of ends: projects whose first date comes after an interval began were not listed then."""
    counts: dict[int, list[pd.Series]] = {}
    for number, begin in enumerate(starts):
        for lag, start in enumerate(starts[number:], start=1):
            inside = dated["end"].between(start, start + QUARTER, inclusive="right").to_numpy() & (first > begin)
            counts.setdefault(lag, []).append(dated.loc[inside, "stage"].value_counts())
    return _by_lag(counts)


def _by_lag(counts: dict[int, list[pd.Series]]) -> tuple[pd.DataFrame, pd.Series]:
    table = pd.DataFrame({lag: pd.concat(parts, axis=1).sum(axis=1) for lag, parts in counts.items()}).fillna(0.0)
    return table, pd.Series({lag: len(parts) for lag, parts in counts.items()}, dtype=float)
