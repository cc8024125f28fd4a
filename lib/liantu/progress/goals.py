"""What a ledger of a coming day will count toward a target: its parts, drawn from what is known at an earlier day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd

from liantu.progress.counts import AT_WORK, FINISHED, STAGE_OF, events, stage_of_rows
from liantu.progress.forecast_rules import ForecastRules
from liantu.progress.forecasting import Ends
from liantu.progress.phases_of import phases_of
from liantu.reference import Target
from liantu.report import Report

QUARTER = 91.0
RECENT = 80.0
"""Days that `flow` looks back at least."""
SPREAD, UNSEEN_SPREAD = 0.3, 0.6
"""Spread of the logarithm of a flow from one interval to another, where past reports were seen and where only dates of events were."""
CARRIED = ("at_work", "aside", "not_listed")


@dataclass(frozen=True)
class Goal:
    """A count to be foretold: that of `target` in its window up to `horizon`, as the ledgers will know it then."""

    target: Target
    horizon: dt.date

    @property
    def start(self) -> dt.date:
        """First day of the window."""
        return self.target.window_start or dt.date(self.target.due.year, 1, 1)

    @property
    def end(self) -> dt.date:
        """Last day of the window that the ledgers can know of."""
        return min(self.horizon, self.target.due)

    @property
    def window(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        """The window as pandas has it."""
        return pd.Timestamp(self.start), pd.Timestamp(self.end)


@dataclass(frozen=True, eq=False)
class View:
    """What was known with the newest snapshot at a day, and with each one before it (`earlier`, oldest first)."""

    report: Report
    made: pd.Timestamp
    earlier: tuple[View, ...]

    @cached_property
    def phases(self) -> pd.DataFrame:
        """The phases (`phases_of`)."""
        return phases_of(self.report.tables, self.made)

    @cached_property
    def home(self) -> pd.Series:
        """The county of each project."""
        return self.report.projects.drop_duplicates("project_id").set_index("project_id")["county"]

    @cached_property
    def _counts(self) -> dict[tuple[str, dt.date, dt.date], pd.DataFrame]:
        return {}

    def counted(self, goal: Goal) -> pd.DataFrame:
        """The projects that count toward a goal already."""
        key = (goal.target.measure, goal.start, min(goal.end, self.made.date()))
        if key not in self._counts:
            self._counts[key] = events(self.report.tables, *key)
        return self._counts[key]

    @cached_property
    def standing(self) -> pd.Series:
        """Where each project stands in its county's newest ledgers: one of `CARRIED`."""
        rows = self.report.tables["observations"]
        newest = rows.groupby("county", dropna=False)["snapshot"].transform("max")
        now = rows[rows["snapshot"] == newest]
        working = now.loc[stage_of_rows(now).isin(AT_WORK).to_numpy(), "project_id"]
        every = pd.Series("not_listed", index=self.home.index, dtype="object")
        every[every.index.isin(now["project_id"])] = "aside"
        every[every.index.isin(working)] = "at_work"
        return every

    def candidates(self, goal: Goal) -> pd.Series:
        """Where each project stands that was started before the window, was not finished before it, and does not count yet."""
        start, _ = goal.window
        wide = self.phases.pivot_table(index="project", columns="stage", values="actual_end", aggfunc="min")
        # A stage that nobody has reached leaves a column of no type.
        wide = wide.reindex(columns=["started", *FINISHED]).astype("datetime64[ms]")
        rows = self.report.tables["observations"]
        carried = rows.loc[rows["construction"] == "carried_over", "project_id"].unique()
        starts = self.phases[(self.phases["stage"] == "started") & self.phases["first_reported"].notna()]
        undated = starts[starts["actual_end"].isna()]
        before = wide.index[(wide["started"] < start) & ~(wide[list(FINISHED)] < start).any(axis=1)]
        both = before.union(pd.Index(undated.loc[undated["project"].isin(carried), "project"]))
        both = both.difference(pd.Index(self.counted(goal)["project_id"]))
        return self.standing.reindex(both).dropna()


def views(report: Report) -> list[View]:
    """One view for each snapshot known to a report of the whole city, oldest first; none without a snapshot."""
    found: list[View] = []
    for made in report.collected:
        known = report if made == report.collected[-1] else report.known_at(made.date())
        found.append(View(known, made, tuple(found)))
    return found


def coming(report: Report, target: Target, made: pd.Timestamp) -> list[Goal]:
    """The quarter ends to come up to the due date, and the due date; of a target already due those left of its year, else the next one."""
    day = max(made.date(), report.as_of)
    ends = [quarter_end for quarter_end in _quarter_ends(day, target.due.year + 1) if quarter_end > day]
    if target.due > day:
        last = sorted({*(end for end in ends if end < target.due), target.due})
    else:
        last = [end for end in ends if end.year == target.due.year] or ends[:1]
    return [Goal(target, end) for end in last]


def _quarter_ends(day: dt.date, year: int) -> list[dt.date]:
    return [end.date() for end in pd.date_range(day, dt.date(max(year, day.year + 1), 12, 31), freq="QE")]


# --- the parts of a count, each as draws x groups


def places_of(group: pd.Series | np.ndarray, groups: Sequence[str]) -> np.ndarray:
    """The place of each county among `groups`; a project without one of these counties belongs to the last, the city's own."""
    place = pd.Index(groups).get_indexer(pd.Index(np.asarray(group, dtype=object)))
    return np.where(place < 0, len(groups) - 1, place)


def from_ends(ends: Ends, view: View, goal: Goal, groups: Sequence[str]) -> np.ndarray:
    """Newly reported ends of a simulation that count toward a goal; 开复工 takes those before the window too, unless finished by then."""
    first, last = (np.datetime64(day, "D") for day in (goal.start, goal.end))
    known = (ends.reported <= np.datetime64(goal.horizon, "D")) & (ends.stage == STAGE_OF[goal.target.measure])
    inside = known & (ends.end <= last)
    if goal.target.measure == "at_work":
        inside &= ~np.isin(_pair(ends, view, np.arange(len(ends.draw))), finished_before(ends, view, goal))
    else:
        inside &= ends.end >= first
    place = places_of(ends.group[inside], groups)
    return np.bincount(ends.draw[inside] * len(groups) + place, minlength=ends.draws * len(groups)).reshape(ends.draws, -1).astype(float)


def finished_before(ends: Ends, view: View, goal: Goal) -> np.ndarray:
    """Pairs of draw and project (`_pair`) of which the simulation reports by the horizon that it was finished before the window."""
    early = (ends.reported <= np.datetime64(goal.horizon, "D")) & (ends.end < np.datetime64(goal.start, "D")) & (ends.place >= 0)
    return _pair(ends, view, np.flatnonzero(early & np.isin(ends.stage, FINISHED)))


def _pair(ends: Ends, view: View, which: np.ndarray) -> np.ndarray:
    project = places_in(view, view.phases["project"])[ends.place[which]]
    return np.where(ends.place[which] >= 0, ends.draw[which].astype(np.int64) * (len(view.home) + 1) + project, -1)


def places_in(view: View, projects: pd.Series | pd.Index) -> np.ndarray:
    """The place of each project in `view.home`."""
    return view.home.index.get_indexer(projects)


def from_plans(view: View, goal: Goal, groups: Sequence[str], draws: int, rng: np.random.Generator) -> np.ndarray:
    """Open phases planned to end in the window (those overdue in it too), with Poisson spread; of 开复工 those planned before it too."""
    start, end = goal.window
    rows = view.phases[(view.phases["stage"] == STAGE_OF[goal.target.measure]) & view.phases["first_reported"].isna()]
    rows = rows[(rows["planned_end"] <= end) & ((rows["planned_end"] >= start) | (goal.target.measure == "at_work"))]
    return rng.poisson(np.bincount(places_of(rows["county"], groups), minlength=len(groups)), (draws, len(groups))).astype(float)


def from_flow(
    view: View, goal: Goal, groups: Sequence[str], draws: int, rng: np.random.Generator, rules: ForecastRules, recent: bool = True
) -> np.ndarray:
    """What the newest interval reported (`recent`), or the mean of all (the base rate), repeated to the horizon with dates moved along.

    The level has a gamma posterior and varies from one interval to another. Without past reports dates of events stand in.
    """
    reports, intervals, seen = _reports(view, goal, rules)
    intervals = _newest(intervals) if recent else intervals
    cells, used = np.zeros(len(groups)), 0
    length = sum(end - start for start, end in intervals)
    if length > 0:
        for begin, until in intervals:
            mine = reports[(reports["reported"] > begin) & (reports["reported"] <= until)]
            # The intervals stand one after the other, so each fills its share of the time to come.
            cells += _repeated(mine, view, goal, groups, begin, until) * ((until - begin) / length)
            used += len(mine)
    spread = SPREAD if seen else UNSEEN_SPREAD
    level = rng.gamma(used + 0.3, 1 / (used + 0.3), (draws, 1)) * np.exp(spread * rng.standard_normal((draws, 1)) - spread**2 / 2)
    return rng.poisson(cells * level).astype(float)


def _reports(view: View, goal: Goal, rules: ForecastRules) -> tuple[pd.DataFrame, list[tuple[float, float]], bool]:
    """Ends of the goal's stage: date, reported (days since 1970), county; the intervals of reports; and whether reports were seen."""
    rows = view.phases[(view.phases["stage"] == STAGE_OF[goal.target.measure]) & view.phases["actual_end"].notna()]
    date, told = (_days(rows[name]) for name in ("actual_end", "first_reported"))
    made = _day(view.made)
    if view.earlier:
        stops = [*(_day(earlier.made) for earlier in view.earlier), made]
        intervals = list(pairwise(stops))
        return pd.DataFrame({"date": date, "reported": told, "county": rows["county"].array}), intervals, True
    mean = rules.unseen_delay.half_days / np.log(2) * (1 - rules.unseen_delay.first_quarter) + QUARTER / 2
    delay = np.random.default_rng(0).exponential(mean, len(rows))
    # What happened in the last half year is not all reported yet.
    return pd.DataFrame({"date": date, "reported": date + delay, "county": rows["county"].array}), [(made - 547.0, made - 182.0)], False


def _newest(intervals: list[tuple[float, float]]) -> list[tuple[float, float]]:
    last = intervals[-1][1] if intervals else 0.0
    return [part for part in intervals if part[1] > last - RECENT]


def _repeated(rows: pd.DataFrame, view: View, goal: Goal, groups: Sequence[str], begin: float, until: float) -> np.ndarray:
    """How many of `rows`, repeated from the view's day to the horizon as they came in (begin, until], count toward the goal, by group."""
    made, horizon = _day(view.made), _day(pd.Timestamp(goal.horizon))
    first, last = (_day(day) for day in goal.window)
    length, total = until - begin, np.zeros(len(groups))
    place = places_of(rows["county"], groups)
    for number in range(int(np.ceil((horizon - made) / length - 0.05))):
        date = rows["date"].to_numpy() + made - begin + number * length
        inside = (date <= last) & ((date >= first) | (goal.target.measure == "at_work"))
        total += np.bincount(place[inside], minlength=len(groups)) * min(1.0, (horizon - made) / length - number)
    return total


def moved_parts(
    view: View, goal: Goal, groups: Sequence[str], ends: Ends, rng: np.random.Generator, rules: ForecastRules
) -> np.ndarray:
    """What every method shares: projects whose date moves out of the window or into it, and carried-over ones shown at work."""
    steps = max((pd.Timestamp(goal.horizon) - view.made).days / QUARTER, 0.0)
    counted = view.counted(goal)
    number = np.bincount(places_of(view.home.reindex(counted["project_id"]), groups), minlength=len(groups))
    past, rule, draws = _moves(view, goal), rules.moved, ends.draws
    out = rng.beta(past["gone"] + rule.withdrawn * rule.weight, past["had"] - past["gone"] + (1 - rule.withdrawn) * rule.weight, (draws, 1))
    gone = rng.binomial(number, 1 - (1 - out) ** steps)
    if goal.target.measure == "at_work":
        return _carried(view, goal, groups, ends, rng, rules, steps) - gone
    rate = rng.gamma(past["came"] + rule.dated_into * rule.weight, 1 / (past["had"] + rule.weight), (draws, 1))
    return rng.poisson(rate * number * steps).astype(float) - gone


def _moves(view: View, goal: Goal) -> dict[str, int]:
    """Between snapshots, of projects of the twelve months before (开复工: of the year): had, gone, and came though reported before."""
    total = {"had": 0, "gone": 0, "came": 0}
    chain = [*view.earlier, view]
    work = goal.target.measure == "at_work"
    for before, after in pairwise(chain):
        day = before.made.date()
        start = dt.date(day.year, 1, 1) if work else (before.made - pd.Timedelta(days=365)).date()
        if work and after.made.year != day.year:
            continue
        had, has = (events(each.report.tables, goal.target.measure, start, day)["project_id"] for each in (before, after))
        told = before.phases[before.phases["first_reported"].notna()]
        reached = told.loc[told["stage"] == STAGE_OF[goal.target.measure], "project"]
        total["had"] += len(had)
        total["gone"] += int((~had.isin(has)).sum())
        total["came"] += int((~has.isin(had) & has.isin(reached)).sum())
    return total


def _carried(
    view: View, goal: Goal, groups: Sequence[str], ends: Ends, rng: np.random.Generator, rules: ForecastRules, steps: float
) -> np.ndarray:
    """Projects started before the window that a coming ledger shows at work, unless it tells that they were finished before."""
    standing, total = view.candidates(goal), np.zeros((ends.draws, len(groups)))
    if not len(standing):
        return total
    past, weight = carried_rates(view), rules.carried_over.weight
    chance = np.empty((ends.draws, len(standing)))
    for place in CARRIED:
        share = rules.carried_over.shares[place]
        tries, hits = past.get(place, (0, 0))
        drawn = rng.beta(hits + share * weight, tries - hits + (1 - share) * weight, (ends.draws, 1))
        chance[:, (standing == place).to_numpy()] = 1 - (1 - drawn) ** steps
    shown = rng.random(chance.shape) < chance
    project = places_in(view, standing.index)
    pairs = np.arange(ends.draws)[:, None] * (len(view.home) + 1) + project
    shown &= ~np.isin(pairs, finished_before(ends, view, goal))
    place = places_of(view.home.reindex(standing.index), groups)
    for number in range(len(groups)):
        total[:, number] = shown[:, place == number].sum(axis=1)
    return total


def carried_rates(view: View) -> dict[str, tuple[int, int]]:
    """By where projects started before the year stood at a snapshot: how many there were, and how many the next showed at work."""
    found: dict[str, tuple[int, int]] = {}
    for before, after in pairwise((*view.earlier, view)):
        work = [target for target in view.report.city.targets(after.made.year).targets if target.measure == "at_work"]
        if not work:
            continue
        goal = Goal(work[0], after.made.date())
        standing = before.candidates(goal)
        shown = standing.index.isin(after.counted(goal)["project_id"])
        for place in CARRIED:
            mine = (standing == place).to_numpy()
            tries, hits = found.get(place, (0, 0))
            found[place] = (tries + int(mine.sum()), hits + int(shown[mine].sum()))
    return found


def _days(dates: pd.Series) -> np.ndarray:
    return dates.to_numpy(dtype="datetime64[D]").astype(float)


def _day(stamp: pd.Timestamp) -> float:
    return float(stamp.to_datetime64().astype("datetime64[D]").astype(np.int64))
