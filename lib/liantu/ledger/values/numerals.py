"""Numerals as ledgers write them: Arabic with separators, Chinese everyday and formal, and both mixed with 万 and 亿; exact decimals."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

FORMAL = str.maketrans("壹贰貳叁參弎肆伍陆陸柒捌玖拾佰仟萬億两兩零○", "一二二三三三四五六六七八九十百千万亿二二〇〇")
_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")}
_ARABIC = re.compile(r"[+-]?(?:[0-9]{1,3}(?:[,' ][0-9]{3})+|[0-9]+)?(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,2})?")
_DIGIT = "[一二三四五六七八九1-9]"
_SECTION = re.compile(
    rf"(?:(?P<k>{_DIGIT})千)?(?P<z1>〇)?(?:(?P<h>{_DIGIT})百)?(?P<z2>〇)?(?:(?P<t>{_DIGIT})?(?P<ten>十))?(?P<z3>〇)?(?P<u>{_DIGIT})?"
)
_ONE_SCALE = re.compile(r"([0-9]+(?:\.[0-9]+)?)([百千])")
_SCALES = {"十": Decimal(10), "百": Decimal(100), "千": Decimal(1000), "万": Decimal(10_000), "亿": Decimal(100_000_000)}


class Numeral(NamedTuple):
    """A number, and whether 万 or 亿 was said."""

    number: Decimal
    scaled: bool


def read_numeral(text: str) -> Numeral | None:
    """The number that `text` spells in full, None when it spells none or could spell two (3亿5000 may lack a 万)."""
    text = text.translate(FORMAL).replace("个亿", "亿").replace("个万", "万")
    plain = arabic(text)
    if plain is not None:
        return Numeral(plain, False)
    sign, text = (-1 if text[:1] == "-" else 1), text[text[:1] in ("-", "+"):]
    number = _scaled(text, "亿")
    return None if number is None else Numeral(sign * number, "万" in text or "亿" in text)


def arabic(text: str) -> Decimal | None:
    """A number in Arabic digits: 1234.5, 1,234.5, .5, 1.2E+04; thousands must stand in threes."""
    if not _ARABIC.fullmatch(text) or not any(map(str.isdigit, text.lower().split("e")[0])):
        return None
    return Decimal(text.replace(",", "").replace("'", "").replace(" ", ""))


def _scaled(text: str, scale: str) -> Decimal | None:
    """A numeral with at most one 亿 and, below it, one 万."""
    lower = {"亿": "万", "万": ""}[scale]
    if scale not in text:
        return _scaled(text, lower) if lower else _section(text)
    head, _, tail = text.partition(scale)
    upper = _scaled(head, "万") if scale == "亿" else _section(head)
    rest = _tail(tail, scale, spoken=not any(map(str.isdigit, head)))
    if upper is None or rest is None or (rest and upper != upper.to_integral_value()):
        return None
    return upper * _SCALES[scale] + rest


def _tail(text: str, scale: str, spoken: bool) -> Decimal | None:
    """What follows 亿 or 万: nothing, one digit for the next place (三亿五, `spoken` only), or a number that cannot be another."""
    if not text:
        return Decimal(0)
    if spoken and len(text) == 1 and text in _DIGITS:
        return _DIGITS[text] * _SCALES[scale] / 10
    number = _scaled(text, "万") if scale == "亿" else _section(text)
    if number is None or number < 0 or number >= _SCALES[scale]:
        return None
    whole = text[0] == "〇" or number >= _SCALES[scale] / (10_000 if scale == "亿" else 10)
    return number if whole else None


def _section(text: str) -> Decimal | None:
    """A numeral below 万 (of any size in Arabic digits), without a sign: 3亿+5000万 is a sum, --5 is nothing."""
    plain = None if text[:1] in ("-", "+") else arabic(text)
    if plain is not None:
        return plain
    if found := _ONE_SCALE.fullmatch(text):
        return Decimal(found[1]) * _SCALES[found[2]]
    if "点" in text:
        return _pointed(text)
    if len(text) > 1 and all(character in _DIGITS for character in text) and not (len(text) == 2 and text[0] == "〇"):
        return Decimal("".join(str(_DIGITS[character]) for character in text))
    found = _SECTION.fullmatch(text)
    if not found or not any(found[name] for name in ("k", "h", "ten", "u")):
        return Decimal(0) if text == "〇" else None
    return _places(found)


def _places(found: re.Match[str]) -> Decimal:
    """The sum of a section's places; a last digit right after 千 or 百 counts the place below (两千五 is 2500)."""
    unit = _digit(found["u"])
    if found["u"] in _DIGITS and not found["ten"] and not any(found[zero] for zero in ("z1", "z2", "z3")):
        unit *= 10 if found["h"] else 100 if found["k"] else 1
    tens = (_digit(found["t"]) or 1) if found["ten"] else 0
    return Decimal(_digit(found["k"]) * 1000 + _digit(found["h"]) * 100 + tens * 10 + unit)


def _digit(text: str | None) -> int:
    if not text:
        return 0
    return _DIGITS[text] if text in _DIGITS else int(text)


def _pointed(text: str) -> Decimal | None:
    """三点五: a section, then digits one by one."""
    head, _, tail = text.partition("点")
    whole = _section(head)
    if whole is None or not tail or not all(character in _DIGITS for character in tail):
        return None
    return whole + Decimal("0." + "".join(str(_DIGITS[character]) for character in tail))
