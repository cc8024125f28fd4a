"""The plain majority of cells read at once: digits with their unit, codes in full. What is not plain is left to the readers of one cell.

Every function here gives exactly what its reader gives wherever it says `done`; tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liantu.ledger.values.amounts import LARGEST_WAN, header_factor
from liantu.ledger.values.numbers import area_factor
from liantu.ledger.values.reading import Plain

_DIGITS = r"(?:[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.[0-9]{1,6})?"
_WIDE = "^[0-9０-９，．,.约亿万元亩\u3000 ]+$"
_SMALLEST, _GREATEST = 1e-3, 1e9
"""Floats between these are written by arrow and by Python alike, without an exponent."""


def plain_amounts(array: pa.Array, unit: str | None) -> Plain:
    """As read_amount: plain digits with an optional point, right thousands, 约 before and 元, 万, 万元, 亿 or 亿元 behind."""
    factor = header_factor(unit)
    header = _exponent(factor) if isinstance(factor, Decimal) else None
    if factor is not None and header is None:
        return undone(array, np.float64)
    found = _decimals(array, {"亿": 4, "万": 0, "元": -4}, "(?:亿元|亿|万元|万|元)?", header)
    large = found.done & (found.values > LARGEST_WAN)
    assumed = found.rules["assumed"] & (found.values != 0) & ~large if factor is None else np.zeros(len(array), bool)
    found.values[large] = np.nan
    return Plain(found.done, found.values, {"amount_implausible": large, "amount_unit_assumed": assumed}, found.notes)


def plain_areas(array: pa.Array, unit: str | None) -> Plain:
    """As read_area, where the header says 亩 or nothing: plain digits, 亩 behind or not."""
    factor = area_factor(unit)
    if isinstance(factor, str) or factor not in (None, 1):
        return undone(array, np.float64)
    found = _decimals(array, {"亩": 0}, "亩?", 0)
    rules = {"area_unit_assumed": found.rules["assumed"] & (found.values != 0)} if factor is None else {}
    return Plain(found.done, found.values, rules, found.notes)


def plain_numbers(array: pa.Array) -> Plain:
    """As read_number: plain digits."""
    found = _decimals(array, {}, "", 0)
    return Plain(found.done, found.values, {}, found.notes)


def plain_codes(array: pa.Array) -> Plain:
    """As read_national_code: 24 characters with their dashes."""
    if array.type != pa.string():
        return undone(array, None)
    right = _mask(pc.match_substring_regex(array, "^[0-9]{4}-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6}$"))
    return Plain(right | _mask(array.is_null()), array)


def undone(array: pa.Array, dtype: type | str | None) -> Plain:
    """Nothing read: every cell is left to its reader."""
    values = pa.nulls(len(array), pa.string()) if dtype is None else np.full(len(array), np.nan if dtype is np.float64 else "NaT", dtype)
    return Plain(np.zeros(len(array), bool), values)


def _mask(array: pa.Array) -> np.ndarray:
    """An array of truth values, what is missing false."""
    return pc.fill_null(array, False).to_numpy(zero_copy_only=False)


def _exponent(factor: Decimal) -> int | None:
    """The power of ten that a factor is, None when it is none."""
    normal = factor.normalize()
    return int(normal.as_tuple().exponent) if normal.as_tuple().digits == (1,) else None


def _decimals(array: pa.Array, units: Mapping[str, int], ending: str, header: int | None) -> Plain:
    """Plain decimals times ten to the power that their unit (by its first character), else the header, tells; `assumed` has no unit.

    Texts are given their exponent and read by arrow, which rounds correctly: the exact product to the nearest float.
    """
    if array.type == pa.float64():
        return _of_floats(array, header or 0)
    if array.type != pa.string():
        return undone(array, np.float64)
    found = _of_texts(array, units, ending, header or 0)
    left = np.flatnonzero(~found.done)
    if len(left):
        wide = _wide(array.take(pa.array(left)))
        some = _of_texts(wide, units, ending, header or 0)
        found.done[left], found.values[left] = some.done, some.values
        for mine, theirs in ((found.rules, some.rules), (found.notes, some.notes)):
            for name, mask in theirs.items():
                mine[name][left] = mask
    return found


def _wide(array: pa.Array) -> pa.Array:
    """Full-width digits and blanks in their plain form; what holds anything else is left out."""
    fitting = pc.match_substring_regex(array, _WIDE)
    return pc.utf8_normalize(pc.if_else(fitting, array, ""), form="NFKC")


def _of_texts(array: pa.Array, units: Mapping[str, int], ending: str, header: int) -> Plain:
    done = _mask(pc.match_substring_regex(array, f"^ *约? ?{_DIGITS} ?{ending} *$"))
    about = done & _mask(pc.match_substring(array, "约"))
    exponent = np.full(len(array), header, np.int64)
    assumed = done.copy()
    # 元 stands behind 亿 and 万, too: the scale goes over it.
    for word in reversed(units):
        has = _mask(pc.match_substring(array, word))
        exponent[has] = units[word]
        assumed &= ~has
    bare = pc.utf8_trim(pc.if_else(pa.array(done), array, "0"), characters=" 约" + "".join(units))
    if pc.any(pc.match_substring(bare, ",")).as_py():
        bare = pc.replace_substring(bare, ",", "")
    values = pc.cast(_times_ten(bare, exponent), pa.float64()).to_numpy(zero_copy_only=False)
    done |= (nothing := _mask(array.is_null()))
    values = np.where(done & ~nothing, values, np.nan)
    return Plain(done, values, {"assumed": assumed}, {"约": about})


def _times_ten(bare: pa.Array, exponent: np.ndarray) -> pa.Array:
    different = np.unique(exponent)
    if len(different) == 0 or (len(different) == 1 and different[0] == 0):
        return bare
    suffix = pa.array([f"e{power}" for power in different.tolist()])
    return pc.binary_join_element_wise(bare, suffix.take(pa.array(np.searchsorted(different, exponent))), "")


def _of_floats(array: pa.Array, header: int) -> Plain:
    """Numeric cells that are not negative; the float's shortest decimal form is what the reporter typed."""
    numbers = pc.fill_null(array, np.nan).to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore"):
        usual = (numbers == 0) | ((numbers >= _SMALLEST) & (numbers < _GREATEST))
    values = np.where(usual, numbers + 0.0, np.nan)
    if header and usual.any():
        texts = pc.cast(pa.array(np.where(usual, numbers, 0.0)), pa.string())
        scaled = pc.cast(_times_ten(texts, np.full(len(array), header)), pa.float64()).to_numpy(zero_copy_only=False)
        values = np.where(usual, scaled + 0.0, np.nan)
    return Plain(usual | np.isnan(numbers), values, {"assumed": usual.copy()}, {})
