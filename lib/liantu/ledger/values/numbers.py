"""Plain numbers, areas in mu, shares from 0 to 1, yes and no."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from liantu.ledger.sheets import Cell
from liantu.ledger.values.cells import canonical, is_number, open_cell
from liantu.ledger.values.numerals import read_numeral
from liantu.ledger.values.quantities import joined, peel, read_quantity
from liantu.ledger.values.reading import Reading
from liantu.ledger.values.wording import WORDING, any_of, folded

# Mu for each unit; 1 ha = 15 mu exactly, so a square metre is 15/10000 mu.
_MU = {
    "平方公里": Decimal(1500), "平方千米": Decimal(1500), "km2": Decimal(1500), "公顷": Decimal(15), "ha": Decimal(15), "hm2": Decimal(15),
    "亩": Decimal(1), "平方米": Decimal("0.0015"), "平米": Decimal("0.0015"), "m2": Decimal("0.0015"),
}
_PARTS = {"%": Decimal("0.01"), "‰": Decimal("0.001"), "成": Decimal("0.1"), "个百分点": Decimal("0.01")}
_PERCENT_WORDS = re.compile(r"百分之(?P<number>[^%]+)")
_SPLIT = re.compile(r"[按各]*(?P<one>[0-9]{1,3}(?:\.[0-9]+)?)%?\s*[:比]\s*(?P<other>[0-9]{1,3}(?:\.[0-9]+)?)%?(?:分成|分享|分配|开|分)?")
_ONE_SIDE = re.compile(r"(?:我方|对方|双方|各方|各|甲方|乙方|县里|园区)(?:各|占|得|分)*(?P<number>[0-9]{1,2}(?:\.[0-9]+)?)%")
_SPOKEN_SPLIT = re.compile(r"[按各]*(?P<one>[一二三四五六七八九])\s*[:比]?\s*(?P<other>[一二三四五六七八九])(?:分成|分享|分配|开|分)?")
_SCALES = {"万": 10_000, "亿": 100_000_000, "": 1}
_YES = folded(WORDING.affirmative)
_NO = folded(WORDING.negatory)
_YES_START = re.compile(any_of(WORDING.affirmative_starts))
_NO_START = re.compile(any_of(WORDING.negatory_starts))
_UNSURE = re.compile(any_of(WORDING.unsure))
_INTENT = re.compile(any_of((*WORDING.negations, *WORDING.intentions)))


def read_number(cell: Cell) -> Reading:
    """Read a plain number (jobs, megawatts); the value is a float. A counting word (人, MW) behind it is passed over; 万 and 亿 count."""
    opened = open_cell(cell)
    if isinstance(opened, Reading):
        return opened
    if is_number(opened):
        return _finite(opened, "number_unreadable")
    if not isinstance(opened, str):
        return Reading(None, "number_unreadable")
    quantity = read_quantity(opened, WORDING.counters)
    if quantity.number is None:
        return Reading(None, f"number_{quantity.trouble}", quantity.note)
    return Reading(float(quantity.number) + 0.0, None, quantity.note)


def read_area(cell: Cell, unit: str | None) -> Reading:
    """Read an area; the value is in mu (1 ha = 15 mu).

    `unit` is the header's (亩, 公顷, 平方米, 平方公里, also with 万); one in the cell wins. With neither, mu are taken and the rule
    area_unit_assumed stands beside the value.
    """
    opened = open_cell(cell)
    if isinstance(opened, Reading):
        return opened
    factor = area_factor(unit)
    if isinstance(factor, str):
        return Reading(None, factor)
    if is_number(opened):
        reading = _finite(opened, "area_unreadable")
        return reading if reading.value is None else _area(Decimal(repr(opened)), factor, None)
    if not isinstance(opened, str):
        return Reading(None, "area_unreadable")
    quantity = read_quantity(opened, tuple(_MU), WORDING.area_labels)
    if quantity.number is None:
        return Reading(None, f"area_{quantity.trouble}", quantity.note)
    own = _MU[quantity.unit.lower()] if quantity.unit else None
    return _area(quantity.number, own or factor, quantity.note)


def _area(number: Decimal, factor: Decimal | None, note: str | None) -> Reading:
    if number < 0:
        return Reading(None, "area_negative", note)
    return Reading(float(number * (factor or 1)) + 0.0, "area_unit_assumed" if factor is None and number else None, note)


def area_factor(unit: str | None) -> Decimal | str | None:
    """Mu for each unit of the header; None when it tells none, the id of a rule when it is no unit of area."""
    text = canonical(unit or "").replace(" ", "").strip("()").lower()
    if not text:
        return None
    scale, name = (text[0], text[1:]) if text[0] in "万亿" else ("", text)
    return _MU[name] * _SCALES[scale] if name in _MU else "area_unit_unknown"


def read_share(cell: Cell, unit: str | None) -> Reading:
    """Read a share; the value is from 0 to 1.

    Read are 45%, 百分之四十五, 四成, 45 under a header with %, 0.45 under one without, and equal parts (5:5, 五五开). 0.45 under % and 45
    under none are not read (share_ambiguous): spreadsheets store percentages both ways. 6:4 is share_split: it does not say whose
    part comes first.
    """
    opened = open_cell(cell)
    if isinstance(opened, Reading):
        return opened
    percent = "%" in canonical(unit or "")
    if is_number(opened):
        reading = _finite(opened, "share_unreadable")
        return reading if reading.value is None else _share(Decimal(repr(opened)), percent, None)
    if not isinstance(opened, str):
        return Reading(None, "share_unreadable")
    if (split := _split(opened)) is not None:
        return split
    if found := _PERCENT_WORDS.fullmatch(opened):
        numeral = read_numeral(found["number"])
        return _in_range(numeral.number / 100, None) if numeral else Reading(None, "share_unreadable")
    quantity = read_quantity(opened, tuple(_PARTS))
    if quantity.number is None:
        return Reading(None, f"share_{quantity.trouble}", quantity.note)
    if quantity.unit:
        return _in_range(quantity.number * _PARTS[quantity.unit], quantity.note)
    return _share(quantity.number, percent, quantity.note)


def _split(text: str) -> Reading | None:
    """Two parts of one whole (5:5, 6:4, 五五开): half when they are equal, else not read; None when the text is no such thing."""
    core, insides = peel(text)
    if found := _SPOKEN_SPLIT.fullmatch(core):
        one, other = (read_numeral(found[name]).number for name in ("one", "other"))
    elif found := _SPLIT.fullmatch(core):
        one, other = Decimal(found["one"]), Decimal(found["other"])
    elif found := _ONE_SIDE.fullmatch(core.replace(" ", "")):
        one = Decimal(found["number"])
        other = 100 - one
    else:
        return None
    if one == other and one:
        return Reading(0.5, None, joined(insides))
    return Reading(None, "share_split", joined(insides))


def _share(number: Decimal, percent: bool, note: str | None) -> Reading:
    """A bare number under a header with or without %."""
    if percent and 0 < number <= 1:
        return Reading(None, "share_ambiguous", note)
    if not percent and 1 < number <= 100:
        return Reading(None, "share_ambiguous", note)
    return _in_range(number / 100 if percent else number, note)


def _in_range(share: Decimal, note: str | None) -> Reading:
    return Reading(float(share) + 0.0, None, note) if 0 <= share <= 1 else Reading(None, "share_out_of_range", note)


def _finite(number: float, rule: str) -> Reading:
    """The number as a float, unless it is infinite or too long for one."""
    return Reading(float(number) + 0.0) if abs(number) < 1e18 and math.isfinite(number) else Reading(None, rule)


def read_yes_no(cell: Cell) -> Reading:
    """Read yes or no; the value is a bool. 是, √, 有, Y, 1 and 已… are yes; 否, ×, 无, N, 0 and 未… are no; 未知 and 不详 are neither."""
    opened = open_cell(cell, stated=_YES | _NO)
    if isinstance(opened, Reading):
        return opened
    if isinstance(opened, int | float):
        return Reading(bool(opened)) if opened in (0, 1) else Reading(None, "yes_no_unreadable")
    if not isinstance(opened, str):
        return Reading(None, "yes_no_unreadable")
    core, insides = peel(opened)
    word, note = core.replace(" ", "").casefold(), joined(insides)
    if word in _YES or word in ("1", "1.0"):
        return Reading(True, None, note)
    if word in _NO or word in ("0", "0.0"):
        return Reading(False, None, note)
    return _by_its_start(word, note)


def _by_its_start(word: str, note: str | None) -> Reading:
    """已纳统 is yes, 尚未纳统 is no; what both affirms and denies, plans or does not know is neither."""
    if _UNSURE.search(word):
        return Reading(None, "yes_no_unreadable", note)
    if _NO_START.match(word):
        return Reading(False, None, note) if "已" not in word else Reading(None, "yes_no_unreadable", note)
    if _YES_START.match(word) and not _INTENT.search(word):
        return Reading(True, None, note)
    return Reading(None, "yes_no_unreadable", note)
