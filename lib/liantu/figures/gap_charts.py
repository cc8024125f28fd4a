"""Charts of the gaps of the chains: where they weigh, which to go for first, and how far each link covers what is asked of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator, PercentFormatter

from liantu.figures import palette
from liantu.figures.chain_charts import heat_map
from liantu.figures.display import Picture
from liantu.figures.empty import empty_picture
from liantu.figures.fonts import width
from liantu.figures.style import FOOT, MARGIN, SMALLEST, TEXT, WIDTH, Sheet, figure_style, legend_columns, new_figure, quiet, stamp, upright
from liantu.figures.wording import WAN_IN_YI, number, percent, say, wrap
from liantu.reference import Chains, Divisions

TIERS = ("upstream", "midstream", "downstream", "support")
_MARK = 0.13  # side of a state's mark, in inches
_NAMES = 3.05  # the widest column of names
_TIER_HEAD = 0.26  # room for the head of a tier, in inches
_LOG_FROM = 30.0  # a largest value so many times the smallest asks for a log axis
_CUT_AT = 1.5  # shares of demand beyond this are cut
_NAMED = 5  # in the alt text
_BEST = ("chain", "name", "state", "unlock_wan", "unlock_low", "unlock_high", "invest_wan", "per_yuan", "rank_low", "rank_high", "band")
_PARTED = {"color": palette.GREY, "linewidth": 1.0, "linestyle": (0, (4, 3))}
_COMING = {"facecolor": palette.LATE, "edgecolor": palette.INK, "linewidth": 0.6, "hatch": "////"}


def burden_map(table: pd.DataFrame, chains: Chains, divisions: Divisions, lang: str, as_of: dt.date, simulated: bool, place: str,
               source_note: str = "") -> Picture:
    """Chains by counties: how much output the gaps of each chain cost in a year, as a heat map with totals at the margins.

    `table` has `chain` (Chinese name or id), `county` (code) and `burden` (亿元 a year); what no county can be given has no county and
    gets a column of its own.
    """
    return heat_map(table, chains, divisions, lang, as_of, simulated, place, "burden", source_note)


def amount(value: float) -> str:
    """An amount of money in 亿元 as text: one decimal, two below one, none from 10,000 on and for zero; a dash for none."""
    return number(value, tenths=value != 0) if pd.isna(value) or abs(value) >= 0.995 or value == 0 else f"{value:.2f}".replace("-", "−")


def covered_share(share: float) -> str:
    """Supply as a share of demand; what is far beyond it is not told to the last per cent."""
    return percent(share) if pd.isna(share) or share < 10 else ">999%"


def span(low: float, high: float) -> str:
    """An interval of whole numbers as readers write it: 1–3, or 2 where both ends are the same."""
    return number(low) if low == high else f"{number(low)}–{number(high)}"


# --- the best targets


def targets_chart(targets: pd.DataFrame, chains: Chains, lang: str, as_of: dt.date, simulated: bool, place: str, source_note: str = "",
                  shown: int = 20, level: float = 0.9) -> Picture:
    """The best targets, one line each: unlock (亿元 a year) with its interval, the interval of its rank, and lines between bands.

    `targets` as from `liantu.chains.targets.targets` (amounts in 万元); `shown` of them at most, in the order of band and rank; `level` is
    that of the intervals. Where no order is supported none is claimed: the targets of a band stand side by side.
    """
    if targets.empty:
        return empty_picture("targets", say("best.subject", lang), lang, as_of, simulated, source_note)
    rows = targets.sort_values(["band", "rank", "unlock_wan"], ascending=[True, True, False], kind="stable").head(shown)
    rows = _in_yi(rows.reset_index(drop=True), ["unlock_wan", "unlock_low", "unlock_high", "invest_wan"])
    rows = rows.assign(name=rows[lang], chain=chain_names(rows["chain"], chains, lang))
    title, interval = _best_title(rows, len(targets), lang), percent(level)
    with figure_style():
        figure = _best_figure(rows, title, say("best.subtitle", lang, place=place, level=interval), lang, interval)
        stamp(figure, lang, as_of, simulated, source_note)
    columns = list(_BEST)
    data = rows[columns].assign(state=[say(f"gap.{state}", lang) for state in rows["state"]])
    detail = say("semicolon", lang).join(_best_words(row, lang) for row in rows.head(_NAMED).to_dict("records"))
    alt = say("best.alt", lang, place=place, title=title, detail=detail, n=len(rows))
    labels = {column: say(f"best.column.{column}", lang) for column in columns}
    return Picture("targets", figure, title, alt, data.round(3), labels, say("best.caption", lang, level=interval), as_of,
                   say("best.unit", lang))


def _best_words(row: Mapping[str, object], lang: str) -> str:
    return say("best.alt.row", lang, chain=row["chain"], link=row["name"], unlock=amount(row["unlock_wan"]), low=amount(row["unlock_low"]),
               high=amount(row["unlock_high"]), ranks=span(row["rank_low"], row["rank_high"]))


def _in_yi(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    return rows.assign(**{column: rows[column].astype("float64") / WAN_IN_YI for column in columns})


def chain_names(names: pd.Series, chains: Chains, lang: str) -> list[str]:
    """The names to print of chains given by their Chinese names or ids."""
    known = {key: chain.name(lang) for chain in chains.chains for key in (chain.zh, chain.id)}
    return [known.get(name, name) for name in names]


def _best_title(rows: pd.DataFrame, total: int, lang: str) -> str:
    first = rows[rows["band"] == rows["band"].iloc[0]]
    most = first.loc[first["unlock_wan"].idxmax()]
    told = {"n": number(total), "k": number(len(first)), "chain": most["chain"], "link": most["name"],
            "unlock": amount(most["unlock_wan"]), "low": amount(most["unlock_low"]), "high": amount(most["unlock_high"])}
    if len(rows) == 1:
        return say("best.title.one", lang, **told)
    if len(first) == 1:
        return say("best.title.first", lang, **told)
    return say("best.title.tied" if len(first) == len(rows) else "best.title.band", lang, **told)


def _best_figure(rows: pd.DataFrame, title: str, subtitle: str, lang: str, interval: str) -> Figure:
    """A line for each target: the mark of its state, its name, its interval on the axis, then unlock and ranks in columns."""
    alone = rows["chain"].nunique() == 1
    lines, step, room = _two_names(rows["name"], [""] * len(rows) if alone else rows["chain"])
    states = [state for state in palette.GAPS if state in set(rows["state"])]
    words = [*(say(f"gap.{state}", lang) for state in states), say("best.interval", lang, level=interval)]
    words += [say("best.parted", lang)] if rows["band"].nunique() > 1 else []
    columns = legend_columns(words)
    heads = [say("best.head.unlock", lang), say("best.head.ranks", lang)]
    cells = [[amount(row.unlock_wan) for row in rows.itertuples()], [span(row.rank_low, row.rank_high) for row in rows.itertuples()]]
    wide = [max([width(head, SMALLEST), *(width(cell, TEXT, bold=True) for cell in column)]) + 0.16
            for head, column in zip(heads, cells, strict=True)]
    left, height = MARGIN + _MARK + 0.1 + room + 0.14, step * len(rows)
    sheet = new_figure(title, subtitle, height + 0.87 + 0.23 * -(-len(words) // columns))
    axes = sheet.axes(left, 0.45, WIDTH - left - sum(wide) - MARGIN, height)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    _best_scale(axes, rows, lang)
    _best_intervals(axes, rows)
    at = [0.45 + height - step * (place + 0.5) for place in range(len(rows))]
    _name_lines(sheet, lines, rows["state"], at)
    for head, column, right in zip(heads, cells, (WIDTH - MARGIN - wide[1], WIDTH - MARGIN), strict=True):
        _right_column(sheet, head, column, right, at, 0.45 + height)
    for place in np.flatnonzero(np.diff(rows["band"].to_numpy())):
        _across(sheet, 0.45 + height - step * (place + 1))
    sheet.legend(_best_legend(states, words), columns=columns)
    return sheet.figure


def _two_names(names: Sequence[str], chains: Sequence[str]) -> tuple[list[tuple[str, str]], float, float]:
    """Names with the grey words beside or below them, broken to the room there is; the height of a line; the width of the column."""
    one = [width(name, TEXT) + (width(chain, SMALLEST) + 0.1 if chain else 0) for name, chain in zip(names, chains, strict=True)]
    if max(one) <= _NAMES:
        return list(zip(names, chains, strict=True)), 0.31, max(one)
    lines = [(wrap(str(name), _NAMES, TEXT), "\n" + wrap(str(chain), _NAMES, SMALLEST) if chain else "")
             for name, chain in zip(names, chains, strict=True)]
    deep = max(name.count("\n") + 1 + chain.count("\n") for name, chain in lines)
    widest = max(width(part, TEXT) for name, chain in lines for part in (name + chain).split("\n"))
    return lines, 0.12 + 0.17 * deep, min(widest, _NAMES)


def _name_lines(sheet: Sheet, lines: Sequence[tuple[str, str]], states: Sequence[str], at: Sequence[float]) -> None:
    """The mark of each line's state at the left edge, its name, and the grey words beside or below it; `at` are heights in inches."""
    x, low = MARGIN + _MARK + 0.1, min(at) - _MARK / 2
    marks = sheet.axes(MARGIN, low, _MARK, max(at) + _MARK / 2 - low)
    marks.set(xlim=(0, 1), ylim=(low, max(at) + _MARK / 2))
    marks.set_axis_off()
    for y, (name, chain), state in zip(at, lines, states, strict=True):
        marks.add_artist(Rectangle((0, y - _MARK / 2), 1, _MARK, linewidth=0.8, clip_on=False, **palette.gap_dress(state)))
        if chain.startswith("\n"):
            deep = 0.175 * (name.count("\n") + 1)
            top = y + (deep + 0.155 * chain.count("\n")) / 2
            sheet.write(x, top, name, va="top", linespacing=1.05)
            sheet.write(x, top - deep, chain[1:], va="top", size=SMALLEST, color=palette.GREY, linespacing=1.05)
            continue
        sheet.write(x, y, name, va="center", linespacing=1.05)
        if chain:
            sheet.write(x + width(name, TEXT) + 0.1, y, chain, va="center", size=SMALLEST, color=palette.GREY)


def _right_column(sheet: Sheet, head: str, cells: Sequence[str], right: float, at: Sequence[float], top: float) -> None:
    sheet.write(right, top + 0.06, head, ha="right", va="bottom", size=SMALLEST, color=palette.GREY)
    for y, cell in zip(at, cells, strict=True):
        sheet.write(right, y, cell, ha="right", va="center", weight="bold")


def _across(sheet: Sheet, y: float) -> None:
    """A dashed line over the whole sheet between two bands."""
    at = (y + FOOT) / sheet.height
    sheet.figure.add_artist(Line2D([MARGIN / WIDTH, 1 - MARGIN / WIDTH], [at, at], **_PARTED))


def scale_of_money(axes: Axes, along: str, values: Sequence[float]) -> bool:
    """Set the axis `along` (x or y) to these amounts: logarithmic when the largest is 30 times the smallest; whether it is."""
    known = np.asarray([value for value in values if pd.notna(value) and value > 0])
    axis, limits = (axes.xaxis, axes.set_xlim) if along == "x" else (axes.yaxis, axes.set_ylim)
    if not known.size:
        limits(0, 1)
    elif known.max() < _LOG_FROM * known.min():
        limits(0, known.max() * 1.08)
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    else:
        (axes.set_xscale if along == "x" else axes.set_yscale)("log")
        limits(known.min() * 0.8, known.max() * 1.25)
        axis.set_major_locator(LogLocator(10))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        return True
    return False


def _best_scale(axes: Axes, rows: pd.DataFrame, lang: str) -> None:
    logarithmic = scale_of_money(axes, "x", [*rows["unlock_wan"], *rows["unlock_high"], *rows["unlock_low"]])
    cut = logarithmic and (rows["unlock_low"] < axes.get_xlim()[0]).any()
    axes.set_xlabel(say("best.axis_cut" if cut else "best.axis_log" if logarithmic else "best.axis", lang))
    axes.set_yticks([])
    quiet(axes, "x")
    axes.tick_params(axis="x", labelsize=SMALLEST, labelcolor=palette.GREY)


def _best_intervals(axes: Axes, rows: pd.DataFrame) -> None:
    """Interval and dot of each line; what lies below a log axis (zero) starts at its left edge with a point to the left."""
    edge = axes.get_xlim()[0]
    for place, row in enumerate(rows.itertuples()):
        low, high, value = (max(float(part), edge) for part in (row.unlock_low, row.unlock_high, row.unlock_wan))
        axes.plot([low, high], [place] * 2, color=palette.IN_TIME, linewidth=3, solid_capstyle="butt", zorder=3)
        if row.unlock_low < edge:
            axes.plot([edge], [place], "<", markersize=6, color=palette.IN_TIME, zorder=4, clip_on=False)
        axes.plot([value], [place], "o", markersize=8, color=palette.INK, markeredgecolor=palette.PAPER, zorder=5, clip_on=False)


def _best_legend(states: Sequence[str], words: Sequence[str]) -> list[object]:
    made: list[object] = [Patch(linewidth=0.8, label=word, **palette.gap_dress(state)) for state, word in zip(states, words, strict=False)]
    made.append(Line2D([], [], color=palette.IN_TIME, linewidth=3, marker="o", markersize=7, markerfacecolor=palette.INK,
                       markeredgecolor=palette.PAPER, label=words[len(states)]))
    return made + [Line2D([], [], label=word, **_PARTED) for word in words[len(states) + 1:]]


# --- supply against demand


def coverage_chart(states: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, source_note: str = "",
                   covered: float = 0.95) -> Picture:
    """Supply of each link of a chain as a share of the demand for it, what is coming hatched beyond it; the amounts at the right.

    `states` are the rows of one chain as from `liantu.chains.states.link_states` (amounts in 万元). Links stand by tier; shares beyond
    150 % are cut, with the number written out; from `covered` on a link counts as covered.
    """
    known = states[states["supply_wan"].notna()] if len(states) else states
    if known.empty:
        return empty_picture("coverage", say("cover.subject", lang), lang, as_of, simulated, source_note)
    rows = states.iloc[states["tier"].map(TIERS.index).argsort(kind="stable")].reset_index(drop=True)
    rows = _in_yi(rows, ["supply_wan", "expected_wan", "demand_wan"]).assign(name=rows[lang])
    rows["coverage"] = (rows["supply_wan"] / rows["demand_wan"].where(rows["demand_wan"] > 0)).astype("float64")
    title = _cover_title(rows, covered, lang)
    with figure_style():
        figure = _cover_figure(rows, title, say("cover.subtitle", lang, place=place), lang)
        stamp(figure, lang, as_of, simulated, source_note)
    columns = ["tier", "name", "state", "supply_wan", "expected_wan", "demand_wan", "coverage"]
    data = rows[columns].assign(state=[say(f"gap.{state}", lang) for state in rows["state"]],
                                tier=[say(f"tier.{tier}", lang) for tier in rows["tier"]])
    detail = say("semicolon", lang).join(say("cover.alt.row", lang, link=row.name, supply=amount(row.supply_wan),
                                             demand=amount(row.demand_wan)) for row in rows.itertuples(index=False))
    alt = say("cover.alt", lang, place=place, title=title, detail=detail)
    labels = {column: say(f"cover.column.{column}", lang) for column in columns}
    return Picture("coverage", figure, title, alt, data.round(3), labels, say("cover.caption", lang), as_of, say("best.unit", lang))


def _cover_title(rows: pd.DataFrame, covered: float, lang: str) -> str:
    asked = rows[rows["coverage"].notna()]
    short = asked[asked["coverage"] < covered]
    told = {"n": number(len(asked)), "share": percent(covered)}
    if short.empty:
        return say("cover.title.none" if len(asked) else "cover.title.unasked", lang, **told)
    worst = short.loc[(short["demand_wan"] - short["supply_wan"]).idxmax()]
    return say("cover.title", lang, k=number(len(short)), link=worst["name"], supply=amount(worst["supply_wan"]),
               demand=amount(worst["demand_wan"]), **told)


def _cover_figure(rows: pd.DataFrame, title: str, subtitle: str, lang: str) -> Figure:
    """A line for each link under the head of its tier; bars on a scale of shares, then the share and the amounts in columns."""
    lines, step, room = _two_names(rows["name"], [""] * len(rows))
    states = [state for state in palette.GAPS if state in set(rows["state"])]
    words = [*(say(f"gap.{state}", lang) for state in states), *(say(f"cover.{part}", lang) for part in ("supply", "expected", "demand"))]
    columns = legend_columns(words)
    shares = [covered_share(value) if pd.notna(value) else "" for value in rows["coverage"]]
    money = [_supply_and_demand(row, lang) for row in rows.to_dict("records")]
    heads = [say("cover.head.share", lang), say("cover.head.money", lang)]
    wide = [max([width(head, SMALLEST), *(width(cell, TEXT, bold=True) for cell in cells)]) + 0.16
            for head, cells in zip(heads, (shares, money), strict=True)]
    first = (rows["tier"] != rows["tier"].shift()).to_numpy()
    places = np.arange(len(rows)) + _TIER_HEAD * first.cumsum() / step  # in lines from the top: each tier has a head
    left, height = MARGIN + _MARK + 0.1 + room + 0.14, step * (places[-1] + 1)
    sheet = new_figure(title, subtitle, height + 0.87 + 0.23 * -(-len(words) // columns))
    axes = sheet.axes(left, 0.45, WIDTH - left - sum(wide) - MARGIN - 0.05, height)
    axes.set_ylim(places[-1] + 0.5, -0.5)
    _cover_bars(axes, rows, places, lang)
    at = 0.45 + height - step * (places + 0.5)
    _name_lines(sheet, lines, rows["state"], at)
    for y, tier in zip(at[first] + step / 2, rows.loc[first, "tier"], strict=True):
        sheet.write(MARGIN, y, say(f"tier.{tier}", lang), size=SMALLEST, weight="bold", color=palette.GREY, va="bottom")
    for head, column, right in zip(heads, (shares, money), (WIDTH - MARGIN - wide[1], WIDTH - MARGIN), strict=True):
        _right_column(sheet, head, column, right, at, 0.45 + height)
    sheet.legend(_cover_legend(states, words), columns=columns)
    return sheet.figure


def _cover_legend(states: Sequence[str], words: Sequence[str]) -> list[object]:
    marks = [Patch(linewidth=0.8, label=word, **palette.gap_dress(state)) for state, word in zip(states, words, strict=False)]
    return [*marks, Patch(facecolor=palette.IN_TIME, label=words[-3]), Patch(**_COMING, label=words[-2]), upright(words[-1])]


def _supply_and_demand(row: Mapping[str, object], lang: str) -> str:
    if pd.isna(row["supply_wan"]):
        return say("gap.unknown", lang)
    if not row["demand_wan"]:
        return say("cover.cell.unasked", lang, supply=amount(row["supply_wan"]))
    return say("cover.cell", lang, supply=amount(row["supply_wan"]), demand=amount(row["demand_wan"]))


def _cover_bars(axes: Axes, rows: pd.DataFrame, places: Sequence[float], lang: str) -> None:
    limit = _CUT_AT * 1.03
    for place, row in zip(places, rows.to_dict("records"), strict=True):
        if pd.isna(row["coverage"]):
            continue
        coming = 0.0 if pd.isna(row["expected_wan"]) else row["expected_wan"] / row["demand_wan"]
        done, then = min(row["coverage"], _CUT_AT), min(row["coverage"] + coming, _CUT_AT)
        axes.barh(place, 1, 0.66, color=palette.EMPTY, zorder=1)
        axes.barh(place, done, 0.36, color=palette.IN_TIME, zorder=3)
        if then > done:
            axes.barh(place, then - done, 0.36, left=done, zorder=3, **_COMING)
        if row["coverage"] + coming > _CUT_AT:
            axes.plot([_CUT_AT], [place], ">", markersize=7, color=palette.INK, zorder=6, clip_on=False)
        for colour, thick in ((palette.PAPER, 6), (palette.DEMAND, 3.2)):  # the paper around it tells it from a dark bar in greyscale
            axes.plot([1, 1], [place - 0.33, place + 0.33], color=colour, linewidth=thick, zorder=5)
    axes.set_xlim(0, limit)
    axes.set_xticks([0, 0.5, 1, _CUT_AT])
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_yticks([])
    axes.set_xlabel(say("cover.axis", lang))
    quiet(axes, "x")
    axes.tick_params(axis="x", labelsize=SMALLEST, labelcolor=palette.GREY)
