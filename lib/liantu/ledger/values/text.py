"""Cells as text: trimmed, one width for letters and digits, no control characters, line breaks of layout undone."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Any

from liantu.ledger.sheets import Cell
from liantu.ledger.values.cells import settle
from liantu.ledger.values.reading import NOTHING, Reading
from liantu.ledger.values.wording import WORDING, folded

LONGEST_TEXT = 32_767
"""Characters that a spreadsheet's cell can hold."""

_CJK = "\u3400-\u9fff\uf900-\ufaff"
_CHINESE_BREAK = re.compile(rf"(?<=[{_CJK}，。、；：）”])\s*[\r\n\v\f\u2028\u2029\x85]+\s*(?=[{_CJK}（“])")
_BLANKS = re.compile(r"\s+")
_ESCAPED = re.compile(r"_x000[dDaA9]_")
GARBLED = "\ufffd|锟斤拷"
"""What a text was read as by a program that did not know its encoding: the characters themselves are lost (a regular expression)."""
NOTHING_SAID = folded((*WORDING.blank, *WORDING.formula_errors))
"""What says nothing in a text, folded."""


def clean_text(cell: Cell) -> str | None:
    """The text of a cell, None when it states nothing (blank, '-', '/', '无', a formula's error).

    Full-width letters, digits and blanks become half-width; Chinese punctuation stays. Numbers are written as typed (1.0 is '1').
    """
    return read_text(cell).value


def read_text(cell: Cell) -> Reading:
    """As clean_text, with the rule cell_too_long (and the beginning as value) for what no spreadsheet's cell can hold.

    A text whose characters were lost before it came here is kept as it is, with the rule cell_garbled.
    """
    cell = settle(cell)
    if cell is None:
        return NOTHING
    if not isinstance(cell, str):
        return Reading(_spelled(cell))
    too_long = len(cell) > LONGEST_TEXT
    text = tidy(cell[:LONGEST_TEXT])
    if not text or text.casefold() in NOTHING_SAID:
        return NOTHING
    return Reading(text, "cell_too_long" if too_long else "cell_garbled" if re.search(GARBLED, text) else None)


def tidy(text: str) -> str:
    """One spelling of a text: plain width, single blanks, no control characters, no line breaks of layout."""
    text = _CHINESE_BREAK.sub("", _ESCAPED.sub("\n", text))
    if not text.isascii():
        text = "".join(map(_plain_character, text))
    shown = "".join(filter(str.isprintable, _BLANKS.sub(" ", text)))
    return _BLANKS.sub(" ", shown).strip()


def _plain_character(character: str) -> str:
    """Letters, digits, blanks and compatibility forms of ideographs in their plain form; punctuation, ringed figures and units stay."""
    if "\u4e00" <= character <= "\u9fff":
        return character
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    if category in ("Nd", "Lu", "Ll", "Zs") or "\u2e80" <= character <= "\u2fdf" or "\uf900" <= character <= "\ufaff":
        return unicodedata.normalize("NFKC", character)
    return character


def _spelled(cell: Any) -> str | None:
    """A number, truth value, date or time as a spreadsheet would show it; None for what is no cell."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int):
        return str(int(cell)) if abs(cell) < 10**40 else None
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell % 1 == 0 and abs(cell) < 1e40 else f"{cell:.15g}"
    if isinstance(cell, dt.datetime):
        midnight = cell.time() == dt.time()
        return cell.date().isoformat() if midnight else cell.replace(tzinfo=None).isoformat(sep=" ", timespec="minutes")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return cell.isoformat(timespec="minutes") if isinstance(cell, dt.time) else None
