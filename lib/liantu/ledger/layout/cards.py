"""Cards: one project whose names stand in columns and whose values stand at their right, alone in a sheet or stacked.

    项目名称 | 年产10万吨铸件项目 | 建设单位 | 甲公司
    总投资   | 5000              | 开工时间 | 2022年4月

The row of the name is the card's row; its other rows are headings. When several values stand beside each name, each column is a project.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from liantu.ledger.layout.columns import Column, Fit, best_fit
from liantu.ledger.layout.grid import Grid, like_number
from liantu.ledger.layout.header_text import as_header, as_written
from liantu.ledger.layout.known import LONGEST, Known
from liantu.ledger.sheets import Cell

_LABELS = 0.6
"""Share of the texts of a column that must be known names for the column to hold names."""
_AT_LEAST = 3
_LABELLED = re.compile(r"\s*([^:：]{2,24})[:：](?=\s*\S)")
Place = tuple[int, int]
CardValues = tuple[tuple[Place, ...], ...]
"""For each label of a card the places of what one project says under it."""


@dataclass(frozen=True)
class Card:
    """One card or transposed table: its rows from 0, each label with its row, and the cells of its values.

    `values[project][label]` are the places (row, column; from 0) of what one project says under one label.
    """

    top: int
    bottom: int
    labels: tuple[str, ...]
    rows: tuple[int, ...]
    values: tuple[CardValues, ...]


def card_at(grid: Grid, row: int, known: Known, floor: int = 0, *, stacked: bool = False) -> Card | None:
    """The card whose project is named in this row and whose first row is not above `floor`; None when the row names no card.

    Below another card (`stacked`) a card may lack its name.
    """
    column = next((column for column, text in grid.texts(row).items() if _names(text, known)), None)
    if column is None:
        return _told_in_cells(grid, row, known)
    if not _value_beside(grid, row, column, known, stacked):
        return None
    top, bottom = _extent(grid, row, column, floor, known)
    columns = _label_columns(grid, top, bottom, column, known)
    pairs: dict[Place, list[Place]] = {}
    for line in range(top, bottom + 1):
        for label, values in _pairs(grid, line, columns):
            pairs.setdefault(label, []).extend(values)
    if sum(_label(as_header(grid.cell(*label)), known) for label in pairs) < _AT_LEAST:
        return None
    labels = _told_apart([_written(grid, label, values, known) for label, values in pairs.items()])
    return Card(top, bottom, labels, tuple(line for line, _ in pairs), _projects(grid, pairs, columns, row, known))


def value_in(cell: Cell, label: str) -> Cell:
    """What a cell says after its own label (`总投资：2.8亿元`); the cell as it is when it does not begin with it."""
    if isinstance(cell, str) and (found := _LABELLED.match(cell)) and as_written(found[1]) == label.partition("\n")[0]:
        return cell[found.end():].strip() or None
    return cell


def _told_in_cells(grid: Grid, row: int, known: Known) -> Card | None:
    """A card whose cells hold name and value together, divided by a colon; at least three of them, one the name of a row."""
    if not any(_names(label, known) for label in _labels_told(grid, row, known).values()):
        return None
    bottom, labels, rows, values = row, [], [], []
    for line in range(row, grid.height):
        told = _labels_told(grid, line, known)
        if not told or (line > row and any(_names(label, known) for label in told.values())):
            break
        bottom = line
        for column, label in told.items():
            labels.append(label)
            rows.append(line)
            values.append(((line, column),))
    return Card(row, bottom, _told_apart(labels), tuple(rows), (tuple(values),)) if len(labels) >= _AT_LEAST else None


def _labels_told(grid: Grid, row: int, known: Known) -> dict[int, str]:
    """Column → label of the cells of a row that hold a known name, a colon and a value; empty when a cell of the row holds none."""
    texts = grid.texts(row)
    found = {column: _LABELLED.match(str(grid.cell(row, column))) for column in texts}
    labels = {column: as_written(match[1]) for column, match in found.items() if match and _label(as_header(match[1]), known)}
    return labels if len(labels) == len(texts) else {}


def card_fit(cards: Sequence[Card], known: Known, titles: Sequence[str], where: Sequence[str]) -> tuple[Fit, dict[str, int]] | None:
    """The form that explains the labels of these cards, and the column of each label; None when no form has its required fields."""
    index: dict[str, int] = {}
    for card in cards:
        for label in card.labels:
            index.setdefault(label, len(index))
    written = {label: label.partition("\n")[0] for label in index}
    columns = [Column(place, (written[label],), (known.reader.read(as_header(written[label])),)) for label, place in index.items()]
    fit = best_fit(columns, known, titles, where)
    return (fit, index) if fit else None


def named_row(card: Card, fit: Fit, index: dict[str, int]) -> int:
    """The row of a card that counts as its project: that of the label which names a row of the form."""
    required = {spec.field for spec in fit.form.form.fields if spec.required}
    columns = {match.index for match in fit.columns if match.field in required}
    return next((row for label, row in zip(card.labels, card.rows, strict=True) if index[label] in columns), card.top)


def _told_apart(labels: Sequence[str]) -> tuple[str, ...]:
    """Labels told apart where one stands twice in a card."""
    seen: dict[str, int] = {}
    told = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        told.append(label if seen[label] == 1 else f"{label}\n{seen[label]}")
    return tuple(told)


def _label(text: str, known: Known) -> bool:
    return bool(text) and len(text) <= LONGEST and (known.possible(text.rstrip(":")) or known.recognised(text.rstrip(":")))


def _names(text: str, known: Known) -> bool:
    """Whether a text is the exact name of the field that names a row of some form."""
    return bool(text) and len(text) <= LONGEST and known.names_row(text.rstrip(":"))


def _value_beside(grid: Grid, row: int, column: int, known: Known, stacked: bool) -> bool:
    """Whether a value stands at the right of a label and the next label below or above it: no header, whose cells are names."""
    texts = grid.texts(row)
    if 2 * sum(_label(text, known) for text in texts.values()) > len(texts) + 1:
        return False
    beside = next((text for place, text in texts.items() if place > column), "")
    near = [line for line in (row - 1, row + 1) if 0 <= line < grid.height]
    return bool(beside or stacked) and not _label(beside, known) and any(
        _label(grid.texts(line).get(column, ""), known) for line in near)


def _extent(grid: Grid, row: int, column: int, floor: int, known: Known) -> tuple[int, int]:
    """The rows of a card: up over the labels above the name, down to a blank row, a note or a label that the card has already."""
    seen = {grid.texts(row)[column]}
    top = row
    while top > floor and len(over := grid.texts(top - 1)) > 1:
        text = over.get(column, "")
        if text in seen or not _label(text, known):
            break
        seen.add(text)
        top -= 1
    bottom = row
    while bottom + 1 < grid.height:
        texts = grid.texts(bottom + 1)
        span = grid.span_at(bottom + 1, column)
        text = texts.get(column, "")
        held = span is not None and span.top <= bottom
        if not texts or (not held and (not text or text in seen or _ends(texts, text, known))):
            break
        seen.add(text)
        bottom += 1
    return top, bottom


def _ends(texts: dict[int, str], text: str, known: Known) -> bool:
    """Whether a row below a card is no row of it: a note, a signature, a title."""
    first = next(iter(texts.values()))
    rows = known.rows
    if rows.signature.fullmatch(text) and not text.endswith(":"):
        return True
    known_label = _label(text, known)
    if not known_label and (rows.note.fullmatch(first) or (rows.signature.fullmatch(first) and len(texts) > 2)):
        return True
    return len(texts) == 1 and not known_label


def _label_columns(grid: Grid, top: int, bottom: int, column: int, known: Known) -> list[int]:
    """The columns that hold names: that of the name, and those at its right whose texts are mostly known names; never side by side."""
    columns = [column]
    texts: dict[int, list[str]] = {}
    for line in range(top, bottom + 1):
        for place, text in grid.texts(line).items():
            if not like_number(grid.cell(line, place), text):
                texts.setdefault(place, []).append(text)
    for place in sorted(texts):
        named = sum(_label(text, known) for text in texts[place])
        beside = any(columns[-1] < other < place for other in texts)
        if place > columns[-1] and beside and named >= _LABELS * len(texts[place]):
            columns.append(place)
    return columns


def _pairs(grid: Grid, row: int, columns: Sequence[int]) -> Iterator[tuple[Place, list[Place]]]:
    """Each label of a row with the cells at its right, up to the next label."""
    texts = grid.texts(row)
    starts = [column for column in columns if column in texts or _held(grid, row, column)]
    for place, column in enumerate(starts):
        until = starts[place + 1] if place + 1 < len(starts) else grid.columns.stop
        span = grid.span_at(row, column)
        label = (span.top, span.left) if span else (row, column)
        if grid.cell(*label) is not None:
            yield label, [(row, other) for other in texts if column < other < until]


def _held(grid: Grid, row: int, column: int) -> bool:
    """Whether a label merged from a row above stands over this one as well."""
    span = grid.span_at(row, column)
    return span is not None and span.top < row and span.left == column


def _written(grid: Grid, label: Place, values: Sequence[Place], known: Known) -> str:
    """A label as it reads, with the unit that stands in a cell of its own."""
    unit = next((grid.texts(row)[column] for row, column in values if known.reader.only_unit(grid.texts(row)[column])), None)
    text = as_written(grid.cell(*label)).rstrip("：: ")
    return f"{text}（{unit}）" if unit and len(values) > 1 else text


def _projects(
        grid: Grid, pairs: dict[Place, list[Place]], columns: Sequence[int], row: int, known: Known) -> tuple[CardValues, ...]:
    """One project, or as many as values stand beside the name when names stand in one column only."""
    told = [[place for place in values if not (len(values) > 1 and known.reader.only_unit(grid.texts(place[0])[place[1]]))]
            for values in pairs.values()]
    beside = next((values for (line, _), values in zip(pairs, told, strict=True) if line == row), [])
    if len(columns) == 1 and len({column for _, column in beside}) > 1:
        return tuple(tuple(tuple(place for place in values if place[1] == column) for values in told) for _, column in beside)
    return (tuple(map(tuple, told)),)
