"""The newest quarters as reported, and as they will look once reports are in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from liantu.progress.counts import STAGE_OF
from liantu.progress.forecast_rules import ForecastRules, forecast_rules
from liantu.progress.report_weeks import QUARTER_DAYS, WEEKS, age_edges, week_triangle
from liantu.progress.targets import by_quarter, counted_targets
from liantu.progress.triangles import Belief, delay_pattern, outstanding
from liantu.reference import Quarter
from liantu.reference.opened import kept
from liantu.report import Report

COLUMNS = ["target", "quarter", "reported", "mean", "q05", "q50", "q95", "note",
           "cumulative", "cumulative_mean", "cumulative_q05", "cumulative_q95"]
DRAWS = 4000
_SEED = 0


@kept(maxsize=4)
def nowcast(report: Report) -> pd.DataFrame:
    """For each counted target and each quarter of its window that has ended: target, quarter, reported, mean, q05, q50, q95, note, and
    cumulative, cumulative_mean, cumulative_q05, cumulative_q95 of the window up to that quarter (drawn jointly).

    `reported` counts as known at `report.as_of`; `mean` and the quantiles (5, 50, 95 %) tell the same count once all reports are in:
    reported plus what `missing_by_quarter` still expects. Of 开复工 only new starts are late: carried-over projects are dated by the
    ledger that shows them. Notes: `starts_only`; `one_snapshot` (no delay can be estimated: that of a real programme stands in, with a
    wide interval); `few_late_reports` (fewer than 20 events told the delay); `no_ledger` (the quarter ended after the newest snapshot).
    It is kept, so the caller must not change it.
    """
    rules, collected = forecast_rules(report.city), report.collected
    dated = report.tables["milestones"].dropna(subset=["actual_date", "first_reported"])
    ended = {target: by_quarter(report, target).query("known") for target in counted_targets(report)}
    quarters = sorted({name for table in ended.values() for name in table["quarter"]})
    drawn = {stage: missing_by_quarter(dated[dated["stage"] == stage], collected, [Quarter.parse(name) for name in quarters], rules,
                                       every=dated)
             for stage in sorted({STAGE_OF[target.measure] for target in ended})}
    rows = []
    for target, table in ended.items():
        late, note = drawn[STAGE_OF[target.measure]]
        so_far, late_so_far = 0, np.zeros(len(late))
        for quarter, reported in zip(table["quarter"], table["in_time"] + table["late"], strict=True):
            mine = late[:, quarters.index(quarter)]
            so_far, late_so_far = so_far + int(reported), late_so_far + mine
            unseen = not collected or pd.Timestamp(Quarter.parse(quarter).end) > collected[-1]
            notes = " ".join(filter(None, ["starts_only" if target.measure == "at_work" else "", note, "no_ledger" if unseen else ""]))
            summed = so_far + np.array([late_so_far.mean(), *np.quantile(late_so_far, [0.05, 0.95])])
            rows.append((target.id, quarter, int(reported), reported + mine.mean(),
                         *(reported + np.quantile(mine, [0.05, 0.5, 0.95])), notes, so_far, *summed))
    return pd.DataFrame(rows, columns=COLUMNS)


def missing_by_quarter(
    dated: pd.DataFrame, collected: Sequence[pd.Timestamp], quarters: Sequence[Quarter], rules: ForecastRules, draws: int = DRAWS,
    every: pd.DataFrame | None = None,
) -> tuple[np.ndarray, str]:
    """How many events of each of `quarters` are still to be reported (draws x quarters, joint), and a note on how that was told.

    `dated`: actual_date, first_reported and (if known) precision of the events of one stage; `every`: the same of all stages, whose delay
    is what this stage's is believed to be; `collected`: the dates of the snapshots, oldest first. Events are counted by week and snapshot,
    so an event of a quarter's last days has the delay of its own age (`report_weeks`); weeks follow each other, and the weeks of the year
    before, with the spreads of forecasting.yml.
    """
    from threadpoolctl import threadpool_limits

    if not len(collected) or not len(quarters):
        return np.zeros((draws, len(quarters))), "" if len(collected) else "no_snapshot"
    rule = rules.triangle
    first = pd.Period(collected[0], freq="Q") - rule.lags
    last = max(pd.Period(day, freq="Q") for day in (collected[-1], *(quarter.end for quarter in quarters)))
    place = np.arange(((last - first).n + 1) * WEEKS)
    # Counts of a week are too small to tell how far they spread: about a month's are.
    blocks = place // WEEKS * 3 + np.minimum(place % WEEKS // 4, 2)
    groups = np.full(len(place), -1)
    for number, quarter in enumerate(quarters):
        groups[place // WEEKS == (pd.Period(quarter.end, freq="Q") - first).n] = number
    # Threads that share so small matrices wait for each other: ten times slower where cores are busy.
    with threadpool_limits(1, "blas"):
        belief = _belief(dated if every is None else every, collected, (first, last), rules)
        triangle = week_triangle(dated, collected, first, last, rule.lags)
        found = outstanding(triangle, belief, groups, blocks, draws, _SEED, rules.tail.ratio)
    rng = np.random.default_rng([_SEED, 2])
    drawn = np.zeros((draws, len(quarters)))
    drawn[:, :found.draws.shape[1]] = np.floor(found.draws + rng.random(found.draws.shape))
    late = int((dated["first_reported"] > collected[0]).sum())
    return drawn, "one_snapshot" if len(collected) == 1 else "" if late >= 20 else "few_late_reports"


def _belief(
    every: pd.DataFrame, collected: Sequence[pd.Timestamp], span: tuple[pd.Period, pd.Period], rules: ForecastRules
) -> Belief:
    """What is held of one stage before looking: the delay of all stages, or with one snapshot the delay that stands in."""
    rule, pattern, weight = rules.triangle, assumed_pattern(rules), rules.unseen_delay.weight
    if len(collected) > 1:
        pattern = delay_pattern(week_triangle(every, collected, *span, rule.lags), Belief(pattern, rule.weight, rule.dispersion))
        weight = rule.stages_weight
    return Belief(pattern, weight, rule.dispersion, rule.dispersion_weight, rule.week_spread, 4 * WEEKS, rule.season_spread)


def assumed_pattern(rules: ForecastRules) -> np.ndarray:
    """The share of reports at each age (`age_edges`) by the delay that stands in; what is reported within a quarter of an event of the
    same quarter is read as what is reported by its mean age, half a quarter."""
    rule, edges = rules.unseen_delay, age_edges(rules.triangle.lags).astype(float)
    middle = QUARTER_DAYS / 2
    waiting = np.where(edges <= middle, (1 - rule.first_quarter) ** (edges / middle),
                       (1 - rule.first_quarter) * 0.5 ** ((edges - middle) / rule.half_days))
    return -np.diff(waiting) / (1 - waiting[-1])
