"""Working days against a published count and the published calendar; forward and backward arithmetic undo each other."""

import datetime as dt

import chinese_calendar
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liantu.errors import LiantuError
from liantu.progress.scheduling.working_days import (
    PLAIN,
    as_dates,
    as_days,
    city_calendar,
    paper_days,
    published_years,
    working_days,
    works_days,
)
from liantu.reference import city

DAYS = st.dates(dt.date(2005, 1, 1), dt.date(2040, 12, 31))
LENGTHS = st.integers(0, 700)


def test_a_published_count():
    assert working_days(dt.date(2022, 2, 7), dt.date(2022, 3, 31)) == 39


@pytest.mark.parametrize("year", [2004, 2015, 2022, 2026])
def test_years_agree_with_the_published_calendar_day_by_day(year):
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    assert working_days(first, last) == len(chinese_calendar.get_workdays(first, last))
    days = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
    assert [working_days(day, day) for day in days[:120]] == [int(chinese_calendar.is_workday(day)) for day in days[:120]]


def test_a_weekend_worked_in_exchange_counts_and_the_holiday_does_not():
    # 8 and 9 October 2022 were a worked weekend after the National Day week.
    assert working_days(dt.date(2022, 10, 1), dt.date(2022, 10, 7)) == 0
    assert working_days(dt.date(2022, 10, 8), dt.date(2022, 10, 9)) == 2
    assert _date(paper_days().after(_day("2022-09-30"), 1)) == "2022-10-08"


def test_beyond_the_last_published_year_weekdays_are_assumed_and_told():
    calendar = city_calendar()
    assert published_years()[0] == 2004
    assert calendar.assumed_from == dt.date(published_years()[1] + 1, 1, 1)
    assert calendar.assumes(calendar.assumed_from)
    assert not calendar.assumes(calendar.assumed_from - dt.timedelta(days=1))
    assert calendar.assumes(dt.date(2003, 12, 31))
    # National Day of a year without a published calendar: 1 October 2031 is a Wednesday.
    assert working_days(dt.date(2031, 9, 29), dt.date(2031, 10, 5)) == 5


def test_the_day_of_beginning_is_not_counted():
    # Handed in on Monday 7 March 2022, seven working days end on Wednesday 16 March; handed in on Saturday it waits for Monday.
    paper = paper_days()
    assert _date(paper.after(_day("2022-03-07"), 7)) == "2022-03-16"
    assert _date(paper.after(_day("2022-03-05"), 7)) == "2022-03-16"
    assert _date(paper.before(_day("2022-03-16"), 7)) == "2022-03-07"
    # A due date on a Sunday is one on the Friday before.
    assert _date(paper.last(_day("2022-03-20"))) == "2022-03-18"


def test_works_rest_in_the_winter_pause_or_run_at_its_rate():
    pause = city().calendar.winter_pause
    rest, half, whole = (works_days(pause, rate) for rate in (0, 0.5, 1))
    # The pause is 15 November to 15 March, both included: 121 days in 2021/22.
    assert _date(rest.after(_day("2021-11-14"), 1)) == "2022-03-16"
    assert _date(rest.before(_day("2022-03-16"), 1)) == "2022-03-15"
    assert whole.between(_day("2021-11-14"), _day("2022-03-15")) == 121
    assert half.between(_day("2021-11-14"), _day("2022-03-15")) == 60.5
    assert rest.between(_day("2021-11-14"), _day("2022-03-15")) == 0


@pytest.mark.parametrize("name", ["paper", "works", "days"])
@settings(max_examples=80, deadline=None)
@given(day=DAYS, length=LENGTHS)
def test_forward_and_backward_agree(name, day, length):
    count = city_calendar().counting(name)
    start = as_days(day)
    end = count.after(start, length)
    assert end >= start
    if length:
        assert count.between(count.first(start), end) >= length > count.between(count.first(start), end - 1)
    back = count.before(end, length)
    # The latest begin is not before the one that was tried, ends no later, and the next day would be too late.
    assert back >= count.first(start, length)
    assert count.after(back, length) == end
    assert count.after(count.first(back + 1, length), length) > end if length else back == end


@settings(max_examples=60, deadline=None)
@given(day=DAYS, length=st.integers(1, 700))
def test_the_latest_begin_meets_any_due_date(day, length):
    for name in ("paper", "works", "days"):
        count = city_calendar().counting(name)
        due = as_days(day)
        start = count.before(due, length)
        assert count.after(start, length) <= due < count.after(count.first(start + 1), length)


def test_arrays_and_single_days_agree():
    days = as_days(np.array(["2022-01-01", "2022-05-02", "2024-02-10"], dtype="datetime64[D]"))
    lengths = np.array([0, 5, 300])
    for name in ("paper", "works"):
        count = city_calendar().counting(name)
        assert count.after(days, lengths).tolist() == [int(count.after(day, length)) for day, length in zip(days, lengths, strict=True)]
    assert PLAIN.after(days, lengths).tolist() == (days + lengths).tolist()


def test_a_date_out_of_reach_is_an_error():
    with pytest.raises(LiantuError, match="1970 to 2149"):
        paper_days().after(as_days(dt.date(2149, 12, 1)) + 400, 5)
    with pytest.raises(LiantuError, match="before 1970"):
        paper_days().before(as_days(dt.date(1971, 1, 1)), 5000)


def _day(text: str) -> np.ndarray:
    return as_days(dt.date.fromisoformat(text))


def _date(day: np.ndarray) -> str:
    return str(as_dates(day))
