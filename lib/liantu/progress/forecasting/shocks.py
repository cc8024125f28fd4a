"""How much more whole intervals vary than their phases explain: bursts of reports, estimated from the past with a weak prior."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

PRIOR_WEIGHT = 6.0
COMMON, COMMON_BY_LAG, BY_STAGE, BY_STAGE_BY_LAG = 0.04, 0.36, 0.05, 0.07
USUAL, MOST = 0.6, 2.5
"""Prior spreads of the logarithm of the rate: where reports wait for nothing but the next snapshot (half an interval), and more by each
quarter of median lag beyond it (for all stages only from a usual lag on): what lags long can come in bursts."""
UNKNOWN, UNKNOWN_BY_LAG, UNKNOWN_STAGE, UNKNOWN_STAGE_BY_LAG = 0.02, 0.16, 0.06, 0.08
"""The same where no report was seen, by each quarter in which the dates of ends fall off: how they become reports is not known."""


@dataclass(frozen=True)
class Shocks:
    """Spread of the logarithm of an interval's rate (prior guess or estimate) with its degrees of freedom, for all stages and by stage."""

    common: float
    by_stage: float
    weight: float
    intervals: int

    def draws(self, count: int, steps: int, stages: int, rng: np.random.Generator) -> np.ndarray:
        """Log factors: draws x steps x stages. The level learnt from few intervals shares their shocks, so it is uncertain too."""
        common = self.common * np.sqrt(self.weight / rng.chisquare(self.weight, (count, 1, 1)))
        own = self.by_stage * np.sqrt(self.weight / rng.chisquare(self.weight, (count, 1, 1)))
        level = 1 / np.sqrt(max(1, self.intervals))
        shared = rng.standard_normal((count, steps, 1)) + level * rng.standard_normal((count, 1, 1))
        apart = rng.standard_normal((count, steps, stages)) + level * rng.standard_normal((count, 1, stages))
        log = common * shared + own * apart
        # The mean of a log-normal lies above its middle; the fitted rates are means. The tail is cut at a factor of 20.
        return np.clip(log - 0.5 * (self.common**2 + self.by_stage**2) * (1 + level**2), -3.0, 3.0)


def shocks(seen: Sequence[np.ndarray], expected: Sequence[np.ndarray], lag: float, told: bool) -> Shocks:
    """Spread estimated from ends seen and expected by stage (arrays of one length) in each interval, beyond what chance explains.

    `lag`: median quarters from an end to its report beyond the wait for a snapshot; `told`: whether reports were seen (else `lag` is how
    many quarters of ends are not all reported, and the prior stands alone).
    """
    if not told:
        return Shocks(UNKNOWN + UNKNOWN_BY_LAG * lag, UNKNOWN_STAGE + UNKNOWN_STAGE_BY_LAG * lag, PRIOR_WEIGHT, 1)
    many, lag = len(seen), min(max(lag, 0.0), MOST)
    wide, apart = COMMON + COMMON_BY_LAG * max(0.0, lag - USUAL), BY_STAGE + BY_STAGE_BY_LAG * lag
    if many < 2:
        return Shocks(wide, apart, PRIOR_WEIGHT, many)
    observed, mean = np.array(seen), np.array(expected)
    total = np.log((observed.sum(axis=1) + 1) / (mean.sum(axis=1) + 1))
    common = float(np.sum(np.maximum(0.0, total**2 - 1 / (mean.sum(axis=1) + 1))))
    enough = mean >= 4
    ratio = np.log((observed + 0.5) / (mean + 0.5)) - total[:, None]
    excess = np.where(enough, ratio**2 - 1 / (mean + 0.5), 0.0)
    stages = max(1, int(enough.any(axis=0).sum()))
    own = max(0.0, float(excess.sum())) / stages
    weight = PRIOR_WEIGHT + many - 1
    # The fit has taken the mean of the intervals out: `many - 1` of them are free.
    return Shocks(
        float(np.sqrt((PRIOR_WEIGHT * wide ** 2 + common) / weight)),
        float(np.sqrt((PRIOR_WEIGHT * apart ** 2 + own) / weight)),
        weight,
        many,
    )
