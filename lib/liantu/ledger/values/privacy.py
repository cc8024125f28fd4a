"""Personal data out of text: telephone, ID and messenger numbers, e-mail addresses; codes of firms and projects stay."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from itertools import accumulate

from liantu.ledger.values.wording import WORDING, any_of

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
_CALLED = rf"(?i:{any_of(WORDING.contact_words)})[^0-9\n]{{0,4}}(?<![0-9])[0-9](?:[0-9 \-]{{5,15}})[0-9](?![0-9])"
_ACCOUNT = rf"(?i:{any_of(WORDING.account_words)})[号]?[ :：()（）\-]{{0,3}}(?P<account>[A-Za-z0-9][A-Za-z0-9_\-]{{4,30}})"
_PAPER = rf"(?:{any_of(WORDING.identity_words)})[^0-9A-Za-z\n]{{0,6}}(?P<paper>[A-Za-z]{{0,3}}[0-9][0-9 \-]{{4,24}}[0-9Xx])(?![0-9A-Za-z])"
_EMAIL = r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]++@[A-Za-z0-9\-]++(?:\.[A-Za-z0-9\-]++)+"
_PROJECT = r"(?<![0-9])[0-9]{4}-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6}(?![0-9])|(?<![0-9])[0-9]{20}(?![0-9])"
_EIGHTEEN = r"(?<![0-9A-Za-z])[0-9A-Za-z]{18}(?![0-9A-Za-z])"
_ID_SPACED = rf"(?<![0-9])[1-8][0-9]{{5}}{_GAP}(?:19|20)[0-9]{{2}}{_GAP}[0-9]{{4}}{_GAP}[0-9]{{3}}[0-9Xx](?![0-9])"
_ID_OLD = r"(?<![0-9])[1-8][0-9]{5}[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}(?![0-9])"
_PERSONAL = re.compile(f"{_GLUED}|{_COUNTRY}|{_MOBILE}|{_ID_SPACED}|{_ID_OLD}|{_LANDLINE}")
_ANY = re.compile(
    f"(?P<email>{_EMAIL})|(?P<project>{_PROJECT})|(?P<eighteen>{_EIGHTEEN})|(?P<called>{_CALLED})|{_ACCOUNT}|{_PAPER}|(?P<personal>{_PERSONAL.pattern})"
)
_LABEL = any_of(WORDING.contact_people)
_WORTH = re.compile(rf"[0-9](?:[^0-9]{{0,3}}[0-9]){{5}}|@|(?i:{any_of(WORDING.account_words)})|{_LABEL} {{0,2}}[:：]")
_PERSON = re.compile(
    rf"({_LABEL} {{0,2}}[:：] {{0,2}})[\u4e00-\u9fff·]{{2,4}}(?![\u4e00-\u9fff·])"
    rf"|({_LABEL} {{0,2}})[\u4e00-\u9fff·]{{2,4}}?[ ,，、:：(（]{{0,2}}"
    rf"(?:{any_of(WORDING.contact_words)}[:： ]{{0,2}})?{re.escape(REMOVED)}")
"""A name behind 联系人 and the like: with a colon between, or with a number behind it that is gone."""
_SPELLED = re.compile("[〇零○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]{7,}")
_DIGIT_OF = str.maketrans("〇零○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "0001234567891123456789")
SUSPECT = f"(?i:{any_of(WORDING.account_words)})|{_SPELLED.pattern}"
"""What scrub looks for beside digits and @; an expression that arrow's engine reads the same way."""

_CREDIT_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_VALUES = {letter: value for value, letter in enumerate(_CREDIT_LETTERS)}
_CREDIT_WEIGHTS = tuple(accumulate([3] * 16, lambda weight, _: weight * 3 % 31, initial=1))
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def scrub(text: str) -> str:
    """`text` with phone, ID and account numbers and e-mail addresses replaced by [removed]; national project codes and credit codes stay.

    Full-width digits and blanks, dots or dashes inside a number do not hide it. Scrubbing twice changes nothing more.
    """
    while True:
        shadow = text if text.isascii() else _plain(text)
        if not _WORTH.search(shadow):
            return _unnamed(text) if REMOVED in text else text
        spans = [span for found in _ANY.finditer(shadow) for span in _spans(found)]
        if not spans:
            return _unnamed(text)
        starts = [0, *(end for _, end in spans)]
        ends = [*(start for start, _ in spans), len(text)]
        text = REMOVED.join(text[start:end] for start, end in zip(starts, ends, strict=True))


def _unnamed(text: str) -> str:
    return _PERSON.sub(lambda found: f"{found[1] or found[2]}{REMOVED}", text)


def _plain(text: str) -> str:
    """The text with every digit plain, those spelled out one by one (一三八 …) too; positions stay."""
    return _SPELLED.sub(lambda found: found[0].translate(_DIGIT_OF), "".join(map(_half_width, text)))


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
    for name in ("account", "paper"):
        if found[name]:
            return [found.span(name)]
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
