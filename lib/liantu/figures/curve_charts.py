"""Curves of what becomes of projects: the share that went on and the share that was terminated, against the days since a stage began."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from liantu.figures import palette
from liantu.figures.display import Picture
from liantu.figures.empty import empty_picture
from liantu.figures.fonts import width
from liantu.figures.funnel_charts import named
from liantu.figures.row_sheets import FEW, apart, plain_axis
from liantu.figures.style import MARGIN, SMALLEST, TEXT, WIDTH, Sheet, figure_style, new_figure, stamp
from liantu.figures.wording import number, percent, say, wrap

GROUPS = len(palette.GROUPS)
_HIGH, _LABEL, _RISK = 3.0, 0.18, 0.2  # inches: the plot, a label at a line, a line of numbers at risk
_STEPS = (7, 14, 30, 60, 90, 180, 365, 730)
_COLUMNS = ("group", "to", "days", "share", "low", "high", "at_risk")


@dataclass(frozen=True)
class _Line:
    """One curve: its rows, how it is called at its end, and how it is drawn."""

    rows: pd.DataFrame
    label: str
    colour: str
    dashed: bool


def curves_chart(curves: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, names: Mapping[str, str],
                 source_note: str = "", stage: str = "", groups: Mapping[str, str] | None = None, after: int = 365,
                 level: float = 0.9) -> Picture:
    """The share of projects that left a stage, by where they went, against days since it began, with intervals and numbers at risk.

    `curves` as from `liantu.progress.transition_curves`: stage, to, group, days, share, low, high (0 to 1), at_risk; terminated is drawn
    dashed. `stage` chooses one (else the first). The picture ends where fewer than 10 are watched; with more than three groups the three
    with most projects at risk are drawn; the data have all. `names` has the words of stages, `groups` those of groups; the title tells the
    shares `after` so many days; `level` is that of the intervals.
    """
    stage = stage or (str(curves["stage"].iloc[0]) if len(curves) else "")
    rows = curves[(curves["stage"] == stage) & curves["share"].notna()] if len(curves) else curves
    called = names.get(stage, stage)
    if rows.empty:
        return empty_picture(f"curves_{stage or 'none'}", say("curves.subject", lang, stage=called), lang, as_of, simulated, source_note)
    drawn = _watched_enough(_largest(rows))
    title = _curves_title(drawn, called, names, groups, after, lang)
    with figure_style():
        subtitle = say("curves.subtitle", lang, place=place, stage=called, level=f"{level:.0%}")
        figure = _curves_figure(drawn, title, subtitle, names, groups, lang)
        stamp(figure, lang, as_of, simulated, source_note)
    data = rows[list(_COLUMNS)].round({"share": 4, "low": 4, "high": 4}).reset_index(drop=True)
    data = data.assign(group=[named(group, groups, lang) for group in data["group"]], to=[names.get(to, to) for to in data["to"]])
    labels = {column: say(f"curves.column.{column}", lang) for column in _COLUMNS}
    alt = say("curves.alt", lang, place=place, title=title, detail=_ends_in_words(drawn, names, groups, lang))
    caption = say("curves.caption", lang, stage=called, few=FEW)
    left_out = rows["group"].nunique() - drawn["group"].nunique()
    if left_out:
        caption += say("curves.left_out", lang, n=left_out)
    return Picture(f"curves_{stage}", figure, title, alt, data, labels, caption, as_of, say("curves.axis_y", lang))


def _largest(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the groups with most projects at risk, in their given order."""
    size = rows.groupby("group", sort=False)["at_risk"].max()
    kept = set(size.sort_values(ascending=False, kind="stable").index[:GROUPS])
    return rows[rows["group"].isin(kept)]


def _watched_enough(rows: pd.DataFrame) -> pd.DataFrame:
    """The curves up to the last day on which 10 projects of some group were watched; all where there never were so many.

    A curve that goes on later is drawn as far as that day, with its share of then.
    """
    sure = rows.loc[rows["at_risk"] >= FEW, "days"]
    if sure.empty:
        return rows
    cut, parts = sure.max(), []
    for _, part in rows.groupby(["group", "to"], sort=False):
        part = part.sort_values("days", kind="stable")
        kept, later = part[part["days"] <= cut], part[part["days"] > cut]
        parts.append(kept)
        if len(kept) and len(later):
            parts.append(kept.tail(1).assign(days=cut, at_risk=later["at_risk"].iloc[0]))
    return pd.concat(parts, ignore_index=True)


def share_at(rows: pd.DataFrame, days: float) -> pd.Series:
    """The last row of one curve by `days`; before its first row nothing has happened."""
    before = rows[rows["days"] <= days].sort_values("days", kind="stable")
    return before.iloc[-1] if len(before) else pd.Series({"share": 0.0, "low": 0.0, "high": 0.0})


def nearly(share: float) -> str:
    """A share as per cents; what is not quite none is not printed as none, what is not quite all not as all."""
    return "<1%" if 0 < share < 0.005 else ">99%" if 0.995 <= share < 1 else percent(share)


def _curves_title(rows: pd.DataFrame, stage: str, names: Mapping[str, str], groups: Mapping[str, str] | None, after: int, lang: str) -> str:
    after = int(min(after, rows["days"].max()))
    told = {"stage": stage, "days": number(after)}
    if rows["group"].nunique() > 1:
        onward = next((to for to in rows["to"].unique() if to != "terminated"), rows["to"].iloc[0])
        found = rows[rows["to"] == onward]
        parts = [say("curves.one", lang, name=named(group, groups, lang), share=percent(share_at(part, after)["share"]))
                 for group, part in found.groupby("group", sort=False)]
        return say("curves.title.groups", lang, **told, to=names.get(onward, onward), shares=say("separator", lang).join(parts))
    parts = []
    for to, part in rows.groupby("to", sort=False):
        at = share_at(part, after)
        key = "curves.gone" if to == "terminated" else "curves.done"
        parts.append(say(key, lang, to=names.get(to, to), **{name: nearly(at[name]) for name in ("share", "low", "high")}))
    return say("curves.title", lang, **told, shares=say("comma", lang).join(parts))


def _ends_in_words(rows: pd.DataFrame, names: Mapping[str, str], groups: Mapping[str, str] | None, lang: str) -> str:
    said = []
    for (group, to), part in rows.groupby(["group", "to"], sort=False):
        last = part.sort_values("days", kind="stable").iloc[-1]
        said.append(say("curves.alt.row", lang, group=named(group, groups, lang), to=names.get(to, to), share=nearly(last["share"]),
                        days=number(last["days"])))
    return say("semicolon", lang).join(said)


def _lines(rows: pd.DataFrame, names: Mapping[str, str], groups: Mapping[str, str] | None, lang: str) -> list[_Line]:
    """The curves in the order of their groups; one group alone takes the colours of what became of projects."""
    order = list(dict.fromkeys(rows["group"]))
    found = []
    for (group, to), part in rows.groupby(["group", "to"], sort=False):
        part, gone = part.sort_values("days", kind="stable"), to == "terminated"
        whose = f"{named(group, groups, lang)} " if len(order) > 1 else ""
        label = f"{whose}{names.get(to, to)} {nearly(part['share'].iloc[-1])}"
        alone = palette.STAYS["terminated"] if gone else palette.STAYS["onward"]
        found.append(_Line(part, label, palette.GROUPS[order.index(group)] if len(order) > 1 else alone, gone))
    return found


def _curves_figure(rows: pd.DataFrame, title: str, subtitle: str, names: Mapping[str, str], groups: Mapping[str, str] | None, lang: str,
                   ) -> Figure:
    lines, order = _lines(rows, names, groups, lang), list(dict.fromkeys(rows["group"]))
    heads = [named(group, groups, lang) for group in order] if len(order) > 1 else [say("curves.risk", lang)]
    heads = [wrap(head, 1.3, SMALLEST).split("\n")[0] for head in heads]
    left = max(0.62, max(width(head, SMALLEST) for head in heads) + MARGIN + 0.3)
    labels = [wrap(line.label, 1.75, TEXT, bold=True) for line in lines]
    right = max(width(part, TEXT, bold=True) for text in labels for part in text.split("\n")) + MARGIN + 0.25
    risk = 0.62 + _RISK * (len(order) + (len(order) > 1))
    sheet = new_figure(title, subtitle, risk + _HIGH + 0.32)
    axes = sheet.axes(left, risk, WIDTH - left - right, _HIGH)
    for line in lines:
        _curve(axes, line, band=len(order) == 1 or not line.dashed)
    _curve_axes(axes, rows, lang)
    _at_line_ends(axes, lines, labels)
    _numbers_at_risk(sheet, axes, rows, order, heads, (left, risk, WIDTH - left - right), lang)
    return sheet.figure


def _curve(axes: Axes, line: _Line, band: bool) -> None:
    """A step function, with its band where there is room for it; where fewer than 10 are at risk it is a thin dotted line."""
    rows = line.rows
    days, share, low, high = (rows[name].to_numpy(dtype=float) for name in ("days", "share", "low", "high"))
    if band:
        axes.fill_between(days, low, high, step="post", color=line.colour, alpha=0.16, linewidth=0)
    sure = np.flatnonzero(rows["at_risk"].to_numpy(dtype=float) >= FEW)
    until = int(sure.max()) + 1 if len(sure) else 1
    style = (0, (4, 2)) if line.dashed else "-"
    axes.step(days[:until], share[:until], where="post", color=line.colour, linewidth=2.4, linestyle=style, zorder=4)
    if until < len(days):
        axes.step(days[until - 1:], share[until - 1:], where="post", color=line.colour, linewidth=1.2, linestyle=(0, (1, 1.5)), zorder=4)


def _curve_axes(axes: Axes, rows: pd.DataFrame, lang: str) -> None:
    last = max(float(rows["days"].max()), 1.0)
    step = next((step for step in _STEPS if last / step <= 7), _STEPS[-1])
    axes.set_xlim(0, last)
    axes.set_ylim(0, 1)
    plain_axis(axes, "y")
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], [percent(tick) for tick in (0, 0.25, 0.5, 0.75, 1)])
    axes.set_xticks(np.arange(0, last + 1, step))
    axes.xaxis.set_major_formatter(lambda value, _: number(value))
    axes.tick_params(axis="x", labelsize=SMALLEST, labelcolor=palette.GREY)
    axes.set_title(say("curves.axis_y", lang), loc="left", size=SMALLEST, color=palette.GREY, pad=5)


def _at_line_ends(axes: Axes, lines: Sequence[_Line], labels: Sequence[str]) -> None:
    """The names at the ends of the lines, pushed apart where they would meet, each with a thin stroke from its line."""
    tall = np.array([_LABEL * (label.count("\n") + 1) for label in labels])
    ends = np.array([float(line.rows["share"].iloc[-1]) for line in lines])
    places = apart(ends * _HIGH, tall, _HIGH) / _HIGH
    for line, label, end, place in zip(lines, labels, ends, places, strict=True):
        axes.annotate("", (line.rows["days"].iloc[-1], end), (1.022, place), textcoords="axes fraction",
                      arrowprops={"arrowstyle": "-", "color": line.colour, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0},
                      annotation_clip=False)
        axes.annotate(label, (1, place), (15, 0), xycoords=("axes fraction", "data"), textcoords="offset points", va="center",
                      weight="bold", linespacing=1.05, annotation_clip=False)


def _numbers_at_risk(sheet: Sheet, axes: Axes, rows: pd.DataFrame, order: Sequence[object], heads: Sequence[str],
                     box: tuple[float, float, float], lang: str) -> None:
    """Under the axis: how many projects were still watched in the stage at each tick, a line for each group."""
    left, base, wide = box
    ticks = [tick for tick in axes.get_xticks() if 0 <= tick <= axes.get_xlim()[1]]
    sheet.write(left + wide / 2, base - 0.42, say("curves.axis_x", lang), size=SMALLEST, color=palette.GREY, ha="center", va="center")
    small = {"size": SMALLEST, "va": "center"}
    y = base - 0.62
    if len(order) > 1:
        sheet.write(MARGIN, y, say("curves.risk", lang), color=palette.GREY, **small)
        y -= _RISK
    for group, head in zip(order, heads, strict=True):
        own = rows[rows["group"] == group]
        sheet.write(MARGIN, y, head, color=palette.INK if len(order) > 1 else palette.GREY, **small)
        for tick in ticks:
            count = _watched(own, tick)
            sheet.write(left + tick / axes.get_xlim()[1] * wide, y, number(count), ha="center", **small)
        y -= _RISK


def _watched(rows: pd.DataFrame, day: float) -> float:
    """The number at risk on the first day from `day` on on which one left; NaN before the curve begins, 0 after the last."""
    if day < rows["days"].min():
        return np.nan
    later = rows[rows["days"] >= day]
    return float(later.loc[later["days"] == later["days"].min(), "at_risk"].max()) if len(later) else 0.0
