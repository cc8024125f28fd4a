"""Charts of schedules: how much slack projects have and which will make their dates, which steps are late; the wall chart beside them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

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
from liantu.figures.style import MARGIN, SMALLEST, TEXT, WIDTH, figure_style, legend_columns, new_figure, quiet, stamp
from liantu.figures.wall_chart import wall_chart
from liantu.figures.wording import number, percent, say, wrap

__all__ = ["group_name", "late_steps_chart", "late_steps_table", "slack_chart", "slack_table", "wall_chart"]

_STEP = 0.4  # inches of a line
_SLACK = ("late", "tight", "on_track", "unknown", "n", "with_chance", "expected", "q10", "q25", "median", "q75", "q90")
_VIEW = 365.0  # days of slack drawn to either side at most


def group_name(code: object, names: Mapping[str, str], lang: str) -> str:
    """The word of a group: as `names` has it, else of the city itself (a code that ends in 00, GB/T 2260), of none, or the code."""
    if code in names:
        return names[str(code)]
    if not isinstance(code, str) or not code:
        return say("schedule.nobody", lang)
    return say("schedule.city", lang) if len(code) == 6 and code.isdigit() and code.endswith("00") else code


# --- slack


def slack_table(projects: pd.DataFrame, by: str = "county") -> pd.DataFrame:
    """How the open projects of each group stand.

    `projects` as from `liantu.progress.project_schedules`. Columns: group, late, tight, on_track, unknown (numbers of projects), n (their
    sum), with_chance (projects whose chance is known), expected (of these, how many will make their date: the sum of the chances; missing
    where none is known), q10, q25, median, q75, q90 (slack in days; missing where no project has a date). Done projects are left out.
    """
    rows = projects[projects["verdict"] != "done"]
    rows = rows.assign(**{by: rows[by].astype("object").where(rows[by].notna(), "")})
    counts = pd.crosstab(rows[by], rows["verdict"]).reindex(columns=list(palette.VERDICTS), fill_value=0)
    groups = rows.groupby(by)
    quantiles = groups["slack_days"].quantile([0.1, 0.25, 0.5, 0.75, 0.9]).unstack()
    quantiles.columns = list(_SLACK[-5:])
    table = counts.assign(n=counts.sum(axis=1), with_chance=groups["chance"].count(), expected=groups["chance"].sum(min_count=1))
    return table.join(quantiles).rename_axis("group").reset_index()[["group", *_SLACK]]


def slack_chart(projects: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, names: Mapping[str, str],
                source_note: str = "", by: str = "county") -> Picture:
    """Open projects of each group by verdict, how many of them are expected to make their date, and how their slack in days is spread.

    `projects` as from `liantu.progress.project_schedules`; `names` has the words of the groups (counties), in the order in which they
    stand; a group without a name stands last under its own.
    """
    table = slack_table(projects, by) if (projects["verdict"] != "done").any() else pd.DataFrame()
    if table.empty:
        return empty_picture("slack", say("slack.subject", lang), lang, as_of, simulated, source_note)
    if table["median"].isna().all():
        return empty_picture("slack", say("slack.no_dates", lang, n=number(table["n"].sum())), lang, as_of, simulated, source_note)
    order = {code: place for place, code in enumerate(names)}
    table = table.sort_values("group", key=lambda codes: codes.map(lambda code: order.get(code, len(order))), kind="stable")
    table = table.assign(label=[group_name(code, names, lang) for code in table["group"]]).reset_index(drop=True)
    title = _slack_title(table, place, lang)
    with figure_style():
        figure = _slack_figure(table, title, say("slack.subtitle", lang, place=place), lang)
        stamp(figure, lang, as_of, simulated, source_note)
    data = table[["label", *_SLACK]].round({"expected": 1} | dict.fromkeys(_SLACK[-5:], 0))
    labels = {column: say(f"slack.column.{column}", lang) for column in data.columns}
    detail = say("semicolon", lang).join(
        say("slack.alt.row", lang, label=row["label"], **{kind: number(row[kind]) for kind in (*palette.VERDICTS, "expected", "median")})
        for row in data.to_dict("records"))
    alt = say("slack.alt", lang, title=title, detail=detail)
    return Picture("slack", figure, title, alt, data, labels, say("slack.caption", lang), as_of, say("slack.unit", lang))


def _slack_title(table: pd.DataFrame, place: str, lang: str) -> str:
    total = table[list(_SLACK[:6])].sum()
    told = {"place": place, "late": number(total["late"]), "n": number(total["n"]), "dated": number(total["n"] - total["unknown"]),
            "of": number(total["with_chance"]), "expected": number(round(float(table["expected"].sum())))}
    if told["of"] == told["dated"]:
        return say("slack.title.all", lang, **{name: told[name] for name in ("place", "late", "dated", "expected")})
    return say("slack.title" if total["with_chance"] else "slack.title.no_chance", lang, **told)


def _slack_figure(table: pd.DataFrame, title: str, subtitle: str, lang: str) -> Figure:
    """Left a stacked bar of counts, then the expected number, then the spread of slack around the line of zero."""
    names = [wrap(str(label), 1.7, TEXT) for label in table["label"]]
    left = max(width(line, TEXT) for name in names for line in name.split("\n")) + MARGIN + 0.12
    kinds = [kind for kind in palette.VERDICTS if table[kind].any()]
    entries = [Patch(**_verdict_dress(kind), label=say(f"verdict.{kind}", lang)) for kind in kinds]
    entries.append(Line2D([], [], color=palette.INK, marker="o", markersize=7, linewidth=4, markerfacecolor=palette.PAPER,
                          label=say("slack.spread", lang)))
    columns = legend_columns([str(entry.get_label()) for entry in entries])
    high = _STEP * len(table)
    told = [say("slack.expected", lang, expected=number(row.expected, tenths=True), n=number(row.with_chance)) if row.with_chance
            else number(None) for row in table.itertuples()]
    head = wrap(say("slack.head.expected", lang), 1.0, SMALLEST)
    middle = max(*(width(line, SMALLEST) for line in head.split("\n")), *(width(text, TEXT, bold=True) for text in told)) + 0.2
    sheet = new_figure(title, subtitle, high + 0.66 + 0.16 * (head.count("\n") + 1) + 0.23 * -(-len(entries) // columns))
    room = WIDTH - left - middle - MARGIN
    bars, spread = sheet.axes(left, 0.5, room * 0.56, high), sheet.axes(left + room * 0.56 + middle + 0.1, 0.5, room * 0.44 - 0.1, high)
    _verdict_bars(bars, table, names)
    across = left + room * 0.56 + middle - 0.05
    sheet.write(across, 0.5 + high + 0.06, head, ha="right", va="bottom", size=SMALLEST, color=palette.GREY, linespacing=1.05)
    for place, text in enumerate(told):
        sheet.write(across, 0.5 + high - _STEP * (place + 0.5), text, ha="right", va="center", weight="bold")
    _slack_spread(spread, table, lang)
    sheet.legend(entries, columns=columns)
    return sheet.figure


def _verdict_dress(kind: str) -> dict[str, object]:
    return {"facecolor": palette.VERDICTS[kind], "hatch": palette.VERDICT_HATCHES[kind], "edgecolor": palette.INK, "linewidth": 0.6}


def _verdict_bars(axes: Axes, table: pd.DataFrame, names: Sequence[str]) -> None:
    counts = table[list(palette.VERDICTS)].to_numpy(dtype=float)
    most = max(counts.sum(axis=1).max(), 1.0)
    inch = axes.get_position().width * WIDTH / most
    for place, row in enumerate(counts):
        start = 0.0
        for kind, value in zip(palette.VERDICTS, row, strict=True):
            if value:
                axes.barh(place, value, 0.62, left=start, **_verdict_dress(kind))
            # A number without room would stand on its neighbour: the table has it.
            if value and value * inch > width(number(value), SMALLEST, bold=True) + 0.05:
                axes.text(start + value / 2, place, number(value), ha="center", va="center", size=SMALLEST, weight="bold",
                          bbox={"facecolor": palette.PAPER, "edgecolor": "none", "pad": 1.0})
            start += value
    axes.set(xlim=(0, most * 1.01), ylim=(len(table) - 0.5, -0.5), xticks=[])
    axes.set_yticks(range(len(table)), names)
    quiet(axes)
    axes.spines["bottom"].set_visible(False)


def _slack_spread(axes: Axes, table: pd.DataFrame, lang: str) -> None:
    """Thin from the 10 % to the 90 % quantile, thick over the middle half, a dot at the median; what lies far out is cut."""
    values = table[list(_SLACK[-5:])].astype("float64").clip(-_VIEW, _VIEW)
    ends = [min(np.nanmin(values.to_numpy(), initial=0.0), -10.0), max(np.nanmax(values.to_numpy(), initial=0.0), 10.0)]
    spare = 0.05 * (ends[1] - ends[0])
    axes.set(xlim=(ends[0] - spare, ends[1] + spare), ylim=(len(table) - 0.5, -0.5), yticks=[])
    axes.axvline(0, color=palette.DEMAND, linewidth=2, zorder=2)
    for place, row in enumerate(values.itertuples()):
        if np.isnan(row.median):
            continue
        axes.plot([row.q10, row.q90], [place] * 2, color=palette.INK, linewidth=1.2, zorder=3)
        axes.plot([row.q25, row.q75], [place] * 2, color=palette.INK, linewidth=5, solid_capstyle="butt", zorder=3)
        axes.plot(row.median, place, "o", markersize=7.5, color=palette.PAPER, markeredgecolor=palette.INK, markeredgewidth=1.4, zorder=4)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.xaxis.set_major_formatter(lambda value, _: number(value))
    axes.set_xlabel(say("slack.axis", lang))
    quiet(axes, "x")
    axes.tick_params(axis="x", labelsize=SMALLEST, labelcolor=palette.GREY)


# --- steps that are late


def late_steps_table(steps: pd.DataFrame, projects: pd.DataFrame, by: str = "county") -> pd.DataFrame:
    """How many open steps of projects that are not done there are by step and group, and how many of them are late.

    `steps` and `projects` as from `liantu.progress.project_schedules`; steps that a later one has overtaken hold nothing up and are left
    out. Columns: step, group, late, open; steps in the order given.
    """
    going = projects.loc[projects["verdict"] != "done", ["project_id", by]].drop_duplicates("project_id")
    waiting = steps["state"] == "open"
    if "overtaken" in steps:
        waiting &= ~steps["overtaken"].astype(bool)
    rows = steps[waiting].merge(going, on="project_id")
    rows = rows.assign(late=rows["late"].astype("boolean").fillna(False).astype(int), open=1,
                       group=rows[by].astype("object").where(rows[by].notna(), ""))
    return rows.groupby(["step", "group"], sort=False)[["late", "open"]].sum().reset_index()


def late_steps_chart(steps: pd.DataFrame, projects: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str,
                     names: Mapping[str, str], groups: Mapping[str, str], source_note: str = "", by: str = "county") -> Picture:
    """Which steps are late, by group: in each cell how many open steps are past their latest date, the darker the more; totals at the edge.

    `steps` and `projects` as from `liantu.progress.project_schedules`; `names` has the words of steps, `groups` those of the groups
    (counties) in their order. The right margin has late and open steps, and the share that is late.
    """
    table = late_steps_table(steps, projects, by) if len(steps) and len(projects) else pd.DataFrame()
    if table.empty:
        return empty_picture("late_steps", say("late_steps.subject", lang), lang, as_of, simulated, source_note)
    codes = [code for code in groups if code in set(table["group"])]
    codes += [code for code in table["group"].unique() if code not in groups]
    sums = table.groupby("step", sort=False)[["late", "open"]].sum().sort_values("late", ascending=False, kind="stable")
    grid = table.set_index(["step", "group"])["late"].unstack().reindex(index=sums.index, columns=codes)
    heads = [group_name(code, groups, lang) for code in codes]
    words = [names.get(step, step) for step in sums.index]
    title = _late_steps_title(sums.assign(word=words), place, lang)
    with figure_style():
        figure = _late_steps_figure(grid, sums, words, heads, title, say("late_steps.subtitle", lang, place=place), lang)
        stamp(figure, lang, as_of, simulated, source_note)
    data = table.assign(step=table["step"].map(lambda step: names.get(step, step)),
                        group=table["group"].map(dict(zip(codes, heads, strict=True))), share=(table["late"] / table["open"]).round(3))
    labels = {column: say(f"late_steps.column.{column}", lang) for column in data.columns}
    detail = say("separator", lang).join(say("late_steps.one", lang, step=word, late=number(row.late), open=number(row.open))
                                         for word, row in zip(words, sums.itertuples(), strict=True))
    alt = say("late_steps.alt", lang, title=title, detail=detail)
    return Picture("late_steps", figure, title, alt, data, labels, say("late_steps.caption", lang), as_of, say("late_steps.unit", lang))


def _late_steps_title(sums: pd.DataFrame, place: str, lang: str) -> str:
    told = {"place": place, "late": number(sums["late"].sum()), "open": number(sums["open"].sum())}
    worst = sums[sums["late"] > 0].head(2)
    if worst.empty:
        return say("late_steps.title.none", lang, **told)
    named = say("separator", lang).join(say("late_steps.named", lang, step=row.word, late=number(row.late)) for row in worst.itertuples())
    return say("late_steps.title", lang, named=named, **told)


def _late_steps_figure(grid: pd.DataFrame, sums: pd.DataFrame, words: Sequence[str], heads: Sequence[str], title: str, subtitle: str,
                       lang: str) -> Figure:
    names = [wrap(str(word), 1.5, TEXT) for word in words]
    left = max(width(line, TEXT) for name in names for line in name.split("\n")) + MARGIN + 0.12
    totals = [say("late_steps.total", lang, late=number(row.late), open=number(row.open), share=percent(row.late / row.open))
              for row in sums.itertuples()]
    total_head = say("late_steps.head.total", lang)
    edge = max(width(total_head, SMALLEST), *(width(total, SMALLEST, bold=True) for total in totals)) + 0.12
    room = min(WIDTH - left - edge - MARGIN, 1.1 * len(heads))
    broken = [wrap(str(head), room / len(heads) - 0.01, SMALLEST, bold=True) for head in heads]
    top = 0.17 * max(head.count("\n") + 1 for head in broken) + 0.12
    step = 0.3 if all("\n" not in name for name in names) else 0.38
    sheet = new_figure(title, subtitle, step * len(names) + top + 0.05)
    axes = sheet.axes(left, 0.05, room, step * len(names))
    _late_cells(axes, grid)
    axes.set_yticks([place + 0.5 for place in range(len(names))], names)
    above = {"xycoords": "data", "textcoords": "offset points", "va": "bottom", "size": SMALLEST, "linespacing": 1.1}
    for across, head in enumerate(broken):
        axes.annotate(head, (across + 0.5, 0), (0, 5), ha="center", weight="bold", annotation_clip=False, **above)
    sheet.write(left + room + edge - 0.05, 0.05 + step * len(names) + 0.07, total_head, ha="right", va="bottom", size=SMALLEST,
                color=palette.GREY)
    for place, total in enumerate(totals):
        sheet.write(left + room + edge - 0.05, 0.05 + step * (len(names) - place - 0.5), total, ha="right", va="center", size=SMALLEST,
                    weight="bold")
    return sheet.figure


def _late_cells(axes: Axes, grid: pd.DataFrame) -> None:
    """A dash where no such step is open."""
    shade = LinearSegmentedColormap.from_list("late", palette.SEQUENTIAL)
    norm = PowerNorm(0.7, 0, max(np.nanmax(grid.to_numpy(dtype=float), initial=0.0), 1.0))
    for down, row in enumerate(grid.to_numpy(dtype=float)):
        for across, value in enumerate(row):
            colour = shade(norm(value)) if value > 0 else palette.PAPER
            axes.add_patch(Rectangle((across, down), 1, 1, facecolor=colour, edgecolor=palette.RULE, linewidth=0.6))
            ink = palette.GREY if np.isnan(value) or not value else palette.ink_on(colour[:3])
            axes.text(across + 0.5, down + 0.52, number(value), ha="center", va="center", color=ink)
    axes.set(xlim=(0, grid.shape[1]), ylim=(grid.shape[0], 0), xticks=[])
    quiet(axes)
    axes.spines["bottom"].set_visible(False)
