"""Text set in columns for a terminal: Chinese characters are two columns wide."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import groupby


def width_of(text: str) -> int:
    """The columns that a text takes: two for wide and full-width characters, none for marks that combine.

    >>> width_of("县区 county")
    11
    """
    return sum(0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def padded(text: str, width: int) -> str:
    """A text with blanks up to a width; a wider one as it is."""
    return text + " " * max(width - width_of(text), 0)


def aligned(rows: Sequence[Sequence[str]], gap: str = "  ") -> list[str]:
    """Rows of cells as lines whose columns stand below each other; no blanks at the ends of lines."""
    widths = [max(map(width_of, column)) for column in zip(*rows, strict=True)]
    return [gap.join(padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def ranges(numbers: Iterable[int]) -> str:
    """Numbers as ranges.

    >>> ranges([3, 4, 5, 9])
    '3-5, 9'
    """
    runs = [[number for _, number in run] for _, run in groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0])]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
