"""Back-scheduling of one piece of work from a required date, on plain tables."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from liantu.errors import LiantuError
from liantu.progress.scheduling.networks import LONG_AGO, Network, critical, earliest, latest, network
from liantu.progress.scheduling.working_days import Calendar, as_dates, as_days

_NEEDED = ("step", "duration_days", "after")
_DATES = ("latest_start", "latest_finish", "earliest_start", "earliest_finish", "done")


def back_schedule(steps: pd.DataFrame, due: object, calendar: Calendar | None = None, today: object = None) -> pd.DataFrame:
    """The latest dates of steps so that all is done by `due`, their slack, and which of them decide.

    `steps` has `step` (unique name), `duration_days` (0 or more; a part of a day counts as a day) and `after` (list of steps, may be
    empty); optional `done` (date on which it ended; NaT: open) and `kind` (paper: Chinese working days, works: days of works, else
    calendar days; only with a `calendar`, without one every day counts). The day on which a step begins is not counted, and the next may
    begin on the day on which it ends: on calendar days latest_finish - latest_start = duration_days, and the last step ends on `due`.

    Returns one row for each step in the given order: step, duration_days, latest_start, latest_finish, earliest_start, earliest_finish,
    done, slack_days (calendar days: latest_finish less the day on which it ended, or can end earliest; negative: late), critical (an open
    step that decides when all is done). Open steps begin at `today` at the earliest; without `today` at the last `done` date; without
    either on the last day that can still be met, so that critical steps have no slack (on calendar days).

    Raises LiantuError that names the step: unknown or repeated step, steps in a ring, a duration that is missing, negative or no number.
    Source: critical path method (Kelley and Walker 1959); checked against PSPLIB j301_1 (length 38) and Heizer and Render's example.
    """
    net, days = _read(steps)
    end = _day(due, "due")
    days_that_count = calendar or Calendar()
    kinds = steps["kind"] if "kind" in steps else ["days"] * len(steps)
    counts = [days_that_count.counting(str(kind)) for kind in kinds]
    start, finish = latest(net, days, np.array([end]), counts)
    done = _done(steps)
    origin = np.array([_origin(today, done, start)])
    early_start, early_finish = earliest(net, days, origin, counts, done, origin)
    # What is done has begun before it ended; when is not known.
    early_start = np.where(done == LONG_AGO, early_start, LONG_AGO)
    decides = critical(net, early_finish, done == LONG_AGO, [place for place, later in enumerate(net.before) if not later])
    dates = (start, finish, early_start, early_finish, done)
    return pd.DataFrame({"step": list(net.steps), "duration_days": days[:, 0],
                         **{name: _dates(values[:, 0]) for name, values in zip(_DATES, dates, strict=True)},
                         "slack_days": (finish - early_finish)[:, 0], "critical": decides[:, 0]}, index=steps.index)


def _read(steps: pd.DataFrame) -> tuple[Network, np.ndarray]:
    """The network and the durations (one column); every fault is an error that names the step."""
    missing = [name for name in _NEEDED if name not in steps]
    if missing:
        raise LiantuError(f"back-scheduling: column {missing[0]!r} is missing; steps need {', '.join(_NEEDED)}")
    if steps.empty:
        raise LiantuError("back-scheduling: there are no steps; give at least one")
    twice = steps.loc[steps["step"].duplicated(), "step"]
    if len(twice):
        raise LiantuError(f"back-scheduling: step {twice.iloc[0]!r} is given twice; give each step one row")
    days = [_length(step, value) for step, value in zip(steps["step"], steps["duration_days"], strict=True)]
    return network({step: _names(step, value) for step, value in zip(steps["step"], steps["after"], strict=True)}), np.array(days)[:, None]


def _length(step: object, value: object) -> int:
    try:
        length = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise LiantuError(f"back-scheduling: step {step!r}: duration_days {value!r} is no number of days") from None
    if not math.isfinite(length) or length < 0:
        raise LiantuError(f"back-scheduling: step {step!r}: duration_days {value!r} must be 0 or more")
    return math.ceil(length)


def _names(step: object, value: object) -> Sequence[str]:
    if value is None or (isinstance(value, float) and math.isnan(value)) or value is pd.NA:
        return ()
    if isinstance(value, str):
        # A bare name would be read letter by letter.
        return (value,) if value else ()
    try:
        return tuple(value)  # type: ignore[arg-type]
    except TypeError:
        raise LiantuError(f"back-scheduling: step {step!r}: after {value!r} must be a list of steps") from None


def _done(steps: pd.DataFrame) -> np.ndarray:
    """The days on which steps ended (one column); LONG_AGO for open ones."""
    if "done" not in steps:
        return np.full((len(steps), 1), LONG_AGO)
    values = [LONG_AGO if pd.isna(value) else _day(value, f"step {step!r}: done")
              for step, value in zip(steps["step"], steps["done"], strict=True)]
    return np.array(values, dtype="int64")[:, None]


def _day(value: object, what: str) -> int:
    day = pd.to_datetime(value, errors="coerce") if not isinstance(value, dt.date) else pd.Timestamp(value)  # type: ignore[call-overload]
    if pd.isna(day):
        raise LiantuError(f"back-scheduling: {what}: {value!r} is not a date; write it as 2022-12-31")
    return int(as_days(np.datetime64(day, "D")))


def _origin(today: object, done: np.ndarray, start: np.ndarray) -> int:
    if today is not None:
        return _day(today, "today")
    return int(done.max()) if (done != LONG_AGO).any() else int(start.min())


def _dates(days: np.ndarray) -> np.ndarray:
    return as_dates(days).astype("datetime64[ms]")
