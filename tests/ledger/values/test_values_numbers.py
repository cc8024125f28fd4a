"""Numbers, areas, shares, yes and no."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liantu.ledger.values import read_area, read_number, read_share, read_yes_no


@pytest.mark.parametrize(("cell", "number"), [
    (120, 120), (1.5, 1.5), ("120", 120), ("1,200", 1200), ("１２０", 120), ("120人", 120), ("约120人", 120), ("120余人", 120),
    ("1.2万人", 12000), ("三百二十人", 320),
    ("-5", -5), ("35台", 35), ("100MW", 100), ("120（其中女性30）", 120), ("1e3", 1000), ("两百", 200), ("0", 0), ("120个", 120),
    ("24个月", 24),
])
def test_numbers_that_are_read(cell, number):
    assert (read_number(cell).value, read_number(cell).rule) == (float(number), None)


@pytest.mark.parametrize(("cell", "rule"), [
    ("100-150", "number_range"), ("100至150人", "number_range"), ("待定", "number_undecided"), ("若干", "number_unreadable"),
    ("50%", "number_unreadable"), (True, "number_unreadable"),
    ("120、130", "number_unreadable"), ("2022年", "number_unreadable"), ("--5", "number_unreadable"),
    ("2022年3月15日", "number_unreadable"), (math.inf, "number_unreadable"), ("#N/A", "cell_error"),
    ("1" * 201, "cell_too_long"),
])
def test_numbers_that_are_refused(cell, rule):
    assert (read_number(cell).value, read_number(cell).rule) == (None, rule)


@pytest.mark.parametrize(("cell", "unit", "mu"), [
    (100, "亩", 100), ("100亩", "公顷", 100), ("10公顷", "亩", 150), (10, "公顷", 150), (10000, "平方米", 15), ("10000平方米", "亩", 15),
    ("1万平方米", "亩", 15), ("2平方公里", None, 3000),
    ("10000㎡", "亩", 15), ("10000m²", "亩", 15), ("10000m2", "亩", 15), (1.5, "万平方米", 22.5), ("约100亩", None, 100),
    ("占地100亩", "亩", 100), ("100亩（6.67公顷）", "亩", 100),
    ("一百二十亩", "亩", 120), (2, "km²", 3000), ("3ha", "亩", 45), ("100余亩", "亩", 100), (0, None, 0), ("1.2万亩", "亩", 12000),
    ("666.67", "㎡", 1.000005),
])
def test_areas_that_are_read(cell, unit, mu):
    reading = read_area(cell, unit)
    assert reading.rule is None
    assert reading.value == pytest.approx(mu, rel=1e-12)


@pytest.mark.parametrize(("cell", "unit", "value", "rule"), [
    (100, None, 100, "area_unit_assumed"), ("100", "", 100, "area_unit_assumed"), (-5, "亩", None, "area_negative"),
    ("100-200亩", "亩", None, "area_range"),
    ("待定", "亩", None, "area_undecided"), ("见图", "亩", None, "area_unreadable"), (100, "万元", None, "area_unit_unknown"),
    (True, "亩", None, "area_unreadable"),
])
def test_areas_that_are_flagged_or_refused(cell, unit, value, rule):
    assert (read_area(cell, unit).value, read_area(cell, unit).rule) == (value, rule)


@pytest.mark.parametrize(("cell", "unit", "share"), [
    ("5:5", None, 0.5), ("5：5", "%", 0.5), ("五五", "%", 0.5), ("五五分成", None, 0.5), ("50%:50%", "%", 0.5), ("按5:5分享", None, 0.5),
    ("45%", None, 0.45), ("45%", "%", 0.45), (45, "%", 0.45), ("45", "%", 0.45), (0.45, None, 0.45), ("0.45", None, 0.45),
    ("４５％", None, 0.45), ("45.5%", None, 0.455), (0, "%", 0),
    (1, None, 1), (100, "%", 1), ("100%", None, 1), ("百分之四十五", None, 0.45), ("三成", None, 0.3), ("约45%", None, 0.45),
    ("5‰", None, 0.005), ("0.5%", "%", 0.005), (45, "（%）", 0.45),
])
def test_shares_that_are_read(cell, unit, share):
    assert read_share(cell, unit).rule is None
    assert read_share(cell, unit).value == pytest.approx(share, rel=1e-12)


@pytest.mark.parametrize(("cell", "unit", "rule"), [
    (0.45, "%", "share_ambiguous"), (1, "%", "share_ambiguous"), (45, None, "share_ambiguous"), ("45", None, "share_ambiguous"),
    ("120%", None, "share_out_of_range"),
    (-0.1, None, "share_out_of_range"), (120, "%", "share_out_of_range"), ("40%-50%", None, "share_range"),
    ("6:4", None, "share_split"), ("四六", "%", "share_split"), ("0:0", "%", "share_split"), ("100:0", "%", "share_split"),
    ("待定", None, "share_undecided"), (True, "%", "share_unreadable"),
])
def test_shares_that_are_refused(cell, unit, rule):
    assert (read_share(cell, unit).value, read_share(cell, unit).rule) == (None, rule)


@pytest.mark.parametrize(("cell", "value"), [
    *[(cell, True) for cell in ("是", "有", "√", "✓", "Y", "yes", "TRUE", True, 1, 1.0, "1", "已纳统", "已", "需要", "是（已办）", "Ｙ",
    " 是 ")],
    *[(cell, False) for cell in ("否", "无", "没有", "×", "x", "N", "No", "false", False, 0, "0", "未", "未纳统", "尚未入统", "不是",
    "不需要", "否（待办）", "非")],
])
def test_yes_and_no(cell, value):
    assert read_yes_no(cell).value is value
    assert read_yes_no(cell).rule is None


@pytest.mark.parametrize("cell", ["未知", "不详", "待定", "是否", "2", 2, 0.5, "部分", "已计划未开工", "不清楚", float("inf")])
def test_neither_yes_nor_no(cell):
    assert (read_yes_no(cell).value, read_yes_no(cell).rule) == (None, "yes_no_unreadable")


@pytest.mark.parametrize("read", [read_number, read_yes_no, lambda cell: read_area(cell, "亩"), lambda cell: read_share(cell, "%")])
@pytest.mark.parametrize("cell", [None, "", "-", "/", "—", float("nan")])
def test_cells_that_state_nothing(read, cell):
    assert read(cell) == read_number(None)


@given(st.integers(0, 10**9))
def test_round_trip_of_areas(mu):
    for cell, unit in [(mu, "亩"), (f"{mu:,}亩", "公顷"), (f"{mu}", "亩")]:
        assert read_area(cell, unit).value == float(mu)
    assert read_area(f"{mu}公顷", "亩").value == mu * 15.0


@given(st.integers(2, 100))
def test_round_trip_of_shares(percent):
    for cell, unit in [(f"{percent}%", None), (percent, "%"), (f"{percent}％", "%"), (percent / 100, None)]:
        assert read_share(cell, unit).value == pytest.approx(percent / 100)
