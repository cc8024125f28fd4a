"""The periods of an assessment (月月看、季度比、半年评、年度考): their dates, and the tables as they are known for each."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from liantu.progress.trends import held_quarters
from liantu.reference import Quarter
from liantu.report import Report


@dataclass(frozen=True)
class Window:
    """A period and the report that tells it; `start` of the year counts what runs from 1 January.

    `recent`: ledgers still report much of it. `not_counted`: projects that an assessment does not count as introduced.
    """

    kind: str
    label: str
    start: dt.date
    end: dt.date
    report: Report
    recent: bool = False
    not_counted: frozenset[str] = frozenset()

    @property
    def year_start(self) -> dt.date:
        """1 January of the period's year."""
        return dt.date(self.end.year, 1, 1)


def year_so_far(report: Report) -> Window:
    """From 1 January to the report's date, as known then."""
    return Window("year", str(report.quarter.year), dt.date(report.quarter.year, 1, 1), report.as_of, report)


def months(report: Report, incomplete: int) -> list[Window]:
    """The months of the year that have ended by the report's date, all as known now; the newest `incomplete` are marked recent."""
    found, year = [], report.quarter.year
    for month in range(1, 13):
        start = dt.date(year, month, 1)
        end = (start + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
        if end <= report.as_of:
            left = (report.as_of.year - year) * 12 + report.as_of.month - month
            found.append(Window("month", f"{year}-{month:02d}", start, end, report, left < incomplete))
    return found


def quarters(report: Report) -> list[Window]:
    """The held quarters of the year, and in its first quarter the one before it, each with its own events as known at its own end."""
    found = [quarter for quarter in held_quarters(report) if quarter <= report.quarter and quarter >= _first(report.quarter)]
    return [Window("quarter", str(quarter), quarter.start, min(quarter.end, report.as_of), _as_of_quarter(report, quarter))
            for quarter in found]


def _first(quarter: Quarter) -> Quarter:
    return min(quarter.previous, quarter.of_year[0])


def halves(report: Report) -> list[Window]:
    """The half-years whose end or present a ledger is held for, as known at their ends (the running one as known now)."""
    held, found = held_quarters(report), []
    for number in (1, 2):
        first, last = Quarter(report.quarter.year, 2 * number - 1), Quarter(report.quarter.year, 2 * number)
        end = min(last.end, report.as_of)
        if first.start <= report.as_of and any(first <= quarter <= last for quarter in held):
            found.append(Window("half", f"{report.quarter.year}H{number}", first.start, end, _as_of_quarter(report, Quarter.of(end))))
    return found


def _as_of_quarter(report: Report, quarter: Quarter) -> Report:
    """The report of a quarter as known at its end, or at this report's date where that is earlier."""
    if quarter == report.quarter:
        return report
    return report._with(quarter=quarter, as_of=min(quarter.end, report.as_of))
