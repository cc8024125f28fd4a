"""How a value is written into a cell by an office: units, the many forms of dates, ticks and words; and the mess."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from liantu.simulation.names import person, phone, pick

Cell = str | float | int | dt.date | None
_DIGITS = "〇一二三四五六七八九"
_CAPITALS = "零壹贰叁肆伍陆柒捌玖"
_FULL = str.maketrans("0123456789.", "０１２３４５６７８９．")
_QUARTERS = ("一季度", "二季度", "三季度", "四季度")
EXCEL_EPOCH = dt.date(1899, 12, 30)


def full_width(text: str) -> str:
    """Digits as full-width characters."""
    return text.translate(_FULL)


def plain_number(value: float) -> float | int:
    """At most two decimals below 100, whole numbers above."""
    rounded = round(value, 2) if abs(value) < 100 else round(value)
    return int(rounded) if rounded == int(rounded) else rounded


def in_unit(wan: float, unit: str) -> float | int:
    """An amount of 万元 in the column's unit: `wan`, `yi` (four decimals), `yi2` (two decimals), `qian` (千元) or `yuan`."""
    if unit in ("yi", "yi2"):
        return round(wan / 10000, 2 if unit == "yi2" and wan >= 100 else 4)
    return plain_number(wan * {"yuan": 10000, "qian": 10}.get(unit, 1))


def capitals(wan: float) -> str:
    """A sum in capital numerals: 3500 is 叁仟伍佰万元."""
    whole = round(wan)
    yi, rest = divmod(whole, 10000)
    text = (_thousands(yi) + "亿" if yi else "") + (_thousands(rest) + "万" if rest else "")
    return text + "元"


def _thousands(value: int) -> str:
    text, gap = "", False
    for place, word in ((1000, "仟"), (100, "佰"), (10, "拾"), (1, "")):
        digit, value = divmod(value, place)
        if digit:
            text += ("零" if gap and text else "") + _CAPITALS[digit] + word
        gap = digit == 0
    return text


def _month_name(month: int) -> str:
    return "十" * (month >= 10) + (_DIGITS[month % 10] if month % 10 else "")


def _last_day(day: dt.date) -> int:
    return ((day.replace(day=1) + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)).day


def write_date(day: dt.date, style: str, snapshot: dt.date) -> Cell:
    """A date in one of the forms of offices. Forms without a year are used only in the snapshot's year, else the year is written."""
    year = "" if day.year == snapshot.year else f"{day.year}年"
    near_end = day.day >= _last_day(day) - 5
    forms: dict[str, Callable[[], Cell]] = {
        "dot": lambda: f"{day.year}.{day.month}.{day.day}",
        "iso": lambda: day.isoformat(),
        "slash": lambda: f"{day.year}/{day.month}/{day.day}",
        "day": lambda: f"{day.year}年{day.month}月{day.day}日",
        "month": lambda: f"{day.year}年{day.month}月",
        "cell": lambda: day,
        "serial": lambda: (day - EXCEL_EPOCH).days,
        "month_end": lambda: f"{year}{day.month}月底" if near_end else f"{day.year}年{day.month}月",
        "ten_days": lambda: f"{year}{day.month}月{('上旬', '中旬', '下旬')[min(2, (day.day - 1) // 10)]}",
        "quarter": lambda: f"{year}{_QUARTERS[(day.month - 1) // 3]}",
        "half": lambda: f"{year}{'上' if day.month <= 6 else '下'}半年",
        "chinese": lambda: "".join(_DIGITS[int(char)] for char in str(day.year)) + f"年{_month_name(day.month)}月",
        "month_day": lambda: f"{year}{day.month}月{day.day}日",
    }
    return forms[style]()


@dataclass(frozen=True)
class Mess:
    """One kind of mess: which columns it may befall, how often for each hundred rows, and what it does to the data.

    `harm` is `none` (readable), `warning` (the cell is lost) or `error` (the row cannot be used).
    """

    kind: str
    fields: tuple[str, ...]
    percent: float
    harm: str = "none"


PLANS = ("plan.", "date.")
MESS = (
    Mess("about", ("total",), 0.8),
    Mess("capitals", ("total",), 0.5),
    Mess("parenthesis", ("total",), 0.8),
    Mess("full_width", ("total", "plan_year", "done_total", "done_year"), 1.2),
    Mess("thousands", ("total", "done_total"), 1.5),
    Mess("unit_in_cell", ("total",), 0.8),
    Mess("unit_slip", ("total",), 1.0, "warning"),
    Mess("unreadable_amount", ("total",), 0.7, "warning"),
    Mess("negative_amount", ("total", "done_year", "done_total"), 0.25, "error"),
    Mess("missing_name", ("name",), 0.25, "error"),
    Mess("unknown_county", ("county",), 0.5, "error"),
    Mess("impossible_date", ("actual.", "date.", "signed_date"), 0.4, "warning"),
    Mess("undecided_date", PLANS, 1.5),
    Mess("phone_in_note", ("note", "progress_text"), 1.0),
    Mess("spaced_name", ("name",), 1.5),
    Mess("wrapped_name", ("name",), 0.7),
    Mess("full_width_name", ("name",), 0.8),
)
_UNKNOWN_COUNTIES = ("朝阳区", "建昌县", "宁城县", "本市某区", "开发区？", "双塔县")
_UNREADABLE = ("待定", "详见协议", "见备注", "以实际为准", "#REF!", "XXX")


def _impossible(day: dt.date, rng: np.random.Generator) -> str:
    return str(pick(rng, [f"{day.year}.13.{day.day}", f"{day.year}年2月30日", f"{day.year}.{day.month}.32", f"{day.year}-00-15"]))


def _slip(wan: float, unit: str) -> float | int:
    wrong = in_unit(wan, "wan" if unit.startswith("yi") else "yi")
    return wrong if wrong else round(wan / 10000, 6)


def messy_amount(kind: str, wan: float, unit: str, rng: np.random.Generator) -> Cell:
    """An amount with one kind of mess."""
    number, word = in_unit(wan, unit), "亿元" if unit.startswith("yi") else "万元"
    forms: dict[str, Callable[[], Cell]] = {
        "about": lambda: f"约{number}{word}",
        "capitals": lambda: capitals(wan),
        "full_width": lambda: full_width(str(number)),
        "parenthesis": lambda: f"{number}（其中设备{in_unit(wan * 0.4, unit)}）",
        "thousands": lambda: f"{number:,}",
        "unit_in_cell": lambda: f"{in_unit(wan, 'yi')}亿" if unit == "wan" else f"{in_unit(wan, 'wan')}万元",
        "unit_slip": lambda: _slip(wan, unit),
        "unreadable_amount": lambda: str(pick(rng, _UNREADABLE)),
        "negative_amount": lambda: -abs(number) if number else -1,
    }
    return forms[kind]()


def messy_text(kind: str, value: str, rng: np.random.Generator) -> Cell:
    """A text with one kind of mess."""
    middle = max(1, len(value) // 2)
    forms: dict[str, Callable[[], Cell]] = {
        "missing_name": lambda: str(pick(rng, ["", "　", ""])) or None,
        "unknown_county": lambda: str(pick(rng, _UNKNOWN_COUNTIES)),
        "phone_in_note": lambda: f"{value}{'，' if value else ''}联系人{person(rng)}{phone(rng)}",
        "spaced_name": lambda: f" {value[:middle]} {value[middle:]}　",
        "wrapped_name": lambda: f"{value[:middle]}\n{value[middle:]}",
        "full_width_name": lambda: full_width(value),
    }
    return forms[kind]()


def messy_date(kind: str, day: dt.date, rng: np.random.Generator) -> Cell:
    """A date that cannot be (impossible) or is not decided."""
    return _impossible(day, rng) if kind == "impossible_date" else str(pick(rng, ["待定", "暂未确定"]))
