"""Charts of how good forecasts were: scores by method, each forecast beside what became known, and chances against outcomes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, PercentFormatter

from liantu.figures import palette
from liantu.figures.display import Picture
from liantu.figures.empty import empty_picture
from liantu.figures.fonts import width
from liantu.figures.forecast_charts import METHODS, draw_band
from liantu.figures.style import MARGIN, SMALLEST, TEXT, WIDTH, Sheet, figure_style, new_figure, quiet, stamp
from liantu.figures.wording import day, number, percent, say, wrap

_STEP = 0.3  # inches of a line
_DRESS = {"plan": ("s", palette.LATE), "flow": ("D", "#7DB5DB"), "model": ("^", palette.GREY), "headline": ("o", palette.IN_TIME),
          "kaplan_meier": ("v", "#B5502A")}
"""Mark and colour of each method: told apart by shape as well."""
_LEVELS = {"cover50": 0.5, "cover90": 0.9}
_ALL = "all"


def scores_chart(scores: pd.DataFrame, past: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str,
                 names: Mapping[str, str], source_note: str = "") -> Picture:
    """Skill of each method against the base rate by target, and the share of outcomes that the bands of all targets together held.

    `scores` and `past` as those of `liantu.progress.target_forecasts`; `names` has the words of targets. Shares have 95 % intervals.
    """
    rows = scores[scores["target"].isin(names) & scores["method"].isin(METHODS)]
    if rows.empty:
        return empty_picture("score_chart", say("scorecard.subject", lang), lang, as_of, simulated, source_note)
    held = coverage(past[past["target"].isin(names)])
    title = _scores_title(rows, held, lang)
    targets = [target for target in names if (rows["target"] == target).any()]
    with figure_style():
        high = 0.62 * len(targets)
        labels = [wrap(names[target], 1.7, TEXT) for target in targets]
        left = MARGIN + max(width(line, TEXT) for label in labels for line in label.split("\n")) + 0.12
        sheet = new_figure(title, say("score_chart.subtitle", lang, n=number(rows["n"].max())), high + 1.2)
        skill = sheet.axes(left, 0.55, 3.7, high)
        _skill_panel(skill, rows, targets, labels)
        sheet.write(left, high + 0.68, say("score_chart.skill", lang), weight="bold")
        cover = sheet.axes(left + 3.7 + 1.15, 0.55, WIDTH - left - 3.7 - 1.15 - MARGIN - 0.1, high)
        _cover_panel(cover, held, lang)
        sheet.write(left + 3.7 + 0.35, high + 0.68, say("score_chart.cover", lang), weight="bold")
        sheet.legend([Line2D([], [], color=_DRESS[name][1], marker=_DRESS[name][0], linewidth=0, markersize=8, markeredgecolor=palette.INK,
                             label=say(f"method.{name}", lang)) for name in METHODS])
        stamp(sheet.figure, lang, as_of, simulated, source_note)
    data = rows.assign(target=rows["target"].map(names), method=[say(f"method.{name}", lang) for name in rows["method"]])
    data = data.round({"crps": 1, "skill": 3, "cover50": 3, "cover90": 3, "brier": 3}).reset_index(drop=True)
    detail = say("semicolon", lang).join(f"{row.target} {row.method} {percent(row.skill)}" for row in data.itertuples())
    heads = {column: say(f"scores.column.{column}", lang) for column in data.columns}
    return Picture("score_chart", sheet.figure, title, say("methods.alt", lang, title=title, detail=detail), data, heads,
                   say("score_chart.caption", lang), as_of)


def coverage(past: pd.DataFrame) -> pd.DataFrame:
    """Of all back-test forecasts the share inside the bands: method, band (cover50, cover90), n, share, low, high (Wilson, 95 %)."""
    from liantu.progress.forecasting.scoring import wilson

    found = []
    for method in (name for name in METHODS if (past["method"] == name).any()):
        rows = past[past["method"] == method]
        for band, (low, high) in {"cover50": ("q25", "q75"), "cover90": ("q05", "q95")}.items():
            hits = int(rows["truth"].between(rows[low], rows[high]).sum())
            found.append((method, band, len(rows), hits / len(rows), *wilson(hits, len(rows))))
    return pd.DataFrame(found, columns=["method", "band", "n", "share", "low", "high"])


def _scores_title(rows: pd.DataFrame, held: pd.DataFrame, lang: str) -> str:
    lead = rows[rows["method"] == "headline"]
    better = int((lead["skill"] > 0).sum())
    own = held[(held["method"] == "headline") & (held["band"] == "cover90")].iloc[0]
    return say("score_chart.title", lang, better=number(better), n=number(len(lead)), share=percent(own["share"]), low=percent(own["low"]),
               high=percent(own["high"]))


def _skill_panel(axes: Axes, rows: pd.DataFrame, targets: list[str], labels: list[str]) -> None:
    """Skill by target, a mark for each method; what is worse than the base by more than its whole score stands at the edge."""
    for at, target in enumerate(targets):
        axes.axhspan(at - 0.42, at + 0.42, color=palette.EMPTY, zorder=0)
        for step, method in enumerate(METHODS):
            row = rows[(rows["target"] == target) & (rows["method"] == method)]
            if row.empty or row["skill"].isna().all():
                continue
            mark, colour = _DRESS[method]
            value, height = float(np.clip(row["skill"].iloc[0], -1, 1)), at + (step - 1.5) * 0.2
            axes.plot([0, value], [height] * 2, color=colour, linewidth=1.6, zorder=3)
            axes.plot(value, height, mark, color=colour, markeredgecolor=palette.INK, markersize=8, zorder=4, clip_on=False)
    axes.axvline(0, color=palette.INK, linewidth=1.4, zorder=2)
    axes.set_xlim(-1.05, 1.05)
    axes.set_ylim(len(targets) - 0.5, -0.5)
    axes.set_yticks(range(len(targets)), labels)
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    quiet(axes, "x")
    axes.tick_params(axis="x", labelsize=SMALLEST, labelcolor=palette.GREY)


def _cover_panel(axes: Axes, held: pd.DataFrame, lang: str) -> None:
    """The share of outcomes inside the 50 and 90 % bands of each method, with intervals, against the nominal lines."""
    methods = list(dict.fromkeys(held["method"]))
    for row in held.to_dict("records"):
        mark, colour = _DRESS[row["method"]]
        height = methods.index(row["method"]) + (0.17 if row["band"] == "cover90" else -0.17)
        axes.plot([row["low"], row["high"]], [height] * 2, color=palette.GREY, linewidth=1.4, zorder=3)
        axes.plot(row["share"], height, mark, color=colour if row["band"] == "cover90" else palette.PAPER, markeredgecolor=palette.INK,
                  markersize=8, zorder=4)
    for value in _LEVELS.values():
        axes.axvline(value, color=palette.DEMAND, linewidth=2, zorder=2)
    axes.set_xlim(-0.04, 1.04)
    axes.set_ylim(len(methods) - 0.5, -0.5)
    axes.set_yticks(range(len(methods)), [say(f"method.{name}", lang) for name in methods])
    axes.set_xticks([0, 0.5, 0.9], ["0%", "50%", "90%"])
    quiet(axes, "x")
    axes.tick_params(axis="x", labelsize=SMALLEST, labelcolor=palette.GREY)


# --- each forecast and what became known


def past_forecasts_chart(past: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, names: Mapping[str, str],
                         source_note: str = "") -> Picture:
    """Each headline forecast of the past with its bands, and what became known; a cross where the 90 % band missed.

    `past` as that of `liantu.progress.target_forecasts` (the data table has all methods); `names` has the words of targets in order.
    """
    rows = past[past["target"].isin(names)].sort_values(["made", "horizon"], kind="stable")
    lead = rows[rows["method"] == "headline"].reset_index(drop=True)
    if lead.empty:
        return empty_picture("past_forecasts", say("scorecard.subject", lang), lang, as_of, simulated, source_note)
    out = ~lead["truth"].between(lead["q05"], lead["q95"])
    title = say("past.title" if out.any() else "past.title.none", lang, n=number(len(lead)), missed=number(int(out.sum())))
    panels = [(target, lead[lead["target"] == target]) for target in names if (lead["target"] == target).any()]
    deep, longest = -(-len(panels) // 2), max(len(part) for _, part in panels)
    with figure_style():
        high = _STEP * longest + 0.35
        sheet = new_figure(title, say("past.subtitle", lang, place=place), deep * (high + 0.8) + 0.35)
        for at, (target, part) in enumerate(panels):
            bottom = (deep - 1 - at // 2) * (high + 0.8) + 0.35 + high - _STEP * len(part) - 0.1
            _past_panel(sheet, names[target], part, ((at % 2) * WIDTH / 2, bottom), lang)
        sheet.legend(_past_legend(lang))
        stamp(sheet.figure, lang, as_of, simulated, source_note)
    data = rows.assign(target=rows["target"].map(names), method=[say(f"method.{name}", lang) for name in rows["method"]],
                       inside=[say("past.inside" if held else "past.outside", lang)
                               for held in rows["truth"].between(rows["q05"], rows["q95"])]).round({"mean": 1}).reset_index(drop=True)
    heads = {column: say(f"past.column.{column}" if column in ("made", "truth", "inside") else f"methods.column.{column}", lang)
             for column in data.columns}
    alt = say("methods.alt", lang, title=title, detail=_past_words(lead, names))
    return Picture("past_forecasts", sheet.figure, title, alt, data, heads, say("past.caption", lang), as_of, say("methods.unit", lang))


def _past_words(lead: pd.DataFrame, names: Mapping[str, str]) -> str:
    return "; ".join(f"{names[row.target]} {day(row.made)} → {day(row.horizon)}: {number(round(row.q05))}–{number(round(row.q95))}, "
                     f"{number(row.truth)}" for row in lead.itertuples())


def _past_panel(sheet: Sheet, name: str, part: pd.DataFrame, corner: tuple[float, float], lang: str) -> None:
    lines = [f"{day(row.made)[2:7]} → {day(row.horizon)[2:7]}" for row in part.itertuples()]
    left = corner[0] + MARGIN + max(width(line, SMALLEST) for line in lines) + 0.12
    axes = sheet.axes(left, corner[1], corner[0] + WIDTH / 2 - MARGIN - left - 0.1, _STEP * len(part))
    sheet.write(corner[0] + MARGIN, corner[1] + _STEP * len(part) + 0.16, name, weight="bold", va="center")
    for place, row in enumerate(part.to_dict("records")):
        held = row["q05"] <= row["truth"] <= row["q95"]
        draw_band(axes, place, row, palette.IN_TIME)
        axes.plot(row["truth"], place, "D" if held else "X", color=palette.DEMAND, markeredgecolor=palette.INK,
                  markersize=8 if held else 11, zorder=6, clip_on=False)
    top = max(float(part["q95"].max()), float(part["truth"].max()), 1.0)
    axes.set_xlim(0, top * 1.06)
    axes.set_ylim(len(part) - 0.5, -0.5)
    axes.set_yticks(range(len(part)), lines)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    quiet(axes, "x")
    axes.tick_params(labelsize=SMALLEST, labelcolor=palette.GREY)


def _past_legend(lang: str) -> list[object]:
    dress = {"linewidth": 0, "color": palette.DEMAND, "markeredgecolor": palette.INK}
    return [Line2D([], [], color=palette.IN_TIME, linewidth=7, solid_capstyle="butt", label=say("methods.half", lang)),
            Line2D([], [], color=palette.IN_TIME, linewidth=2, label=say("methods.ninety", lang)),
            Line2D([], [], marker="D", markersize=8, label=say("past.held", lang), **dress),
            Line2D([], [], marker="X", markersize=10, label=say("past.missed", lang), **dress)]


# --- chances of projects


def chances_chart(table: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, source_note: str = "") -> Picture:
    """The share of projects that made their date against the chance that was stated, by band of chances, around the diagonal.

    `table` as from `liantu.progress.scheduling.chances_against_outcomes`: goal, band, projects, expected, made, low, high.
    """
    rows = table[table["goal"] == _ALL] if "goal" in table else table
    if rows.empty:
        return empty_picture("chances", say("chances.subject", lang), lang, as_of, simulated, source_note)
    off = rows[(rows["expected"] < rows["low"]) | (rows["expected"] > rows["high"])]
    title = say("chances.title", lang, n=number(rows["projects"].sum()), off=number(len(off)), bands=number(len(rows)))
    with figure_style():
        sheet = new_figure(title, say("chances.subtitle", lang, place=place), 4.35)
        axes = sheet.axes(0.85, 0.55, 3.7, 3.7)
        axes.plot([0, 1], [0, 1], color=palette.DEMAND, linewidth=2, zorder=2)
        for row in rows.to_dict("records"):
            axes.plot([row["expected"]] * 2, [row["low"], row["high"]], color=palette.GREY, linewidth=1.8, zorder=3)
            axes.plot(row["expected"], row["made"], "o", color=palette.IN_TIME, markeredgecolor=palette.INK, markersize=9, zorder=4)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        for axis, key in ((axes.xaxis, "stated"), (axes.yaxis, "made")):
            axis.set_major_formatter(PercentFormatter(1, decimals=0))
            axis.set_label_text(say(f"chances.{key}", lang))
        quiet(axes, "both")
        axes.tick_params(labelsize=SMALLEST, labelcolor=palette.GREY)
        told = [say("chances.row", lang, band=row["band"], n=number(row["projects"]), expected=percent(row["expected"]),
                    made=percent(row["made"])) for row in rows.to_dict("records")]
        for place_, text in enumerate([say("chances.head", lang), *told]):
            sheet.write(5.05, 4.05 - 0.3 * place_, text, va="center", weight="normal" if place_ else "bold")
        stamp(sheet.figure, lang, as_of, simulated, source_note)
    data = rows[["band", "projects", "expected", "made", "low", "high"]].round(3).reset_index(drop=True)
    heads = {column: say(f"chances.column.{column}", lang) for column in data.columns}
    alt = say("methods.alt", lang, title=title, detail=say("semicolon", lang).join(told))
    return Picture("chances", sheet.figure, title, alt, data, heads, say("chances.caption", lang), as_of, "%")
