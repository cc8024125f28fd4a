"""Dates and sums that a later ledger of the same kind of reporter gives otherwise, with the reason that its note gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from liantu.ledger.checking.again import series_again
from liantu.ledger.checking.reasons import reasons
from liantu.reference.checking import ChangeRules, CheckingRules
from liantu.tables.contracts import APPROVALS, CHANGES, PRECISIONS, STAGES
from liantu.tables.fold import RANK, in_order
from liantu.tables.runs import codes_of

_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
Numbers = np.ndarray


def changes(observations: pd.DataFrame, rules: CheckingRules, doubtful: Iterable[tuple[Any, str]] = ()) -> pd.DataFrame:
    """The table `changes`: one row for each date or sum of a project that a later ledger of the same kind of reporter gives otherwise.

    `observations` follows its contract; `doubtful` names cells (index, column) that are left out, such as slips of unit. Planned and
    actual dates of every stage, dates of approvals, the total and the area; the year's plan within its year; money done only when it
    falls. A date that only becomes more or less precise has not changed. An actual date that is empty again while the row's own stage
    lies before it is withdrawn: its latest date is empty. `reason` is the sentence of the row's note that gives one; empty: none given.
    An area stands in the columns of sums, in mu. Rows of later snapshots change nothing about earlier rows of the result.
    """
    ledgers = _Ledgers(_ordered(observations, doubtful))
    parts = [_dates(ledgers, f"{stage}_{side}") for stage in STAGES for side in ("planned", "actual")]
    parts += [_dates(ledgers, f"{approval}_date") for approval in APPROVALS]
    parts += [_sums(ledgers, column, rules.changes) for column in (
        *rules.changes.amounts, *rules.changes.amounts_of_year, *rules.changes.falling, *rules.changes.falling_in_year)]
    found = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    found["reason"] = reasons(found["note"], rules.reasons)
    return CHANGES.conform(found.sort_values(["project_id", "field", "source", "snapshot"], kind="stable"))


def _ordered(observations: pd.DataFrame, doubtful: Iterable[tuple[Any, str]]) -> pd.DataFrame:
    left_out: dict[str, set[Any]] = {}
    for index, column in doubtful:
        left_out.setdefault(column, set()).add(index)
    kept = {column: observations[column].mask(observations.index.isin(places)) for column, places in left_out.items()}
    return in_order(observations.assign(**kept)[series_again(observations)])


@dataclass(frozen=True)
class _Ledgers:
    """Observations in the order in which they count, and their groups: what one kind of reporter says of a project in one snapshot."""

    known: pd.DataFrame

    @cached_property
    def order(self) -> Numbers:
        """Places of the rows: a project's reporter after the other, each from old to new."""
        return np.argsort(self._series_of_row, kind="stable")

    @cached_property
    def _series_of_row(self) -> Numbers:
        project, source = (pd.factorize(self.known[name])[0].astype("int64") for name in ("project_id", "source"))
        return project * (int(source.max(initial=0)) + 1) + source

    @cached_property
    def last(self) -> Numbers:
        """For each group the place in `order` of its last row, the one that counts most."""
        series, day = self._series_of_row[self.order], self.known["snapshot"].to_numpy()[self.order]
        return np.flatnonzero(np.r_[(series[1:] != series[:-1]) | (day[1:] != day[:-1]), np.full(min(len(series), 1), True)])

    @cached_property
    def series(self) -> Numbers:
        """Project and reporter of each group."""
        return self._series_of_row[self.order][self.last]

    @cached_property
    def year(self) -> Numbers:
        """The year of the snapshot of each group."""
        return self.known["snapshot"].dt.year.to_numpy()[self.order][self.last]

    @cached_property
    def rank(self) -> Numbers:
        """How far each group's stage is; infinite where none is stated."""
        stage = self.rows_of("stage")
        return self.known["stage"].map(RANK).astype("float64").fillna(np.inf).to_numpy()[stage]

    def rows_of(self, column: str) -> Numbers:
        """For each group the place in `known` of the row that counts for a column: the last that gives it, else the last."""
        told = self.known[column].notna().to_numpy()[self.order]
        newest = np.maximum.accumulate(np.where(told, np.arange(len(told)), -1)) if len(told) else np.zeros(0, dtype="int64")
        first = np.r_[0, self.last[:-1] + 1][: len(self.last)]
        within = newest[self.last] >= first
        return self.order[np.where(within, newest[self.last], self.last)]


def _dates(ledgers: _Ledgers, column: str) -> pd.DataFrame:
    rows = ledgers.rows_of(column)
    day = ledgers.known[column].to_numpy("datetime64[D]")[rows]
    told = ~np.isnat(day)
    if not told.any():
        return _frame(ledgers, column, rows, *[np.zeros(0, dtype="int64")] * 3)
    before, now, first = _moved(ledgers, _restless(np.flatnonzero(told), ledgers.series, day), day, _precision(ledgers, column, rows))
    if column.endswith("_actual"):
        gone = _withdrawn(ledgers, told, column.removesuffix("_actual"))
        start = _first_of_series(np.flatnonzero(told), ledgers.series)
        first = np.r_[first, start[np.searchsorted(np.flatnonzero(told), gone - 1)]]
        before, now = np.r_[before, gone - 1], np.r_[now, gone]
    return _frame(ledgers, column, rows, before, now, first)


def _restless(groups: Numbers, series: Numbers, day: Numbers) -> Numbers:
    """The groups of those series in which the date is not the same every time."""
    other = (series[groups[1:]] == series[groups[:-1]]) & (day[groups[1:]] != day[groups[:-1]])
    return groups[np.isin(series[groups], series[groups[1:]][other])]


def _moved(ledgers: _Ledgers, groups: Numbers, day: Numbers, precision: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Groups before, now and first in their series, of each date that lies outside the period told before, and that outside this one."""
    low, high = np.zeros(len(day), dtype="datetime64[D]"), day
    low[groups] = _from(day[groups], precision[groups])
    before, now, first = _pairs(_without_coarser(groups, ledgers.series, low, high), ledgers.series)
    nested = ((low[now] >= low[before]) & (high[now] <= high[before])) | ((low[before] >= low[now]) & (high[before] <= high[now]))
    return before[~nested], now[~nested], first[~nested]


def _precision(ledgers: _Ledgers, column: str, rows: Numbers) -> Numbers:
    """The place in PRECISIONS of each group's date, -1 where none is stated."""
    name = f"{column}_precision"
    if name in ledgers.known:
        return codes_of(ledgers.known[name], PRECISIONS)[rows]
    return _widest(ledgers.known[column].to_numpy("datetime64[D]")[rows])


def _widest(day: Numbers) -> Numbers:
    """Dates of approvals come without their precision: each may stand for the longest period that ends on it."""
    month = day.astype("datetime64[M]").astype("int64") + 1
    inside = (day - day.astype("datetime64[M]").astype("datetime64[D]")).astype("int64") + 1
    ends = (day + 1).astype("datetime64[M]") != day.astype("datetime64[M]")
    periods = [ends & (month % months == 0) for months in (12, 6, 3, 1)]
    names = ("year", "half", "quarter", "month", "ten_days")
    return np.select([*periods, np.isin(inside, (10, 20))], [PRECISIONS.index(name) for name in names], -1)


def _from(day: Numbers, precision: Numbers) -> Numbers:
    """The first day of the period that each date is the last day of."""
    month = day.astype("datetime64[M]").astype("int64")
    inside = (day - day.astype("datetime64[M]").astype("datetime64[D]")).astype("int64")
    start = np.where(precision == PRECISIONS.index("ten_days"), day - np.where(inside < 20, inside % 10, inside - 20), day)
    for name, months in _MONTHS.items():
        first = (month // months * months).astype("datetime64[M]").astype("datetime64[D]")
        start = np.where(precision == PRECISIONS.index(name), first, start)
    return start


def _without_coarser(groups: Numbers, series: Numbers, low: Numbers, high: Numbers) -> Numbers:
    """The groups without those that only repeat the date before them less precisely, so that the more precise one stays to compare with."""
    while len(groups) > 1:
        before, now = groups[:-1], groups[1:]
        wider = (low[now] <= low[before]) & (high[now] >= high[before]) & ((low[now] < low[before]) | (high[now] > high[before]))
        repeats = np.r_[False, wider & (series[now] == series[before])]
        if not repeats.any():
            break
        groups = groups[~repeats]
    return groups


def _withdrawn(ledgers: _Ledgers, told: Numbers, stage: str) -> Numbers:
    """The groups whose stage lies before one that the group before them dated, and that give no date of it any more."""
    same = np.r_[np.full(min(len(told), 1), False), (ledgers.series[1:] == ledgers.series[:-1]) & told[:-1]]
    return np.flatnonzero(same & ~told & (ledgers.rank < RANK[stage]))


def _sums(ledgers: _Ledgers, column: str, rules: ChangeRules) -> pd.DataFrame:
    rows = ledgers.rows_of(column)
    value = ledgers.known[column].to_numpy("float64", na_value=np.nan)[rows]
    series = ledgers.series
    if column in (*rules.amounts_of_year, *rules.falling_in_year):
        series = series * 10_000 + ledgers.year
    before, now, first = _pairs(np.flatnonzero(~np.isnan(value)), series)
    fall = value[before] - value[now]
    only_down = column in (*rules.falling, *rules.falling_in_year)
    changed = (fall if only_down else np.abs(fall)) > rules.least_share * np.maximum(value[before], value[now])
    return _frame(ledgers, column, rows, before[changed], now[changed], first[changed])


def _pairs(groups: Numbers, series: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Each group with the one before it and the first one of its series."""
    follows = np.flatnonzero(series[groups[1:]] == series[groups[:-1]])
    start = _first_of_series(groups, series)
    return groups[follows], groups[follows + 1], start[follows + 1]


def _first_of_series(groups: Numbers, series: Numbers) -> Numbers:
    new = np.r_[np.full(min(len(groups), 1), True), series[groups[1:]] != series[groups[:-1]]]
    return groups[np.maximum.accumulate(np.where(new, np.arange(len(groups)), 0))] if len(groups) else groups


def _frame(ledgers: _Ledgers, column: str, rows: Numbers, before: Numbers, now: Numbers, first: Numbers) -> pd.DataFrame:
    """Rows of `changes` for the groups `now`, with the groups of the previous and of the first value."""
    known = ledgers.known
    kept = known.iloc[rows[now]][["project_id", "source", "snapshot", "source_file", "sheet", "row", "note"]].reset_index(drop=True)
    kind = "wan" if known[column].dtype.kind == "f" else "date"
    values = {f"{name}_{kind}": known[column].iloc[rows[groups]].array for name, groups in (
        ("original", first), ("previous", before), ("latest", now))}
    return kept.assign(field=column, previous_snapshot=known["snapshot"].iloc[rows[before]].array, **values)
