"""The newest quarters as reported, and as they will look once reports are in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from liantu.progress.counts import STAGE_OF
from liantu.progress.forecast_rules import ForecastRules, forecast_rules
from liantu.progress.targets import by_quarter, counted_targets
from liantu.progress.triangles import triangle_forecast
from liantu.reference import Quarter
from liantu.reference.opened import kept
from liantu.report import Report

COLUMNS = ["target", "quarter", "reported", "mean", "q05", "q50", "q95", "note"]
DRAWS = 4000
_QUARTER = 91.3
_SEED = 0


@kept(maxsize=4)
def nowcast(report: Report) -> pd.DataFrame:
    """For each counted target and each quarter of its window that has ended: target, quarter, reported, mean, q05, q50, q95, note.

    `reported` counts as known at `report.as_of`; `mean` and the quantiles (5, 50, 95 %) tell the same count once all reports are in:
    reported plus what a chain ladder of event quarter by snapshot (`triangle_forecast`, tail by forecasting.yml) still expects. Of 开复工
    only new starts are late: carried-over projects are dated by the ledger that shows them. Notes: `starts_only`; `one_snapshot` (no delay
    can be estimated: that of a real programme stands in, with a wide interval); `few_late_reports` (fewer than 20 events told the delay).
    It is kept, so the caller must not change it.
    """
    rules, collected = forecast_rules(report.city), report.collected
    milestones = report.tables["milestones"]
    rows = []
    for target in counted_targets(report):
        quarters = by_quarter(report, target)
        ended = quarters[quarters["known"]]
        reported = dict(zip(ended["quarter"], ended["in_time"] + ended["late"], strict=True))
        dated = milestones[milestones["stage"] == STAGE_OF[target.measure]].dropna(subset=["actual_date", "first_reported"])
        missing, note = missing_by_quarter(dated, collected, [Quarter.parse(name) for name in reported], rules)
        notes = " ".join(filter(None, ["starts_only" if target.measure == "at_work" else "", note]))
        for (quarter, count), drawn in zip(reported.items(), missing.T, strict=True):
            low, middle, high = np.quantile(drawn, [0.05, 0.5, 0.95])
            rows.append((target.id, quarter, int(count), count + drawn.mean(), count + low, count + middle, count + high, notes))
    return pd.DataFrame(rows, columns=COLUMNS)


def missing_by_quarter(
    dated: pd.DataFrame, collected: Sequence[pd.Timestamp], quarters: Sequence[Quarter], rules: ForecastRules, draws: int = DRAWS,
) -> tuple[np.ndarray, str]:
    """How many events of each of `quarters` are still to be reported (draws x quarters), and a note on how that was told.

    `dated`: actual_date and first_reported of the events of one stage; `collected`: the dates of the snapshots, oldest first.
    """
    if len(collected) < 2:
        return _assumed(dated, collected, quarters, rules, draws), "one_snapshot"
    triangle, names = report_triangle(dated, collected, rules.triangle.lags)
    late = int((dated["first_reported"] > collected[0]).sum())
    # A row of what was held before looking: it decides where the ledgers tell nothing yet.
    ends = np.array([_assumed_share(lag * _QUARTER, rules) for lag in range(rules.triangle.lags + 1)])
    believed = rules.triangle.weight * np.diff(ends, prepend=0.0)
    like = (rules.triangle.dispersion, rules.triangle.dispersion_weight)
    found = triangle_forecast(np.vstack([believed, triangle]), draws, _SEED, rules.tail.ratio, like)
    drawn = np.zeros((draws, len(quarters)))
    rng = np.random.default_rng([_SEED, 1])
    for number, quarter in enumerate(quarters):
        if str(quarter) in names:
            drawn[:, number] = _whole(found.draws[:, 1 + names.index(str(quarter))], rng)
    return drawn, "" if late >= 20 else "few_late_reports"


def report_triangle(dated: pd.DataFrame, collected: Sequence[pd.Timestamp], lags: int) -> tuple[np.ndarray, list[str]]:
    """Events by quarter (rows, oldest first) and by how many quarters after it a snapshot first told them (0 to `lags`), and the quarters.

    A cell without a snapshot is NaN: what the first snapshot told of earlier quarters, and the next after a quarter without one, is part
    of the number of that snapshot (as `triangle_forecast` reads it).
    """
    held = sorted({_number(Quarter.of(day.date())) for day in collected})
    events, told = (pd.PeriodIndex(dated[name], freq="Q") for name in ("actual_date", "first_reported"))
    event, report = (index.year.to_numpy() * 4 + index.quarter.to_numpy() for index in (events, told))
    rows = np.arange(held[0] - lags, held[-1] + 1)
    table = np.full((len(rows), lags + 1), np.nan)
    for place, row in enumerate(rows):
        for snapshot in held:
            if 0 <= snapshot - row <= lags:
                table[place, snapshot - row] = ((event == row) & (report == snapshot)).sum()
    return table, [f"{(row - 1) // 4}Q{(row - 1) % 4 + 1}" for row in rows]


def _number(quarter: Quarter) -> int:
    return quarter.year * 4 + quarter.number


def _assumed(
    dated: pd.DataFrame, collected: Sequence[pd.Timestamp], quarters: Sequence[Quarter], rules: ForecastRules, draws: int
) -> np.ndarray:
    """Missing events by the delay that stands in: the share reported by now is a beta about the rule's, the rest negative binomial."""
    rule, rng = rules.unseen_delay, np.random.default_rng([_SEED, 2])
    drawn = np.zeros((draws, len(quarters)))
    if not len(collected):
        return drawn
    for number, quarter in enumerate(quarters):
        since = max((collected[-1] - pd.Timestamp(quarter.end)).days, 0)
        share = _assumed_share(since, rules)
        known = dated["actual_date"].between(pd.Timestamp(quarter.start), pd.Timestamp(quarter.end)).sum()
        seen = rng.beta(share * rule.weight + 1, (1 - share) * rule.weight + 1, draws)
        drawn[:, number] = rng.negative_binomial(known + 0.5, np.clip(seen, 0.05, 1 - 1e-6))
    return drawn


def _assumed_share(since: float, rules: ForecastRules) -> float:
    """The share of a quarter's events reported `since` days after it, by the delay that stands in."""
    return 1 - (1 - rules.unseen_delay.first_quarter) * 0.5 ** (since / rules.unseen_delay.half_days)


def _whole(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Whole numbers whose mean is that of `values`."""
    return np.floor(values + rng.random(len(values)))
