"""What must be known of an .xls before the workbook reader opens it: a password, its extent, and its error cells (#REF!).

The reader allocates what the records claim (the extent of a sheet, the number of shared strings); one damaged byte there would end the
whole program. Source: [MS-CFB] (the container) and [MS-XLS] 2.4 (records FilePass, BoundSheet8, Dimensions, SST, BoolErr, Formula and
those of other cells).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from liantu.ledger.files import limits
from liantu.ledger.files.unreadable import UnreadableError

Errors = dict[tuple[int, int], str]
_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
_END_OF_CHAIN = 0xFFFFFFFA
_BOUND_SHEET, _BOOL_ERR, _FORMULA, _EOF, _FILE_PASS, _DIMENSIONS, _STRINGS = 0x85, 0x205, 0x06, 0x0A, 0x2F, 0x200, 0xFC
_BEGINNINGS = {0x809, 0x409, 0x209, 0x09}
_ONE_CELL = {0x06, 0x206, 0x406, 0x203, 0x204, 0x205, 0x27E, 0xFD, 0xD6, 0x03, 0x04, 0x05, 0x02}
_MANY_CELLS = {0xBD, 0xBE}
_LOST = (struct.error, IndexError, UnicodeDecodeError, ValueError, OverflowError)


@dataclass(frozen=True)
class OldWorkbook:
    """The stream of records of an .xls, its sheets as (start, name) and whether the records are encrypted."""

    stream: bytes
    sheets: tuple[tuple[int, str], ...]
    encrypted: bool


def open_old(content: bytes) -> OldWorkbook:
    """The records of an .xls; raises UnreadableError when the container or the list of sheets cannot be followed."""
    try:
        streams = list(_streams(content))
        books = [OldWorkbook(stream, tuple(_bound_sheets(stream)), _has_password(stream)) for stream in streams]
    except _LOST:
        raise UnreadableError("truncated") from None
    if not books:
        raise UnreadableError("not_a_workbook")
    for book in books:
        if not book.encrypted:
            _check(book)
    return books[0]


def _check(book: OldWorkbook) -> None:
    """Hold everything that the reader allocates against the limits, in every record of the stream and sheet by sheet."""
    limits.check_size(len(book.sheets), limits.MAX_PARTS, "工作表", "sheets")
    filled = 0
    try:
        for kind, place, length in _records(book.stream, 0):
            if kind in (_DIMENSIONS, _STRINGS):
                _check_record(book.stream, kind, place, length, limits.Extent(""))
        for start, name in book.sheets:
            extent = limits.Extent(name, limits.MAX_OLD_ROWS, limits.MAX_OLD_COLUMNS)
            for kind, place, length in _records_of(book.stream, start):
                _check_record(book.stream, kind, place, length, extent)
            extent.check()
            filled += extent.filled
            limits.check_size(filled, limits.MAX_CELLS, "有值的单元格", "filled cells")
    except _LOST:
        raise UnreadableError("truncated") from None


def _check_record(stream: bytes, kind: int, place: int, length: int, extent: limits.Extent) -> None:
    if kind == _DIMENSIONS and length >= 10:
        wide = length >= 14
        top, bottom, left, right = struct.unpack_from("<2I2H" if wide else "<4H", stream, place)
        if not (top <= bottom <= limits.MAX_OLD_ROWS and left <= right <= limits.MAX_OLD_COLUMNS):
            raise UnreadableError("truncated")
    elif kind == _STRINGS and length >= 8:
        count, = struct.unpack_from("<I", stream, place + 4)
        limits.check_size(count, limits.MAX_SHARED_STRINGS, "共享字符串", "shared strings")
        if count > len(stream):
            raise UnreadableError("truncated")
    elif kind in _ONE_CELL and length >= 6:
        row, column = struct.unpack_from("<2H", stream, place)
        extent.add(row + 1, row + 1, column + 1, column + 1, 1)
    elif kind in _MANY_CELLS and length >= 6:
        row, first = struct.unpack_from("<2H", stream, place)
        last, = struct.unpack_from("<H", stream, place + length - 2)
        if last < first:
            raise UnreadableError("truncated")
        if kind == 0xBD:
            extent.add(row + 1, row + 1, first + 1, last + 1, last - first + 1)


def biff_errors(book: OldWorkbook) -> dict[str, Errors]:
    """By sheet name: (row, column), both from 1 → the error's text. What cannot be followed gives nothing: the reader decides."""
    try:
        return {name: errors for start, name in book.sheets if (errors := dict(_errors(book.stream, start)))}
    except _LOST:
        return {}


def _streams(content: bytes) -> Iterator[bytes]:
    """The streams `Workbook` and `Book` of the container; short ones lie in the root's own stream, in sectors of 64 bytes."""
    if len(content) < 512:
        raise ValueError
    sector, short = (1 << struct.unpack_from("<H", content, place)[0] for place in (30, 32))
    if sector not in (512, 4096) or short != 64:
        raise ValueError
    directory_start, _, cutoff, short_start = struct.unpack_from("<4I", content, 48)
    table = _allocation(content, sector)
    directory = _chain(content, table, directory_start, sector, sector)
    entries = [(directory[place:place + 128]) for place in range(0, len(directory) - 127, 128)]
    for entry in entries:
        length, = struct.unpack_from("<H", entry, 64)
        if entry[66] != 2 or entry[:max(length - 2, 0)].decode("utf-16-le", "replace") not in ("Workbook", "Book"):
            continue
        start, size = struct.unpack_from("<2I", entry, 116)
        if size >= cutoff:
            yield _chain(content, table, start, sector, sector)[:size]
        else:
            root = _chain(content, table, struct.unpack_from("<I", entries[0], 116)[0], sector, sector)
            places = _chain(content, table, short_start, sector, sector)
            yield _chain(root, list(struct.unpack_from(f"<{len(places) // 4}I", places)), start, short, 0)[:size]


def _allocation(content: bytes, sector: int) -> list[int]:
    places = [place for place in struct.unpack_from("<109I", content, 76) if place < _END_OF_CHAIN]
    following, count = struct.unpack_from("<2I", content, 68)
    for _ in range(min(count, len(content) // sector)):
        more = struct.unpack_from(f"<{sector // 4}I", content, (following + 1) * sector)
        places += [place for place in more[:-1] if place < _END_OF_CHAIN]
        following = more[-1]
    if len(places) > len(content) // sector:
        raise ValueError
    table: list[int] = []
    for place in places:
        table += struct.unpack_from(f"<{sector // 4}I", content, (place + 1) * sector)
    return table


def _chain(content: bytes, table: list[int], start: int, size: int, offset: int) -> bytes:
    """The sectors of `size` bytes that follow each other from `start` on; the first begins at `offset`."""
    pieces: list[bytes] = []
    place = start
    while place < _END_OF_CHAIN:
        if len(pieces) > len(table) or len(pieces) * size > len(content):
            raise ValueError
        pieces.append(content[offset + place * size:offset + (place + 1) * size])
        place = table[place]
    return b"".join(pieces)


def _records(stream: bytes, place: int) -> Iterator[tuple[int, int, int]]:
    """(kind, where its data begins, how long) of each record from `place` on."""
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<2H", stream, place)
        yield kind, place + 4, length
        place += 4 + length


def _records_of(stream: bytes, start: int) -> Iterator[tuple[int, int, int]]:
    """The records of a sheet up to its end, those of charts inside it included."""
    depth = 0
    for kind, place, length in _records(stream, start):
        yield kind, place, length
        depth += (kind in _BEGINNINGS) - (kind == _EOF)
        if depth <= 0 and kind == _EOF:
            return


def _has_password(stream: bytes) -> bool:
    for kind, _, _ in _records(stream, 0):
        if kind in (_FILE_PASS, _EOF):
            return kind == _FILE_PASS
    return False


def _bound_sheets(stream: bytes) -> Iterator[tuple[int, str]]:
    if _has_password(stream):
        return
    for kind, place, _ in _records(stream, 0):
        if kind == _EOF:
            return
        if kind == _BOUND_SHEET:
            start, _, _, length, wide = struct.unpack_from("<I4B", stream, place)
            size = length * 2 if wide & 1 else length
            yield start, stream[place + 8:place + 8 + size].decode("utf-16-le" if wide & 1 else "latin-1")


def _errors(stream: bytes, start: int) -> Iterator[tuple[tuple[int, int], str]]:
    for kind, place, _ in _records_of(stream, start):
        if kind == _BOOL_ERR:
            row, column, _, value, is_error = struct.unpack_from("<3H2B", stream, place)
            if is_error:
                yield (row + 1, column + 1), _ERRORS.get(value, "#N/A")
        elif kind == _FORMULA:
            row, column = struct.unpack_from("<2H", stream, place)
            result = stream[place + 6:place + 14]
            if result[6:8] == b"\xff\xff" and result[0] == 2:
                yield (row + 1, column + 1), _ERRORS.get(result[2], "#N/A")
