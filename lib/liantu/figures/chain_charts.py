"""Charts of the chains: where they are, and where they are broken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from liantu.figures import palette
from liantu.figures.display import Picture
from liantu.figures.empty import empty_picture
from liantu.figures.fonts import width
from liantu.figures.style import MARGIN, SMALLEST, TEXT, WIDTH, figure_style, legend_columns, new_figure, quiet, stamp
from liantu.figures.wording import messages, number, say, wrap
from liantu.reference import Chains, Divisions

GAP_STATES = tuple(palette.GAPS)
_TOTAL_WIDTH = 1.1  # the column of totals, in cells
_GROUPS = ("old", "raw", "new", "none")


def heat_map(table: pd.DataFrame, chains: Chains, divisions: Divisions, lang: str, as_of: dt.date, simulated: bool, place: str,
             value: str = "projects", source_note: str = "", left_out: int = 0) -> Picture:
    """Chains by counties as a heat map with the numbers in the cells and totals at the margins.

    `table` has `chain` (Chinese name or id), `county` (code) and the column `value`, one of `projects` (number), `investment` (亿元) and
    whatever else messages.yml names as heat.what and heat.unit. Pairs that stand twice are added up, pairs that are missing or zero are
    blank. What is on no chain of the edition, or in no county, gets a row or column of its own; `left_out` projects that `table` does not
    hold are told in the caption.
    """
    what, unit, name = say(f"heat.what.{value}", lang), say(f"heat.unit.{value}", lang), f"chain_county_{value}"
    if table.empty:
        return empty_picture(name, _worded("subject", value, lang), lang, as_of, simulated, source_note)
    grid, groups = _grid(table, chains, divisions, value, lang)
    core = grid.drop(index=[chain for chain in grid.index if groups[chain] == "none"], columns=_worded("no_county", value, lang),
                     errors="ignore")
    title = _heat_title(grid, core, value, lang)
    with figure_style():
        figure = _heat_figure(grid, groups, title, say("heat.subtitle", lang, place=place, what=what), lang)
        stamp(figure, lang, as_of, simulated, source_note)
    totals = say("separator", lang).join(f"{chain} {number(total)}" for chain, total in grid.sum(axis=1).items())
    alt = say("heat.alt", lang, place=place, rows=len(core), columns=len(core.columns), what=what, title=title, detail=totals)
    data = grid.melt(ignore_index=False, var_name="county", value_name=value).reset_index(names="chain")
    data.insert(1, "group", [say(f"group.{groups[chain]}", lang) for chain in data["chain"]])
    labels = {column: say(f"heat.column.{column}", lang) for column in ("chain", "group", "county")} | {value: what}
    caption = _worded("caption", value, lang) + (" " + say("heat.left_out", lang, n=number(left_out)) if left_out else "")
    return Picture(name, figure, title, alt, data, labels, caption, as_of, unit)


def _grid(table: pd.DataFrame, chains: Chains, divisions: Divisions, value: str, lang: str) -> tuple[pd.DataFrame, dict[str, str]]:
    """The table as chains by counties, in their order, under the names to print; and the group of each chain."""
    ordered = sorted(chains.chains, key=lambda chain: (_GROUPS.index(chain.group), chain.order))
    known = {key: chain.name(lang) for chain in ordered for key in (chain.zh, chain.id)}
    places = {county.code: county.short_zh if lang == "zh" else county.short_en for county in divisions.counties}
    no_chain, no_county = say("heat.no_chain", lang), _worded("no_county", value, lang)
    numbers = table[value].astype("float64").fillna(0.0)
    grid = numbers.groupby([table["chain"].map(known).fillna(no_chain), table["county"].map(places).fillna(no_county)]).sum().unstack()
    groups = {chain.name(lang): chain.group for chain in ordered} | {no_chain: "none"}
    grid = grid.reindex(index=list(groups), columns=[*places.values(), no_county]).fillna(0.0)
    # A stray row or column is only shown when something is in it.
    spare = {"index": [no_chain] if not grid.loc[no_chain].any() else [], "columns": [no_county] if not grid[no_county].any() else []}
    return grid.drop(**spare), groups


def _worded(what: str, value: str, lang: str, **told: object) -> str:
    """A message of the heat map, in the words for `value` where it has words of its own."""
    own = f"heat.{what}.{value}"
    return say(own if own in messages() else f"heat.{what}", lang, **told)


def _heat_title(grid: pd.DataFrame, core: pd.DataFrame, value: str, lang: str) -> str:
    blank = int((core.to_numpy() == 0).sum())
    if blank == core.size and not grid.to_numpy().any():
        return _worded("title.none", value, lang, pairs=core.size)
    totals = grid.drop(index=say("heat.no_chain", lang), errors="ignore").sum(axis=1)
    return _worded("title", value, lang, total=number(grid.to_numpy().sum()), unit=say(f"heat.unit.{value}", lang), chain=totals.idxmax(),
                   most=number(totals.max()), pairs=core.size, blank=blank)


def _heat_figure(grid: pd.DataFrame, groups: dict[str, str], title: str, subtitle: str, lang: str) -> Figure:
    """A row for each chain, a heading row before each group, a last row of totals; a last column of totals."""
    lines = _heat_lines(grid, groups)
    names = {chain: wrap(str(chain), 2.05, TEXT) for chain in grid.index}
    left = max(width(part, TEXT) for name in names.values() for part in name.split("\n")) + MARGIN + 0.12
    step = 0.29 if all("\n" not in name for name in names.values()) else 0.34
    room = WIDTH - left - MARGIN
    heads, dress = _heads([*grid.columns, say("heat.total", lang)], room / (len(grid.columns) + _TOTAL_WIDTH))
    top = 0.19 * max(head.count("\n") + 1 for head in heads) + 0.1
    sheet = new_figure(title, subtitle, step * (len(lines) + 1.25) + top)
    axes = sheet.axes(left, 0.05, room, step * (len(lines) + 1.25))
    _heat_cells(axes, grid, lines)
    columns, inch = len(grid.columns), (len(grid.columns) + _TOTAL_WIDTH) / room
    for place, line in enumerate(lines):
        if line in _GROUPS:
            head = "" if line == "none" else say(f"group.{line}", lang)
            axes.text((MARGIN - left) * inch, place + 0.6, head, va="center", size=SMALLEST, weight="bold", color=palette.GREY)
            continue
        axes.text(-0.08 * inch, place + 0.5, names[line], ha="right", va="center", linespacing=1.0)
        axes.text(columns + 0.6, place + 0.5, _cell(grid.loc[line].sum(), grid), ha="center", va="center", weight="bold")
    _heat_totals(axes, grid, len(lines), heads, dress, lang)
    return sheet.figure


def _cell(value: float, grid: pd.DataFrame) -> str:
    """A number of the grid: with one decimal when any has decimals, and never 0.0 for something."""
    return "<0.1" if 0 < value < 0.05 else number(value, bool((grid.to_numpy() % 1 != 0).any()))


def _heads(names: Sequence[str], room: float) -> tuple[list[str], dict[str, object]]:
    """Column heads broken to the width of a cell, in the largest dress in which no word has to be cut."""
    for size, bold in ((TEXT, True), (SMALLEST, True), (SMALLEST, False)):
        longest = max(width(word, size, bold) for name in names for word in (name.split() if name.isascii() else [name[:4]]))
        if longest <= room:
            break
    return [wrap(name, room, size, bold) for name in names], {"size": size, "weight": "bold" if bold else "normal"}


def _heat_lines(grid: pd.DataFrame, groups: dict[str, str]) -> list[str]:
    """What stands in each line: the id of a group for its heading, else the name of a chain."""
    lines: list[str] = []
    for chain in grid.index:
        if groups[chain] not in lines:
            lines.append(groups[chain])
        lines.append(chain)
    return lines


def _heat_cells(axes: Axes, grid: pd.DataFrame, lines: Sequence[str]) -> None:
    cells = grid.reindex(lines).replace(0.0, np.nan)
    colours = LinearSegmentedColormap.from_list("liantu", palette.SEQUENTIAL)
    highest = np.nanmax(cells.to_numpy()) if cells.notna().any(axis=None) else 1.0
    # A power below one keeps small counts apart: counts of projects are skew, and the numbers stand in the cells anyway.
    norm = PowerNorm(0.6, vmin=0, vmax=highest)
    notes = cells.map(lambda value: "" if pd.isna(value) else _cell(value, grid))
    sns.heatmap(cells, ax=axes, cmap=colours, norm=norm, vmin=0, vmax=highest, cbar=False, mask=cells.isna(), annot=notes, fmt="",
                annot_kws={"size": TEXT}, linewidths=1, linecolor=palette.PAPER, xticklabels=False, yticklabels=False)
    for text in axes.texts:
        value = cells.to_numpy()[int(text.get_position()[1]), int(text.get_position()[0])]
        text.set_color(palette.ink_on(colours(norm(value))))
    outline = {"fill": False, "edgecolor": "#DCDCDC", "linewidth": 0.6}
    for place in (place for place, line in enumerate(lines) if line not in _GROUPS):
        for column in range(len(grid.columns)):
            axes.add_artist(Rectangle((column, place), 1, 1, **outline))  # not add_patch, which measures each one: the limits are set below


def _heat_totals(axes: Axes, grid: pd.DataFrame, bottom: int, heads: Sequence[str], dress: dict[str, object], lang: str) -> None:
    columns = len(grid.columns)
    for place, total in enumerate(grid.sum(axis=0)):
        axes.text(place + 0.5, bottom + 0.7, _cell(total, grid), ha="center", va="center", weight="bold")
    axes.text(columns + 0.6, bottom + 0.7, _cell(grid.to_numpy().sum(), grid), ha="center", va="center", weight="bold")
    axes.text(-0.08, bottom + 0.7, say("heat.total", lang), ha="right", va="center", weight="bold")
    for place, head in enumerate(heads):
        axes.text(place + (0.6 if place == columns else 0.5), -0.1, head, ha="center", va="bottom", linespacing=1.1, **dress)
    axes.plot([0, columns + _TOTAL_WIDTH], [bottom + 0.15] * 2, color=palette.INK, linewidth=1)
    axes.set_xlim(0, columns + _TOTAL_WIDTH)
    axes.set_ylim(bottom + 1.25, 0)
    axes.set(xlabel="", ylabel="")


def gap_chart(gaps_by_chain: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str,
              names: Mapping[str, str] | None = None, source_note: str = "") -> Picture:
    """Links of each chain by state, as stacked bars; the chains with most open broken links first.

    `gaps_by_chain` has chain and a column for each state of `liantu.figures.palette.GAPS` (number of links; a state without a column has
    none). `names` translates chain names.
    """
    if gaps_by_chain.empty:
        return empty_picture("chain_gaps", say("gap.subject", lang), lang, as_of, simulated, source_note)
    rows = gaps_by_chain.reindex(columns=["chain", *GAP_STATES]).fillna(dict.fromkeys(GAP_STATES, 0))
    rows = rows.astype(dict.fromkeys(GAP_STATES, "int64"))
    rows["chain"] = [(names or {}).get(chain, chain) for chain in rows["chain"]]
    rows = rows.sort_values(["broken_open", "broken_in_repair", "blocked", "weak"], ascending=False, kind="stable").reset_index(drop=True)
    found = rows[list(GAP_STATES)].sum()
    title = say("gap.title.unknown" if found["unknown"] == found.sum() else "gap.title", lang,
                chains=len(rows), links=number(found.sum()), weak=number(found["weak"]), blocked=number(found["blocked"]),
                broken=number(found["broken_open"] + found["broken_in_repair"]), repair=number(found["broken_in_repair"]))
    with figure_style():
        figure = _gap_figure(rows, title, say("gap.subtitle", lang, place=place), lang)
        stamp(figure, lang, as_of, simulated, source_note)
    worst = [say("gap.alt.row", lang, chain=row.chain, n=number(row.broken_open)) for row in rows.head(5).itertuples() if row.broken_open]
    alt = say("gap.alt", lang, place=place, title=title, detail=say("separator", lang).join(worst) or say("gap.alt.none", lang))
    labels = {"chain": say("gap.column.chain", lang)} | {state: say(f"gap.{state}", lang) for state in GAP_STATES}
    return Picture("chain_gaps", figure, title, alt, rows, labels, say("gap.caption", lang), as_of, say("gap.axis", lang))


def _gap_figure(rows: pd.DataFrame, title: str, subtitle: str, lang: str) -> Figure:
    names = [wrap(str(chain), 2.6, TEXT) for chain in rows["chain"]]
    left = max(width(line, TEXT) for name in names for line in name.split("\n")) + MARGIN + 0.12
    step = 0.31 if all("\n" not in name for name in names) else 0.42
    shown = [state for state in GAP_STATES if rows[state].sum()] or list(GAP_STATES)
    words = [say(f"gap.{state}", lang) for state in shown]
    columns = legend_columns(words)
    sheet = new_figure(title, subtitle, step * len(rows) + 0.62 + 0.23 * -(-len(shown) // columns))
    axes = sheet.axes(left, 0.45, WIDTH - left - MARGIN - 0.1, step * len(rows))
    start = np.zeros(len(rows))
    total = rows[list(GAP_STATES)].sum(axis=1)
    for state in GAP_STATES:
        counts = rows[state].astype("float64").fillna(0).to_numpy()
        some = counts > 0  # a bar without length would still draw its outline
        axes.barh(np.flatnonzero(some), counts[some], 0.74, left=start[some], linewidth=0.6, **palette.gap_dress(state))
        for place, count in enumerate(counts):
            if count:
                _segment_number(axes, start[place] + count / 2, place, count, state)
        start = start + counts
    axes.set_yticks(range(len(rows)), names)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(0, max(total.max(), 1) * 1.02)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_xlabel(say("gap.axis", lang))
    quiet(axes)
    axes.tick_params(axis="x", labelsize=SMALLEST, labelcolor=palette.GREY)
    sheet.legend([Patch(linewidth=0.6, label=word, **palette.gap_dress(state)) for state, word in zip(shown, words, strict=True)],
                 columns=columns)
    return sheet.figure


def _segment_number(axes: Axes, x: float, y: float, count: float, state: str) -> None:
    colour = palette.GAPS[state]
    box = {"facecolor": colour, "edgecolor": "none", "pad": 1.2} if palette.GAP_HATCHES[state] else None
    axes.text(x, y, number(count), ha="center", va="center", weight="bold", color=palette.ink_on(colour), bbox=box)
