"""The funnel: how many of those who reached a stage reached the next, by cohort, by snapshot and by group; and where a cohort is now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from liantu.progress.counts import FLOW
from liantu.progress.funnel_rules import UNDATED, UNKNOWN
from liantu.progress.spells import Lives, lives

RATES = {"landing": ("signed", "approved"), "start": ("approved", "started"), "completion": ("started", "completed"),
         "capacity": ("producing", "at_capacity")}
"""Each rate: the stage of those it is a share of, and the stage they have reached (or passed)."""
COLUMNS = ["group", "rate", "base", "reached", "share", "low", "high", "implied", "note"]
Day = dt.date | pd.Timestamp


def passed(known: Lives, stage: str) -> np.ndarray:
    """Which projects reached `stage`: it is reported, or a later one is (it has been passed, said or not)."""
    return known.reached[:, FLOW.index(stage):len(FLOW)].any(axis=1)


def funnel_rates(projects: pd.DataFrame, milestones: pd.DataFrame, as_of: Day, by: pd.Series | None = None, level: float = 0.9,
                 few: int = 10) -> pd.DataFrame:
    """The four rates of all projects known at `as_of`, or of each group: group, rate, base, reached, share, low, high, implied, note.

    `projects` and `milestones` follow their contracts, as known at `as_of`. `base` are those reported to have reached the stage that a rate
    divides by, `reached` those of them who reached its next stage or a later one, so a share is at most 1; it is not rounded. Who is known
    only by a later stage is not in `base` (without the later stage nobody would know of them, so they would only raise the rate);
    `implied` counts them. `by`: a group for each project id (missing: `unknown`); without it group is empty. Interval: Wilson's. `note`:
    `few` when base is under `few`, else empty. Groups come in the order of a categorical, else sorted.
    """
    known = lives(projects, milestones, as_of)
    groups = pd.Series("", index=known.ids, dtype="str") if by is None else by.reindex(known.ids)
    order = list(groups.cat.categories) if isinstance(groups.dtype, pd.CategoricalDtype) else sorted(groups.dropna().unique())
    order = [*order, *([] if UNKNOWN in order else [UNKNOWN])]
    places = pd.Index(order).get_indexer(groups.astype("object").where(groups.notna(), UNKNOWN).to_numpy(dtype=object))
    rows = []
    for rate, (base_stage, next_stage) in RATES.items():
        base = known.reached[:, FLOW.index(base_stage)]
        rows += _counted(order, places, rate, base, base & passed(known, next_stage), ~base & passed(known, next_stage))
    return _as_rates(rows, level, few)


def cohort_rates(projects: pd.DataFrame, milestones: pd.DataFrame, as_of: Day, period: str = "year", first_ledger: Day | None = None,
                 level: float = 0.9, few: int = 10) -> pd.DataFrame:
    """The rates by when projects entered the stage that a rate divides by: the columns of `funnel_rates`, group 2022Q1 or 2022.

    Only a stage that is reported with a date is in a cohort; without one the group is `undated`. `period`: year or quarter. A cohort is
    followed up to `as_of`, so a young one has had less time. `note`: `survivors` for a cohort before the year of `first_ledger` (ledgers
    drop what was finished in earlier years, so those who got through fastest are missing), else `few` or empty.
    """
    known = lives(projects, milestones, as_of)
    rows = []
    for rate, (base_stage, next_stage) in RATES.items():
        place = FLOW.index(base_stage)
        base = known.reached[:, place]
        names = _cohorts(known.at[:, place], period)
        order = [*sorted({*names[base]} - {UNDATED}), UNDATED]
        rows += _counted(order, pd.Index(order).get_indexer(names), rate, base, base & passed(known, next_stage), base & False)
    table = _as_rates(rows, level, few)
    if first_ledger is not None:
        old = (table["group"] != UNDATED) & (table["group"].str[:4] < str(pd.Timestamp(first_ledger).year))
        table["note"] = table["note"].mask(old, "survivors")
    return table.sort_values("group", key=lambda group: group.where(group != UNDATED, "~"), kind="stable").reset_index(drop=True)


def _cohorts(days: np.ndarray, period: str) -> np.ndarray:
    dates = pd.Series(pd.DatetimeIndex(days.astype("datetime64[ns]")))
    names = dates.dt.year.astype("Int64").astype("str")
    if period == "quarter":
        names = names + "Q" + dates.dt.quarter.astype("Int64").astype("str")
    return names.mask(dates.isna(), UNDATED).to_numpy(dtype=object)


def snapshot_rates(history: Mapping[Day, tuple[pd.DataFrame, pd.DataFrame]], level: float = 0.9, few: int = 10,
                   ) -> pd.DataFrame:
    """The rates of the whole stock as it was known at each snapshot: the columns of `funnel_rates`, group 2022Q1 (or the date).

    `history`: projects and milestones as known at each snapshot date. What was reported late changes no earlier snapshot.
    """
    parts = [funnel_rates(*tables, day, None, level, few).assign(group=_snapshot_name(pd.Timestamp(day)))
             for day, tables in sorted(history.items(), key=lambda item: pd.Timestamp(item[0]))]
    return pd.concat(parts, ignore_index=True) if parts else _as_rates([], level, few)


def _snapshot_name(day: pd.Timestamp) -> str:
    return f"{day.year}Q{day.quarter}" if day.is_quarter_end else day.strftime("%Y-%m-%d")


def _counted(order: list[str], places: np.ndarray, rate: str, base: np.ndarray, reached: np.ndarray, implied: np.ndarray) -> list[tuple]:
    """Group, rate and the three counts for each group with a base."""
    counts = [np.bincount(places[which], minlength=len(order)) for which in (base, reached, implied)]
    return [(group, rate, *(int(count[place]) for count in counts)) for place, group in enumerate(order) if counts[0][place]]


def _as_rates(rows: list[tuple], level: float, few: int) -> pd.DataFrame:
    from statsmodels.stats.proportion import proportion_confint

    table = pd.DataFrame(rows, columns=["group", "rate", "base", "reached", "implied"])
    table = table.astype({"group": "str", "rate": "str", "base": "int64", "reached": "int64", "implied": "int64"})
    low, high = proportion_confint(table["reached"].to_numpy(), table["base"].to_numpy(), 1 - level, "wilson") if rows else ([], [])
    bounds = {"low": np.asarray(low, dtype="float64"), "high": np.asarray(high, dtype="float64")}
    table = table.assign(share=table["reached"] / table["base"], **bounds)
    table["note"] = pd.Series("few", index=table.index, dtype="str").where(table["base"] < few, "")
    return table[COLUMNS]


def waterfall(projects: pd.DataFrame, milestones: pd.DataFrame, as_of: Day, first: str = "signed", cohort: Iterable[str] | None = None,
              ) -> pd.DataFrame:
    """Where projects reported to have reached `first` are at `as_of`: stage, reached, waiting, suspended, terminated, unlisted.

    `cohort`: only these project ids. One row for each stage from `first` on. Of those who got no further, each is in exactly one of
    waiting, suspended (works stand still), terminated; so reached = waiting + suspended + terminated + reached of the next row. At the
    last stage nobody waits: all who are not suspended or terminated have arrived. `unlisted` (part of waiting): the newest ledger of the
    county no longer lists them.
    """
    known = lives(projects, milestones, as_of)
    member = known.reached[:, FLOW.index(first)]
    if cohort is not None:
        member = member & known.ids.isin(list(cohort))
    flow = known.reached[:, :len(FLOW)]
    position = np.where(flow.any(axis=1), len(FLOW) - 1 - flow[:, ::-1].argmax(axis=1), -1)
    terminated = known.reached[:, -1]
    suspended = ~terminated & (projects["stage"] == "suspended").fillna(False).to_numpy(dtype=bool)
    rows = []
    for place in range(FLOW.index(first), len(FLOW)):
        here = member & (position == place)
        waiting = here & ~terminated & ~suspended if place < len(FLOW) - 1 else here & False
        rows.append((FLOW[place], *(int(which.sum()) for which in (
            member & (position >= place), waiting, here & suspended, here & terminated, waiting & ~known.listed))))
    return pd.DataFrame(rows, columns=["stage", "reached", "waiting", "suspended", "terminated", "unlisted"])


def class_rates(rates: pd.DataFrame, after: Mapping[str, str]) -> pd.DataFrame:
    """Of `funnel_rates` by project class, those that the class does not decide by itself.

    `after` names the stage that each class (group) had reached by definition (empty: none): its rates up to that stage are 100 % and say
    nothing.
    """
    floor = rates["group"].map(lambda group: FLOW.index(after[group]) if after.get(group) else -1)
    aim = rates["rate"].map({rate: FLOW.index(following) for rate, (_, following) in RATES.items()})
    return rates[aim > floor].reset_index(drop=True)


def project_classes(projects: pd.DataFrame, milestones: pd.DataFrame, year: int, as_of: Day) -> pd.Series:
    """What each project was when `year` began (index project_id): preparing, building, completed, or new (first listed in the year).

    By the dates of its events as known now: completed (or beyond) before 1 January, else started, else preparing. An event without a date
    lies in earlier years when a ledger of then reports it. A project that no ledger of earlier years lists and that had not started then
    is new.
    """
    known = lives(projects, milestones, as_of)
    begin = np.datetime64(f"{year:04d}-01-01")
    before = (known.at < begin) | (np.isnat(known.at) & (known.reported < begin))
    completed, started = (before[:, FLOW.index(stage):len(FLOW)].any(axis=1) for stage in ("completed", "started"))
    listed = known.first < begin
    names = np.select([completed, started, listed], ["completed", "building", "preparing"], "new")
    kinds = pd.CategoricalDtype(["preparing", "building", "completed", "new"], ordered=False)
    return pd.Series(pd.Categorical(names, dtype=kinds), index=known.ids)
