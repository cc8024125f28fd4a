"""Amounts of money, in 万元 whatever the header and the cell say them in."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

from liantu.ledger.sheets import Cell
from liantu.ledger.values.cells import canonical, is_number, open_cell
from liantu.ledger.values.numerals import read_numeral
from liantu.ledger.values.quantities import Quantity, read_quantity
from liantu.ledger.values.reading import Reading
from liantu.ledger.values.wording import WORDING, any_of

LARGEST_WAN = 1e8
"""万元 (a trillion yuan) beyond which a number is no project's money; a telephone number in the column is."""

_YUAN = ("元", "圆", "块钱")
_WAN = Decimal(10_000)
_FOREIGN = re.compile(any_of(WORDING.foreign_money), re.IGNORECASE)
_UNIT = re.compile(r"(?P<scale>[十百千万亿]*)(?P<yuan>元|圆)?")
_OUT_OF_PARENTHESES = re.compile(r"[(\[〔【].*")
_BEFORE = any_of((*WORDING.about_before, *WORDING.amount_labels))
_NEGATIVE = re.compile(rf"(?:{_BEFORE}|[:： ])*(?:-|负|▲|△)\s*(?:¥\s*)?[0-9.一二三四五六七八九十]")


def read_amount(cell: Cell, unit: str | None) -> Reading:
    """Read an amount; the value is in 万元.

    `unit` is the header's (元, 千元, 万元, 亿元, 百万元 …; None when it tells none). A unit in the cell wins. With neither, 万元 is
    taken and the rule amount_unit_assumed stands beside the value. Ranges, foreign money, vague and undecided amounts are not read.
    """
    opened = open_cell(cell)
    if isinstance(opened, Reading):
        return opened
    factor = header_factor(unit)
    if isinstance(factor, str):
        return Reading(None, factor)
    if is_number(opened):
        return _of_number(opened, factor)
    return _of_text(opened, factor) if isinstance(opened, str) else Reading(None, "amount_unreadable")


def _of_number(number: float, factor: Decimal | None) -> Reading:
    """A numeric cell; the float's shortest decimal form is what the reporter typed."""
    if abs(number) > 1e18:
        return Reading(None, "amount_implausible" if number > 0 else "amount_negative")
    if factor is None or factor == 1:
        return _judged(float(number), factor is None, None)
    return _judged(float(Decimal(repr(number)) * factor), False, None)


def _of_text(text: str, factor: Decimal | None) -> Reading:
    main = _OUT_OF_PARENTHESES.sub("", text)
    if _FOREIGN.search(main) or (main != text and _FOREIGN.fullmatch(text[len(main) + 1 : -1].lstrip("万亿"))):
        return Reading(None, "amount_foreign")
    quantity = read_quantity(text, _YUAN, WORDING.amount_labels, WORDING.yuan_after)
    if _NEGATIVE.match(text) and quantity.trouble != "range":
        return Reading(None, "amount_negative", quantity.note)
    if quantity.number is None:
        return Reading(None, f"amount_{quantity.trouble}", quantity.note)
    own = _own_factor(quantity)
    used = own if own is not None else factor
    wan = quantity.number * (used if used is not None else 1)
    return _judged(float(wan), used is None, quantity.note)


def _own_factor(quantity: Quantity) -> Decimal | None:
    """万元 per unit as the cell itself says: 元, 万 or 亿 in it make its number yuan; 千 and 百 alone are numerals."""
    return 1 / _WAN if quantity.unit or quantity.scaled else None


def _judged(wan: float, assumed: bool, note: str | None) -> Reading:
    if wan < 0:
        return Reading(None, "amount_negative", note)
    if wan > LARGEST_WAN:
        return Reading(None, "amount_implausible", note)
    # Nothing is nothing in every unit.
    return Reading(wan + 0.0, "amount_unit_assumed" if assumed and wan else None, note)


@cache
def header_factor(unit: str | None) -> Decimal | str | None:
    """万元 per unit of the header; None when it tells none, the id of a rule when it is no unit of yuan."""
    text = canonical(unit or "").replace(" ", "").strip("()[]【】:：。")
    text = re.sub(r"^(?:计量)?单位[:：]?", "", text)
    if not text:
        return None
    if _FOREIGN.search(text):
        return "amount_foreign"
    text = re.sub(any_of(("人民币", "RMB", "CNY")), "", text)
    found = _UNIT.fullmatch(text)
    if not found or not text:
        return "amount_unit_unknown"
    scale = read_numeral("一" + found["scale"]) if found["scale"] else None
    if found["scale"] and scale is None:
        return "amount_unit_unknown"
    return (scale.number if scale else Decimal(1)) / _WAN
