"""Charts of the ledgers themselves: what became of their rows, and how late they report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from liantu.figures import palette
from liantu.figures.display import Picture
from liantu.figures.empty import empty_picture
from liantu.figures.fonts import width
from liantu.figures.style import MARGIN, SMALLEST, TEXT, WIDTH, figure_style, new_figure, quiet, stamp, upright
from liantu.figures.wording import day, number, percent, say, wrap

_FATES = tuple(palette.ROWS)
_BOX = {"facecolor": palette.SEQUENTIAL[2], "edgecolor": palette.INK, "linewidth": 0.6}
_QUANTILES = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}


def accounting_chart(files: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, names: Mapping[str, str] | None = None,
                     source_note: str = "") -> Picture:
    """What became of every ledger row, by snapshot, and the share that each reporter had quarantined.

    `files` has source_file, county (code; empty for departments), snapshot, accepted, quarantined, ignored: one row for each file or
    sheet. `names` gives the counties' names by code, in the order to print.
    """
    if files.empty or not files[list(_FATES)].to_numpy().sum():
        return empty_picture("accounting", say("rows.subject", lang), lang, as_of, simulated, source_note)
    reporter = files["county"].map(dict(names)) if names else files["county"]
    rows = files.assign(county=reporter.fillna(say("rows.other", lang)), snapshot=[_snapshot(value) for value in files["snapshot"]])
    grouped = rows.groupby(["snapshot", "county"])
    data = grouped[list(_FATES)].sum().assign(files=grouped["source_file"].nunique()).reset_index()
    found = data[list(_FATES)].sum()
    used = found["accepted"] + found["quarantined"]
    said = {fate: number(found[fate]) for fate in _FATES} | {"read": number(found.sum()), "share": _share(found["quarantined"], used)}
    title = say("rows.title", lang, **said)
    by_reporter = _by_reporter(data, list(names.values()) if names else list(reporter.dropna().unique()))
    with figure_style():
        subtitle = say("rows.subtitle", lang, place=place, files=files["source_file"].nunique())
        figure = _accounting_figure(data, by_reporter, title, subtitle, lang)
        stamp(figure, lang, as_of, simulated, source_note)
    detail = say("separator", lang).join(f"{row.county} {_share(row.quarantined, row.used)}" for row in by_reporter.itertuples())
    labels = {column: say(f"rows.column.{column}", lang) for column in data.columns}
    alt = say("rows.alt", lang, place=place, title=title, detail=detail)
    return Picture("accounting", figure, title, alt, data, labels, say("rows.caption", lang), as_of, say("rows.axis", lang))


def _snapshot(value: object) -> str:
    return value if isinstance(value, str) else day(value)


def _share(part: float, whole: float) -> str:
    if not whole:
        return percent(None)
    return f"{part / whole * 100:.1f}%" if 0 < part / whole < 0.1 else percent(part / whole)


def _by_reporter(data: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    table = data.groupby("county", sort=False)[["accepted", "quarantined"]].sum()
    table = table.reindex([name for name in order if name in table.index] + [name for name in table.index if name not in order])
    table["used"] = table["accepted"] + table["quarantined"]
    return table[table["used"] > 0].reset_index()


def _accounting_figure(data: pd.DataFrame, reporters: pd.DataFrame, title: str, subtitle: str, lang: str) -> Figure:
    snapshots = data.groupby("snapshot")[list(_FATES)].sum()
    count = max(len(snapshots), len(reporters), 3)
    height = 0.36 * count
    names = [wrap(str(name), 1.7, TEXT) for name in reporters["county"]]
    side = max((width(line, TEXT) for name in names for line in name.split("\n")), default=0.5) + 0.15
    sheet = new_figure(title, subtitle, height + 1.0)
    left = sheet.axes(1.15, 0.45, 3.35, height)
    _snapshot_bars(left, snapshots)
    left.set_xlabel(say("rows.axis", lang))
    right = sheet.axes(4.8 + side, 0.45, WIDTH - 4.8 - side - MARGIN - 0.55, height)
    _share_bars(right, reporters, names)
    right.set_xlabel(say("rows.axis_share", lang))
    sheet.legend([Patch(facecolor=palette.ROWS[fate], hatch=palette.ROW_HATCHES[fate], edgecolor=palette.INK, linewidth=0.6,
                        label=say(f"rows.{fate}", lang)) for fate in _FATES])
    return sheet.figure


def _snapshot_bars(axes: Axes, snapshots: pd.DataFrame) -> None:
    start = np.zeros(len(snapshots))
    places = range(len(snapshots))
    for fate in _FATES:
        axes.barh(places, snapshots[fate], 0.66, left=start, color=palette.ROWS[fate], hatch=palette.ROW_HATCHES[fate],
                  edgecolor=palette.INK, linewidth=0.6)
        start = start + snapshots[fate].to_numpy()
    for place, total in enumerate(start):
        axes.annotate(number(total), (total, place), (4, 0), textcoords="offset points", va="center", weight="bold")
    axes.set_yticks(places, list(snapshots.index))
    axes.set_ylim(len(snapshots) - 0.5, -0.5)
    axes.set_xlim(0, start.max() * 1.17)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.xaxis.set_major_formatter(lambda value, _: number(value))
    quiet(axes)
    axes.tick_params(axis="x", labelsize=SMALLEST, labelcolor=palette.GREY)


def _share_bars(axes: Axes, reporters: pd.DataFrame, names: list[str]) -> None:
    shares = (reporters["quarantined"] / reporters["used"]).to_numpy()
    axes.barh(range(len(reporters)), shares, 0.62, color=palette.ROWS["quarantined"], hatch=palette.ROW_HATCHES["quarantined"],
              edgecolor=palette.INK, linewidth=0.6)
    for place, row in enumerate(reporters.itertuples()):
        text = f"{_share(row.quarantined, row.used)}"
        axes.annotate(text, (shares[place], place), (4, 0), textcoords="offset points", va="center", weight="bold")
    axes.set_yticks(range(len(reporters)), names)
    axes.set_ylim(len(reporters) - 0.5, -0.5)
    axes.set_xlim(0, max(shares.max(initial=0), 0.01) * 1.1)
    axes.set_xticks([])
    quiet(axes)
    axes.spines["left"].set_visible(True)
    axes.spines["bottom"].set_visible(False)


def reporting_delay_chart(delays: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str,
                          names: Mapping[str, str] | None = None, source_note: str = "") -> Picture:
    """Days from an event to the first ledger that reports it, by stage: 5, 25, 50, 75 and 95 % quantiles with the median written.

    `delays` has stage and days, one row for each reported event; `names` names the stages and gives their order,
    without it they stand by their median.
    """
    known = delays.dropna(subset=["days"])
    if known.empty:
        return empty_picture("reporting_delay", say("delay.subject", lang), lang, as_of, simulated, source_note)
    data = _quantiles(known, names or {})
    overall = known["days"].astype("float64")
    title = say("delay.title", lang, median=number(round(overall.median())), slow=number(round(overall.quantile(0.9))))
    with figure_style():
        figure = _delay_figure(data, title, say("delay.subtitle", lang, place=place, n=number(len(known))), lang)
        stamp(figure, lang, as_of, simulated, source_note)
    detail = say("separator", lang).join(say("delay.alt.row", lang, stage=row.stage, median=number(row.q50)) for row in data.itertuples())
    labels = {column: say(f"delay.column.{column}", lang) for column in data.columns}
    alt = say("delay.alt", lang, place=place, title=title, detail=detail)
    return Picture("reporting_delay", figure, title, alt, data, labels, say("delay.caption", lang), as_of, say("delay.axis", lang))


def _quantiles(delays: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    days = delays["days"].astype("float64").groupby(delays["stage"], sort=False)
    table = pd.DataFrame({"n": days.size()} | {name: days.quantile(share) for name, share in _QUANTILES.items()})
    table = table.sort_values("q50", kind="stable")
    table = table.reindex([stage for stage in names if stage in table.index] + [stage for stage in table.index if stage not in names])
    return table.rename(index=dict(names)).rename_axis("stage").reset_index()


def _delay_figure(data: pd.DataFrame, title: str, subtitle: str, lang: str) -> Figure:
    names = [wrap(str(stage), 1.8, TEXT) for stage in data["stage"]]
    notes = [say("delay.count", lang, median=number(round(row.q50)), n=number(row.n)) for row in data.itertuples()]
    left = max(width(line, TEXT) for name in names for line in name.split("\n")) + MARGIN + 0.12
    right = max(width(note, TEXT, bold=True) for note in notes) + MARGIN + 0.1
    height = 0.46 * len(data)
    sheet = new_figure(title, subtitle, height + 0.9)
    axes = sheet.axes(left, 0.45, WIDTH - left - right, height)
    _delay_boxes(axes, data, notes)
    axes.set_yticks(range(len(data)), names)
    axes.set_ylim(len(data) - 0.5, -0.5)
    axes.set_xlim(min(0, data["q05"].min()), max(data["q95"].max() * 1.03, 1))
    axes.xaxis.set_major_formatter(lambda value, _: number(value))
    axes.set_xlabel(say("delay.axis", lang))
    quiet(axes, "x")
    axes.tick_params(axis="x", labelsize=SMALLEST, labelcolor=palette.GREY)
    sheet.legend([upright(say("delay.median", lang)), Patch(**_BOX, label=say("delay.middle", lang)),
                  Line2D([], [], color=palette.IN_TIME, linewidth=1.6, label=say("delay.most", lang))])
    return sheet.figure


def _delay_boxes(axes: Axes, data: pd.DataFrame, notes: Sequence[str]) -> None:
    for place, row in enumerate(data.itertuples()):
        axes.plot([row.q05, row.q95], [place] * 2, color=palette.IN_TIME, linewidth=1.6, solid_capstyle="butt", zorder=2)
        axes.barh(place, row.q75 - row.q25, 0.5, left=row.q25, zorder=3, **_BOX)
        axes.plot([row.q50] * 2, [place - 0.33, place + 0.33], color=palette.DEMAND, linewidth=3.2, zorder=4)
        axes.annotate(notes[place], (1, place), (6, 0), xycoords=("axes fraction", "data"), textcoords="offset points", va="center",
                      weight="bold")
