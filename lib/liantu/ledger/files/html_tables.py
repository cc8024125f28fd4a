"""HTML saved as .xls → one sheet: every <tr> of the file is a row, whichever table it stands in.

Several tables stay in one sheet, one below the other, so that the row is the number of the <tr> in the file.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from liantu.ledger.files import limits
from liantu.ledger.files.unreadable import UnreadableError
from liantu.ledger.sheets import Cell, Sheet

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w\-]+)", re.I)
_SHEET_NAME = re.compile(r"<x:Name>([^<]*)</x:Name>", re.I)
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_BREAKS = {"br", "p", "div", "li"}
_SILENT = {"script", "style", "title", "xml"}
_SILENT_END = re.compile(r"</(script|style|title|xml)\b", re.I)
_TAG = re.compile(r"""<(/?)([A-Za-z][\w:\-]{0,30})((?:[^<>"']*+|(?:[^<>"']|"[^"]{0,2000}"|'[^']{0,2000}'){0,200}+))>|<[!?][^<>]{0,2000}>""")
_DOWN, _ACROSS = (re.compile(rf"\b{name}\s*=\s*[\"']?\s*(\d{{1,9}})", re.I) for name in ("rowspan", "colspan"))


def told_charset(content: bytes) -> str | None:
    """The encoding that the file names for itself."""
    found = _CHARSET.search(content[:4096])
    return found[1].decode("ascii") if found else None


def read_html(text: str, source_file: str, *, blank: bool = False) -> Sheet:
    """The tables of an HTML file as one sheet; `merged` holds its rowspans and colspans, `titles` the captions and headings beside.

    Without anything in its tables it is unreadable, unless `blank` (one page of several).
    """
    parser = _Tables()
    for piece in _pieces(text):
        parser.take(piece)
    cells, merged = _placed(parser.rows, source_file)
    if not blank and not any(value is not None for row in cells for value in row):
        raise UnreadableError("empty" if parser.rows else "not_a_workbook")
    names = _SHEET_NAME.findall(text[:65536])
    name = names[0].strip() if len(names) == 1 else ""
    return Sheet(source_file, name, cells, merged=tuple(merged), titles=tuple(parser.titles))


class _Piece(NamedTuple):
    """A tag with its attributes as written (`tag` in small letters, with / in front when it ends), or text between tags."""

    tag: str
    text: str


def _pieces(text: str) -> Iterator[_Piece]:
    """Tags and the text between them, in one pass: what is never closed (a comment, a script, a tag) is text and hides nothing."""
    last_end = {found[1].lower(): found.start() for found in _SILENT_END.finditer(text)}
    tags_end, last_comment, place = text.rfind(">") + 1, text.rfind("-->"), 0
    while (start := text.find("<", place, tags_end)) >= 0:
        if text.startswith("<!--", start) and start < last_comment:
            yield _Piece("", text[place:start])
            place = text.index("-->", start + 2) + 3
            continue
        found = _TAG.match(text, start)
        if start > place or not found:
            yield _Piece("", text[place:start if found else start + 1])
        place = found.end() if found else start + 1
        if found and found[2]:
            tag = found[2].lower()
            if found[1] or tag not in _SILENT or last_end.get(tag, -1) >= place:
                yield _Piece(found[1] + tag, found[3])
            if tag in ("script", "style") and not found[1] and last_end.get(tag, -1) >= place:
                place = next(end.start() for end in _SILENT_END.finditer(text, place) if end[1].lower() == tag)
    yield _Piece("", text[place:])


class _Cell:
    """A cell that is being read: its pieces of text and its spans."""

    def __init__(self, attributes: str, table: int) -> None:
        self.pieces: list[str] = []
        self.table = table
        self.down = _span(_DOWN.search(attributes), limits.MAX_ROW_SPAN) if attributes else 1
        self.across = _span(_ACROSS.search(attributes), limits.MAX_COLUMN_SPAN) if attributes else 1

    def text(self) -> Cell:
        lines = (_BLANKS.sub(" ", line).strip() for line in "".join(self.pieces).split("\v"))
        return "\n".join(line for line in lines if line and line != "\xa0") or None


class _Tables:
    """Collects the cells of every row in the order of the file; end tags may be missing and tables may stand inside cells."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, list[_Cell]]] = []
        self.titles: list[str] = []
        self._open: list[tuple[int, list[_Cell] | None, _Cell | None]] = []
        self._tables = 0
        self._silent = 0
        self._beside: list[str] = []

    def take(self, piece: _Piece) -> None:
        """The next tag or text of the file."""
        if piece.tag.startswith("/"):
            self._end(piece.tag[1:])
        elif piece.tag:
            self._start(piece.tag, piece.text)
        elif piece.text:
            self._text(html.unescape(piece.text) if "&" in piece.text else piece.text)

    def _start(self, tag: str, attributes: str) -> None:
        """Open a table, a row or a cell; a new one ends what was left open."""
        if tag in _SILENT:
            self._silent += 1
        elif tag == "table":
            self._end_title()
            self._tables += 1
            self._open.append((self._tables, None, None))
        elif tag == "tr":
            table = self._table()
            row: list[_Cell] = []
            self.rows.append((table, row))
            self._set(table, row, None)
        elif tag in ("td", "th"):
            self._start_cell(attributes)
        elif tag in _BREAKS:
            self._text("\v")

    def _end(self, tag: str) -> None:
        """Close a table, a row or a cell."""
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag == "table" and self._open:
            self._open.pop()
            self._beside = []
        elif tag == "tr" and self._open:
            self._set(self._open[-1][0], None, None)
        elif tag in ("td", "th") and self._open:
            self._set(self._open[-1][0], self._open[-1][1], None)
        elif tag in ("caption", "h1", "h2", "h3", "h4", "p", "div", "center"):
            self._end_title()

    def _text(self, data: str) -> None:
        """Text goes to the innermost open cell; text outside every cell may be a title."""
        if self._silent:
            return
        if self._open and self._open[-1][2] is not None:
            self._open[-1][2].pieces.append(data)
        elif not self._open or self._open[-1][1] is None:
            self._beside.append(data)

    def _start_cell(self, attributes: str) -> None:
        table = self._table()
        row = self._open[-1][1] if self._open else None
        if row is None:
            row = []
            self.rows.append((table, row))
        cell = _Cell(attributes, table)
        row.append(cell)
        self._set(table, row, cell)

    def _table(self) -> int:
        if not self._open:
            self._tables += 1
            self._open.append((self._tables, None, None))
        return self._open[-1][0]

    def _set(self, table: int, row: list[_Cell] | None, cell: _Cell | None) -> None:
        self._open[-1] = (table, row, cell)

    def _end_title(self) -> None:
        text = _BLANKS.sub(" ", "".join(self._beside).replace("\v", " ")).strip(" \xa0")
        if text and len(text) <= 200:
            self.titles.append(text)
        self._beside = []


def _span(told: re.Match[str] | None, limit: int) -> int:
    return min(max(int(told[1]), 1), limit) if told else 1


def _placed(rows: list[tuple[int, list[_Cell]]], source_file: str) -> tuple[list[list[Cell]], list[tuple[int, int, int, int]]]:
    """Cells at their columns: a span takes its places in its own table only."""
    taken: dict[tuple[int, int], int] = {}
    grid: list[dict[int, Cell]] = []
    merged: list[tuple[int, int, int, int]] = []
    last = {table: number for number, (table, _) in enumerate(rows)}
    covered: dict[int, dict[int, int]] = {}
    for number, (table, cells) in enumerate(rows):
        below = covered.setdefault(table, {})
        line: dict[int, Cell] = {}
        column = 0
        for cell in cells:
            while below.get(column, -1) >= number:
                column += 1
            limits.check_range(len(rows), column + cell.across, None, source_file)
            bottom = min(number + cell.down - 1, last[table])
            line[column] = cell.text()
            if bottom > number or cell.across > 1:
                merged.append((number + 1, column + 1, bottom + 1, column + cell.across))
                below.update(dict.fromkeys(range(column, column + cell.across), bottom))
            column += cell.across
        taken[table, number] = column
        grid.append(line)
    width = max(taken.values(), default=0)
    limits.check_range(len(rows), width, None, source_file)
    return [[line.get(column) for column in range(width)] for line in grid], merged
