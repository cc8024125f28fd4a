"""The rows below a header told apart: body, subtotals and groups, notes and signatures, blanks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from liantu.ledger.layout.columns import Fit
from liantu.ledger.layout.grid import Grid, like_number
from liantu.ledger.layout.known import Known

Judged = Literal["body", "blank", "subtotal", "note"]
_CHINESE_NUMBER = re.compile(r"\(?[一二三四五六七八九十]{1,3}\)?[、.]?")
_COUNT = re.compile(r"(?:共|计)?[\d一二三四五六七八九十百]+(?:\.0)?(?:个|项|户|家)?")
_SUM_WORD = re.compile(r"[(（]?(?:小计|合计|总计|共计|汇总)[)）]?.*$")
_WORDS = re.compile("[\u4e00-\u9fff]")
_PART_OF = ("其中:", "其中,", "其中、", "其中(")
_COUNT_AT_END = re.compile(r"[(:]?(?:共|计|合计)?[\d一二三四五六七八九十百]+(?:个|项|户|家)(?:项目)?\)?$")
_CHAIN_AT_END = re.compile(r"(?:重点|特色|优势)?产业(?:链条?|集群)?$")
_TOLERANCE = 0.005
_HEADS = ("serial", "county", "name", "zone", "category", "construction", "stage", "chain", "company", "description")
"""Fields in whose columns the word of a sum may stand."""
_KINDS = {
    "numbered": r"[一二三四五六七八九十]{1,3}[、.:,]|第[一二三四五六七八九十]+",
    "bracketed": r"\([一二三四五六七八九十]{1,3}\)", "lettered": r"[A-Z][、.]"}
"""Kinds of group rows by how they begin."""


@dataclass
class Body:
    """What is known of a table while its rows are judged."""

    grid: Grid
    known: Known
    fit: Fit
    inside: range
    columns: dict[str, list[int]] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)
    """The rows of the body so far, and how many of them are in `sums` (column → sum and count of its numbers)."""
    sums: dict[int, tuple[float, int]] = field(default_factory=dict)
    summed: int = 0
    levels: dict[str, str] = field(default_factory=dict)
    names: tuple[int, ...] = ()
    """The columns that name a row of this form."""
    noted: bool = False
    begun: bool = False
    sums_first: bool = False
    parts: bool = False
    """Whether the rows are the parts of a sum (其中：新建), not yet what the table is about."""
    wrapped: dict[int, tuple[int, ...]] = field(default_factory=dict)
    """Row → the rows below it that only carry on its name."""

    @property
    def groups(self) -> tuple[str, ...]:
        """The texts of the group rows that hold now, the outermost first."""
        return tuple(self.levels.values())


def open_body(grid: Grid, known: Known, fit: Fit) -> Body:
    """A table whose rows are to be judged from its header on."""
    columns: dict[str, list[int]] = {}
    for match in fit.columns:
        if match.field:
            columns.setdefault(match.field, []).append(match.index)
    headed = [match.index for match in fit.columns if match.header]
    names = tuple(column for spec in fit.form.form.fields if spec.required for column in columns.get(spec.field, ()))
    return Body(grid, known, fit, range(min(headed), max(headed) + 1), columns, names=names)


def judge(body: Body, row: int) -> Judged:
    """What a row below the header is; remembers groups, sums and the beginning of the notes for the rows that follow."""
    texts = {column: text for column, text in body.grid.texts(row).items() if column in body.inside}
    if not texts:
        return "note" if body.grid.texts(row) else "blank"
    verdict = "body" if _plainly(body, texts) else _judge(body, row, texts)
    if verdict == "body":
        body.rows.append(row)
        body.parts = False
    if verdict in ("body", "subtotal"):
        body.begun = True
    return verdict


def _plainly(body: Body, texts: dict[int, str]) -> bool:
    """A row with a number for its serial and a name that is no sum, count or example: a closer look would find nothing else."""
    if body.noted or not _numbered(body, texts):
        return False
    name, rows = _name(body, texts), body.known.rows
    return not (rows.subtotal.fullmatch(name) or rows.example.fullmatch(name) or _COUNT.fullmatch(name))


def _judge(body: Body, row: int, texts: dict[int, str]) -> Judged:
    if _note(body, row, texts):
        return "note"
    if _subtotal(body, row, texts) or _group(body, row, texts):
        return "subtotal"
    if _wrapped(body, row, texts):
        return "note"
    if _name(body, texts):
        return "body"
    serial = body.columns.get("serial", ())
    own = [column for column in texts if column not in serial]
    if not own:
        return "note" if any(_worded(texts[column]) for column in texts) else "blank"
    if all(_zero(texts[column]) for column in own):
        return "blank"
    if _continues(body, row):
        return "body"
    return _nameless(body, row, texts, own)


def _wrapped(body: Body, row: int, texts: dict[int, str]) -> bool:
    """A row that only carries on the name above: no serial where the row above has one, words alone, and a name that had no end yet."""
    serial, words = body.columns.get("serial", ()), body.known.words
    name = _name(body, texts)
    if not serial or not name or len(texts) > 2 or any(column in texts for column in serial) or len(_words(body, row, texts)) < len(texts):
        return False
    above = next(((line, told) for line, told in body.wrapped.items() if row - 1 in told), None)
    first = above[0] if above else row - 1
    over = body.grid.texts(first)
    if not _numbered(body, over) or body.grid.spans_by_row.get(row) or not all(column in over for column in texts):
        return False
    last = _name(body, body.grid.texts(row - 1))
    if last.endswith(words.name_ends) and not name.startswith(("(", ")", "、", ",", "及", "和", "与")):
        return False
    body.wrapped[first] = (*(above[1] if above else ()), row)
    return True


def _worded(text: str) -> bool:
    """Whether the text of a serial cell is words and no number of any kind."""
    return len(_WORDS.findall(text)) >= 2 and not _CHINESE_NUMBER.fullmatch(text)


def _name(body: Body, texts: dict[int, str]) -> str:
    """The text in the column that names a row of this form."""
    return next((texts[column] for column in body.names if column in texts), "")


def _words(body: Body, row: int, texts: dict[int, str]) -> list[int]:
    """The columns of the row that hold words."""
    return [column for column, text in texts.items() if not like_number(body.grid.cell(row, column), text)]


def _note(body: Body, row: int, texts: dict[int, str]) -> bool:
    first = next(iter(texts.values()))
    rows = body.known.rows
    if rows.example.fullmatch(first) or rows.example.fullmatch(_name(body, texts)):
        return True
    if first.startswith(_PART_OF) and len(_words(body, row, texts)) < len(texts):
        return False  # a part of a sum, with its amounts
    if rows.note.fullmatch(first) and (len(texts) <= 3 or not _name(body, texts)) and not _numbered(body, texts):
        body.noted = True
        return True
    # A label and its short value may stand in cells of their own (填表人： | 张三); a date signs only when it is alone.
    signed = [bool(rows.signature.fullmatch(text)) for text in texts.values()]
    short = all(sign or len(text) <= 4 for sign, text in zip(signed, texts.values(), strict=True))
    if (all(signed) or (short and signed[0] and ":" in first)) and not _numbered(body, texts):
        return True
    if body.noted:
        words = len(_words(body, row, texts))
        return not (_name(body, texts) and len(texts) >= 3 and (_numbered(body, texts) or words >= 2))
    return False


def _numbered(body: Body, texts: dict[int, str]) -> bool:
    """Whether the row has a serial number and a name."""
    serial = [texts[column] for column in body.columns.get("serial", ()) if column in texts]
    return bool(serial and serial[0].strip("()").isdigit() and _name(body, texts))


def _subtotal(body: Body, row: int, texts: dict[int, str]) -> bool:
    """小计, 合计, 总计 in the serial, county, name or first filled column, where no name of its own stands."""
    name = _name(body, texts)
    heads = _heads(body, texts)
    if name.startswith(_PART_OF) and not _numbered(body, texts):
        body.parts = True
        return True
    said = [text for text in heads if body.known.rows.subtotal.fullmatch(text)]
    if not said:
        return False
    if name and name not in said and not _COUNT.fullmatch(name):
        return False
    others = [column for column in _words(body, row, texts) if texts[column] not in heads]
    if name in said and _numbered(body, texts) and len(others) >= 2:
        return False
    rest = _SUM_WORD.sub("", said[0]).strip("、:： ")
    if not body.begun:
        body.sums_first = True
    if rest and body.sums_first and not re.fullmatch(r"全[市县区].*|总|共|本页.*", rest):
        _enter(body, rest)
    return True


def _heads(body: Body, texts: dict[int, str]) -> list[str]:
    columns = {column for name in _HEADS for column in body.columns.get(name, ())}
    first = min(texts)
    return [text for column, text in texts.items() if column == first or column in columns]


def _group(body: Body, row: int, texts: dict[int, str]) -> bool:
    """A row that names what follows: 一、续建项目; a cell merged over the table; a county or a chain with its count and sums."""
    words = _words(body, row, texts)
    serial = [column for column in body.columns.get("serial", ()) if column in texts]
    numbered = bool(serial) and bool(_CHINESE_NUMBER.fullmatch(texts[serial[0]]))
    telling = [column for column in words if not (numbered and column in serial) and not _COUNT.fullmatch(texts[column])]
    if len(telling) != 1 or (serial and not numbered and serial[0] not in telling):
        return False
    column = telling[0]
    text, span = texts[column], body.grid.span_at(row, column)
    wide = bool(span and span.right - span.left + 1 >= max(2, 0.5 * len(body.inside)) and span.top == span.bottom)
    alone = len(texts) == 1
    leading = column in serial and _worded(text) and not alone
    told = bool(body.known.rows.group.fullmatch(text)) or _place_or_chain(body, text) is not None
    unnumbered = bool(body.columns.get("serial")) and not serial and column in body.names
    loose = bool(body.known.rows.loose_group.fullmatch(text))
    if body.parts and unnumbered and not told:
        return True
    if not (wide or numbered or told or leading or ((alone or unnumbered) and loose)):
        return alone and column in body.columns.get("county", ()) and not (span and span.bottom > span.top)
    if column not in body.names and column != min(texts) and not numbered:
        return False
    body.parts = False
    _enter(body, text)
    return True


def _place_or_chain(body: Body, text: str) -> str | None:
    """`place` or `chain` when the text is the name of one, whatever its count (`钢铁冶金产业链(3个)`)."""
    bare = _COUNT_AT_END.sub("", text)
    if bare in body.known.places:
        return "place"
    chains = body.known.chains
    return "chain" if bare in chains or (bare != (core := _CHAIN_AT_END.sub("", bare)) and core in chains) else None


def _enter(body: Body, text: str) -> None:
    """A new group ends the groups of its kind and those inside it."""
    kind = next((name for name, pattern in _KINDS.items() if re.match(pattern, text)), _place_or_chain(body, text) or "other")
    kept: dict[str, str] = {}
    for name, own in body.levels.items():
        if name == kind:
            break
        kept[name] = own
    body.levels = {**kept, kind: text}


def _zero(text: str) -> bool:
    return text in ("0", "0.0", "-", "0%", "0.00", "/")


def _continues(body: Body, row: int) -> bool:
    """Whether the name of the row stands in a cell merged from a row above."""
    spans = (body.grid.span_at(row, column) for column in body.names)
    return any(span is not None and span.top < row and body.grid.cell(span.top, span.left) is not None for span in spans)


def _nameless(body: Body, row: int, texts: dict[int, str], own: Iterable[int]) -> Judged:
    """A row without a name: a sum without its word, a remark, or a row of the body that lacks its name."""
    words = _words(body, row, texts)
    if not words and _sums(body, row, texts):
        return "subtotal"
    if len(texts) == 1:
        return "note"
    if len(words) == len(texts) and len(texts) <= 2 and any(
            len(text) > 20 or body.known.rows.label.fullmatch(text) for text in texts.values()):
        return "note"
    return "body"


def _sums(body: Body, row: int, texts: dict[int, str]) -> bool:
    """Whether the amounts of a row are the sums of the rows above it."""
    for earlier in body.rows[body.summed:]:
        for column in body.grid.texts(earlier):
            value = body.grid.cell(earlier, column)
            if isinstance(value, int | float) and not isinstance(value, bool):
                total, count = body.sums.get(column, (0.0, 0))
                body.sums[column] = total + float(value), count + 1
    body.summed = len(body.rows)
    sums = {column: body.sums[column][0] for column in texts if body.sums.get(column, (0.0, 0))[1] >= 2}
    values = {column: body.grid.cell(row, column) for column in sums}
    numbers = {column: float(value) for column, value in values.items() if isinstance(value, int | float)}
    return bool(numbers) and all(abs(value - sums[column]) <= _TOLERANCE * max(1.0, abs(value)) for column, value in numbers.items())
