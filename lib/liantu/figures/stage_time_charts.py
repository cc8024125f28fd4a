"""Charts of time: how long projects stay in each stage and who still waits, and the six permits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

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
from liantu.figures.row_sheets import FEW, plain_axis, put_legend, row_sheet
from liantu.figures.style import TEXT, figure_style, quiet, stamp, upright
from liantu.figures.wording import number, percent, say

_BOX = {"facecolor": "#B9D9EE", "edgecolor": palette.IN_TIME, "linewidth": 0.9}
_OPEN_BOX = _BOX | {"hatch": "...", "linewidth": 0.5}
_OVER, _WITHIN = palette.DEMAND, palette.GREY
_TIME = ("stage", "n", "ended", "median", "low", "high", "q25", "q75", "waiting", "waiting_median", "longest")
PERMIT_STATES = ("done", "pending", "not_needed", "unknown")
_PERMITS = {"done": (palette.IN_TIME, ""), "pending": (palette.LATE, "////"), "not_needed": (palette.EMPTY, ""),
            "unknown": (palette.PAPER, "..")}


def time_in_stage_chart(table: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, names: Mapping[str, str],
                        source_note: str = "", waiting: pd.DataFrame | None = None, level: float = 0.9) -> Picture:
    """The usual time in each stage (quartile bar, median with its interval) and above it those who still wait, one dot each.

    `table` as from `liantu.progress.time_in_stage`; NaN: fewer than that share have left the stage, the bar is open. `waiting` as from
    `liantu.progress.longest_waiting` with an `n` that holds all (stage, days, over): a dot for each, a triangle where it waits longer than
    is usual; without it a dot at the median and one at the longest. `names` has the words of stages, `level` is that of the interval.
    """
    rows = table[(table["n"] > 0) | (table["waiting"] > 0)].reset_index(drop=True)
    if rows.empty:
        return empty_picture("time_in_stage", say("stay.subject", lang), lang, as_of, simulated, source_note)
    title = _stay_title(rows, names, lang)
    with figure_style():
        figure = _stay_figure(rows, waiting, title, say("stay.subtitle", lang, place=place), names, lang, level)
        stamp(figure, lang, as_of, simulated, source_note)
    data = rows[[column for column in _TIME if column in rows]].round(1)
    detail = say("semicolon", lang).join(
        say("stay.alt.row", lang, stage=names.get(row.stage, row.stage), median=_days(row.median, lang), waiting=number(row.waiting),
            longest=_days(row.longest, lang)) for row in data.itertuples(index=False))
    data = data.assign(stage=[names.get(stage, stage) for stage in data["stage"]])
    labels = {column: say(f"stay.column.{column}", lang) for column in data.columns}
    alt = say("stay.alt", lang, place=place, title=title, detail=detail)
    return Picture("time_in_stage", figure, title, alt, data, labels, say("stay.caption", lang), as_of, say("stay.axis", lang))


def _days(value: object, lang: str) -> str:
    return say("stay.unreached", lang) if pd.isna(value) else say("stay.days", lang, days=number(round(float(value))))


def _stay_title(rows: pd.DataFrame, names: Mapping[str, str], lang: str) -> str:
    parts = []
    known = rows[rows["median"].notna()]
    if len(known):
        slow = known.loc[known["median"].idxmax()]
        parts.append(say("stay.title.slow", lang, stage=names.get(slow["stage"], slow["stage"]), days=number(round(slow["median"]))))
    still = rows[rows["waiting"] > 0]
    if len(still):
        most = still.loc[still["waiting"].idxmax()]
        key = "stay.title.waiting" if parts else "stay.title.only"
        parts.append(say(key, lang, stage=names.get(most["stage"], most["stage"]), n=number(most["waiting"])))
    return say("semicolon", lang).join(parts) or say("stay.title.none", lang)


def _stay_figure(rows: pd.DataFrame, waiting: pd.DataFrame | None, title: str, subtitle: str, names: Mapping[str, str], lang: str,
                 level: float) -> Figure:
    notes = [say("stay.few", lang) if note == "few" else _days(value, lang)
             for value, note in zip(rows["median"], rows["note"] if "note" in rows else [""] * len(rows), strict=True)]
    small = [say("stay.small", lang, waiting=number(row.waiting), longest=_days(row.longest, lang)) if row.waiting
             else say("stay.small.none", lang) for row in rows.itertuples()]
    dotted = waiting is not None and len(waiting) > 0
    legend = _stay_legend(rows, waiting, lang, level)
    printed = [names.get(stage, stage) for stage in rows["stage"]]
    sheet, axes = row_sheet(printed, notes, small, title, subtitle, [entry.get_label() for entry in legend], 0.62)
    top = max(rows[["q75", "high", "longest", "median"]].astype("float64").max().max(), 1.0) * 1.03
    axes.set_xlim(0, top)
    axes.set_xlabel(say("stay.axis", lang))
    for place, row in enumerate(rows.itertuples()):
        _stay_bar(axes, place, row, top)
        if dotted:
            own = waiting[waiting["stage"] == row.stage]
            for over, colour in ((False, _WITHIN), (True, _OVER)):
                part = own[own["over"].fillna(0).astype(float).gt(0) == over]
                spread = place - 0.27 + 0.06 * (np.arange(len(part)) % 3 - 1)
                axes.plot(part["days"], spread, "^" if over else "o", color=colour, markersize=5.5 if over else 4,
                          alpha=0.75, markeredgewidth=0, clip_on=False, zorder=5)
        elif row.waiting:
            axes.plot([row.waiting_median], [place - 0.27], "o", color=_WITHIN, markersize=6, zorder=5)
            axes.plot([row.longest], [place - 0.27], "^", color=_OVER, markersize=7, zorder=5, clip_on=False)
    put_legend(sheet, legend)
    return sheet.figure


def _stay_bar(axes: Axes, place: int, row: object, top: float) -> None:
    """The middle half of the times; open to the right where the upper quartile has not been reached."""
    y = place + 0.12
    if pd.notna(row.q25):
        closed = pd.notna(row.q75)
        axes.barh(y, (row.q75 if closed else top) - row.q25, 0.36, left=row.q25, zorder=2, **(_BOX if closed else _OPEN_BOX))
    if pd.notna(row.median):
        low, high = (value if pd.notna(value) else limit for value, limit in ((row.low, row.median), (row.high, top)))
        axes.plot([low, high], [y] * 2, color=palette.IN_TIME, linewidth=1.6, zorder=3)
        axes.plot([row.median] * 2, [y - 0.24, y + 0.24], color=palette.DEMAND, linewidth=3.2, zorder=4)


def _stay_legend(rows: pd.DataFrame, waiting: pd.DataFrame | None, lang: str, level: float) -> list[object]:
    legend: list[object] = [upright(say("stay.median", lang)), Patch(**_BOX, label=say("stay.middle", lang)),
                            Line2D([], [], color=palette.IN_TIME, linewidth=1.6, label=say("stay.interval", lang, level=f"{level:.0%}"))]
    if (rows["q25"].notna() & rows["q75"].isna()).any():
        legend.append(Patch(**_OPEN_BOX, label=say("stay.open", lang)))
    dotted = waiting is not None and len(waiting) > 0
    every = dotted and len(waiting) >= rows["waiting"].sum()
    keys = ("stay.dot" if every else "stay.dot_some", "stay.over") if dotted else ("stay.waiting_median", "stay.longest")
    dots = [Line2D([], [], linewidth=0, marker="o", markersize=5, color=_WITHIN, label=say(keys[0], lang)),
            Line2D([], [], linewidth=0, marker="^", markersize=6.5, color=_OVER, label=say(keys[1], lang))]
    return legend + (dots if rows["waiting"].gt(0).any() else [])


# --- permits


def permit_chart(table: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, names: Mapping[str, str],
                 source_note: str = "") -> Picture:
    """The six permits: how many projects have each, still work on it, need none, or do not say, and the median days it took.

    `table` as from `liantu.progress.permit_times`: approval, n (with both dates), median, and the counts of projects done, pending,
    not_needed, unknown as far as there are such columns. `names` has the words of the approvals and gives their order.
    """
    states = [state for state in PERMIT_STATES if state in table.columns and table[state].sum() > 0]
    if table.empty or not states:
        return empty_picture("permits", say("permit.subject", lang), lang, as_of, simulated, source_note)
    order = [*names, *(approval for approval in table["approval"] if approval not in names)]
    rows = table.sort_values("approval", key=lambda column: column.map(order.index), kind="stable").reset_index(drop=True)
    printed = [names.get(approval, approval) for approval in rows["approval"]]
    title = _permit_title(rows, printed, lang)
    with figure_style():
        figure = _permit_figure(rows, states, printed, title, say("permit.subtitle", lang, place=place), lang)
        stamp(figure, lang, as_of, simulated, source_note)
    shown = ["approval", *states, *(column for column in ("n", "q25", "median", "q75") if column in rows)]
    data = rows[shown].round(1).assign(approval=printed)
    labels = {column: say(f"permit.column.{column}", lang) for column in shown}
    detail = say("semicolon", lang).join(
        say("permit.alt.row", lang, permit=name, median=_days(row.median, lang),
            counts=say("comma", lang).join(f"{say(f'permit.{state}', lang)} {number(getattr(row, state))}" for state in states))
        for name, row in zip(printed, rows.itertuples(), strict=True))
    alt = say("permit.alt", lang, place=place, title=title, detail=detail)
    return Picture("permits", figure, title, alt, data, labels, say("permit.caption", lang), as_of, say("permit.axis", lang))


def _permit_title(rows: pd.DataFrame, printed: list[str], lang: str) -> str:
    parts = []
    if "pending" in rows and rows["pending"].sum():
        most = int(rows["pending"].idxmax())
        needed = rows.loc[most, [state for state in ("done", "pending") if state in rows]].sum()
        parts.append(say("permit.title.pending", lang, permit=printed[most], n=number(rows.loc[most, "pending"]), of=number(needed),
                         share=percent(rows.loc[most, "pending"] / needed)))
    if rows["median"].notna().any():
        slow = int(rows["median"].idxmax())
        key = "permit.title.too" if parts and slow == most else "permit.title.slow"
        parts.append(say(key, lang, permit=printed[slow], days=number(round(rows.loc[slow, "median"]))))
    return say("semicolon", lang).join(parts) or say("permit.title.done", lang)


def _permit_figure(rows: pd.DataFrame, states: list[str], printed: list[str], title: str, subtitle: str, lang: str) -> Figure:
    notes = [_days(row.median, lang) if row.n >= FEW else say("stay.few", lang) for row in rows.itertuples()]
    small = [say("permit.small", lang, n=number(row.n)) for row in rows.itertuples()]
    legend = [Patch(**_permit_dress(state), linewidth=0.7, label=say(f"permit.{state}", lang)) for state in states]
    sheet, axes = row_sheet(printed, notes, small, title, subtitle, [patch.get_label() for patch in legend], 0.44)
    total = rows[states].sum(axis=1).max()
    room = axes.get_position().width * sheet.figure.get_figwidth()
    axes.set_xlim(0, total)
    for place, row in enumerate(rows.itertuples()):
        start = 0
        for state in states:
            count, dress = getattr(row, state), _permit_dress(state)
            axes.barh(place, count, 0.62, left=start, linewidth=0.7, **dress)
            if width(number(count), TEXT, bold=True) + 0.14 < count / total * room:
                axes.text(start + count / 2, place, number(count), ha="center", va="center", weight="bold",
                          color=palette.ink_on(dress["facecolor"]), bbox={"facecolor": dress["facecolor"], "edgecolor": "none", "pad": 1.2})
            start += count
    plain_axis(axes, "x")
    quiet(axes)
    axes.set_xlabel(say("permit.axis", lang))
    put_legend(sheet, legend)
    return sheet.figure


def _permit_dress(state: str) -> dict[str, str]:
    colour, hatch = _PERMITS[state]
    return {"facecolor": colour, "edgecolor": palette.INK, "hatch": hatch, "hatchcolor": palette.ink_on(colour)}
