"""Earned schedule: how far along its own plan the year is, in months rather than in money (Lipke 2003)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from liantu.errors import LiantuError
from liantu.progress.investment_curve import curve_points
from liantu.reference.opened import kept
from liantu.report import Report


@dataclass(frozen=True)
class EarnedSchedule:
    """Where the work done stands on the plan, in periods of the plan."""

    es: float
    """Earned schedule: when the plan meant to have done what is done now."""
    at: float
    """Actual time."""
    sv_t: float
    """ES - AT; negative: behind."""
    spi_t: float
    """ES / AT; NaN at the beginning."""
    pd: float
    """Planned duration: the period in which the plan reaches its end."""
    ieac_t: float
    """Expected duration at this pace, PD / SPI(t); NaN where nothing is earned."""
    tspi: float
    """Pace needed to end in time, (PD - ES) / (PD - AT); NaN from the planned end on."""
    note: str
    """"", `nothing_planned`, `nothing_earned`, `all_earned` (the plan says no more) or `plan_falls` (made to rise)."""


def earned_schedule(planned: Sequence[float], earned: float, at: float) -> EarnedSchedule:
    """Earned schedule of `earned` (cumulative) on `planned` (cumulative at the ends of periods 1, 2, ...) at time `at`, in periods.

    ES = N + (EV - PV_N) / (PV_N+1 - PV_N), N the last period with PV_N <= EV; SPI(t) = ES / AT; IEAC(t) = PD / SPI(t). A flat stretch of
    the plan counts as earned when it is reached; where all is earned ES is the planned duration, not the later periods without any plan.
    A plan that falls is made to rise (its running maximum). Raises LiantuError for negative or missing values.
    Source: Lipke 2003, Schedule is Different; checked against two published examples: cumulative PV 100, 250, 450, 650 and EV 90, 210, 360,
    500 give ES 0.90, 1.73, 2.55, 3.25 and SPI(t) 0.90, 0.87, 0.85, 0.81; half of a five-month plan after three months gives SV(t) -0.5
    and SPI(t) 0.83.
    """
    plan = np.asarray(planned, dtype="float64")
    if not (np.isfinite([earned, at]).all() and np.isfinite(plan).all()) or earned < 0 or at < 0 or (plan < 0).any():
        raise LiantuError("earned_schedule needs a plan, a value earned and a time that are numbers of zero or more")
    rising = np.maximum.accumulate(np.concatenate([[0.0], plan]))
    whole = rising[-1]
    if whole <= 0:
        return EarnedSchedule(np.nan, at, np.nan, np.nan, np.nan, np.nan, np.nan, "nothing_planned")
    duration = float(np.searchsorted(rising, whole))
    es = duration if earned >= whole else _on_plan(rising, earned)
    spi = es / at if at > 0 else np.nan
    note = "plan_falls" if (np.diff(plan) < 0).any() else "all_earned" if earned >= whole else "" if earned > 0 else "nothing_earned"
    needed = (duration - es) / (duration - at) if at < duration else np.nan
    return EarnedSchedule(es, at, es - at, spi, duration, duration / spi if spi > 0 else np.nan, needed, note)


def _on_plan(rising: np.ndarray, earned: float) -> float:
    """The time at which a rising plan reaches `earned`, the last such time on a flat stretch; nothing earned is the beginning."""
    if earned <= 0:
        return 0.0
    before = int(np.searchsorted(rising, earned, side="right")) - 1
    return before + (earned - rising[before]) / (rising[before + 1] - rising[before])


@kept(maxsize=8)
def schedule_performance(report: Report) -> pd.DataFrame:
    """Earned schedule of the year's investment plan at each snapshot of the year: the city (county "") and each county; a county's report
    has itself only. Kept, so the caller must not change it.

    Columns: county, date, planned_wan, done_wan, earned_wan, es_months, at_months, sv_months, spi_t, spi (EV / PV), ieac_months (of 12),
    tspi, note (of `earned_schedule`). Planned is the year's plan spread over its months (`investment_curve`); earned is what was done, of
    each project at most its own plan of the year, so that work beyond one project's plan does not make good what another lacks. 完成投资 is
    money as reported, not a survey of the works: it stands in for earned value. What is reported late is not in it.
    """
    points = curve_points(report)
    rows = []
    for county in points.counties:
        _, plan = points.monthly_plan(county)
        for day, done, earned in points.snapshots(county):
            at = _months(day)
            now = float(np.interp(at, np.arange(13), np.concatenate([[0.0], plan])))
            found = earned_schedule(plan, earned, at)
            rows.append({"county": county, "date": day, "planned_wan": now, "done_wan": done, "earned_wan": earned, "es_months": found.es,
                         "at_months": at, "sv_months": found.sv_t, "spi_t": found.spi_t, "spi": earned / now if now > 0 else np.nan,
                         "ieac_months": found.ieac_t, "tspi": found.tspi, "note": found.note})
    columns = ["county", "date", "planned_wan", "done_wan", "earned_wan", "es_months", "at_months", "sv_months", "spi_t", "spi",
               "ieac_months", "tspi", "note"]
    return pd.DataFrame(rows, columns=columns)


def _months(day: pd.Timestamp) -> float:
    """Months of the year that have passed at the end of a day: 3 on 31 March."""
    return day.month - 1 + day.day / day.days_in_month
