"""How the offices of the hold-out write dates and odd cells: not one writing of `cells.py` beyond those that the calendar forces."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np

from liantu.simulation.cells import Cell, full_width, in_unit
from liantu.simulation.names import person, phone, pick

_DIGITS = "〇一二三四五六七八九"
_QUARTERS = ("第一季度", "第二季度", "第三季度", "第四季度")
_UNKNOWN_COUNTIES = ("喀喇沁旗", "凌海市", "朝阳市朝阳区", "北镇市", "长春市朝阳区", "义县", "县区联建")
_UNREADABLE = ("面议", "#DIV/0!", "正在测算", "？？", "按合同执行", "同上期")


def _chinese(number: int) -> str:
    """A number below 100 in Chinese numerals: 21 is 二十一."""
    tens, ones = divmod(number, 10)
    return (_DIGITS[tens] if tens > 1 else "") + "十" * (tens > 0) + (_DIGITS[ones] if ones else "")


def lower_numerals(wan: float) -> str:
    """A sum in lower-case Chinese numerals, rounded to 万元: 3500 is 三千五百万元."""
    yi, rest = divmod(round(wan), 10000)
    return (f"{_thousands(yi)}亿" if yi else "") + (f"{'零' if yi and rest < 1000 else ''}{_thousands(rest)}万" if rest else "") + "元"


def _thousands(value: int) -> str:
    text, gap = "", False
    for place, word in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, place)
        text += ("零" if gap and text and digit else "") + (_DIGITS[digit] + word if digit else "")
        gap = digit == 0
    return text


def write_date(day: dt.date, style: str, snapshot: dt.date) -> Cell:
    """A date as the held-out offices write it; a form without a year is used only in the snapshot's year."""
    year = "" if day.year == snapshot.year else f"{day.year}年"
    third = ("初", "中旬", "下旬")[min(2, (day.day - 1) // 10)]
    forms: dict[str, Callable[[], Cell]] = {
        "dot_zero": lambda: f"{day:%Y.%m.%d}",
        "dot_month": lambda: f"{day.year}.{day.month}",
        "dot_month_zero": lambda: f"{day:%Y.%m}",
        "short_dot": lambda: f"{day:%y}.{day.month}.{day.day}",
        "iso_month": lambda: f"{day:%Y-%m}",
        "slash_month": lambda: f"{day.year}/{day.month}",
        "slash_zero": lambda: f"{day:%Y/%m/%d}",
        "compact": lambda: f"{day:%Y%m%d}",
        "compact_number": lambda: int(f"{day:%Y%m%d}"),
        "compact_month": lambda: f"{day:%Y%m}",
        "stamp": lambda: f"{day.isoformat()} 00:00:00",
        "hao": lambda: f"{day.year}年{day.month}月{day.day}号",
        "day_zero": lambda: f"{day.year}年{day.month:02d}月{day.day:02d}日",
        "spaced": lambda: f"{day.year} 年 {day.month} 月 {day.day} 日",
        "short_month": lambda: f"{day:%y}年{day.month}月",
        "month_part": lambda: f"{year}{day.month}月{third}",
        "month_last": lambda: f"{day.year}年{day.month}月末",
        "month_before": lambda: f"{day.year}年{day.month}月底前",
        "quarter_nth": lambda: f"{day.year}年{_QUARTERS[(day.month - 1) // 3]}",
        "quarter_q": lambda: f"{day.year}Q{(day.month - 1) // 3 + 1}",
        "quarter_last": lambda: f"{day.year}年{'一二三四'[(day.month - 1) // 3]}季度末",
        "year_last": lambda: f"{day.year}年底" if day.month == 12 else f"{day.year}年{day.month}月",
        "chinese_day": lambda: "".join(_DIGITS[int(d)] for d in str(day.year)) + f"年{_chinese(day.month)}月{_chinese(day.day)}日",
        "chinese_month": lambda: f"{year}{_chinese(day.month)}月份",
        "full_width": lambda: full_width(f"{day.year}.{day.month}.{day.day}"),
        "said": lambda: f"于{day.year}年{day.month}月{day.day}日",
        "two_lines": lambda: f"{day.year}年\n{day.month}月{day.day}日",
        "cell": lambda: day,
    }
    return forms[style]()


def messy_amount(kind: str, wan: float, unit: str, rng: np.random.Generator) -> Cell:
    """An amount with one kind of mess."""
    number = in_unit(wan, unit)
    word = {"yi": "亿元", "yi2": "亿元", "yuan": "元", "qian": "千元"}.get(unit, "万元")
    small = {"yi": "wan", "yi2": "wan"}.get(unit, "yi")
    forms: dict[str, Callable[[], Cell]] = {
        "about": lambda: str(pick(rng, [f"{number}{word}左右", f"近{number}{word}", f"{number}（暂估）", f"≈{number}"])),
        "capitals": lambda: lower_numerals(wan),
        "full_width": lambda: full_width(f"{number:,}"),
        "parenthesis": lambda: f"{number}\n（土建{in_unit(wan * 0.6, unit)}，设备{in_unit(wan * 0.3, unit)}）",
        "thousands": lambda: f"{number:,}".replace(",", "，") if rng.random() < 0.5 else f"{number:,.2f}",
        "unit_in_cell": lambda: f"{in_unit(wan, small)} {'万' if small == 'wan' else '亿元人民币'}",
        "unit_slip": lambda: in_unit(wan, small) or round(wan / 10000, 6),
        "unreadable_amount": lambda: str(pick(rng, _UNREADABLE)),
        "negative_amount": lambda: f"－{abs(number)}" if number else -1,
    }
    return forms[kind]()


def messy_text(kind: str, value: str, rng: np.random.Generator) -> Cell:
    """A text with one kind of mess."""
    middle = max(1, len(value) // 2)
    forms: dict[str, Callable[[], Cell]] = {
        "missing_name": lambda: str(pick(rng, ["", "-", "/"])) or None,
        "unknown_county": lambda: str(pick(rng, _UNKNOWN_COUNTIES)),
        "phone_in_note": lambda: f"{value}{'。' if value else ''}经办：{person(rng)}（手机{phone(rng)}）",
        "spaced_name": lambda: f"　{value[:middle]}　{value[middle:]}\t",
        "wrapped_name": lambda: f"{value[: middle - 1]}\r\n{value[middle - 1 :]}",
        "full_width_name": lambda: full_width(value).replace("（", "(").replace("）", ")"),
    }
    return forms[kind]()


def messy_date(kind: str, day: dt.date, rng: np.random.Generator) -> Cell:
    """A date that cannot be (impossible) or is not decided."""
    if kind == "impossible_date":
        return str(pick(rng, [f"{day.year}.4.31", f"{day.year}年0月{day.day}日", f"{day.year}13{day.day:02d}", f"{day.year}/6/31"]))
    return str(pick(rng, ["未定", "尚未明确", "视手续办理情况"]))
