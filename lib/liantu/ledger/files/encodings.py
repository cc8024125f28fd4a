"""Bytes → text: UTF-8 with or without a mark, UTF-16, GB18030; what mixes them or holds null bytes is refused, not repaired."""

from __future__ import annotations

import codecs
import re

from liantu.ledger.files.unreadable import UnreadableError

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_THREE_BYTES = re.compile(rb"(?:[\xe3-\xe9][\x80-\xbf]{2}){4}")
_TWO_BYTES = re.compile(rb"(?:[\xb0-\xf7][\xa1-\xfe]){4}")
_CONTROLS = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f]")


def decode(content: bytes, told: str | None = None) -> str:
    """The text of a csv or HTML file; `told` is the encoding that the file itself names.

    Raises UnreadableError: null_bytes, mixed_encoding, or not_a_workbook for what is no text at all.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _checked(_strictly(content, encoding))
    if wide := _wide(content):
        return _checked(_strictly(content, wide))
    if b"\0" in content:
        raise UnreadableError("null_bytes" if _mostly_text(content) else "not_a_workbook")
    try:
        return _checked(content.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    if _mixed(content):
        raise UnreadableError("mixed_encoding")
    encoding = "gb18030" if told is None or told.lower().startswith(("gb", "utf", "x-gb", "iso-8859-1", "ascii", "us-ascii")) else told
    return _checked(_strictly(content, encoding))


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        raise UnreadableError("mixed_encoding" if _mostly_text(content) else "not_a_workbook") from None


def _wide(content: bytes) -> str | None:
    """UTF-16 without a mark: line ends and separators show a null byte on one side only."""
    sample = content[:4096]
    if len(content) % 2 or b"\0" not in sample:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd and not even and (b"\n\0" in sample or b",\0" in sample or b"\t\0" in sample):
        return "utf-16-le"
    if even and not odd and (b"\0\n" in sample or b"\0," in sample or b"\0\t" in sample):
        return "utf-16-be"
    return None


def _mixed(content: bytes) -> bool:
    """Whether some lines are Chinese in UTF-8 and others are not valid UTF-8."""
    utf8 = other = False
    for line in content.split(b"\n"):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
            utf8 = utf8 or bool(_THREE_BYTES.search(line))
        except UnicodeDecodeError:
            other = other or bool(_TWO_BYTES.search(line))
            utf8 = utf8 or _both_in_one(line)
    return utf8 and other


def _both_in_one(line: bytes) -> bool:
    """One line may hold both: a cell in UTF-8 beside cells in GB18030."""
    for cell in re.split(rb"[,;\t]", line):
        if _THREE_BYTES.search(cell):
            try:
                cell.decode("utf-8")
            except UnicodeDecodeError:
                continue
            return True
    return False


def _mostly_text(content: bytes) -> bool:
    sample = content[:65536]
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
    if len(_CONTROLS.findall(text[:65536])) > 0.01 * len(text[:65536]):
        raise UnreadableError("not_a_workbook")
    return text
