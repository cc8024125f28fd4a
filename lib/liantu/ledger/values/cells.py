"""What a cell is before it is read as anything: odd types settled, width and blanks made one, nothing-stated told apart."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from liantu.ledger.sheets import Cell
from liantu.ledger.values.reading import NOTHING, Reading
from liantu.ledger.values.wording import WORDING, folded

LONGEST_VALUE = 200
"""Characters beyond which a cell is not read as a value: no amount, date or name of a place is that long."""

FOOTNOTE = "※"
"""Stands for ringed and bracketed figures (①, ⑴): they are marks, and would read as digits once made plain."""

_PLAIN = frozenset({str, int, bool, dt.date, dt.datetime, dt.time, type(None)})
_BLANK = folded(WORDING.blank)
_ERRORS = folded(WORDING.formula_errors)
_DITTO = folded(WORDING.ditto)
_SQUARE = re.compile(r"(?<=[mM米])²|㎡")
_SPACES = re.compile(r"\s+")
_CLIPPED = re.compile(r"#{3,}")
_SIGNS = str.maketrans({"−": "-", "﹣": "-", "–": "—", "―": "—", "─": "—", "‐": "—", "‑": "—", "‒": "—",
    "～": "~", "〜": "~", "∼": "~", "∶": ":"})


def settle(cell: Any) -> Any:
    """A cell in one of the types of `Cell` where possible: what is missing is None, numpy scalars and decimals are plain numbers."""
    kind = type(cell)
    if kind in _PLAIN:
        return cell
    if cell is pd.NaT or cell is pd.NA:
        return None
    if isinstance(cell, float):
        return None if cell != cell else float(cell)
    if isinstance(cell, str):
        return str.__str__(cell)
    if isinstance(cell, Decimal):
        return None if cell.is_nan() else float(cell)
    if isinstance(cell, np.datetime64):
        return cell.astype("datetime64[us]").item()
    if isinstance(cell, np.bool_ | np.integer):
        return cell.item()
    return settle(float(cell)) if isinstance(cell, np.floating) else cell


def canonical(text: str) -> str:
    """One spelling of a text for reading: half-width, one kind of dash, minus and tilde, no control characters, single inner spaces."""
    if not text.isascii():
        text = _SQUARE.sub(lambda found: "m2" if found[0] == "㎡" else "2", text)
        text = "".join(map(_plain_character, text))
    text = _SPACES.sub(" ", text.translate(_SIGNS))
    return "".join(filter(str.isprintable, text)).strip(" '\"‘’“”`")


def _plain_character(character: str) -> str:
    if "\u4e00" <= character <= "\u9fff" or character < "\x7f":
        return character
    category = unicodedata.category(character)
    if category == "No":
        # A raised figure may be a power and ½ a part of the number: they stay, and make a number unreadable.
        return FOOTNOTE if unicodedata.decomposition(character).startswith("<circle>") or "⑴" <= character <= "⒇" else character
    if category == "Cf":
        return ""
    return unicodedata.normalize("NFKC", character.translate(_SIGNS))


def open_cell(cell: Any, stated: frozenset[str] = frozenset()) -> Cell | Reading:
    """The cell ready to be read (strings canonical), or the Reading itself when there is nothing to read.

    `stated` are words, folded, that say something here although they mean "nothing" elsewhere (无 in a yes/no column).
    """
    cell = settle(cell)
    if cell is None:
        return NOTHING
    if not isinstance(cell, str):
        return cell
    if len(cell) > LONGEST_VALUE and len(cell := cell.strip()) > LONGEST_VALUE:
        return Reading(None, "cell_too_long")
    text = canonical(cell)
    word = text.casefold()
    if not text or (word in _BLANK and word not in stated):
        return NOTHING
    if word in _ERRORS or _CLIPPED.fullmatch(text):
        return Reading(None, "cell_error")
    if word in _DITTO:
        return Reading(None, "cell_ditto")
    return text


def is_number(cell: object) -> bool:
    """Whether the cell is an int or a float; a truth value is not a number."""
    return isinstance(cell, int | float) and not isinstance(cell, bool)
