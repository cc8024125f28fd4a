"""Charts of what is to come: the methods side by side for each target, and the counties' expected counts, always with their bands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from liantu.figures import palette
from liantu.figures.display import Picture
from liantu.figures.empty import empty_picture
from liantu.figures.fonts import width
from liantu.figures.style import MARGIN, SMALLEST, TEXT, WIDTH, Sheet, figure_style, new_figure, quiet, stamp, upright
from liantu.figures.wording import chance_text, day, number, percent, say, wrap

METHODS = ("plan", "flow", "model", "headline")
_STEP = 0.34  # inches of a line
_NAME = 1.35  # inches of a county's name
_HEAD = 0.55  # inches above a panel's lines
_COLUMNS = (2.05, 2.62, 3.2)  # right edges of the numbers beside a method, in inches
_QUANTILES = ("q05", "q25", "q50", "q75", "q95")


def band_text(row: Mapping[str, object]) -> str:
    """Mean and 90 % band as readers write them."""
    return f"{number(round(float(row['mean'])))} ({number(round(float(row['q05'])))}–{number(round(float(row['q95'])))})"  # type: ignore[arg-type]


def last_horizon(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of each target at the last day it is forecast for."""
    return table[table["horizon"] == table.groupby("target")["horizon"].transform("max")].reset_index(drop=True)


# --- the methods of a target side by side


def methods_chart(table: pd.DataFrame, scores: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str,
                  names: Mapping[str, str], source_note: str = "") -> Picture:
    """Plan, flow, model and headline of each target at its last horizon: mean, 50 and 90 % bands, what is counted, the target, and scores.

    `table` and `scores` as those of `liantu.progress.target_forecasts` (rows of one place); `names` has the words of targets in order.
    """
    rows = last_horizon(table[table["target"].isin(names)])
    if rows.empty:
        return empty_picture("methods", say("methods.subject", lang), lang, as_of, simulated, source_note)
    rows = rows.merge(scores[["target", "method", "n", "crps", "cover90"]], on=["target", "method"], how="left")
    title = _methods_title(rows, names, lang)
    panels = [(name, rows[rows["target"] == target].set_index("method").reindex(METHODS).dropna(subset=["mean"]))
              for target, name in names.items() if (rows["target"] == target).any()]
    high = sum(_HEAD + _STEP * len(part) + 0.3 for _, part in panels)
    with figure_style():
        sheet = new_figure(title, say("methods.subtitle", lang, place=place), high + 0.45)
        top = high + 0.1
        for name, part in panels:
            top -= _HEAD + _STEP * len(part) + 0.3
            _methods_panel(sheet, name, part, top + 0.3, lang)
        sheet.legend(_band_legend(lang, target=rows["value"].notna().any()))
        stamp(sheet.figure, lang, as_of, simulated, source_note)
    columns = ["target", "method", "horizon", "counted", "mean", *_QUANTILES, "value", "chance", "n", "crps", "cover90"]
    data = rows[columns].assign(target=rows["target"].map(names), method=[say(f"method.{name}", lang) for name in rows["method"]])
    data = data.round({"mean": 1, "crps": 1, "cover90": 3, "chance": 3})
    alt = say("methods.alt", lang, title=title, detail=say("semicolon", lang).join(
        f"{row['target']} {band_text(row)}" for row in data[rows["method"] == "headline"].to_dict("records")))
    labels = {column: say(f"methods.column.{column}", lang) for column in columns}
    return Picture("methods", sheet.figure, title, alt, data, labels, say("methods.caption", lang), as_of, say("methods.unit", lang))


def _methods_title(rows: pd.DataFrame, names: Mapping[str, str], lang: str) -> str:
    lead = rows[(rows["method"] == "headline") & rows["chance"].notna()]
    if lead.empty:
        return say("methods.title.none", lang, n=rows["target"].nunique())
    told = [say("methods.title.one", lang, target=names[row["target"]], mean=number(round(row["mean"])), value=number(row["value"]),
                chance=chance_text(row["chance"])) for row in lead.to_dict("records")]
    return say("semicolon", lang).join(told)


def _methods_panel(sheet: Sheet, name: str, part: pd.DataFrame, bottom: float, lang: str) -> None:
    """One target: a line for each method, the headline dark; at the right the numbers, its chance and its score."""
    high, first = _STEP * len(part), part.iloc[0]
    marked = [f"{say(f'method.{method}', lang)}" for method in part.index]
    left = MARGIN + max(width(text, TEXT, bold=True) for text in marked) + 0.15
    side = 3.35
    axes = sheet.axes(left, bottom, WIDTH - left - side - MARGIN, high)
    head = say("methods.head", lang, target=name, day=day(first["horizon"]), counted=number(first["counted"]))
    sheet.write(MARGIN, bottom + high + 0.22, wrap(head, WIDTH - side - 2 * MARGIN, TEXT, bold=True), weight="bold", va="center")
    for at, key in zip(_COLUMNS, ("chance", "crps", "cover90"), strict=True):
        sheet.write(WIDTH - side - MARGIN + 0.12 + at, bottom + high + 0.22, say(f"methods.short.{key}", lang), ha="right", va="center",
                    size=SMALLEST, color=palette.GREY)
    low = min(float(first["counted"]), float(part["q05"].min()))
    top = max(float(part["q95"].max()), 0.0 if pd.isna(first["value"]) else float(first["value"]))
    room = max(top - low, 1.0) * 0.06
    axes.set_xlim(max(low - room, 0), top + room)
    axes.set_ylim(len(part) - 0.5, -0.5)
    for place, (method, row) in enumerate(part.iterrows()):
        lead = method == "headline"
        draw_band(axes, place, row, palette.IN_TIME if lead else palette.GREY)
        _numbers(sheet, row, WIDTH - side - MARGIN + 0.12, bottom + high - _STEP * (place + 0.5), lead)
    axes.axvline(float(first["counted"]), color=palette.GREY, linewidth=1.2, linestyle=(0, (2, 2)), zorder=1)
    if pd.notna(first["value"]):
        axes.axvline(float(first["value"]), color=palette.DEMAND, linewidth=2.6, zorder=2)
    axes.set_yticks(range(len(part)), marked)
    axes.get_yticklabels()[-1].set_weight("bold")
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.xaxis.set_major_formatter(lambda value, _: number(value))
    quiet(axes, "x")
    axes.tick_params(axis="x", labelsize=SMALLEST, labelcolor=palette.GREY)


def draw_band(axes: Axes, place: float, row: Mapping[str, object], colour: str) -> None:
    """A forecast on a line: the 90 % band thin, the 50 % band thick, the mean a dot."""
    axes.plot([row["q05"], row["q95"]], [place] * 2, color=colour, linewidth=2, zorder=4, solid_capstyle="butt")
    axes.plot([row["q25"], row["q75"]], [place] * 2, color=colour, linewidth=7, zorder=4, solid_capstyle="butt")
    axes.plot(row["mean"], place, "o", color=palette.PAPER, markeredgecolor=palette.INK, markersize=7, zorder=5, clip_on=False)


def _numbers(sheet: Sheet, row: pd.Series, left: float, height: float, lead: bool) -> None:
    """The columns of numbers of one method: mean and band, chance, CRPS, share of outcomes in the band."""
    how = {"va": "center", "weight": "bold" if lead else "normal", "color": palette.INK if lead else palette.GREY}
    sheet.write(left, height, band_text(row), **how)
    told = (chance_text(row["chance"]), "–" if pd.isna(row["crps"]) else number(row["crps"], tenths=True), percent(row["cover90"]))
    for at, text in zip(_COLUMNS, told, strict=True):
        sheet.write(left + at, height, text, ha="right", **how)


def _band_legend(lang: str, target: bool) -> list[object]:
    handles: list[object] = [
        Line2D([], [], color=palette.GREY, marker="o", markerfacecolor=palette.PAPER, markeredgecolor=palette.INK, linewidth=0,
               markersize=7, label=say("methods.mean", lang)),
        Line2D([], [], color=palette.IN_TIME, linewidth=7, solid_capstyle="butt", label=say("methods.half", lang)),
        Line2D([], [], color=palette.IN_TIME, linewidth=2, label=say("methods.ninety", lang)),
        Line2D([], [], color=palette.GREY, linewidth=1.2, linestyle=(0, (2, 2)), label=say("methods.counted", lang))]
    return [*handles, upright(say("target.target", lang))] if target else handles


# --- counties


def county_forecast_chart(table: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, counties: Mapping[str, str],
                          names: Mapping[str, str], source_note: str = "") -> Picture:
    """What each county's count of each target is expected to be at the last horizon: counted already (bar), mean and bands.

    `table` as that of `liantu.progress.target_forecasts`, rows of counties; `counties` and `names` (targets) have the words, in order. No
    order of counties is claimed: they stand in the order given.
    """
    rows = last_horizon(table[(table["method"] == "headline") & table["target"].isin(names) & table["county"].isin(counties)])
    if rows.empty:
        return empty_picture("county_forecasts", say("county_forecast.subject", lang), lang, as_of, simulated, source_note)
    order = {code: at for at, code in enumerate(counties)}
    rows = rows[(rows["mean"] >= 0.5) | ~rows["county"].str.endswith("00")]
    rows = rows.iloc[np.lexsort((rows["county"].map(order), rows["target"].map(list(names).index)))].reset_index(drop=True)
    panels = [(target, rows[rows["target"] == target]) for target in names if (rows["target"] == target).any()]
    title = _county_forecast_title(rows, panels, counties, names, place, lang)
    with figure_style():
        lines = [[wrap(counties[code], _NAME, TEXT) for code in part["county"]] for _, part in panels]
        step = max(_STEP, 0.12 + 0.18 * max(name.count("\n") + 1 for names_ in lines for name in names_))
        high = max(step * len(part) for _, part in panels)
        deep = -(-len(panels) // 2)
        sheet = new_figure(title, say("county_forecast.subtitle", lang, place=place), deep * (high + 0.85) + 0.35)
        left = MARGIN + max(width(line, TEXT) for names_ in lines for name in names_ for line in name.split("\n")) + 0.12
        for at, (target, part) in enumerate(panels):
            box = (left + (at % 2) * (WIDTH - left + left - MARGIN) / 2, (deep - 1 - at // 2) * (high + 0.85) + 0.35 + high
                   - step * len(part), (WIDTH - MARGIN) / 2 - left - 0.75, step * len(part))
            _county_panel(sheet, say("county_forecast.head", lang, target=names[target], day=day(part["horizon"].iloc[0])), part,
                          lines[at], box, MARGIN + (at % 2) * (WIDTH - MARGIN) / 2)
        sheet.legend([Patch(color=palette.WORK["to_do"], label=say("methods.counted", lang)), *_band_legend(lang, False)[:3]])
        stamp(sheet.figure, lang, as_of, simulated, source_note)
    columns = ["target", "county", "horizon", "counted", "mean", *_QUANTILES]
    data = rows[columns].assign(target=rows["target"].map(names), county=rows["county"].map(counties)).round({"mean": 1})
    # The last panel is what the title speaks of; the data table has all.
    told = data[data["target"] == names[panels[-1][0]]]
    detail = say("semicolon", lang).join(f"{row['target']} {row['county']} {band_text(row)}" for row in told.to_dict("records"))
    labels = {column: say(f"methods.column.{column}", lang) for column in columns}
    return Picture("county_forecasts", sheet.figure, title, say("methods.alt", lang, title=title, detail=detail), data, labels,
                   say("county_forecast.caption", lang), as_of, say("methods.unit", lang))


def _county_forecast_title(rows: pd.DataFrame, panels: list[tuple[str, pd.DataFrame]], counties: Mapping[str, str],
                           names: Mapping[str, str], place: str, lang: str) -> str:
    """Of one county all its numbers; of several, for the last target, who is surely above whom (bands that do not meet), if anybody."""
    if rows["county"].nunique() == 1:
        told = [f"{names[target]} {band_text(part.iloc[0])}" for target, part in panels]
        return say("county_forecast.title.own", lang, place=place, told=say("semicolon", lang).join(told))
    target, part = panels[-1]
    part = part[~part["county"].str.endswith("00")]
    most, least = part.loc[part["q05"].idxmax()], part.loc[part["q95"].idxmin()]
    told = {"target": names[target], "most": counties[most["county"]], "least": counties[least["county"]],
            "high": band_text(most), "low": band_text(least)}
    return say("county_forecast.title" if most["q05"] > least["q95"] else "county_forecast.title.level", lang, **told)


def _county_panel(sheet: Sheet, head: str, part: pd.DataFrame, lines: list[str], box: tuple[float, float, float, float], edge: float,
                  ) -> None:
    axes = sheet.axes(*box)
    sheet.write(edge, box[1] + box[3] + 0.08, wrap(head, WIDTH / 2 - 2 * MARGIN, TEXT, bold=True), weight="bold", va="bottom")
    top = float(part["q95"].max())
    for place, row in enumerate(part.to_dict("records")):
        axes.barh(place, row["counted"], 0.7, color=palette.WORK["to_do"], zorder=2)
        draw_band(axes, place, row, palette.IN_TIME)
        axes.annotate(number(round(row["mean"])), (1, place), (44, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
                      ha="right", va="center", weight="bold")
    axes.set_xlim(0, max(top, 1) * 1.05)
    axes.set_ylim(len(part) - 0.5, -0.5)
    axes.set_yticks(range(len(part)), lines)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.xaxis.set_major_formatter(lambda value, _: number(value))
    quiet(axes, "x")
    axes.tick_params(axis="x", labelsize=SMALLEST, labelcolor=palette.GREY)
