"""How a large sheet is understood: from the rows of it that are not plainly body, and their neighbours, by the same code as any other.

A run of plain rows of one table is told by its first row: dropping the others changes nothing for the rows that are looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as arrow

from liantu.ledger.bulk.plain_rows import BLANK, ODD, PLAIN
from liantu.ledger.layout.finding import understand
from liantu.ledger.layout.known import Known
from liantu.ledger.sheets import Block, Cell, Ignored, Sheet, Understanding

HEAD_ROWS = 300
"""Rows at the top that are always looked at; the header of the first table stands among them."""
_SAMPLE = 200
"""Filled cells of each column that are always looked at: by so many a column without a known header is judged (`layout.contents`)."""


@dataclass(frozen=True)
class Kept:
    """The rows of one piece that are looked at: their places in the piece from 0, their kinds and their cells."""

    rows: int
    places: np.ndarray = field(repr=False)
    kinds: np.ndarray = field(repr=False)
    cells: list[list[Cell]] = field(repr=False)


@dataclass(frozen=True)
class Verdicts:
    """What became of the kept rows of one piece: for each the number of its verdict, and of the groups above it (-1: none)."""

    places: np.ndarray = field(repr=False)
    plain: np.ndarray = field(repr=False)
    verdicts: np.ndarray = field(repr=False)
    groups: np.ndarray = field(repr=False)

    def spread(self, kinds: np.ndarray, blank: int) -> tuple[np.ndarray, np.ndarray]:
        """Verdict and groups of every row of the piece: a plain row is what the last kept plain row before it is."""
        before = np.zeros(len(kinds), dtype=np.int64)
        before[self.places[self.plain]] = np.flatnonzero(self.plain)
        before = np.maximum.accumulate(before)
        verdicts, groups = self.verdicts[before], self.groups[before]
        verdicts[self.places], groups[self.places] = self.verdicts, self.groups
        verdicts[kinds == BLANK], groups[kinds == BLANK] = blank, -1
        return verdicts, groups


@dataclass(frozen=True)
class Layout:
    """A large sheet understood: its tables (without their rows), the verdicts by number (tables of a row, or why it is ignored)."""

    understanding: Understanding = field(repr=False)
    blocks: tuple[Block, ...]
    verdicts: tuple[tuple[int, ...] | Ignored, ...]
    groups: tuple[tuple[str, ...], ...]
    pieces: tuple[Verdicts, ...] = field(repr=False)

    @property
    def blank(self) -> int:
        """The number of the verdict that a row is blank."""
        return self.verdicts.index("blank")


def keep(columns: dict[int, arrow.Array], kinds: np.ndarray, first: bool) -> Kept:
    """The rows of a piece to be looked at: what is odd with its neighbours and the next plain row, the ends, samples of each column."""
    rows = len(kinds)
    wanted = np.zeros(rows, dtype=bool)
    odd, plain = np.flatnonzero(kinds == ODD), np.flatnonzero(kinds == PLAIN)
    for step in (-1, 0, 1):
        wanted[np.clip(odd + step, 0, max(rows - 1, 0))] = True
    after = np.searchsorted(plain, odd)
    wanted[plain[after[after < len(plain)]]] = True
    wanted[plain[:1]] = True
    wanted[[0, rows - 1] if rows else []] = True
    if first:
        wanted[:HEAD_ROWS] = True
    for column in columns.values():
        wanted[np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))[:_SAMPLE if first else 1]] = True
    places = np.flatnonzero(wanted)
    chosen = [columns[index].take(arrow.array(places)).to_pylist() for index in sorted(columns)]
    return Kept(rows, places, kinds[places], [list(cells) for cells in zip(*chosen, strict=True)] if chosen else [])


def lay_out(source_file: str, kept: Sequence[Kept], known: Known) -> Layout:
    """The sheet understood from the kept rows of its pieces, in their order; numbers of rows are theirs among the kept ones."""
    width = max((len(row) for piece in kept for row in piece.cells), default=0)
    cells = [[*row, *[None] * (width - len(row))] for piece in kept for row in piece.cells]
    understanding = understand(Sheet(source_file, "", cells), known)
    held: dict[int, tuple[int, ...]] = {}
    for number, block in enumerate(understanding.blocks):
        for row in block.rows:
            held[row] = (*held.get(row, ()), number)
    told = [held.get(row) or understanding.ignored[row] for row in range(1, len(cells) + 1)]
    verdicts = tuple(dict.fromkeys([*told, "blank"]))
    grouped = [next((block.groups[row] for block in understanding.blocks if row in block.groups), None) for row in range(1, len(cells) + 1)]
    groups = tuple(dict.fromkeys(group for group in grouped if group))
    number, group = {verdict: place for place, verdict in enumerate(verdicts)}, {texts: place for place, texts in enumerate(groups)}
    codes = np.array([number[verdict] for verdict in told], dtype=np.int16)
    above = np.array([group.get(texts, -1) for texts in grouped], dtype=np.int32)
    ends = np.cumsum([len(piece.places) for piece in kept])
    pieces = tuple(
        Verdicts(piece.places, piece.kinds == PLAIN, codes[end - len(piece.places):end], above[end - len(piece.places):end])
        for piece, end in zip(kept, ends, strict=True))
    return Layout(understanding, tuple(replace(block, rows=(), groups={}) for block in understanding.blocks), verdicts, groups, pieces)
