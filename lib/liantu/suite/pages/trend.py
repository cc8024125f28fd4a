"""The trend of a headline value over quarters, laid out as small bars with the target of each quarter as a line."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from liantu.suite.pages.outputs import as_text
from liantu.suite.pages.words import words

WIDTH, HEIGHT = 160, 40
_GAP = 0.22  # of a quarter's width
_LEAST = 1.0  # height of the bar of a zero, so that it is seen to be one


@dataclass(frozen=True)
class Bar:
    """One quarter: the bar from (`x`, `y`) with its size; `height` is None where there is no value, `target` where there is none."""

    x: float
    width: float
    y: float
    height: float | None
    target: float | None
    slot: tuple[float, float]


@dataclass(frozen=True)
class Trend:
    """Bars in a box of 160 by 40; `text` says the same in words; `first` and `last` are the quarters at the ends.

    `years` has the places where a year begins: counts of a year start anew there.
    """

    bars: tuple[Bar, ...]
    text: str
    first: str
    last: str
    years: tuple[float, ...] = ()

    @property
    def has_target(self) -> bool:
        """True when a line of targets is drawn."""
        return any(bar.target is not None for bar in self.bars)


def trend(points: object, lang: str) -> Trend | None:
    """The layout of a headline's `trend` (`quarter`, `value`, `target` for each quarter, oldest first); None below two values."""
    rows = [point for point in points if isinstance(point, Mapping)] if isinstance(points, Sequence) and not isinstance(points, str) else []
    values = [_number(row.get("value")) for row in rows]
    if sum(value is not None for value in values) < 2:
        return None
    targets = [_number(row.get("target")) for row in rows]
    highest = max([value for value in (*values, *targets) if value is not None] + [0.0]) or 1.0
    slot, quarters = WIDTH / len(rows), enumerate(zip(values, targets, strict=True))
    bars = tuple(_bar(place * slot, slot, value, target, highest) for place, (value, target) in quarters)
    names = [str(row.get("quarter") or "") for row in rows]
    years = tuple(round(place * slot, 1) for place in range(1, len(names)) if names[place][:4] != names[place - 1][:4])
    return Trend(bars, _in_words(rows, lang), names[0], names[-1], years)


def _bar(left: float, slot: float, value: float | None, target: float | None, highest: float) -> Bar:
    room = HEIGHT - 4  # the line of a target at the top stays inside
    height = None if value is None else round(max(_LEAST, room * max(0.0, value) / highest), 1)
    line = None if target is None else round(HEIGHT - room * max(0.0, target) / highest, 1)
    return Bar(round(left + slot * _GAP / 2, 1), round(slot * (1 - _GAP), 1), round(HEIGHT - (height or 0), 1), height, line,
               (round(left, 1), round(left + slot, 1)))


def _in_words(rows: list[Mapping[str, Any]], lang: str) -> str:
    known = words(lang)
    told = []
    for row in rows:
        value = known["trend_no_value"] if _number(row.get("value")) is None else as_text(row["value"], lang)
        target = known["trend_target"].format(target=as_text(row["target"], lang)) if _number(row.get("target")) is not None else ""
        told.append(f"{row.get('quarter')} {value}{target}")
    return known["trend_text"].format(points=known["list_comma"].join(told))


def _number(value: object) -> float | None:
    """A finite number as such, else None."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) else None
