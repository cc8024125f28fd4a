"""A number with what stands around it in a cell: 约, units, trailing parentheses; shared by amounts, areas, shares and plain numbers."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal

from liantu.ledger.values.cells import FOOTNOTE
from liantu.ledger.values.numerals import read_numeral
from liantu.ledger.values.privacy import scrub
from liantu.ledger.values.wording import WORDING, any_of

_NUMERAL = "0-9.,一二三四五六七八九十百千万亿两零〇壹贰叁肆伍陆柒捌玖拾佰仟点"
_PARENTHESIS = re.compile(r"(?P<core>.*?)\s*[(\[〔【{](?P<inside>[^()\[\]〔〕【】{}]*)[)\]〕】}]", re.DOTALL)
_BARE_SCALE = re.compile(r"[百千万亿]*")
_RANGE = re.compile(rf"[{_NUMERAL}%元亩]\s*(?:-+|~+|—+|至|到)\s*[{_NUMERAL}]")
_BETWEEN = re.compile(r"(?:-+|~+|—+|至|到)")
_PARTICULARS = re.compile(rf"(?P<core>[^,;。]*[^,;。\s])\s*[,;。]\s*(?P<rest>{any_of(WORDING.particulars)}.*)", re.DOTALL)
_SPARE = re.compile(r"(?<=[0-9一二三四五六七八九十百千万亿])[余多来几](?=[十百千万亿]|$)")
_SPACED_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?: [0-9]{3})+(?![0-9])")
_UNDECIDED = re.compile(any_of(WORDING.undecided), re.IGNORECASE)
_ABOUT_BEFORE = re.compile(any_of(WORDING.about_before))
_ABOUT_AFTER = re.compile(any_of(WORDING.about_after))


@dataclass(frozen=True)
class Quantity:
    """What a text says as a quantity; `trouble` tells why there is no number."""

    number: Decimal | None = None
    unit: str | None = None
    scaled: bool = False
    """Whether 万 or 亿 was said."""
    note: str | None = None
    trouble: Literal["undecided", "range", "unreadable"] | None = None


def read_quantity(text: str, units: Collection[str], labels: Collection[str] = (), after: Collection[str] = ()) -> Quantity:
    """Read a canonical text as one number with one of `units` (or none); `labels` before it and words `after` it are passed over."""
    core, insides = peel(text)
    notes = [inside for inside in insides if not _is_unit(inside, units)]
    core += "".join(inside.replace(" ", "") for inside in insides if _is_unit(inside, units))
    if _UNDECIDED.search(core) and not re.search(r"[0-9]", core):
        return Quantity(trouble="undecided", note=joined(notes))
    core, about = _strip_about(_close_up(core), tuple(labels), tuple(after), tuple(units))
    core, unit = _split_unit(core, tuple(units))
    core, more = _strip_about(core, (), tuple(after), ())
    core, count = _SPARE.subn("", core)
    notes = [*about, *more, *(["余"] if count else []), *notes]
    numeral = read_numeral(core) if core else None
    if numeral is not None:
        return Quantity(numeral.number, unit, numeral.scaled, joined(notes))
    ranges = len(_RANGE.findall(core)) == 1 and len(_BETWEEN.findall(core)) == 1
    return Quantity(trouble="range" if ranges else "unreadable", note=joined(notes))


def peel(text: str) -> tuple[str, list[str]]:
    """A text without its trailing parentheses, footnote marks and '，其中…', and what these said."""
    notes: list[str] = []
    while True:
        text = text.rstrip(FOOTNOTE + " 。;,、")
        if found := _PARENTHESIS.fullmatch(text):
            notes.insert(0, found["inside"].strip())
        elif found := _PARTICULARS.fullmatch(text):
            notes.insert(0, found["rest"])
        else:
            return text, notes
        if not found["core"]:
            return text, notes[1:]
        text = found["core"]


def joined(notes: Collection[str]) -> str | None:
    """Notes as one, without personal data; None when there are none."""
    kept = [note for note in notes if note]
    return scrub("；".join(kept)) if kept else None


def _close_up(text: str) -> str:
    """Without blanks, except that a blank between groups of digits must part thousands, or it stays and is not read."""
    text = _SPACED_THOUSANDS.sub(lambda found: found[0].replace(" ", ""), text)
    return re.sub(r"(?<![0-9]) | (?![0-9])", "", re.sub(r"\s*,\s*", ",", text))


def _is_unit(text: str, units: Collection[str]) -> bool:
    text = text.replace(" ", "")
    return any(text.endswith(unit) and _BARE_SCALE.fullmatch(text.removesuffix(unit)) for unit in units)


def _split_unit(text: str, units: tuple[str, ...]) -> tuple[str, str | None]:
    found = _unit_pattern(units).search(text)
    return (text[: found.start()], found[0]) if found else (text, None)


@cache
def _unit_pattern(units: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(any_of(units) + r"\Z", re.IGNORECASE) if units else re.compile(r"(?!)")


@cache
def _words_pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(any_of(words)) if words else re.compile(r"(?!)")


@cache
def _end_pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(any_of(words) + r"\Z") if words else re.compile(r"(?!)")


_ABOUT_END = re.compile(any_of(WORDING.about_after) + r"\Z")


def _strip_about(text: str, labels: tuple[str, ...], after: tuple[str, ...], units: tuple[str, ...]) -> tuple[str, list[str]]:
    """Without words of approximation at both ends (they become notes) and without labels (they are passed over)."""
    notes: list[str] = []
    while text:
        if found := _words_pattern(labels).match(text):
            text = text[found.end():].lstrip(":： ")
        elif found := _ABOUT_BEFORE.match(text):
            notes.append(found[0])
            text = text[found.end():]
        elif (found := _end_pattern(after).search(text)) and found.start():
            text = text[: found.start()]
        elif (found := _ABOUT_END.search(text)) and found.start():
            notes.append(found[0])
            text = text[: found.start()]
        else:
            break
    return text, notes
