"""A sheet without a table: the row that comes nearest to a header, and what it would need."""

from __future__ import annotations

from collections.abc import Iterator

from liantu.ledger.drift import letter_of
from liantu.ledger.layout.grid import Grid, like_number
from liantu.ledger.layout.known import Known, KnownForm
from liantu.ledger.sheets import Sheet
from liantu.ledger.values import privacy
from liantu.ledger.wide_text import aligned

_ROWS = 60
_AT_LEAST = 2
"""Texts that could be headers, from which a row is shown: below it may be a row of data, which is nobody's to print."""


def nearest_header(sheet: Sheet, known: Known) -> Iterator[str]:
    """Lines on the row of the first 60 that holds most texts which could be headers; nothing when no row holds two."""
    grid = Grid(sheet)
    counts = {row: _possible(grid, row, known) for row in range(min(grid.height, _ROWS))}
    best = max(counts, key=lambda row: counts[row], default=None)
    if best is None or counts[best] < _AT_LEAST:
        return
    texts = {column: text for column, text in grid.texts(best).items() if not like_number(grid.cell(best, column), text)}
    form = max(known.forms, key=lambda own: sum(bool(own.match((known.reader.read(text),))) for text in texts.values()))
    yield f"最像表头的一行 row most like a header: {grid.number(best)}；按 as {form.form.id} {form.form.zh}："
    rows = [(letter_of(column + sheet.first_column), privacy.scrub(text), *_meaning(text, form, known)) for column, text in texts.items()]
    yield from (f"  {line}" for line in aligned([("列 column", "文字 text", "字段 field", "最接近 nearest"), *rows]))
    found = {match.field for text in texts.values() for match in form.match((known.reader.read(text),))[:1]}
    lacking = [f"{spec.field} {spec.zh}" for spec in form.form.fields if spec.required and spec.field not in found]
    if lacking:
        yield f"  缺少 lacking: {'、'.join(lacking)}"


def _possible(grid: Grid, row: int, known: Known) -> int:
    """How many texts of a row could be headers; a row that holds numbers or dates is data."""
    texts = grid.texts(row)
    if any(like_number(grid.cell(row, column), text) for column, text in texts.items()):
        return 0
    return sum(known.possible(text) for text in texts.values())


def _meaning(text: str, form: KnownForm, known: Known) -> tuple[str, str]:
    matches = form.match((known.reader.read(text),))
    if matches:
        return f"{matches[0].field} {form.form.spec(matches[0].field).zh}", ""
    return "—", form.nearest(text) or ""
