"""Personal data out of text: mobile and landline numbers, ID numbers, e-mail addresses; codes of firms and projects stay."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from itertools import accumulate

REMOVED = "[removed]"

_GAP = r"[\s()\-‐-―−.·•_\u200b-\u200f\u2060\ufeff\u00ad]{0,3}"
_MOBILE = (
    rf"(?:(?<![0-9])(?:\+?(?:00)?86){_GAP})?(?<![0-9])"
    rf"(?:1[3-9][0-9](?:{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}|[0-9]{_GAP}[0-9]{{3}}{_GAP}[0-9]{{4}}|[0-9]{_GAP}[0-9]{{4}}{_GAP}[0-9]{{3}}"
    rf"|[0-9]{{2}}{_GAP}[0-9]{{6}}|{_GAP}[0-9]{{3}}{_GAP}[0-9]{{5}}|{_GAP}[0-9]{{2}}{_GAP}[0-9]{{3}}{_GAP}[0-9]{{3}})"
    r"|1(?: [0-9]){10})(?![0-9])"
)
_COUNTRY = rf"(?<![0-9])(?:\+|00)?86{_GAP}1[3-9][0-9](?:{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}|{_GAP}[0-9]{{8}})(?![0-9])"
_GLUED = r"(?<![0-9])(?:1[3-9][0-9]{9}){2,}(?![0-9])"
_LANDLINE = rf"(?<![0-9])(?:\+?86{_GAP})?\(?0[1-9][0-9]{{1,2}}\)?{_GAP}[0-9]{{3,4}}{_GAP}[0-9]{{4}}(?:\s*[-转#*]\s*[0-9]{{1,5}})?(?![0-9])"
_CALLED = r"(?:(?:电话|手机|座机|传真|热线|联系方式|[Tt][Ee][Ll])[^0-9\n]{0,4})(?<![0-9])[0-9](?:[0-9 \-]{5,15})[0-9](?![0-9])"
_EMAIL = r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]++@[A-Za-z0-9\-]++(?:\.[A-Za-z0-9\-]++)+"
_PROJECT = r"(?<![0-9])[0-9]{4}-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6}(?![0-9])|(?<![0-9])[0-9]{20}(?![0-9])"
_EIGHTEEN = r"(?<![0-9A-Za-z])[0-9A-Za-z]{18}(?![0-9A-Za-z])"
_ID_SPACED = rf"(?<![0-9])[1-8][0-9]{{5}}{_GAP}(?:19|20)[0-9]{{2}}{_GAP}[0-9]{{4}}{_GAP}[0-9]{{3}}[0-9Xx](?![0-9])"
_ID_OLD = r"(?<![0-9])[1-8][0-9]{5}[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}(?![0-9])"
_PERSONAL = re.compile(f"{_GLUED}|{_COUNTRY}|{_MOBILE}|{_ID_SPACED}|{_ID_OLD}|{_LANDLINE}")
_ANY = re.compile(
    f"(?P<email>{_EMAIL})|(?P<project>{_PROJECT})|(?P<eighteen>{_EIGHTEEN})|(?P<called>{_CALLED})|(?P<personal>{_PERSONAL.pattern})"
)
_WORTH = re.compile(r"[0-9](?:[^0-9]{0,3}[0-9]){5}|@")

_CREDIT_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_VALUES = {letter: value for value, letter in enumerate(_CREDIT_LETTERS)}
_CREDIT_WEIGHTS = tuple(accumulate([3] * 16, lambda weight, _: weight * 3 % 31, initial=1))
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def scrub(text: str) -> str:
    """`text` with phone numbers, ID numbers and e-mail addresses replaced by [removed]; national project codes and credit codes stay.

    Full-width digits and blanks, dots or dashes inside a number do not hide it. Scrubbing twice changes nothing more.
    """
    while True:
        shadow = text if text.isascii() else "".join(map(_half_width, text))
        if not _WORTH.search(shadow):
            return text
        spans = [span for found in _ANY.finditer(shadow) for span in _spans(found)]
        if not spans:
            return text
        starts = [0, *(end for _, end in spans)]
        ends = [*(start for start, _ in spans), len(text)]
        text = REMOVED.join(text[start:end] for start, end in zip(starts, ends, strict=True))


def _half_width(character: str) -> str:
    """The same character in its plain form, so that positions stay."""
    if character < "\x7f" or unicodedata.category(character) == "No":
        return character
    plain = unicodedata.normalize("NFKC", character)
    if len(plain) != 1:
        return character
    digit = unicodedata.decimal(plain, None)
    return plain if digit is None else str(digit)


def _spans(found: re.Match[str]) -> list[tuple[int, int]]:
    """The parts of a match that must go."""
    if found["project"]:
        return []
    if found["eighteen"]:
        code = found["eighteen"].upper()
        if is_identity(code):
            return [found.span()]
        # A code that does not check is no reason to let a phone number inside it through.
        inside = [] if credit_check(code) else list(_PERSONAL.finditer(found["eighteen"]))
        return [(found.start() + part.start(), found.start() + part.end()) for part in inside]
    if found["called"]:
        first = re.search("[0-9]", found["called"])
        return [(found.start() + first.start(), found.end())] if first else []
    return [found.span()]


def credit_check(code: str) -> bool:
    """Whether 18 characters carry the check digit of GB 32100-2015 (weights 3**i mod 31)."""
    if len(code) != 18 or any(letter not in _CREDIT_VALUES for letter in code):
        return False
    total = sum(_CREDIT_VALUES[letter] * weight for letter, weight in zip(code[:17], _CREDIT_WEIGHTS, strict=True))
    return _CREDIT_VALUES[code[17]] == (31 - total % 31) % 31


def is_identity(code: str) -> bool:
    """Whether 18 characters are a person's ID number (GB 11643-1999): a date of birth stands in it, and it is no valid credit code.

    A number with a wrong last digit is still taken for one: a slip of the pen is no reason to publish it.
    """
    if not (code[:17].isdigit() and code[17] in "0123456789X" and code[0] in "12345678"):
        return False
    try:
        born = dt.date(int(code[6:10]), int(code[10:12]), int(code[12:14]))
    except ValueError:
        return False
    if not 1900 <= born.year <= 2049:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(code[:17], _ID_WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == code[17] or not credit_check(code)
