"""Which gap suits a county: what filling it gives against how near it lies to what the county already does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from liantu.figures import palette
from liantu.figures.display import Picture
from liantu.figures.empty import empty_picture
from liantu.figures.fonts import width
from liantu.figures.gap_charts import amount, chain_names, scale_of_money
from liantu.figures.style import MARGIN, SMALLEST, WIDTH, figure_style, legend_columns, new_figure, quiet, stamp
from liantu.figures.wording import WAN_IN_YI, number, say, wrap
from liantu.reference import Chains

_LEFT, _HIGH, _STRIP = 0.62, 3.9, 0.3  # the axes: room for ticks, height, and the strips above and below the points for the words
_RADIUS = 0.075  # half a mark, in inches
_LABEL = 0.165  # height of a label
_NAMED = 3  # in the title
_AROUND = ((0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1), (1, 0), (-1, 0))
_MEDIAN = {"color": palette.GREY, "linewidth": 0.8, "linestyle": (0, (4, 3)), "zorder": 1}
Box = tuple[float, float, float, float]


def nearness_chart(targets: pd.DataFrame, chains: Chains, lang: str, as_of: dt.date, simulated: bool, place: str, source_note: str = "",
                   gain: str = "per_yuan", level: float = 0.9) -> Picture:
    """The gaps of one county: gain of filling each against its nearness, those filled and named that no other gap beats in both.

    `targets` are the rows of one county as from `liantu.chains.targets.county_targets`; `gain` is `per_yuan` (yuan of yearly output for
    each yuan invested) or `unlock_wan` (drawn in 亿元). Nearness is the density (0 to 1), its interval a thin line. Gaps without a density,
    and on a logarithmic axis those without any gain, are told in the caption and not drawn. Names that find no room stand as numbers with
    a key below.
    """
    rows = targets[targets["density"].notna() & targets[gain].notna()].reset_index(drop=True)
    if rows.empty:
        return empty_picture("nearness", say("near.subject", lang, place=place), lang, as_of, simulated, source_note)
    rows = rows.assign(name=rows[lang], chain=chain_names(rows["chain"], chains, lang),
                       gain=rows[gain].astype("float64") / (WAN_IN_YI if gain == "unlock_wan" else 1))
    front = rows[rows["front"].astype(bool)].sort_values(["gain", "density"], ascending=False, kind="stable")
    unit = say(f"near.unit.{gain}", lang)
    title = _near_title(len(targets), front, place, lang)
    with figure_style():
        figure, hidden = _near_figure(rows, title, say("near.subtitle", lang, place=place), lang, gain)
        stamp(figure, lang, as_of, simulated, source_note)
    columns = ["chain", "name", "state", "gain", "density", "density_low", "density_high", "front"]
    data = rows.sort_values(["front", "gain"], ascending=False, kind="stable")[columns].reset_index(drop=True)
    data = data.assign(state=[say(f"gap.{state}", lang) for state in data["state"]],
                       front=["★" if first else "" for first in data["front"]])
    detail = say("semicolon", lang).join(say("near.alt.row", lang, link=row.name, chain=row.chain, gain=amount(row.gain), unit=unit,
                                             near=f"{row.density:.2f}") for row in front.itertuples(index=False))
    alt = say("near.alt", lang, place=place, title=title, detail=detail or say("gap.alt.none", lang))
    left_out = hidden + len(targets) - len(rows)
    caption = say("near.caption", lang, level=f"{level:.0%}") + (" " + say("near.left_out", lang, n=number(left_out)) if left_out else "")
    labels = {column: say(f"near.axis.{gain}" if column == "gain" else f"near.column.{column}", lang) for column in columns}
    return Picture("nearness", figure, title, alt, data.round(3), labels, caption, as_of, unit)


def _near_title(gaps: int, front: pd.DataFrame, place: str, lang: str) -> str:
    names = say("near.between", lang).join(front["name"].head(_NAMED))
    key = "near.title" if len(front) <= _NAMED else "near.title.more"
    return say(key, lang, place=place, n=number(gaps), k=number(len(front)), names=names)


def _near_figure(rows: pd.DataFrame, title: str, subtitle: str, lang: str, gain: str) -> tuple[Figure, int]:
    """The figure, and how many rows a logarithmic axis has no place for."""
    wide = WIDTH - _LEFT - MARGIN - 0.1
    logarithmic, limits = _limits(rows)
    drawn = rows[rows["gain"] > 0].reset_index(drop=True) if logarithmic else rows
    at, front = _in_inches(drawn, logarithmic, limits, wide), drawn["front"].astype(bool).to_numpy()
    corners, texts = _corners(lang, wide), [str(name) for name in drawn["name"]]
    scale = wide / (limits[1] - limits[0])
    lines = [(low * scale - limits[0] * scale, y - 0.02, high * scale - limits[0] * scale, y + 0.02)
             for low, high, (_, y) in zip(drawn["density_low"][front], drawn["density_high"][front], at[front], strict=True)]
    placed = placed_labels(at, texts, np.flatnonzero(front), [*(box for _, box, _ in corners), *lines], wide, _HIGH)
    key = [f"{text} {texts[index]}" for index, (text, _) in placed.items() if text != texts[index]]
    broken = _key_lines(key)
    bottom = 0.5 + (0.175 * (broken.count("\n") + 1) + 0.06 if key else 0.0)
    words = [say(f"near.legend.{part}", lang) for part in ("front", "other", "median")]
    columns = legend_columns(words)
    sheet = new_figure(title, subtitle, bottom + _HIGH + 0.42 + 0.23 * -(-len(words) // columns))
    axes = sheet.axes(_LEFT, bottom, wide, _HIGH)
    _near_axes(axes, drawn, logarithmic, limits, lang, gain)
    _near_points(axes, drawn, front)
    for word, box, side in corners:
        sheet.write(_LEFT + box[0 if side == "left" else 2], bottom + box[1], word, size=SMALLEST, color=palette.GREY, weight="bold",
                    va="bottom", ha=side)
    around = {"facecolor": palette.PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 0.5}
    for index, (text, box) in placed.items():
        middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        if text != texts[index]:  # a number may stand apart from its mark
            x, y = zip(at[index] / (wide, _HIGH), middle / np.array([wide, _HIGH]), strict=True)
            axes.plot(x, y, color=palette.GREY, linewidth=0.6, transform=axes.transAxes, zorder=3)
        sheet.write(_LEFT + box[0], bottom + middle[1], text, size=SMALLEST, va="center", bbox=around)
    if key:
        sheet.write(MARGIN, bottom - 0.5, broken, size=SMALLEST, va="top", linespacing=1.2)
    sheet.legend(_near_legend(words), columns=columns)
    return sheet.figure, len(rows) - len(drawn)


def _key_lines(key: Sequence[str]) -> str:
    """The entries of the key, as many in a line as there is room for."""
    lines = [""]
    for entry in key:
        together = f"{lines[-1]}    {entry}" if lines[-1] else entry
        if width(together, SMALLEST) <= WIDTH - 2 * MARGIN:
            lines[-1] = together
        else:
            lines.append(wrap(entry, WIDTH - 2 * MARGIN, SMALLEST))
    return "\n".join(lines).lstrip("\n")


def _limits(rows: pd.DataFrame) -> tuple[bool, tuple[float, float, float, float]]:
    """Whether the gain needs a logarithmic axis, and the limits (x low, high, y low, high) that leave strips for the words."""
    known = rows.loc[rows["gain"] > 0, "gain"]
    logarithmic = bool(len(known) and known.max() >= 30 * known.min())
    reach = pd.concat([rows["density"], rows["density_low"], rows["density_high"]]).dropna()
    low, high = (np.log10(known.min()), np.log10(known.max())) if logarithmic else (0.0, max(rows["gain"].max(), 1e-9))
    share = (_STRIP + 0.1) / (_HIGH - 2 * _STRIP - 0.2)
    low, high = low - (high - low) * share, high + (high - low) * share
    margin = max((reach.max() - reach.min()) * 0.06, 0.01)
    return logarithmic, (reach.min() - margin, reach.max() + margin, low, high)


def _in_inches(rows: pd.DataFrame, logarithmic: bool, limits: tuple[float, ...], wide: float) -> np.ndarray:
    y = np.log10(rows["gain"]) if logarithmic else rows["gain"]
    across = (rows["density"].to_numpy(dtype=float) - limits[0]) / (limits[1] - limits[0]) * wide
    return np.column_stack([across, (y.to_numpy(dtype=float) - limits[2]) / (limits[3] - limits[2]) * _HIGH])


def _corners(lang: str, wide: float) -> list[tuple[str, Box, str]]:
    """The words of the four quadrants, the boxes they take in inches of the axes, and how they are set."""
    made = []
    for far, worth in ((True, True), (False, True), (True, False), (False, False)):
        word = say(f"near.{'far' if far else 'near'}_{'worth' if worth else 'little'}", lang)
        left = 0.06 if far else wide - 0.06 - width(word, SMALLEST, bold=True)
        low = _HIGH - 0.24 if worth else 0.07
        made.append((word, (left, low, left + width(word, SMALLEST, bold=True), low + _LABEL), "left" if far else "right"))
    return made


def placed_labels(points: np.ndarray, texts: Sequence[str], wanted: Sequence[int], taken: Sequence[Box], wide: float, high: float,
                  ) -> dict[int, tuple[str, Box]]:
    """Where to write the texts of the `wanted` points, all in inches within (0, 0, wide, high): index to text and box.

    No text lies on a mark, on another text or on a `taken` box. The topmost come first; whose text finds no room gets a number in its
    place, from 1 up, and where even that finds none it is left out.
    """
    marks = [(x - _RADIUS, y - _RADIUS, x + _RADIUS, y + _RADIUS) for x, y in points]
    full, found, without = [*taken, *marks], {}, []
    for index in sorted(wanted, key=lambda index: -points[index][1]):
        box = _room(points[index], texts[index], (0.0,), full, wide, high)
        if box is None:
            without.append(index)
            continue
        found[index] = (texts[index], box)
        full.append(box)
    for count, index in enumerate(without, start=1):
        box = _room(points[index], str(count), (0.0, 0.08, 0.2, 0.35, 0.5, 0.7), full, wide, high)
        if box is not None:
            found[index] = (str(count), box)
            full.append(box)
    return found


def _room(point: np.ndarray, text: str, distances: Sequence[float], full: Sequence[Box], wide: float, high: float) -> Box | None:
    long = width(text, SMALLEST)
    for distance in distances:
        away = _RADIUS + 0.03 + distance
        for across, up in _AROUND:
            # Beside the mark at its height, or above or below it: over its middle, or from it to one side.
            left = point[0] + (across * away if across > 0 else -away - long if across < 0 else -long / 2)
            low = point[1] - _LABEL / 2 + up * (away + _LABEL / 2) * (0.8 if across else 1.0)
            box = (left, low, left + long, low + _LABEL)
            inside = box[0] >= 0.02 and box[1] >= 0.02 and box[2] <= wide - 0.02 and box[3] <= high - 0.02
            if inside and not any(_overlap(box, other) for other in full):
                return box
    return None


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _near_axes(axes: Axes, rows: pd.DataFrame, logarithmic: bool, limits: tuple[float, ...], lang: str, gain: str) -> None:
    scale_of_money(axes, "y", rows["gain"])
    axes.set_xlim(limits[0], limits[1])
    axes.set_ylim(*((10.0 ** limits[2], 10.0 ** limits[3]) if logarithmic else limits[2:]))
    if not logarithmic:
        axes.set_yticks([tick for tick in axes.get_yticks() if 0 <= tick <= limits[3]])
    axes.axvline(rows["density"].median(), **_MEDIAN)
    axes.axhline(rows["gain"].median(), **_MEDIAN)
    axes.set_xlabel(say("near.x", lang))
    axes.set_title(say(f"near.axis.{gain}", lang), loc="left", size=SMALLEST, color=palette.GREY, pad=4, x=0)
    quiet(axes)
    axes.spines["left"].set_visible(True)
    axes.tick_params(labelsize=SMALLEST, labelcolor=palette.GREY)


def _near_points(axes: Axes, rows: pd.DataFrame, front: np.ndarray) -> None:
    for filled in (False, True):
        part = rows[front == filled]
        axes.hlines(part["gain"], part["density_low"], part["density_high"], color=palette.IN_TIME if filled else palette.RULE,
                    linewidth=1.0, zorder=4 if filled else 2)
        axes.plot(part["density"], part["gain"], "o", markersize=9 if filled else 7, markeredgewidth=1.2, zorder=5 if filled else 3,
                  markerfacecolor=palette.IN_TIME if filled else palette.PAPER, markeredgecolor=palette.PAPER if filled else palette.GREY)


def _near_legend(words: Sequence[str]) -> list[object]:
    whisker = {"marker": "o", "linewidth": 1.0}
    return [Line2D([], [], color=palette.IN_TIME, markersize=8, label=words[0], **whisker),
            Line2D([], [], color=palette.RULE, markersize=7, markerfacecolor=palette.PAPER, markeredgecolor=palette.GREY, label=words[1],
                   **whisker), Line2D([], [], label=words[2], **_MEDIAN)]
