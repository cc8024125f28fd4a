"""The public call: how many stage ends will be newly reported by a date, by every method, with the back-test that judges them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from liantu.progress.forecasting.backtests import COMPARED, METHODS, backtest, components, scores
from liantu.progress.forecasting.model import Model, fit
from liantu.progress.forecasting.pooling import Pool, headline, headlines, pool
from liantu.progress.forecasting.reading import Known, Note
from liantu.progress.forecasting.simulating import opened

QUANTILES = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}
BACKTEST_DRAWS = 400


@dataclass(frozen=True)
class Forecast:
    """A forecast of newly reported stage ends.

    `table`: stage, method (plan, flow, model, headline), mean, q05, q25, q50, q75, q95. `scores`: stage (and `all`), method (also
    kaplan_meier, base), n, crps, skill (1 - crps / crps of the base rate), cover50, cover90; no rows without history. `weights`: method,
    weight. `pool`: what was chosen, why, its gain over the best of plan and flow, the widening. `notes`: codes with values of what was bad
    or thin. `draws`: method (also kaplan_meier, base) -> draws x stages.
    """

    table: pd.DataFrame
    scores: pd.DataFrame
    weights: pd.DataFrame
    pool: Pool
    notes: tuple[Note, ...]
    draws: dict[str, pd.DataFrame]


def forecast_counts(
    phases: pd.DataFrame,
    as_of: object,
    horizon: object,
    draws: int = 2000,
    seed: int = 0,
    history: Mapping[object, pd.DataFrame] | None = None,
) -> Forecast:
    """How many stage ends will be newly reported in (as_of, horizon], by stage, by the plan dates, recent flow, a model and the headline.

    `phases`: one row for each project and stage as known at `as_of`: project, stage, start, planned_end, actual_end (NaT while open),
    first_reported (of the end; NaT while open or unknown); optional county, size_wan, construction. Dates may be text. `history`: such
    tables by earlier snapshot date; with it the delay, the model and the pool are learnt from what turned out, and scored. What was
    reported or ended after `as_of` counts as open. Raises LiantuError for a missing column, a horizon not after as_of, or a history table
    not before as_of. Formulas and sources: docs/methods/milestones.md.
    """
    tables, last = opened(phases, history, as_of, horizon)
    return forecasts(tables, [last], draws, seed)[0]


def forecasts(tables: Sequence[Known], horizons: Sequence[float], draws: int, seed: int) -> list[Forecast]:
    """A forecast for each of `horizons` (days since 1970-01-01, all after the last of `tables`), from one fit and one back-test."""
    model = fit(tables)
    trials = backtest(tables, BACKTEST_DRAWS, seed)
    chosen = pool(trials, seed)
    told = scores(trials, headlines(trials, seed))
    weights = pd.DataFrame({"method": list(chosen.weights), "weight": list(chosen.weights.values())})
    notes = (*tables[-1].notes, *_thin(model, tables[-1], chosen))
    result = []
    for drawn in components(model, horizons, draws, seed):
        named = {method: drawn[method] for method in METHODS} | {"headline": headline(drawn, chosen, seed)}
        frames = {method: pd.DataFrame(values, columns=list(model.shape.stages)) for method, values in named.items()}
        others = {method: pd.DataFrame(drawn[method], columns=list(model.shape.stages)) for method in COMPARED if method not in METHODS}
        result.append(Forecast(_summary(frames), told, weights, chosen, notes, frames | others))
    return result


def _summary(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    parts = []
    for method, frame in frames.items():
        values = frame.to_numpy(dtype=float)
        levels = np.quantile(values, list(QUANTILES.values()), axis=0) if values.size else np.empty((len(QUANTILES), 0))
        parts.append(pd.DataFrame({
            "stage": frame.columns.astype("str"), "method": method, "mean": values.mean(axis=0), **dict(zip(QUANTILES, levels, strict=True))
        }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _thin(model: Model, now: Known, chosen: Pool) -> list[Note]:
    """What little was known: where the past was seen, whether delays and back-tests were, which stages tell nothing."""
    notes: list[Note] = []
    if model.past.source != "history":
        code = "past_from_first_reports" if model.past.source == "reports" else "delay_unknown"
        notes.append((code, {"intervals": len(model.past.intervals)}))
    if not model.past.intervals:
        notes.append(("no_past", {}))
    elif len(model.past.intervals) < 3 and model.past.source == "history":
        notes.append(("few_intervals", {"intervals": len(model.past.intervals)}))
    if not chosen.origins:
        notes.append(("no_back_test", {}))
    if chosen.widen > 1.02:
        notes.append(("bands_widened", {"factor": round(chosen.widen, 2)}))
    seen = set().union(*(set(part.rows["stage"][part.ended]) | set(part.entrants.index) for part in model.past.intervals))
    notes += [("stage_without_past_ends", {"stage": stage}) for stage in model.shape.stages if stage not in seen]
    gone = set(model.shape.stages) - set(now.rows["stage"])
    notes += [("stage_not_in_phases", {"stage": stage}) for stage in sorted(gone)]
    return notes
