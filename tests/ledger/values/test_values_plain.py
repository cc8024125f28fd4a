"""Columns read at once: the plain majority gives exactly what the readers of one cell give, and it is a majority."""

import datetime as dt
import unicodedata
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liantu.ledger.values as values
from liantu.ledger.rows import readers
from liantu.ledger.values import Reader, Reading, plain_texts, read_column, reading
from liantu.ledger.values.encoding import SAMPLE, encode
from liantu.ledger.values.reading import FEW, Plain, _of_plain
from liantu.ledger.values.text import tidy
from liantu.ledger.values.wording import WORDING
from liantu.reference import city

CITY = city()
SNAPSHOT = dt.date(2022, 6, 30)
STATUS = CITY.vocabulary.terms("approval_status")


def amount(unit):
    return Reader(partial(values.read_amount, unit=unit), "number", partial(values.plain_amounts, unit=unit))


READERS = {
    **{f"amount in {unit}": amount(unit) for unit in ("万元", "亿元", "元", "千元", "百万元", None, "万美元", "三千元", "吨")},
    "area": Reader(partial(values.read_area, unit="亩"), "number", partial(values.plain_areas, unit="亩")),
    "area without unit": Reader(partial(values.read_area, unit=None), "number", partial(values.plain_areas, unit=None)),
    "area in hectares": Reader(partial(values.read_area, unit="公顷"), "number", partial(values.plain_areas, unit="公顷")),
    "number": Reader(values.read_number, "number", values.plain_numbers),
    "date": Reader(partial(values.read_date, snapshot=SNAPSHOT), "date", values.plain_dates),
    "reached": Reader(partial(readers.read_reached, snapshot=SNAPSHOT), "any", values.plain_dates),
    "approval": Reader(
        partial(readers.read_approval, terms=STATUS, snapshot=SNAPSHOT), "any", partial(readers.plain_approvals, snapshot=SNAPSHOT)),
    "text": readers.TEXT,
    "national code": Reader(values.read_national_code, "text", values.plain_codes),
}
AMOUNT = st.tuples(
    st.sampled_from(["", "", " ", "\u3000", "约", "约 ", "近", "-", "(", "投资"]),
    st.one_of(
        st.integers(0, 10**13).map(str), st.integers(0, 10**10).map("{:,}".format), st.integers(0, 999).map("{:03}".format),
        st.decimals(0, 10**9, places=4, allow_nan=False).map("{:f}".format), st.floats(0, 1e9).map(repr),
        st.sampled_from(["1,23", "1,2345", "1.", ".5", "1.2.3", "１２３．５", "12，345", "1 234", "0.000", "1e4", "五千", "3亿5000"])),
    st.sampled_from(["", "", "元", "万", "万元", "亿", "亿元", " 万元", "元万", "亩", "亿亿", "（含税）", "余万元", "人", "％"]),
    st.sampled_from(["", "", " ", "\n", "\u3000"])).map("".join)
DATE = st.one_of(
    st.builds(lambda day, form: form.format(y=day.year, m=day.month, d=day.day), st.dates(dt.date(1985, 1, 1), dt.date(2055, 12, 31)),
              st.sampled_from(["{y}-{m}-{d}", "{y}-{m:02}-{d:02}", "{y}.{m}.{d}", "{y}/{m:02}/{d}", "{y}年{m}月{d}日",
                               "{y}年{m}月", "{y}.{m}", "{y}{m:02}{d:02}", "{y}{m:02}", " {y}-{m}-{d} ",
                               "{y}-{m:02}-{d:02} 00:00:00", "{y}-{m}.{d}", "{m}月{d}日",
                               "{y}年{m:02}月{d:02}日前", "{y}年{m}月{d}号", "已于{y}年{m}月开工", "{y}-{m}-{d} 08:30"])),
    st.tuples(st.integers(1900, 2099), st.sampled_from("-./年"), st.integers(0, 14), st.sampled_from("-./月"), st.integers(0, 32),
              st.sampled_from(["", "日", " "])).map(lambda parts: "".join(map(str, parts))),
    st.integers(100000, 30000000).map(str))
CHARACTERS = st.sampled_from([
    *"年产万吨项目（一期）()、，。 \n\t-—_@Aaｚ０１5６9²①½·•\u200b\ufeff\u2028\u00a0\u3000é㎡٣𠮷⾦豈／＠",
    *WORDING.account_words, *WORDING.contact_words, *WORDING.identity_words, "一三八四二一一二三四五", "幺三八", "abc_de", "ab12cd34",
    "13842112345", "0421-2812345", "_x000D_", "联系人", "电话", "张三", "无", "2022", "211302", "qq.com", "NULL", "—"])
TEXT = st.one_of(st.lists(CHARACTERS, max_size=14).map("".join), st.text(max_size=20))
CODE = st.from_regex(r"[0-9]{4}-?[0-9]{6}-?[0-9]{2}-[0-9]{2}-[0-9]{6} ?", fullmatch=True)
CELL = st.one_of(AMOUNT, DATE, TEXT, CODE)


def same(reader, cells, plain):
    column = _of_plain(plain, reader.kind)
    for place in np.flatnonzero(plain.done).tolist():
        assert column.reading(place) == reader.read(cells[place]), cells[place]


def alike(column, readings):
    """As ==, without a picture of all the differences."""
    return len(column) == len(readings) and all(map(Reading.__eq__, column, readings))


def texts(cells):
    return pa.array([cell.encode("utf-8", "ignore").decode() for cell in cells], pa.string())


@pytest.mark.parametrize("name", READERS)
@given(cells=st.lists(CELL, min_size=1, max_size=30))
@settings(max_examples=50, deadline=None)
def test_texts_read_at_once_read_as_one_by_one(name, cells):
    array = texts(cells)
    same(READERS[name], array.to_pylist(), READERS[name].at_once(array))
    # A part of an array, as a table read in pieces has them.
    same(READERS[name], array[1:].to_pylist(), READERS[name].at_once(array[1:]))


@pytest.mark.parametrize("name", [name for name in READERS if name.startswith(("amount", "area", "number"))])
@given(cells=st.lists(st.one_of(st.floats(), st.floats(0, 1e6), st.integers(0, 10**12).map(float)), min_size=1, max_size=20))
@settings(max_examples=50, deadline=None)
def test_floats_read_at_once_read_as_one_by_one(name, cells):
    same(READERS[name], cells, READERS[name].at_once(pa.array(cells, pa.float64())))


@given(cells=st.lists(st.one_of(st.none(), st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1))), min_size=1))
@settings(max_examples=50, deadline=None)
def test_days_read_at_once_read_as_one_by_one(cells):
    for name in ("date", "reached", "approval"):
        for kind in (pa.timestamp("us"), pa.timestamp("ns"), pa.date32()):
            array = pa.array(cells, pa.timestamp("us")).cast(kind, safe=False)
            held = [pd.Timestamp(cell).to_pydatetime() if isinstance(cell, dt.datetime) else cell for cell in array.to_pylist()]
            same(READERS[name], held, READERS[name].at_once(array))


@pytest.mark.parametrize(("name", "cells"), [
    ("amount in 万元", ["5000", "1,234.5", "约3亿元", "1.1亿元", "３５００", " 120 ", "3500元", "0"]),
    ("amount in 亿元", ["1.1", "0.0003", "5000万元", "12.5亿"]), ("amount in None", ["5000", "0"]), ("area", ["120", "120亩", "1,200.5亩"]),
    ("number", ["120", "1,200"]),
    ("text", ["某某公司年产500万吨项目（一期）", " 前后有空格　", "ABC-1#厂房", "A b 二〇二二年", "投资2022万"]),
    ("date", ["2022-03-15", "2022.3.15", "2022/3/15", "2022年3月15日", "2022年3月", "2022.3", "20220315", "202203", "2022-03-15 00:00:00"]),
    ("national code", ["2205-211302-04-01-123456"]),
])
def test_the_usual_forms_are_read_at_once(name, cells):
    plain = READERS[name].at_once(pa.array(cells))
    assert plain.done.all()
    same(READERS[name], cells, plain)


@pytest.mark.parametrize("text", [
    *(f"{word}：zhang_san88" for word in (*WORDING.account_words, *WORDING.contact_words, *WORDING.identity_words)),
    *(f"{word} 138 4211 2345" for word in WORDING.contact_words), "一三八四二一一二三四五", "找我，幺三八四二幺幺二三四五", "13842112345",
    "a@b.cn",
    "211302198001011234", "１３８４２１１２３４５", "0421-2812345"])
def test_what_scrubbing_changes_is_never_plain(text):
    for around in (text, f"某某公司项目，{text}。", f"{text}项目"):
        plain = plain_texts(pa.array([around] * 2))
        assert not plain.done.any() or readers.read_text(around).value == around
        assert read_column(pa.array([around, *map(str, range(FEW))]), readers.TEXT)[0] == readers.read_text(around)


def test_sums_in_hundred_millions_are_the_exact_decimals():
    cells = [f"{number}.{number % 97:02}" for number in range(5000)]
    plain = READERS["amount in 亿元"].at_once(pa.array(cells))
    assert plain.values.tolist() == [float(f"{cell}e4") for cell in cells]
    assert READERS["amount in 亿元"].at_once(pa.array([1.1, 2.2, 0.07])).values.tolist() == [11000.0, 22000.0, 700.0]


def test_ideographs_are_what_cleaning_leaves_alone():
    for code in range(0x4000, 0xA000):
        character = chr(code)
        assert tidy(character) == character or not unicodedata.name(character, "")


@pytest.mark.parametrize("name", READERS)
@given(cells=st.lists(st.one_of(CELL, st.none(), st.booleans(), st.integers(-5, 10**17), st.floats(), st.dates(), st.datetimes()),
                      min_size=1, max_size=60, unique_by=lambda cell: (type(cell), str(cell))), data=st.data())
@settings(max_examples=15, deadline=None)
def test_a_large_column_reads_as_its_cells(name, cells, data):
    reader = READERS[name]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "FEW", 0)
        column = read_column(cells + cells[::2], reader)
    assert list(column) == [reader.read(cell) for cell in cells + cells[::2]]
    place = data.draw(st.integers(0, len(column) - 1))
    assert column[place] == list(column)[place]
    assert column.stated[place] == (column[place].value is not None)
    assert column.silent[place] == (column[place].value is None and column[place].rule is None)
    assert {(rule, row) for rule, rows in column.broken() for row in rows.tolist()} == {
        (found.rule, row) for row, found in enumerate(column) if found.rule}


@given(cells=st.lists(st.one_of(AMOUNT, st.none()), max_size=60), other=st.lists(st.one_of(AMOUNT, st.none()), max_size=60), data=st.data())
@settings(max_examples=40, deadline=None)
def test_rows_of_another_column_instead(cells, other, data):
    size = min(len(cells), len(other))
    reader = READERS["amount in None"]
    first, second = read_column(cells[:size], reader), read_column(other[:size], reader)
    where = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)), bool)
    mixed = first.instead(where, second)
    assert list(mixed) == [there if swap else here for here, there, swap in zip(first, second, where, strict=True)]
    if size:
        assert mixed.put(np.array([0]), Reading(None, "amount_merged"))[0] == Reading(None, "amount_merged")


def test_arrow_columns_read_as_lists():
    cells = [None if number % 11 == 0 else f"{number % 700}.5万元" if number % 3 else "待定" for number in range(3 * SAMPLE)]
    reader = READERS["amount in 元"]
    expected = list(read_column(cells, reader))
    for array in (pa.array(cells), pa.chunked_array([cells[:7], cells[7:]]), pa.array(cells, pa.large_string()),
                  pa.array(cells).dictionary_encode()):
        assert alike(read_column(array, reader), expected)
    once = [f"{number}万元" if number % 50 else "约" for number in range(2 * SAMPLE)]
    assert len(encode(pa.array(once)).distinct) == len(once)
    assert alike(read_column(pa.array(once), reader), [reader.read(cell) for cell in once])


def test_numbers_and_truth_values_of_arrow_are_read():
    for cells, kind in (([1, 2, None], pa.int64()), ([True, False, None], pa.bool_()), ([1.5, float("nan"), None], pa.float32())):
        reading = list(read_column(pa.array(cells, kind), READERS["amount in 万元"]))
        assert reading == [READERS["amount in 万元"].read(cell) for cell in cells]


def test_a_missing_text_is_nothing():
    assert isinstance(plain_texts(pa.array([None, "a"])), Plain)
    assert list(read_column(pa.array([None, "项目"] * 100 + [f"项目{number}" for number in range(FEW)]), readers.TEXT))[:2] == [
        Reading(None), Reading("项目")]
