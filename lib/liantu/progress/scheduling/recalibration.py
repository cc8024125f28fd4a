"""What earlier chances came to, carried over to the chances stated now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from liantu.progress.scheduling.step_rules import StatedChances

_EDGE = 1e-3
"""Chances of 0 and 1 are drawn ones: 500 draws cannot tell them from this."""


@dataclass(frozen=True)
class Recalibration:
    """logit(stated) = intercept + slope logit(drawn), held within `lowest` and `highest`; `n` outcomes told it."""

    intercept: float
    slope: float
    n: int
    lowest: float
    highest: float

    def stated(self, drawn: np.ndarray) -> np.ndarray:
        """The chances to state for drawn ones; NaN stays NaN."""
        return np.clip(_share(self.intercept + self.slope * _logit(drawn)), self.lowest, self.highest)


def recalibration(past: pd.DataFrame, rules: StatedChances) -> Recalibration:
    """The recalibration that past drawn chances (`raw`) and what came of them (`made`, 0 or 1) tell.

    The prior (nothing changes) weighs as `prior_outcomes` outcomes: beside each past chance stands one that came true in just that share,
    together of that weight. Without past chances only the bounds hold. The order of chances is never turned round.
    Source: Cox, Two further applications of a model for binary regression, Biometrika 45 (1958) 562-565; fitted by statsmodels (GLM).
    """
    if past.empty:
        return Recalibration(0.0, 1.0, 0, rules.lowest, rules.highest)
    # Slow to import, and not wanted where nothing is recalibrated.
    import statsmodels.api as sm

    raw = np.clip(past["raw"].to_numpy(dtype="float64"), _EDGE, 1 - _EDGE)
    weight = rules.prior_outcomes / len(raw)
    outcome = (past["made"].to_numpy(dtype="float64") + weight * raw) / (1 + weight)
    logits = _logit(raw)
    if np.ptp(logits) < 1e-9:
        # All chances alike tell of their level, not of a slope.
        return Recalibration(float(_logit(np.array([outcome.mean()]))[0] - logits[0]), 1.0, len(raw), rules.lowest, rules.highest)
    design = np.column_stack([np.ones(len(raw)), logits])
    fitted = sm.GLM(outcome, design, family=sm.families.Binomial(), var_weights=np.full(len(raw), 1 + weight)).fit()
    intercept, slope = (float(value) for value in fitted.params)
    if slope < 0:
        intercept, slope = float(_logit(np.array([outcome.mean()]))[0]), 0.0
    return Recalibration(intercept, slope, len(raw), rules.lowest, rules.highest)


def _logit(share: np.ndarray) -> np.ndarray:
    held = np.clip(share, _EDGE, 1 - _EDGE)
    return np.log(held / (1 - held))


def _share(logit: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logit))
