"""What a column holds, where its header does not tell: codes, counties, chains, dates, personal numbers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from liantu.ledger.layout.header_text import plain
from liantu.ledger.layout.known import Known, KnownForm
from liantu.ledger.sheets import Cell
from liantu.reference.forms import any_word

_SAMPLE = 200
_SHARE = 0.7
_AT_LEAST = 2
_MOBILE = re.compile(r"(?:\+?86-?)?1[3-9]\d{9}")
_IDENTITY = re.compile(r"[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]")
_CREDIT = re.compile(r"(?=.*[A-Z]|9)[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}", re.I)
_PROJECT = re.compile(r"\d{4}-\d{6}-\d{2}-\d{2}-\d{6}")
_DATE = re.compile(r"(?:20\d{2}[年./-]\d{1,2}(?:[月./-]\d{0,2}日?)?|20\d{2}年)(?:底|初|末|上旬|中旬|下旬|前)?")


def field_by_content(header: str, cells: Sequence[Cell], form: KnownForm, known: Known) -> str | None:
    """The field that most of the filled cells speak for; None when there are too few, or none fits.

    A column of dates is given to a stage only when its header names exactly one stage.
    """
    filled = [cell for cell in cells if cell is not None][:_SAMPLE]
    texts = [plain(cell) for cell in filled]
    if len(texts) < _AT_LEAST:
        return None
    if _most(texts, lambda text: bool(_MOBILE.fullmatch(text) or _IDENTITY.fullmatch(text))):
        return "private"
    tests = {
        "national_code": lambda text: bool(_PROJECT.fullmatch(text)), "credit_code": lambda text: bool(_CREDIT.fullmatch(text)),
        "county": lambda text: text in known.places, "chain": lambda text: text in known.chains, "stage": lambda text: text in known.stages}
    found = next((name for name, test in tests.items() if name in form.specs and _most(texts, test)), None)
    if found:
        return found
    dates = sum(isinstance(cell, dt.date) or bool(_DATE.fullmatch(text)) for cell, text in zip(filled, texts, strict=True))
    return _stage_date(header, form, known) if dates >= _SHARE * len(texts) else None


def _most(texts: Sequence[str], test: object) -> bool:
    return sum(map(test, texts)) >= _SHARE * len(texts)


def _stage_date(header: str, form: KnownForm, known: Known) -> str | None:
    text = plain(header)
    words = {word: stage for stage, said in known.words.stages.items() for word in said}
    named = {words[found] for found in re.findall(any_word(words), text)}
    if len(named) != 1:
        return None
    planned = any(word in text for word in known.words.classes["plan"])
    actual = any(word in text for word in known.words.classes["actual"])
    tense = "planned" if planned and not actual else "actual" if actual and not planned else "date"
    name = f"{named.pop()}_{tense}"
    return name if name in form.specs else None
