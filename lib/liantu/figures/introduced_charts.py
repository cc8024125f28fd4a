"""Charts of gates and of what was introduced: states of the three gates, kinds by origin, shares of the essays, fit to the chains."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from liantu.figures import palette
from liantu.figures.display import Picture
from liantu.figures.empty import empty_picture
from liantu.figures.fonts import width
from liantu.figures.row_sheets import put_legend, row_sheet, share_axis, whisker, whisker_legend
from liantu.figures.style import SMALLEST, WIDTH, figure_style, stamp
from liantu.figures.wording import WAN_IN_YI, number, percent, say

_POOL = {"marker": "D", "markersize": 6, "color": palette.DEMAND}
_TITLE_LEVEL = 0.9


def gates_chart(table: pd.DataFrame, facts: Mapping[str, str], lang: str, as_of: dt.date, simulated: bool, place: str,
                source_note: str = "") -> Picture:
    """The states of the standing projects at each gate, and at the worst of the three.

    `table`: group (words), pass, attention, stop, unknown (projects), and the same with `_wan`; `facts` fill the title and the caption.
    """
    if table.empty or not table[list(palette.GATES)].to_numpy().sum():
        return empty_picture("gates", say("introduced.gates.subject", lang), lang, as_of, simulated, source_note)
    states = list(palette.GATES)
    title = say("introduced.gates.title", lang, **facts)
    notes = [say("introduced.gates.note", lang, stop=number(row["stop"]), attention=number(row["attention"])) for row in _rows(table)]
    money = [_in_yi(row["stop_wan"] + row["attention_wan"]) for row in _rows(table)]
    small = [say("introduced.gates.small", lang, money=value) for value in money]
    figure = _stacked(table, states, palette.GATES, palette.GATE_HATCHES, "gates", title, (notes, small), (lang, as_of, simulated, place),
                      source_note)
    data = table.assign(**{f"{state}_wan": (table[f"{state}_wan"] / WAN_IN_YI).round(2) for state in states})
    detail = _detail("gates", table, states, lang)
    return _picture("gates", "gates", figure, title, detail, data, say("introduced.gates.caption", lang, **facts), lang, as_of)


def kinds_chart(table: pd.DataFrame, facts: Mapping[str, str], lang: str, as_of: dt.date, simulated: bool, place: str,
                source_note: str = "") -> Picture:
    """What was introduced in the year, by where it comes from: spill-over, ordinary, squeezed-out, not known.

    `table`: group (words), n, spill_over, ordinary, squeezed_out, unknown (projects), size_wan.
    """
    rows = table[table["n"] > 0].reset_index(drop=True)
    if rows.empty:
        return empty_picture("origins", say("introduced.kinds.subject", lang), lang, as_of, simulated, source_note)
    title = say("introduced.kinds.title", lang, **facts)
    notes = [say("introduced.kinds.note", lang, n=number(row["n"])) for row in _rows(rows)]
    small = [say("introduced.kinds.small", lang, money=_in_yi(row["size_wan"])) for row in _rows(rows)]
    figure = _stacked(rows, list(palette.KINDS), palette.KINDS, palette.KIND_HATCHES, "kinds", title, (notes, small),
                      (lang, as_of, simulated, place), source_note)
    data = rows.assign(size_wan=(rows["size_wan"] / WAN_IN_YI).round(2))
    return _picture("origins", "kinds", figure, title, _detail("kinds", rows, list(palette.KINDS), lang), data,
                    say("introduced.kinds.caption", lang, **facts), lang, as_of)


def fit_chart(table: pd.DataFrame, facts: Mapping[str, str], lang: str, as_of: dt.date, simulated: bool, place: str,
              source_note: str = "") -> Picture:
    """What was introduced in each county by how it fits the chains: on a missing link, a weak or blocked one, a chain only, none.

    `table`: group (words), n, missing, gap, chain, off (projects, adding up to n).
    """
    rows = table[table["n"] > 0].reset_index(drop=True)
    if rows.empty:
        return empty_picture("fit", say("introduced.fit.subject", lang), lang, as_of, simulated, source_note)
    title = say("introduced.fit.title" if facts["register"] else "introduced.fit.title.none", lang, **facts)
    notes = [say("introduced.fit.note", lang, n=number(row["n"])) for row in _rows(rows)]
    figure = _stacked(rows, list(palette.FITS), palette.FITS, palette.FIT_HATCHES, "fit", title, (notes, [""] * len(rows)),
                      (lang, as_of, simulated, place), source_note)
    return _picture("fit", "fit", figure, title, _detail("fit", rows, list(palette.FITS), lang), rows,
                    say("introduced.fit.caption", lang), lang, as_of)


def mix_chart(table: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, source_note: str = "",
              few: int = 10) -> Picture:
    """The share of each essay in what was introduced, with its interval, against its share in the pool of projects.

    `table`: `liantu.assess.gates.portfolio_mix` of the essays, with `group` in words and `id`.
    """
    total = int(table["introduced"].sum()) if len(table) else 0
    if not total:
        return empty_picture("mix", say("introduced.mix.subject", lang), lang, as_of, simulated, source_note)
    title = _mix_title(table, lang)
    notes = [percent(share) for share in table["introduced_share"]]
    small = [say("introduced.mix.small", lang, n=number(row["introduced"]), pool=percent(row["share"])) for row in _rows(table)]
    legend = [say("introduced.mix.dot", lang, level=percent(_TITLE_LEVEL)), say("introduced.mix.pool", lang)]
    with figure_style():
        sheet, axes = row_sheet(list(table["group"]), notes, small, title, say("introduced.mix.subtitle", lang, place=place), legend)
        for line, row in enumerate(_rows(table)):
            whisker(axes, line, row["introduced_share"], row["low"], row["high"], total < few)
        axes.plot(table["share"], np.arange(len(table)), linewidth=0, markeredgecolor=palette.INK, zorder=5, **_POOL)
        share_axis(axes)
        axes.set_xlim(0, min(1.0, float(max(table["high"].max(), table["share"].max())) * 1.15))
        put_legend(sheet, [whisker_legend(legend[0], total < few), Line2D([], [], linewidth=0, markeredgecolor=palette.INK, label=legend[1],
                                                                          **_POOL)])
        stamp(sheet.figure, lang, as_of, simulated, source_note)
    detail = say("semicolon", lang).join(
        say("introduced.mix.alt.row", lang, group=row["group"], n=number(row["introduced"]), share=percent(row["introduced_share"]),
            low=percent(row["low"]), high=percent(row["high"]), pool=percent(row["share"])) for row in _rows(table))
    columns = ["group", "projects", "share", "invest_wan", "introduced", "introduced_share", "low", "high", "introduced_wan"]
    data = table[columns].assign(invest_wan=table["invest_wan"] / WAN_IN_YI, introduced_wan=table["introduced_wan"] / WAN_IN_YI).round(3)
    return _picture("mix", "mix", sheet.figure, title, detail, data, say("introduced.mix.caption", lang), lang, as_of)


def _mix_title(table: pd.DataFrame, lang: str) -> str:
    """Of the new industries, and whether their share differs from that in the pool beyond chance."""
    row = table[table["id"] == "new"].iloc[0]
    kind = "more" if row["low"] > row["share"] else "less" if row["high"] < row["share"] else "same"
    return say(f"introduced.mix.title.{kind}", lang, share=percent(row["introduced_share"]), low=percent(row["low"]),
               high=percent(row["high"]), pool=percent(row["share"]))


def _stacked(table: pd.DataFrame, parts: Sequence[str], colours: Mapping[str, str], hatches: Mapping[str, str], part: str, title: str,
             beside: tuple[list[str], list[str]], where: tuple[str, dt.date, bool, str], source_note: str) -> Figure:
    lang, as_of, simulated, place = where
    shown = [name for name in parts if table[name].sum()]
    legend = [say(f"introduced.{part}.{name}", lang) for name in shown]
    with figure_style():
        sheet, axes = row_sheet(list(table["group"]), *beside, title, say(f"introduced.{part}.subtitle", lang, place=place), legend)
        _bars(axes, table[shown].to_numpy(dtype=float), [(colours[name], hatches[name]) for name in shown])
        put_legend(sheet, [Patch(facecolor=colours[name], hatch=hatches[name], edgecolor=palette.INK, linewidth=0.6, label=label)
                           for name, label in zip(shown, legend, strict=True)])
        stamp(sheet.figure, lang, as_of, simulated, source_note)
    return sheet.figure


def _bars(axes: Axes, counts: np.ndarray, dress: Sequence[tuple[str, str]]) -> None:
    """One bar a line, its parts with their numbers where these have room."""
    most = max(counts.sum(axis=1).max(), 1.0)
    axes.set_xlim(0, most * 1.005)
    inch = axes.get_position().width * WIDTH / most
    starts = np.cumsum(counts, axis=1) - counts
    for (colour, hatch), values, left in zip(dress, counts.T, starts.T, strict=True):
        axes.barh(np.arange(len(counts)), values, 0.64, left=left, edgecolor=palette.INK, linewidth=0.6, facecolor=colour, hatch=hatch)
        for line, (value, start) in enumerate(zip(values, left, strict=True)):
            if value and value * inch > width(number(value), SMALLEST, bold=True) + 0.08:
                back = {"boxstyle": "square,pad=0.15", "facecolor": colour, "edgecolor": "none"}
                axes.text(start + value / 2, line, number(value), ha="center", va="center", size=SMALLEST, weight="bold",
                          color=palette.ink_on(colour), bbox=back)


def _rows(table: pd.DataFrame) -> list[dict]:
    return table.to_dict("records")


def _in_yi(wan: float) -> str:
    return number(wan / WAN_IN_YI, tenths=True)


def _detail(part: str, table: pd.DataFrame, parts: Sequence[str], lang: str) -> str:
    return say("semicolon", lang).join(
        say(f"introduced.{part}.alt.row", lang, group=row["group"], **{name: number(row[name]) for name in parts}) for row in _rows(table))


def _picture(name: str, part: str, figure: Figure, title: str, detail: str, data: pd.DataFrame, caption: str, lang: str,
             as_of: dt.date) -> Picture:
    labels = {column: say(f"introduced.column.{column}", lang) for column in data.columns}
    alt = say("introduced.alt", lang, title=title, detail=detail)
    return Picture(name, figure, title, alt, data.reset_index(drop=True), labels, caption, as_of, say("introduced.unit", lang))
