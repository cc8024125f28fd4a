"""Milestone charts: each target against what was done, what time demands and what was reported late; all targets; counties."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, PercentFormatter

from liantu.figures import palette
from liantu.figures.display import Picture
from liantu.figures.empty import empty_picture
from liantu.figures.fonts import drawable, width
from liantu.figures.forecast_marks import (
    TargetOutlook,
    chance_words,
    draw_fan,
    draw_once_in,
    expected_words,
    outlook_columns,
    outlook_facts,
    outlook_legend,
    target_outlook,
)
from liantu.figures.row_sheets import legend_height, put_legend
from liantu.figures.style import MARGIN, SMALLEST, TEXT, WIDTH, Sheet, figure_style, new_figure, quiet, stamp, upright
from liantu.figures.wording import day, number, percent, quarter_name, say, wrap

_BAR = 0.42  # width of a quarter's bar, in quarters
_MARK = 0.36  # where the mark of demand stands, right of the bar's middle
_FACTS = 2.35  # inches for the numbers beside the chart
_PLOT = 3.0  # inches of the plot's height
_ROOM = 1.17  # top of the axis over the highest value
_LATE_HATCH = "////"
_LATE_DRESS = {"facecolor": palette.LATE, "edgecolor": palette.INK, "linewidth": 0.6, "hatch": _LATE_HATCH}
_REACHED = ("met", "ahead")
_PAPER = {"facecolor": palette.PAPER, "edgecolor": "none", "pad": 0.5}
_QUARTER_COLUMNS = ("quarter", "in_time", "late", "withdrawn", "cumulative_in_time", "cumulative", "demanded_cumulative", "known")


def target_chart(row: Mapping[str, object], quarters: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str,
                 source_note: str = "", nowcast: pd.DataFrame | None = None, forecast: pd.DataFrame | None = None) -> Picture:
    """One target: cumulative actual by quarter, what was only reported late, what time demands, the target and the gap.

    `row` as one row of `liantu.progress.against_targets`, `quarters` as from `by_quarter`. Without a value (a county) only actual counts
    are drawn, and the figure says that there is no target to compare with.

    With `nowcast` (quarter, reported, mean, q05, q95; cumulative to its end) the bars show what they will be once reports are in;
    with `forecast` (horizon, mean, q05, q25, q75, q95, chance; the rows of one method) a fan leads to the last horizon, and the facts tell
    what is expected and the chance of the target.
    """
    outlook = target_outlook(quarters, nowcast, forecast, as_of)
    title, name = _target_title(row, lang, place, outlook), f"target_{row['target']}"
    if quarters.empty:
        return empty_picture(name, str(row["label"]), lang, as_of, simulated, source_note)
    due = "" if _none(row["value"]) else day(row["due"])
    subtitle = say("target.subtitle" if due else "target.subtitle_none", lang, place=place, unit=row["unit"], due=due)
    with figure_style():
        legend, facts = [*_target_legend(quarters, row, lang), *outlook_legend(outlook, lang)], _fact_lines(row, outlook, lang)
        high = max(_PLOT, _facts_height(facts) + 0.34)
        sheet = new_figure(title, subtitle, 0.38 + high + legend_height([handle.get_label() for handle in legend]))
        chart = sheet.axes(0.75, 0.38, WIDTH - _FACTS - 0.75 - 0.95, high)
        _quarter_bars(chart, quarters, outlook, lang)
        if not _none(row["value"]):
            _demand_and_target(chart, row, quarters, outlook, high, lang)
        _quarter_axes(chart, row, quarters, outlook, high, lang)
        put_legend(sheet, legend)
        _facts(sheet, row, facts, high + 0.32, lang)
        stamp(sheet.figure, lang, as_of, simulated, source_note)
    data = quarters[[column for column in _QUARTER_COLUMNS if column in quarters]].reset_index(drop=True)
    caption = say("target.caption", lang, counting=str(row.get("counting") or "–").rstrip("。."))
    if outlook.coming or len(outlook.seen):
        data, caption = pd.concat([data, outlook_columns(quarters, outlook)], axis=1), caption + say("fan.caption", lang)
    labels = {column: say(f"target.column.{column}", lang) for column in data.columns}
    alt = say("target.alt", lang, place=place, label=row["label"], answer=title, detail=_quarters_in_words(quarters, row, outlook, lang))
    return Picture(name, sheet.figure, title, alt, data, labels, caption, as_of, str(row["unit"]))


def _none(value: object) -> bool:
    return value is None or bool(pd.isna(value))


def _target_title(row: Mapping[str, object], lang: str, place: str, outlook: TargetOutlook) -> str:
    said = {"label": row["label"], "unit": row["unit"], "actual": number(row["actual"]), "value": number(row["value"]), "place": place}
    if _none(row["value"]):
        return say("target.title.none", lang, **said)
    over, gap = float(row["actual"]) - float(row["value"]), 0.0 if _none(row["gap"]) else float(row["gap"])
    said |= {"short": number(-over), "gap": number(abs(gap))}
    said["over"] = say("target.over" if over > 0 else "target.exact", lang, over=number(over), unit=row["unit"])
    said["pace"] = say("target.pace_over" if gap > 0 else "target.pace_exact", lang, gap=number(gap), unit=row["unit"])
    final = outlook.final
    if final is None or pd.isna(final["chance"]):
        return say(f"target.title.{row['status']}", lang, **said)
    said |= {"mean": number(round(final["mean"])), "day": day(final["horizon"]), "chance": chance_words(float(final["chance"]), lang)}
    if outlook.coming and over < 0:
        return say("target.title.forecast", lang, **said)
    told = say(f"target.title.{row['status']}", lang, **said)
    return told if over >= 0 else told + say("target.title.later", lang, **said)


def _quarter_bars(axes: Axes, quarters: pd.DataFrame, outlook: TargetOutlook, lang: str) -> None:
    """A stacked bar for each quarter that has ended, its total above it, and what is still to be reported."""
    for place, quarter in enumerate(quarters.itertuples()):
        if not quarter.known:
            if not outlook.coming:  # the fan says so
                axes.text(place, 0, say("target.to_come", lang), ha="center", va="bottom", size=SMALLEST, color=palette.GREY)
            continue
        late = quarter.cumulative - quarter.cumulative_in_time
        axes.bar(place, quarter.cumulative_in_time, _BAR, color=palette.IN_TIME)
        if late:  # a bar without height would still draw its outline
            axes.bar(place, late, _BAR, bottom=quarter.cumulative_in_time, **_LATE_DRESS)
        label, height = draw_once_in(axes, place, quarter.cumulative, outlook, _BAR)
        # The paper behind the number cuts the target line where they meet: the number belongs to the bar.
        axes.annotate(label, (place, height), (0, 4), textcoords="offset points", ha="center", va="bottom", weight="bold", zorder=7,
                      size=13 if len(label) < 7 else 11, bbox=dict(_PAPER))
    if outlook.coming:
        known = quarters["known"].astype(bool).to_numpy()
        last = int(np.flatnonzero(known)[-1]) if known.any() else None
        draw_fan(axes, outlook, (-0.45, 0.0) if last is None else (last, float(quarters["cumulative"].iloc[last])))


def _demand_and_target(axes: Axes, row: Mapping[str, object], quarters: pd.DataFrame, outlook: TargetOutlook, high: float, lang: str,
                       ) -> None:
    """The target as a line; what time demands as a diamond to the right of each quarter's bar, hollow for quarters to come."""
    value = float(row["value"])
    axes.axhline(value, color=palette.INK, linewidth=2, zorder=3)
    axes.annotate(f"{say('target.target', lang)}\n{number(value)}", (1, value), (5, 0), xycoords=("axes fraction", "data"),
                  textcoords="offset points", va="center", size=TEXT + 1, weight="bold")
    for place, quarter in enumerate(quarters.itertuples()):
        demanded = quarter.demanded_cumulative
        if _none(demanded):
            continue
        start = place + _BAR / 2 if quarter.known else place - _BAR / 2
        axes.plot([start, place + _MARK], [demanded] * 2, "-" if quarter.known else ":", color=palette.DEMAND, linewidth=2.4, zorder=5)
        axes.plot(place + _MARK, demanded, "D", color=palette.DEMAND, markersize=7, zorder=5, clip_on=False,
                  markerfacecolor=palette.DEMAND if quarter.known else palette.PAPER)
        if demanded != value and (quarter.known or not outlook.coming):
            axes.annotate(number(demanded), (place + _MARK, demanded), (7, 0), textcoords="offset points", va="center", size=SMALLEST,
                          color=palette.DEMAND, zorder=6, bbox=dict(_PAPER) if outlook.coming else None)  # it may lie on the fan
    if not outlook.coming:  # it would lie on the fan, and the title says it
        _gap_mark(axes, row, quarters, max(_top(quarters, row["value"]), outlook.top) * _ROOM / high, lang)


def _gap_mark(axes: Axes, row: Mapping[str, object], quarters: pd.DataFrame, inch: float, lang: str) -> None:
    """An arrow beside the last known quarter, from what was done to what time demands, and the gap in words."""
    known = quarters.reset_index(drop=True)
    known = known[known["known"].astype(bool) & known["demanded_cumulative"].notna()]
    if known.empty:
        return
    place, done, demanded = int(known.index[-1]), float(known.iloc[-1]["cumulative"]), float(known.iloc[-1]["demanded_cumulative"])
    gap = done - demanded
    if not gap:
        return
    kinds = ("over", "short") if demanded >= float(row["value"]) else ("ahead", "behind")
    x, colour = place + _MARK, palette.IN_TIME if gap > 0 else palette.DEMAND
    if abs(gap) > 0.2 * inch:
        arrow = {"arrowstyle": "->", "color": colour, "linewidth": 1.6, "shrinkA": 4, "shrinkB": 0}
        axes.annotate("", (x, done), (x, demanded), arrowprops=arrow)
    said = say(f"target.{kinds[0] if gap > 0 else kinds[1]}_mark", lang, gap=number(abs(gap)))
    axes.annotate(said, (x, _beside(done, demanded, inch)), (5, 0), textcoords="offset points", va="center", size=TEXT + 1, weight="bold",
                  color=colour, linespacing=1.05, zorder=6)


def _beside(done: float, demanded: float, inch: float) -> float:
    """The height of the gap's two lines: the middle of the gap, but clear of the number at the diamond and of the axis."""
    middle, clear = (done + demanded) / 2, 0.31 * inch
    below = min(middle, demanded - clear)
    return max(middle, demanded + clear) if done > demanded or below < 0.2 * inch else below


def _top(quarters: pd.DataFrame, value: object) -> float:
    found = pd.to_numeric(pd.Series([quarters["cumulative"].max(), quarters["demanded_cumulative"].astype("float64").max(), value]))
    return found.max() if found.max() > 0 else 1.0


def _quarter_axes(axes: Axes, row: Mapping[str, object], quarters: pd.DataFrame, outlook: TargetOutlook, high: float, lang: str) -> None:
    count = len(quarters)
    spare = max(0.0, (3 - count) / 2)  # one quarter alone would fill the whole width
    axes.set_xlim(-0.45 - spare, count - 0.32 + spare)
    room = 1 / (1 - (0.55 if outlook.coming else 0.3) / high)  # for the numbers over the whiskers
    axes.set_ylim(0, max(_top(quarters, row["value"]) * _ROOM, outlook.top * room))
    names = [quarter_name(quarter, lang) for quarter in quarters["quarter"]]
    names = names if count <= 4 else [quarter.replace("Q", "\nQ") for quarter in quarters["quarter"]]
    axes.set_xticks(range(count), names)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_formatter(lambda value, _: number(value))
    axes.set_ylabel(say("target.axis", lang, unit=row["unit"]))
    quiet(axes, "y")
    axes.tick_params(axis="y", labelsize=SMALLEST, labelcolor=palette.GREY)
    known = [place for place, known in enumerate(quarters["known"]) if known]
    if known:
        axes.get_xticklabels()[known[-1]].set_weight("bold")


def _target_legend(quarters: pd.DataFrame, row: Mapping[str, object], lang: str) -> list[object]:
    handles: list[object] = [Patch(color=palette.IN_TIME, label=say("target.in_time", lang))]
    handles.append(Patch(**_LATE_DRESS, label=say("target.late", lang)))
    if not _none(row["value"]):
        handles.append(Line2D([], [], color=palette.DEMAND, linewidth=2.4, marker="D", markersize=6, label=say("target.demanded", lang)))
        handles.append(Line2D([], [], color=palette.INK, linewidth=2, label=say("target.target", lang)))
    return handles


def _facts(sheet: Sheet, row: Mapping[str, object], lines: Sequence[tuple[str, float, bool]], y: float, lang: str) -> None:
    """The numbers of the target beside the chart, from `y` inches down, the largest first."""
    left = WIDTH - _FACTS
    big = number(row["actual"])
    sheet.write(left, y, drawable(big), size=30, weight="bold", va="top", color=palette.INK)
    after = left + width(big, 30, bold=True) + 0.08
    sheet.write(after, y - 0.3, f"{row['unit']} {say('target.fact.actual', lang)}" if lang == "en" else say("target.fact.actual", lang),
                size=TEXT, va="center", color=palette.GREY)
    y -= 0.66
    for text, size, bold in lines:
        broken = wrap(text, _FACTS - MARGIN, size, bold)
        sheet.write(left, y, broken, size=size, weight="bold" if bold else "normal", va="top", linespacing=1.2,
                    color=palette.INK if size > SMALLEST else palette.GREY)
        y -= _text_height(broken, size)


def _text_height(broken: str, size: float) -> float:
    return (broken.count("\n") + 1) * size * 1.28 / 72 + 0.08


def _facts_height(lines: Sequence[tuple[str, float, bool]]) -> float:
    return sum(_text_height(wrap(text, _FACTS - MARGIN, size, bold), size) for text, size, bold in lines)


def _fact_lines(row: Mapping[str, object], outlook: TargetOutlook, lang: str) -> list[tuple[str, float, bool]]:
    lines = [*outlook_facts(outlook, lang), (say("target.fact.late", lang, late=number(row["late"])), TEXT, False)]
    if _none(row["value"]):
        return [*lines, (str(row.get("reason") or say("target.fact.no_target", lang)), TEXT, False)]
    lines.append((say("target.fact.target", lang, value=number(row["value"])), TEXT + 2, True))
    lines.append((say("target.fact.demanded", lang, demanded=number(row["demanded"])), TEXT, False))
    lines.append((say("target.fact.shares", lang, done=percent(row["share_done"]), elapsed=percent(row["share_elapsed"])), TEXT, False))
    if row["status"] in ("behind", "ahead") and not _none(row.get("pace_needed")):
        lines.append((say("target.fact.pace", lang, pace=number(row["pace_needed"])), TEXT, False))
    rates = list(row.get("base_rates") or [])[:2]
    if rates:
        lines.append((say("target.fact.rates", lang), SMALLEST, False))
        lines += [(say("target.fact.rate", lang, label=rate["label"], value=number(rate["value"])), SMALLEST, False) for rate in rates]
    return lines


def _quarters_in_words(quarters: pd.DataFrame, row: Mapping[str, object], outlook: TargetOutlook, lang: str) -> str:
    said = []
    for quarter in quarters[quarters["known"].astype(bool)].itertuples():
        said.append(say("target.alt.quarter", lang, quarter=quarter_name(quarter.quarter, lang), total=number(quarter.cumulative),
                        late=number(quarter.cumulative - quarter.cumulative_in_time), unit=row["unit"]))
    if not _none(row["value"]):
        said.append(say("target.alt.demanded", lang, demanded=number(row["demanded"]), unit=row["unit"]))
    if outlook.final is not None:
        said.append(expected_words(outlook, lang))
    return say("semicolon", lang).join(said)


def pace_chart(targets: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, source_note: str = "") -> Picture:
    """All targets on one scale: the share of each target done against the share of its time gone (the 双过半 view).

    `targets` as from `liantu.progress.against_targets`. Shares beyond 150 % are cut, with the number written out.
    """
    if targets.empty:
        return empty_picture("pace", say("pace.subject", lang), lang, as_of, simulated, source_note)
    rows = targets.reset_index(drop=True)
    title = _pace_title(rows, lang)
    with figure_style():
        names = [wrap(str(label), 2.1, TEXT) for label in rows["label"]]
        right = [_pace_value(row, lang) for row in rows.to_dict("records")]
        side = max(width(text, TEXT, bold=True) for _, text in right) + 0.75 + MARGIN
        sheet = new_figure(title, say("pace.subtitle", lang, place=place), 0.95 + 0.55 * len(rows))
        axes = sheet.axes(2.45, 0.5, WIDTH - 2.45 - side, 0.55 * len(rows))
        axes.set_ylim(len(rows) - 0.5, -0.5)
        if rows["value"].notna().any():
            _pace_bars(axes, rows, right)
            axes.set_xlabel(say("pace.axis", lang))
            sheet.legend(_pace_legend(lang))
        else:
            _only_numbers(axes, right)
        axes.set_yticks(range(len(rows)), names)
        stamp(sheet.figure, lang, as_of, simulated, source_note)
    columns = [column for column in ("label", "value", "unit", "due", "actual", "share_done", "share_elapsed", "status") if column in rows]
    data = rows[columns].assign(status=[say(f"status.{status}", lang) for status in rows["status"]])
    detail = say("semicolon", lang).join(_pace_words(row, lang) for row in rows.to_dict("records"))
    alt = say("pace.alt", lang, place=place, title=title, detail=detail)
    labels = {column: say(f"pace.column.{column}", lang) for column in columns}
    return Picture("pace", sheet.figure, title, alt, data, labels, say("pace.caption", lang), as_of, "%")


def _pace_title(rows: pd.DataFrame, lang: str) -> str:
    if rows["value"].isna().all():
        return say("pace.title.none", lang, n=len(rows))
    found = rows["status"].value_counts()
    parts = [say(f"pace.title.{status}", lang, n=found[status]) for status in ("met", "ahead", "behind", "missed") if status in found]
    return say("pace.title", lang, n=int(rows["value"].notna().sum()), parts=say("comma", lang).join(parts))


def _pace_value(row: Mapping[str, object], lang: str) -> tuple[str, str]:
    if _none(row["value"]):
        return "", say("pace.no_target", lang, actual=number(row["actual"]))
    return percent(row["share_done"]), say("pace.value", lang, actual=number(row["actual"]), value=number(row["value"]))


def _pace_words(row: Mapping[str, object], lang: str) -> str:
    if _none(row["value"]):
        return say("pace.alt.row_none", lang, label=row["label"], actual=number(row["actual"]))
    return say("pace.alt.row", lang, label=row["label"], done=percent(row["share_done"]), elapsed=percent(row["share_elapsed"]))


def _pace_bars(axes: Axes, rows: pd.DataFrame, right: Sequence[tuple[str, str]]) -> None:
    done = rows["share_done"].astype("float64").fillna(0.0).clip(0, 1.5)
    limit = max(1.05, done.max() * 1.04)
    dress = {True: {"facecolor": palette.IN_TIME, "edgecolor": palette.INK, "linewidth": 0.6}, False: _LATE_DRESS}
    beside = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "va": "center", "weight": "bold"}
    for place, row in enumerate(rows.to_dict("records")):
        if not _none(row["value"]):
            axes.barh(place, 1, 0.62, color=palette.EMPTY, zorder=1)
            axes.barh(place, done[place], 0.34, zorder=3, **dress[row["status"] in _REACHED])
            ends = [place - 0.33, place + 0.33]
            for colour, thick in ((palette.PAPER, 6), (palette.DEMAND, 3.2)):  # the paper around it tells it from a dark bar in greyscale
                axes.plot([row["share_elapsed"]] * 2, ends, color=colour, linewidth=thick, zorder=5, clip_on=False)
        axes.annotate(right[place][0], (1, place), (44, 0), ha="right", **beside)
        axes.annotate(right[place][1], (1, place), (54 if right[place][0] else 10, 0), **beside)
    axes.axvline(1, color=palette.INK, linewidth=1.4, zorder=4)
    axes.set_xlim(0, limit)
    axes.set_xticks([tick / 4 for tick in range(7) if tick / 4 <= limit])
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    quiet(axes, "x")
    axes.tick_params(axis="x", labelsize=SMALLEST, labelcolor=palette.GREY)


def _only_numbers(axes: Axes, right: Sequence[tuple[str, str]]) -> None:
    """Without any target there is nothing to compare: the counts stand alone, on no scale."""
    for place, (_, text) in enumerate(right):
        axes.annotate(text, (0, place), (8, 0), textcoords="offset points", va="center", weight="bold")
    quiet(axes)
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks([])


def _pace_legend(lang: str) -> list[object]:
    return [Patch(facecolor=palette.IN_TIME, edgecolor=palette.INK, linewidth=0.6, label=say("pace.on", lang)),
            Patch(**_LATE_DRESS, label=say("pace.off", lang)), upright(say("pace.elapsed", lang))]


def county_chart(by_county: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, lead: str = "",
                 source_note: str = "") -> Picture:
    """Counties by target, one panel for each target, counties in the order given.

    `by_county` needs county, county_name, measure, actual; `label` names the measure and `late` is drawn hatched where they are given.
    The title speaks of the measure `lead`, by default the first. A row of the city itself (a code that ends in 00, GB/T 2260) is drawn and
    not compared in the title.
    """
    if by_county.empty:
        return empty_picture("counties", say("county.subject", lang), lang, as_of, simulated, source_note)
    rows = by_county.assign(label=by_county.get("label", by_county["measure"]), late=by_county.get("late", 0)).fillna({"late": 0})
    panels = [panel for _, panel in rows.groupby("measure", sort=False)]
    leading = rows[(rows["measure"] == (lead or rows["measure"].iloc[0])) & ~rows["county"].str.endswith("00")]
    title = _county_title(leading, lang) if rows["county"].nunique() > 1 else _own_title(panels, lang)
    with figure_style():
        figure = _county_figure(panels, title, lang, place, "late" in by_county)
        stamp(figure, lang, as_of, simulated, source_note)
    columns = [column for column in ("county", "county_name", "label", "actual", "late") if column in by_county or column == "label"]
    detail = say("semicolon", lang).join(_county_words(panel, lang) for panel in panels)
    alt = say("county.alt", lang, place=place, title=title, detail=detail)
    labels = {column: say(f"county.column.{column}", lang) for column in columns}
    return Picture("counties", figure, title, alt, rows[columns].reset_index(drop=True), labels, say("county.caption", lang), as_of,
                   say("county.axis", lang))


def _county_figure(panels: Sequence[pd.DataFrame], title: str, lang: str, place: str, with_late: bool) -> Figure:
    names = [wrap(str(name), 1.9, TEXT) for name in panels[0]["county_name"]]
    lines = max(name.count("\n") + 1 for name in names)
    left = max(width(line, TEXT) for name in names for line in name.split("\n")) + MARGIN + 0.12
    step = max(0.36, 0.19 * lines + 0.08)
    room = (WIDTH - left - MARGIN) / len(panels)
    heads = [wrap(str(panel["label"].iloc[0]), room - 0.2, TEXT, bold=True) for panel in panels]
    top = 0.18 * max(head.count("\n") + 1 for head in heads) + 0.14 + (0.3 if with_late else 0)
    sheet = new_figure(title, say("county.subtitle", lang, place=place), step * len(names) + top + 0.15)
    for index, (panel, head) in enumerate(zip(panels, heads, strict=True)):
        axes = sheet.axes(left + index * room, 0.1, room - 0.2, step * len(names))
        _county_panel(axes, panel)
        axes.set_title(head, loc="left", size=TEXT, weight="bold", pad=5)
        axes.set_yticks(range(len(names)), names if index == 0 else [""] * len(names))
    if with_late:
        in_time = Patch(color=palette.IN_TIME, label=say("target.in_time", lang))
        sheet.legend([in_time, Patch(**_LATE_DRESS, label=say("target.late", lang))])
    return sheet.figure


def _county_panel(axes: Axes, panel: pd.DataFrame) -> None:
    actual, late = panel["actual"].astype("float64").to_numpy(), panel["late"].astype("float64").to_numpy()
    places = range(len(panel))
    axes.barh(places, actual - late, 0.62, color=palette.IN_TIME)
    some = late > 0  # a bar without length would still draw its outline
    axes.barh(np.flatnonzero(some), late[some], 0.62, left=(actual - late)[some], **_LATE_DRESS)
    for place, value in enumerate(actual):
        axes.annotate(number(value), (value, place), (4, 0), textcoords="offset points", va="center", weight="bold")
    axes.set_xlim(0, max(actual.max(), 1) * 1.3)
    axes.set_ylim(len(panel) - 0.5, -0.5)
    axes.set_xticks([])
    quiet(axes)
    axes.spines["bottom"].set_visible(False)
    axes.spines["left"].set_visible(True)


def _county_title(panel: pd.DataFrame, lang: str) -> str:
    most, least, label = panel["actual"].max(), panel["actual"].min(), panel["label"].iloc[0]
    if most == least:
        return say("county.title.level", lang, label=label, most=number(most))
    who = {"top": _who(panel, most, lang), "bottom": _who(panel, least, lang)}
    return say("county.title", lang, label=label, most=number(most), least=number(least), **who)


def _own_title(panels: Sequence[pd.DataFrame], lang: str) -> str:
    """The counts of the only county there is: there is nobody to compare it with."""
    counts = [say("county.alt.count", lang, county=panel["label"].iloc[0], n=number(panel["actual"].iloc[0])) for panel in panels]
    return say("county.alt.row", lang, label=panels[0]["county_name"].iloc[0], counts=say("separator", lang).join(counts))


def _who(panel: pd.DataFrame, value: float, lang: str) -> str:
    names = list(panel.loc[panel["actual"] == value, "county_name"])
    if len(names) <= 2:
        return say("separator", lang).join(names)
    return say("county.many", lang, first=names[0], n=len(names), more=len(names) - 1)


def _county_words(panel: pd.DataFrame, lang: str) -> str:
    counts = say("separator", lang).join(
        say("county.alt.count", lang, county=row.county_name, n=number(row.actual)) for row in panel.itertuples())
    return say("county.alt.row", lang, label=panel["label"].iloc[0], counts=counts)
