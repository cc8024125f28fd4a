"""Charts of slips: how far plan dates move and whether a reason is given, plans against what happened, and days to add to a plan."""

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
from liantu.figures.funnel_charts import named
from liantu.figures.row_sheets import FEW, apart, legend_height, line_height, plain_axis, put_legend, row_sheet
from liantu.figures.style import MARGIN, SMALLEST, TEXT, WIDTH, Sheet, figure_style, new_figure, quiet, stamp, upright
from liantu.figures.wording import day, number, percent, say, wrap

_SLIP = ("group", "plans", "moved", "later", "earlier", "median_days", "low", "high", "q25", "q75", "no_reason")
_BOX = {"facecolor": "#B9D9EE", "edgecolor": palette.IN_TIME, "linewidth": 0.9}
_FEW_BOX = {"facecolor": palette.EMPTY, "edgecolor": palette.GREY, "linewidth": 0.9}
_NO_REASON = {"facecolor": palette.LATE, "edgecolor": palette.INK, "linewidth": 0.6, "hatch": "////"}
_PLANS = {"original": {"color": palette.GREY, "linewidth": 2.0, "linestyle": (0, (4, 2))},
          "latest": {"color": palette.DEMAND, "linewidth": 2.2, "linestyle": (0, (1, 1.2))},
          "actual": {"color": palette.IN_TIME, "linewidth": 3.0, "linestyle": "-"},
          "actual_of_plan": {"color": palette.INK, "linewidth": 1.3, "linestyle": "-"}}
_HIGH = 2.9  # inches
_SECOND = 1.55  # inches of the panel of reasons


# --- how far plan dates move


def slip_chart(table: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, names: Mapping[str, str] | None = None,
               source_note: str = "", stage: str = "", called: str = "", most: int = 18) -> Picture:
    """By county or department: the days by which moved plan dates moved (quartile bar, median with interval), and no reason given.

    `table` as from `liantu.progress.slip_summary`; drawn are its rows of `stage` ("": all stages together; `called` is its name). Groups
    stand in the order in which they come, at most `most` of them, those with most plans (the data have all); grey: fewer than 10 moves.
    `names` has the words of groups.
    """
    rows = table[(table["stage"] == stage) & (table["plans"] > 0)].reset_index(drop=True)
    if rows.empty:
        return empty_picture("slips", say("slip.subject", lang), lang, as_of, simulated, source_note)
    printed = [named(group, names, lang) if group else say("slip.unnamed", lang) for group in rows["group"]]
    rows = rows.assign(group=printed)
    title = _slip_title(rows, lang)
    shown = rows.loc[np.sort(rows["plans"].sort_values(ascending=False, kind="stable").index[:most])]
    with figure_style():
        key = "slip.subtitle_stage" if called else "slip.subtitle"
        figure = _slip_figure(shown, title, say(key, lang, place=place, stage=called), lang)
        stamp(figure, lang, as_of, simulated, source_note)
    data = rows[list(_SLIP)].round(1)
    labels = {column: say(f"slip.column.{column}", lang) for column in _SLIP}
    detail = say("semicolon", lang).join(
        say("slip.alt.row", lang, group=row.group, moved=number(row.moved), plans=number(row.plans), days=_signed(row.median_days, lang),
            no_reason=number(row.no_reason)) for row in shown.itertuples(index=False) if lang == "zh" or row.group.isascii())
    alt = say("slip.alt", lang, place=place, title=title, detail=detail)
    caption = say("slip.caption", lang, few=FEW)
    if len(shown) < len(rows):
        caption += say("slip.left_out", lang, n=len(rows) - len(shown))
    return Picture("slips", figure, title, alt, data, labels, caption, as_of, say("slip.axis", lang))


def _signed(days: object, lang: str) -> str:
    """Days with their sign: + is later."""
    if pd.isna(days):
        return "–"
    whole = round(float(days))
    return say("slip.days", lang, days=f"+{number(whole)}" if whole > 0 else number(whole))


def _slip_title(rows: pd.DataFrame, lang: str) -> str:
    """How many plans moved and without a reason; and whether any two groups differ for sure."""
    plans, moved = int(rows["plans"].sum()), int(rows["moved"].sum())
    if not moved:
        return say("slip.title.none", lang, plans=number(plans))
    told = {"plans": number(plans), "moved": number(moved), "share": percent(moved / plans), "later": number(rows["later"].sum()),
            "silent": percent(rows["no_reason"].sum() / moved)}
    sure = rows[(rows["moved"] >= FEW) & rows["low"].notna() & rows["high"].notna()]
    above = sure[sure["low"] > sure["high"].min()] if len(sure) > 1 else sure.head(0)
    if above.empty:
        return say("slip.title.one" if len(sure) < 2 else "slip.title", lang, **told)
    worst = above.loc[above["median_days"].idxmax()]
    return say("slip.title.apart", lang, **told, group=worst["group"], days=_signed(worst["median_days"], lang))


def _slip_figure(rows: pd.DataFrame, title: str, subtitle: str, lang: str) -> Figure:
    few = (rows["moved"] < FEW).to_numpy()
    notes = [_signed(days, lang) for days in rows["median_days"]]
    small = [say("slip.moved", lang, moved=number(row.moved), plans=number(row.plans)) for row in rows.itertuples()]
    legend = _slip_legend(few, lang)
    labels = [wrap(str(name), 1.6, TEXT) for name in rows["group"]]
    left = max(width(line, TEXT) for label in labels for line in label.split("\n")) + MARGIN + 0.14
    first = max(width(note, TEXT, bold=True) for note in notes)
    second = max(width(note, SMALLEST) for note in small)
    height = line_height(labels, 0.4) * len(rows)
    sheet = new_figure(title, subtitle, 0.46 + height + legend_height([entry.get_label() for entry in legend]))
    wide = WIDTH - left - first - second - 0.5 - _SECOND - 0.55 - MARGIN
    axes = sheet.axes(left, 0.46, wide, height)
    for place, (note, other) in enumerate(zip(notes, small, strict=True)):
        across = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "va": "center", "annotation_clip": False}
        axes.annotate(note, (1, place), (10, 0), weight="bold", **across)
        axes.annotate(other, (1, place), (16 + first * 72, 0), size=SMALLEST, color=palette.GREY, **across)
    _slip_bars(axes, rows, few)
    plain_axis(axes, "x")
    axes.set_yticks(range(len(rows)), labels)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlabel(say("slip.axis", lang))
    _reasons(sheet.axes(WIDTH - MARGIN - 0.55 - _SECOND, 0.46, _SECOND, height), rows, few, lang)
    put_legend(sheet, legend)
    return sheet.figure


def _slip_bars(axes: Axes, rows: pd.DataFrame, few: Sequence[bool]) -> None:
    axes.axvline(0, color=palette.INK, linewidth=1.0, zorder=1)
    for place, row in enumerate(rows.itertuples()):
        if pd.isna(row.median_days):
            continue
        axes.barh(place, row.q75 - row.q25, 0.5, left=row.q25, zorder=2, **(_FEW_BOX if few[place] else _BOX))
        if pd.notna(row.low) and pd.notna(row.high):
            axes.plot([row.low, row.high], [place] * 2, color=palette.GREY if few[place] else palette.IN_TIME, linewidth=1.6, zorder=3)
        axes.plot([row.median_days] * 2, [place - 0.3, place + 0.3], color=palette.GREY if few[place] else palette.DEMAND, linewidth=3.2,
                  zorder=4)
    reach = rows[["q25", "q75", "low", "high"]].astype("float64")
    low, high = np.nanmin([0.0, reach.min().min()]), np.nanmax([30.0, reach.max().max()])
    axes.set_xlim(low - 0.03 * (high - low), high + 0.03 * (high - low))


def _reasons(axes: Axes, rows: pd.DataFrame, few: Sequence[bool], lang: str) -> None:
    """The share of moves for which no reason is given."""
    for place, row in enumerate(rows.itertuples()):
        share = row.no_reason / row.moved if row.moved else np.nan
        if share > 0:
            axes.barh(place, share, 0.5, **_NO_REASON | ({"facecolor": palette.EMPTY, "hatch": ""} if few[place] else {}))
        axes.annotate(percent(share), (0 if np.isnan(share) else share, place), (5, 0), textcoords="offset points", va="center",
                      weight="bold", annotation_clip=False)
    axes.set_xlim(0, 1)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks([])
    axes.set_xticks([])
    quiet(axes)
    axes.spines["left"].set_visible(True)
    axes.spines["bottom"].set_visible(False)
    axes.set_xlabel(say("slip.no_reason", lang))


def _slip_legend(few: np.ndarray, lang: str) -> list[object]:
    legend: list[object] = [upright(say("slip.median", lang)), Patch(**_BOX, label=say("slip.middle", lang)),
                            Line2D([], [], color=palette.IN_TIME, linewidth=1.6, label=say("slip.interval", lang))]
    return legend + ([Patch(**_FEW_BOX, label=say("slip.few", lang, few=FEW))] if few.any() else [])


# --- plans against what happened


def plan_versions_chart(table: pd.DataFrame, stage: str, lang: str, as_of: dt.date, simulated: bool, place: str, names: Mapping[str, str],
                        source_note: str = "") -> Picture:
    """One stage by month of the year: cumulative counts of the plan as first told, the plan as told last, and what is reported reached.

    `table` as from `liantu.progress.plan_versions`, of which the rows of `stage` are drawn: month (its last day), original, latest, actual
    (all that reached it), actual_of_plan (those that the first plans said); NaN after `as_of`. Plans without any are left out. `names` has
    the words of stages.
    """
    called = names.get(stage, stage)
    rows = table[table["stage"] == stage].sort_values("month", kind="stable").reset_index(drop=True)
    lines = [key for key in _PLANS if key in rows and rows[key].fillna(0).gt(0).any()]
    if not lines:
        return empty_picture(f"plans_{stage}", say("versions.subject", lang, stage=called), lang, as_of, simulated, source_note)
    title = _versions_title(rows, as_of, called, lang)
    with figure_style():
        subtitle = say("versions.subtitle", lang, place=place, stage=called)
        figure = _versions_figure(rows, lines, title, subtitle, as_of, lang)
        stamp(figure, lang, as_of, simulated, source_note)
    columns = ["month", *_PLANS]
    labels = {column: say(f"versions.column.{column}", lang) for column in columns}
    detail = say("semicolon", lang).join(
        say("versions.alt.row", lang, day=day(row.month), **{key: number(getattr(row, key)) for key in _PLANS})
        for row in rows[pd.to_datetime(rows["month"]).dt.is_quarter_end].itertuples(index=False))
    alt = say("versions.alt", lang, place=place, title=title, detail=detail)
    last = rows.iloc[-1]
    caption = say("versions.caption", lang, **{key: number(last[key]) for key in ("left_before", "moved_out", "moved_in")})
    return Picture(f"plans_{stage}", figure, title, alt, rows[columns], labels, caption, as_of, say("funnel.unit", lang))


def _versions_title(rows: pd.DataFrame, as_of: dt.date, stage: str, lang: str) -> str:
    past = rows[(rows["month"] <= pd.Timestamp(as_of)) & rows["actual"].notna()]
    if past.empty:
        return say("versions.title.none", lang, stage=stage, day=day(as_of))
    now = past.iloc[-1]
    told = {"stage": stage, "day": day(now["month"]), "kept": number(now["actual_of_plan"])}
    told |= {key: number(now[key]) for key in ("original", "latest", "actual")}
    return say("versions.title" if now["original"] else "versions.title.no_plan", lang, **told)


def _versions_figure(rows: pd.DataFrame, lines: Sequence[str], title: str, subtitle: str, as_of: dt.date, lang: str) -> Figure:
    ends = {key: rows.loc[rows[key].last_valid_index()] for key in lines}
    texts = {key: wrap(say(f"versions.end.{key}", lang, n=number(end[key])), 1.5, TEXT, bold=True) for key, end in ends.items()}
    right = max(width(part, TEXT, bold=True) for text in texts.values() for part in text.split("\n")) + MARGIN + 0.28
    sheet = new_figure(title, subtitle, 0.42 + _HIGH + 0.2)
    wide = WIDTH - 0.62 - right
    axes = sheet.axes(0.62, 0.42, wide, _HIGH)
    top = max(float(rows[list(lines)].max().max()), 1.0) * 1.06
    for key in lines:
        axes.plot(rows["month"].to_numpy(), rows[key].to_numpy(dtype=float), clip_on=False, zorder=4 if key == "actual" else 3,
                  **_PLANS[key])
    axes.set_ylim(0, top)
    first, last = rows["month"].iloc[0], rows["month"].iloc[-1]
    axes.set_xlim(first - pd.Timedelta(days=2), max(last, first + pd.Timedelta(days=30)))
    _month_ticks(axes, rows["month"])
    plain_axis(axes, "y")
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    if first <= pd.Timestamp(as_of) < last:
        axes.axvline(pd.Timestamp(as_of), color=palette.INK, linewidth=1.0, linestyle=(0, (4, 3)), zorder=1)
        axes.annotate(say("versions.today", lang), (pd.Timestamp(as_of), 1), (0, 3), xycoords=("data", "axes fraction"),
                      textcoords="offset points", ha="center", va="bottom", size=SMALLEST, color=palette.GREY)
    _name_ends(sheet, axes, ends, texts, top)
    return sheet.figure


def _month_ticks(axes: Axes, dates: pd.Series) -> None:
    """Ends of months as 2022-03, as many as there is room for."""
    every = -(-len(dates) // 7)
    shown = dates.iloc[::-1].iloc[::every].iloc[::-1]
    axes.set_xticks(shown.to_numpy(), [f"{date:%Y-%m}" for date in shown])
    axes.tick_params(axis="x", labelsize=SMALLEST, labelcolor=palette.GREY)


def _name_ends(sheet: Sheet, axes: Axes, ends: Mapping[str, pd.Series], texts: Mapping[str, str], top: float) -> None:
    """The names right of the plot at the height of their lines' ends, pushed apart; a stroke leads to each."""
    tall = np.array([0.18 * (texts[key].count("\n") + 1) for key in ends])
    places = apart(np.array([float(end[key]) / top * _HIGH for key, end in ends.items()]), tall, _HIGH)
    span = axes.get_xlim()
    for key, place in zip(ends, places, strict=True):
        at = (ends[key]["month"] - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)
        across = (at - span[0]) / (span[1] - span[0])
        axes.annotate("", (across, float(ends[key][key]) / top), (1.02, place / _HIGH), xycoords="axes fraction",
                      textcoords="axes fraction", annotation_clip=False,
                      arrowprops={"arrowstyle": "-", "color": _PLANS[key]["color"], "linewidth": 0.8, "shrinkA": 0, "shrinkB": 2})
        axes.annotate(texts[key], (1.02, place / _HIGH), (3, 0), xycoords="axes fraction", textcoords="offset points", va="center",
                      weight="bold", color=_PLANS[key]["color"], linespacing=1.05, annotation_clip=False)


# --- days to add to a plan


def uplift_chart(table: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, names: Mapping[str, str],
                 source_note: str = "") -> Picture:
    """Days to add to an original plan date so that it is kept with each chance, by stage: a bar for each chance, light to dark.

    `table` as from `liantu.progress.reference_class`, one stage below the other: stage, quantile (0 to 1), days (NaN: so few had ended
    that it cannot be told); optional plans, note (`few` is printed). `names` has the words of stages.
    """
    rows = table.sort_values(["quantile"], kind="stable")
    if rows.empty or rows["days"].isna().all():
        return empty_picture("uplift", say("uplift.subject", lang), lang, as_of, simulated, source_note)
    grid = rows.pivot_table(index="stage", columns="quantile", values="days", aggfunc="first", dropna=False)
    grid = grid.reindex(list(dict.fromkeys(table["stage"])))
    plans = table.groupby("stage")["plans"].max() if "plans" in table else pd.Series(dtype="float64")
    title = _uplift_title(grid, names, lang)
    with figure_style():
        figure = _uplift_figure(grid, plans, title, say("uplift.subtitle", lang, place=place), names, lang)
        stamp(figure, lang, as_of, simulated, source_note)
    columns = [column for column in ("stage", "quantile", "days", "plans", "reached") if column in table]
    data = table[columns].round(1).assign(stage=[names.get(stage, stage) for stage in table["stage"]],
                                          quantile=[percent(chance) for chance in table["quantile"]]).reset_index(drop=True)
    labels = {column: say(f"uplift.column.{column}", lang) for column in columns}
    detail = say("semicolon", lang).join(
        say("uplift.alt.row", lang, stage=names.get(stage, stage), days=say("separator", lang).join(
            say("uplift.alt.day", lang, chance=percent(chance), days=_added(days, lang)) for chance, days in row.items()))
        for stage, row in grid.iterrows())
    alt = say("uplift.alt", lang, place=place, title=title, detail=detail)
    return Picture("uplift", figure, title, alt, data, labels, say("uplift.caption", lang), as_of, say("slip.axis", lang))


def _added(days: object, lang: str) -> str:
    return say("uplift.unknown", lang) if pd.isna(days) else _signed(days, lang)


def _uplift_title(grid: pd.DataFrame, names: Mapping[str, str], lang: str) -> str:
    """The chance nearest 80 % that is known, of the stage that needs most."""
    chances = sorted((chance for chance in grid.columns if grid[chance].notna().any()), key=lambda chance: abs(chance - 0.8))
    found = grid[chances[0]].dropna()
    stage = found.idxmax()
    told = {"stage": names.get(stage, stage), "chance": percent(chances[0]), "days": number(abs(round(found[stage])))}
    known = "" if len(found) == len(grid) else ".known"
    return say(f"uplift.title{known}" if found[stage] > 0 else f"uplift.title.early{known}", lang, **told)


def _uplift_figure(grid: pd.DataFrame, plans: pd.Series, title: str, subtitle: str, names: Mapping[str, str], lang: str) -> Figure:
    shades = [palette.SEQUENTIAL[place] for place in np.linspace(1, 4, len(grid.columns)).round().astype(int)]
    legend = [Patch(facecolor=shade, edgecolor=palette.INK, linewidth=0.6, label=say("uplift.chance", lang, chance=percent(chance)))
              for shade, chance in zip(shades, grid.columns, strict=True)]
    small = [say("uplift.plans", lang, n=number(plans[stage])) if stage in plans.index else "" for stage in grid.index]
    sheet, axes = row_sheet([names.get(stage, stage) for stage in grid.index], [""] * len(grid), small, title, subtitle,
                            [patch.get_label() for patch in legend], 0.24 * len(grid.columns) + 0.16)
    values = grid.to_numpy(dtype=float)
    low, high = min(0.0, np.nanmin(values)), max(1.0, np.nanmax(values))
    spare = (high - low) * 0.14
    axes.set_xlim(low - (spare if low < 0 else 0), high + spare)
    axes.axvline(0, color=palette.INK, linewidth=1.0, zorder=3)
    thick = 0.86 / len(grid.columns)
    for place, row in enumerate(values):
        for count, days in enumerate(row):
            if np.isnan(row).all() and count != len(row) // 2:
                continue  # said once for the stage
            y = place - 0.43 + thick * (count + 0.5)
            if np.isfinite(days) and days:
                axes.barh(y, days, thick * 0.92, color=shades[count], edgecolor=palette.INK, linewidth=0.6, zorder=2)
            end = days if np.isfinite(days) else 0.0
            axes.annotate(_added(days, lang), (end, y), (-5 if end < 0 else 5, 0), textcoords="offset points", va="center",
                          ha="right" if end < 0 else "left", size=TEXT if np.isfinite(days) else SMALLEST,
                          weight="bold" if np.isfinite(days) else "normal", annotation_clip=False)
    axes.set_xlabel(say("uplift.axis", lang))
    put_legend(sheet, legend)
    return sheet.figure
