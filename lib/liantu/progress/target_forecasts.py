"""Each target at each coming quarter end and its due date: plan, flow, model side by side, back-tested, and the headline they earned."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from liantu.progress.counts import FLOW
from liantu.progress.forecast_rules import ForecastRules, forecast_rules
from liantu.progress.forecasting import Ends, simulate_ends
from liantu.progress.forecasting.backtests import METHODS, Trial
from liantu.progress.forecasting.pooling import Pool, headline, mixed, pool
from liantu.progress.forecasting.scoring import brier, crps, inside
from liantu.progress.goals import Goal, View, coming, from_ends, from_flow, from_plans, moved_parts, views
from liantu.progress.phases_of import phase_notes
from liantu.progress.targets import comparable, counted_targets, year_targets
from liantu.reference import Target
from liantu.reference.opened import kept, note
from liantu.report import Report
from liantu.tables.made_once import made_once

DRAWS = 2000
QUANTILES = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}
Notes = list[tuple[str, dict[str, object]]]
_KEPT = ".measures"
_CODE = Path(__file__).parent
_SEED = 0
_BASE = "base"
_PARTS = {
    "table": ["target", "county", "horizon", "method", "counted", "mean", *QUANTILES, "value", "chance"],
    "scores": ["target", "method", "n", "crps", "skill", "cover50", "cover90", "brier"],
    "past": ["target", "made", "horizon", "method", "mean", *QUANTILES, "truth"],
    "weights": ["target", "method", "weight"],
    "headline": ["target", "chosen", "why", "gain"],
    "notes": ["code", "values"],
}
_DATES = ("horizon", "made")
_OPENED = ("projects", "milestones", "observations")
_NUMBERS = ("mean", *QUANTILES, "value", "chance", "crps", "skill", "cover50", "cover90", "brier", "weight", "gain")


@dataclass(frozen=True, eq=False)
class TargetForecasts:
    """The forecasts of a report's targets, of the whole city and each county.

    `table`: target, county ("" the city), horizon (date of the ledgers), method (plan, flow, model, headline), counted (known already),
    mean, q05, q25, q50, q75, q95, value (the target's number; NaN: none), chance (that the count reaches it; NaN without).
    `scores`: target, method (also base, the base rate), n, crps, skill (1 - crps / crps of the base rate), cover50, cover90, brier (target
    met; NaN: none fell due). `past`: each back-test forecast of the city (target, made, horizon, method, mean, quantiles) beside the truth
    of that horizon's ledger. `weights`: target, method, weight. `headline`: target, chosen (a method or pool), why (no_back_test,
    few_back_tests, earned), gain (share of CRPS saved against the better of plan and flow). `notes`: codes with values of what is thin or
    odd. Dates are datetime64.
    """

    table: pd.DataFrame
    scores: pd.DataFrame
    past: pd.DataFrame
    weights: pd.DataFrame
    headline: pd.DataFrame
    notes: Notes


def target_forecasts(report: Report) -> TargetForecasts:
    """Forecasts of every counted target of the report's year, as the ledgers of each coming quarter end will know it.

    Always of the whole city with all its counties, whatever the report's county and chain; counties have no target value, and their means
    (with the city's own projects under the city's code) add up to the city's. Counted already - dates moved away + newly reported whose
    date lies in the window (开复工: or before it, and carried-over projects shown at work). Made once for all pages of the same tables.
    """
    return _forecasts(report.whole_city)


@kept(maxsize=4)
def _forecasts(report: Report) -> TargetForecasts:
    for day in report.collected:
        # The back-test opens them only when it is made; that the page rests on them is noted all the same.
        for name in _OPENED:
            note("table", name, dataset=report.parameters.dataset, as_of=str(day.date()), county="", chain="")
    found = made_once(report.folder / _KEPT, f"target-forecasts-{report.as_of}", _given(report), lambda: _packed(_make(report)), _CODE)
    frames = {}
    for name, columns in _PARTS.items():
        text = found.loc[found["part"] == name, "json"].iloc[0]
        frames[name] = pd.DataFrame(json.loads(text)["data"], columns=columns)
    notes = list(zip(frames["notes"]["code"], frames["notes"]["values"], strict=True))
    for name in ("table", "past", "scores", "weights", "headline"):
        dates = [column for column in _DATES if column in frames[name]]
        numbers = [column for column in _NUMBERS if column in frames[name]]
        frames[name] = frames[name].astype({**dict.fromkeys(dates, "datetime64[ms]"), **dict.fromkeys(numbers, "float64")})
    return TargetForecasts(**{**frames, "notes": notes})


def project_chances(report: Report, horizon: object) -> pd.Series:
    """For each project (index project_id) the probability that a ledger of `horizon` reports it producing, from the model's simulation.

    1 where it is reported producing or at capacity; 0 where nothing more is expected (terminated, no longer listed); of the report's
    own projects, whatever its county and chain. Made once for all pages of the same tables.
    """
    city, day = report.whole_city, pd.Timestamp(horizon)  # type: ignore[arg-type]
    found = made_once(city.folder / _KEPT, f"project-chances-{city.as_of}-{day.date()}", [*_given(city), str(day.date())],
                      lambda: _chances(city, day), _CODE)
    chances = found.set_index("project_id")["chance"]
    return chances.reindex(pd.Index(report.projects["project_id"].unique(), name="project_id")).fillna(0.0)


def _given(report: Report) -> list[object]:
    """All that the forecasts are told from."""
    tables, targets = report.tables, [target for year in _years(report) for target in year_targets(report, year)]
    return [tables["projects"], tables["milestones"], tables["observations"], *targets, forecast_rules(report.city), report.inputs,
            str(report.as_of), comparable(report), repr(report.city.divisions.codes), _SEED]


def _years(report: Report) -> list[int]:
    return sorted({report.quarter.year, *(day.year for day in report.collected)})


def _packed(made: TargetForecasts) -> pd.DataFrame:
    """All parts as one table, so that they are made and kept together."""
    frames = {name: getattr(made, name) for name in _PARTS if name != "notes"}
    frames["notes"] = pd.DataFrame(made.notes, columns=_PARTS["notes"])
    texts = [frame.to_json(orient="split", date_format="iso", index=False, double_precision=15) for frame in frames.values()]
    return pd.DataFrame({"part": list(frames), "json": texts})


# --- drawing


@dataclass(frozen=True, eq=False)
class _Drawn:
    """One goal as drawn at a view: `counted` by group, `new` by method and `moved` (draws x groups)."""

    goal: Goal
    counted: np.ndarray
    new: Mapping[str, np.ndarray]
    moved: np.ndarray

    def change(self, method: str) -> np.ndarray:
        """What the count of the whole city gains (draws)."""
        return (self.new[method] + self.moved).sum(axis=1)


def _draw(view: View, goals: Sequence[Goal], groups: Sequence[str], rules: ForecastRules, draws: int) -> list[_Drawn]:
    """All goals drawn from one simulation at a view."""
    last = max(goal.horizon for goal in goals)
    ends = _simulated(view, last, draws, sorted({goal.horizon for goal in goals}))
    found = []
    for number, goal in enumerate(goals):
        rng = np.random.default_rng([_SEED, 3, number])
        counted = view.home.reindex(view.counted(goal)["project_id"])
        new = {
            "plan": from_plans(view, goal, groups, draws, rng),
            "flow": from_flow(view, goal, groups, draws, rng, rules),
            "model": from_ends(ends, view, goal, groups),
            _BASE: from_flow(view, goal, groups, draws, rng, rules, recent=False),
        }
        place = pd.Index(groups).get_indexer(counted)
        number_of = np.bincount(np.where(place < 0, len(groups) - 1, place), minlength=len(groups))
        found.append(_Drawn(goal, number_of, new, moved_parts(view, goal, groups, ends, rng, rules)))
    return found


def _simulated(view: View, last: object, draws: int, stops: Sequence[object] = ()) -> Ends:
    history = {earlier.made: earlier.phases for earlier in view.earlier}
    return simulate_ends(view.phases, history, view.made, last, draws, _SEED, stops)


def _headline(drawn: _Drawn, chosen: Pool) -> np.ndarray:
    """The count by draw and group under the pool: its whole is pooled and widened, and the groups share what that adds."""
    new = {method: drawn.new[method] for method in METHODS}
    groups = mixed(new, chosen.weights, _SEED).astype(float)
    whole = headline({method: values.sum(axis=1, keepdims=True) for method, values in new.items()}, chosen, _SEED)
    total = groups.sum(axis=1, keepdims=True)
    mean = groups.mean(axis=0)
    even = mean / mean.sum() if mean.sum() else np.full(len(mean), 1 / len(mean))
    shares = np.where(total > 0, groups / np.where(total > 0, total, 1.0), even)
    return drawn.counted + drawn.moved + shares * whole


def _chances(report: Report, day: pd.Timestamp) -> pd.DataFrame:
    every = pd.Index(report.projects["project_id"].unique())
    known = views(report)
    if not known:
        return pd.DataFrame({"project_id": every.astype("str"), "chance": 0.0})
    view = known[-1]
    phases = view.phases
    reached = phases[phases["first_reported"].notna() & phases["stage"].isin(FLOW[FLOW.index("producing"):])]["project"]
    chance = pd.Series(0.0, index=every)
    if day > view.made:
        ends = _simulated(view, day, DRAWS)
        hits = np.bincount(ends.place[(ends.place >= 0) & (ends.stage == "producing")], minlength=len(phases)) / ends.draws
        told = pd.Series(hits, index=phases["project"].array).groupby(level=0).max()
        chance.update(told)
    chance[chance.index.isin(reached)] = 1.0
    return pd.DataFrame({"project_id": every.astype("str"), "chance": chance.to_numpy()})


# --- the back-test


@dataclass(frozen=True, eq=False)
class _Past:
    """A forecast of the past: what was drawn, for which target, and the change of the count that became known."""

    drawn: _Drawn
    made: pd.Timestamp
    truth: int
    source: str

    def trial(self) -> Trial:
        """As the pool wants it."""
        draws = {method: self.drawn.change(method)[:, None] for method in METHODS}
        horizon, made = pd.Timestamp(self.drawn.goal.horizon), self.made
        known = np.array([float(self.truth - self.drawn.counted.sum())])
        return Trial(_day(made), _day(horizon), (self.drawn.goal.target.id,), draws, known, self.source)


def _back_tests(known: Sequence[View], report: Report, groups: Sequence[str], rules: ForecastRules) -> list[_Past]:
    """At every past snapshot each later one: the targets of that one's year, in the window up to it."""
    found = []
    for number, view in enumerate(known[:-1]):
        goals, after = [], []
        for later in known[number + 1:]:
            targets = year_targets(report, later.made.year)
            goals += [Goal(target, later.made.date()) for target in targets]
            after += [later] * len(targets)
        drawn = _draw(view, goals, groups, rules, rules.back_test.draws) if goals else []
        source = "history" if number else "events"
        found += [_Past(one, view.made, len(later.counted(one.goal)), source) for one, later in zip(drawn, after, strict=True)]
    return found


def _pool(past: Sequence[_Past], target: str, until: pd.Timestamp | None = None) -> Pool:
    """What the back-tests of a target earned; only those known at `until`."""
    return pool([one.trial() for one in past if one.drawn.goal.target.id == target
                 and (until is None or pd.Timestamp(one.drawn.goal.horizon) <= until)], _SEED)


def _past_counts(past: Sequence[_Past]) -> list[dict[str, np.ndarray]]:
    """The city's count by method for each back-test, the headline as it would have been published then."""
    pools: dict[tuple[str, pd.Timestamp], Pool] = {}
    found = []
    for one in past:
        key = (one.drawn.goal.target.id, one.made)
        if key not in pools:
            pools[key] = _pool(past, *key)
        counts = {method: np.maximum(one.drawn.counted.sum() + one.drawn.change(method), 0.0) for method in (*METHODS, _BASE)}
        found.append({**counts, "headline": np.maximum(_headline(one.drawn, pools[key]).sum(axis=1), 0.0)})
    return found


def _past_table(past: Sequence[_Past], counts: Sequence[Mapping[str, np.ndarray]]) -> pd.DataFrame:
    rows = [{"target": one.drawn.goal.target.id, "made": one.made, "horizon": pd.Timestamp(one.drawn.goal.horizon), "method": method,
             **_summary(drawn), "truth": one.truth}
            for one, methods in zip(past, counts, strict=True) for method, drawn in methods.items()]
    return pd.DataFrame(rows, columns=_PARTS["past"])


def _scores(past: Sequence[_Past], counts: Sequence[Mapping[str, np.ndarray]], comparable_here: bool) -> pd.DataFrame:
    rows = []
    for one, methods in zip(past, counts, strict=True):
        goal = one.drawn.goal
        value = goal.target.value if comparable_here and goal.horizon >= goal.target.due else None
        for method, drawn in methods.items():
            met = np.nan if value is None else float(brier(np.array((drawn >= value).mean()), np.array(one.truth >= value)))
            rows.append({"target": goal.target.id, "method": method, "crps": float(crps(drawn, one.truth)), "brier": met,
                         "cover50": bool(inside(drawn, one.truth, 0.5)), "cover90": bool(inside(drawn, one.truth, 0.9))})
    if not rows:
        return pd.DataFrame(columns=_PARTS["scores"])
    table = pd.DataFrame(rows).groupby(["target", "method"], sort=False).agg(
        n=("crps", "size"), crps=("crps", "mean"), cover50=("cover50", "mean"), cover90=("cover90", "mean"), brier=("brier", "mean"))
    base = table["crps"].xs(_BASE, level="method").reindex(table.index.get_level_values("target")).replace(0.0, np.nan)
    return table.assign(skill=1 - table["crps"].to_numpy() / base.to_numpy()).reset_index()[_PARTS["scores"]]


# --- putting together


def _make(report: Report) -> TargetForecasts:
    rules, known = forecast_rules(report.city), views(report)
    groups = [*report.city.divisions.codes, report.city.divisions.city.code]
    targets = counted_targets(report)
    if not known:
        empty = {name: pd.DataFrame(columns=columns) for name, columns in _PARTS.items() if name != "notes"}
        return TargetForecasts(**empty, notes=[("no_snapshot", {})])
    now = known[-1]
    past = _back_tests(known, report, groups, rules)
    counts = _past_counts(past)
    goals = [goal for target in targets for goal in coming(report, target, now.made)]
    pools = {target.id: _pool(past, target.id) for target in targets}
    rows = [row for drawn in _draw(now, goals, groups, rules, DRAWS) for row in _rows(drawn, pools[drawn.goal.target.id], groups, report)]
    weights = [(target, method, weight) for target, one in pools.items() for method, weight in one.weights.items()]
    chosen = [(target, one.chosen, one.why, one.gain) for target, one in pools.items()]
    return TargetForecasts(
        pd.DataFrame(rows, columns=_PARTS["table"]), _scores(past, counts, comparable(report)), _past_table(past, counts),
        pd.DataFrame(weights, columns=_PARTS["weights"]), pd.DataFrame(chosen, columns=_PARTS["headline"]),
        _notes(report, known, targets, groups, pools))


def _rows(drawn: _Drawn, chosen: Pool, groups: Sequence[str], report: Report) -> list[dict[str, object]]:
    """The city's rows and each county's, of every method; the city's own projects only where there are any."""
    counts = {method: drawn.counted + drawn.new[method] + drawn.moved for method in METHODS}
    counts["headline"] = _headline(drawn, chosen)
    value = drawn.goal.target.value if comparable(report) else None
    rows = []
    for method, table in counts.items():
        about = {"target": drawn.goal.target.id, "horizon": pd.Timestamp(drawn.goal.horizon), "method": method}
        whole = table.sum(axis=1)
        rows.append({**about, "county": "", "counted": int(drawn.counted.sum()), **_summary(whole),
                     "value": np.nan if value is None else value, "chance": np.nan if value is None else float((whole >= value).mean())})
        for place, county in enumerate(groups):
            if county != groups[-1] or any(np.abs(other[:, place]).any() for other in counts.values()):
                rows.append({**about, "county": county, "counted": int(drawn.counted[place]), **_summary(table[:, place]),
                             "value": np.nan, "chance": np.nan})
    return rows


def _summary(draws: np.ndarray) -> dict[str, float]:
    # The mean is that of all draws, so that those of the counties add up; bounds of a count are not below zero.
    levels = np.maximum(np.quantile(draws, list(QUANTILES.values())), 0.0)
    return {"mean": float(draws.mean()), **dict(zip(QUANTILES, map(float, levels), strict=True))}


def _notes(
    report: Report, known: Sequence[View], targets: Sequence[Target], groups: Sequence[str], pools: Mapping[str, Pool]
) -> Notes:
    """What is thin or odd: snapshots, back-tests, targets due or without a value or plan dates, counties without projects, the phases."""
    now = known[-1]
    notes: Notes = []
    if len(known) < 2:
        notes += [("one_snapshot", {}), ("no_back_test", {})]
    if report.card.kind == "public":
        notes.append(("public_record", {}))
    waiting = now.phases[now.phases["first_reported"].isna()]
    for target in targets:
        if target.due <= max(now.made.date(), report.as_of):
            notes.append(("already_due", {"target": target.id, "due": str(target.due)}))
        if target.value is None or not comparable(report):
            notes.append(("without_value", {"target": target.id}))
        if pools[target.id].widen > 1.02:
            notes.append(("bands_widened", {"target": target.id, "factor": round(pools[target.id].widen, 2)}))
        stage = {"new_starts": "started", "at_work": "started", "introduced": "signed"}.get(target.measure, target.measure)
        if waiting.loc[waiting["stage"] == stage, "planned_end"].isna().all():
            notes.append(("target_without_plan_dates", {"target": target.id}))
    notes += [("county_without_projects", {"county": county}) for county in groups[:-1] if not (now.home == county).any()]
    own = int((~now.home.isin(groups[:-1])).sum())
    if own:
        notes.append(("city_own", {"count": own}))
    return notes + [(code, dict(values)) for code, values in phase_notes(report.tables, now.made.date())]


def _day(stamp: pd.Timestamp) -> float:
    return float(stamp.to_datetime64().astype("datetime64[D]").astype(np.int64))
