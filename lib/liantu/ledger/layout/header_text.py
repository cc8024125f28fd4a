"""The text of a header taken apart: one spelling, its unit, and the readings that its parentheses allow."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from liantu.ledger.sheets import Cell
from liantu.reference import LedgerWords
from liantu.reference.forms import any_word

_CIRCLED = re.compile("[\u2460-\u24ff\u2776-\u2793\u3251-\u325f\u32b1-\u32bf]")
_DASHES = re.compile("[\u2010-\u2015\u2212\u2500\uff0d\u30fc]+")
_SIMPLE = re.compile(r"[\u4e00-\u9fff\w.,%:/()-]*", re.ASCII)
"""A text that is in one spelling already."""
_BLANKS = re.compile(r"[\s\u3000\u200b-\u200f\ufeff]+")
_OPENING, _CLOSING = re.compile(r"[【〔〖［{\[]"), re.compile(r"[】〕〗］}\]]")
_MARKS = re.compile(r"^[*※△▲★☆●◆#]+|[*※△▲★☆●◆#:;,。、]+$")
_NUMBERING = re.compile(r"^(?:\d{1,2}[、.](?!\d)|\([一二三四五六七八九十\d]{1,2}\)|[一二三四五六七八九十]{1,2}[、.])")
_SQUEEZE = re.compile(r"[()/、,.:·_\-\"“”'‘’《》<>|\\+&;。?？!]")
_PARENTHESES = re.compile(r"\(([^()]*)\)")
_LATIN_TAIL = re.compile(r"(?<=[\u4e00-\u9fff)])[A-Za-z][\x21-\x7e]{2,}$")
_BEFORE = re.compile("^(?:原|现|该|各)")
_YEAR = re.compile(r"(20\d{2})年?")
_MONTH = re.compile(r"(?:[-~至到]|截[至止]?(?:20\d{2}年)?)(\d{1,2})月|(\d{1,2})月")
_NAMED_MONTHS = (("前三季度", 9), ("上半年", 6), ("一季度", 3), ("1-2季度", 6), ("1-3季度", 9), ("全年", 12))


def plain(value: Cell) -> str:
    """A cell's text in one width, without blanks and line breaks; a whole number without its decimals; empty for None.

    >>> plain("项目　名称\\n（必填）")
    '项目名称(必填)'
    """
    if value is None:
        return ""
    if isinstance(value, str):
        if _SIMPLE.fullmatch(value):
            return value
        text = _BLANKS.sub("", value)
        if text.isascii():
            return text
        text = _DASHES.sub("-", unicodedata.normalize("NFKC", _CIRCLED.sub("", text)))
        return _BLANKS.sub("", _CLOSING.sub(")", _OPENING.sub("(", text)).replace("～", "~"))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def as_header(value: Cell) -> str:
    """A header cell's text: a year written as a number reads 2022年, a date 2022年6月; footnote marks and numbering are dropped."""
    if isinstance(value, (dt.date, dt.datetime)):
        return f"{value.year}年{value.month}月"
    text = plain(value)
    if not isinstance(value, str) and re.fullmatch(r"20\d{2}", text):
        return f"{text}年"
    for _ in range(2):
        text = _MARKS.sub("", text)
        text = _NUMBERING.sub("", text) or text
    return text


def as_written(value: Cell) -> str:
    """A header as it reads: only line breaks and runs of blanks are taken out."""
    if not isinstance(value, str):
        return as_header(value)
    return " ".join(re.sub(r"\s*[\r\n]+\s*", "", value).split())


def squeeze(text: str) -> str:
    """`text` without parentheses, slashes, dots and other marks, in capitals: how names are held against each other."""
    return _SQUEEZE.sub("", text).upper()


def told_year(text: str) -> int | None:
    """The last year that the text names."""
    years = [int(year) for year in _YEAR.findall(text)]
    return max(years) if years else None


def told_month(text: str) -> int | None:
    """The last month that the text names; 上半年 is 6, 前三季度 is 9."""
    named = next((month for word, month in _NAMED_MONTHS if word in text), None)
    if named:
        return named
    months = [int(month) for pair in _MONTH.findall(text) for month in pair if month and 1 <= int(month) <= 12]
    return max(months) if months else None


@dataclass(frozen=True)
class Unit:
    """A unit of measure as told by a header or a title."""

    unit: str
    family: str


@dataclass(frozen=True)
class Header:
    """One level of a header: its possible readings without the unit, from the fullest to the barest, and the unit."""

    readings: tuple[str, ...]
    unit: Unit | None = None


class HeaderReader:
    """Takes headers and unit rows apart by the words of one city; each distinct text once."""

    def __init__(self, words: LedgerWords) -> None:
        self.words = words
        self._units = {word.upper(): Unit(entry.unit, entry.family) for entry in words.units for word in entry.words}
        self._seen: dict[str, Header] = {}

    @cached_property
    def _unit_words(self) -> str:
        return any_word(word for entry in self.words.units for word in entry.words)

    @cached_property
    def _around(self) -> re.Pattern[str]:
        return re.compile(rf"^\(?(?:{any_word(self.words.unit_labels)}[:为])?|\)$")

    @cached_property
    def _fillers(self) -> str:
        return any_word((*self.words.unit_fillers, "@"))

    @cached_property
    def _in_parentheses(self) -> re.Pattern[str]:
        label = f"(?:{any_word(self.words.unit_labels)}[:为是]?)?"
        part = f"(?:{self._fillers}[、/,]?)*{self._unit_words}(?:[、/,]?{self._fillers})*"
        return re.compile(rf"\(({label}{part}(?:[、/,或;及和]+{part})*)\)", re.I)

    @cached_property
    def _at_end(self) -> re.Pattern[str]:
        label = f"(?:[/,、:;_-]*{any_word(self.words.unit_labels)}[:为]|[/,、:;_-]+)"
        return re.compile(rf"(?<=.){label}({self._unit_words})\)?$", re.I)

    @cached_property
    def _bare(self) -> re.Pattern[str]:
        measured = [entry for entry in self.words.units if entry.family in ("money", "area", "floor", "energy")]
        return re.compile(rf"(?<=..)({any_word(word for entry in measured for word in entry.words if len(word) > 1)})$")

    @cached_property
    def _remark(self) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{remark})" for remark in self.words.remarks))

    @cached_property
    def _unit_row(self) -> re.Pattern[str]:
        units = f"{self._unit_words}(?:[、,/;和及]{self._unit_words})*"
        return re.compile(rf"{any_word(self.words.unit_labels)}[:为]\(?({units})(?![\w\u4e00-\u9fff])", re.I)

    def read(self, text: str) -> Header:
        """The readings and the unit of a header's text (as `as_header` gives it)."""
        if text not in self._seen:
            self._seen[text] = self._read(text)
        return self._seen[text]

    def only_unit(self, text: str) -> Unit | None:
        """The unit, when the text is nothing else (`万元`, `（单位：亩）`)."""
        header = self.read(text)
        return header.unit if header.unit and not header.readings else None

    def units_of_title(self, text: str) -> tuple[Unit, ...]:
        """The units that a title tells (`单位：万元、亩`); a reporter (`填报单位：朝阳县`) tells none."""
        pieces = (plain(piece) for gap in (r"$^", r"\s{2,}", r"\s+") for piece in re.split(gap, text))
        told = list(dict.fromkeys(found for piece in pieces for found in self._unit_row.findall(piece)))
        if not told:
            named = (self._unit(found) for found in self._in_parentheses.findall(plain(text)))
            return tuple(unit for unit in named if unit)
        whole = [self._units.get(found.upper()) for found in told]
        parts = [self._units.get(part.upper()) for found in told for part in re.split(r"[、,/;和及]", found)]
        return tuple(dict.fromkeys(unit for unit in (*whole, *parts) if unit))

    def _unit(self, told: str) -> Unit | None:
        """The unit named in parentheses; several are joined (亿元/万元)."""
        text = re.sub(rf"^{any_word(self.words.unit_labels)}[:为是]?", "", told)
        if whole := self._units.get(text.upper()):
            return whole
        parts = (re.sub(f"^{self._fillers}|{self._fillers}$", "", part) for part in re.split(r"[、/,或;及和]+", text))
        units = list(dict.fromkeys(self._units[part.upper()] for part in parts if part.upper() in self._units))
        # Two units of one family leave the cell to say which: the reader of values knows no such unit and asks.
        return Unit("/".join(unit.unit for unit in units), units[0].family) if units else None

    def _read(self, text: str) -> Header:
        unit: Unit | None = None
        if whole := self._units.get(self._around.sub("", text).upper()):
            return Header((), whole)
        for told in self._in_parentheses.findall(text):
            unit = unit or self._unit(told)
        rest = self._in_parentheses.sub("", text)
        for pattern in (self._at_end, self._bare):
            if unit is None and (found := pattern.search(rest)):
                unit, rest = self._units.get(found[1].upper()), rest[:found.start()]
        rest = _MARKS.sub("", rest)
        return Header(self._readings(rest), unit)

    def _readings(self, text: str) -> tuple[str, ...]:
        told = _PARENTHESES.sub(lambda found: "" if self._remark.fullmatch(found[1]) else found[0], text)
        kept = told.replace("(", "").replace(")", "")
        bare = told
        while (shorter := _PARENTHESES.sub("", bare)) != bare:
            bare = shorter
        bare = re.split(r"\(|[,，:：;；](?:其中|含|如|例)", bare)[0] or bare
        # 项目名称 and Project name in one cell: the Chinese is the header.
        chinese = _LATIN_TAIL.sub("", told).replace("(", "").replace(")", "")
        core = _BEFORE.sub("", bare) if len(bare) > 3 else ""
        return tuple(dict.fromkeys(_MARKS.sub("", reading) for reading in (kept, bare, chinese, core) if reading))
