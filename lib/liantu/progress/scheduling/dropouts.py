"""How often projects fall out before they are built: terminated, or no longer named by any ledger."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from liantu.progress.scheduling.working_days import Days

STANDS = ("", "lead", "negotiating", "signed", "approved", "started", "resumed", "suspended")
"""The stages from which a project falls out (empty: none stated); what is completed no longer does."""
_YEAR = 365


def dropout_rates(known: Sequence[pd.DataFrame], collected: Sequence[pd.Timestamp]) -> pd.DataFrame:
    """Of each stage of `STANDS`: stage, watched (project-days), terminated, gone (projects), rate (of dropping out, a day).

    `known`: the table of projects (project_id, stage, first_snapshot, last_snapshot) as known at each ledger of `collected`, oldest first.
    A project that stands at a stage at one ledger is watched to the next, where it may be called terminated; it is gone when that ledger
    was the last to name it, told where two later ones do not. The first ledger lists what was terminated in its year: from it the rate of
    all stages together, that weighs in each stage's as one dropout: (dropped + 1) / (days + 1 / rate of all), the mean of a gamma
    distribution (Gelman et al., Bayesian Data Analysis, 2.6). No ledger, or none dropped out: rates of 0.
    """
    terminated, gone, watched, told = (np.zeros(len(STANDS)) for _ in range(4))
    for place, (table, later) in enumerate(pairwise(known)):
        days = (collected[place + 1] - collected[place]).days
        stands = _stands(table)
        here = (stands >= 0) & (table["last_snapshot"] == collected[place]).to_numpy()
        ids = table["project_id"]
        ended = ids.isin(later.loc[later["stage"] == "terminated", "project_id"]).to_numpy()
        watched += _counted(stands, here, days)
        terminated += _counted(stands, here & ended)
        if place + 2 < len(known):
            last = known[-1].set_index("project_id")["last_snapshot"].reindex(ids).to_numpy()
            told += _counted(stands, here, days)
            gone += _counted(stands, here & ~ended & (last == np.datetime64(collected[place])))
    stood, over, gone_rate = _first_year(known), terminated.sum(), gone.sum() / max(told.sum(), 1)
    overall = (over + stood[0]) / max(watched.sum() + stood[1], 1)
    return pd.DataFrame({"stage": STANDS, "watched": watched, "terminated": terminated.astype("int64"), "gone": gone.astype("int64"),
                         "rate": _mean(terminated, watched, overall) + _mean(gone, told, gone_rate)})


def _first_year(known: Sequence[pd.DataFrame]) -> tuple[float, float]:
    """How many projects the first ledger calls terminated, and the project-days of its year in which they might have been."""
    if not len(known):
        return 0.0, 0.0
    ended = float((known[0]["stage"] == "terminated").sum())
    return ended, (ended + float((_stands(known[0]) >= 0).sum())) * _YEAR


def _mean(dropped: np.ndarray, days: np.ndarray, overall: float) -> np.ndarray:
    return (dropped + 1) / (days + 1 / overall) if overall else np.zeros(len(days))


def _stands(projects: pd.DataFrame) -> np.ndarray:
    """The place in `STANDS` of each project's stage, -1 for any other."""
    return pd.Index(STANDS).get_indexer(projects["stage"].fillna("").astype("object"))


def _counted(stands: np.ndarray, which: np.ndarray, weight: float = 1.0) -> np.ndarray:
    return np.bincount(stands[which], minlength=len(STANDS)) * weight


def staying(ends: np.ndarray, places: dict[str, int], stage: np.ndarray, rates: pd.DataFrame, today: int, at: Days) -> np.ndarray:
    """The chance that a project has not dropped out by `at`, projects x draws, at the daily rates of `dropout_rates`.

    `stage`: that of each project now; its rate holds until its filing ends, that of approved ones until its start, that of started ones
    until its completion. `ends` (steps x projects x draws) tell when; `places` are the rows of the steps filing, start and completion.
    """
    rate = rates.set_index("stage")["rate"]
    own = rate.reindex(stage).fillna(0.0).to_numpy()[:, None]
    later = [np.where(np.isin(stage, ("suspended", "resumed"))[:, None], own, rate[name]) for name in ("approved", "started")]
    until = np.maximum(at, today)
    filed, started, built = (np.clip(ends[places[step]], today, until) - float(today) for step in ("filing", "start", "completion"))
    started = np.maximum(started, filed)
    return np.exp(-(own * filed + later[0] * (started - filed) + later[1] * (np.maximum(built, started) - started)))
