"""Sheets with one line for each name: the names at the left, axes in the middle, a bold and a small grey note at the right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from liantu.figures import palette
from liantu.figures.fonts import width
from liantu.figures.style import MARGIN, SMALLEST, TEXT, WIDTH, Sheet, legend_columns, new_figure, quiet
from liantu.figures.wording import number, percent, wrap

FEW = 10
"""A share of fewer projects than this is drawn grey and never compared."""
_STEP = 0.42
_BELOW = 0.46


def row_sheet(names: Sequence[str], notes: Sequence[str], small: Sequence[str], title: str, subtitle: str, legend: Sequence[str],
              step: float = _STEP) -> tuple[Sheet, Axes]:
    """A sheet and its axes with a line of at least `step` inches for each name, from the top.

    `legend` are the texts of the legend that will stand above.
    """
    labels = [wrap(str(name), 1.9, TEXT) for name in names]
    left = max(width(line, TEXT) for label in labels for line in label.split("\n")) + MARGIN + 0.14
    first = max((width(note, TEXT, bold=True) for note in notes), default=0.0)
    right = first + max((width(note, SMALLEST) for note in small), default=0.0) + MARGIN + 0.34
    height = line_height(labels, step) * len(labels)
    sheet = new_figure(title, subtitle, _BELOW + height + legend_height(legend))
    axes = sheet.axes(left, _BELOW, WIDTH - left - right, height)
    for place, (note, other) in enumerate(zip(notes, small, strict=True)):
        across = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "va": "center", "annotation_clip": False}
        axes.annotate(note, (1, place), (10, 0), weight="bold", **across)
        axes.annotate(other, (1, place), (18 + first * 72, 0), size=SMALLEST, color=palette.GREY, **across)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    plain_axis(axes, "x")
    return sheet, axes


def line_height(labels: Sequence[str], step: float) -> float:
    """The height of a line in inches: `step`, or more where a name takes more lines than it has room for."""
    return max([step, *(0.18 * (label.count("\n") + 1) + 0.04 for label in labels)])


def legend_height(labels: Sequence[str]) -> float:
    """The room in inches that a legend of these entries takes along the top of the body."""
    return 0.12 if not labels else 0.14 + 0.23 * -(-len(labels) // legend_columns(labels))


def put_legend(sheet: Sheet, handles: Sequence[object]) -> None:
    """The legend in as many columns as fit."""
    sheet.legend(list(handles), columns=legend_columns([handle.get_label() for handle in handles]))


def plain_axis(axes: Axes, grid: str) -> None:
    """A quiet axis along `grid` with at most six ticks in small grey numbers."""
    axis = axes.xaxis if grid == "x" else axes.yaxis
    axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(lambda value, _: number(value))
    quiet(axes, grid)
    axes.tick_params(axis=grid, labelsize=SMALLEST, labelcolor=palette.GREY)


def share_axis(axes: Axes, ticks: Sequence[float] = (0, 0.25, 0.5, 0.75, 1)) -> None:
    """Shares from nothing to all along x, in per cents."""
    axes.set_xlim(0, 1)
    axes.set_xticks(ticks, [percent(tick) for tick in ticks])
    quiet(axes, "x")
    axes.tick_params(axis="x", labelsize=SMALLEST, labelcolor=palette.GREY)


def apart(wanted: np.ndarray, tall: np.ndarray, high: float) -> np.ndarray:
    """Heights nearest the wanted ones, in their order, that leave labels of these heights their room; none above `high` or the highest."""
    order = np.argsort(wanted, kind="stable")
    placed = wanted[order].astype(float)
    need = (tall[order][1:] + tall[order][:-1]) / 2
    for place in range(1, len(placed)):
        placed[place] = max(placed[place], placed[place - 1] + need[place - 1])
    placed[-1] = min(placed[-1], max(high, wanted.max()))
    for place in range(len(placed) - 2, -1, -1):
        placed[place] = min(placed[place], placed[place + 1] - need[place])
    found = np.empty_like(placed)
    found[order] = placed
    return found


def whisker(axes: Axes, y: float, value: float, low: float, high: float, few: bool, marker: str = "o") -> None:
    """A value with its interval; grey and hollow where it stands on few projects, nothing where it is not known."""
    if np.isnan(value):
        return
    colour = palette.GREY if few else palette.IN_TIME
    axes.plot([low, high], [y] * 2, color=colour, linewidth=1.2 if few else 2.6, solid_capstyle="butt", zorder=3)
    axes.plot([value], [y], marker, markersize=6, color=palette.PAPER if few else colour, markeredgecolor=colour, markeredgewidth=1.4,
              zorder=4, clip_on=False)


def whisker_legend(label: str, few: bool, marker: str = "o") -> Line2D:
    """The legend's entry of `whisker`."""
    colour = palette.GREY if few else palette.IN_TIME
    return Line2D([], [], color=colour, linewidth=1.2 if few else 2.6, marker=marker, markersize=7.5, label=label,
                  markerfacecolor=palette.PAPER if few else colour, markeredgecolor=colour)
