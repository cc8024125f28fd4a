"""How long it takes until a ledger says that something happened."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

ALL = "all"
"""Under this stage the delays of all stages together are told."""
ENOUGH = 10
"""Delays are told up to the longest for which so many events could show it: of fewer the product would hang on one project."""


def reporting_delays(milestones: pd.DataFrame, first_snapshot: pd.Timestamp) -> pd.DataFrame:
    """Days from each dated event to the first snapshot that reports it: project_id, stage, actual_date, first_reported, days.

    Only events after `first_snapshot` are taken: what happened before the first ledger was collected could not have been reported earlier.
    Events not reported yet are missing, so the delays seen are shorter than the true ones (right truncation). An event whose date was
    later moved behind its first report tells no delay and is left out (the evidence audit looks at those).
    """
    rows = milestones.dropna(subset=["actual_date", "first_reported"])
    rows = rows[(rows["actual_date"] > first_snapshot) & (rows["first_reported"] >= rows["actual_date"])]
    days = (rows["first_reported"] - rows["actual_date"]).dt.days
    return rows.assign(days=days)[["project_id", "stage", "actual_date", "first_reported", "days"]].reset_index(drop=True)


def delay_distribution(milestones: pd.DataFrame, collected: Sequence[pd.Timestamp]) -> pd.DataFrame:
    """The forward distribution of the reporting delay by stage and for all stages (`all`), corrected for right truncation.

    `collected`: the dates of the snapshots, oldest first. Returns stage, days, share (of events reported within so many days, among those
    reported within `seen_days`), low, high (95 %, Greenwood), at_risk, n (events), seen_days (the longest delay for which ten events had
    time).
    No rows with fewer than two snapshots, or without an event after the first one: no delay can be estimated then (`told_no_delay`).

    An event is seen only when its delay is at most the days from it to the newest snapshot. In reversed time that is left truncation, so
    the product-limit estimate of reversed delays is the distribution wanted (Lagakos, Barraj & De Gruttola 1988, Biometrika 75:515-523;
    Kalbfleisch & Lawless 1989, JASA 84:360-372), here by statsmodels' SurvfuncRight with entries. Checked against the chain-ladder product
    worked by hand (tests/progress/test_delays.py).
    """
    columns = ["stage", "days", "share", "low", "high", "at_risk", "n", "seen_days"]
    if len(collected) < 2:
        return pd.DataFrame(columns=columns)
    seen = reporting_delays(milestones, collected[0])
    room = (collected[-1] - seen["actual_date"]).dt.days
    parts = [_reversed(seen.loc[mine, "days"].to_numpy(), room[mine].to_numpy()).assign(stage=stage)
             for stage, mine in [(ALL, seen.index), *seen.groupby("stage").groups.items()] if len(mine)]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def told_no_delay(milestones: pd.DataFrame, collected: Sequence[pd.Timestamp]) -> str:
    """Why no delay can be estimated: `no_snapshot`, `one_snapshot`, `no_event_since` (none after the first snapshot); empty when it can."""
    if len(collected) < 2:
        return "one_snapshot" if len(collected) else "no_snapshot"
    return "" if len(reporting_delays(milestones, collected[0])) else "no_event_since"


def _told_by_enough(days: np.ndarray, room: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Delays and rooms up to the longest delay that `ENOUGH` of the events had room for and at least as many did not exceed."""
    longest = int(np.sort(room)[-min(ENOUGH, len(room))])
    kept = days <= longest
    return days[kept], np.minimum(room[kept], longest)


def _reversed(days: np.ndarray, room: np.ndarray) -> pd.DataFrame:
    """days, share, low, high, at_risk, n, seen_days of delays each of which was seen because it is at most its `room`."""
    from statsmodels.duration.survfunc import SurvfuncRight

    days, room = _told_by_enough(days, room)
    last = room.max() + 1.0
    # In reversed time an event enters with its room and ends with its delay; it is at risk at its own entry.
    curve = SurvfuncRight(last - days, np.ones(len(days)), entry=last - room - 0.5)
    # What is left at a reversed time is the share of delays below it: one step up gives the share up to it.
    share = np.concatenate([[1.0], curve.surv_prob[:-1]])
    error = np.concatenate([[0.0], curve.surv_prob_se[:-1]])
    table = pd.DataFrame({"days": (last - curve.surv_times).round().astype(int), "share": share, "low": (share - 1.96 * error).clip(0, 1),
                          "high": (share + 1.96 * error).clip(0, 1), "at_risk": curve.n_risk})
    return table.iloc[::-1].assign(n=len(days), seen_days=int(room.max()))
