"""Amounts: what is read as what, what is refused, and round trips in every style."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liantu.ledger.values import read_amount

READ = [
    # cell, header's unit, 万元
    ("5000", "万元", 5000), (5000, "万元", 5000), (5000.0, "万元", 5000), ("5000.5", "万元", 5000.5), ("5000万元", "万元", 5000),
    ("5000万", "亿元", 5000), ("1.2亿", "万元", 12000), ("1.2亿元", None, 12000), ("1.2", "亿元", 12000), (1.1, "亿元", 11000),
    (0.35, "亿元", 3500), ("3亿5000万元", "万元", 35000), ("3亿5000万", "万元", 35000), ("3亿", "元", 30000), ("三亿", "万元", 30000),
    ("叁仟伍佰万元", "万元", 3500), ("叁仟伍佰萬圆整", "万元", 3500), ("叁亿伍仟万元整", "万元", 35000), ("三亿五千万", "万元", 35000),
    ("两千万", "万元", 2000),
    ("二千万元", "万元", 2000), ("一亿二千万", "万元", 12000), ("十亿元", "万元", 100000), ("三十五亿", "万元", 350000),
    ("一百二十万元", "万元", 120),
    ("三千零五十万元", "万元", 3050), ("三亿五", "万元", 35000), ("三点五亿", "万元", 35000), ("两亿零五百万元", "万元", 20500),
    ("壹佰贰拾万元", "万元", 120),
    ("三千五百", "万元", 3500), ("三五〇〇", "万元", 3500), ("5千万", "万元", 5000), ("2千3百万元", "万元", 2300),
    ("3个亿", "万元", 30000),
    ("３５００", "万元", 3500), ("３，５００．５", "万元", 3500.5), ("１．２亿元", "万元", 12000), ("1,234.5", "万元", 1234.5),
    ("1，234", "万元", 1234),
    ("12,345,678", "元", 1234.5678), ("1 234", "万元", 1234), ("12 345 万元", "万元", 12345), ("1'234", "万元", 1234),
    ("1, 234", "万元", 1234),
    ("3500000", "元", 350), (3500000, "元", 350), ("3500", "千元", 350), ("80千元", "万元", 8), ("12", "百万元", 1200),
    ("3500元", "万元", 0.35),
    ("35000000.00元", "万元", 3500), ("5000", "（万元）", 5000), ("5", "单位：亿元", 50000), ("5000", "人民币万元", 5000),
    ("5000", "万", 5000),
    ("1.2e4", "万元", 12000), ("1.2E+04", "万元", 12000), (".5", "亿元", 5000), ("5000.", "万元", 5000), ("+5000", "万元", 5000),
    (0, "万元", 0),
    ("0", None, 0), ("0.00", "万元", 0), ("人民币伍佰万元整", "万元", 500), ("人民币：3亿元", "万元", 30000),
    ("3亿元人民币", "万元", 30000), ("¥500万", "万元", 500),
    ("￥500万元", "万元", 500), ("RMB 500万元", "万元", 500), ("总投资3亿元", "万元", 30000), ("计划总投资：3 亿元", "万元", 30000),
    ("'5000", "万元", 5000),
    (" 5000 \n万元 ", "万元", 5000), ("\u200b5000", "万元", 5000), ("5000\u3000", "万元", 5000), ("1万2000元", "万元", 1.2),
    (12345678901, "元", 1234567.8901),
]
NOTED = [
    ("约3亿元", 30000, "约"), ("近5000万元", 5000, "近"), ("不低于5000万元", 5000, "不低于"), ("5000万元以上", 5000, "以上"),
    ("3亿元左右", 30000, "左右"),
    ("5000余万元", 5000, "余"), ("20多亿元", 200000, "余"), ("十余亿元", 100000, "余"), (">=5000万元", 5000, ">="), ("≥5000", 5000, "≥"),
    ("5000（其中设备2000）", 5000, "其中设备2000"), ("5000(其中设备2000万元)", 5000, "其中设备2000万元"),
    ("3亿元（一期1亿元）", 30000, "一期1亿元"),
    ("约3亿元（含税）", 30000, "约；含税"), ("3亿元，其中设备投资1亿元", 30000, "其中设备投资1亿元"), ("5000①", 5000, None),
    ("5000⑵", 5000, None),
    ("5000（万元）", 5000, None), ("3（亿元）", 30000, None), ("5000（联系人13842112345）", 5000, "联系人[removed]"),
    ("暂定5000", 5000, "暂定"),
    ("5000万元（折合750万美元）", 5000, "折合750万美元"),
]
NOTHING = [None, "", "  ", "-", "—", "——", "/", "／", "无", "暂无", "N/A", math.nan, "nan", "\u3000", "\u200b", "－"]
REFUSED = [
    ("待定", "amount_undecided"), ("面议", "amount_undecided"), ("待 定", "amount_unreadable"), ("待定（约5000）", "amount_undecided"),
    ("TBD", "amount_undecided"),
    ("3000-5000", "amount_range"), ("3000~5000万元", "amount_range"), ("3000—5000", "amount_range"), ("3亿至5亿", "amount_range"),
    ("三到五亿", "amount_range"),
    ("1亿元-2亿元", "amount_range"), ("３０００－５０００", "amount_range"), ("3000～5000", "amount_range"),
    (-5000, "amount_negative"), ("-5000", "amount_negative"), ("－5000万元", "amount_negative"), ("−0.5亿", "amount_negative"),
    ("负500万元", "amount_negative"),
    (-0.5, "amount_negative"), ("-1,000", "amount_negative"), (-math.inf, "amount_negative"),
    ("500万美元", "amount_foreign"), ("USD 500", "amount_foreign"), ("$500", "amount_foreign"), ("300万欧元", "amount_foreign"),
    ("5000（万美元）", "amount_foreign"),
    ("1亿港币", "amount_foreign"), ("亿", "amount_unreadable"), ("万元", "amount_unreadable"), ("近亿元", "amount_unreadable"),
    ("数亿元", "amount_unreadable"),
    ("百万", "amount_unreadable"), ("几千万", "amount_unreadable"), ("3亿5", "amount_unreadable"), ("3亿5000", "amount_unreadable"),
    ("1亿2千", "amount_unreadable"), ("--5000", "amount_unreadable"), ("3亿+5000万", "amount_unreadable"), ("3亿一", "amount_unreadable"),
    ("20十万", "amount_unreadable"),
    ("(5000)", "amount_unreadable"), ("5000、3000", "amount_unreadable"), ("5000+3000", "amount_unreadable"),
    ("2022-03-15", "amount_unreadable"),
    ("1,23", "amount_unreadable"), ("12,34,567", "amount_unreadable"), ("50 00", "amount_unreadable"), ("1.2.3", "amount_unreadable"),
    ("5000w", "amount_unreadable"),
    ("5½", "amount_unreadable"), ("10⁴", "amount_unreadable"), ("1.2×10⁴", "amount_unreadable"), ("⒈5000", "amount_unreadable"),
    ("50%", "amount_unreadable"), ("一期5000二期3000", "amount_unreadable"), ("见附件", "amount_unreadable"), (True, "amount_unreadable"),
    (math.inf, "amount_implausible"), ("13842112345", "amount_implausible"), ("9" * 190, "amount_implausible"),
    ("9" * 500, "cell_too_long"),
    ("#REF!", "cell_error"), ("#DIV/0!", "cell_error"), ("########", "cell_error"), ("同上", "cell_ditto"),
]


@pytest.mark.parametrize(("cell", "unit", "wan"), READ)
def test_amounts_that_are_read(cell, unit, wan):
    reading = read_amount(cell, unit)
    assert (reading.value, reading.rule, reading.note) == (float(wan), None, None)
    assert isinstance(reading.value, float)


@pytest.mark.parametrize(("cell", "wan", "note"), NOTED)
def test_what_stands_beside_an_amount_is_a_note(cell, wan, note):
    reading = read_amount(cell, "万元")
    assert (reading.value, reading.rule, reading.note) == (float(wan), None, note)


@pytest.mark.parametrize("cell", NOTHING)
def test_cells_that_state_no_amount(cell):
    assert read_amount(cell, "万元") == read_amount(None, None)
    assert read_amount(cell, "万元").rule is None


@pytest.mark.parametrize(("cell", "rule"), REFUSED)
def test_amounts_that_are_refused(cell, rule):
    reading = read_amount(cell, "万元")
    assert (reading.value, reading.rule) == (None, rule)


@pytest.mark.parametrize(("cell", "unit", "wan", "rule"), [
    (5000, None, 5000, "amount_unit_assumed"), ("5000", None, 5000, "amount_unit_assumed"), ("约5000", "", 5000, "amount_unit_assumed"),
    ("5000万", None, 5000, None), (0, None, 0, None), (5, "万美元", None, "amount_foreign"), (5, "亩", None, "amount_unit_unknown"),
    ("5亿元", "亩", None, "amount_unit_unknown"), ("1.2亿", "元", 12000, None),
])
def test_the_unit_of_header_and_cell(cell, unit, wan, rule):
    reading = read_amount(cell, unit)
    assert (reading.value, reading.rule) == (wan, rule)


def test_a_phone_number_in_yuan_is_still_money():
    assert read_amount("13842112345", "元").value == 1384211.2345


YUAN = st.integers(0, 10**12)


@given(YUAN)
def test_round_trip_of_yuan_in_every_unit_and_separator(yuan):
    wan = float(Decimal(yuan) / 10_000)
    for cell, unit in [
        (yuan, "元"), (str(yuan), "元"), (f"{yuan:,}", "元"), (f"{yuan:,}".replace(",", "，"), "元"), (f"{yuan}元", "亿元"),
        (f"{Decimal(yuan) / 10_000}万元", "元"), (f"{Decimal(yuan) / 100_000_000:f}亿", "万元"), (f"约{yuan}元（估算）", None),
        (f"{Decimal(yuan) / 1000}", "千元"),
    ]:
        assert read_amount(cell, unit).value == wan, (cell, unit)


def chinese(number: int, digits: str, places: str) -> str:
    """An independent speller of numerals: 35 00 → 三千五百."""
    if number >= 10**8:
        head, tail = divmod(number, 10**8)
        joint = digits[0] if 0 < tail < 10**7 else ""
        return chinese(head, digits, places) + "亿" + joint + (chinese(tail, digits, places) if tail else "")
    if number >= 10**4:
        head, tail = divmod(number, 10**4)
        joint = digits[0] if 0 < tail < 10**3 else ""
        return chinese(head, digits, places) + "万" + joint + (chinese(tail, digits, places) if tail else "")
    text, gap = "", False
    for place, name in zip((1000, 100, 10, 1), (*places, ""), strict=True):
        digit = number // place % 10
        if digit:
            text += (digits[0] if gap and text else "") + digits[digit] + name
        gap = not digit
    return text


@given(st.integers(1, 10**12 - 1))
def test_round_trip_of_chinese_numerals(yuan):
    wan = float(Decimal(yuan) / 10_000)
    for digits, places in [("零一二三四五六七八九", "千百十"), ("零壹贰叁肆伍陆柒捌玖", "仟佰拾"), ("〇一二三四五六七八九", "千百十")]:
        spelled = chinese(yuan, digits, places)
        assert read_amount(spelled + "元", "万元").value == wan, spelled
        assert read_amount(spelled + "圆整", None).value == wan, spelled


@given(st.integers(1, 10**7))
def test_full_width_equals_half_width(number):
    half = f"约{number:,}.5万元(其中)"
    full = half.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    assert read_amount(half, "万元") == read_amount(full, "万元")
    assert read_amount(half, "万元").value == number + 0.5


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_range_is_never_picked_from(low, high):
    for joint in ("-", "~", "至", "—", "到", "～", "－"):
        assert read_amount(f"{low}{joint}{high}万元", "万元").value is None
