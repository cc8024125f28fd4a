"""Dates: every form that ledgers use, what is refused, and round trips in every style."""

import calendar
import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liantu.ledger.values import read_date, read_date_range

SNAPSHOT = dt.date(2022, 6, 30)
D, T, M, Q, H, Y = "day", "ten_days", "month", "quarter", "half", "year"

READ = [
    # cells of other types
    (dt.date(2022, 3, 15), "2022-03-15", D), (dt.datetime(2022, 3, 15, 8, 30), "2022-03-15", D),
    (pd.Timestamp("2022-03-15"), "2022-03-15", D),
    (np.datetime64("2022-03-15"), "2022-03-15", D), (44635, "2022-03-15", D), (44635.0, "2022-03-15", D), (44635.75, "2022-03-15", D),
    ("44635", "2022-03-15", D),
    (20220315, "2022-03-15", D), (20220315.0, "2022-03-15", D), (202203, "2022-03-31", M), (2022, "2022-12-31", Y),
    (2022.0, "2022-12-31", Y),
    (2022.03, "2022-03-31", M), (2022.3, "2022-03-31", M), (2022.12, "2022-12-31", M), (np.int64(202203), "2022-03-31", M),
    # year, month, day
    ("20220315", "2022-03-15", D), ("2022-03-15", "2022-03-15", D), ("2022/3/15", "2022-03-15", D), ("2022.3.15", "2022-03-15", D),
    ("2022.03.15", "2022-03-15", D),
    ("2022-3-5", "2022-03-05", D), ("22.3.15", "2022-03-15", D), ("22-3-15", "2022-03-15", D), ("22/3/15", "2022-03-15", D),
    ("2022年3月15日", "2022-03-15", D),
    ("2022年03月15日", "2022-03-15", D), ("2022年3月15号", "2022-03-15", D), ("2022年3月15", "2022-03-15", D),
    ("22年3月15日", "2022-03-15", D),
    ("2022年3.15", "2022-03-15", D), ("2022.3月15日", "2022-03-15", D), ("220315", "2022-03-15", D), ("2022 3 15", "2022-03-15", D),
    ("2022 .3. 15", "2022-03-15", D), ("2022，3，15", "2022-03-15", D), ("2022。3。15", "2022-03-15", D),
    ("2022、3、15", "2022-03-15", D),
    ("2022·3·15", "2022-03-15", D), ("2022．3．15", "2022-03-15", D), ("２０２２.３.１５", "2022-03-15", D),
    ("２０２２年３月１５日", "2022-03-15", D),
    ("2022－03－15", "2022-03-15", D), ("2022—03—15", "2022-03-15", D), ("2022\\3\\15", "2022-03-15", D), ("2022_03_15", "2022-03-15", D),
    ("2022 年 3 月 15 日", "2022-03-15", D), ("2022年3月\n15日", "2022-03-15", D), ("2022-03-15 00:00:00", "2022-03-15", D),
    ("2022/3/15 8:30", "2022-03-15", D),
    ("2022-03-15T08:30:00Z", "2022-03-15", D), ("2022年3月15日10时", "2022-03-15", D), ("2022年3月15日 08:30", "2022-03-15", D),
    ("2022年3月15日星期二", "2022-03-15", D),
    ("2022.3.15.", "2022-03-15", D),
    ("2024.2.29", "2024-02-29", D), ("15-Mar-22", "2022-03-15", D), ("15-Mar-2022", "2022-03-15", D), ("Mar 15, 2022", "2022-03-15", D),
    ("1999-12-31", "1999-12-31", D),
    ("2022.1", "2022-01-31", M), ("22.10.1", "2022-10-01", D), ("98.5.1", "1998-05-01", D),
    # months
    ("2022年3月", "2022-03-31", M), ("2022年03月", "2022-03-31", M), ("2022年3月份", "2022-03-31", M), ("2022.03", "2022-03-31", M),
    ("2022.3", "2022-03-31", M),
    ("2022-03", "2022-03-31", M), ("2022/3", "2022-03-31", M), ("202203", "2022-03-31", M), ("2022 3", "2022-03-31", M),
    ("22年3月", "2022-03-31", M),
    ("22.3", "2022-03-31", M), ("2022.3月", "2022-03-31", M), ("2022-3月", "2022-03-31", M), ("Mar 2022", "2022-03-31", M),
    ("2022.02", "2022-02-28", M),
    ("2024年2月", "2024-02-29", M), ("202203.0", "2022-03-31", M), ("2022年3月底", "2022-03-31", M), ("2022年3月末", "2022-03-31", M),
    ("2022.3底", "2022-03-31", M),
    # ten days and parts of months
    ("2022年3月上旬", "2022-03-10", T), ("2022年3月中旬", "2022-03-20", T), ("2022年2月下旬", "2022-02-28", T),
    ("3月中旬", "2022-03-20", T), ("3月上旬", "2022-03-10", T),
    ("3月初", "2022-03-10", T), ("2022年3月初", "2022-03-10", T), ("3月中", "2022-03-20", T), ("3月中下旬", "2022-03-31", M),
    ("3月内", "2022-03-31", M), ("三月下旬", "2022-03-31", T),
    # no year
    ("3月", "2022-03-31", M), ("3月份", "2022-03-31", M), ("3月底", "2022-03-31", M), ("3月末", "2022-03-31", M),
    ("3月15日", "2022-03-15", D), ("3月15", "2022-03-15", D),
    ("12月", "2022-12-31", M), ("9月底", "2022-09-30", M), ("三月", "2022-03-31", M), ("元月", "2022-01-31", M),
    ("３月底", "2022-03-31", M),
    # quarters and halves
    ("一季度", "2022-03-31", Q), ("2022年一季度", "2022-03-31", Q), ("2022年第一季度", "2022-03-31", Q), ("第三季度", "2022-09-30", Q),
    ("3季度", "2022-09-30", Q),
    ("四季度", "2022-12-31", Q), ("2022Q1", "2022-03-31", Q), ("2022q1", "2022-03-31", Q), ("2022-Q2", "2022-06-30", Q),
    ("Q3", "2022-09-30", Q), ("Q4 2022", "2022-12-31", Q),
    ("2022年Q3", "2022-09-30", Q), ("2022年2季度", "2022-06-30", Q), ("三季度末", "2022-09-30", Q), ("二季度底", "2022-06-30", Q),
    ("2023年四季度", "2023-12-31", Q),
    ("III季度", "2022-09-30", Q), ("Ⅲ季度", "2022-09-30", Q), ("22Q3", "2022-09-30", Q), ("上半年", "2022-06-30", H),
    ("下半年", "2022-12-31", H),
    ("2022年上半年", "2022-06-30", H), ("2023年下半年", "2023-12-31", H), ("2022上半年", "2022-06-30", H), ("2022H1", "2022-06-30", H),
    ("上半年末", "2022-06-30", H),
    # years
    ("2022年", "2022-12-31", Y), ("2022", "2022-12-31", Y), ("2022年度", "2022-12-31", Y), ("年底", "2022-12-31", Y),
    ("年内", "2022-12-31", Y), ("年末", "2022-12-31", Y),
    ("2022年底", "2022-12-31", Y), ("2022年年底", "2022-12-31", Y), ("2023年末", "2023-12-31", Y), ("2022底", "2022-12-31", Y),
    ("全年", "2022-12-31", Y), ("22年底", "2022-12-31", Y), ("22年", "2022-12-31", Y),
    ("年初", "2022-03-31", Q), ("2023年初", "2023-03-31", Q), ("年中", "2022-06-30", H), ("2022年全年", "2022-12-31", Y),
    ("2022年内", "2022-12-31", Y),
    # Chinese numerals
    ("二〇二二年三月", "2022-03-31", M), ("二零二二年三月", "2022-03-31", M), ("二○二二年三月十五日", "2022-03-15", D),
    ("二O二二年十二月", "2022-12-31", M),
    ("二0二二年十月三十一日", "2022-10-31", D), ("二零二二", "2022-12-31", Y), ("二〇二二年", "2022-12-31", Y),
    ("三月十五日", "2022-03-15", D), ("十一月二十日", "2022-11-20", D),
    ("二〇二三年第二季度", "2023-06-30", Q), ("十二月廿五日", "2022-12-25", D),
    # as seen from the snapshot
    ("今年", "2022-12-31", Y), ("今年3月", "2022-03-31", M), ("明年3月", "2023-03-31", M), ("明年底", "2023-12-31", Y),
    ("明年年底", "2023-12-31", Y), ("去年", "2021-12-31", Y),
    ("去年10月", "2021-10-31", M), ("明年上半年", "2023-06-30", H), ("明年一季度", "2023-03-31", Q), ("次年3月", "2023-03-31", M),
    ("后年", "2024-12-31", Y),
    ("本月底", "2022-06-30", M), ("下月", "2022-07-31", M), ("下个月中旬", "2022-07-20", T), ("上月", "2022-05-31", M),
    ("下季度", "2022-09-30", Q), ("本季度末", "2022-06-30", Q),
]
NOTED = [
    ("预计2022年6月", "2022-06-30", M, "预计"), ("已于3月开工", "2022-03-31", M, "已于；开工"), ("2022年3月前", "2022-03-31", M, "前"),
    ("2022年6月底前", "2022-06-30", M, "前"),
    ("2022年3月15日前", "2022-03-15", D, "前"), ("3月15日开工", "2022-03-15", D, "开工"), ("2022.6竣工", "2022-06-30", M, "竣工"),
    ("计划2023投产", "2023-12-31", Y, "计划；投产"),
    ("约2022年底", "2022-12-31", Y, "约"), ("力争年底前开工建设", "2022-12-31", Y, "力争；开工建设；前"),
    ("2022年3月（已开工）", "2022-03-31", M, "已开工"),
    ("截至2022年3月", "2022-03-31", M, "截至"), ("不晚于2022年10月", "2022-10-31", M, "不晚于"),
    ("一期2022年3月主体封顶", "2022-03-31", M, None),
    ("2022年3月（张三13842112345）", "2022-03-31", M, "张三[removed]"), ("项目将于明年3月全面投产", "2023-03-31", M, "项目将于全面投产"),
    ("自2022年3月起", "2022-03-31", M, "自；起"),
]
REFUSED = [
    ("2月30日", "date_impossible"), ("2022.2.30", "date_impossible"), ("2022-02-29", "date_impossible"), ("13月", "date_impossible"),
    ("2022年13月", "date_impossible"),
    ("2022.13", "date_impossible"), ("20221301", "date_impossible"), ("2022-00-10", "date_impossible"), ("4月31日", "date_impossible"),
    ("2022年五季度", "date_impossible"),
    ("Q5", "date_impossible"), ("2022年0月", "date_impossible"), (20220230, "date_impossible"),
    ("1890-01-01", "date_year"), ("2099.1.1", "date_year"), ("2050年", "date_year"), ("60年3月", "date_year"),
    (dt.date(1900, 1, 1), "date_year"), (30001, "date_year"),
    ("3.15", "date_ambiguous"), ("3-15", "date_ambiguous"), ("3/15", "date_ambiguous"), (2022.1, "date_ambiguous"),
    ("2022315", "date_ambiguous"), ("12.3", "date_ambiguous"),
    ("2022.3-2023.10", "date_range"), ("2022-2024", "date_range"), ("2022年3月-2023年10月", "date_range"), ("3-5月", "date_range"),
    ("2022年1-6月", "date_range"),
    ("2022.3—2023.10", "date_range"), ("2022年3月至2023年10月", "date_range"), ("2022年3月至今", "date_range"),
    ("2022-03-15至2022-06-30", "date_range"),
    ("2022年3月开工，2023年10月竣工", "date_several"), ("3月底4月初", "date_several"), ("3月或4月", "date_several"),
    ("待定", "date_undecided"), ("待定（预计2023年）", "date_undecided"), ("尽快", "date_undecided"), ("适时", "date_undecided"),
    ("视情况而定", "date_undecided"),
    ("3月后", "date_after"), ("2022年3月以后", "date_after"), ("3月底之后", "date_after"), ("3月未开工", "date_denied"),
    ("原计划3月开工，推迟", "date_denied"),
    ("已开工", "date_unreadable"), ("春节后", "date_unreadable"), ("五一前", "date_unreadable"), ("6个月", "date_unreadable"),
    ("建设期15年", "date_unreadable"), ("十年", "date_unreadable"), ("三年", "date_unreadable"),
    ("农历三月", "date_unreadable"), ("正月", "date_unreadable"),
    ("正月十五日", "date_unreadable"), ("2022.3-4.5.6.7", "date_unreadable"), ("20223", "date_unreadable"),
    ("朝发改〔2022〕35号", "date_unreadable"), (5000, "date_year"), ("2022.3-", "date_unreadable"), ("-44635", "date_unreadable"),
    (True, "date_unreadable"), (dt.time(8), "date_unreadable"), (-44635, "date_unreadable"), (1e300, "date_unreadable"),
    ("13842112345", "date_unreadable"), ("3、4月", "date_several"),
    ("二三季度", "date_unreadable"), ("前三季度", "date_unreadable"), ("2022.3①15", "date_unreadable"), ("#VALUE!", "cell_error"),
    ("同上", "cell_ditto"), ("年" * 300, "cell_too_long"),
]
NOTHING = [None, "", "-", "/", "—", "无", float("nan"), pd.NaT, pd.NA, np.datetime64("NaT"), "NaT"]
SPANS = [
    ("2022.3-2023.10", "2022-03-31", "2023-10-31"), ("2022-03-15-2022-06-30", "2022-03-15", "2022-06-30"),
    ("2022-2024", "2022-12-31", "2024-12-31"),
    ("2022年3-10月", "2022-03-31", "2022-10-31"), ("3-5月", "2022-03-31", "2022-05-31"),
    ("2021年10月-2022年3月", "2021-10-31", "2022-03-31"),
    ("2022年3月-10月", "2022-03-31", "2022-10-31"), ("2022.3～2023.10", "2022-03-31", "2023-10-31"),
    ("2022.3至2023.10", "2022-03-31", "2023-10-31"),
    ("2022年3月到2023年底", "2022-03-31", "2023-12-31"), ("2022-2024年", "2022-12-31", "2024-12-31"),
    ("2022年3月至今", "2022-03-31", None),
    ("2022年一季度至三季度", "2022-03-31", "2022-09-30"), ("2022/3/1-2022/12/31", "2022-03-01", "2022-12-31"),
    ("２０２２．３－２０２３．１０", "2022-03-31", "2023-10-31"),
    ("2022年3月15日-20日", "2022-03-15", "2022-03-20"), ("3月15日至20日", "2022-03-15", "2022-03-20"),
    ("2022.3--2023.10", "2022-03-31", "2023-10-31"), ("2022.3-2023.10（24个月）", "2022-03-31", "2023-10-31"),
]


@pytest.mark.parametrize(("cell", "date", "precision"), READ)
def test_dates_that_are_read(cell, date, precision):
    reading = read_date(cell, SNAPSHOT)
    assert (reading.value, reading.precision, reading.rule) == (dt.date.fromisoformat(date), precision, None)
    assert type(reading.value) is dt.date


@pytest.mark.parametrize(("cell", "date", "precision", "note"), NOTED)
def test_words_around_a_date_are_notes(cell, date, precision, note):
    reading = read_date(cell, SNAPSHOT)
    assert (reading.value, reading.precision, reading.rule) == (dt.date.fromisoformat(date), precision, None)
    assert note is None or reading.note == note


@pytest.mark.parametrize(("cell", "rule"), REFUSED)
def test_dates_that_are_refused(cell, rule):
    reading = read_date(cell, SNAPSHOT)
    assert (reading.value, reading.precision, reading.rule) == (None, None, rule)


@pytest.mark.parametrize("cell", NOTHING)
def test_cells_that_state_no_date(cell):
    assert read_date(cell, SNAPSHOT) == read_date(None, SNAPSHOT)
    assert read_date(cell, SNAPSHOT).rule is None


@pytest.mark.parametrize(("cell", "start", "end"), SPANS)
def test_spans_give_both_ends(cell, start, end):
    first, last = read_date_range(cell, SNAPSHOT)
    assert first.value == dt.date.fromisoformat(start)
    assert last.value == (dt.date.fromisoformat(end) if end else None)


@pytest.mark.parametrize("cell",
["2022.3", "2022-03-15", "2023.10-2022.3", "2022.3-13", "待定", None, 44635, "3月底4月初", "2022年10月-3月"])
def test_what_is_no_span(cell):
    assert read_date_range(cell, SNAPSHOT) is None


def test_a_date_without_a_year_takes_the_snapshots():
    assert read_date("3月底", dt.date(2021, 12, 31)).value == dt.date(2021, 3, 31)
    assert read_date("本月", dt.date(2021, 12, 31)).value == dt.date(2021, 12, 31)
    assert read_date("下月", dt.date(2021, 12, 31)).value == dt.date(2022, 1, 31)


DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2049, 12, 31))
DIGITS = "〇一二三四五六七八九"


def small(number: int) -> str:
    tens, unit = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else DIGITS[tens] + "十") + (DIGITS[unit] if unit else "")


def day_styles(day: dt.date) -> list[object]:
    y, m, d = day.year, day.month, day.day
    year = "".join(DIGITS[int(digit)] for digit in str(y))
    return [
        day, dt.datetime.combine(day, dt.time(9)), day.isoformat(), f"{y}.{m}.{d}", f"{y}/{m}/{d}", f"{y}年{m}月{d}日",
        f"{y}{m:02}{d:02}", int(f"{y}{m:02}{d:02}"),
        f"{y % 100:02}.{m}.{d}", f"{year}年{small(m)}月{small(d)}日", f"{year.replace('〇', '零')}年{small(m)}月{small(d)}日",
        f"{y} . {m}. {d}", f"{y}，{m}，{d}",
        f"预计{y}年{m}月{d}日前开工", f"{day.isoformat()} 00:00:00", (day - dt.date(1899, 12, 30)).days, f"{y}年{m}月{d}日（星期一）",
    ]


@given(DAYS)
def test_round_trip_of_days(day):
    for cell in day_styles(day):
        reading = read_date(cell, SNAPSHOT)
        assert (reading.value, reading.precision) == (day, "day"), cell


@given(DAYS)
def test_round_trip_of_periods(day):
    y, m, q = day.year, day.month, (day.month + 2) // 3
    last = dt.date(y, m, calendar.monthrange(y, m)[1])
    quarter = dt.date(y, q * 3, 31 if q in (1, 4) else 30)
    for cell, date, precision in [
        (f"{y}年{m}月", last, M), (f"{y}.{m:02}", last, M), (f"{y}{m:02}", last, M), (f"{y}-{m}", last, M), (f"{y}年{m}月底", last, M),
        (f"{y}年{small(m)}月份", last, M),
        (f"{y}年{m}月下旬", last, T), (f"{y}年{m}月上旬", last.replace(day=10), T), (f"{y}年{m}月中旬", last.replace(day=20), T),
        (f"{y}年{DIGITS[q]}季度", quarter, Q),
        (f"{y}Q{q}", quarter, Q), (f"{y}年第{q}季度", quarter, Q), (f"{y}年", dt.date(y, 12, 31), Y), (f"{y}", dt.date(y, 12, 31), Y),
        (f"{y}年上半年", dt.date(y, 6, 30), H),
    ]:
        reading = read_date(cell, SNAPSHOT)
        assert (reading.value, reading.precision) == (date, precision), cell
        full = cell.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
        assert read_date(full, SNAPSHOT) == reading, full


@given(DAYS, DAYS)
def test_round_trip_of_spans(one, other):
    start, end = sorted((one, other))
    for cell in (f"{start:%Y.%m.%d}-{end:%Y.%m.%d}", f"{start:%Y年%m月%d日}至{end:%Y年%m月%d日}", f"{start}~{end}"):
        first, last = read_date_range(cell, SNAPSHOT)
        assert (first.value, last.value) == (start, end), cell
        assert read_date(cell, SNAPSHOT).rule == "date_range"


@given(st.integers(1990, 2049), st.integers(0, 99), st.integers(0, 99))
def test_impossible_dates_are_never_clipped(year, month, day):
    cell = f"{year}年{month}月{day}日"
    try:
        expected = dt.date(year, month, day)
    except ValueError:
        assert (read_date(cell, SNAPSHOT).value, read_date(cell, SNAPSHOT).rule) == (None, "date_impossible")
    else:
        assert read_date(cell, SNAPSHOT).value == expected


def test_the_table_holds_at_least_120_forms():
    assert len({str(cell) for cell, *_ in READ}) >= 120
