"""Charts of what changed since last quarter: from the number published to the number now, what was told first, what is told otherwise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from liantu.figures import palette
from liantu.figures.display import Picture
from liantu.figures.empty import empty_picture
from liantu.figures.fonts import width
from liantu.figures.style import MARGIN, SMALLEST, TEXT, WIDTH, figure_style, new_figure, quiet, stamp
from liantu.figures.wording import day, number, quarter_name, say, wrap

_STEP = 0.42
_PILLARS = ("published", "known", "now")
_STEPS = {"published": 0, "late": 1, "withdrawn": -1, "postponed": -1, "known": 0, "new": 1, "now": 0}
"""The lines of a bridge in order: 0 stands on the ground, 1 adds, -1 takes away."""
_INKED = {"edgecolor": palette.INK, "linewidth": 0.8}
_DRESS = {
    **dict.fromkeys(_PILLARS, {"facecolor": palette.IN_TIME} | _INKED),
    "late": {"facecolor": palette.LATE, "hatch": "////"} | _INKED,
    "withdrawn": {"facecolor": palette.PAPER, "hatch": "xxxx"} | _INKED,
    "postponed": {"facecolor": palette.PAPER, "hatch": "...."} | _INKED,
    "new": {"facecolor": palette.GAPS["weak"]} | _INKED}
_TIMES = {
    "in_quarter": {"facecolor": palette.IN_TIME} | _INKED,
    "late": {"facecolor": palette.LATE, "hatch": "////"} | _INKED,
    "undated": {"facecolor": palette.EMPTY} | _INKED}


class _Line(NamedTuple):
    """One line of a bridge: its name, where its bar starts, and how far it goes (negative: to the left)."""

    part: str
    start: float
    size: float


def bridge_chart(row: Mapping[str, object], lang: str, as_of: dt.date, simulated: bool, place: str, then: dt.date, quarter: str,
                 source_note: str = "") -> Picture:
    """From the number published at the end of last quarter to the number known now, each part a bar that starts where the last one ended.

    `row` as one row of `liantu.progress.bridges`; `then` is the last day of last quarter, `quarter` the quarter itself (2022Q2).
    """
    said = {key: number(row[key]) for key in _STEPS} | {
        "label": row["label"], "year": row["year"], "restated": _signed(row["restated"]), "then": day(then), "as_of": day(as_of),
        "last": quarter_name(_quarter_of(then), lang), "quarter": quarter_name(quarter, lang), "place": place}
    title, name = say("bridge.title", lang, **said), f"bridge_{row['target']}_{row['year']}"
    lines = _lines(row)
    names = [say(f"bridge.part.{line.part}", lang, **said) for line in lines]
    with figure_style():
        figure = _bridge_figure(lines, names, row, title, say("bridge.subtitle", lang, **said), lang)
        stamp(figure, lang, as_of, simulated, source_note)
    data = pd.DataFrame({"part": names, "change": [line.size if _STEPS[line.part] else None for line in lines],
                         "total": [line.start + line.size for line in lines]}).astype({"change": "Int64", "total": "Int64"})
    labels = {column: say(f"bridge.column.{column}", lang) for column in data.columns}
    detail = say("semicolon", lang).join(
        say("bridge.alt.line", lang, part=name, n=_value(line)) for line, name in zip(lines, names, strict=True))
    alt = say("bridge.alt", lang, place=place, title=title, detail=detail)
    return Picture(name, figure, title, alt, data, labels, say("bridge.caption", lang, **said), as_of, say("bridge.unit", lang))


def _quarter_of(last_day: dt.date) -> str:
    return f"{last_day.year}Q{(last_day.month + 2) // 3}"


def _lines(row: Mapping[str, object]) -> list[_Line]:
    """The pillars, and the parts that are not zero."""
    lines, level = [], 0
    for part, sign in _STEPS.items():
        size = int(row[part])
        if not sign:
            lines.append(_Line(part, 0, size))
            level = size
        elif size:
            lines.append(_Line(part, level, sign * size))
            level += sign * size
    return lines


def _value(line: _Line) -> str:
    return _signed(line.size) if _STEPS[line.part] else number(line.size)


def _signed(value: object) -> str:
    return ("+" if float(value) > 0 else "") + number(value)


def _bridge_figure(lines: Sequence[_Line], names: Sequence[str], row: Mapping[str, object], title: str, subtitle: str, lang: str) -> Figure:
    shown = [wrap(name, 2.7, TEXT) for name in names]
    left = max(width(part, TEXT, bold=True) for name in shown for part in name.split("\n")) + MARGIN + 0.12
    value = row.get("value")
    target = None if value is None or pd.isna(value) else float(value)
    sheet = new_figure(title, subtitle, _STEP * len(lines) + (0.35 if target else 0.1))
    axes = sheet.axes(left, 0.05, WIDTH - left - MARGIN - 0.55, _STEP * len(lines))
    most = max([line.start + max(line.size, 0) for line in lines] + [target or 0, 1])
    axes.set_xlim(0, most * 1.02)
    axes.set_ylim(len(lines) - 0.5, -0.5)
    for place, line in enumerate(lines):
        axes.barh(place, abs(line.size), 0.6, left=min(line.start, line.start + line.size), zorder=3, **_DRESS[line.part])
        end = line.start + line.size
        if place + 1 < len(lines):
            axes.plot([end] * 2, [place + 0.3, place + 0.7], color=palette.INK, linewidth=0.8, zorder=2)
        axes.annotate(_value(line), (max(line.start, end), place), (5, 0), textcoords="offset points", va="center", weight="bold", zorder=5,
                      size=13 if line.part in _PILLARS else TEXT + 1, bbox={"facecolor": palette.PAPER, "edgecolor": "none", "pad": 0.5})
    if target:
        axes.axvline(target, color=palette.INK, linewidth=2, zorder=1)
        axes.annotate(f"{say('target.target', lang)} {number(target)}", (target, 1), (0, 4), xycoords=("data", "axes fraction"),
                      textcoords="offset points", ha="right" if target > 0.15 * most else "left", va="bottom", weight="bold")
    axes.set_yticks(range(len(lines)), shown)
    for label, line in zip(axes.get_yticklabels(), lines, strict=True):
        label.set_weight("bold" if line.part in _PILLARS else "normal")
    axes.set_xticks([])
    quiet(axes)
    axes.spines["bottom"].set_visible(False)
    axes.spines["left"].set_visible(True)
    return sheet.figure


def facts_chart(table: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, then: dt.date, quarter: str,
                source_note: str = "") -> Picture:
    """What ledgers of the quarter told first, by kind: what happened in the quarter, what had happened before it, what has no date.

    `table` has label (names to print, in order), in_quarter, late and undated (numbers of facts).
    """
    said = {"last": quarter_name(_quarter_of(then), lang), "quarter": quarter_name(quarter, lang), "place": place, "then": day(then)}
    if table.empty or not table[list(_TIMES)].to_numpy().sum():
        return empty_picture("told_first", say("facts.subject", lang), lang, as_of, simulated, source_note)
    totals = {time: number(table[time].sum()) for time in _TIMES}
    title = say("facts.title", lang, total=number(table[list(_TIMES)].to_numpy().sum()), **totals, **said)
    with figure_style():
        figure = _stacked(table, title, say("facts.subtitle", lang, **said), [say(f"facts.{time}", lang, **said) for time in _TIMES])
        stamp(figure, lang, as_of, simulated, source_note)
    detail = say("semicolon", lang).join(
        say("facts.alt.line", lang, label=row.label, in_quarter=number(row.in_quarter), late=number(row.late), undated=number(row.undated))
        for row in table.itertuples())
    labels = {"label": say("facts.column.label", lang)} | {time: say(f"facts.{time}", lang, **said) for time in _TIMES}
    alt, caption = say("facts.alt", lang, place=place, title=title, detail=detail), say("facts.caption", lang, **said)
    return Picture("told_first", figure, title, alt, table[list(labels)].reset_index(drop=True), labels, caption, as_of,
                   say("facts.unit", lang))


def _stacked(table: pd.DataFrame, title: str, subtitle: str, legend: Sequence[str]) -> Figure:
    names = [wrap(str(label), 2.4, TEXT) for label in table["label"]]
    left = max(width(part, TEXT) for name in names for part in name.split("\n")) + MARGIN + 0.12
    totals = table[list(_TIMES)].sum(axis=1)
    right = width(number(totals.max()), TEXT, bold=True) + MARGIN + 0.15
    sheet = new_figure(title, subtitle, 0.34 * len(table) + 0.45)
    axes = sheet.axes(left, 0.05, WIDTH - left - right, 0.34 * len(table))
    inch = totals.max() * 1.01 / (WIDTH - left - right)
    axes.set_xlim(0, totals.max() * 1.01)
    axes.set_ylim(len(table) - 0.5, -0.5)
    for place, row in enumerate(table.to_dict("records")):
        start = 0
        for time, dress in _TIMES.items():
            if not row[time]:
                continue
            axes.barh(place, row[time], 0.7, left=start, **dress)
            # A number is written into its segment only where it fits; the table has them all.
            if width(number(row[time]), SMALLEST, bold=True) + 0.12 < row[time] / inch:
                axes.text(start + row[time] / 2, place, number(row[time]), ha="center", va="center", size=SMALLEST, weight="bold",
                          color=palette.ink_on(dress["facecolor"]), bbox={"facecolor": dress["facecolor"], "edgecolor": "none", "pad": 1})
            start += row[time]
        axes.annotate(number(start), (start, place), (4, 0), textcoords="offset points", va="center", weight="bold")
    axes.set_yticks(range(len(table)), names)
    axes.set_xticks([])
    quiet(axes)
    axes.spines["bottom"].set_visible(False)
    axes.spines["left"].set_visible(True)
    sheet.legend([Patch(label=label, **dress) for label, dress in zip(legend, _TIMES.values(), strict=True)])
    return sheet.figure


def restated_chart(table: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, then: dt.date,
                   source_note: str = "") -> Picture:
    """What ledgers of the quarter say otherwise about earlier time, by kind. `table` has label (in order), number and projects."""
    if table.empty or not table["number"].sum():
        return empty_picture("restated", say("restated.subject", lang), lang, as_of, simulated, source_note)
    most = table.sort_values("number", ascending=False, kind="stable").head(3)
    named = say("separator", lang).join(say("broken_rules.one", lang, rule=row.label, n=number(row.number)) for row in most.itertuples())
    title = say("restated.title", lang, n=number(table["number"].sum()), named=named)
    with figure_style():
        figure = _plain_bars(table, title, say("restated.subtitle", lang, place=place, then=day(then)))
        stamp(figure, lang, as_of, simulated, source_note)
    detail = say("separator", lang).join(say("broken_rules.one", lang, rule=row.label, n=number(row.number)) for row in table.itertuples())
    labels = {column: say(f"restated.column.{column}", lang) for column in ("label", "number", "projects")}
    alt = say("restated.alt", lang, place=place, title=title, detail=detail)
    return Picture("restated", figure, title, alt, table[list(labels)].reset_index(drop=True), labels, say("restated.caption", lang), as_of,
                   say("restated.unit", lang))


def _plain_bars(table: pd.DataFrame, title: str, subtitle: str) -> Figure:
    names = [wrap(str(label), 3.0, TEXT) for label in table["label"]]
    left = max(width(part, TEXT) for name in names for part in name.split("\n")) + MARGIN + 0.12
    sheet = new_figure(title, subtitle, 0.32 * len(table) + 0.1)
    axes: Axes = sheet.axes(left, 0.05, WIDTH - left - MARGIN - 0.6, 0.32 * len(table))
    axes.barh(range(len(table)), table["number"], 0.66, **_TIMES["late"])
    for place, count in enumerate(table["number"]):
        axes.annotate(number(count), (count, place), (4, 0), textcoords="offset points", va="center", weight="bold")
    axes.set_xlim(0, table["number"].max() * 1.01)
    axes.set_ylim(len(table) - 0.5, -0.5)
    axes.set_yticks(range(len(table)), names)
    axes.set_xticks([])
    quiet(axes)
    axes.spines["bottom"].set_visible(False)
    axes.spines["left"].set_visible(True)
    return sheet.figure
