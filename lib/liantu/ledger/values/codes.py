"""Codes that name a project or a firm: the national project code and the unified social credit code."""

from __future__ import annotations

import re

from liantu.ledger.sheets import Cell
from liantu.ledger.values.cells import is_number, open_cell
from liantu.ledger.values.privacy import credit_check, is_identity
from liantu.ledger.values.quantities import joined, peel
from liantu.ledger.values.reading import Reading

_PROJECT = re.compile(r"([0-9]{4})-?([0-9]{6})-?([0-9]{2})-?([0-9]{2})-?([0-9]{6})")
_CREDIT = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_ROUNDED = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]{1,2}|[0-9]{15}0{3,}(?:\.0+)?")
_DASHES = str.maketrans({"—": "-", "_": "-", "~": "-"})
# A float holds 15 digits; a longer code kept as a number has lost its end.
_EXACT = 10**15


def read_national_code(cell: Cell) -> Reading:
    """Read a national project code; the value has 24 characters, as 2205-211302-04-01-123456 (dashes may be missing in the cell)."""
    text = _code_text(cell, "national_code_form")
    if isinstance(text, Reading):
        return text
    core, insides = peel(text.translate(_DASHES))
    found = _PROJECT.fullmatch(re.sub(r"-+", "-", core.replace(" ", "")))
    if not found:
        return Reading(None, "national_code_form", joined(insides))
    return Reading("-".join(found.groups()), None, joined(insides))


def region_of(code: str) -> str | None:
    """The six digits of a national project code that tell the region which gave it out; None when `code` is not one."""
    found = _PROJECT.fullmatch(code)
    return found[2] if found else None


def read_credit_code(cell: Cell) -> Reading:
    """Read a unified social credit code; the value has 18 characters.

    Form and check digit by GB 32100-2015; a wrong check digit leaves the value and gives the rule credit_code_check. A person's
    ID number in its place is not read.
    """
    text = _code_text(cell, "credit_code_form")
    if isinstance(text, Reading):
        return text
    core, insides = peel(text)
    code = re.sub(r"[ \-—]", "", core).upper()
    if not _CREDIT.fullmatch(code) or is_identity(code):
        return Reading(None, "credit_code_form", joined(insides))
    return Reading(code, None if credit_check(code) else "credit_code_check", joined(insides))


def _code_text(cell: Cell, rule: str) -> str | Reading:
    """The code as text; one that a spreadsheet kept as a number has lost digits."""
    opened = open_cell(cell)
    if isinstance(opened, Reading):
        return opened
    if is_number(opened):
        exact = isinstance(opened, int) and abs(opened) < 10**24
        lost = abs(opened) >= _EXACT and (not exact or opened % 1000 == 0)
        return Reading(None, "code_digits_lost") if lost or opened % 1 != 0 else f"{opened:.0f}" if not exact else str(opened)
    if not isinstance(opened, str):
        return Reading(None, rule)
    return Reading(None, "code_digits_lost") if _ROUNDED.fullmatch(opened) else opened
