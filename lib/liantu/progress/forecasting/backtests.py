"""Back-tests: at every earlier snapshot the methods are fitted to what was known then and scored on what became known later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from liantu.progress.forecasting.competitors import flow_draws, kaplan_meier_draws, plan_draws
from liantu.progress.forecasting.intervals import newly
from liantu.progress.forecasting.model import Model, fit
from liantu.progress.forecasting.reading import Known
from liantu.progress.forecasting.scoring import crps, inside
from liantu.progress.forecasting.simulating import simulate

METHODS = ("plan", "flow", "model")
COMPARED = (*METHODS, "kaplan_meier", "base")
ALL = "all"
"""The stage name under which the sum of all stages is scored."""


@dataclass(frozen=True)
class Trial:
    """Forecasts made at `origin` for `target` (days since 1970-01-01) and what was known by then.

    `draws`: draws x stages by method; `truth` by stage; `source`: how the past was seen at the origin (as in Past).
    """

    origin: float
    target: float
    stages: tuple[str, ...]
    draws: dict[str, np.ndarray]
    truth: np.ndarray
    source: str = "history"


def components(model: Model, horizons: Sequence[float], draws: int, seed: int) -> list[dict[str, np.ndarray]]:
    """Draws x stages of every method for each horizon, from one simulation through all of them."""
    ends = simulate(model, horizons, draws, seed)
    stages = model.shape.stages
    stage = pd.Index(stages).get_indexer(ends.stage) if len(ends.stage) else np.array([], dtype=int)
    reported = ends.reported.astype(np.int64) if len(ends.reported) else np.array([])
    result = []
    for number, horizon in enumerate(horizons):
        upto = reported <= horizon
        counts = np.bincount(ends.draw[upto] * len(stages) + stage[upto], minlength=draws * len(stages)).reshape(draws, len(stages))
        rng = np.random.default_rng([seed, 1, number])
        result.append({
            "plan": plan_draws(model, horizon, draws, rng),
            "flow": flow_draws(model, horizon, draws, rng),
            "model": counts,
            "kaplan_meier": kaplan_meier_draws(model, horizon, draws, rng),
            "base": flow_draws(model, horizon, draws, rng, recent=False),
        })
    return result


def backtest(tables: Sequence[Known], draws: int = 500, seed: int = 0) -> list[Trial]:
    """A trial for every pair of an earlier table and a later one; tables oldest first, the last is what is known now."""
    trials = []
    for first in range(len(tables) - 1):
        model = fit(tables[: first + 1])
        horizons = [table.day for table in tables[first + 1 :]]
        outcomes = truths(tables[first:], model.shape.stages)
        for horizon, truth, drawn in zip(horizons, outcomes, components(model, horizons, draws, seed + first), strict=True):
            trials.append(Trial(tables[first].day, horizon, model.shape.stages, drawn, truth, model.past.source))
    return trials


def truths(tables: Sequence[Known], stages: Sequence[str]) -> list[np.ndarray]:
    """Ends newly reported since the first table, by stage, as known at each later one; each phase counts once."""
    total, counted, result = np.zeros(len(stages)), pd.Index([]), []
    for before, after in pairwise(tables):
        ended, fresh = newly(before, after)
        new = pd.concat([before.rows.loc[ended, ["key", "stage"]], after.rows.loc[fresh, ["key", "stage"]]])
        new = new[counted.get_indexer(new["key"]) < 0]
        counted = counted.append(pd.Index(new["key"]))
        total = total + new["stage"].value_counts().reindex(list(stages), fill_value=0).to_numpy()
        result.append(total)
    return result


def scores(trials: Sequence[Trial], headlines: Sequence[np.ndarray]) -> pd.DataFrame:
    """stage, method, n, crps, skill (1 - crps / crps of the base rate), cover50, cover90; `headlines`: draws x stages of each trial."""
    columns = ["stage", "method", "n", "crps", "skill", "cover50", "cover90"]
    if not trials:
        return pd.DataFrame(columns=columns)
    parts = []
    for trial, headline in zip(trials, headlines, strict=True):
        for method, drawn in {**trial.draws, "headline": headline}.items():
            whole = np.column_stack([drawn, drawn.sum(axis=1)]).T
            truth = np.append(trial.truth, trial.truth.sum())
            parts.append(pd.DataFrame({
                "stage": [*trial.stages, ALL], "method": method, "crps": crps(whole, truth),
                "cover50": inside(whole, truth, 0.5), "cover90": inside(whole, truth, 0.9),
            }))  # fmt: skip
    rows = pd.concat(parts, ignore_index=True)
    table = rows.groupby(["stage", "method"], sort=False).agg(
        n=("crps", "size"), crps=("crps", "mean"), cover50=("cover50", "mean"), cover90=("cover90", "mean")
    )
    base = table["crps"].xs("base", level="method")
    skill = 1 - table["crps"] / base.reindex(table.index.get_level_values("stage")).replace(0.0, np.nan).to_numpy()
    return table.assign(skill=skill).reset_index()[columns]
