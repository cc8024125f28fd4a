"""Texts in which there is nothing to change, found by their bytes: no odd blanks or widths, no control characters, no personal numbers.

What is left is trimmed and looked at again, and then read one by one. Gives what read_text and scrub give together.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liantu.ledger.values.plain import undone
from liantu.ledger.values.privacy import SUSPECT
from liantu.ledger.values.reading import Plain
from liantu.ledger.values.text import GARBLED, LONGEST_TEXT, NOTHING_SAID, tidy

_BLANKS = " \t\r\n\u00a0\u3000"
_LONGEST_NOTHING = max(len(word.encode()) for word in NOTHING_SAID)
_GAP = 17
"""Bytes from one digit to the next beyond which they make no number together; scrub lets three characters stand between."""
_TOGETHER = 6
"""Digits from which on a text may hold a personal number."""
_PLAIN, _DIGIT, _BLANK, _LEAD, _ODD = range(5)


def plain_texts(array: pa.Array) -> Plain:
    """As read_text, then scrub: the text itself where nothing is to be changed, trimmed where only blanks stand around it."""
    if array.type != pa.string():
        return undone(array, None)
    trimmed = pc.utf8_trim(array, characters=_BLANKS)
    short = pc.less_equal(pc.binary_length(array), LONGEST_TEXT)
    return Plain(_unchanged(trimmed) & pc.fill_null(short, True).to_numpy(zero_copy_only=False), trimmed)


def _unchanged(array: pa.Array) -> np.ndarray:
    """Which texts are the same after cleaning and scrubbing; what is missing is."""
    missing = array.is_null().to_numpy(zero_copy_only=False)
    _, at, held = array.buffers()
    if held is None or not len(array):
        return missing
    offsets = np.frombuffer(at, np.int32, len(array) + 1, array.offset * 4)
    data = np.frombuffer(held, np.uint8)[offsets[0]:offsets[-1]]
    starts, ends = offsets[:-1] - offsets[0], offsets[1:] - offsets[0]
    full = ends > starts
    right = full.copy()
    kinds = _kinds().take(data)
    special = np.flatnonzero(kinds != _PLAIN)
    kind = kinds[special]
    # Rows by their starts; an empty row starts where the next one does, and takes no byte.
    owners = np.flatnonzero(full)
    for places in (special[kind == _ODD], _changing(data, special[kind == _LEAD]), _numbers(special[kind == _DIGIT]),
                   _doubled(special[kind == _BLANK])):
        right[owners[np.searchsorted(starts[owners], places, "right") - 1]] = False
    right[owners] &= (kinds[starts[owners]] != _BLANK) & (kinds[ends[owners] - 1] != _BLANK)
    short = np.flatnonzero(right & (ends - starts <= _LONGEST_NOTHING))
    words = pc.utf8_lower(array.take(pa.array(short)))
    right &= ~pc.fill_null(pc.match_substring_regex(array, f"{SUSPECT}|{GARBLED}"), False).to_numpy(zero_copy_only=False)
    right[short] &= ~pc.is_in(words, pa.array(sorted(NOTHING_SAID))).to_numpy(zero_copy_only=False)
    return right | missing


@cache
def _kinds() -> np.ndarray:
    """What a byte of UTF-8 is: part of a plain character, a digit, a blank, the lead of a character to be looked up, or odd."""
    kinds = np.full(256, _ODD, np.uint8)
    kinds[0x21:0x7F] = _PLAIN
    kinds[0x30:0x3A] = _DIGIT
    # An @ may be in an e-mail address, a _ in an escaped line break.
    kinds[[ord("@"), ord("_")]] = _ODD
    kinds[0x20] = _BLANK
    kinds[0x80:0xC0] = _PLAIN
    kinds[0xE0:0xF0] = _LEAD
    # U+4000 to U+9FFF: ideographs.
    kinds[0xE4:0xEA] = _PLAIN
    return kinds


def _changing(data: np.ndarray, leads: np.ndarray) -> np.ndarray:
    """The places of the characters of three bytes that do not stay as they are."""
    lead, second, third = (data[leads + step].astype(np.int32) for step in range(3))
    codes = (lead & 0x0F) << 12 | (second & 0x3F) << 6 | third & 0x3F
    lasting = np.zeros(0x10000, bool)
    for code in np.flatnonzero(np.bincount(codes, minlength=0x10000)).tolist():
        lasting[code] = _lasts(chr(code))
    return leads[~lasting[codes]]


@cache
def _lasts(character: str) -> bool:
    """Whether cleaning leaves a character as it is, and scrubbing takes it for no digit and for no @."""
    plain = unicodedata.normalize("NFKC", character)
    return tidy(character) == character and not any(part.isdigit() or part == "@" for part in plain)


def _numbers(digits: np.ndarray) -> np.ndarray:
    """Where so many digits stand close together that they could be a person's number (of two rows: looked at in vain)."""
    if len(digits) < _TOGETHER:
        return digits[:0]
    close = np.diff(digits) <= _GAP
    run = close[: len(close) - _TOGETHER + 2].copy()
    for step in range(1, _TOGETHER - 1):
        run &= close[step: len(close) - _TOGETHER + 2 + step]
    return digits[:len(run)][run]


def _doubled(blanks: np.ndarray) -> np.ndarray:
    return blanks[:-1][np.diff(blanks) == 1]
