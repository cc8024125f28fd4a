"""Slips: how plan dates move between ledgers, how far past the original plan things happen, and what that says of plans still ahead.

Overrun is always actual date minus original plan; the original is never overwritten. A plan whose stage is not reported reached is not
left out: it is known to have gone on for so many days past its plan (right censoring), else only the quick ones would be seen.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from liantu.progress.originals import originals
from liantu.reference.opened import kept
from liantu.report import Report
from liantu.tables.contracts import SOURCES

FEW = 12
"""Fewer plans than this in a group are flagged: a median of so few says little (ours; `fewest` of schedule.yml is the same)."""
PRIOR_PLANS = 20
"""How many plans of the whole class stand beside those of one county (ours): with 20 of its own a county speaks for half."""
LEVEL = 0.95
QUANTILES = (0.5, 0.8, 0.9)
_KEY = ["project_id", "stage"]
_SUMMARY = ["group", "stage", "plans", "moved", "median_days", "q25", "q75", "later", "earlier", "no_reason", "low", "high", "few",
            "moved_after_due", "reached", "overrun_median", "overrun_low", "overrun_high"]
COLUMNS = ["project_id", "stage", "county", "department", "original_date", "planned_date", "actual_date", "times_moved", "days_moved",
           "reason", "moved_after_due", "overrun_days", "reached", "entry_days", "exit_days", "note"]


@kept(maxsize=8)
def slips(report: Report) -> pd.DataFrame:
    """One row for each project and stage with a plan date, as known at `report.as_of`; kept, so the caller must not change it.

    Columns: project_id, stage, county, department, original_date (the first ever told), planned_date (the latest), actual_date,
    times_moved, days_moved (latest minus original), reason (missing: none given), moved_after_due (a ledger dated after the plan had passed
    moved it), overrun_days (actual minus original; NaN while not reached or without a date), reached; entry_days and exit_days (days from
    the original plan to when the project came under watch and to the event or the last look; see `reference_class`); note (a code, or ""):
    `no_date` (said to be reached, without a date), `terminated`, `before_first_ledger` (reached before the project's first ledger: tells an
    overrun, but only because the ledger still lists it, so it is no member of a reference class), `reported_before` (a date behind the
    ledger that first reports it).
    """
    milestones, projects = report.milestones, report.projects.set_index("project_id")
    rows = originals(report.table("changes"), milestones)
    told = milestones.set_index(_KEY)["first_reported"]
    rows["first_reported"] = told.reindex(pd.MultiIndex.from_frame(rows[_KEY])).array
    # Not `map`: of no rows it makes numbers of dates.
    own = projects.reindex(rows["project_id"]).set_axis(rows.index)
    rows[["county", "department"]] = own[["county", "department"]]
    rows["moved_after_due"] = _moved_after_due(report.table("changes"), rows)
    rows["overrun_days"] = (rows["actual_date"] - rows["original_date"]).dt.days.astype("float64")
    rows["reached"] = rows["first_reported"].notna() | rows["actual_date"].notna()
    ended = _ended(milestones).reindex(rows["project_id"]).set_axis(rows.index)
    rows["entry_days"] = (own["first_snapshot"] - rows["original_date"]).dt.days.astype("float64")
    rows["exit_days"] = _last_look(rows, ended, own["last_snapshot"])
    rows["note"] = _notes(rows, own["first_snapshot"], ended)
    return rows[COLUMNS]


def _moved_after_due(changes: pd.DataFrame, rows: pd.DataFrame) -> np.ndarray:
    """For each plan whether the most believed source moved it when the date it replaced had passed (`originals` believes the same)."""
    moves = changes[changes["field"].str.endswith("_planned", na=False)]
    order = moves["source"].map({name: place for place, name in enumerate(SOURCES)})
    moves = moves.assign(stage=moves["field"].str.removesuffix("_planned"), order=order)
    believed = moves[moves["order"] == moves.groupby(_KEY)["order"].transform("min")]
    late = believed[believed["previous_date"] < believed["snapshot"]]
    return pd.MultiIndex.from_frame(rows[_KEY]).isin(pd.MultiIndex.from_frame(late[_KEY]))


def _ended(milestones: pd.DataFrame) -> pd.Series:
    """The date of termination of each terminated project: as stated, else the ledger that first reports it."""
    ends = milestones[(milestones["stage"] == "terminated") & milestones["first_reported"].notna()]
    return ends["actual_date"].fillna(ends["first_reported"]).set_axis(ends["project_id"])


def _last_look(rows: pd.DataFrame, ended: pd.Series, last: pd.Series) -> pd.Series:
    """Days from the original plan to the event; where it is not reported, to the termination or the project's last ledger."""
    open_until = ended.where(ended < last).fillna(last)
    # A stage said to be reached without a date had happened by the ledger that first says so: it was open no longer than that.
    undated = rows["first_reported"].where(rows["actual_date"].isna())
    end = rows["actual_date"].fillna(undated).fillna(open_until)
    return (end - rows["original_date"]).dt.days.astype("float64")


def _notes(rows: pd.DataFrame, first: pd.Series, ended: pd.Series) -> np.ndarray:
    dated = rows["actual_date"].notna()
    return np.select([
        rows["reached"] & ~dated, ~rows["reached"] & ended.notna(), dated & (rows["actual_date"] <= first),
        dated & (rows["first_reported"] < rows["actual_date"])],
        ["no_date", "terminated", "before_first_ledger", "reported_before"], "").astype(object)


@kept(maxsize=16)
def slip_summary(report: Report, by: str = "county") -> pd.DataFrame:
    """How plans moved in each group and stage; rows with stage "" are all stages together; kept, so the caller must not change it.

    `by`: county, department, stage, or any other column of `projects` (zone, category, construction, ...); raises KeyError for another.
    Columns: group ("" where the ledgers do not say), stage, plans, moved (how many ever moved); of those that moved: median_days, q25, q75
    (days moved), later, earlier (counts), no_reason (no reason given for the last move), low, high (95 % interval of the median by order
    statistics, NaN where there are too few to have one); few (fewer than FEW moved plans); moved_after_due; reached (with a date);
    overrun_median and its interval overrun_low, overrun_high by Kaplan-Meier (`overruns`; NaN where it is not reached).
    """
    rows = slips(report)
    group = rows["stage"] if by == "stage" else rows["project_id"].map(report.projects.set_index("project_id")[by])
    rows = rows.assign(group=group.astype("str").fillna(""))
    each = [_summary(str(name), str(stage), part) for (name, stage), part in rows.groupby(["group", "stage"], observed=True)]
    all_of_them = [] if by == "stage" else [_summary(str(name), "", part) for name, part in rows.groupby("group", observed=True)]
    return pd.DataFrame([*each, *all_of_them], columns=_SUMMARY).sort_values(["group", "stage"]).reset_index(drop=True)


def _summary(group: str, stage: str, rows: pd.DataFrame) -> dict[str, object]:
    moved = rows[rows["times_moved"] > 0]
    days = moved["days_moved"].to_numpy(dtype="float64")
    low, high = median_interval(days)
    quarters = np.quantile(days, [0.25, 0.5, 0.75]) if len(days) else [np.nan] * 3
    middle, shortest, longest = _km_median(rows)
    return {"group": group, "stage": stage, "plans": len(rows), "moved": len(moved), "median_days": quarters[1], "q25": quarters[0],
            "q75": quarters[2], "later": int((days > 0).sum()), "earlier": int((days < 0).sum()),
            "no_reason": int(moved["reason"].isna().sum()), "low": low, "high": high, "few": len(moved) < FEW,
            "moved_after_due": int(rows["moved_after_due"].sum()), "reached": int(rows["overrun_days"].notna().sum()),
            "overrun_median": middle, "overrun_low": shortest, "overrun_high": longest}


def median_interval(values: Sequence[float] | np.ndarray, level: float = LEVEL) -> tuple[float, float]:
    """Distribution-free interval of the median: the order statistics (k, n + 1 - k) with the largest k that covers at least `level`.

    Coverage is 1 - 2 P(Binomial(n, 1/2) < k). NaN, NaN where no such k exists (fewer than 6 values at 95 %). Source: Conover, Practical
    Nonparametric Statistics, table of the sign test; checked: n = 10 gives the 2nd and 9th, n = 20 the 6th and 15th, n = 6 the extremes.
    """
    from scipy.stats import binom  # slow to import

    ordered = np.sort(np.asarray(values, dtype="float64"))
    rank = int(binom.ppf((1 - level) / 2, len(ordered), 0.5)) if len(ordered) else 0
    # ppf gives the least k with P(X <= k) >= alpha / 2, so P(X < k) is below it.
    return (float(ordered[rank - 1]), float(ordered[-rank])) if rank >= 1 else (np.nan, np.nan)


def _members(rows: pd.DataFrame) -> pd.DataFrame:
    """The plans that were under watch before their stage was reached, with days under watch after their entry."""
    return rows[~rows["note"].isin(["before_first_ledger"]) & (rows["exit_days"] > rows["entry_days"])]


def overruns(rows: pd.DataFrame, weights: np.ndarray | None = None, fewest: int = FEW) -> object | None:
    """Kaplan-Meier curve of the overrun of plans (rows of `slips`), None without a member: statsmodels' SurvfuncRight.

    Time is days since the original plan (negative: before it). Only plans under watch count: a plan enters when its project's first ledger
    was collected (delayed entry), for ledgers drop what was finished earlier, and leaves at the event, or unreached at the last look (the
    project's last ledger, or its termination). A stage said to be reached without a date leaves, unreached, at the ledger that says so.
    The curve ends, and begins, where fewer than `fewest` plans are under watch. Late reports make the newest overruns look too long.
    Source: Kaplan and Meier 1958; delayed entries as in Klein and Moeschberger, section 4.6.
    """
    from statsmodels.duration.survfunc import SurvfuncRight  # slow to import

    own = _members(rows)
    if not own["overrun_days"].notna().any():
        return None
    event = own["overrun_days"].notna().to_numpy().astype("float64")
    if weights is not None:
        weights = weights[rows.index.get_indexer(own.index)]
    # statsmodels asks for times that are not negative: all are counted from the earliest entry.
    start = own["entry_days"].min()
    begin, end = own["entry_days"].to_numpy() - start, own["exit_days"].to_numpy() - start
    curve = SurvfuncRight(end, event, entry=begin, freq_weights=weights)
    watched = np.searchsorted(np.sort(begin), curve.surv_times) - np.searchsorted(np.sort(end), curve.surv_times)
    curve.surv_times = curve.surv_times + start
    return _between(curve, np.flatnonzero(watched >= fewest))


def _between(curve: object, enough: np.ndarray) -> object | None:
    """The curve from the first to the last of `enough`: before and after, one event among few would take it far down."""
    if not len(enough):
        return None
    first, last = enough[0], enough[-1] + 1
    before = curve.surv_prob[first - 1] if first else 1.0
    for name in ("surv_times", "surv_prob", "surv_prob_se", "n_risk", "n_events"):
        setattr(curve, name, getattr(curve, name)[first:last])
    if before > 0:
        curve.surv_prob = curve.surv_prob / before
    return curve


def _km_median(rows: pd.DataFrame) -> tuple[float, float, float]:
    curve = overruns(rows)
    if curve is None:
        return np.nan, np.nan, np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = curve.quantile_ci(0.5)
    return float(curve.quantile(0.5)), float(low), float(high)


def reference_class(rows: pd.DataFrame, stage: str, quantiles: Sequence[float] = QUANTILES, county: str = "",
                    passed: float = -np.inf, fewest: int = FEW) -> pd.DataFrame:
    """Days to add to an original plan date of `stage` so that it is kept with each chance of `quantiles`: reference-class forecasting.

    `rows` as of `slips`. The overruns of past plans of the stage (`overruns`) give it: days = the least d with P(overrun <= d) > quantile.
    With `county` (GB/T code) its own plans stand beside the others', whose weights sum to PRIOR_PLANS (shrinkage to all): a county without
    plans gets the days of all. With `passed`, for a plan not reached so many days after its date, of the plans that were not either.
    Returns stage, quantile, days (NaN: so few had ended that the quantile is not reached), plans (members), reached, own (members of the
    county), note ("", `few`, `none`, `not_reached`).
    Source: Flyvbjerg and COWI 2004, Procedures for Dealing with Optimism Bias in Transport Planning (UK DfT); the quantiles were checked
    against the Kaplan-Meier quartile 13 and median 23 weeks of the published 6-MP sample (Freireich 1963), and `numpy.quantile` without
    censoring (the DfT's tables give uplifts of costs, without the sample they come from).
    """
    own_stage = rows[rows["stage"] == stage]
    members = _members(own_stage)
    curve = overruns(own_stage, _weights(own_stage, county), fewest)
    facts = {"plans": len(members), "reached": int(members["overrun_days"].notna().sum()), "own": int((members["county"] == county).sum())}
    days = [np.nan] * len(quantiles) if curve is None else [_quantile(curve, chance, passed) for chance in quantiles]
    notes = ["none" if curve is None else "not_reached" if np.isnan(day) else "few" if facts["reached"] < fewest else "" for day in days]
    columns = ["stage", "quantile", "days", "plans", "reached", "own", "note"]
    return pd.DataFrame([{"stage": stage, "quantile": chance, "days": day, **facts, "note": note}
                         for chance, day, note in zip(quantiles, days, notes, strict=True)], columns=columns)


def _weights(rows: pd.DataFrame, county: str) -> np.ndarray | None:
    own = (rows["county"] == county).to_numpy(dtype=bool, na_value=False)
    others = _members(rows[~own])
    return None if not county or not len(others) else np.where(own, 1.0, min(PRIOR_PLANS / len(others), 1.0))


def _quantile(curve: object, chance: float, passed: float) -> float:
    """The quantile of the overrun given that it is over `passed`."""
    before = curve.surv_prob[curve.surv_times <= passed]
    left = before[-1] if len(before) else 1.0
    below = np.flatnonzero((curve.surv_prob < left * (1 - chance)) & (curve.surv_times > passed)) if left > 0 else []
    return float(curve.surv_times[below[0]]) if len(below) else np.nan


@kept(maxsize=4)
def corrected_dates(report: Report) -> pd.DataFrame:
    """Plan dates still ahead, and those passed unreached, with the uplift of their reference class; kept: the caller must not change it.

    Of projects not terminated and stages not reported reached: project_id, stage, county, department, original_date, planned_date, and for
    each of QUANTILES a date d50, d80, d90 that the original plan is reached by with that chance, counting that it is not reached today
    (NaT: the class has too few that ended so late), and note (of `reference_class`). The class is that of the report: a county's report
    has only its own projects and no city to lean on. Days are whole, the dates calendar dates.
    """
    rows, today = slips(report), pd.Timestamp(report.as_of)
    still = rows[~rows["reached"] & (rows["note"] != "terminated")].copy()
    dates, notes = np.full((len(still), len(QUANTILES)), np.nan), np.full(len(still), "", dtype=object)
    passed = (today - still["original_date"]).dt.days.to_numpy(dtype="float64")
    county = still["county"].fillna("").to_numpy(dtype=object)
    for (stage, code), places in still.assign(county=county).groupby(["stage", "county"], observed=True).indices.items():
        dates[places], notes[places] = _corrected(rows[rows["stage"] == stage], "" if report.parameters.county else code, passed[places])
    for place, chance in enumerate(QUANTILES):
        still[f"d{round(100 * chance)}"] = still["original_date"] + pd.to_timedelta(pd.Series(dates[:, place], still.index), unit="D")
    columns = ["project_id", "stage", "county", "department", "original_date", "planned_date", *(f"d{round(100 * q)}" for q in QUANTILES)]
    return still.assign(note=notes)[[*columns, "note"]].reset_index(drop=True)


def _corrected(rows: pd.DataFrame, county: str, passed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Days to add for each plan, and a note each."""
    curve = overruns(rows, _weights(rows, county))
    if curve is None:
        return np.full((len(passed), len(QUANTILES)), np.nan), np.full(len(passed), "none", dtype=object)
    days = np.array([[_quantile(curve, chance, gone) for chance in QUANTILES] for gone in passed])
    few = "few" if _members(rows)["overrun_days"].notna().sum() < FEW else ""
    return days, np.where(np.isnan(days).any(axis=1), "not_reached", few).astype(object)
