"""What the workbook reader does not tell of an .xls: whether it has a password, and its error cells (#REF!), found in its records.

Source: [MS-CFB] (the container) and [MS-XLS] 2.4 (records FilePass, BoundSheet8, BoolErr, Formula).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
_END_OF_CHAIN = 0xFFFFFFFA
_BOUND_SHEET, _BOOL_ERR, _FORMULA, _BOF, _EOF, _FILE_PASS = 0x85, 0x205, 0x06, 0x809, 0x0A, 0x2F
_LOST = (struct.error, IndexError, UnicodeDecodeError, ValueError)


def biff_encrypted(content: bytes) -> bool:
    """Whether the workbook's records begin with a password."""
    try:
        for kind, _, _ in _records(_workbook_stream(content), 0):
            if kind in (_FILE_PASS, _EOF):
                return kind == _FILE_PASS
    except _LOST:
        pass
    return False


def biff_errors(content: bytes) -> dict[str, dict[tuple[int, int], str]]:
    """By sheet name: (row, column), both from 1 → the error's text. What cannot be followed gives nothing: the reader decides."""
    try:
        stream = _workbook_stream(content)
        names = dict(_bound_sheets(stream))
        return {name: errors for start, name in names.items() if (errors := dict(_errors(stream, start)))}
    except _LOST:
        return {}


def _workbook_stream(content: bytes) -> bytes:
    """The stream `Workbook` of the container (short streams, which no ledger has, are not followed)."""
    sector = 1 << struct.unpack_from("<H", content, 30)[0]
    if sector not in (512, 4096):
        return b""
    directory_start, = struct.unpack_from("<I", content, 48)
    table = _allocation(content, sector)
    directory = _chain(content, table, directory_start, sector)
    for entry in range(0, len(directory), 128):
        length, = struct.unpack_from("<H", directory, entry + 64)
        if directory[entry:entry + max(length - 2, 0)].decode("utf-16-le", "replace") in ("Workbook", "Book"):
            start, = struct.unpack_from("<I", directory, entry + 116)
            return _chain(content, table, start, sector)
    return b""


def _allocation(content: bytes, sector: int) -> list[int]:
    places = [place for place in struct.unpack_from("<109I", content, 76) if place < _END_OF_CHAIN]
    following, count = struct.unpack_from("<2I", content, 68)
    for _ in range(min(count, len(content) // sector)):
        more = struct.unpack_from(f"<{sector // 4}I", content, (following + 1) * sector)
        places += [place for place in more[:-1] if place < _END_OF_CHAIN]
        following = more[-1]
    table: list[int] = []
    for place in places:
        table += struct.unpack_from(f"<{sector // 4}I", content, (place + 1) * sector)
    return table


def _chain(content: bytes, table: list[int], start: int, sector: int) -> bytes:
    pieces: list[bytes] = []
    place = start
    while place < _END_OF_CHAIN and len(pieces) <= len(table):
        pieces.append(content[(place + 1) * sector:(place + 2) * sector])
        place = table[place]
    return b"".join(pieces)


def _records(stream: bytes, place: int) -> Iterator[tuple[int, int, int]]:
    """(kind, where its data begins, how long) of each record from `place` on."""
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<2H", stream, place)
        yield kind, place + 4, length
        place += 4 + length


def _bound_sheets(stream: bytes) -> Iterator[tuple[int, str]]:
    for kind, place, _ in _records(stream, 0):
        if kind == _EOF:
            return
        if kind == _BOUND_SHEET:
            start, _, _, length, wide = struct.unpack_from("<I4B", stream, place)
            size = length * 2 if wide & 1 else length
            yield start, stream[place + 8:place + 8 + size].decode("utf-16-le" if wide & 1 else "latin-1")


def _errors(stream: bytes, start: int) -> Iterator[tuple[tuple[int, int], str]]:
    depth = 0
    for kind, place, _ in _records(stream, start):
        depth += (kind == _BOF) - (kind == _EOF)
        if depth == 0:
            return
        if kind == _BOOL_ERR:
            row, column, _, value, is_error = struct.unpack_from("<3H2B", stream, place)
            if is_error:
                yield (row + 1, column + 1), _ERRORS.get(value, "#N/A")
        elif kind == _FORMULA:
            row, column = struct.unpack_from("<2H", stream, place)
            result = stream[place + 6:place + 14]
            if result[6:8] == b"\xff\xff" and result[0] == 2:
                yield (row + 1, column + 1), _ERRORS.get(result[2], "#N/A")
