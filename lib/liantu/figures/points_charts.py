"""Charts of what an assessment's points are made of, and of how totals move from month to month, quarter to quarter and half to half."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

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
from liantu.figures.row_sheets import put_legend
from liantu.figures.style import MARGIN, SMALLEST, TEXT, WIDTH, figure_style, new_figure, quiet, stamp
from liantu.figures.wording import number, say, wrap

KINDS = ("month", "quarter", "half", "year")
_CELL, _ROW = 1.2, 0.32  # the most of its weight that a part earns in a cell's width; inches of a line
_EARNED = {"facecolor": palette.WORK["to_do"], "linewidth": 0}
_NOT_REPORTED = {"facecolor": palette.PAPER, "edgecolor": palette.RULE, "hatch": "////", "linewidth": 0.5}
_PARTS = ["assessment", "part_name", "kind", "weight", "name", "value", "normalised", "points", "state"]
_PERIODS = ["period", "label", "name", "total", "se", "rank_low", "rank_high", "change", "relative", "moved"]
_BAND = 0.62  # inches of a unit's band of totals
_Z = 1.6449  # ends of a 90 % interval of a normal distribution
_MARK = {"markeredgecolor": palette.INK, "markeredgewidth": 0.5, "markersize": 8, "linewidth": 0}


# --- what the points are made of


def parts_chart(details: Sequence[tuple[str, pd.DataFrame]], lang: str, as_of: dt.date, simulated: bool, place: str, source_note: str = "",
                title: str = "") -> Picture:
    """For each assessment (name, `score_details` with names) a grid of parts by units: the share of the weight earned as a bar, and points.

    A part that is not reported has a mark of its own and no bar. Units stand in the order in which they come.
    """
    drawn = [(name, rows) for name, rows in details if len(rows) and rows["points"].notna().any()]
    if not drawn:
        return empty_picture("score_parts", say("ranking.subject", lang), lang, as_of, simulated, source_note)
    title = title or parts_title(drawn, lang)
    with figure_style():
        figure = _parts_figure(drawn, title, say("ranking.parts.subtitle", lang, place=place), lang)
        stamp(figure, lang, as_of, simulated, source_note)
    data = pd.concat([rows.assign(assessment=name) for name, rows in drawn], ignore_index=True)[_PARTS]
    data = data.assign(kind=[say(f"ranking.kind.{kind}", lang) for kind in data["kind"]],
                       state=[say(f"ranking.state.{state}", lang) for state in data["state"]])
    labels = {column: say(f"ranking.column.{column}", lang) for column in data.columns}
    detail = say("semicolon", lang).join(_parts_alt(name, rows, lang) for name, rows in drawn)
    alt = say("ranking.parts.alt", lang, title=title, detail=detail)
    data = data.round({"value": 3, "normalised": 3, "points": 2})
    return Picture("score_parts", figure, title, alt, data, labels, say("ranking.parts.caption", lang), as_of, say("ranking.points", lang))


def lost(rows: pd.DataFrame) -> pd.DataFrame:
    """By indicator of an assessment: its name, weight and the points of its own weight that those who report it earn on average.

    The most points lost first. What a unit gains from the weight of what it does not report is left out.
    """
    own = rows[(rows["kind"] == "indicator") & rows["normalised"].notna() & (rows["state"] != "not_reported")]
    own = own.assign(points=own["normalised"] * own["weight"])
    found = own.groupby("part", sort=False).agg(name=("part_name", "first"), weight=("weight", "first"), points=("points", "mean"))
    return found.assign(lost=found["weight"] - found["points"]).sort_values("lost", ascending=False, kind="stable")


def parts_title(drawn: Sequence[tuple[str, pd.DataFrame]], lang: str) -> str:
    """Which part loses the most points in each assessment, as the mean of the units."""
    told = []
    for name, rows in drawn:
        found = lost(rows)
        if len(found) and found["lost"].iloc[0] > 0:
            worst = found.iloc[0]
            told.append(say("ranking.parts.title.part", lang, assessment=name, part=worst["name"], weight=number(worst["weight"]),
                            points=number(worst["points"])))
    return say("semicolon", lang).join(told) or say("ranking.parts.title.none", lang)


def _parts_alt(name: str, rows: pd.DataFrame, lang: str) -> str:
    parts = say("separator", lang).join(
        say("ranking.parts.alt.part", lang, part=row.name_, weight=number(row.weight), points=number(row.points))
        for row in lost(rows).rename(columns={"name": "name_"}).itertuples())
    return say("ranking.alt.panel", lang, panel=name, detail=parts)


def _parts_figure(drawn: Sequence[tuple[str, pd.DataFrame]], title: str, subtitle: str, lang: str) -> Figure:
    grids = [_grid(rows, lang) for _, rows in drawn]
    units = max(len(grid[0]) for grid in grids)
    left = MARGIN + max(width(line, TEXT) for _, labels, *_ in grids for label in labels for line in label.split("\n")) + 0.12
    cell = (WIDTH - MARGIN - left) / units
    steps = [max(_ROW, *(0.17 * (label.count("\n") + 1) + 0.06 for label in labels)) for _, labels, *_ in grids]
    heads = [max(_lines(str(name), cell) for name in names) * 0.17 + 0.38 for names, *_ in grids]
    highs = [step * len(grid[1]) for step, grid in zip(steps, grids, strict=True)]
    sheet = new_figure(title, subtitle, sum(highs) + sum(heads) + 0.2 * len(grids) + 0.25)
    put_legend(sheet, [Patch(label=say("ranking.parts.legend.earned", lang), **_EARNED),
                       Patch(label=say("ranking.parts.legend.missing", lang), **_NOT_REPORTED)])
    top = sheet.body - 0.3
    for (name, _), grid, high, head in zip(drawn, grids, highs, heads, strict=True):
        sheet.write(MARGIN, top - 0.12, name, weight="bold", va="center")
        axes = sheet.axes(left, top - head - high, cell * len(grid[0]), high)
        for at, unit in enumerate(grid[0]):
            sheet.write(left + cell * (at + 0.46 / _CELL), top - head + 0.04, wrap(str(unit), cell - 0.06, SMALLEST), ha="center",
                        va="bottom", size=SMALLEST, linespacing=1.1)
        _cells(axes, grid, lang)
        top -= head + high + 0.2
    return sheet.figure


def _lines(name: str, cell: float) -> int:
    return wrap(name, cell - 0.06, SMALLEST).count("\n") + 1


def _grid(rows: pd.DataFrame, lang: str) -> tuple[list[str], list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Names of the units, labels of the parts with their weights, and shares, points and not reported by part and unit."""
    parts = rows.drop_duplicates("part")
    labels = [wrap(say(f"ranking.parts.label.{row.kind}", lang, part=row.part_name, weight=number(row.weight)), 2.35, TEXT)
              for row in parts.itertuples()]
    units = list(dict.fromkeys(rows["unit"]))
    names = rows.drop_duplicates("unit").set_index("unit")["name"]
    rows = rows.assign(missing=rows["state"] == "not_reported")
    tables = [rows.pivot(index="part", columns="unit", values=value).reindex(index=parts["part"], columns=units).to_numpy()
              for value in ("normalised", "points", "missing")]
    return [names[unit] for unit in units], labels, *tables


def _cells(axes: Axes, grid: tuple[list[str], list[str], np.ndarray, np.ndarray, np.ndarray], lang: str) -> None:
    names, labels, shares, points, missing = grid
    line, unit = (places.ravel() for places in np.indices(points.shape))
    share = np.clip(np.nan_to_num(shares.astype("float64")), 0, _CELL).ravel() / _CELL * 0.92
    silent = missing.astype(bool).ravel()
    axes.barh(line[~silent], share[~silent], 0.7, left=unit[~silent], zorder=2, **_EARNED)
    if silent.any():
        axes.barh(line[silent], 0.92 / _CELL, 0.7, left=unit[silent], zorder=1, **_NOT_REPORTED)
    axes.barh(line, 0.92 / _CELL, 0.7, left=unit, facecolor="none", edgecolor=palette.GREY, linewidth=0.6, zorder=3)
    for y, x, value, gone in zip(line, unit, points.astype("float64").ravel(), silent, strict=True):
        text = say("ranking.parts.missing", lang) if gone else number(value, tenths=True)
        dress = {"bbox": {"facecolor": palette.PAPER, "edgecolor": "none", "pad": 0.8}, "color": palette.GREY} if gone else {}
        axes.text(x + 0.46 / _CELL, y, text, ha="center", va="center", size=SMALLEST, zorder=4, **dress)
    axes.set(xlim=(0, len(names)), ylim=(len(labels) - 0.5, -0.5), xticks=[])
    axes.set_yticks(range(len(labels)), labels)
    quiet(axes)
    axes.spines["bottom"].set_visible(False)


# --- how totals move


def periods_chart(periods: pd.DataFrame, assessment: str, order: Sequence[str], lang: str, as_of: dt.date, simulated: bool, place: str,
                  source_note: str = "") -> Picture:
    """A band for each unit with its totals by month, quarter, half and year, and a triangle where a change is more than chance.

    `periods` as `Standings.periods`; `order` are unit ids. Totals stand on one scale in every band; upright lines are 90 % intervals.
    """
    rows = periods[periods["total"].notna()]
    if rows.empty:
        return empty_picture("standings_over_time", say("ranking.subject", lang), lang, as_of, simulated, source_note)
    title = _periods_title(rows, assessment, lang)
    with figure_style():
        figure = _periods_figure(rows, order, title, say("ranking.periods.subtitle", lang, place=place, assessment=assessment), lang)
        stamp(figure, lang, as_of, simulated, source_note)
    data = rows[_PERIODS].assign(period=[say(f"ranking.period.{kind}", lang) for kind in rows["period"]],
                                 moved=[say("ranking.moved", lang) if moved else "" for moved in rows["moved"]])
    labels = {column: say(f"ranking.column.{column}", lang) for column in data.columns}
    detail = say("semicolon", lang).join(_moves(rows, lang)) or say("ranking.periods.alt.none", lang)
    alt = say("ranking.alt", lang, title=title, detail=detail)
    data = data.round({"total": 1, "se": 2, "change": 1, "relative": 1})
    return Picture("standings_over_time", figure, title, alt, data, labels, say("ranking.periods.caption", lang), as_of,
                   say("ranking.points", lang))


def _moves(rows: pd.DataFrame, lang: str) -> list[str]:
    moved = rows[rows["moved"] & (True if lang == "zh" else rows["name"].map(str.isascii))]
    return [say("ranking.periods.alt.row", lang, name=row.name_, label=row.label, change=signed(row.change))
            for row in moved.rename(columns={"name": "name_"}).itertuples()]


def signed(change: object) -> str:
    """Points with their sign; a dash for none."""
    if change is None or pd.isna(change):
        return "–"
    return f"+{number(change, tenths=True)}" if float(change) > 0 else number(change, tenths=True)  # type: ignore[arg-type]


def _periods_title(rows: pd.DataFrame, assessment: str, lang: str) -> str:
    """How many units moved more than by chance in the newest quarter that has one before it."""
    quarters = rows[(rows["period"] == "quarter") & rows["change"].notna()]
    if quarters.empty:
        return say("ranking.periods.title.first", lang, assessment=assessment)
    newest = quarters[quarters["label"] == quarters["label"].max()]
    up, down = (int((newest["moved"] & side).sum()) for side in (newest["change"] > 0, newest["change"] < 0))
    kind = "some" if up or down else "none"
    return say(f"ranking.periods.title.{kind}", lang, assessment=assessment, label=newest["label"].iloc[0], n=len(newest), up=up, down=down)


def _periods_figure(rows: pd.DataFrame, order: Sequence[str], title: str, subtitle: str, lang: str) -> Figure:
    names = rows.drop_duplicates("unit").set_index("unit")["name"]
    units = [unit for unit in order if unit in names.index] + sorted(set(names.index) - set(order))
    labels = [wrap(str(names[unit]), 1.3, TEXT) for unit in units]
    left = MARGIN + max(width(line, TEXT) for label in labels for line in label.split("\n")) + 0.45
    kinds = [kind for kind in KINDS if (rows["period"] == kind).any()]
    counts = [rows.loc[rows["period"] == kind, "label"].nunique() + 1.2 for kind in kinds]
    room = WIDTH - MARGIN - left - 0.18 * (len(kinds) - 1)
    high = _BAND * len(units)
    sheet = new_figure(title, subtitle, high + 0.95)
    put_legend(sheet, _periods_legend(lang))
    top = float(np.ceil(max(100.0, rows["total"].max()) / 20) * 20)
    for kind, count in zip(kinds, counts, strict=True):
        wide = room * count / sum(counts)
        axes = sheet.axes(left, 0.3, wide, high)
        sheet.write(left, 0.3 + high + 0.06, say(f"ranking.period.{kind}", lang), va="bottom", weight="bold")
        _bands(axes, rows[rows["period"] == kind], units, top)
        if kind == kinds[0]:
            _names(axes, labels, top)
        left += wide + 0.18
    return sheet.figure


def _names(axes: Axes, labels: Sequence[str], top: float) -> None:
    axes.set_yticks([place + 0.5 for place in range(len(labels))], labels)
    axes.tick_params(axis="y", pad=26)
    for place in range(len(labels)):
        for value, at in ((0, place + 0.88), (top, place + 0.12)):
            axes.annotate(number(value), (0, at), (-4, 0), xycoords=("axes fraction", "data"), textcoords="offset points", ha="right",
                          va="center", size=SMALLEST, color=palette.GREY, annotation_clip=False)


def _bands(axes: Axes, rows: pd.DataFrame, units: Sequence[str], top: float) -> None:
    """Totals of one kind of period: a band of equal scale for each unit, best upward."""
    periods = list(dict.fromkeys(rows["label"]))
    for place, unit in enumerate(units):
        own = rows[rows["unit"] == unit]
        at = own["label"].map(periods.index).to_numpy("float64")
        level = _level(own["total"], place, top)
        ends = [_level(own["total"] + side * _Z * own["se"], place, top) for side in (-1, 1)]
        axes.vlines(at, ends[0], ends[1], color=palette.FORECAST["band90"], linewidth=3, zorder=2)
        axes.plot(at, level, color=palette.IN_TIME, linewidth=1.4, marker="o", markersize=3.5, zorder=3)
        moved = own["moved"].to_numpy(bool)
        for side, marker, colour in ((1, "^", palette.IN_TIME), (-1, "v", palette.DEMAND)):
            shown = moved & (np.sign(own["change"].to_numpy()) == side)
            axes.plot(at[shown], level[shown], marker=marker, color=colour, zorder=4, **_MARK)
    axes.hlines(np.arange(len(units) + 1), -0.6, len(periods) - 0.4, color=palette.RULE, linewidth=0.6)
    axes.set(xlim=(-0.6, len(periods) - 0.4), ylim=(len(units), 0), yticks=[])
    axes.set_xticks(range(len(periods)), _ticks(periods))
    quiet(axes)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="x", labelsize=SMALLEST, labelcolor=palette.GREY)


def _level(totals: pd.Series, place: int, top: float) -> np.ndarray:
    return place + 0.88 - 0.76 * np.clip(totals.to_numpy("float64"), 0, top) / top


def _ticks(periods: Sequence[str]) -> list[str]:
    """2022-03 as 3, 2022Q1 as Q1 and 2022H1 as H1 with the year below the first of each, 2022 as it is."""
    found, year = [], ""
    for label in periods:
        if "-" in label:
            found.append(str(int(label.split("-")[1])))
        else:
            found.append(label if len(label) == 4 else label[4:] if label[:4] == year else f"{label[4:]}\n{label[:4]}")
        year = label[:4]
    return found


def _periods_legend(lang: str) -> list[object]:
    line = Line2D([], [], color=palette.IN_TIME, linewidth=1.4, marker="o", markersize=3.5, label=say("ranking.legend.points", lang))
    band = Line2D([], [], color=palette.FORECAST["band90"], linewidth=0, marker="|", markersize=11, markeredgewidth=3,
                  label=say("ranking.legend.interval", lang))
    marks = [Line2D([], [], marker=marker, color=colour, label=say(f"ranking.legend.{key}", lang), **_MARK)
             for marker, colour, key in (("^", palette.IN_TIME, "up"), ("v", palette.DEMAND, "down"))]
    return [line, band, *marks]
