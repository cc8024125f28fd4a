"""Days that count toward a step: Chinese working days for papers, days of works with a winter pause, or every day.

A duration of n days from a day s ends on the n-th counted day after s: the first day is not counted (Civil Code of China, article 201),
so a step may begin on the day on which the one before it ended, and on plain calendar days the end is s + n.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from liantu.errors import LiantuError
from liantu.progress.scheduling.step_rules import step_rules
from liantu.reference import City, city
from liantu.reference.models import WinterPause
from liantu.reference.opened import kept

Kind = Literal["paper", "works", "days"]
Days = np.ndarray
"""Days since 1970-01-01 as int64."""
_WHOLE = 1000
"""Counted in thousandths of a day: a pause at a stated rate stays exact."""
_DAYS = int(np.datetime64("2150-01-01", "D").astype("int64"))
"""The days for which arrays are held: 1970 to 2149."""

_REACH = tuple(int(np.datetime64(f"{year}-01-01", "D").astype("int64")) for year in (2000, 2100))


@dataclass(frozen=True, eq=False)
class DayCount:
    """Which days count, and how much; `through[d]` is what has counted by the end of day d, in thousandths; None: every day counts.

    `office`: a step can only begin on a day that counts (papers are handed in at an office).
    """

    through: np.ndarray | None = None
    office: bool = False

    def after(self, start: ArrayLike, days: ArrayLike) -> Days:
        """The day on which a step of so many counted days ends that begins on `start`; no days: `start` itself."""
        begin, length = self.first(start, days), np.asarray(days, dtype="int64")
        if self.through is None:
            return begin + length
        held = self._held(begin)
        return np.where(length > 0, self._reached(held + length * _WHOLE), begin)

    def before(self, finish: ArrayLike, days: ArrayLike) -> Days:
        """The latest day on which a step of so many counted days can begin to end by `finish`; no days: `finish` itself."""
        end, length = np.asarray(finish, dtype="int64"), np.asarray(days, dtype="int64")
        if self.through is None:
            return end - length
        left = self._held(end) - length * _WHOLE
        if np.any(left < 0):
            raise LiantuError("back-scheduling: a step would begin before 1970; give shorter durations or a later due date")
        latest = np.searchsorted(self.through, left, side="right") - 1
        latest = self._last(latest) if self.office else latest
        return np.where(length > 0, latest, end)

    def first(self, day: ArrayLike, days: ArrayLike = 1) -> Days:
        """The first day not before `day` on which a step can begin; a step of no days can on any."""
        begin = np.asarray(day, dtype="int64")
        if self.through is None or not self.office:
            return begin
        counts = self._held(begin) > self._held(np.maximum(begin - 1, 0))
        return np.where(counts | (np.asarray(days) <= 0), begin, self._reached(self._held(begin) + 1))

    def last(self, day: ArrayLike, days: ArrayLike = 1) -> Days:
        """The last day not after `day` on which a step can end; a step of no days can on any."""
        end = np.asarray(day, dtype="int64")
        return end if self.through is None else np.where(np.asarray(days) > 0, self._last(end), end)

    def between(self, start: ArrayLike, finish: ArrayLike) -> np.ndarray:
        """The counted days after `start` up to and with `finish`, as float64; negative when `finish` is the earlier."""
        begin, end = np.asarray(start, dtype="int64"), np.asarray(finish, dtype="int64")
        return (end - begin).astype("float64") if self.through is None else (self._held(end) - self._held(begin)) / _WHOLE

    def _held(self, day: Days) -> np.ndarray:
        if np.any(day < 0) or np.any(day >= _DAYS):
            raise LiantuError("back-scheduling: a date lies outside 1970 to 2149; check the due date and the durations")
        return self.through[day]

    def _last(self, day: Days) -> Days:
        return np.searchsorted(self.through, self._held(day), side="left")

    def _reached(self, count: np.ndarray) -> Days:
        return np.searchsorted(self.through, count, side="left")


PLAIN = DayCount()
"""Every day counts."""


@dataclass(frozen=True, eq=False)
class Calendar:
    """The days that count for papers and for outdoor works; what is neither is counted in calendar days.

    `known_from` to before `assumed_from` the public holidays are published; outside, every Monday to Friday is taken for a working day.
    """

    paper: DayCount = PLAIN
    works: DayCount = PLAIN
    known_from: dt.date = dt.date.min
    assumed_from: dt.date = dt.date.max

    def counting(self, kind: str) -> DayCount:
        """The days that count for a kind of step: paper, works, or days (all)."""
        return {"paper": self.paper, "works": self.works}.get(kind, PLAIN)

    def assumes(self, day: dt.date) -> bool:
        """Whether the working days of `day` are assumed: its year's holidays are not published, or not held."""
        return not self.known_from <= day < self.assumed_from


def as_days(dates: ArrayLike) -> Days:
    """Dates as days since 1970-01-01; NaT is the least int64."""
    return np.asarray(dates, dtype="datetime64[D]").astype("int64")


def as_dates(days: ArrayLike) -> np.ndarray:
    """Days since 1970-01-01 as datetime64[D]."""
    return np.asarray(days, dtype="int64").astype("datetime64[D]")


def in_reach(dates: ArrayLike) -> Days:
    """Dates as days; what no ledger of a project can mean (before 2000, or 2100 and later) is NaT."""
    days = as_days(dates)
    return np.where((days >= _REACH[0]) & (days < _REACH[1]), days, np.iinfo("int64").min)


def working_days(first: dt.date, last: dt.date) -> int:
    """Chinese working days from `first` to `last`, both counted: holidays and the weekends worked in exchange as published.

    Source: chinesecalendar, 2004 to 2026; in other years Monday to Friday. Checked against a published count:
    2022-02-07 to 2022-03-31 has 39.
    """
    begin, end = as_days([first, last])
    return int(paper_days().between(begin - 1, end))


def published_years() -> tuple[int, int]:
    """The first and the last year for which the public holidays are held."""
    from chinese_calendar import holidays

    years = {day.year for day in holidays}
    return min(years), max(years)


@kept()
def paper_days() -> DayCount:
    """Chinese working days; beyond the published years Monday to Friday."""
    # Slow to import, and not wanted where nothing is scheduled.
    from chinese_calendar import holidays, workdays

    calendar = np.arange(_DAYS).astype("datetime64[D]")
    counts = np.is_busday(calendar)
    counts[as_days(list(holidays))] = False
    # The weekends worked in exchange for a bridge day come last: they count although they are weekends.
    counts[as_days(list(workdays))] = True
    return DayCount(np.cumsum(counts * _WHOLE), office=True)


def works_days(pause: WinterPause, rate: float) -> DayCount:
    """Days of outdoor works: every day counts, in the winter pause (both its days included) only `rate` (0 to 1) of a day."""
    calendar = np.arange(_DAYS).astype("datetime64[D]")
    month = calendar.astype("datetime64[M]")
    day = 100 * (month.astype("int64") % 12 + 1) + (calendar - month).astype("int64") + 1
    start, end = 100 * pause.start_month + pause.start_day, 100 * pause.end_month + pause.end_day
    inside = (day >= start) | (day <= end) if start > end else (day >= start) & (day <= end)
    return DayCount(np.cumsum(np.where(inside, round(rate * _WHOLE), _WHOLE)))


@kept()
def city_calendar(of: City | None = None) -> Calendar:
    """Chinese working days, and works with the city's winter pause (calendar.yml) at the rate of schedule.yml."""
    place = of or city()
    first, last = published_years()
    return Calendar(paper_days(), works_days(place.calendar.winter_pause, step_rules(place).winter_rate.value),
                    dt.date(first, 1, 1), dt.date(last + 1, 1, 1))
