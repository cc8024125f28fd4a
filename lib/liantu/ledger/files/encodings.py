"""Bytes → text: UTF-8 with or without a mark, UTF-16, GB18030; what mixes them, is cut off or holds null bytes is refused, not repaired."""

from __future__ import annotations

import codecs
import re

from liantu.ledger.files.unreadable import UnreadableError

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CHINESE = re.compile("[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]")
_ENOUGH = 4
"""Chinese characters in parts that are whole in UTF-8 from which on a file counts as UTF-8: GB18030 makes one by chance at times."""
_LIKELY = re.compile("[\t\r\n -~\u2010-\u206f\u2190-\u2312\u2460-\u24ff\u25a0-\u26ff\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
_CONTROLS = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_PRIVATE = re.compile("[\ue000-\uf8ff\ufffd]")
_CELLS = re.compile(rb"[,;\t|]|</?[tT][dDhH]\b[^>]{0,200}>")
_SAMPLE = 65_536


def decode(content: bytes, told: str | None = None) -> str:
    """The text of a csv, HTML or XML file; `told` is the encoding that the file itself names.

    Raises UnreadableError: null_bytes, mixed_encoding, truncated, or not_a_workbook for what is no text at all.
    """
    return _decoded(content, told)[0]


def encoding_of(content: bytes, told: str | None = None) -> str:
    """The name of the encoding by which `decode` reads; raises as it does."""
    return _decoded(content, told)[1]


def _decoded(content: bytes, told: str | None) -> tuple[str, str]:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _checked(_strictly(content, encoding)), encoding
    if wide := _wide(content):
        return _checked(_strictly(content, wide)), wide
    if b"\0" in content:
        raise UnreadableError("null_bytes" if _mostly_text(content) else "not_a_workbook")
    try:
        return _checked(content.decode("utf-8")), "utf-8"
    except UnicodeDecodeError as error:
        _refuse_broken(content, error)
    other = told is not None and not told.lower().startswith(("gb", "utf", "x-gb", "cp936", "iso-8859-1", "ascii", "us-ascii"))
    encoding = told if other and told else "gb18030"
    text = _checked(_strictly(content, encoding))
    # Other encodings of the East (Big5, Shift-JIS) read as GB18030 end in private and lost characters.
    if len(_PRIVATE.findall(text[:_SAMPLE])) > 0.01 * len(text[:_SAMPLE]):
        raise UnreadableError("mixed_encoding")
    return text, encoding


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding.startswith("utf-16") and error.end >= len(content) - 1:
            raise UnreadableError("truncated") from None
        if encoding.startswith("utf-8"):
            _refuse_broken(content, error)
        if encoding == "gb18030" and error.start >= len(content) - 4 and error.reason.startswith("incomplete"):
            raise UnreadableError("truncated") from None
        raise UnreadableError("mixed_encoding" if _mostly_text(content) else "not_a_workbook") from None
    except LookupError:
        raise UnreadableError("mixed_encoding" if _mostly_text(content) else "not_a_workbook") from None


def _wide(content: bytes) -> str | None:
    """UTF-16 without a mark: read so, nearly every character is one that ledgers use, and there are line ends or separators."""
    sample = content[:4096]
    if b"\0" not in sample:
        return None
    likely = {}
    for encoding in ("utf-16-le", "utf-16-be"):
        text = sample[:len(sample) // 2 * 2].decode(encoding, "replace")
        if re.search("[\n\r,;\t<]", text):
            likely[encoding] = len(_LIKELY.findall(text)) / len(text)
    best = max(likely, key=lambda encoding: likely[encoding], default=None)
    return best if best and likely[best] >= 0.97 else None


def _refuse_broken(content: bytes, error: UnicodeDecodeError) -> None:
    """Raise when bytes that are no UTF-8 stand in a file that is UTF-8 elsewhere: GB18030 would make other Chinese of its Chinese."""
    head = content[:error.start].decode("utf-8")
    if error.end >= len(content) and error.reason.startswith("unexpected end") and _CHINESE.search(head):
        raise UnreadableError("truncated")
    if _whole_in_utf8(content) >= _ENOUGH:
        raise UnreadableError("mixed_encoding")


def _whole_in_utf8(content: bytes) -> int:
    """Chinese characters in lines, or cells of other lines, that are whole in UTF-8 and hold no character that ledgers do not use."""
    found = 0
    for line in content.split(b"\n"):
        if line.isascii():
            continue
        count = _chinese_in(line)
        found += sum(_chinese_in(cell) or 0 for cell in _CELLS.split(line)) if count is None else count
        if found >= _ENOUGH:
            break
    return found


def _chinese_in(piece: bytes) -> int | None:
    """How many Chinese characters a piece holds in UTF-8; None when it is not UTF-8, 0 when other characters stand in it."""
    try:
        text = piece.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return len(_CHINESE.findall(text)) if len(_LIKELY.findall(text)) == len(text) else 0


def _mostly_text(content: bytes) -> bool:
    sample = content[:_SAMPLE]
    printable = sum(byte >= 32 or byte in (9, 10, 13) for byte in sample)
    try:
        sample.replace(b"\0", b"").decode("gb18030", "strict")
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 8 and b"," not in sample and b"\t" not in sample:
            return False
    return printable > 0.9 * len(sample)


def _checked(text: str) -> str:
    if "\0" in text:
        raise UnreadableError("null_bytes")
    if len(_CONTROLS.findall(text[:_SAMPLE])) > 0.01 * len(text[:_SAMPLE]):
        raise UnreadableError("not_a_workbook")
    return text
