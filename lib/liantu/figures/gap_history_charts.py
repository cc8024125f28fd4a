"""How the gaps of the chains moved, and whether projects do on the chains what they say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from liantu.figures import palette
from liantu.figures.display import Picture
from liantu.figures.empty import empty_picture
from liantu.figures.fonts import width
from liantu.figures.style import MARGIN, SMALLEST, TEXT, WIDTH, figure_style, legend_columns, new_figure, quiet, stamp
from liantu.figures.wording import number, quarter_name, say, wrap

MOVES = ("opened", "in_repair", "closed")
WORKS = ("fill", "extend", "strengthen", "found", "none")
_MOVE_DRESS = {"opened": palette.gap_dress("broken_open"), "in_repair": palette.gap_dress("broken_in_repair"),
               "closed": palette.gap_dress("held")}


def gaps_over_time(changes: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, source_note: str = "") -> Picture:
    """Gaps opened, taken into repair and closed in each quarter, and how many broken links there are at its end.

    `changes` has a row for each quarter in order: quarter (`2022Q2`), opened, in_repair, closed (number of links since the quarter
    before; missing where there is no quarter before), broken (number at the quarter's end).
    """
    if changes.empty:
        return empty_picture("gaps_over_time", say("moved.subject", lang), lang, as_of, simulated, source_note)
    rows = changes[["quarter", *MOVES, "broken"]].reset_index(drop=True)
    last = rows.iloc[-1]
    told = {move: number(last[move]) for move in (*MOVES, "broken")} | {"quarter": quarter_name(last["quarter"], lang)}
    title = say("moved.title" if pd.notna(last["opened"]) else "moved.title.first", lang, **told)
    with figure_style():
        figure = _moved_figure(rows, title, say("moved.subtitle", lang, place=place), lang)
        stamp(figure, lang, as_of, simulated, source_note)
    detail = say("semicolon", lang).join(
        say("moved.alt.row", lang, quarter=quarter_name(row["quarter"], lang), **{move: number(row[move]) for move in (*MOVES, "broken")})
        for row in rows.to_dict("records"))
    labels = {column: say(f"moved.column.{column}", lang) for column in rows.columns}
    alt = say("moved.alt", lang, place=place, title=title, detail=detail)
    return Picture("gaps_over_time", figure, title, alt, rows, labels, say("moved.caption", lang), as_of, say("gap.axis", lang))


def _moved_figure(rows: pd.DataFrame, title: str, subtitle: str, lang: str) -> Figure:
    words = [say(f"moved.{move}", lang) for move in MOVES]
    sheet = new_figure(title, subtitle, 3.1)
    axes = sheet.axes(MARGIN, 0.5, WIDTH - 2 * MARGIN, 2.2)
    highest = max(np.nanmax(rows[list(MOVES)].to_numpy(dtype=float), initial=0.0), 1.0)
    for index, move in enumerate(MOVES):
        counts = rows[move].astype("float64").to_numpy()
        places = np.arange(len(rows)) + (index - 1) * 0.27
        some = counts > 0
        axes.bar(places[some], counts[some], 0.25, linewidth=0.6, **_MOVE_DRESS[move])
        for x, count in zip(places, counts, strict=True):
            if not np.isnan(count):
                axes.annotate(number(count), (x, count), (0, 2), textcoords="offset points", ha="center", va="bottom", size=SMALLEST,
                              weight="bold")
    axes.set_ylim(0, highest * 1.18)
    axes.set_xlim(-0.6, len(rows) - 0.4)
    axes.set_yticks([])
    room = (WIDTH - 2 * MARGIN) / len(rows) - 0.06
    names = [wrap(quarter_name(row.quarter, lang), room, TEXT) + "\n" + wrap(say("moved.broken", lang, n=number(row.broken)), room, TEXT)
             for row in rows.itertuples()]
    axes.set_xticks(range(len(rows)), names)
    quiet(axes)
    sheet.legend([Patch(linewidth=0.6, label=word, **_MOVE_DRESS[move]) for move, word in zip(MOVES, words, strict=True)],
                 columns=legend_columns(words))
    return sheet.figure


# --- what projects call themselves, and what they do


def labels_chart(table: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, source_note: str = "",
                 names: Mapping[str, str] | None = None) -> Picture:
    """What projects call themselves against what they do on the graph: a matrix with the numbers in the cells, agreement outlined.

    `table` has label and does (each one of fill, extend, strengthen, found, none, or another that `names` gives a name) and projects.
    """
    if table.empty or not table["projects"].sum():
        return empty_picture("labels", say("work.subject", lang), lang, as_of, simulated, source_note)
    grid = _work_grid(table)
    called = {key: (names or {}).get(key) or say(f"work.label.{key}", lang) for key in grid.index}
    done = {key: (names or {}).get(key) or say(f"work.{key}", lang) for key in grid.columns}
    title = _work_title(grid, lang)
    with figure_style():
        figure = _work_figure(grid, called, done, title, say("work.subtitle", lang, place=place), lang)
        stamp(figure, lang, as_of, simulated, source_note)
    data = grid.melt(ignore_index=False, var_name="does", value_name="projects").reset_index(names="label")
    data = data.assign(label=data["label"].map(called), does=data["does"].map(done))
    detail = say("semicolon", lang).join(say("work.alt.row", lang, label=row.label, does=row.does, n=number(row.projects))
                                         for row in data[data["projects"] > 0].itertuples())
    alt = say("work.alt", lang, place=place, title=title, detail=detail)
    labels = {column: say(f"work.column.{column}", lang) for column in data.columns}
    return Picture("labels", figure, title, alt, data, labels, say("work.caption", lang), as_of, say("heat.what.projects", lang))


def _work_grid(table: pd.DataFrame) -> pd.DataFrame:
    """Labels by deeds; those of WORKS always, others where there are any."""
    sums = table.groupby(["label", "does"])["projects"].sum().unstack()
    rows, columns = ([*WORKS, *(key for key in keys if key not in WORKS)] for keys in (sums.index, sums.columns))
    return sums.reindex(index=rows, columns=columns).fillna(0).astype("int64")


def _work_title(grid: pd.DataFrame, lang: str) -> str:
    labelled, total = int(grid.drop(index="none").to_numpy().sum()), int(grid.to_numpy().sum())
    same = sum(int(grid.loc[key, key]) for key in grid.index if key != "none" and key in grid.columns)
    filling, real = int(grid.loc["fill"].sum()), int(grid.loc["fill", "fill"])
    told = {"total": number(total), "labelled": number(labelled), "same": number(same), "filling": number(filling), "real": number(real),
            "does": number(grid["fill"].sum())}
    return say("work.title.none" if not labelled else "work.title.fill" if filling else "work.title", lang, **told)


def _work_figure(grid: pd.DataFrame, called: Mapping[str, str], done: Mapping[str, str], title: str, subtitle: str, lang: str) -> Figure:
    names = [wrap(called[key], 1.9, TEXT) for key in grid.index]
    longest = max(width(part, TEXT) for name in names for part in name.split("\n"))
    left = max(longest, width(say("work.label", lang), SMALLEST, bold=True)) + MARGIN + 0.14
    room = (WIDTH - left - MARGIN) / (len(grid.columns) + 1)
    heads = [wrap(head, room - 0.08, TEXT) for head in [*(done[key] for key in grid.columns), say("heat.total", lang)]]
    top, step = 0.19 * max(head.count("\n") + 1 for head in heads) + 0.34, 0.42
    sheet = new_figure(title, subtitle, step * len(grid) + top + 0.08)
    axes = sheet.axes(left, 0.05, WIDTH - left - MARGIN, step * len(grid))
    axes.set(xlim=(0, len(grid.columns) + 1), ylim=(len(grid), 0))
    axes.set_axis_off()
    _work_cells(axes, grid)
    for place, name in enumerate(names):
        sheet.write(left - 0.08, 0.05 + step * (len(grid) - place - 0.5), name, ha="right", va="center", linespacing=1.0)
    base = 0.05 + step * len(grid) + 0.06
    for place, head in enumerate(heads):
        sheet.write(left + room * (place + 0.5), base, head, ha="center", va="bottom", linespacing=1.05)
    over = base + top - 0.34
    small = {"size": SMALLEST, "color": palette.GREY, "weight": "bold", "va": "bottom"}
    sheet.write(left + 0.05, over + 0.03, say("work.does", lang), **small)
    sheet.write(left - 0.08, over + 0.03, say("work.label", lang), ha="right", **small)
    return sheet.figure


def _work_cells(axes: Axes, grid: pd.DataFrame) -> None:
    colours = LinearSegmentedColormap.from_list("liantu", palette.SEQUENTIAL)
    most = max(int(grid.to_numpy().max()), 1)
    for y, label in enumerate(grid.index):
        for x, does in enumerate(grid.columns):
            count, same = int(grid.loc[label, does]), label == does != "none"
            colour = colours((count / most) ** 0.6) if count else palette.PAPER
            axes.add_artist(Rectangle((x + 0.03, y + 0.05), 0.94, 0.9, facecolor=colour, edgecolor=palette.INK if same else "#DCDCDC",
                                      linewidth=2.2 if same else 0.6))
            if count:
                axes.text(x + 0.5, y + 0.5, number(count), ha="center", va="center", color=palette.ink_on(colour))
        axes.text(len(grid.columns) + 0.5, y + 0.5, number(grid.loc[label].sum()), ha="center", va="center", weight="bold")


# --- promises


def promises_chart(table: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, source_note: str = "") -> Picture:
    """What became of the projects on links that were broken: gap filled, overdue, not yet due, or given up, as one stacked bar.

    `table` has outcome (kept, late, not_due, gone) and projects; outcomes that stand twice are added up.
    """
    counts = table.groupby("outcome")["projects"].sum().reindex(list(palette.PROMISES)).fillna(0).astype("int64")
    total = int(counts.sum())
    if not total:
        return empty_picture("promises", say("promised.subject", lang), lang, as_of, simulated, source_note)
    title = say("promised.title", lang, total=number(total), **{outcome: number(count) for outcome, count in counts.items()})
    with figure_style():
        sheet = new_figure(title, say("promised.subtitle", lang, place=place), 1.25)
        axes = sheet.axes(MARGIN, 0.15, WIDTH - 2 * MARGIN, 0.62)
        axes.set(xlim=(0, total), ylim=(-0.5, 0.5))
        axes.set_axis_off()
        _promise_bar(axes, counts)
        sheet.legend(_promise_legend(list(counts.index), lang))
        stamp(sheet.figure, lang, as_of, simulated, source_note)
    data = pd.DataFrame({"outcome": [say(f"promised.{outcome}", lang) for outcome in counts.index], "projects": counts.to_numpy()})
    labels = {column: say(f"promised.column.{column}", lang) for column in data.columns}
    alt = say("promised.alt", lang, place=place, title=title)
    unit = say("heat.what.projects", lang)
    return Picture("promises", sheet.figure, title, alt, data, labels, say("promised.caption", lang), as_of, unit)


def _promise_bar(axes: Axes, counts: pd.Series) -> None:
    start, total = 0, int(counts.sum())
    for outcome, count in counts.items():
        if not count:
            continue
        colour = palette.PROMISES[outcome]
        axes.barh(0, count, 0.9, left=start, linewidth=0.8, clip_on=False, **_promise_dress(outcome))
        if width(number(count), TEXT + 2, bold=True) + 0.1 < count / total * (WIDTH - 2 * MARGIN):
            axes.text(start + count / 2, 0, number(count), ha="center", va="center", weight="bold", size=TEXT + 2,
                      color=palette.ink_on(colour), bbox={"facecolor": colour, "edgecolor": "none", "pad": 1.5})
        start += count


def _promise_dress(outcome: str) -> dict[str, str]:
    colour = palette.PROMISES[outcome]
    return {"facecolor": colour, "edgecolor": palette.INK, "hatch": palette.PROMISE_HATCHES[outcome], "hatchcolor": palette.ink_on(colour)}


def _promise_legend(outcomes: Sequence[str], lang: str) -> list[object]:
    return [Patch(linewidth=0.8, label=say(f"promised.{outcome}", lang), **_promise_dress(outcome)) for outcome in outcomes]
