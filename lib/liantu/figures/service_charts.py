"""Charts of service: key tasks by kind and state, days until problems are solved, and the open problems of each steward's office."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from liantu.figures import palette
from liantu.figures.display import Picture
from liantu.figures.empty import empty_picture
from liantu.figures.fonts import width
from liantu.figures.row_sheets import put_legend, row_sheet, whisker, whisker_legend
from liantu.figures.style import SMALLEST, WIDTH, figure_style, stamp
from liantu.figures.wording import number, percent, say

_DRESS = {
    "done": {"facecolor": palette.WORK["done"], "hatch": ""}, "late": {"facecolor": palette.WORK["overdue"], "hatch": "////"},
    "under_way": {"facecolor": palette.WORK["to_do"], "hatch": ""}, "not_begun": {"facecolor": palette.PAPER, "hatch": ""}}
_TASKS = ["group", "tasks", *_DRESS, "overdue", "done_late", "progress", "elapsed", "delay_done", "delay_overdue"]
_TIMES = ["group", "problems", "open", "overdue", "solved", "timed", "median", "low", "high"]
_LOAD = ["group", "problems", "open", "low", "high", "overdue", "share_low", "share_high"]
_P = 0.05
_SHOWN = 12


def _called(name: object, names: Mapping[str, str], lang: str) -> str:
    return names.get(str(name), str(name)) if isinstance(name, str) and name else say("service.nobody", lang)


def _spoken(name: str, lang: str) -> str:
    """A name for an alt text, which holds no longer run of Chinese in English."""
    return say("service.other_name", lang) if lang == "en" and any("\u4e00" <= letter <= "\u9fff" for letter in name) else name


# --- key tasks


def tasks_chart(table: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, names: Mapping[str, str],
                source_note: str = "") -> Picture:
    """Key tasks of each kind by state, with mean progress against time gone; `table` as from `liantu.assess.service.task_counts`."""
    if table.empty:
        return empty_picture("key_tasks", say("service.tasks.subject", lang), lang, as_of, simulated, source_note)
    rows = table.assign(group=[_called(group, names, lang) for group in table["group"]])
    total = rows[["tasks", *_DRESS]].sum()
    title = say("service.tasks.title", lang, n=number(total["tasks"]), done=number(total["done"]), late=number(total["late"]),
                share=percent(total["done"] / total["tasks"]))
    states = [state for state in _DRESS if total[state]]
    legend = [say(f"service.state.{state}", lang) for state in states]
    notes = [say("service.tasks.note", lang, progress=percent(value)) for value in rows["progress"]]
    small = [say("service.tasks.small", lang, elapsed=percent(value)) for value in rows["elapsed"]]
    with figure_style():
        sheet, axes = row_sheet(list(rows["group"]), notes, small, title, say("service.tasks.subtitle", lang, place=place), legend)
        _stacked(axes, rows, states)
        put_legend(sheet, [Patch(edgecolor=palette.INK, linewidth=0.6, label=label, **_DRESS[state])
                           for state, label in zip(states, legend, strict=True)])
        stamp(sheet.figure, lang, as_of, simulated, source_note)
    detail = say("semicolon", lang).join(
        say("service.tasks.alt.row", lang, group=_spoken(row["group"], lang), **{state: number(row[state]) for state in _DRESS})
        for row in rows.to_dict("records"))
    data = rows[_TASKS].round({"progress": 3, "elapsed": 3, "delay_done": 0, "delay_overdue": 0}).reset_index(drop=True)
    return _picture("key_tasks", "tasks", sheet.figure, title, detail, data, say("service.tasks.caption", lang), lang, as_of, "task")


def _stacked(axes: Axes, rows: pd.DataFrame, states: list[str]) -> None:
    """One bar a line, its parts with their numbers where these have room."""
    counts = rows[states].to_numpy(dtype=float)
    most = max(counts.sum(axis=1).max(), 1.0)
    axes.set_xlim(0, most * 1.005)
    inch = axes.get_position().width * WIDTH / most
    starts = np.cumsum(counts, axis=1) - counts
    for state, values, left in zip(states, counts.T, starts.T, strict=True):
        axes.barh(np.arange(len(rows)), values, 0.64, left=left, edgecolor=palette.INK, linewidth=0.6, **_DRESS[state])
        ink = palette.ink_on(_DRESS[state]["facecolor"])
        for place, (value, start) in enumerate(zip(values, left, strict=True)):
            if value and value * inch > width(number(value), SMALLEST, bold=True) + 0.08:
                back = {"boxstyle": "square,pad=0.15", "facecolor": _DRESS[state]["facecolor"], "edgecolor": "none"}
                axes.text(start + value / 2, place, number(value), ha="center", va="center", size=SMALLEST, weight="bold", color=ink,
                          bbox=back)


# --- days until problems are solved


def times_chart(table: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, names: Mapping[str, str],
                source_note: str = "", p: float = np.nan, few: int = 10) -> Picture:
    """Median days until problems are solved with intervals, all first, then each kind.

    `table` as from `liantu.assess.service.times_by`: the row of all (group empty) first, then the groups. `p` is that of the test over the
    groups (NaN: none was made).
    """
    if table.empty or not table["problems"].sum():
        return empty_picture("times_to_solve", say("service.times.subject", lang), lang, as_of, simulated, source_note)
    words = [say("service.all", lang), *(_called(group, names, lang) for group in table["group"].iloc[1:])]
    rows, title = table.assign(group=words).reset_index(drop=True), _times_title(table.iloc[0], p, lang)
    notes = [say("service.times.few", lang) if row.note == "few" else say("service.open_end", lang) if row.note == "open"
             else say("service.times.note", lang, median=number(row.median)) for row in rows.itertuples()]
    small = [say("service.times.small", lang, solved=number(row.solved), n=number(row.problems)) for row in rows.itertuples()]
    legend = [say("service.times.legend", lang), say("service.times.legend_open", lang)]
    unended = rows["median"].notna() & rows["high"].isna()
    with figure_style():
        sheet, axes = row_sheet(words, notes, small, title, say("service.times.subtitle", lang, place=place),
                                legend if unended.any() else legend[:1])
        _times(axes, rows)
        arrow = Line2D([], [], color=palette.IN_TIME, marker=">", markersize=7, linewidth=2.6, label=legend[1])
        put_legend(sheet, [whisker_legend(legend[0], False), *([arrow] if unended.any() else [])])
        stamp(sheet.figure, lang, as_of, simulated, source_note)
    detail = say("semicolon", lang).join(
        say("service.times.alt.row", lang, group=_spoken(row.group, lang), median=number(row.median), solved=number(row.solved),
            n=number(row.problems)) for row in rows.itertuples())
    caption = say("service.times.caption", lang, few=number(few))
    return _picture("times_to_solve", "times", sheet.figure, title, detail, rows[_TIMES], caption, lang, as_of, "days")


def _times_title(whole: pd.Series, p: float, lang: str) -> str:
    if np.isnan(whole["median"]):
        return say("service.times.title.open", lang, n=number(whole["problems"]))
    kind = "untested" if np.isnan(p) else "differ" if p < _P else "same"
    high = say("service.open_end", lang) if np.isnan(whole["high"]) else number(whole["high"])
    return say(f"service.times.title.{kind}", lang, median=number(whole["median"]), low=number(whole["low"]), high=high)


def _times(axes: Axes, rows: pd.DataFrame) -> None:
    """A dot and its interval in each line; an interval without an end runs to the edge and ends in an arrow."""
    ends = rows[["median", "high"]].max(axis=1)
    limit = max(float(ends.max(skipna=True)) if ends.notna().any() else 1.0, 1.0) * 1.06
    axes.set_xlim(0, limit)
    axes.axhline(0.5, color=palette.RULE, linewidth=1)
    for place, row in enumerate(rows.itertuples()):
        if np.isnan(row.median):
            continue
        whisker(axes, place, row.median, row.low, limit if np.isnan(row.high) else row.high, False)
        if np.isnan(row.high):
            axes.plot([limit], [place], ">", color=palette.IN_TIME, markersize=7, clip_on=False, zorder=4)


# --- stewards


def load_chart(load: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, names: Mapping[str, str],
               source_note: str = "") -> Picture:
    """Open problems of the stewards' offices that have most, past their date or not, with intervals and the mean of all.

    `load` as from `liantu.assess.service.steward_load`; `names` has the words of the offices.
    """
    named = load[load["steward"] != ""]
    if named.empty:
        return empty_picture("stewards", say("service.load.subject", lang), lang, as_of, simulated, source_note)
    rows = named.assign(group=[_called(name, names, lang) for name in named["steward"]]).head(_SHOWN).reset_index(drop=True)
    mean, title = float(named["open"].mean()), _load_title(named, lang)
    legend = [say(f"service.load.{part}", lang) for part in ("overdue", "in_time", "range", "mean")]
    small = [say("service.load.small", lang, open=number(row.open), problems=number(row.problems)) for row in rows.itertuples()]
    with figure_style():
        sheet, axes = row_sheet(list(rows["group"]), [""] * len(rows), small, title,
                                say("service.load.subtitle", lang, place=place, shown=number(len(rows))), legend, step=0.34)
        _load_bars(axes, rows, mean)
        styles = (_DRESS["late"], _DRESS["under_way"])
        handles = [Patch(edgecolor=palette.INK, linewidth=0.6, label=label, **style) for label, style in zip(legend, styles, strict=False)]
        handles += [Line2D([], [], color=palette.INK, linewidth=1.4, label=legend[2]),
                    Line2D([], [], color=palette.INK, linewidth=1.6, linestyle=(0, (2, 1.5)), label=legend[3])]
        put_legend(sheet, handles)
        stamp(sheet.figure, lang, as_of, simulated, source_note)
    detail = say("semicolon", lang).join(
        say("service.load.alt.row", lang, group=_spoken(row.group, lang), open=number(row.open), overdue=number(row.overdue))
        for row in rows.head(5).itertuples())
    nobody = load[load["steward"] == ""]
    caption = say("service.load.caption", lang, nobody=number(nobody["problems"].sum()), nobody_open=number(nobody["open"].sum()))
    data = named.assign(group=[_called(name, names, lang) for name in named["steward"]])[_LOAD].reset_index(drop=True)
    data = data.round({"low": 1, "high": 1, "share_low": 2, "share_high": 2})
    return _picture("stewards", "load", sheet.figure, title, detail, data, caption, lang, as_of, "problem")


def _load_title(named: pd.DataFrame, lang: str) -> str:
    told = {"n": number(len(named)), "open": number(named["open"].sum()), "overdue": number(named["overdue"].sum()),
            "mean": number(named["open"].mean(), tenths=True), "most": number(named["open"].max()), "above": number(named["above"].sum())}
    if not named["open"].sum():
        return say("service.load.title.none", lang, n=told["n"])
    if not named["above"].any():
        return say("service.load.title.same", lang, **{key: told[key] for key in ("n", "open", "overdue", "most", "mean")})
    return say("service.load.title.above", lang, **{key: told[key] for key in ("n", "open", "overdue", "above", "mean")})


def _load_bars(axes: Axes, rows: pd.DataFrame, mean: float) -> None:
    places, late = np.arange(len(rows)), rows["overdue"].to_numpy(dtype=float)
    rest = rows["open"].to_numpy(dtype=float) - late
    axes.barh(places, late, 0.6, edgecolor=palette.INK, linewidth=0.6, **_DRESS["late"])
    axes.barh(places, rest, 0.6, left=late, edgecolor=palette.INK, linewidth=0.6, **_DRESS["under_way"])
    for colour, thick in ((palette.PAPER, 4.2), (palette.INK, 1.6)):  # a light edge keeps the line apart from the hatch
        axes.hlines(places, rows["low"], rows["high"], color=colour, linewidth=thick, zorder=4)
    axes.axvline(mean, color=palette.INK, linewidth=1.6, linestyle=(0, (2, 1.5)), zorder=3)
    axes.set_xlim(0, max(float(rows["high"].max()), 1.0) * 1.03)


def _picture(name: str, part: str, figure: object, title: str, detail: str, data: pd.DataFrame, caption: str, lang: str, as_of: dt.date,
             unit: str) -> Picture:
    labels = {column: say(f"service.{part}.column.{column}", lang) for column in data.columns}
    alt = say(f"service.{part}.alt", lang, title=title, detail=detail)
    return Picture(name, figure, title, alt, data, labels, caption, as_of, say(f"service.unit.{unit}", lang))  # type: ignore[arg-type]
