"""A chart of where one county stands: a strip for each measure with all counties on it, its own with interval and possible places."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from liantu.figures import palette
from liantu.figures.display import Picture
from liantu.figures.empty import empty_picture
from liantu.figures.fonts import width
from liantu.figures.row_sheets import put_legend
from liantu.figures.style import MARGIN, SMALLEST, TEXT, WIDTH, Sheet, figure_style, new_figure, stamp
from liantu.figures.wording import say, wrap

STRIPS = ["section", "measure", "label", "county", "value", "low", "high", "rank_low", "rank_high", "shown", "better"]
"""Columns of the table that `standing_strips` draws."""
_STEP, _HEAD = 0.36, 0.34  # inches of a strip, and of a section's head
_LABEL = 2.35  # inches at most for a label
_PAST = 0.06  # how far an interval is drawn beyond the outermost county, as a share of the strip


def standing_strips(rows: pd.DataFrame, own: str, title: str, lang: str, as_of: dt.date, simulated: bool, place: str,
                    counties: Mapping[str, str], source_note: str = "") -> Picture:
    """A strip for each measure: every county a hollow dot, `own` (a code) filled with its 90 % interval, better to the right.

    `rows` has the columns STRIPS, one row for each measure and county, in the order to draw; `value` NaN is not reported, `better` is up
    or down, `shown` the own value as people read it. A strip is as long as the counties are apart: strips cannot be compared.
    """
    subject = say("county.strips.subject", lang)
    if rows.empty or not (rows["county"] == own).any():
        return empty_picture("standing", subject, lang, as_of, simulated, source_note)
    with figure_style():
        figure = _figure(rows, own, title, say("county.strips.subtitle", lang, place=place), lang)
        stamp(figure, lang, as_of, simulated, source_note)
    mine = rows[rows["county"] == own]
    detail = say("semicolon", lang).join(
        say("county.strips.alt.row", lang, label=row.label, shown=row.shown, places=possible_places(row.rank_low, row.rank_high, lang))
        for row in mine.itertuples() if pd.notna(row.value))
    alt = say("county.strips.alt", lang, title=title, detail=detail)
    data = rows.assign(county=[counties.get(code, code) for code in rows["county"]])[
        ["section", "label", "county", "value", "low", "high", "rank_low", "rank_high"]].round({"value": 4, "low": 4, "high": 4})
    labels = {column: say(f"county.strips.column.{column}", lang) for column in data.columns}
    return Picture("standing", figure, title, alt, data, labels, say("county.strips.caption", lang), as_of)


def possible_places(low: object, high: object, lang: str) -> str:
    """The places that a unit may hold, as people read them: 2, 2–5, or that it is not ranked."""
    if pd.isna(low) or pd.isna(high):
        return say("county.place.none", lang)
    if int(low) == int(high):
        return say("county.place.one", lang, low=int(low))
    return say("county.place.range", lang, low=int(low), high=int(high))


def _figure(rows: pd.DataFrame, own: str, title: str, subtitle: str, lang: str) -> Figure:
    mine = rows[rows["county"] == own]
    labels = {row.measure: wrap(str(row.label), _LABEL, TEXT) for row in mine.itertuples()}
    sections = list(dict.fromkeys(mine["section"]))
    steps = {measure: max(_STEP, 0.18 * (label.count("\n") + 1) + 0.06) for measure, label in labels.items()}
    handles = _legend(lang)
    sheet = new_figure(title, subtitle, sum(steps.values()) + _HEAD * len(sections) + 0.4)
    put_legend(sheet, handles)
    right = max([width(str(row.shown), TEXT, bold=True) for row in mine.itertuples()], default=0) + 0.12
    told = {row.measure: possible_places(row.rank_low, row.rank_high, lang) for row in mine.itertuples()}
    last = max(width(text, SMALLEST) for text in told.values()) + 0.1
    left = MARGIN + max(width(line, TEXT) for label in labels.values() for line in label.split("\n")) + 0.15
    box = (left, WIDTH - MARGIN - right - last - left - 0.1)
    top = sheet.body - 0.32
    for section in sections:
        sheet.write(MARGIN, top - 0.6 * _HEAD, section, weight="bold", va="center", color=palette.GREY)
        top -= _HEAD
        for row in mine[mine["section"] == section].itertuples():
            middle = top - steps[row.measure] / 2
            sheet.write(MARGIN, middle, labels[row.measure], va="center", linespacing=1.15)
            sheet.write(WIDTH - MARGIN - last - right + 0.02, middle, str(row.shown), va="center", weight="bold")
            sheet.write(WIDTH - MARGIN, middle, told[row.measure], va="center", ha="right", size=SMALLEST, color=palette.GREY)
            _strip(sheet, rows[rows["measure"] == row.measure], own, (box[0], middle, box[1]), row.better, lang)
            top -= steps[row.measure]
    return sheet.figure


def _strip(sheet: Sheet, rows: pd.DataFrame, own: str, at: tuple[float, float, float], better: str, lang: str) -> None:
    """One measure: the line, the city's middle county, the counties, and the own with its interval."""
    left, middle, long = at
    axes = sheet.axes(left, middle - 0.14, long, 0.28)
    _bare(axes)
    values = rows["value"].to_numpy("float64")
    if np.isnan(values[(rows["county"] == own).to_numpy()]).all():
        axes.text(0.5, 0, say("county.not_reported", lang), ha="center", va="center", size=SMALLEST, color=palette.GREY)
        return
    low, high = np.nanmin(values), np.nanmax(values)
    span = (high - low) or 1.0

    def across(value: np.ndarray | float) -> np.ndarray | float:
        share = (np.asarray(value, "float64") - low) / span if high > low else np.full(np.shape(value), 0.5)
        return 1 - share if better == "down" else share

    axes.axhline(0, color=palette.RULE, linewidth=0.9, zorder=1)
    axes.plot([across(np.nanmedian(values))] * 2, [-0.5, 0.5], color=palette.GREY, linewidth=1.1, zorder=2)
    others = (rows["county"] != own).to_numpy() & ~np.isnan(values)
    axes.plot(across(values[others]), np.zeros(others.sum()), "o", markersize=6, color=palette.PAPER, markeredgecolor=palette.GREY,
              zorder=3)
    mine = rows[rows["county"] == own].iloc[0]
    ends = np.clip(np.array([across(mine["low"]), across(mine["high"])], "float64"), -_PAST, 1 + _PAST)
    if not np.isnan(ends).any():
        axes.plot(ends, [0, 0], color=palette.IN_TIME, linewidth=3, solid_capstyle="butt", zorder=4)
    axes.plot([across(mine["value"])], [0], "o", markersize=9, color=palette.IN_TIME, markeredgecolor=palette.INK, zorder=5)


def _bare(axes: Axes) -> None:
    axes.set_axis_off()
    axes.set_xlim(-_PAST - 0.02, 1 + _PAST + 0.02)
    axes.set_ylim(-1, 1)


def _legend(lang: str) -> list[Line2D]:
    own = Line2D([], [], color=palette.IN_TIME, linewidth=3, marker="o", markersize=8, markeredgecolor=palette.INK,
                 label=say("county.strips.own", lang))
    other = Line2D([], [], linewidth=0, marker="o", markersize=6, color=palette.PAPER, markeredgecolor=palette.GREY,
                   label=say("county.strips.others", lang))
    median = Line2D([], [], linewidth=0, marker="|", markersize=11, markeredgewidth=1.3, color=palette.GREY,
                    label=say("county.strips.median", lang))
    return [own, other, median]

