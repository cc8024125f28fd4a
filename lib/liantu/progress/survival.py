"""Survival curves with delayed entry: Kaplan-Meier, and Aalen-Johansen where leaving has several causes.

The product-limit estimate, its risk sets and Greenwood's variance are those of statsmodels' SurvfuncRight; CumIncidenceRight there takes no
delayed entry, so the sum over causes is done here with the variance it uses (Dinse and Larson 1986; Marubini and Valsecchi 1995).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

Values = npt.ArrayLike
_HALF_DAY = 0.5


def kaplan_meier(days: Values, ended: Values, entry: Values | None = None, level: float = 0.9) -> pd.DataFrame:
    """The share still in a stage after each day on which one left: days, at_risk, ended, survival, se, low, high.

    `ended` is false for those still there or no longer followed. `entry`: at risk only after so many days (delayed entry). An end on day 0
    counts as half a day. Intervals: log-log from Greenwood's variance; once nobody is left the estimate is 0, its se missing, the interval
    from 0 to the last upper bound. Raises ValueError when an entry is not before its end. Checked against Freireich et al. 1963 (6-MP).
    """
    from statsmodels.duration.survfunc import SurvfuncRight

    time, status, begin = _checked(days, np.asarray(ended, dtype=bool).astype("int64"), entry)
    if not status.any():
        return pd.DataFrame({name: pd.Series(dtype="float64") for name in ("days", "at_risk", "ended", "survival", "se", "low", "high")})
    with np.errstate(divide="ignore", invalid="ignore"):
        found = SurvfuncRight(time, status, entry=begin)
    survival, se = found.surv_prob, found.surv_prob_se
    low, high = _log_log(1 - survival, se, level)
    bounds = np.where(survival == 0, 0.0, 1 - high), 1 - low
    empty = np.flatnonzero(survival == 0)
    if len(empty):  # once nobody is left nobody is: these are the last days
        bounds[1][empty] = bounds[1][empty[0] - 1] if empty[0] else 1.0
    return pd.DataFrame({"days": found.surv_times, "at_risk": found.n_risk, "ended": found.n_events, "survival": survival, "se": se,
                         "low": bounds[0], "high": bounds[1]})


def risk_set(days: Values, ended: Values, entry: Values) -> tuple[np.ndarray, np.ndarray]:
    """The days on which one left, and how many were at risk then (entered before, not gone before)."""
    time, status, begin = _checked(days, np.asarray(ended, dtype=bool), entry)
    events = np.unique(time[status])
    return events, np.searchsorted(np.sort(begin), events) - np.searchsorted(np.sort(time), events)


def aalen_johansen(days: Values, to: Sequence[object] | pd.Series, entry: Values | None = None, level: float = 0.9) -> pd.DataFrame:
    """The share that has left for each cause after each day on which one left: days, to, at_risk, ended, share, se, low, high.

    `to` names the cause, missing for those still there. One row for each day and cause; `ended` counts those that left for it that day.
    Shares of all causes and the Kaplan-Meier share still there add up to 1. With one cause this is 1 - `kaplan_meier`, interval and all.
    Checked against statsmodels' CumIncidenceRight, R's cuminc and Stata's stcompet, and Satagopan et al. 2004 (Br J Cancer 91:1229),
    table 2.
    """
    causes = pd.Series(to, dtype="object").reset_index(drop=True)
    names = sorted(causes.dropna().unique(), key=str)
    curve = kaplan_meier(days, causes.notna(), entry, level)
    time, _, _ = _checked(days, np.zeros(len(causes), dtype="int64"), entry)
    before = np.append(1.0, curve["survival"].to_numpy()[:-1]) if len(curve) else np.zeros(0)
    parts = []
    for name in names:
        place = np.searchsorted(curve["days"], time[(causes == name).to_numpy()])
        own = np.bincount(place, minlength=len(curve)).astype("float64")
        share, se = _incidence(curve["at_risk"].to_numpy(), curve["ended"].to_numpy(), own, before)
        low, high = _log_log(share, se, level)
        parts.append(pd.DataFrame({"days": curve["days"], "to": name, "at_risk": curve["at_risk"], "ended": own, "share": share, "se": se,
                                   "low": low, "high": high}))
    if not parts:
        return pd.DataFrame(columns=["days", "to", "at_risk", "ended", "share", "se", "low", "high"])
    return pd.concat(parts, ignore_index=True)


def _incidence(n: np.ndarray, d: np.ndarray, own: np.ndarray, before: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cumulative incidence of one cause and its standard error, by the delta method.

    With F(t) the incidence, the variance is the sum over days s up to t of (F(t) - F(s))^2 d / (n (n - d))
    + S(s-)^2 own (n - own) / n^3 - 2 (F(t) - F(s)) S(s-) own / n^2.
    """
    share = np.cumsum(before * own / n)
    # When all leave on a day, F does not change any more, so that day adds nothing.
    all_causes = np.where(n > d, d / (n * np.where(n > d, n - d, 1)), 0.0)
    this = before * own / n**2
    variance = (share**2 * np.cumsum(all_causes) - 2 * share * np.cumsum(share * all_causes) + np.cumsum(share**2 * all_causes)
                + np.cumsum(before**2 * own * (n - own) / n**3) - 2 * share * np.cumsum(this) + 2 * np.cumsum(share * this))
    return share, np.sqrt(np.maximum(variance, 0))


def _log_log(share: np.ndarray, se: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Interval of a share that has left, symmetric on the scale of log(-log(1 - share)); the share itself where it is 0 or 1."""
    from scipy.stats import norm

    z = norm.ppf(0.5 + level / 2)
    inside = (share > 0) & (share < 1) & np.isfinite(se)
    stay = np.where(inside, 1 - share, 0.5)
    width = z * np.where(inside, se, 0) / (stay * -np.log(stay))
    with np.errstate(over="ignore"):  # a share near 0 or 1 may have a width that is infinite for all purposes
        low, high = 1 - stay ** np.exp(-width), 1 - stay ** np.exp(width)
    return np.where(inside, low, share), np.where(inside, high, share)


def quantile(curve: pd.DataFrame, share: float = 0.5) -> tuple[float, float, float]:
    """The day by which `share` have left, and its interval; NaN for what the curve does not reach.

    The first day with survival at most 1 - share; the interval is where the bounds of `kaplan_meier` cross it (Brookmeyer and Crowley
    1982).
    """
    found = [curve["days"].to_numpy()[curve[name].to_numpy() <= 1 - share + 1e-12] for name in ("survival", "low", "high")]
    value, low, high = (float(days[0]) if len(days) else np.nan for days in found)
    return value, low, high


def survival_at(curve: pd.DataFrame, days: Values) -> np.ndarray:
    """The share still there after `days` (each of them), 1 before the first day of the curve."""
    place = np.searchsorted(curve["days"].to_numpy(), np.asarray(days, dtype="float64"), side="right")
    return np.append(1.0, curve["survival"].to_numpy())[place]


def log_rank(days: Values, ended: Values, group: Sequence[object] | pd.Series, entry: Values | None = None) -> tuple[float, float]:
    """Chi-square and p of the log-rank test that all groups leave alike; NaN with fewer than two groups, or never at risk side by side."""
    from statsmodels.duration.survfunc import survdiff

    time, status, begin = _checked(days, np.asarray(ended, dtype=bool).astype("int64"), entry)
    codes, names = pd.factorize(pd.Series(group))
    if len(names) < 2 or not status.any():
        return np.nan, np.nan
    try:
        chi2, p = survdiff(time, status, codes, entry=begin)
    except np.linalg.LinAlgError:  # a group that is never at risk when another leaves
        return np.nan, np.nan
    return float(chi2), float(p)


def _checked(days: Values, status: np.ndarray, entry: Values | None) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    time = np.maximum(np.asarray(days, dtype="float64"), _HALF_DAY)
    if np.isnan(time).any():
        raise ValueError("days: some are missing")
    begin = None if entry is None else np.asarray(entry, dtype="float64")
    if begin is not None and (begin >= time).any():
        raise ValueError("entry: some are not before the end of their days")
    return time, status, begin
