"""Charts of the evidence audit: counts as claimed and as evidenced, findings by rule, and findings by rule and county."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from liantu.figures import palette
from liantu.figures.display import Picture
from liantu.figures.empty import empty_picture
from liantu.figures.fonts import width
from liantu.figures.row_sheets import legend_height, line_height, plain_axis, put_legend, row_sheet
from liantu.figures.style import MARGIN, SMALLEST, TEXT, WIDTH, Sheet, figure_style, new_figure, quiet, stamp
from liantu.figures.wording import number, percent, say, wrap

VERDICTS = ("supported", "contradicted", "unsupported")
SEVERITIES = ("high", "medium", "low")
_RULE_STEP = 0.27  # inches of a line
_NAMED = 6  # in alt texts


def verdict_dress(verdict: str) -> dict[str, str]:
    """How a patch of claims with a verdict is dressed."""
    colour = palette.CLAIMS[verdict]
    return {"facecolor": colour, "edgecolor": palette.INK, "hatch": palette.CLAIM_HATCHES[verdict], "hatchcolor": palette.ink_on(colour)}


def severity_dress(severity: str) -> dict[str, str]:
    """How a patch of findings of a severity is dressed."""
    colour, hatch = palette.SEVERITIES[severity], palette.SEVERITY_HATCHES[severity]
    return {"facecolor": colour, "edgecolor": palette.INK, "hatch": hatch, "hatchcolor": palette.ink_on(colour)}


# --- as claimed and as evidenced


def claimed_chart(table: pd.DataFrame, lead: str, lang: str, as_of: dt.date, simulated: bool, place: str, names: Mapping[str, str],
                  source_note: str = "") -> Picture:
    """Each target's count as claimed, parted into what is supported, contradicted and neither: bars of equal length, counts in them.

    `table`: target, claimed, supported, unsupported, contradicted; `names` has the words of targets, in order; `lead` is the target of
    which the title speaks (the next one with claims where it has none).
    """
    rows = table[table["target"].isin(names)].reset_index(drop=True)
    if not len(rows) or not rows["claimed"].sum():
        return empty_picture("claimed_and_evidenced", say("evidence.claimed.subject", lang), lang, as_of, simulated, source_note)
    claimed = rows[rows["claimed"] > 0].set_index("target")
    first = claimed.loc[lead if lead in claimed.index else claimed.index[0]]
    title = say("evidence.claimed.title", lang, label=names[first.name], **{key: number(first[key]) for key in ("claimed", *VERDICTS)})
    with figure_style():
        figure = _claimed_figure(rows, [names[target] for target in rows["target"]], title, place, lang)
        stamp(figure, lang, as_of, simulated, source_note)
    data = rows.assign(target=[names[target] for target in rows["target"]])[["target", "claimed", *VERDICTS]]
    labels = {column: say(f"evidence.claimed.column.{column}", lang) for column in data.columns}
    detail = say("semicolon", lang).join(
        say("evidence.claimed.alt.row", lang, **{name: str(value) for name, value in row.items()}) for row in data.to_dict("records"))
    alt = say("evidence.claimed.alt", lang, place=place, title=title, detail=detail)
    return Picture("claimed_and_evidenced", figure, title, alt, data, labels, say("evidence.claimed.caption", lang), as_of,
                   say("evidence.unit", lang))


def _claimed_figure(rows: pd.DataFrame, printed: Sequence[str], title: str, place: str, lang: str) -> Figure:
    legend = [Patch(linewidth=0.7, label=say(f"evidence.verdict.{verdict}", lang), **verdict_dress(verdict)) for verdict in VERDICTS]
    notes = [f"{number(row.claimed)} → {number(row.supported)}" for row in rows.itertuples()]
    small = [percent(row.supported / row.claimed) if row.claimed else "–" for row in rows.itertuples()]
    names = [patch.get_label() for patch in legend]
    sheet, axes = row_sheet(printed, notes, small, title, say("evidence.claimed.subtitle", lang, place=place), names, 0.56)
    room = axes.get_position().width * WIDTH
    axes.set_xlim(0, 1)
    for line, row in enumerate(rows.itertuples()):
        if row.claimed:
            _stacked(axes, line, [(getattr(row, verdict), verdict_dress(verdict)) for verdict in VERDICTS], row.claimed, room, 0.62)
        else:
            axes.text(0.01, line, say("evidence.claimed.none", lang), va="center", color=palette.GREY)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], [percent(tick) for tick in (0, 0.25, 0.5, 0.75, 1)])
    quiet(axes)
    axes.tick_params(axis="x", labelsize=SMALLEST, labelcolor=palette.GREY)
    axes.set_xlabel(say("evidence.claimed.axis", lang))
    put_legend(sheet, legend)
    return sheet.figure


def _stacked(axes: Axes, line: int, parts: Sequence[tuple[float, Mapping[str, str]]], total: float, room: float, high: float) -> None:
    """A bar whose parts are shares of `total`, each with its count where there is room for it (`room`: inches of the whole axis)."""
    start, most = 0.0, axes.get_xlim()[1]
    for count, dress in parts:
        if not count:
            continue
        share = count / total
        axes.barh(line, share, high, left=start, linewidth=0.7, **dress)
        if width(number(count), TEXT, bold=True) + 0.1 < share / most * room:
            axes.text(start + share / 2, line, number(count), ha="center", va="center", weight="bold",
                      color=palette.ink_on(dress["facecolor"]), bbox={"facecolor": dress["facecolor"], "edgecolor": "none", "pad": 1.2})
        start += share


# --- findings by rule


def rules_found_chart(table: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, source_note: str = "",
                      projects: int = 0, heavy: int = 0) -> Picture:
    """Findings by rule and severity, with how many projects each rule could be tested on; what cannot be tested says so in its line.

    `table`, one row for each rule in the order to draw: label, high, medium, low (findings), tested, untestable (projects), whys (words).
    `projects` have findings, `heavy` of them heavy ones: the title tells both. All rules are drawn, also those that find nothing.
    """
    rows = table.reset_index(drop=True)
    if not len(rows) or not (rows["tested"].sum() + rows["untestable"].sum()):
        return empty_picture("findings_by_rule", say("evidence.rules.subject", lang), lang, as_of, simulated, source_note)
    silent = int(((rows["tested"] == 0) & (rows["untestable"] > 0)).sum())
    total = int(rows[list(SEVERITIES)].to_numpy().sum())
    told = {"n": number(total), "k": number(projects), "heavy": number(heavy), "silent": silent, "rules": len(rows)}
    title = say("evidence.rules.title" if total else "evidence.rules.title.none", lang, **told)
    with figure_style():
        figure = _rules_figure(rows, title, say("evidence.rules.subtitle", lang, place=place), lang)
        stamp(figure, lang, as_of, simulated, source_note)
    data = rows[["label", *SEVERITIES, "tested", "untestable", "whys"]]
    labels = {column: say(f"evidence.rules.column.{column}", lang) for column in data.columns}
    shown = rows.assign(all=rows[list(SEVERITIES)].sum(axis=1)).sort_values("all", ascending=False, kind="stable").head(_NAMED)
    detail = say("semicolon", lang).join(
        say("evidence.rules.alt.row", lang, rule=row.label, n=number(row.all), tested=number(row.tested)) for row in shown.itertuples())
    alt = say("evidence.rules.alt", lang, place=place, title=title, detail=detail)
    return Picture("findings_by_rule", figure, title, alt, data, labels, say("evidence.rules.caption", lang), as_of,
                   say("evidence.rules.unit", lang))


def _rules_figure(rows: pd.DataFrame, title: str, subtitle: str, lang: str) -> Figure:
    legend = [Patch(linewidth=0.7, label=say(f"evidence.severity.{severity}", lang), **severity_dress(severity)) for severity in SEVERITIES]
    totals = rows[list(SEVERITIES)].sum(axis=1)
    notes = [number(total) if tested else "–" for total, tested in zip(totals, rows["tested"], strict=True)]
    small = [say("evidence.rules.tested", lang, tested=number(row.tested), untestable=number(row.untestable)) for row in rows.itertuples()]
    sheet, axes = _wide_rows(rows["label"], notes, small, title, subtitle, [patch.get_label() for patch in legend])
    room, most = axes.get_position().width * WIDTH, max(float(totals.max()), 1.0)
    axes.set_xlim(0, most * 1.02)
    for line, row in enumerate(rows.itertuples()):
        if row.tested:
            _stacked(axes, line, [(getattr(row, severity), severity_dress(severity)) for severity in SEVERITIES], 1, room, 0.68)
        else:
            word = say("evidence.rules.untestable" if row.untestable else "evidence.rules.nobody", lang)
            axes.text(most * 0.01, line, word, va="center", size=SMALLEST, color=palette.GREY)
    axes.set_xlabel(say("evidence.rules.axis", lang))
    put_legend(sheet, legend)
    return sheet.figure


def _wide_rows(names: Sequence[str], notes: Sequence[str], small: Sequence[str], title: str, subtitle: str, legend: Sequence[str],
               ) -> tuple[Sheet, Axes]:
    """As `row_sheet`, with room for longer names in lower lines."""
    labels = [wrap(str(name), 2.7, TEXT) for name in names]
    left = max(width(line, TEXT) for label in labels for line in label.split("\n")) + MARGIN + 0.14
    first = max(width(note, TEXT, bold=True) for note in notes)
    right = first + max(width(note, SMALLEST) for note in small) + MARGIN + 0.34
    height = line_height(labels, _RULE_STEP) * len(labels)
    sheet = new_figure(title, subtitle, 0.46 + height + legend_height(legend))
    axes = sheet.axes(left, 0.46, WIDTH - left - right, height)
    across = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "va": "center", "annotation_clip": False}
    for place, (note, other) in enumerate(zip(notes, small, strict=True)):
        axes.annotate(note, (1, place), (10 + first * 72, 0), weight="bold", ha="right", **across)
        axes.annotate(other, (1, place), (18 + first * 72, 0), size=SMALLEST, color=palette.GREY, **across)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    plain_axis(axes, "x")
    return sheet, axes


# --- findings by rule and county


def county_findings_chart(table: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, counties: Mapping[str, str],
                          rules: Mapping[str, str], source_note: str = "", heavy: Mapping[str, tuple[int, int]] | None = None) -> Picture:
    """Projects with findings by rule and county: the number in the cell, its share of those tested as darkness; no order of counties.

    `table`: rule, county, tested, found; `counties` and `rules` have the words to print, in order; `heavy` gives each county its projects
    with a heavy finding and all its projects. A cell in which nothing could be tested shows a cross.
    """
    rows = table[table["county"].isin(counties) & table["rule"].isin(rules)]
    if rows.empty or not rows["found"].sum():
        return empty_picture("findings_by_county", say("evidence.counties.subject", lang), lang, as_of, simulated, source_note)
    grid = {name: rows.pivot(index="rule", columns="county", values=name).reindex(index=list(rules), columns=list(counties)).fillna(0)
            for name in ("tested", "found")}
    title = _county_title(heavy or {}, counties, lang)
    with figure_style():
        figure = _county_figure(grid, counties, rules, title, say("evidence.counties.subtitle", lang, place=place), lang)
        stamp(figure, lang, as_of, simulated, source_note)
    data = rows.assign(rule=rows["rule"].map(rules), county=rows["county"].map(counties))[["rule", "county", "found", "tested"]]
    labels = {column: say(f"evidence.counties.column.{column}", lang) for column in data.columns}
    detail = say("semicolon", lang).join(f"{counties[code]} {number(grid['found'][code].sum())}" for code in counties)
    alt = say("evidence.counties.alt", lang, place=place, title=title, detail=detail)
    return Picture("findings_by_county", figure, title, alt, data.reset_index(drop=True), labels, say("evidence.counties.caption", lang),
                   as_of, say("evidence.unit", lang))


def _county_title(heavy: Mapping[str, tuple[int, int]], counties: Mapping[str, str], lang: str) -> str:
    """The least and the largest share of projects with a heavy finding; counties are named only where their intervals do not meet."""
    from liantu.assess.intervals import wilson  # scipy is slow to import

    known = [(code, *heavy[code]) for code in counties if code in heavy and heavy[code][1]]
    if len(known) < 2:
        return say("evidence.counties.title.one", lang)
    good, of = np.array([row[1] for row in known]), np.array([row[2] for row in known])
    # The largest and the least are picked from all: their intervals hold together with 90 % (Bonferroni).
    low, high = wilson(good, of, 1 - 0.1 / len(known))
    share = good / of
    most, least = int(share.argmax()), int(share.argmin())
    told = {"low": f"{100 * share[least]:.1f}%", "high": f"{100 * share[most]:.1f}%", "most": counties[known[most][0]],
            "least": counties[known[least][0]]}
    return say("evidence.counties.title" if low[most] > high[least] else "evidence.counties.title.tied", lang, **told)


def _county_figure(grid: Mapping[str, pd.DataFrame], counties: Mapping[str, str], rules: Mapping[str, str], title: str, subtitle: str,
                   lang: str) -> Figure:
    from matplotlib.colors import LinearSegmentedColormap

    names = [wrap(rules[rule], 2.5, TEXT) for rule in rules]
    left = max(width(line, TEXT) for name in names for line in name.split("\n")) + MARGIN + 0.12
    cell = (WIDTH - left - MARGIN) / len(counties)
    heads = [wrap(counties[code], cell - 0.04, SMALLEST) for code in counties]
    top, step = 0.17 * max(head.count("\n") + 1 for head in heads) + 0.08, line_height(names, 0.3)
    sheet = new_figure(title, subtitle, step * len(names) + top + 0.06)
    axes = sheet.axes(left, 0.06, WIDTH - left - MARGIN, step * len(names))
    axes.set(xlim=(0, len(counties)), ylim=(len(names), 0), yticks=np.arange(len(names)) + 0.5, yticklabels=names, xticks=[])
    tested, found = (grid[name].to_numpy("float64") for name in ("tested", "found"))
    share = np.divide(found, tested, out=np.zeros_like(found), where=tested > 0)
    colours = LinearSegmentedColormap.from_list("liantu", palette.SEQUENTIAL)
    # The root keeps small shares apart; the numbers stand in the cells.
    dark = np.sqrt(share / max(share.max(), 1e-9))
    paint = colours(dark)
    paint[found == 0] = 1.0
    axes.pcolormesh(np.arange(len(counties) + 1), np.arange(len(names) + 1), paint, edgecolors="#DCDCDC", linewidth=0.6)
    for line, column in zip(*np.nonzero((found > 0) | (tested == 0)), strict=True):
        count = found[line, column]
        axes.text(column + 0.5, line + 0.5, number(count) if count else "×", ha="center", va="center",
                  color=palette.ink_on(tuple(paint[line, column])) if count else palette.GREY)
    quiet(axes)
    axes.spines["bottom"].set_visible(False)
    for column, head in enumerate(heads):
        axes.text(column + 0.5, -0.12, head, ha="center", va="bottom", size=SMALLEST, weight="bold", linespacing=1.05)
    return sheet.figure
