"""csv and tsv too large for the memory: found once where records end, then read piece by piece as columns of text.

The same records as `liantu.ledger.files.delimited` gives. What only Python's reader understands as it should (UTF-16, a quote that stands
inside an unquoted cell or is never closed) is read by it, one record after the other; all else by arrow, each piece on its own.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as arrow
import pyarrow.csv

from liantu.ledger.files import delimited, encodings
from liantu.ledger.files.parquets import as_written
from liantu.ledger.files.unreadable import UnreadableError
from liantu.tables.addresses import opened, read_part, size_of

HEAD_BYTES = 262_144
"""What is looked at for encoding, delimiter and width."""
BLOCK_BYTES = 8_388_608
_PLAIN = ("utf-8", "utf-8-sig", "gb18030")

@dataclass(frozen=True)
class Dialect:
    """How a file is written. `plain` files are read by arrow, others by Python's reader; `quoting` is False when quotes mean nothing."""

    encoding: str
    delimiter: str
    plain: bool
    quoting: bool = True


@dataclass(frozen=True)
class Piece:
    """A run of whole records: bytes `start` to `end` of a plain file, record numbers (from 0) of another."""

    address: str
    dialect: Dialect
    start: int
    end: int


def pieces_of(address: str, piece_bytes: int) -> list[Piece]:
    """The file in pieces of about so many bytes, cut where records end. Raises UnreadableError for what is no readable text."""
    head = read_part(address, 0, HEAD_BYTES)
    dialect = _dialect_of_head(head)
    if dialect.plain:
        found = _scan(address, dialect, piece_bytes)
        if isinstance(found, list):
            return found
        dialect = found
    return _record_pieces(address, replace(dialect, plain=False), piece_bytes)


def read_piece(piece: Piece, width: int | None = None) -> tuple[dict[int, arrow.Array], int]:
    """The cells of a piece by column from 0 (text as written, nothing for an empty cell), and how many records there are.

    A record shorter than the others ends in empty cells; `width` is how many columns there are at least.
    """
    if piece.dialect.plain:
        return _read_plain(piece, width or 0)
    return _columns_of([record for _, record in _records(piece, piece.start, piece.end)], width or 0)


def head_width(address: str, dialect: Dialect) -> int:
    """The widest of the first records."""
    head = read_part(address, 0, HEAD_BYTES).decode(dialect.encoding, errors="ignore")
    quoting = csv.QUOTE_MINIMAL if dialect.quoting else csv.QUOTE_NONE
    records = list(csv.reader(io.StringIO(head, newline=""), delimiter=dialect.delimiter, quoting=quoting))
    return max((len(record) for record in records[:-1] or records), default=0)


def _dialect_of_head(head: bytes) -> Dialect:
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise UnreadableError("empty")
    # Whole characters and lines: UTF-16 has null bytes and whole characters in every four bytes.
    whole = head[:len(head) - len(head) % 4] if b"\0" in head[:4096] else head[:head.rfind(b"\n") + 1] or head
    encoding = encodings.encoding_of(whole)
    delimiter = delimited.delimiter_of(encodings.decode(whole))
    # A head of ASCII only leaves the encoding open: `_scan` decides it where the first other character stands.
    return Dialect("ascii" if whole.isascii() and encoding == "utf-8" else encoding, delimiter, plain=encoding in _PLAIN)


def _scan(address: str, dialect: Dialect, piece_bytes: int) -> list[Piece] | Dialect:
    """The pieces of a plain file, or the dialect of one that is not plain."""
    cuts, quotes, place, tail = [0], 0, 0, b"\n"
    with opened(address) as file:
        while block := file.read(BLOCK_BYTES):
            if b"\0" in block:
                raise UnreadableError("null_bytes")
            if dialect.encoding == "ascii" and not block.isascii():
                dialect = replace(dialect, encoding=encodings.encoding_of(block[block.find(b"\n") + 1:block.rfind(b"\n") + 1] or block))
            if b'"' in block and _stray_quote(tail + block, dialect.delimiter):
                return replace(dialect, plain=False)
            while place + len(block) >= cuts[-1] + piece_bytes:
                cut = _cut(block, max(cuts[-1] + piece_bytes - place, 0), quotes)
                if cut < 0:
                    break
                cuts.append(place + cut)
            quotes += block.count(b'"')
            place, tail = place + len(block), block[-2:]
    if quotes % 2:
        return replace(dialect, plain=False, quoting=False)
    ends = [*cuts[1:], place]
    return [Piece(address, dialect, start, end) for start, end in zip(cuts, ends, strict=True) if end > start]


def _stray_quote(block: bytes, delimiter: str) -> bool:
    """Whether a quote neither opens nor closes a cell: no delimiter, quote or end of line stands on either side of it."""
    letters = np.frombuffer(block, dtype=np.uint8)
    beside = np.zeros(256, dtype=bool)
    beside[[10, 13, 34, ord(delimiter)]] = True
    places = np.flatnonzero(letters[1:-1] == 34) + 1
    return bool((~beside[letters[places - 1]] & ~beside[letters[places + 1]]).any())


def _cut(block: bytes, at: int, quotes: int) -> int:
    """Where the first record after place `at` of a block ends, so many quotes standing before it; -1 when it ends in the next."""
    inside = (quotes + block.count(b'"', 0, at)) % 2 == 1
    while at < len(block):
        if inside:
            at = block.find(b'"', at) + 1
            if not at:
                return -1
            inside = False
            continue
        line, quote = block.find(b"\n", at), block.find(b'"', at)
        if line < 0 and quote < 0:
            return -1
        if quote < 0 or 0 <= line < quote:
            return line + 1
        at, inside = quote + 1, True
    return -1


def _read_plain(piece: Piece, width: int) -> tuple[dict[int, arrow.Array], int]:
    content = read_part(piece.address, piece.start, piece.end)
    if piece.start == 0 and content.startswith(codecs.BOM_UTF8):
        content = content[3:]
    if piece.dialect.encoding == "gb18030":
        content = _from_gb18030(content)
    else:
        _check_utf8(content)
    odd: list[tuple[int, list[str]]] = []

    def keep(row: pyarrow.csv.InvalidRow) -> str:
        odd.append((row.number - 1, next(csv.reader(io.StringIO(row.text, newline=""), delimiter=piece.dialect.delimiter), [])))
        return "skip"

    table = _parsed(content, piece.dialect, width, keep)
    columns = {number: _one(table.column(number)) for number in range(width)}
    if odd:
        columns = _woven(columns, table.num_rows, odd)
    return {number: as_written(column) for number, column in columns.items()}, table.num_rows + len(odd)


def _from_gb18030(content: bytes) -> bytes:
    text = encodings.decode(content)
    if not content.isascii() and text.encode() == content:
        raise UnreadableError("mixed_encoding")  # a part of the file is UTF-8
    return text.encode()


def _check_utf8(content: bytes) -> None:
    """Raise what is wrong with bytes that are no UTF-8: cut off in the middle of a character, mixed, or no text at all."""
    whole = arrow.StringArray.from_buffers(1, arrow.py_buffer(np.array([0, len(content)], dtype=np.int32)), arrow.py_buffer(content))
    try:
        whole.validate(full=True)
    except arrow.ArrowInvalid:
        encodings.decode(content)
        raise UnreadableError("mixed_encoding") from None


def _parsed(content: bytes, dialect: Dialect, width: int, keep: Callable[[pyarrow.csv.InvalidRow], str]) -> arrow.Table:
    names = [str(number) for number in range(width)]
    return pyarrow.csv.read_csv(
        arrow.BufferReader(content), pyarrow.csv.ReadOptions(column_names=names, use_threads=False, block_size=len(content) + 2),
        pyarrow.csv.ParseOptions(
            delimiter=dialect.delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=keep),
        pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, arrow.string()), strings_can_be_null=False))


def _woven(columns: dict[int, arrow.Array], regular: int, odd: Sequence[tuple[int, list[str]]]) -> dict[int, arrow.Array]:
    """The records of another length put back into their places."""
    total, places = regular + len(odd), np.array([number for number, _ in odd])
    order = np.empty(total, dtype=np.int64)
    mask = np.zeros(total, dtype=bool)
    mask[places] = True
    order[~mask], order[mask] = np.arange(regular), regular + np.arange(len(odd))
    widest = max(len(record) for _, record in odd)
    woven = {}
    for number in range(max(len(columns), widest)):
        own = columns.get(number, arrow.nulls(regular, arrow.string()))
        added = arrow.array([record[number] if number < len(record) else None for _, record in odd], arrow.string())
        woven[number] = arrow.concat_arrays([own, added]).take(arrow.array(order))
    return woven


def _columns_of(records: Sequence[Sequence[str]], width: int) -> tuple[dict[int, arrow.Array], int]:
    width = max([width, *(len(record) for record in records)])
    return {number: as_written(arrow.array([record[number] if number < len(record) else "" for record in records], arrow.string()))
            for number in range(width)}, len(records)


def _one(column: arrow.ChunkedArray) -> arrow.Array:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _record_pieces(address: str, dialect: Dialect, piece_bytes: int) -> list[Piece]:
    """Pieces by record numbers, as many records in each as make up about so many bytes."""
    dialect = _settled(address, dialect)
    whole = Piece(address, dialect, 0, 1 << 62)
    records = sum(1 for _ in _records(whole, 0, whole.end))
    each = max(1, round(records * piece_bytes / max(size_of(address), 1)))
    return [Piece(address, dialect, start, min(start + each, records)) for start in range(0, records, each)]


def _settled(address: str, dialect: Dialect) -> Dialect:
    """Whether quotes mean anything, decided as for small files: a quote never closed makes every line a record."""
    try:
        for _ in _records(Piece(address, dialect, 0, 1 << 62), 0, 1 << 62, strict=True):
            pass
    except csv.Error as error:
        if "unexpected end of data" in str(error) or "field larger" in str(error):
            return replace(dialect, quoting=False)
        last = deque(_records(Piece(address, dialect, 0, 1 << 62), 0, 1 << 62), maxlen=1)
        swallowed = any("\n" in value and value.count(dialect.delimiter) > 3 for _, record in last for value in record)
        return replace(dialect, quoting=not swallowed)
    except UnicodeDecodeError:
        raise UnreadableError("mixed_encoding") from None
    return dialect


def _records(piece: Piece, start: int, end: int, strict: bool = False) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(delimited.FIELD_LIMIT)
    quoting = csv.QUOTE_MINIMAL if piece.dialect.quoting else csv.QUOTE_NONE
    with opened(piece.address) as file:
        text = io.TextIOWrapper(file, encoding=piece.dialect.encoding, newline="")
        for number, record in enumerate(csv.reader(text, delimiter=piece.dialect.delimiter, quoting=quoting, strict=strict)):
            if number >= end:
                return
            if number >= start:
                yield number, record
