"""What a column holds, where its header does not tell: codes, counties, chains, dates, personal numbers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence

from liantu.ledger.layout.header_text import as_header, plain
from liantu.ledger.layout.known import Known, KnownForm
from liantu.ledger.sheets import Cell, ColumnMatch
from liantu.reference.forms import any_word
from liantu.tables.contracts import APPROVALS, STAGES

_SAMPLE = 200
_SHARE = 0.7
_RARE = 0.3
"""Share of cells up to which a column does not hold what its name says."""
_AT_LEAST = 2
_SIDES = {f"{stage}_{side}": f"{stage}_{other}" for stage in STAGES for side, other in (("date", "actual"), ("actual", "date"))}
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
    if "管家" in header:  # of a person's name nothing is read; an office is not a person
        tests["steward"] = lambda text: len(text) > _AT_LEAST and text.endswith(known.words.office_ends)
    found = next((name for name, test in tests.items() if name in form.specs and _most(texts, test)), None)
    if found:
        return found
    dates = sum(isinstance(cell, dt.date) or bool(_DATE.fullmatch(text)) for cell, text in zip(filled, texts, strict=True))
    return _stage_date(header, form, known) if dates >= _SHARE * len(texts) else None


def reread_by_content(match: ColumnMatch, cells: Sequence[Cell], form: KnownForm, known: Known) -> str | None:
    """The field that a known header's cells speak for, when they hold nothing of the kind that its name says; None when they may.

    产业类型 over names of chains is the chain, 项目类型 over 新建 and 续建 the kind of construction, 用地 over 是 and 否 the permit,
    属地 over townships the place.
    """
    texts = [plain(cell) for cell in cells if cell is not None][:_SAMPLE]
    kind = form.specs[match.field].kind if match.field else None
    if len(texts) < _AT_LEAST or kind is None:
        return None
    if match.field == "category" and all(text in known.terms["construction"] for text in texts):
        return "construction"
    if match.field == "category":
        named = _most(texts, known.names_chain) and sum(text in known.terms["categories"] for text in texts) < _RARE * len(texts)
        return "chain" if named else None
    if kind == "area":
        permits = _most(texts, lambda text: text in known.terms["approval_status"])
        return _permit(match.header, form, known) if permits else None
    if kind == "county":
        below = all(text.endswith(known.words.township_ends) and not any(place in text for place in known.places) for text in texts)
        return "place" if below else None
    return None


def dated_beside_ticks(
        match: ColumnMatch, matches: Sequence[ColumnMatch], cells: Callable[[int], list[Cell]], form: KnownForm,
        known: Known) -> int | None:
    """Where among `matches` a column of ticks has taken the stage whose dates stand in this one; None if nowhere.

    状态 / 投产 holds ●, 进度时间 / 投产 the date: both mean the stage.
    """
    levels = tuple(known.reader.read(as_header(part)) for part in match.header.split(" / ")) if match.header else ()
    meant = next((own.field for own in form.match(levels)), None) if match.field is None else None
    if meant is None or meant not in _SIDES:
        return None
    holder = next((number for number, other in enumerate(matches) if other.field == meant), None)
    if holder is None or _SIDES[meant] in {other.field for other in matches}:
        return None
    dates, ticks = ([plain(cell) for cell in cells(index) if cell is not None][:_SAMPLE] for index in (match.index, matches[holder].index))
    figures = re.compile(r"[\d一二三四五六七八九十]")
    return holder if dates and ticks and _most(dates, figures.search) and not any(map(figures.search, ticks)) else None


def beside(field: str) -> str:
    """The field for the ticks of a stage whose dates are `field`: 投产 with dates and 投产 with ticks are told apart."""
    return _SIDES[field]


def _permit(header: str, form: KnownForm, known: Known) -> str | None:
    """The approval that a header also means."""
    readings = known.reader.read(plain(header.rpartition(" / ")[2])).readings
    return next((own for pattern, own in form.patterns if own in APPROVALS and any(map(pattern.fullmatch, readings))), None)


def _most(texts: Sequence[str], test: Callable[[str], object]) -> bool:
    return sum(bool(test(text)) for text in texts) >= _SHARE * len(texts)


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
