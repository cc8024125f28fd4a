"""Periods as dates: the last day of the day, ten days, month, quarter, half or year that a text names."""

from __future__ import annotations

import calendar
import datetime as dt
import re

from liantu.ledger.values.reading import Reading
from liantu.ledger.values.wording import WORDING, any_of

FIRST_YEAR, LAST_YEAR = 1990, 2049
"""No project of these ledgers was begun before or is planned after; a year outside is a slip."""

_REL_YEAR = any_of(WORDING.relative_years)
_REL_MONTH = any_of(WORDING.relative_months)
_REL_QUARTER = any_of(WORDING.relative_quarters)
_Y4, _Y2, _M, _D = r"(?P<y>[0-9]{4})", r"(?P<y>[0-9]{2})", r"(?P<m>[0-9]{1,2})", r"(?P<d>[0-9]{1,2})"
_YEAR = rf"(?:(?P<y>[0-9]{{4}}|[0-9]{{2}})年度?|(?P<rel>{_REL_YEAR})度?)"
_PART = r"(?P<part>上旬|中下旬|中旬|下旬|月?初|月?中|月?底|月?末|内)"
_END = r"(?:末|底|内)?"
_MONTHS = {name: number for number, name in enumerate(calendar.month_abbr) if name}
_MON = r"(?P<mon>" + "|".join(_MONTHS) + r")[a-z]{0,6}\.?"



def _form(pattern: str) -> re.Pattern[str]:
    """The pattern compiled; a group that stands in several alternatives gets a number behind its name, as `re` wants it."""
    seen: list[str] = []

    def numbered(found: re.Match[str]) -> str:
        seen.append(found[1])
        count = seen.count(found[1])
        return f"(?P<{found[1]}{count if count > 1 else ''}>"

    return re.compile(re.sub(r"\(\?P<([a-z]+)>", numbered, pattern))


# Forms that say what they are wherever they stand in a text.
PLAIN_FORMS = tuple(map(_form, (
    rf"{_Y4}(?P<s>[-.]){_M}(?P=s){_D}[日号]?",
    rf"{_YEAR}?{_M}月份?(?:{_D}[日号]?|{_PART})?",
    rf"{_YEAR}{_M}[-.]{_D}[日号]?",
    rf"{_Y4}[-.]{_M}(?:月份?(?:{_D}[日号]?|{_PART})?|{_PART})?",
    rf"(?:{_YEAR}|{_Y4}[-.]?)?第?(?P<q>[0-9])季度?{_END}",
    rf"(?:{_YEAR}|{_Y4}[-.]?)?(?P<h>[上下])半年{_END}",
    rf"{_YEAR}年?(?P<yp>初|中|底|末|终|内|全年)",
    rf"(?:{_Y4}年度?|(?P<rel>{_REL_YEAR})度?)",
    r"(?<![半两一二三四五六七八九十几数多])(?P<yp>年初|年中|年底|年末|年终|年内|全年)",
    rf"(?P<relm>{_REL_MONTH})(?:份?{_PART}|份|{_D}[日号])?",
    rf"(?P<relq>{_REL_QUARTER}){_END}",
)))
# Forms that are read only when they are all that a cell holds.
BARE_FORMS = (*PLAIN_FORMS, *map(_form, (
    rf"{_Y2}年度?",
    rf"{_Y2}(?P<s>[-.]){_M}(?P=s){_D}[日号]?",
    rf"(?P<y>1[3-9]|[2-4][0-9])[-.]{_M}(?:月份?(?:{_D}[日号]?|{_PART})?)?",
    rf"(?:{_YEAR}|{_Y4}[-.]?|{_Y2}[-.]?)?(?:第?Q(?P<q>[0-9])|H(?P<half>[0-9]))(?:季度?)?",
    rf"(?:Q(?P<q>[0-9])|H(?P<half>[0-9]))[-. ]?{_Y4}",
    rf"{_Y4}年?(?P<yp>初|中|底|末|终|内)?",
    r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})",
    r"(?P<y>199[0-9]|20[0-4][0-9])(?P<m>[0-9]{2})",
    r"(?P<y>2[1-9]|[34][0-9])(?P<m>0[1-9]|1[0-2])(?P<d>[0-9]{2})",
    rf"{_D}[-. ]?{_MON}[-., ]?(?P<y>[0-9]{{4}}|[0-9]{{2}})",
    rf"{_MON}[-. ]?{_D}[,.]+ ?{_Y4}",
    rf"{_MON}[-., ]?{_Y4}",
)))


def day(date: dt.date) -> Reading:
    """A date known to the day, unless its year cannot be."""
    if not FIRST_YEAR <= date.year <= LAST_YEAR:
        return Reading(None, "date_year")
    return Reading(dt.date(date.year, date.month, date.day), None, None, "day")


def resolve(found: re.Match[str], snapshot: dt.date, year: int | None = None) -> Reading:
    """The period that a match of one of the forms names; `year` stands in where it names none, else the snapshot's."""
    parts = {name.rstrip("0123456789"): text for name, text in found.groupdict().items() if text}
    if parts.get("relm") or parts.get("relq"):
        return _relative(parts, snapshot)
    own = _year(parts, snapshot)
    if own is None:
        own = year or snapshot.year
    if not FIRST_YEAR <= own <= LAST_YEAR:
        return Reading(None, "date_year")
    if parts.get("q"):
        quarter = int(parts["q"])
        return _last_day(own, quarter * 3, "quarter") if 1 <= quarter <= 4 else Reading(None, "date_impossible")
    if parts.get("h") or parts.get("half"):
        half = {"上": 1, "下": 2}[parts["h"]] if parts.get("h") else int(parts["half"])
        return _last_day(own, half * 6, "half") if 1 <= half <= 2 else Reading(None, "date_impossible")
    if parts.get("m") or parts.get("mon"):
        month = int(parts["m"]) if parts.get("m") else _MONTHS[parts["mon"]]
        return _in_month(own, month, parts.get("d"), parts.get("part"))
    return _in_year(own, (parts.get("yp") or "").removeprefix("年"))


def _year(parts: dict[str, str], snapshot: dt.date) -> int | None:
    """The year named; two digits are 1990 to 2049, others are left as they are and fall outside."""
    if parts.get("rel"):
        return snapshot.year + WORDING.relative_years[parts["rel"]]
    if not parts.get("y"):
        return None
    number = int(parts["y"])
    if len(parts["y"]) == 4:
        return number
    return 2000 + number if number < 50 else 1900 + number if number >= 90 else number


def _in_month(year: int, month: int, date: str | None, part: str | None) -> Reading:
    if not 1 <= month <= 12:
        return Reading(None, "date_impossible")
    if date:
        if not 1 <= int(date) <= calendar.monthrange(year, month)[1]:
            return Reading(None, "date_impossible")
        return Reading(dt.date(year, month, int(date)), None, None, "day")
    part = (part or "").removeprefix("月")
    if part in ("上旬", "初"):
        return Reading(dt.date(year, month, 10), None, None, "ten_days")
    if part in ("中旬", "中"):
        return Reading(dt.date(year, month, 20), None, None, "ten_days")
    return _last_day(year, month, "ten_days" if part == "下旬" else "month")


def _in_year(year: int, part: str) -> Reading:
    """年初 is read as the first quarter, 年中 as the first half, everything else as the whole year."""
    if part == "初":
        return _last_day(year, 3, "quarter")
    return _last_day(year, 6, "half") if part == "中" else _last_day(year, 12, "year")


def _last_day(year: int, month: int, precision: str) -> Reading:
    return Reading(dt.date(year, month, calendar.monthrange(year, month)[1]), None, None, precision)


def _relative(parts: dict[str, str], snapshot: dt.date) -> Reading:
    """本月, 下月, 上季度 … as seen from the snapshot."""
    if parts.get("relq"):
        quarter = snapshot.year * 4 + (snapshot.month - 1) // 3 + WORDING.relative_quarters[parts["relq"]]
        return _last_day(quarter // 4, quarter % 4 * 3 + 3, "quarter")
    month = snapshot.year * 12 + snapshot.month - 1 + WORDING.relative_months[parts["relm"]]
    return _in_month(month // 12, month % 12 + 1, parts.get("d"), parts.get("part"))
