"""The year's investment as a curve: planned, done as reported, and where it will end (投资曲线).

How the plan is spread: a project's plan of the year is spread over that part of its planned life, from start to completion by the original
plan (a start that has happened counts as it happened), that lies in the year, along an S-curve (the distribution function of a beta
distribution) in days of works, of which a day of the winter pause is only a part (calendar.yml, schedule.yml). The shape is estimated from
what projects had done so far at each snapshot. A project without usable plan dates in the year is spread over the whole year by days of
works alone, and counted in `investment_notes`.

How the year is forecast: money follows works. Projects are put into states on the day of the newest ledger (at work, not started, finished
before the year); what projects in the same state on the same day of last year had done of their plan by its end is what these will have
done (a ratio estimate by state). Plan and done of last year come from its December ledgers. Without those, this year's pace goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from liantu.progress.delays import reporting_delays
from liantu.progress.scheduling.step_rules import step_rules
from liantu.progress.scheduling.working_days import works_days
from liantu.progress.slips import slips
from liantu.progress.targets import investment_rows
from liantu.reference.opened import kept
from liantu.report import Report

FEW_SHAPES = 30
"""Fewer points than this and no shape is estimated: investment goes evenly with the days of works."""
BANDS = (0.05, 0.25, 0.5, 0.75, 0.95)
UNKNOWN_DRIFT = 0.15
"""How far (one standard deviation, as a share of what is still ahead) years differ before any forecast could be checked: ours, a guess that
counts as one past error beside those that are known."""
STATES = ("at_work", "not_started", "finished")
_LIMITS = (0.5, 5.0)  # beyond these a beta curve is a step or a wall, not a life of works
_CURVE = ["date", "plan_wan", "done_wan", "forecast_wan", "low_wan", "high_wan", "low50_wan", "high50_wan"]
_ENDS = ["county", "projects", "plan_wan", "date", "done_wan", "share_done", "forecast_wan", "low_wan", "high_wan", "low50_wan",
         "high50_wan", "share_end", "note"]
_TESTS = ["county", "made", "at", "projects", "done_wan", "forecast_wan", "low_wan", "high_wan", "low50_wan", "high50_wan", "linear_wan",
          "truth_wan", "error", "linear_error", "inside50", "inside90"]


@dataclass(frozen=True, eq=False)
class Points:
    """The year's plan by project, and what was done of it at each snapshot of the year; rows are the projects that give a plan."""

    counties: tuple[str, ...]
    """"" (the whole city) and each county code; of a county's report only its code."""
    county: np.ndarray
    project: pd.Index
    plan: np.ndarray
    share: np.ndarray
    """Share of the plan due by the end of each day of the year: one row for each group of `of`, one column for each day."""
    of: np.ndarray
    """The row of `share` of each project."""
    done: dict[pd.Timestamp, np.ndarray]
    state: np.ndarray
    """The state (of STATES) of each project on the day of the newest snapshot, as known now."""
    last_year: pd.DataFrame
    """county, plan, done, state of each project of last December's ledgers; the state is what a ledger of the same day of last year would
    have known, the usual delay of reports taken off."""
    notes: tuple[tuple[str, float], ...]

    def of_county(self, county: str) -> np.ndarray:
        """Which rows are of a county; "" is all."""
        return np.ones(len(self.plan), dtype=bool) if county == "" else self.county == county

    def due(self, day: pd.Timestamp) -> np.ndarray:
        """Of each project, how much of its plan is due by the end of `day`, 万元."""
        return self.plan * self.share[self.of, day.day_of_year - 1] if len(self.plan) else self.plan

    def monthly_plan(self, county: str) -> tuple[pd.DatetimeIndex, np.ndarray]:
        """The ends of the twelve months, and the plan due by each, 万元."""
        year = int(dict(self.notes)["year"])
        months = pd.date_range(f"{year}-01-01", periods=12, freq="ME")
        own = self.of_county(county)
        return months, np.array([self.due(day)[own].sum() for day in months])

    def snapshots(self, county: str) -> Iterator[tuple[pd.Timestamp, float, float]]:
        """Each snapshot of the year, what was done by it, and what of that is within each project's own plan, 万元."""
        own = self.of_county(county)
        for day, done in self.done.items():
            yield day, float(done[own].sum()), float(np.minimum(done, self.plan)[own].sum())


@kept(maxsize=16)
def curve_points(report: Report) -> Points:
    """The year's plan and what was done, by project, as known at `report.as_of`; kept, so the caller must not change it."""
    year, newest = report.quarter.year, investment_rows(report)
    projects = pd.Index(newest["project_id"].astype("str"))
    home = report.projects.set_index("project_id")["county"]
    plan = newest["plan_year_wan"].to_numpy(dtype="float64")
    life, facts = _life(report, projects)
    shape, points = _shape(report)
    share, of = _spread(report, life, shape, year)
    own = report.parameters.county
    county = home.reindex(projects).fillna("").to_numpy(dtype=object)
    counties = (own,) if own else ("", *(code for code in report.city.divisions.codes if (county == code).any()))
    notes = (("year", year), ("projects", len(projects)), *facts, ("shape_a", shape[0]), ("shape_b", shape[1]), ("shape_points", points),
             ("done_missing", int(newest["done_year_wan"].isna().sum())))
    done = _done(report, projects)
    newest_day = max(done, default=pd.Timestamp(report.as_of))
    # Starts are reported late: of last year those are taken that a ledger of the same day would have known.
    then = newest_day - pd.DateOffset(years=1) - pd.Timedelta(days=_usual_delay(report))
    state, last = _states(report, projects, newest_day, year), _last_year(report, home, then)
    return Points(counties, county, projects, plan, share, of, done, state, last, notes)


def _usual_delay(report: Report) -> float:
    """Median days from a start to the ledger that reports it, zero where none is known."""
    delays = reporting_delays(report.milestones, report.investments["snapshot"].min())
    delays = delays.loc[delays["stage"] == "started", "days"]
    return float(delays.median()) if len(delays) else 0.0


def _states(report: Report, projects: pd.Index, day: pd.Timestamp, year: int) -> np.ndarray:
    """The state of each project on a day: a start without a date has happened; finished is what was completed before the year."""
    told = report.milestones[report.milestones["first_reported"].notna()]
    dates = {stage: told[told["stage"] == stage].set_index("project_id")["actual_date"] for stage in ("started", "completed")}
    starts, ends = dates["started"], dates["completed"].reindex(projects)
    begun = projects.isin(starts.index[starts.isna() | (starts <= day)])
    return np.select([(ends < pd.Timestamp(year, 1, 1)).to_numpy(), begun], ["finished", "at_work"], "not_started").astype(object)


def _done(report: Report, projects: pd.Index) -> dict[pd.Timestamp, np.ndarray]:
    """Done in the year at each of its snapshots, by the newest row until then; a project that tells nothing has done nothing."""
    rows = report.investments
    rows = rows[(rows["snapshot"].dt.year == report.quarter.year)].sort_values("snapshot")
    found = {}
    for day in sorted(rows["snapshot"].unique()):
        until = rows[rows["snapshot"] <= day].drop_duplicates("project_id", keep="last").set_index("project_id")["done_year_wan"]
        found[pd.Timestamp(day)] = until.reindex(projects).fillna(0.0).to_numpy(dtype="float64")
    return found


def _last_year(report: Report, home: pd.Series, day: pd.Timestamp) -> pd.DataFrame:
    """What the ledgers of last December said of their year; no rows where none was collected."""
    rows = report.investments
    months = rows["snapshot"].dt.year * 12 + rows["snapshot"].dt.month
    rows = rows[months == report.quarter.year * 12].sort_values("snapshot")
    rows = rows.drop_duplicates("project_id", keep="last").dropna(subset=["plan_year_wan"])
    projects = pd.Index(rows["project_id"].astype("str"))
    state = _states(report, projects, day, report.quarter.year - 1)
    return pd.DataFrame({"county": home.reindex(projects).fillna("").to_numpy(dtype=object), "plan": rows["plan_year_wan"].to_numpy(),
                         "done": rows["done_year_wan"].fillna(0.0).to_numpy(), "state": state})


def _life(report: Report, projects: pd.Index) -> tuple[pd.DataFrame, tuple[tuple[str, float], ...]]:
    """Start and completion of each project by the original plan, both missing where they cannot be used, and how many cannot."""
    rows, told = slips(report), report.milestones
    starts = told[told["stage"] == "started"].set_index("project_id")["actual_date"].dropna()
    plans = {stage: part.set_index("project_id")["original_date"] for stage, part in rows.groupby("stage", observed=True)}
    nothing = starts.iloc[:0]
    begun = starts.reindex(projects)
    start = begun.fillna(plans.get("started", nothing).reindex(projects))
    end = plans.get("completed", nothing).reindex(projects)
    known = start.notna() & end.notna()
    wrong = known & (end <= start)
    life = pd.DataFrame({"start": start.where(known & ~wrong), "end": end.where(known & ~wrong)})
    first, last = pd.Timestamp(report.quarter.year, 1, 1), pd.Timestamp(report.quarter.year, 12, 31)
    outside = life["start"].notna() & ((life["end"] < first) | (life["start"] > last))
    life[outside.to_numpy()] = pd.NaT
    return life, (("no_plan_dates", int((~known).sum())), ("dates_out_of_order", int(wrong.sum())), ("outside_year", int(outside.sum())))


def _worked(report: Report) -> np.ndarray:
    """Days of works by the end of each day since 1970."""
    counted = works_days(report.city.calendar.winter_pause, step_rules(report.city).winter_rate.value)
    return counted.through.astype("float64")


def _at(worked: np.ndarray, days: pd.Series) -> np.ndarray:
    """Days of works by the end of `days`."""
    places = days.to_numpy(dtype="datetime64[D]").astype("int64")
    return worked[np.clip(places, 0, len(worked) - 1)]


def _shape(report: Report) -> tuple[tuple[float, float], int]:
    """The two shape parameters of the S-curve, and the number of points behind them.

    Least squares of done / total investment on c * I_x(a, b), x the share of the planned life (in days of works) since the actual start,
    at every snapshot so far; c lets projects be behind. I is the regularized incomplete beta function.
    """
    rows = report.investments.dropna(subset=["done_total_wan"])
    total = report.projects.set_index("project_id")["total_investment_wan"].reindex(rows["project_id"]).to_numpy(dtype="float64")
    life, _ = _life_of(report, pd.Index(rows["project_id"].astype("str")))
    worked = _worked(report)
    with np.errstate(divide="ignore", invalid="ignore"):
        x = (_at(worked, rows["snapshot"]) - _at(worked, life["start"])) / (_at(worked, life["end"]) - _at(worked, life["start"]))
        y = rows["done_total_wan"].to_numpy(dtype="float64") / total
    good = life["start"].notna().to_numpy() & (x > 0) & (x < 1) & (y > 0) & (y <= 1.2)
    return (_fitted(x[good], y[good]), int(good.sum())) if good.sum() >= FEW_SHAPES else ((1.0, 1.0), int(good.sum()))


def _life_of(report: Report, projects: pd.Index) -> tuple[pd.DataFrame, int]:
    """Actual start and original planned completion of each project."""
    told, rows = report.milestones, slips(report)
    start = told[told["stage"] == "started"].set_index("project_id")["actual_date"].reindex(projects)
    end = rows[rows["stage"] == "completed"].set_index("project_id")["original_date"].reindex(projects)
    known = start.notna() & (end > start)
    return pd.DataFrame({"start": start.where(known), "end": end.where(known)}), int((~known).sum())


def _fitted(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    from scipy.optimize import least_squares  # slow to import
    from scipy.special import betainc

    low, high = _LIMITS
    found = least_squares(lambda p: p[2] * betainc(p[0], p[1], x) - y, [1.5, 1.5, 0.8], bounds=([low, low, 0.1], [high, high, 1.5]))
    return float(found.x[0]), float(found.x[1])


def _spread(report: Report, life: pd.DataFrame, shape: tuple[float, float], year: int) -> tuple[np.ndarray, np.ndarray]:
    """Share of the year's plan due by the end of each day of the year, one row for each different life, and each project's row."""
    from scipy.special import betainc  # slow to import

    lives, of = np.unique(np.column_stack([life[name].to_numpy(dtype="datetime64[D]").astype("int64") for name in ("start", "end")]),
                          axis=0, return_inverse=True)
    worked, first = _worked(report), np.datetime64(f"{year}-01-01").astype("int64")
    days = np.arange(np.datetime64(f"{year}-01-01"), np.datetime64(f"{year + 1}-01-01")).astype("int64")
    through = worked[first - 1:days[-1] + 1]  # one more: the end of the day before the year
    known = lives[:, 0] > np.iinfo("int64").min
    held = worked[np.clip(lives, 0, len(worked) - 1)]
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.clip((through[None, :] - held[:, :1]) / (held[:, 1:] - held[:, :1]), 0, 1)
    curve = np.where(known[:, None], betainc(*shape, np.where(known[:, None], x, 0)), through[None, :])
    # In the year only: what a life has before and after it is in the plans of other years. One that has nothing in it goes with the days.
    curve = np.where((curve[:, -1:] - curve[:, :1]) > 0, curve, through[None, :])
    return (curve[:, 1:] - curve[:, :1]) / (curve[:, -1:] - curve[:, :1]), of.ravel()


def _ahead(points: Points, county: str, day: pd.Timestamp) -> tuple[float, float, tuple[str, ...]]:
    """What will still be done after `day` by the year's end, its standard error without drift, 万元, and codes of what was missing."""
    own = points.of_county(county)
    done, due, plan = points.done[day][own], points.due(day)[own], points.plan[own]
    if len(points.last_year):
        whole, error = _like_last_year(points, county, plan, points.state[own])
        return max(whole - done.sum(), 0.0), error, ()
    if due.sum() <= 0:
        return np.nan, np.nan, ("nothing_due",)
    pace, error = ratio(done, due, len(due))
    left = plan.sum() - due.sum()
    return pace * left, error * left, ("no_last_year",)


def _like_last_year(points: Points, county: str, plan: np.ndarray, state: np.ndarray) -> tuple[float, float]:
    """Done by the year's end if each state does of its plan what it did last year, and its standard error."""
    last = points.last_year
    ours = last[last["county"] == county] if county and (last["county"] == county).any() else last
    whole, variance = 0.0, 0.0
    for name in STATES:
        planned, members = plan[state == name], ours[ours["state"] == name]
        if not len(members):  # a state that nobody here was in: as it went elsewhere, or all states together
            members = last[last["state"] == name] if (last["state"] == name).any() else ours
        found, error = ratio(members["done"].to_numpy(), members["plan"].to_numpy(), len(planned))
        whole, variance = whole + found * planned.sum(), variance + (error * planned.sum()) ** 2
    return whole, float(np.sqrt(variance))


def ratio(done: np.ndarray, base: np.ndarray, of: int) -> tuple[float, float]:
    """sum(done) / sum(base), and its standard error as a forecast of the same ratio of `of` other projects like these.

    Source: the ratio estimator, Cochran 1977, Sampling Techniques, chapter 6: the variance of the mean of done - ratio * base, over
    mean(base) squared; here of both the projects that it is learnt from and those that it is applied to. Zero without a base.
    """
    if base.sum() <= 0 or not of:
        return 0.0, 0.0
    found = float(done.sum() / base.sum())
    spread = float(np.sum((done - found * base) ** 2)) / max(len(base) - 1, 1)
    return found, float(np.sqrt(spread * (1 / len(base) + 1 / of))) / float(base.mean())


def _bands(points: Points, county: str, day: pd.Timestamp, errors: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Quantiles BANDS of what is ahead after `day`, zero at least; `errors`: those of past forecasts, as shares of what was ahead."""
    from scipy.special import ndtri  # slow to import

    ahead, error, codes = _ahead(points, county, day)
    drift = np.sqrt((UNKNOWN_DRIFT ** 2 + np.sum(errors ** 2)) / (1 + len(errors)))
    spread = np.hypot(error, drift * ahead)
    return np.maximum(ahead + spread * ndtri(np.array(BANDS)), 0.0), (*codes, *(() if len(errors) else ("no_past_forecast",)))


def _part_due(points: Points, county: str, since: pd.Timestamp, day: pd.Timestamp) -> float:
    """What part of the plan still ahead after `since` is due by `day`, 0 to 1; by the calendar where nothing is ahead."""
    own, end = points.of_county(county), pd.Timestamp(since.year, 12, 31)
    ahead = float((points.due(end) - points.due(since))[own].sum())
    if ahead > 0:
        return float((points.due(day) - points.due(since))[own].sum()) / ahead
    return (day - since).days / max((end - since).days, 1)


@kept(maxsize=16)
def investment_backtest(report: Report) -> pd.DataFrame:
    """Forecasts made at each earlier snapshot of the year of what later snapshots show, beside what they show; kept: do not change it.

    Each is made with what was known at `made` only (plan, plan dates, shape, and the errors of still earlier forecasts), and is about the
    projects that gave a plan then; truth is what these had done by `at` as known now. Columns: county ("" the city), made, at, projects,
    done_wan (at `made`), forecast_wan (median), low_wan, high_wan (90 %), low50_wan, high50_wan, linear_wan (done so far times the ratio of
    elapsed time: the straight line), truth_wan, error (forecast / truth - 1), linear_error, inside50, inside90. Empty with one snapshot of
    the year.
    """
    now, rows = curve_points(report), []
    days = list(now.done)
    for place, made in enumerate(days[:-1]):
        earlier = report.known_at(made.date())
        then = curve_points(earlier)
        for county in [code for code in then.counties if code in now.counties]:
            own = then.of_county(county)
            bands, _ = _bands(then, county, made, _errors(earlier, county))
            known = now.project.get_indexer(then.project[own])
            for at in days[place + 1:]:
                truth = float(now.done[at][known[known >= 0]].sum())
                rows.append(_tested(then, county, (made, at), bands, truth))
    return pd.DataFrame(rows, columns=_TESTS)


def _tested(then: Points, county: str, days: tuple[pd.Timestamp, pd.Timestamp], bands: np.ndarray, truth: float) -> dict[str, object]:
    made, at = days
    own = then.of_county(county)
    done = float(then.done[made][own].sum())
    low, low50, middle, high50, high = done + bands * _part_due(then, county, made, at)
    linear = done * at.day_of_year / made.day_of_year
    return {"county": county, "made": made, "at": at, "projects": int(own.sum()), "done_wan": done, "forecast_wan": middle, "low_wan": low,
            "high_wan": high, "low50_wan": low50, "high50_wan": high50, "linear_wan": linear, "truth_wan": truth,
            "error": middle / truth - 1 if truth > 0 else np.nan, "linear_error": linear / truth - 1 if truth > 0 else np.nan,
            "inside50": bool(low50 <= truth <= high50), "inside90": bool(low <= truth <= high)}


def _errors(report: Report, county: str) -> np.ndarray:
    """The errors of past forecasts of the year as shares of what was then ahead: few, for a year has four snapshots."""
    past = investment_backtest(report)
    past = past[(past["county"] == county) & (past["forecast_wan"] > past["done_wan"])]
    errors = (past["forecast_wan"] - past["truth_wan"]) / (past["forecast_wan"] - past["done_wan"])
    return errors.to_numpy(dtype="float64")


@kept(maxsize=16)
def investment_curve(report: Report, county: str = "") -> pd.DataFrame:
    """The year's investment by month end, and at snapshots between: date, plan_wan, done_wan, forecast_wan, low_wan, high_wan, low50_wan,
    high50_wan; cumulative, 万元; kept, so the caller must not change it.

    `county`: a code narrows a city report's curve to one county ("" all of the report). plan_wan: the newest plan of the year of each
    project, spread as the module says; done_wan: at snapshots, as reported (NaN between); forecast_wan: from the newest snapshot on, done
    so far and what is ahead (`_ahead`), which comes as the plan still ahead falls due; low and high: 90 % (50 %) band of a normal
    distribution with the ratios' standard error and the drift between years (errors of past forecasts, UNKNOWN_DRIFT). Projects that give
    a plan only later are not foreseen. No rows where no project gives a plan.
    """
    points = curve_points(report)
    county = report.parameters.county or county
    own = points.of_county(county)
    if not own.any():
        return pd.DataFrame(columns=_CURVE)
    days = sorted({*points.monthly_plan(county)[0], *points.done})
    newest = max(points.done)
    bands, _ = _bands(points, county, newest, _errors(report, county))
    sums = {day: float(done[own].sum()) for day, done in points.done.items()}
    rows = []
    for day in days:
        part = _part_due(points, county, newest, day) if day >= newest else np.nan
        plan = float(points.due(day)[own].sum())
        low, low50, middle, high50, high = sums[newest] + bands * part
        rows.append((day, plan, sums.get(day, np.nan), middle, low, high, low50, high50))
    return pd.DataFrame(rows, columns=_CURVE)


@kept(maxsize=8)
def investment_ends(report: Report) -> pd.DataFrame:
    """Where the year's investment stands and will end, one row for the city ("") and each county; kept, so the caller must not change it.

    Columns: county, projects (that give a plan), plan_wan, date (newest snapshot), done_wan, share_done, forecast_wan (at 31 December),
    low_wan, high_wan, low50_wan, high50_wan, share_end (forecast / plan), note: codes, `;` between: `no_last_year` (no ledgers of last
    December: this year's pace goes on), `nothing_due` (nor is anything due yet: no forecast), `no_past_forecast` (no error is known: the
    band's drift is UNKNOWN_DRIFT alone), `few` (under 12 projects), `old_ledger` (the newest ledger of the year is older than a quarter).
    """
    points, rows = curve_points(report), []
    newest = max(points.done, default=pd.NaT)
    for county in points.counties if len(points.plan) else ():
        curve, own = investment_curve(report, county), points.of_county(county)
        if not len(curve):
            continue
        end, plan, done = curve.iloc[-1], float(points.plan[own].sum()), float(points.done[newest][own].sum())
        codes = [*_bands(points, county, newest, _errors(report, county))[1], *(["few"] if own.sum() < 12 else []),
                 *(["old_ledger"] if (pd.Timestamp(report.as_of) - newest).days > 92 else [])]
        rows.append({"county": county, "projects": int(own.sum()), "plan_wan": plan, "date": newest, "done_wan": done,
                     "share_done": done / plan if plan > 0 else np.nan, **{name: end[name] for name in _CURVE[3:]},
                     "share_end": end["forecast_wan"] / plan if plan > 0 else np.nan, "note": ";".join(codes)})
    return pd.DataFrame(rows, columns=_ENDS)


def investment_notes(report: Report) -> pd.DataFrame:
    """What stands behind the curve: code, value.

    Codes: year, projects (that give a plan), no_plan_dates, dates_out_of_order and outside_year (projects spread over the whole year: no
    start or no completion planned, completion not after start, planned life outside the year), shape_a, shape_b (of the S-curve; 1 and 1 is
    even), shape_points (fewer than FEW_SHAPES: not estimated), done_missing (projects whose newest ledger tells nothing done: as zero).
    """
    return pd.DataFrame(curve_points(report).notes, columns=["code", "value"])
