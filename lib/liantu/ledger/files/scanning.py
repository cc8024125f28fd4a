"""The sheets of an xlsx or xlsb run through before the workbook reader opens them: extent, error cells, formulas without a value.

The reader allocates the whole used range of a sheet at once, and the number of shared strings that the file claims; it leaves error cells
(#REF!) and formulas that were never computed empty. Source: ECMA-376-1 18.3.1 (cells), [MS-XLSB] 2.4 (records).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from typing import Protocol
from xml.parsers import expat

from liantu.ledger.files import limits
from liantu.ledger.files.unreadable import UnreadableError

Errors = dict[tuple[int, int], str]
NOT_COMPUTED = "#UNCOMPUTED!"
"""Stands for a formula whose value no program has saved: it is no value, and nothing is computed here."""

_CELL = re.compile(rb"""<(?:\w+:)?c(?=[\s/>])(?:[^<>']*?\sr="([A-Z]{1,3})([0-9]{1,7})"([^<>]*)>)?""")
_USUAL_CELL = re.compile(rb"""<c r="([A-Z]{1,3})([0-9]{1,7})"([^<>']*)>""")
_WHOLE_CELL = re.compile(rb"""<(?:\w+:)?c\s(?=[^<>]*?r="([A-Z]{1,3})([0-9]{1,7})")([^<>]*[^/<>])>(.*?)</(?:\w+:)?c>""", re.S)
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^<>]*)?>([^<]+)<")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_IS_ERROR = re.compile(rb"""\st\s*=\s*["']e["']""")
_IS_TEXT = re.compile(rb"""\st\s*=\s*["'](?:str|s|inlineStr)["']""")
_MAYBE_EMPTY = (b'"e"', b"'e'", b"<f", b":f")
_STRINGS = re.compile(rb"<(?:\w+:)?sst\b([^>]*)>")
_CLAIMED = re.compile(rb"""[cC]ount\s*=\s*["']\s*([0-9]+)""")
_STRING_ITEM = re.compile(rb"<(?:\w+:)?si\b")
_BINARY_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}


def column_number(letters: str) -> int:
    """The number of a spreadsheet column: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def check_strings(pieces: Iterable[bytes]) -> None:
    """Hold the shared strings of an xlsx, those claimed and those there, against the limit."""
    count, tail = 0, b""
    for piece in pieces:
        for attributes in _STRINGS.findall(tail + piece):
            for claimed in _CLAIMED.findall(attributes):
                limits.check_size(int(claimed[:20]), limits.MAX_SHARED_STRINGS, "共享字符串", "shared strings")
        count += len(_STRING_ITEM.findall(piece))
        limits.check_size(count, limits.MAX_SHARED_STRINGS, "共享字符串", "shared strings")
        tail = piece[-4096:]


def scan_xml(open_pieces: Callable[[], Iterable[bytes]], where: str) -> tuple[Errors, int]:
    """The cells without a value of an XML sheet, and how many are filled; its extent is held against the limits.

    Cells as spreadsheet programs write them are found by pattern; a sheet written otherwise (without references, in single quotes) is
    run through by a parser, slow and sure. Parts of other kinds have no cells and give nothing.
    """
    extent = limits.Extent(where)
    errors: Errors = {}
    columns: dict[bytes, int] = {}
    for piece in open_pieces():
        if b"\0" in piece:
            raise UnreadableError("truncated")
        cells = _USUAL_CELL.findall(piece)
        # Whatever else begins so (<cols>, x:c) has the piece looked at with more care.
        if len(cells) != piece.count(b"<c") + piece.count(b":c"):
            cells = _CELL.findall(piece)
        if not all(map(itemgetter(0), cells)):
            return _parsed(open_pieces(), limits.Extent(where))
        if cells:
            _take_in(cells, columns, extent)
            if any(mark in piece for mark in _MAYBE_EMPTY):
                errors |= dict(_without_value(piece))
    extent.check()
    return errors, extent.filled


def _take_in(cells: list[tuple[bytes, bytes, bytes]], columns: dict[bytes, int], extent: limits.Extent) -> None:
    if any(map(_closed, {cell[2] for cell in cells})):
        cells = [cell for cell in cells if not _closed(cell[2])]
    if not cells:
        return
    letters, rows = {cell[0] for cell in cells}, {int(row) for row in {cell[1] for cell in cells}}
    for name in letters - columns.keys():
        columns[name] = column_number(name.decode())
    width = [columns[name] for name in letters]
    extent.add(min(rows), max(rows), min(width), max(width), len(cells))


def _closed(rest: bytes) -> bool:
    """Whether a cell's tag ends itself: the cell is empty."""
    return rest.endswith(b"/")


def _without_value(piece: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    for letters, row, attributes, inside in _WHOLE_CELL.findall(piece):
        value = _VALUE.search(inside)
        told = _told(bool(_IS_ERROR.search(b" " + attributes)), bool(_IS_TEXT.search(b" " + attributes)), value and value[1],
                     bool(_FORMULA.search(inside)))
        if told:
            yield (int(row), column_number(letters.decode())), told


def _told(error: bool, text: bool, value: bytes | None, formula: bool) -> str | None:
    """What stands for a cell that holds no value: its error, or that its formula was never computed; None for any other cell."""
    if error:
        return (value or b"#N/A").decode("utf-8", "replace").strip()
    return NOT_COMPUTED if formula and value is None and not text else None


class _Parsed:
    """Follows a sheet's cells through a parser; rows and columns without a reference follow the one before."""

    def __init__(self, extent: limits.Extent) -> None:
        self.extent, self.errors = extent, {}
        self.row = self.column = 0
        self.kind, self.formula, self.filled, self.value, self._in_value = "", False, False, None, False

    def start(self, tag: str, values: dict[str, str]) -> None:
        """A row, a cell or its formula or value begins."""
        name = tag.rpartition(":")[2]
        if name == "row":
            told = values.get("r", "").strip()
            self.row, self.column = int(told) if told.isdigit() else self.row + 1, 0
        elif name == "c":
            self._place(values.get("r", "").strip())
            self.kind, self.formula, self.filled, self.value = values.get("t", ""), False, False, None
        elif name in ("f", "is", "v"):
            self.formula, self.filled = self.formula or name == "f", True
        self._in_value = name == "v"

    def _place(self, reference: str) -> None:
        if not reference:
            self.column += 1
        elif found := re.fullmatch("([A-Z]+)([0-9]+)", reference.replace("$", "")):
            self.row, self.column = int(found[2][:20]), column_number(found[1][:20])
        else:
            raise UnreadableError("truncated")

    def text(self, text: str) -> None:
        """The value of a cell."""
        if self._in_value:
            self.value = (self.value or b"") + text.encode()

    def end(self, tag: str) -> None:
        """A cell ends."""
        self._in_value = False
        if tag.rpartition(":")[2] != "c" or not self.filled:
            return
        row = max(self.row, 1)
        self.extent.add(row, row, self.column, self.column, 1)
        if told := _told(self.kind == "e", self.kind in ("str", "s", "inlineStr"), self.value, self.formula):
            self.errors[row, self.column] = told


def _parsed(pieces: Iterable[bytes], extent: limits.Extent) -> tuple[Errors, int]:
    look = _Parsed(extent)
    run_through(pieces, look)
    extent.check()
    return look.errors, extent.filled


class Look(Protocol):
    """What is told of a document's elements as they pass."""

    def start(self, name: str, values: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, text: str) -> None:
        """A text inside an element, or a piece of it."""


def run_through(pieces: Iterable[bytes], look: Look) -> None:
    """Tell `look` every element of a document that comes in pieces; a document that breaks off is `truncated`."""
    parser = safe_parser()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = look.start, look.end, look.text
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except expat.ExpatError:
        raise UnreadableError("truncated") from None


def safe_parser(encoding: str | None = None) -> expat.XMLParserType:
    """An XML parser that refuses every entity declaration: entities that name entities grow without end."""
    def refuse(*_: object) -> None:
        raise UnreadableError("unsafe_xml")

    parser = expat.ParserCreate(encoding)
    parser.EntityDeclHandler = parser.StartDoctypeDeclHandler = refuse
    return parser


def scan_binary(content: bytes, where: str) -> tuple[Errors, int]:
    """As scan_xml for a sheet of an xlsb (records 0: a row, 1 to 11: cells, of which 3 and 11 hold errors)."""
    extent, errors, row = limits.Extent(where), {}, 0
    for kind, place, size in binary_records(content):
        if kind == 0 and size >= 4:
            row = int.from_bytes(content[place:place + 4], "little") + 1
        elif 2 <= kind <= 11 and size >= 8:
            column = int.from_bytes(content[place:place + 4], "little") + 1
            extent.add(row, row, column, column, 1)
            if kind in (3, 11):
                errors[row, column] = _BINARY_ERRORS.get(content[place + 8] if size > 8 else 0x2A, "#N/A")
    extent.check()
    return errors, extent.filled


def binary_records(content: bytes) -> Iterator[tuple[int, int, int]]:
    """(kind, where its data begins, how long) of each record of a part of an xlsb."""
    place = 0
    while place < len(content):
        kind, place = _varint(content, place, 2)
        size, place = _varint(content, place, 4)
        if place + size > len(content):
            raise UnreadableError("truncated")
        yield kind, place, size
        place += size


def _varint(content: bytes, place: int, longest: int) -> tuple[int, int]:
    value = 0
    for step in range(longest):
        if place >= len(content):
            raise UnreadableError("truncated")
        byte = content[place]
        place += 1
        value |= (byte & 0x7F) << (7 * step)
        if byte < 0x80:
            break
    return value, place
