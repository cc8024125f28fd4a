"""Excel-2003 XML (SpreadsheetML), which office systems save as .xls → sheets.

Source: Microsoft, XML Spreadsheet Reference (2001): Row and Cell with Index, Span, MergeAcross and MergeDown; Data with a Type.
"""

from __future__ import annotations

import datetime as dt
import re
from xml.parsers import expat

from liantu.ledger.files import limits
from liantu.ledger.files.scanning import NOT_COMPUTED, safe_parser
from liantu.ledger.files.unreadable import UnreadableError
from liantu.ledger.sheets import Cell, Sheet

Range = tuple[int, int, int, int]
_NAMESPACE = "urn:schemas-microsoft-com:office:spreadsheet"
_DECLARED = re.compile(r"<\?xml[^>]*\?>")
_ENCODING = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([\w\-]+)")
_AHEAD = 4096


def is_spreadsheet_xml(content: bytes) -> bool:
    """Whether a file begins as Excel-2003 XML does."""
    head = content[:_AHEAD].replace(b"\0", b"")
    return head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<?xml") and _NAMESPACE.encode() in head


def told_encoding(content: bytes) -> str | None:
    """The encoding that the XML declaration names."""
    found = _ENCODING.search(content[:_AHEAD].replace(b"\0", b""))
    return found[1].decode("ascii") if found else None


def read_spreadsheet_xml(text: str, source_file: str) -> list[Sheet]:
    """The sheets of the workbook in their order; raises UnreadableError for entities, for what is cut off, and beyond the limits."""
    parser, look = safe_parser("utf-8"), _Workbook()
    parser.namespace_prefixes = False
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = look.start, look.end, look.text
    try:
        parser.Parse(_DECLARED.sub("", text.lstrip("\ufeff \t\r\n"), count=1).encode("utf-8", "surrogatepass"), True)
    except (expat.ExpatError, UnicodeEncodeError):
        raise UnreadableError("truncated") from None
    sheets = [sheet.made(source_file) for sheet in look.sheets]
    if not any(sheet.cells for sheet in sheets):
        raise UnreadableError("empty" if look.sheets else "not_a_workbook")
    return sheets


class _Table:
    """One sheet while it is read: its cells by (row, column) from 1."""

    def __init__(self, name: str) -> None:
        self.name, self.hidden = name, False
        self.cells: dict[tuple[int, int], Cell] = {}
        self.merged: list[Range] = []
        self.extent = limits.Extent(name)

    def put(self, row: int, column: int, value: Cell) -> None:
        """Take in a filled cell."""
        self.extent.add(row, row, column, column, 1)
        self.cells[row, column] = value

    def made(self, source_file: str) -> Sheet:
        """The sheet, from its first to its last filled row."""
        if not self.cells:
            return Sheet(source_file, self.name, [], hidden=self.hidden)
        self.extent.check()
        top, left = self.extent.top, self.extent.left
        cells: list[list[Cell]] = [[None] * (self.extent.right - left + 1) for _ in range(self.extent.bottom - top + 1)]
        for (row, column), value in self.cells.items():
            cells[row - top][column - left] = value
        return Sheet(source_file, self.name, cells, top, left, tuple(self.merged), self.hidden)


class _Workbook:
    """Follows Worksheet, Row, Cell and Data; remarks (Comment) have Data of their own and are passed over."""

    def __init__(self) -> None:
        self.sheets: list[_Table] = []
        self._path: list[str] = []
        self._row = self._column = self._below = 0
        self._cell: dict[str, str] | None = None
        self._type: str | None = None
        self._texts: list[str] = []

    def start(self, tag: str, values: dict[str, str]) -> None:
        """A sheet, a row, a cell or its data begins."""
        name, told = _plain(tag), {_plain(key): value for key, value in values.items()}
        self._path.append(name)
        if name == "Worksheet":
            self.sheets.append(_Table(told.get("Name", "")))
            self._row = self._column = self._below = 0
        elif name == "Row":
            self._row = _number(told, "Index", self._row + self._below + 1)
            self._column, self._below = 0, _number(told, "Span", 0)
        elif name == "Cell":
            self._column = _number(told, "Index", self._column + 1)
            self._cell, self._type, self._texts = told, None, []
        elif name in ("Data", "Visible") and "Comment" not in self._path:
            self._type, self._texts = told.get("Type", "String"), []

    def text(self, text: str) -> None:
        """A piece of a cell's data."""
        if "Comment" not in self._path and ("Data" in self._path or self._path[-1:] == ["Visible"]):
            self._texts.append(text)

    def end(self, tag: str) -> None:
        """A cell or what tells that a sheet is hidden ends."""
        name = _plain(tag)
        if name == "Cell" and self._cell is not None and self.sheets:
            self._close(self.sheets[-1], self._cell)
        elif name == "Visible" and self.sheets:
            self.sheets[-1].hidden = "Hidden" in "".join(self._texts)
        self._path.pop()

    def _close(self, sheet: _Table, told: dict[str, str]) -> None:
        across, down = _number(told, "MergeAcross", 0), _number(told, "MergeDown", 0)
        value = _value("".join(self._texts), self._type) if self._type else NOT_COMPUTED if told.get("Formula") else None
        if value is not None:
            sheet.put(self._row, self._column, value)
        if across or down:
            sheet.merged.append((self._row, self._column, self._row + down, self._column + across))
        self._column += across
        self._cell = None


def _plain(name: str) -> str:
    return name.rpartition(":")[2]


def _number(told: dict[str, str], name: str, otherwise: int) -> int:
    text = told.get(name, "").strip()
    if not text:
        return otherwise
    if not text.isdigit() or len(text) > 8:
        raise UnreadableError("truncated")
    return int(text)


def _value(text: str, kind: str) -> Cell:
    """A cell's data in its type; what is not of the type that it claims stays text."""
    if not text or text.isspace():
        return None
    try:
        if kind == "Number":
            return float(text)
        if kind == "Boolean":
            return {"1": True, "0": False}.get(text.strip(), text)
        if kind == "DateTime":
            moment = dt.datetime.fromisoformat(text.strip())
            return moment.date() if moment.time() == dt.time() else moment
    except ValueError:
        return text
    return text
