"""Were the chances honest: what was said at earlier ledgers, held against what later became known."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from liantu.progress.scheduling.past_chances import past_chances
from liantu.report import Report

BANDS = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
"""The edges of the bands in which chances are told."""


def chances_against_outcomes(report: Report) -> pd.DataFrame:
    """The stated chances in bands against what came of them: goal, band, projects, expected, made, low, high.

    `goal` is a step (start, completion, trial, capacity) or `all`; `expected` is the mean chance, `made` the share that made the date,
    `low` and `high` Wilson's interval (95 %) of that share. Empty where no earlier ledger tells. Honest chances have `expected` inside
    the interval. The rows are those of `past_chances`; a project may stand in several (one for each ledger), so the intervals are
    rather narrow.
    """
    # Slow to import, and not wanted where nothing was forecast.
    from statsmodels.stats.proportion import proportion_confint

    past = past_chances(report)
    edges = np.array(BANDS)
    place = np.clip(np.searchsorted(edges, past["chance"].to_numpy(dtype="float64"), side="right") - 1, 0, len(edges) - 2)
    names = np.array([f"{low:.0%} - {high:.0%}" for low, high in pairwise(BANDS)], dtype=object)
    rows = []
    for goal, mine in _by_goal(past):
        for band in range(len(names)):
            held = past[mine & (place == band)]
            if len(held):
                low, high = proportion_confint(held["made"].sum(), len(held), method="wilson")
                rows.append((goal, names[band], len(held), held["chance"].mean(), held["made"].mean(), low, high))
    return pd.DataFrame(rows, columns=["goal", "band", "projects", "expected", "made", "low", "high"])


def chance_scores(report: Report) -> pd.DataFrame:
    """Brier scores of the stated chances: goal, n, expected, made, brier, base (Brier score of the base rates), skill
    (1 - brier / base). Nothing in either is taken from what came after. Source: Brier, Monthly Weather Review 78 (1950) 1-3.
    """
    past = past_chances(report)
    rows = []
    for goal, mine in _by_goal(past):
        held = past[mine]
        score, naive = (float(((held[name] - held["made"]) ** 2).mean()) for name in ("chance", "base"))
        rows.append((goal, len(held), held["chance"].mean(), held["made"].mean(), score, naive, 1 - score / naive if naive else np.nan))
    return pd.DataFrame(rows, columns=["goal", "n", "expected", "made", "brier", "base", "skill"])


def _by_goal(past: pd.DataFrame) -> list[tuple[str, np.ndarray]]:
    goals = sorted(past["goal"].unique())
    every = [("all", np.ones(len(past), dtype=bool))] if len(past) else []
    return every + [(goal, (past["goal"] == goal).to_numpy()) for goal in goals]
