"""Charts of assessments: totals with what chance may move, and places only as far as the data tell units apart."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator

from liantu.figures import palette
from liantu.figures.display import Picture
from liantu.figures.empty import empty_picture
from liantu.figures.fonts import width
from liantu.figures.gap_charts import span
from liantu.figures.row_sheets import put_legend, whisker, whisker_legend
from liantu.figures.style import FOOT, MARGIN, SMALLEST, TEXT, WIDTH, Sheet, figure_style, new_figure, quiet, stamp, upright
from liantu.figures.wording import number, say, wrap

_STEP, _HEAD, _GAP, _AXIS = 0.29, 0.5, 0.3, 0.34  # inches: a line, a panel's head, between panels, below a panel
_BEHIND = {"solid_capstyle": "butt", "linewidth": 1.4, "color": palette.GREY}
_BRACKET = Path([(0.4, 1), (-0.4, 1), (-0.4, -1), (0.4, -1)])
_COUNTED = {"edgecolor": palette.INK, "linewidth": 0.6}
_DATA = ["assessment", "name", "total", "low", "high", "first", "last", "rank_low", "rank_high", "count", "note"]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Panel:
    """An assessment to draw: its name, and a row for each unit as `in_tiers` orders them.

    `rows`: name, total, low, high, rank_low, rank_high, first, last (places that its tier shares), note (why there is no total). A column
    `count` is drawn beside, with its `goal`, under the head `counted`.
    """

    title: str
    rows: pd.DataFrame = field(repr=False)
    counted: str = ""
    goal: float = np.nan


def in_tiers(table: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    """A standings table ready to draw: tiers from the best, within a tier in the order of `order` (unit ids), with the places they share.

    No order within a tier says anything about the units; those without a total stand last.
    """
    known = {unit: place for place, unit in enumerate(order)}
    by_unit = table["unit"].map(known).fillna(len(known)).to_numpy()
    rows = table.iloc[np.lexsort((table["unit"].astype(str), by_unit, table["tier"].fillna(np.inf)))].reset_index(drop=True)
    sizes = rows["tier"].value_counts().sort_index()
    last = rows["tier"].map(sizes.cumsum())
    return rows.assign(first=last - rows["tier"].map(sizes) + 1, last=last)


def told_apart(rows: pd.DataFrame) -> tuple[int, int]:
    """Of how many pairs of ranked units the data tell which is above, and how many pairs there are."""
    ranked = rows["rank_low"].notna()
    n = int(ranked.sum())
    return int((rows.loc[ranked, "rank_low"] - 1).sum()), n * (n - 1) // 2


def standings_chart(panels: Sequence[Panel], name: str, title: str, lang: str, as_of: dt.date, simulated: bool, place: str,
                    source_note: str = "", across: int = 2) -> Picture:
    """Assessments side by side (`across` 2) or one below the other: totals with 90 % intervals, ties as ties, places that may be held.

    Units that the data do not tell apart share a bracket with the places that they share; the places at the right are those that each may
    hold, all at once, with 90 %. Panels share one scale of points. `name` names the picture and its messages (`ranking.<name>.subtitle`).
    """
    drawn = [panel for panel in panels if panel.rows["total"].notna().any()]
    if not drawn:
        return empty_picture(name, say("ranking.subject", lang), lang, as_of, simulated, source_note)
    with figure_style():
        figure = _figure(drawn, title, say(f"ranking.{name}.subtitle", lang, place=place), lang, across)
        stamp(figure, lang, as_of, simulated, source_note)
    data = pd.concat([panel.rows.assign(assessment=panel.title) for panel in drawn], ignore_index=True)
    data = data[[column for column in _DATA if column in data]].round({"total": 1, "low": 1, "high": 1})
    labels = {column: say(f"ranking.column.{column}", lang) for column in data.columns}
    alt = say("ranking.alt", lang, title=title, detail=say("semicolon", lang).join(_alt_of(panel, lang) for panel in drawn))
    return Picture(name, figure, title, alt, data, labels, say("ranking.places.caption", lang), as_of, say("ranking.points", lang))


def _alt_of(panel: Panel, lang: str) -> str:
    comma = say("separator", lang)
    rows = panel.rows[panel.rows["total"].notna() & (True if lang == "zh" else panel.rows["name"].map(str.isascii))]
    told = comma.join(say("ranking.alt.row", lang, name=row.name_, total=number(row.total, tenths=True), places=places_text(row))
                      for row in rows.rename(columns={"name": "name_"}).itertuples())
    return say("ranking.alt.panel", lang, panel=panel.title, detail=told)


def short_name(assessment: str) -> str:
    """The name of an assessment without what stands in brackets at its end (of which version the rules are)."""
    return re.sub(r"\s*[（(][^（()）]*[)）]$", "", assessment)


def places_text(row: object) -> str:
    """The places that a unit may hold: 4, 4–7, or a dash."""
    low, high = row.rank_low, row.rank_high  # type: ignore[attr-defined]
    return "–" if pd.isna(low) or pd.isna(high) else span(low, high)


# --- the sheet


def _figure(panels: Sequence[Panel], title: str, subtitle: str, lang: str, across: int) -> Figure:
    room = (WIDTH - 2 * MARGIN - _GAP * (across - 1)) / across
    lines = [panels[start:start + across] for start in range(0, len(panels), across)]
    names = {id(panel): _wrapped(panel, room) for panel in panels}
    highs = [max(_height(names[id(panel)]) for panel in line) + _HEAD + _AXIS for line in lines]
    sheet = new_figure(title, subtitle, sum(highs) + 0.35)
    put_legend(sheet, _legend(panels, lang))
    every = pd.concat([panel.rows for panel in panels])
    low, most = float(every["low"].min()), float(every["high"].max())
    limits = (np.floor(low / 10) * 10 - 2, np.ceil(most / 10) * 10 + 2)
    top = sum(highs)
    for line, high in zip(lines, highs, strict=True):
        for at, panel in enumerate(line):
            own = _height(names[id(panel)])
            box = (MARGIN + at * (room + _GAP), top - _HEAD - own, room, own)
            _panel(sheet, panel, names[id(panel)], box, limits, lang)
        top -= high
    return sheet.figure


def _wrapped(panel: Panel, room: float) -> list[str]:
    return [wrap(str(name), 0.41 * room if room < WIDTH / 2 else 2.1, TEXT) for name in panel.rows["name"]]


def _height(names: Sequence[str]) -> float:
    return len(names) * max([_STEP, *(0.17 * (name.count("\n") + 1) + 0.05 for name in names)])


def _legend(panels: Sequence[Panel], lang: str) -> list[object]:
    bracket = Line2D([], [], label=say("ranking.legend.tie", lang), linewidth=0, marker=_BRACKET, markersize=11, markeredgewidth=1.4,
                     markerfacecolor="none", markeredgecolor=palette.GREY)
    entries: list[object] = [whisker_legend(say("ranking.legend.total", lang), False), bracket]
    if any(panel.counted for panel in panels):
        entries += [Patch(facecolor=palette.WORK["done"], label=say("ranking.legend.reached", lang), **_COUNTED),
                    Patch(facecolor=palette.WORK["to_do"], label=say("ranking.legend.not_yet", lang), **_COUNTED),
                    upright(say("ranking.legend.goal", lang))]
    return entries


def _panel(sheet: Sheet, panel: Panel, names: Sequence[str], box: Box, limits: tuple[float, float], lang: str) -> None:
    """One assessment: the bracket of each tier, names, counts where there are any, totals, and the places that each may hold."""
    left, bottom, room, high = box
    rows, step = panel.rows, high / len(names)
    middles = [bottom + high - step * (place + 0.5) for place in range(len(names))]
    sheet.write(left, bottom + high + 0.33, panel.title, weight="bold", va="center")
    shared = max([width(_shared(row), SMALLEST) for row in rows.itertuples()], default=0) + 0.16
    _brackets(sheet, rows, (left, bottom, shared, high))
    texts = [places_text(row) for row in rows.itertuples()]
    heads = {"places": say("ranking.head.places", lang), "total": say("ranking.head.total", lang)}
    last = max([width(heads["places"], SMALLEST), *(width(text, TEXT, bold=True) for text in texts)]) + 0.1
    first = max([width(heads["total"], SMALLEST), width("100.0", TEXT)]) + 0.1
    own = max(width(line, TEXT) for name in names for line in name.split("\n")) + 0.12
    start, wide = left + shared + own, room - shared - own - first - last
    n = int(rows["total"].notna().sum())
    for name, middle, row, text in zip(names, middles, rows.itertuples(), texts, strict=True):
        sheet.write(start - 0.08, middle, name, ha="right", va="center", linespacing=1.1)
        sheet.write(left + room - last, middle, number(row.total, tenths=True), ha="right", va="center", color=palette.GREY)
        certain = pd.notna(row.rank_low) and (row.rank_low > 1 or row.rank_high < n)
        sheet.write(left + room, middle, text, ha="right", va="center", weight="bold" if certain else "normal")
    for key, right in (("total", left + room - last), ("places", left + room)):
        sheet.write(right, bottom + high + 0.04, heads[key], ha="right", va="bottom", size=SMALLEST, color=palette.GREY)
    if panel.counted:
        wide = (wide - 0.25) / 2
        _counts(sheet, panel, (start, bottom, wide, high))
        start += wide + 0.25
    _totals(sheet.axes(start, bottom, wide, high), rows, limits, lang)


def _shared(row: object) -> str:
    return "" if pd.isna(row.first) else span(row.first, row.last)  # type: ignore[attr-defined]


def _brackets(sheet: Sheet, rows: pd.DataFrame, box: Box) -> None:
    """A bracket along the units of each tier, and the places that they share beside it."""
    left, bottom, wide, high = box
    step, at = high / len(rows), (left + wide - 0.06) / WIDTH
    for first, tier in rows[rows["first"].notna()].groupby("first"):
        top, foot = (bottom + high - step * (tier.index[0] + 0.12), bottom + high - step * (tier.index[-1] + 0.88))
        low, up = ((value + FOOT) / sheet.height for value in (foot, top))
        inner = (left + wide) / WIDTH
        sheet.figure.add_artist(Line2D([inner, at, at, inner], [up, up, low, low], **_BEHIND))
        sheet.write(left + wide - 0.12, (top + foot) / 2, span(float(first), float(tier["last"].iloc[0])), ha="right", va="center",
                    size=SMALLEST, color=palette.GREY)


def _totals(axes: Axes, rows: pd.DataFrame, limits: tuple[float, float], lang: str) -> None:
    axes.set(xlim=limits, ylim=(len(rows) - 0.5, -0.5))
    _stripes(axes, rows)
    for place, row in enumerate(rows.itertuples()):
        if pd.isna(row.total):
            axes.text(np.mean(limits), place, say("ranking.no_total", lang), ha="center", va="center", size=SMALLEST, color=palette.GREY)
        else:
            whisker(axes, place, row.total, row.low, row.high, False)
    axes.set_yticks([])
    axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(lambda value, _: number(value))
    quiet(axes, "x")
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="x", labelsize=SMALLEST, labelcolor=palette.GREY)


def _stripes(axes: Axes, rows: pd.DataFrame) -> None:
    """Every second tier stands on grey."""
    for at, (_, tier) in enumerate(rows[rows["first"].notna()].groupby("first")):
        if at % 2:
            axes.axhspan(tier.index[0] - 0.5, tier.index[-1] + 0.5, color=palette.EMPTY, zorder=0, linewidth=0)


def _counts(sheet: Sheet, panel: Panel, box: Box) -> None:
    left, bottom, _, high = box
    axes, counts = sheet.axes(*box), panel.rows["count"]
    most = float(np.nanmax([counts.max(), panel.goal, 1]))
    reached = (counts >= panel.goal).to_numpy()
    colours = [palette.WORK["done" if good else "to_do"] for good in reached]
    axes.barh(np.arange(len(counts)), counts.fillna(0), 0.62, color=colours, zorder=2, **_COUNTED)
    for place, count in enumerate(counts):
        within = panel.goal - 0.13 * most < count < panel.goal  # beside the bar, the number would stand on the line
        axes.annotate(number(count), (0 if pd.isna(count) else count, place), (-4 if within else 5, 0), textcoords="offset points",
                      ha="right" if within else "left", va="center", size=SMALLEST, annotation_clip=False, zorder=5)
    axes.axvline(panel.goal, color=palette.DEMAND, linewidth=2.2, zorder=3)
    axes.set(xlim=(0, most * 1.22), ylim=(len(counts) - 0.5, -0.5), yticks=[], xticks=[])
    quiet(axes)
    axes.spines["left"].set_visible(True)
    axes.spines["bottom"].set_visible(False)
    sheet.write(left, bottom + high + 0.04, panel.counted, va="bottom", size=SMALLEST, color=palette.GREY)
