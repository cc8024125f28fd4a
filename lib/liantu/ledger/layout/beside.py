"""Tables side by side: a sheet cut into strips of columns where each strip has a header, and so a name column, of its own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from liantu.ledger.layout.grid import Grid
from liantu.ledger.layout.known import Known
from liantu.ledger.layout.regions import Region, find_regions

_FEWEST = 3
"""Columns and texts of a row that a table has at least."""


def strips(grid: Grid, regions: Sequence[Region], known: Known) -> list[tuple[Grid, list[Region]]]:
    """The sheet as it is with its regions, or the strips that are tables of their own side by side, each with the regions found in it.

    A strip is cut at columns that no table row fills, or where a header says 序号 once more; the cut counts only when at least two strips
    have a name column and tell by a serial of their own, by the same name column or by another header row that they are no one table.
    """
    for cuts in (_blank_columns(grid), _second_serials(grid, regions, known)):
        parts = [part for part in _parts(grid, cuts) if len(part) >= 2]
        if len(parts) < 2:
            continue
        shared = _shared_titles(grid)
        cut = [Grid(grid.sheet, part, shared) for part in parts]
        found = [(strip, find_regions(strip, known)) for strip in cut]
        if _apart([regions for _, regions in found]):
            return found
    return [(grid, list(regions))]


def _blank_columns(grid: Grid) -> list[int]:
    """The columns that are empty in every row with several texts."""
    empty = set(grid.columns)
    for row in range(grid.height):
        if not empty:
            break
        if len(texts := grid.texts(row)) >= _FEWEST:
            empty -= texts.keys()
    return sorted(empty)


def _second_serials(grid: Grid, regions: Sequence[Region], known: Known) -> list[int]:
    """Where a header row repeats its first name, with the name column between: the column of the repetition."""
    for region in regions:
        for row in range(region.top, region.bottom + 1):
            texts = grid.texts(row)
            again = [column for column, text in texts.items() if text == next(iter(texts.values()))]
            named = [column for column, text in texts.items() if known.names_row(text)]
            between = pairwise([*again, grid.columns.stop])
            if len(again) > 1 and all(any(left <= column < right for column in named) for left, right in between):
                return again[1:]
    return []


def _parts(grid: Grid, cuts: Sequence[int]) -> list[range]:
    edges = [grid.columns.start, *cuts, grid.columns.stop]
    blank = set(_blank_columns(grid))
    parts = [range(left + (left in blank), right) for left, right in pairwise(edges)]
    return [part for part in parts if len(part)]


def _shared_titles(grid: Grid) -> tuple[str, ...]:
    """The texts that stand alone in their row at the top of the sheet: titles of every strip."""
    titles: list[str] = []
    for row in range(grid.height):
        if len(grid.texts(row)) > 1:
            break
        titles += grid.raw(row)
    return tuple(titles)


def _apart(found: Sequence[list[Region]]) -> bool:
    fits = [[region for region in regions if region.fit] for regions in found]
    if sum(map(bool, fits)) < 2 or not all(fits):
        return False
    left, *others = [(region, region.fit) for regions in fits for region in regions[:1] if region.fit]
    return all(
        "serial" in {match.field for match in fit.columns} or region.bottom != left[0].bottom
        or fit.form.form.table == left[1].form.form.table for region, fit in others)
