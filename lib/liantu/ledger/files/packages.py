"""What a zipped workbook (xlsx, xlsm, xlsb, ods) holds, looked at before it is opened: its kind, its sizes, its errors.

The workbook reader allocates the whole used range of a sheet and turns error cells (#REF!) into empty ones; so the parts are first run
through in pieces, their sizes held against the limits, and the error cells kept.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Literal
from xml.parsers import expat

from liantu.ledger.files import limits
from liantu.ledger.files.unreadable import UnreadableError

Kind = Literal["xlsx", "xlsb", "ods", "xls"]
Range = tuple[int, int, int, int]
_PIECE = 1 << 20
_CELL = re.compile(rb'<(?:\w+:)?c\b(?=[^>]*?\sr="([A-Z]{1,3})(\d{1,7})")([^>]*[^/>])>')
_ERROR = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*?\sr="([A-Z]{1,3})(\d{1,7})")(?=[^>]*?\st="e")[^>]*>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)<', re.S)
_STRING_ITEM = re.compile(rb"<(?:\w+:)?si\b")
_SHEET_NUMBER = re.compile(r"(\d+)\.\w+$")


@dataclass(frozen=True)
class Package:
    """A zipped workbook that may be opened: error cells and, for ods, merged ranges by sheet (1-based rows and columns)."""

    kind: Kind
    errors: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)
    """By sheet name: (row, column) → the error's text."""
    merged: dict[str, tuple[Range, ...]] = field(default_factory=dict)
    """By sheet name, where the workbook reader tells none."""


def inspect(content: bytes) -> Package:
    """Look through a zipped workbook without building its sheets; raises UnreadableError for what must not be opened."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return _inspect(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OverflowError, RuntimeError, NotImplementedError, OSError) as error:
        raise UnreadableError("encrypted" if "encrypted" in str(error) else "truncated") from None


def column_number(letters: str) -> int:
    """The number of a spreadsheet column: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _inspect(archive: zipfile.ZipFile) -> Package:
    parts = {part.filename.replace("\\", "/").lstrip("/").lower(): part for part in archive.infolist()}
    kind = _kind(parts)
    _check_directory(archive)
    if kind == "ods":
        return _inspect_ods(archive, parts)
    for name, part in parts.items():
        if name.startswith("xl/sharedstrings"):
            count = sum(len(_STRING_ITEM.findall(piece)) for piece in _pieces(archive, part))
            limits.check_size(count, limits.MAX_SHARED_STRINGS, "共享字符串", "shared strings")
        elif name.endswith((".rels", ".xml")) and not name.startswith("xl/worksheets/"):
            _read_through(archive, part)
    look = _look_through_xml if kind == "xlsx" else _look_through_binary
    found = {name: look(archive, part) for name, part in parts.items() if re.fullmatch(r"xl/worksheets/[^/]+\.(xml|bin)", name)}
    names = _sheet_names(archive, parts) if any(found.values()) and kind == "xlsx" else {}
    return Package(kind, {names[name]: errors for name, errors in found.items() if errors and name in names})


def _kind(parts: dict[str, zipfile.ZipInfo]) -> Kind:
    if "xl/workbook.xml" in parts or any(re.fullmatch(r"xl/workbook\d*\.xml", name) for name in parts):
        return "xlsx"
    if "xl/workbook.bin" in parts:
        return "xlsb"
    if "content.xml" in parts and "mimetype" in parts:
        return "ods"
    raise UnreadableError("not_a_workbook")


def _check_directory(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    limits.check_size(len(parts), limits.MAX_PARTS, "部件数", "parts")
    limits.check_size(sum(part.file_size for part in parts), limits.MAX_UNPACKED_BYTES, "解压后字节", "bytes unpacked")
    for part in parts:
        if part.flag_bits & 1:
            raise UnreadableError("encrypted")
        if part.file_size > limits.RATIO_FROM_BYTES:
            ratio = part.file_size // max(part.compress_size, 1)
            limits.check_size(ratio, limits.MAX_RATIO, f"{part.filename} 压缩比", f"{part.filename}: ratio")


def _pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part unpacked piece by piece, each but the last cut after a '>'; a size or checksum that lies raises BadZipFile."""
    rest = b""
    with archive.open(part) as stream:
        while piece := stream.read(_PIECE):
            piece = rest + piece
            cut = piece.rfind(b"</") if len(piece) < 16 * _PIECE else len(piece)
            cut = cut if cut > 0 else len(piece)
            rest = piece[cut:]
            yield piece[:cut]
    if rest:
        yield rest


def _read_through(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    with archive.open(part) as stream:
        while stream.read(_PIECE):
            pass


def _look_through_xml(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> dict[tuple[int, int], str]:
    """Hold a sheet's extent against the limits; returns its error cells."""
    errors: dict[tuple[int, int], str] = {}
    columns: set[bytes] = set()
    top, bottom, filled, tail = 1 << 30, 0, 0, b""
    for piece in _pieces(archive, part):
        # An error cell may lie across the cut: its opening tag stands in the tail of the piece before.
        for letters, row, text in _ERROR.findall(tail[-4096:] + piece) if b'"e"' in piece or b'"e"' in tail[-4096:] else ():
            errors[int(row), column_number(letters.decode())] = text.decode("utf-8", "replace")
        cells = _CELL.findall(piece)
        if cells:
            columns.update(cell[0] for cell in cells)
            rows = [int(cell[1]) for cell in cells]
            top, bottom, filled = min(top, min(rows)), max(bottom, max(rows)), filled + len(cells)
        tail = piece
    if filled:
        width = [column_number(letters.decode()) for letters in columns]
        limits.check_range(bottom - top + 1, max(width) - min(width) + 1, filled, part.filename)
    return errors


def _look_through_binary(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> dict[tuple[int, int], str]:
    """Hold the extent of an xlsb sheet against the limits (records 0: row, 1 to 11: cells; [MS-XLSB] 2.1.4)."""
    content = archive.read(part)
    place, row, rows, columns, filled = 0, 0, set(), set(), 0
    while place < len(content):
        kind, place = _varint(content, place, 2)
        size, place = _varint(content, place, 4)
        if kind == 0:
            row = int.from_bytes(content[place:place + 4], "little")
        elif 2 <= kind <= 11:
            rows.add(row)
            columns.add(int.from_bytes(content[place:place + 4], "little"))
            filled += 1
        place += size
    if filled:
        limits.check_range(max(rows) - min(rows) + 1, max(columns) - min(columns) + 1, filled, part.filename)
    return {}


def _varint(content: bytes, place: int, longest: int) -> tuple[int, int]:
    value = 0
    for step in range(longest):
        if place >= len(content):
            return value, place
        byte = content[place]
        place += 1
        value |= (byte & 0x7F) << (7 * step)
        if byte < 0x80:
            break
    return value, place


def _sheet_names(archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo]) -> dict[str, str]:
    """Part name in small letters → sheet name, from the workbook and its relations."""
    def attributes(part: str, tag: str) -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        parser = expat.ParserCreate()
        parser.StartElementHandler = lambda name, values: found.append(values) if name.rpartition(":")[2] == tag else None
        parser.Parse(archive.read(parts[part]), True)
        return found

    try:
        targets = {relation["Id"]: relation["Target"] for relation in attributes("xl/_rels/workbook.xml.rels", "Relationship")}
        sheets = attributes("xl/workbook.xml", "sheet")
    except (KeyError, expat.ExpatError):
        return {}
    names = {}
    for sheet in sheets:
        relation = next((value for key, value in sheet.items() if key.rpartition(":")[2] == "id"), "")
        target = targets.get(relation, "").lstrip("/").lower()
        names[target if target.startswith("xl/") else f"xl/{target}"] = sheet.get("name", "")
    return names


class _OdsLook:
    """Runs through content.xml of an ods: the extent of each table, its merged ranges and its error cells."""

    def __init__(self) -> None:
        self.merged: dict[str, list[Range]] = {}
        self.table, self.row, self.column, self.repeat = "", 0, 0, 1
        self.extent: dict[str, list[int]] = {}

    def start(self, tag: str, values: dict[str, str]) -> None:
        """A table, a row or a cell begins."""
        if tag == "table:table":
            self.table, self.row = values.get("table:name", ""), 0
        elif tag == "table:table-row":
            self.repeat, self.column = int(values.get("table:number-rows-repeated", 1)), 0
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            self._cell(values)

    def _cell(self, values: dict[str, str]) -> None:
        repeat = int(values.get("table:number-columns-repeated", 1))
        down, across = int(values.get("table:number-rows-spanned", 1)), int(values.get("table:number-columns-spanned", 1))
        if down > 1 or across > 1:
            top, left = self.row + 1, self.column + 1
            self.merged.setdefault(self.table, []).append((top, left, top + down - 1, left + across - 1))
        if "office:value-type" in values or "calcext:value-type" in values:
            extent = self.extent.setdefault(self.table, [self.row + 1, 0, 0, 0])
            extent[1], extent[2] = self.row + self.repeat, max(extent[2], self.column + repeat)
            extent[3] += repeat * self.repeat
            limits.check_range(extent[1] - extent[0] + 1, extent[2], extent[3], self.table)
        self.column += repeat

    def end(self, tag: str) -> None:
        """A row ends."""
        if tag == "table:table-row":
            self.row += self.repeat


def _inspect_ods(archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo]) -> Package:
    manifest = parts.get("meta-inf/manifest.xml")
    if manifest is not None and b"encryption-data" in archive.read(manifest):
        raise UnreadableError("encrypted")
    look, parser = _OdsLook(), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = look.start, look.end
    try:
        with archive.open(parts["content.xml"]) as stream:
            parser.ParseFile(stream)
    except expat.ExpatError:
        raise UnreadableError("truncated") from None
    return Package("ods", merged={name: tuple(ranges) for name, ranges in look.merged.items()})
