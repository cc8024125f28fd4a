"""How late ledgers report, as seen and as it is once reports that are still to come are allowed for."""

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
from liantu.figures.style import MARGIN, SMALLEST, TEXT, WIDTH, figure_style, new_figure, quiet, stamp
from liantu.figures.wording import number, percent, say

_STEP = 0.42  # inches of a line
_WITHIN = 90
FEW = 20
"""Stages of which fewer reports told a delay are left to the data."""
_COLUMNS = ("stage", "n", "seen_median", "q25", "median", "q75", "within", "seen_days")


def delay_table(seen: pd.DataFrame, corrected: pd.DataFrame) -> pd.DataFrame:
    """By stage: n (reports), median of the delays seen, quartiles of the corrected ones, share within 90 days, longest delay that is told.

    `seen` and `corrected` as from `liantu.progress.reporting_delays` and `liantu.progress.delays.delay_distribution`.
    """
    rows = []
    for stage, part in corrected[corrected["stage"] != "all"].groupby("stage", sort=False):
        quartiles = [_first(part, share) for share in (0.25, 0.5, 0.75)]
        within = part.loc[part["days"] <= _WITHIN, "share"]
        rows.append((stage, int(part["n"].iloc[0]), float(seen.loc[seen["stage"] == stage, "days"].median()), *quartiles,
                     _told_within(within, int(part["seen_days"].iloc[0])), int(part["seen_days"].iloc[0])))
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _told_within(within: pd.Series, seen_days: int) -> float:
    """The share within 90 days; NaN where no longer delay could be seen: it would be all by construction."""
    if seen_days <= _WITHIN:
        return np.nan
    return float(within.iloc[-1]) if len(within) else 0.0


def _first(part: pd.DataFrame, share: float) -> float:
    """The days within which so great a share is reported."""
    reached = part[part["share"] >= share - 1e-9]
    return float(reached["days"].iloc[0]) if len(reached) else np.nan


def delay_chart(seen: pd.DataFrame, corrected: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str,
                names: Mapping[str, str], source_note: str = "") -> Picture:
    """Days from an event to the first ledger that reports it, by stage: the middle half and the median, corrected, and the median as seen.

    `seen` and `corrected` as in `delay_table`; `names` has the words of stages in order.
    """
    table = delay_table(seen, corrected)
    rows = table[(table["n"] >= FEW) & table["stage"].isin(names)]
    if rows.empty:
        return empty_picture("reporting_delay", say("delay.subject", lang), lang, as_of, simulated, source_note)
    rows = rows.iloc[np.argsort(rows["stage"].map(list(names).index).to_numpy(), kind="stable")].reset_index(drop=True)
    worst = rows.loc[rows["median"].idxmax()]
    title = say("lag.title" if pd.notna(worst["within"]) else "lag.title.short", lang, stage=names[worst["stage"]],
                days=number(worst["median"]), within=percent(worst["within"]), seen=number(worst["seen_days"]))
    with figure_style():
        left = MARGIN + max(width(names[stage], TEXT) for stage in rows["stage"]) + 0.12
        sheet = new_figure(title, say("lag.subtitle", lang, place=place), _STEP * len(rows) + 0.95)
        axes = sheet.axes(left, 0.5, WIDTH - left - 2.2 - MARGIN, _STEP * len(rows))
        _bars(axes, rows, [names[stage] for stage in rows["stage"]], lang)
        sheet.legend([Patch(color=palette.WORK["to_do"], label=say("lag.half", lang)),
                      Line2D([], [], color=palette.IN_TIME, linewidth=3.2, marker="|", markersize=0, label=say("lag.fixed", lang)),
                      Line2D([], [], color=palette.GREY, marker="o", markerfacecolor=palette.PAPER, linewidth=0,
                             label=say("lag.seen", lang))])
        stamp(sheet.figure, lang, as_of, simulated, source_note)
    data = table.assign(stage=[names.get(stage, stage) for stage in table["stage"]]).round({"within": 3})
    labels = {column: say(f"lag.column.{column}", lang) for column in data.columns}
    detail = say("semicolon", lang).join(
        say("lag.alt.row", lang, stage=names[row.stage], seen=number(row.seen_median), days=number(row.median))
        for row in rows.itertuples())
    return Picture("reporting_delay", sheet.figure, title, say("lag.alt", lang, title=title, detail=detail), data, labels,
                   say("lag.caption", lang, few=FEW), as_of, say("lag.unit", lang))


def _bars(axes: Axes, rows: pd.DataFrame, names: list[str], lang: str) -> None:
    for place, row in enumerate(rows.to_dict("records")):
        axes.barh(place, row["q75"] - row["q25"], 0.56, left=row["q25"], color=palette.WORK["to_do"], zorder=2)
        axes.plot([row["median"]] * 2, [place - 0.34, place + 0.34], color=palette.IN_TIME, linewidth=3.2, zorder=4)
        axes.plot(row["seen_median"], place, "o", color=palette.GREY, markerfacecolor=palette.PAPER, markersize=8, zorder=5)
        told = say("lag.beside" if pd.notna(row["within"]) else "lag.beside.short", lang, days=number(row["median"]),
                   within=percent(row["within"]), n=number(row["n"]))
        axes.annotate(told, (1, place), (10, 0), xycoords=("axes fraction", "data"), textcoords="offset points", va="center", size=SMALLEST)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(0, float(rows["q75"].max()) * 1.08)
    axes.set_yticks(range(len(rows)), names)
    axes.set_xlabel(say("lag.axis", lang))
    quiet(axes, "x")
    axes.tick_params(axis="x", labelsize=SMALLEST, labelcolor=palette.GREY)
