"""Charts of data quality: scores with their intervals, findings by rule, what is filled, what is reported late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator

from liantu.figures import palette
from liantu.figures.display import Picture
from liantu.figures.empty import empty_picture
from liantu.figures.fonts import width
from liantu.figures.style import MARGIN, SMALLEST, TEXT, WIDTH, figure_style, new_figure, quiet, stamp
from liantu.figures.wording import number, percent, say, wrap

_STEP = 0.4
_NAMED = 3  # parts of an answer that a title names; more are counted


# --- scores


def score_chart(table: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, source_note: str = "",
                over_time: bool = False) -> Picture:
    """Scores with their intervals: a row for each county, or for each snapshot of one reporter (`over_time`).

    `table` has label, score, low, high (0 to 100), rows, group (1 for the best; no order within a group), first and last (the places that
    each may hold), comparable (False: judged in fewer dimensions than the last row). Counties stand by group and in their given order
    within it; a line parts the groups.
    """
    name = "score_over_time" if over_time else "scores"
    if table.empty:
        return empty_picture(name, say("score.subject", lang), lang, as_of, simulated, source_note)
    data = table if over_time else table.sort_values("group", kind="stable")
    title = _score_over_time_title(data, place, lang) if over_time else _score_title(data, lang)
    with figure_style():
        subtitle = say("score.subtitle_time" if over_time else "score.subtitle", lang, place=place)
        figure = _score_figure(data, title, subtitle, lang, over_time)
        stamp(figure, lang, as_of, simulated, source_note)
    detail = say("separator", lang).join(say("score.alt.row", lang, label=row.label, score=number(row.score), low=number(row.low),
                                             high=number(row.high)) for row in data.itertuples())
    alt = say("score.alt", lang, place=place, title=title, detail=detail)
    shown = ["label", "score", "low", "high", "rows"] + ([] if over_time else ["group", "first", "last"])
    labels = {column: say(f"score.column.{column}", lang) for column in shown}
    if over_time:
        labels["label"] = say("score.column.snapshot", lang)
    rounded = data[shown].round({"score": 1, "low": 1, "high": 1}).reset_index(drop=True)
    return Picture(name, figure, title, alt, rounded, labels, say("score.caption", lang), as_of, say("score.axis", lang))


def _score_title(data: pd.DataFrame, lang: str) -> str:
    """Who is surely below whom; where nobody is, that there is no order."""
    low, high = number(round(data["score"].min())), number(round(data["score"].max()))
    below = data[data["first"] > 1].sort_values("first", ascending=False)
    if below.empty:
        return say("score.title.tied", lang, n=len(data), low=low, high=high)
    worst = below[below["first"] == below["first"].max()]
    named = say("separator", lang).join(worst["label"]) if len(worst) <= _NAMED else say("score.some", lang, n=len(worst))
    better = int(worst["first"].iloc[0]) - 1
    rest = say("score.rest_tied", lang) if len(below) == len(worst) else say("score.rest_some", lang, n=len(below) - len(worst))
    return say("score.title.below", lang, low=low, high=high, named=named, better=better, rest=rest)


def _score_over_time_title(data: pd.DataFrame, place: str, lang: str) -> str:
    last = data.iloc[-1]
    before = data.iloc[:-1]
    before = before[before["comparable"].astype(bool)]
    told = {"place": place, "score": number(last["score"]), "low": number(last["low"]), "high": number(last["high"])}
    if before.empty:
        return say("score.title.first", lang, **told)
    then = before.iloc[-1]
    way = "down" if last["high"] < then["low"] else "up" if last["low"] > then["high"] else "same"
    return say(f"score.title.{way}", lang, **told, then=number(then["score"]), snapshot=then["label"])


def _score_figure(data: pd.DataFrame, title: str, subtitle: str, lang: str, over_time: bool) -> Figure:
    notes = [say("score.note", lang, **{name: number(getattr(row, name), tenths=True) for name in ("score", "low", "high")})
             for row in data.itertuples()]
    small = [_score_small(row, lang, over_time) for row in data.itertuples()]
    sheet, axes = _interval_sheet(data["label"], notes, small, title, subtitle, legend=True)
    solid = data["comparable"].astype(bool).to_numpy() if over_time else np.ones(len(data), bool)
    _intervals(axes, data["score"], data["low"], data["high"], solid)
    floor = min(80.0, np.floor((data["low"].min() - 1) / 10) * 10)
    axes.set_xlim(max(floor, 0), 100.5)
    axes.set_xlabel(say("score.axis", lang))
    if not over_time:
        for place in np.flatnonzero(np.diff(data["group"].to_numpy())):
            axes.axhline(place + 0.5, color=palette.GREY, linewidth=1.0, linestyle=(0, (4, 3)))
    _interval_legend(sheet, lang, [] if solid.all() else [say("score.not_comparable", lang)],
                     [] if over_time or data["group"].nunique() == 1 else [say("score.parted", lang)])
    return sheet.figure


def _score_small(row: object, lang: str, over_time: bool) -> str:
    if over_time:
        return say("score.rows", lang, n=number(row.rows))
    key = "score.place" if row.first == row.last else "score.places"
    return say(key, lang, first=row.first, last=row.last)


# --- shares with intervals: late reports


def late_chart(table: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, source_note: str = "",
               over_time: bool = False) -> Picture:
    """The share of newly reported events that an earlier ledger should have told, with Wilson's interval, and the median days.

    `table` has label, n, late, share, low, high (0 to 1) and median: one row for each county, or for each snapshot (`over_time`).
    """
    if table.empty:
        return empty_picture("late_reports", say("late.subject", lang), lang, as_of, simulated, source_note)
    last = table.tail(1) if over_time else table
    of, late = int(last["n"].sum()), int(last["late"].sum())
    key = "late.title_time" if over_time else "late.title"
    title = say(key, lang, place=place, n=number(of), late=number(late), share=percent(late / of))
    with figure_style():
        notes = [say("late.note", lang, share=percent(row.share), late=number(row.late), n=number(row.n)) for row in table.itertuples()]
        small = [say("late.median", lang, days=number(round(row.median))) for row in table.itertuples()]
        sheet, axes = _interval_sheet(table["label"], notes, small, title, say("late.subtitle", lang, place=place), legend=True)
        _intervals(axes, table["share"], table["low"], table["high"], np.ones(len(table), bool))
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(lambda value, _: percent(value))
        axes.set_xlabel(say("late.axis", lang))
        _interval_legend(sheet, lang)
        stamp(sheet.figure, lang, as_of, simulated, source_note)
    rows = (say("late.alt.row", lang, label=row.label, share=percent(row.share), days=number(round(row.median)))
            for row in table.itertuples())
    detail = say("separator", lang).join(rows)
    shown = table[["label", "n", "late", "share", "low", "high", "median"]].round({"share": 3, "low": 3, "high": 3}).reset_index(drop=True)
    labels = {column: say(f"late.column.{column}", lang) for column in shown.columns}
    if over_time:
        labels["label"] = say("score.column.snapshot", lang)
    alt = say("late.alt", lang, place=place, title=title, detail=detail)
    return Picture("late_reports", sheet.figure, title, alt, shown, labels, say("late.caption", lang), as_of, say("late.axis", lang))


def _interval_sheet(names: Sequence[str], notes: list[str], small: list[str], title: str, subtitle: str, legend: bool) -> tuple:
    """A sheet with one line for each name: name, axes, and two columns of notes; returns the sheet and its axes."""
    labels = [wrap(str(name), 1.9, TEXT) for name in names]
    left = max(width(line, TEXT) for label in labels for line in label.split("\n")) + MARGIN + 0.12
    first, second = max(width(note, TEXT, bold=True) for note in notes), max(width(note, SMALLEST) for note in small)
    right = first + second + MARGIN + 0.3
    height = _STEP * len(labels)
    sheet = new_figure(title, subtitle, height + (0.95 if legend else 0.6))
    axes = sheet.axes(left, 0.45, WIDTH - left - right, height)
    for place, (note, other) in enumerate(zip(notes, small, strict=True)):
        across = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "va": "center"}
        axes.annotate(note, (1, place), (8, 0), weight="bold", **across)
        axes.annotate(other, (1, place), (14 + first * 72, 0), size=SMALLEST, color=palette.GREY, **across)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    quiet(axes, "x")
    axes.tick_params(axis="x", labelsize=SMALLEST, labelcolor=palette.GREY)
    return sheet, axes


def _intervals(axes: Axes, values: pd.Series, lows: pd.Series, highs: pd.Series, solid: np.ndarray) -> None:
    for place, (value, low, high, full) in enumerate(zip(values, lows, highs, solid, strict=True)):
        axes.plot([low, high], [place] * 2, color=palette.IN_TIME, linewidth=3.2 if full else 1.2, solid_capstyle="butt", zorder=3)
        axes.plot([value], [place], "o", markersize=9, color=palette.IN_TIME if full else palette.PAPER, markeredgecolor=palette.IN_TIME,
                  markeredgewidth=1.5, zorder=4, clip_on=False)


def _interval_legend(sheet: object, lang: str, hollow: Sequence[str] = (), dashed: Sequence[str] = ()) -> None:
    dot = {"color": palette.IN_TIME, "marker": "o", "markersize": 8, "linewidth": 3.2}
    entries = [Line2D([], [], label=say("interval.legend", lang), **dot)]
    entries += [Line2D([], [], label=label, **dot | {"markerfacecolor": palette.PAPER, "linewidth": 1.2}) for label in hollow]
    entries += [Line2D([], [], color=palette.GREY, linewidth=1.0, linestyle=(0, (4, 3)), label=label) for label in dashed]
    sheet.legend(entries, MARGIN + 0.05)


# --- findings by rule


def rules_chart(table: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, source_note: str = "",
                read: int | None = None) -> Picture:
    """Cells in question by rule, under what the reporter has to do; errors dark, warnings light and hatched.

    `table` has action, rule (names to print, in order) and severity (error or warning), cells; `read` is the number of cells read.
    """
    if table.empty or not table["cells"].sum():
        return empty_picture("findings_by_rule", say("broken_rules.subject", lang), lang, as_of, simulated, source_note)
    total = int(table["cells"].sum())
    top = table.sort_values("cells", ascending=False, kind="stable").head(_NAMED)
    named = say("separator", lang).join(say("broken_rules.one", lang, rule=row.rule, n=number(row.cells)) for row in top.itertuples())
    title = say("broken_rules.title", lang, total=number(total), named=named)
    below = say("broken_rules.subtitle", lang, place=place, share=_small_share(total, read), read=number(read))
    with figure_style():
        figure = _rules_figure(table, title, below if read else say("broken_rules.subtitle_none", lang, place=place), lang)
        stamp(figure, lang, as_of, simulated, source_note)
    detail = say("separator", lang).join(say("broken_rules.one", lang, rule=row.rule, n=number(row.cells)) for row in table.itertuples())
    data = table.assign(severity=[say(f"severity.{kind}", lang) for kind in table["severity"]]).reset_index(drop=True)
    labels = {column: say(f"broken_rules.column.{column}", lang) for column in data.columns}
    alt = say("broken_rules.alt", lang, place=place, title=title, detail=detail)
    caption, unit = say("broken_rules.caption", lang), say("broken_rules.axis", lang)
    return Picture("findings_by_rule", figure, title, alt, data, labels, caption, as_of, unit)


def _small_share(part: int, whole: int | None) -> str:
    return f"{part / whole * 100:.1f}%" if whole else percent(None)


def _rules_figure(table: pd.DataFrame, title: str, subtitle: str, lang: str) -> Figure:
    """A heading line for each action, and below it a bar for each of its rules."""
    lines: list[tuple[str, object]] = []
    for action, rows in table.groupby("action", sort=False):
        lines += [("action", f"{action}  {number(rows['cells'].sum())}"), *(("rule", row) for row in rows.itertuples())]
    names = {row.rule: wrap(str(row.rule), 2.7, TEXT) for kind, row in lines if kind == "rule"}
    left = max(width(line, TEXT) for name in names.values() for line in name.split("\n")) + MARGIN + 0.25
    step = 0.27 if all("\n" not in name for name in names.values()) else 0.34
    sheet = new_figure(title, subtitle, step * len(lines) + 0.45)
    axes = sheet.axes(left, 0.05, WIDTH - left - MARGIN - 0.7, step * len(lines))
    most = table["cells"].max()
    axes.set_xlim(0, most * 1.02)
    axes.set_ylim(len(lines) - 0.5, -0.5)
    for place, (kind, row) in enumerate(lines):
        if kind == "action":
            sheet.write(MARGIN, 0.05 + step * (len(lines) - place - 0.6), str(row), weight="bold", va="center", color=palette.INK)
            continue
        axes.barh(place, row.cells, 0.62, color=palette.FINDINGS[row.severity], hatch=palette.FINDING_HATCHES[row.severity],
                  edgecolor=palette.INK, linewidth=0.6)
        axes.annotate(number(row.cells), (row.cells, place), (4, 0), textcoords="offset points", va="center", weight="bold")
        axes.text(-0.08 * most * 1.02 / (WIDTH - left - MARGIN - 0.7), place, names[row.rule], ha="right", va="center", linespacing=1.0)
    axes.set_yticks([])
    axes.set_xticks([])
    quiet(axes)
    axes.spines["bottom"].set_visible(False)
    sheet.legend([Patch(facecolor=palette.FINDINGS[kind], hatch=palette.FINDING_HATCHES[kind], edgecolor=palette.INK, linewidth=0.6,
                        label=say(f"broken_rules.{kind}", lang)) for kind in palette.FINDINGS])
    return sheet.figure


# --- what is filled


def filled_chart(table: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, source_note: str = "",
                 over_time: bool = False) -> Picture:
    """Fields by counties (or by snapshots): the share of the cells asked for that are filled, the darker the more is missing.

    `table` has field, column (names to print, in order), filled and asked; a pair of which nothing was asked has a dash.
    """
    if table.empty or not table["asked"].sum():
        return empty_picture("completeness", say("filled.subject", lang), lang, as_of, simulated, source_note)
    sums = table.groupby(["field", "column"], sort=False)[["filled", "asked"]].sum()
    share = (sums["filled"] / sums["asked"].where(sums["asked"] > 0)).unstack().reindex(
        index=list(dict.fromkeys(table["field"])), columns=list(dict.fromkeys(table["column"])))
    title = _filled_title(share, sums, lang, over_time)
    with figure_style():
        subtitle = say("filled.subtitle_time" if over_time else "filled.subtitle", lang, place=place)
        figure = _filled_figure(share, title, subtitle)
        stamp(figure, lang, as_of, simulated, source_note)
    least = share.stack().sort_values(kind="stable").head(5)
    detail = say("separator", lang).join(say("filled.one", lang, field=field, column=column, share=percent(value))
                                         for (field, column), value in least.items())
    data = sums.assign(share=(sums["filled"] / sums["asked"]).round(3)).reset_index()
    labels = {column: say(f"filled.column.{column}", lang) for column in data.columns}
    if over_time:
        labels["column"] = say("score.column.snapshot", lang)
    alt = say("filled.alt", lang, place=place, title=title, detail=detail)
    return Picture("completeness", figure, title, alt, data, labels, say("filled.caption", lang), as_of, "%")


def _filled_title(share: pd.DataFrame, sums: pd.DataFrame, lang: str, over_time: bool) -> str:
    if over_time:  # only the newest ledger can still be mended
        sums = sums[sums.index.get_level_values("column") == share.columns[-1]]
    overall = _not_quite(sums["filled"].sum() / sums["asked"].sum())
    lacking = sums["asked"] - sums["filled"]
    if not lacking.sum():
        return say("filled.title.all", lang)
    worst = lacking[lacking > 0].sort_values(ascending=False, kind="stable").head(2)
    one = "filled.one_time" if over_time else "filled.one"
    named = say("separator", lang).join(
        say(one, lang, field=field, column=column, share=_not_quite(share.loc[field, column])) for field, column in worst.index)
    return say("filled.title", lang, overall=overall, named=named)


def _filled_figure(share: pd.DataFrame, title: str, subtitle: str) -> Figure:
    names = [wrap(str(field), 2.2, TEXT) for field in share.index]
    left = max(width(line, TEXT) for name in names for line in name.split("\n")) + MARGIN + 0.12
    # Few columns make no wide cells: the eye has to travel less.
    room = min(WIDTH - left - MARGIN, 1.15 * len(share.columns))
    heads = [wrap(str(head), room / len(share.columns) - 0.05, SMALLEST, bold=True) for head in share.columns]
    top = 0.17 * max(head.count("\n") + 1 for head in heads) + 0.1
    step = 0.29 if all("\n" not in name for name in names) else 0.36
    sheet = new_figure(title, subtitle, step * len(share) + top)
    axes = sheet.axes(left, 0.05, room, step * len(share))
    shade, norm = LinearSegmentedColormap.from_list("missing", palette.SEQUENTIAL), PowerNorm(0.6, 0, 1)
    for down, (_, row) in enumerate(share.iterrows()):
        for across, value in enumerate(row):
            known = not pd.isna(value)
            colour = palette.PAPER if not known else shade(norm(1 - value)) if value < 1 else palette.PAPER
            axes.add_patch(Rectangle((across, down), 1, 1, facecolor=colour, edgecolor=palette.RULE, linewidth=0.6))
            ink = palette.GREY if not known else palette.ink_on(colour[:3] if isinstance(colour, tuple) else colour)
            axes.text(across + 0.5, down + 0.52, _not_quite(value), ha="center", va="center", color=ink)
    axes.set_xlim(0, len(share.columns))
    axes.set_ylim(len(share), 0)
    axes.set_yticks([place + 0.5 for place in range(len(share))], names)
    axes.set_xticks([])
    for across, head in enumerate(heads):
        axes.annotate(head, (across + 0.5, 0), (0, 5), textcoords="offset points", ha="center", va="bottom", size=SMALLEST, weight="bold",
                      linespacing=1.1, annotation_clip=False)
    quiet(axes)
    axes.spines["bottom"].set_visible(False)
    return sheet.figure


def _not_quite(share: float) -> str:
    """A share as per cents; what is not quite all is not printed as all, what is not quite none not as none."""
    if pd.isna(share) or share in (0, 1):
        return percent(share)
    return "99%+" if share >= 0.995 else "<1%" if share < 0.005 else percent(share)
