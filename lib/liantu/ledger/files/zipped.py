"""The parts of a zip unpacked in pieces, each held against the size and checksum that the directory tells.

The workbook reader unpacks a part to its end whatever the directory says; so a part that is longer, or packed in another way than
spreadsheet programs do, must be found before it is opened.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from liantu.ledger.files import limits
from liantu.ledger.files.unreadable import UnreadableError

_PIECE = 1 << 20
_LONGEST = 64 << 20
"""Bytes without a tag: a cell holds 32,767 characters at most."""
_LAST_START = re.compile(rb"(?s:.*)<(?:\w+:)?(?:c|row|si)[\s>]")
_DECLARED = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.I)


@dataclass(frozen=True)
class Archive:
    """A zip in memory with its parts in the order of the directory; a name may stand there twice."""

    content: bytes
    parts: tuple[tuple[str, zipfile.ZipInfo], ...]
    """Names in small letters with / between, each with its entry."""

    def names(self) -> set[str]:
        """The names of all parts."""
        return {name for name, _ in self.parts}

    def find(self, name: str) -> zipfile.ZipInfo | None:
        """The last part of this name, as spreadsheet programs take it."""
        return next((part for found, part in reversed(self.parts) if found == name), None)


def open_archive(content: bytes) -> Archive:
    """The directory of a zip, held against the limits; raises UnreadableError."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as read:
            entries = read.infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, OSError, struct.error):
        raise UnreadableError("truncated") from None
    limits.check_size(len(entries), limits.MAX_PARTS, "部件数", "parts")
    limits.check_size(sum(part.file_size for part in entries), limits.MAX_UNPACKED_BYTES, "解压后字节", "bytes unpacked")
    for part in entries:
        if part.flag_bits & 1:
            raise UnreadableError("encrypted")
        if part.file_size > limits.RATIO_FROM_BYTES:
            ratio = part.file_size // max(part.compress_size, 1)
            limits.check_size(ratio, limits.MAX_RATIO, f"{part.filename} 压缩比", f"{part.filename}: ratio")
    return Archive(content, tuple((part.filename.replace("\\", "/").lstrip("/").lower(), part) for part in entries))


def unpacked(archive: Archive, part: zipfile.ZipInfo) -> bytes:
    """A part that lists others, whole; raises UnreadableError above MAX_INDEX_BYTES."""
    limits.check_size(part.file_size, limits.MAX_INDEX_BYTES, part.filename, part.filename)
    return b"".join(raw_pieces(archive, part))


def pieces(archive: Archive, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """An XML part piece by piece, none cut inside a tag, a cell or a string item; raises UnreadableError for a document type."""
    rest = b""
    for raw in raw_pieces(archive, part):
        piece = rest + raw
        limits.check_size(len(piece), _LONGEST, part.filename, part.filename)
        found = _LAST_START.match(piece) if len(piece) < 8 * _PIECE else None
        cut = max(piece.rfind(b"<", 0, found.end()) if found else piece.rfind(b"<"), 0)
        rest = piece[cut:]
        if cut:
            _refuse_declarations(piece[:cut])
            yield piece[:cut]
    if rest:
        _refuse_declarations(rest)
        yield rest


def raw_pieces(archive: Archive, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a part in pieces of a megabyte; a size, a checksum or a way of packing that lies raises UnreadableError."""
    total = checksum = 0
    for piece in _inflated(archive.content, part):
        total += len(piece)
        checksum = zlib.crc32(piece, checksum)
        if total > part.file_size:
            raise UnreadableError("truncated")
        yield piece
    if total != part.file_size or checksum != part.CRC:
        raise UnreadableError("truncated")


def _inflated(content: bytes, part: zipfile.ZipInfo) -> Iterator[bytes]:
    start = _data_start(content, part)
    packed = memoryview(content)[start:start + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        yield from (bytes(packed[place:place + _PIECE]) for place in range(0, len(packed), _PIECE))
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise UnreadableError("truncated")
    inflate = zlib.decompressobj(-15)
    place, waiting = 0, b""
    try:
        while not inflate.eof and (waiting or place < len(packed)):
            if not waiting:
                waiting, place = bytes(packed[place:place + _PIECE]), place + _PIECE
            if piece := inflate.decompress(waiting, _PIECE):
                yield piece
            waiting = inflate.unconsumed_tail
    except zlib.error:
        raise UnreadableError("truncated") from None
    if not inflate.eof:
        raise UnreadableError("truncated")


def _data_start(content: bytes, part: zipfile.ZipInfo) -> int:
    place = part.header_offset
    if content[place:place + 4] != b"PK\x03\x04" or place + 30 > len(content):
        raise UnreadableError("truncated")
    name, extra = struct.unpack_from("<2H", content, place + 26)
    return place + 30 + name + extra


def _refuse_declarations(piece: bytes) -> None:
    """No spreadsheet program writes a document type into its parts: it is there to make entities that grow."""
    if _DECLARED.search(piece):
        raise UnreadableError("unsafe_xml")
