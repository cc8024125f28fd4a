"""Every reader on every kind of cell: nothing raises, nothing hangs, every rule has its words; columns read each value once."""

import ast
import datetime as dt
import time
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liantu.ledger.values as values
from liantu.ledger.values import Reading, clean_text, read_amount, read_column, read_text
from liantu.ledger.values.plain_texts import plain_texts
from liantu.reference import city

CITY = city()
SNAPSHOT = dt.date(2022, 6, 30)
READERS = {
    "amount": partial(values.read_amount, unit="万元"), "amount without unit": partial(values.read_amount, unit=None),
    "date": partial(values.read_date, snapshot=SNAPSHOT),
    "county": partial(values.read_county, divisions=CITY.divisions), "stage": partial(values.read_stage, vocabulary=CITY.vocabulary),
    "status": partial(values.read_term, terms=CITY.vocabulary.terms("approval_status")), "number": values.read_number,
    "area": partial(values.read_area, unit="亩"),
    "share": partial(values.read_share, unit="%"), "yes_no": values.read_yes_no, "national_code": values.read_national_code,
    "credit_code": values.read_credit_code, "text": values.read_text,
}
SCRAPS = ["2022", "年", "3", "月", "15", "日", "季度", "一", "十", "二〇二二", "亿", "万", "元", "约", "(", ")", "（", "）", "-", "—",
"~", "至", ".", "，", "、", "%", "亩", "未", "已", "预计", "开工",
          "竣工", "朝阳", "市", "县", "区", "双塔", "北票", "Q", "上半年", "底", "前", "后", "e", "E", "+", "¥", "$", "其中", "138",
          "42112345", " ", "\n", "①", "²", "½", "#", "@", "x", "零", "叁", "仟", "明年", "本月", "至今"]
RULES = {rule.id for rule in CITY.rules.rules}
ANY_CELL = st.one_of(
    st.text(), st.lists(st.sampled_from(SCRAPS), max_size=9).map("".join), st.floats(), st.integers(), st.booleans(), st.none(),
    st.dates(), st.datetimes(), st.times(),
    st.datetimes(timezones=st.timezones()), st.decimals(), st.fractions(), st.complex_numbers(), st.binary(),
    st.lists(st.integers(), max_size=2), st.timedeltas(),
    st.sampled_from([np.nan, np.float32(3.5), np.float64("nan"), np.longdouble(2), np.int64(5), np.bool_(True), np.str_("3亿"),
    np.datetime64("NaT"), np.datetime64("2022-03-15T08"), np.array([1, 2]),
                     np.datetime64("20000-01-01"), pd.NA, pd.NaT, pd.Timestamp("2022-03-15", tz="Asia/Shanghai"), Decimal("sNaN"),
                     Decimal("Infinity"), Fraction(1, 3), object(), 10**5000, -(10**400), {}, {1}, b"x"]),
)


@pytest.mark.parametrize("name", READERS)
@given(cell=ANY_CELL)
@settings(max_examples=150, deadline=None)
def test_no_reader_raises(name, cell):
    reading = READERS[name](cell)
    assert isinstance(reading, Reading)
    assert reading.rule is None or reading.rule in RULES
    assert (reading.precision is not None) == (name == "date" and reading.value is not None)
    # The same cell in a column, whatever its type, gives the same.
    assert list(read_column([cell, cell], READERS[name])) == [reading, reading]


@given(cell=ANY_CELL)
@settings(max_examples=150, deadline=None)
def test_no_span_raises(cell):
    found = values.read_date_range(cell, SNAPSHOT)
    if found:
        assert isinstance(found[0].value, dt.date)
        assert found[1].value is None or found[0].value <= found[1].value


@pytest.mark.parametrize("name", READERS)
def test_huge_cells_do_not_hang(name):
    started = time.perf_counter()
    for cell in ("3" * 10_000_000, " " * 10_000_000, "（" * 5_000_000, "2022年" * 2_000_000, "1,2" * 67, "万亿" * 90, "(" * 199,
    "约" * 199, "2022.3-" * 28, "二" * 199):
        READERS[name](cell)
    assert time.perf_counter() - started < 6


def test_every_rule_of_a_cell_is_raised_somewhere_and_has_its_words():
    text = "".join(path.read_text(encoding="utf-8") for path in Path(values.__file__).parent.glob("*.py"))
    literals = {node.value for node in ast.walk(ast.parse("\n".join(
        line for line in text.splitlines() if not line.startswith("from __future__")))) if isinstance(node,
        ast.Constant) and isinstance(node.value, str)}
    troubles = {f"{kind}_{trouble}" for kind in ("amount", "number", "area", "share") for trouble in ("undecided", "range", "unreadable")}
    from liantu.reference.loading import load
    from liantu.reference.models import Rules

    stated = {rule.id for rule in load(Rules, CITY.folder / "rules" / "values.yml").rules}
    assert stated - literals - troubles == set()
    prefixes = ("amount_", "area_", "share_", "date_", "county_", "term_", "cell_", "code_", "national_code_", "credit_code_", "yes_no_",
    "number_")
    known_words = set(values.wording.Wording.model_fields)
    candidates = {literal for literal in literals if literal.startswith(prefixes) and literal.isidentifier() and not literal.endswith("_")}
    raised = candidates - known_words
    assert (raised | troubles) - stated == set()


def test_the_words_of_the_rules_can_be_filled_in():
    for rule in CITY.rules.rules:
        for words in (rule.zh, rule.en, rule.fix_zh, rule.fix_en):
            words.format(value="5000", column="总投资", detail="亿元")


def test_a_column_is_read_once_for_each_value_and_type():
    seen = []

    def read(cell):
        seen.append(cell)
        return Reading(f"{type(cell).__name__} {cell}")

    nan = float("nan")
    cells = [True, 1, 1.0, "1", "1", True, None, nan, float("nan"), 0, False, [1], [1]]
    assert [reading.value for reading in read_column(cells, read)] == [
        "bool True", "int 1", "float 1.0", "str 1", "str 1", "bool True", "NoneType None", "NoneType None", "NoneType None", "int 0",
        "bool False", "list [1]", "list [1]"]
    assert len(seen) == 9
    assert list(read_column([], read)) == []
    assert [reading.value for reading in read_column(pd.Series(["a", "b", "a"]), read)] == ["str a", "str b", "str a"]


def test_a_million_cells_are_read_quickly():
    distinct = [f"{number / 7:.2f}万元" for number in range(5000)]
    cells = [distinct[number % 5000] for number in range(1_000_000)]
    read_column(cells[:5000], partial(read_amount, unit="万元"))
    started = time.perf_counter()
    readings = read_column(cells, partial(read_amount, unit="万元"))
    assert time.perf_counter() - started < 2
    assert len(readings) == 1_000_000
    assert readings[5001] == readings[1]


@pytest.mark.parametrize(("cell", "text"), [
    (None, None), ("", None), ("  ", None), ("—", None), ("/", None), ("无", None), ("#REF!", None), (float("nan"), None), (pd.NA, None),
    (1.0, "1"), (1, "1"), (1.5, "1.5"), (0.1 + 0.2, "0.3"), (1e20, "1" + "0" * 20), (True, "TRUE"), (dt.date(2022, 3, 15), "2022-03-15"),
    (dt.datetime(2022, 3, 15), "2022-03-15"),
    (dt.datetime(2022, 3, 15, 8, 30), "2022-03-15 08:30"), (dt.time(8, 30), "08:30"), (" 某公司 ", "某公司"),
    ("朝阳\n某公司", "朝阳某公司"), ("ABC\nCo", "ABC Co"), ("第一行。\n第二行", "第一行。第二行"),
    ("ＡＢＣ（一期）", "ABC（一期）"), ("１２３号", "123号"), ("２０２２年，完成", "2022年，完成"), ("a\u200bb", "ab"), ("a\x00b", "ab"),
    ("某  公司", "某 公司"), ("②号地块", "②号地块"), ("100㎡", "100㎡"),
    ("某公司_x000D_\n分公司", "某公司分公司"), ("\ud800a", "a"), ("⾦属", "金属"), ("<script>", "<script>"), ("=1+1", "=1+1"),
])
def test_text(cell, text):
    assert clean_text(cell) == text


def test_a_text_longer_than_a_cell_is_cut_and_said_so():
    reading = read_text("字" * 40_000)
    assert reading.rule == "cell_too_long"
    assert len(reading.value) == 32_767


@given(st.text())
def test_cleaning_text_twice_changes_nothing(text):
    once = clean_text(text)
    assert once is None or clean_text(once) == once


def test_a_text_that_was_garbled_before_it_came_is_kept_and_flagged():
    for text in ("朝阳\ufffd\ufffd项目", "锟斤拷铁矿"):
        assert read_text(text).value == text and read_text(text).rule == "cell_garbled"
        assert not plain_texts(pa.array([text])).done.any()
    assert read_text("锟铁矿").rule is None
