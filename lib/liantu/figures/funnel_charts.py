"""Charts of the funnel: its four rates by cohort and by snapshot, where a cohort's projects are, and rates by group."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from liantu.figures import palette
from liantu.figures.display import Picture
from liantu.figures.empty import empty_picture
from liantu.figures.fonts import width
from liantu.figures.row_sheets import FEW, legend_height, put_legend, row_sheet, share_axis, whisker, whisker_legend
from liantu.figures.style import MARGIN, SMALLEST, TEXT, WIDTH, figure_style, new_figure, quiet, stamp
from liantu.figures.wording import number, percent, quarter_name, say, wrap

RATES = ("landing", "start", "completion", "capacity")
_COLUMNS = ("group", "rate", "base", "reached", "share", "low", "high")
_QUARTER = re.compile(r"\d{4}Q[1-4]")
_ROW, _HEAD = 0.46, 0.34  # inches: a group's line, a heading
_MARKERS = {"cohort": "o", "snapshot": "s"}
_SHOWN = 6  # cohorts, and snapshots, that are drawn
_NAMED = 3  # groups that a title names


def named(group: object, names: Mapping[str, str] | None, lang: str) -> str:
    """A group as readers say it: by `names`, a quarter in words, anything else as it is."""
    text = str(group)
    if names and text in names:
        return names[text]
    return quarter_name(text, lang) if _QUARTER.fullmatch(text) else text


# --- the four rates


def funnel_chart(cohorts: pd.DataFrame, snapshots: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str,
                 source_note: str = "", names: Mapping[str, str] | None = None, level: float = 0.9) -> Picture:
    """The four rates with their intervals and base counts, one panel each: a line for each cohort, below them one for each snapshot.

    Tables as from `liantu.progress.cohort_rates` and `snapshot_rates`: group, rate (landing, start, completion, capacity), base, reached,
    share, low, high, optional note (`survivors`: drawn grey). The newest cohorts and snapshots are drawn, the data have all. `names` gives
    groups their printed names, `level` is that of the intervals. The title tells the newest snapshot, without one the cohorts together.
    """
    views = {view: rows[rows["base"] > 0] for view, rows in (("cohort", cohorts), ("snapshot", snapshots)) if len(rows)}
    views = {view: rows for view, rows in views.items() if len(rows)}
    if not views:
        return empty_picture("funnel", say("funnel.subject", lang), lang, as_of, simulated, source_note)
    title = _funnel_title(views, names, lang)
    with figure_style():
        shown = {view: rows[rows["group"].isin(list(dict.fromkeys(rows["group"]))[-_SHOWN:])] for view, rows in views.items()}
        figure = _funnel_figure(shown, title, say("funnel.subtitle", lang, place=place, level=f"{level:.0%}"), names, lang)
        stamp(figure, lang, as_of, simulated, source_note)
    data = pd.concat([rows[list(_COLUMNS)].assign(view=view) for view, rows in views.items()], ignore_index=True)
    detail = say("semicolon", lang).join(_rate_words(row, names, lang) for row in data.itertuples(index=False))
    table = _rate_table(data, names, lang).assign(view=[say(f"funnel.view.{view}", lang) for view in data["view"]])
    table = table[["view", *_COLUMNS]]
    labels = {column: say(f"funnel.column.{column}", lang) for column in table.columns}
    alt = say("funnel.alt", lang, place=place, title=title, detail=detail)
    return Picture("funnel", figure, title, alt, table, labels, _rate_caption(lang), as_of, say("funnel.unit", lang))


def _rate_caption(lang: str) -> str:
    return say("funnel.definitions", lang) + say("funnel.caption", lang)


def _rate_table(data: pd.DataFrame, names: Mapping[str, str] | None, lang: str) -> pd.DataFrame:
    """The rates as readers see them: names for codes, shares to a tenth of a per cent."""
    table = data[list(_COLUMNS)].round({"share": 3, "low": 3, "high": 3}).reset_index(drop=True)
    return table.assign(group=[named(group, names, lang) for group in table["group"]],
                        rate=[say(f"funnel.rate.{rate}", lang) for rate in table["rate"]])


def _rate_words(row: object, names: Mapping[str, str] | None, lang: str) -> str:
    return say("funnel.alt.row", lang, group=named(row.group, names, lang), rate=say(f"funnel.rate.{row.rate}", lang),
               share=percent(row.share), reached=number(row.reached), base=number(row.base))


def _funnel_title(views: Mapping[str, pd.DataFrame], names: Mapping[str, str] | None, lang: str) -> str:
    if "snapshot" in views:
        rows = views["snapshot"]
        last = rows["group"].iloc[-1]
        found = rows[rows["group"] == last].set_index("rate")[["reached", "base"]]
        when = named(last, names, lang)
    else:
        found, when = views["cohort"].groupby("rate")[["reached", "base"]].sum(), say("funnel.together", lang)
    sure = found[found["base"] >= FEW]
    if sure.empty:
        return say("funnel.title.thin", lang, when=when, few=FEW)
    return say("funnel.title", lang, when=when, shares=_shares(sure["reached"] / sure["base"], lang))


def _shares(found: pd.Series, lang: str) -> str:
    return say("comma", lang).join(say(f"funnel.of.{rate}", lang, share=percent(found[rate])) for rate in RATES if rate in found.index)


def _funnel_figure(views: Mapping[str, pd.DataFrame], title: str, subtitle: str, names: Mapping[str, str] | None, lang: str) -> Figure:
    """Four panels side by side; their lines are those of `lines`, headings among them."""
    lines = [(view, group) for view, rows in views.items() for group in [None, *dict.fromkeys(rows["group"])]]
    tops = list(itertools.accumulate((_HEAD if group is None else _ROW for _, group in lines), initial=0.0))
    thin = {key for rows in views.values() for key in _doubts(rows)} - {""}
    legend = [whisker_legend(say(f"funnel.legend.{view}", lang), False, _MARKERS[view]) for view in views]
    legend += [whisker_legend(say(f"funnel.legend.{'_'.join(sorted(thin))}", lang, few=FEW), True)] if thin else []
    printed = [wrap(named(group, names, lang), 1.25, TEXT) for _, group in lines if group is not None]
    left = max(width(part, TEXT) for text in printed for part in text.split("\n")) + MARGIN + 0.16
    high, head = tops[-1], 0.36
    sheet = new_figure(title, subtitle, high + head + 0.32 + legend_height([handle.get_label() for handle in legend]))
    wide = (WIDTH - left - MARGIN) / len(RATES)
    for place, rate in enumerate(RATES):
        axes = sheet.axes(left + place * wide, 0.32, wide - 0.72, high)
        axes.set_ylim(high, 0)
        _rate_panel(axes, views, rate, lines, tops)
        heading = say(f"funnel.head.{rate}", lang)
        sheet.write(left + place * wide, 0.32 + high + 0.06, heading, size=SMALLEST, weight="bold", linespacing=1.1)
    for (view, group), top in zip(lines, tops[:-1], strict=True):
        if group is None:
            sheet.write(MARGIN, 0.32 + high - top - 0.2, say(f"funnel.view.{view}", lang), size=TEXT, weight="bold", va="center")
            continue
        sheet.write(left - 0.14, 0.32 + high - top - _ROW / 2, printed.pop(0), ha="right", va="center", linespacing=1.0)
    put_legend(sheet, legend)
    return sheet.figure


def _doubts(rows: pd.DataFrame) -> list[str]:
    """Why a rate says little: `few` projects, or only `survivors` are still listed; else empty."""
    notes = rows["note"] if "note" in rows else [""] * len(rows)
    return ["few" if base < FEW else "survivors" if note == "survivors" else "" for base, note in zip(rows["base"], notes, strict=True)]


def _rate_panel(axes: Axes, views: Mapping[str, pd.DataFrame], rate: str, lines: Sequence[tuple[str, object]], tops: Sequence[float],
                ) -> None:
    """One rate: a whisker for each line, its share and its counts at the right."""
    share_axis(axes, (0, 0.5, 1))
    axes.set_yticks([])
    for (view, group), top in zip(lines, tops[:-1], strict=True):
        found = views[view]
        found = found[(found["group"] == group) & (found["rate"] == rate)]
        y = top + _ROW / 2
        if group is None or found.empty:
            if group is not None:
                axes.annotate("–", (1, y), (9, 0), xycoords=("axes fraction", "data"), textcoords="offset points", va="center")
            continue
        row = found.iloc[0]
        whisker(axes, y, float(row["share"]), float(row["low"]), float(row["high"]), _doubts(found)[0] != "", _MARKERS[view])
        beside = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "va": "center"}
        axes.annotate(percent(row["share"]), (1, y), (9, 7), weight="bold", **beside)
        counts = f"{number(row['reached'])}/{number(row['base'])}"
        axes.annotate(counts, (1, y), (9, -7), size=SMALLEST, color=palette.GREY, **beside)


# --- where a cohort's projects are


def waterfall_chart(table: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, names: Mapping[str, str],
                    source_note: str = "", cohort: str = "") -> Picture:
    """How many of a cohort reached each stage, and where the others are: a bar for each stage that adds up to those who reached it.

    `table` as from `liantu.progress.waterfall`, in the order of a life: stage, reached, waiting, suspended, terminated (each of those who
    got no further), optional unlisted (part of waiting, told in the caption). Those who went on are the `reached` of the next stage; what
    does not add up is drawn as unknown and told. `names` has the words of the stages, `cohort` says which projects these are.
    """
    subject = say("whereabouts.subject", lang)
    if table.empty or not table["reached"].iloc[0]:
        return empty_picture("waterfall", subject, lang, as_of, simulated, source_note)
    parts = _parts(table)
    title = _waterfall_title(parts, names, lang)
    said = cohort or say("whereabouts.cohort", lang)
    with figure_style():
        figure = _waterfall_figure(parts, title, say("whereabouts.subtitle", lang, place=place, cohort=said), names, lang)
        stamp(figure, lang, as_of, simulated, source_note)
    data = parts.assign(stage=[names.get(stage, stage) for stage in parts["stage"]])
    data = data if parts["unknown"].any() else data.drop(columns="unknown")
    gone = int(table["unlisted"].sum()) if "unlisted" in table else 0
    data = data.assign(unlisted=table["unlisted"].to_numpy()) if gone else data
    labels = {column: say(f"whereabouts.column.{column}", lang) for column in data.columns}
    detail = say("semicolon", lang).join(
        say("whereabouts.alt.row", lang, stage=names.get(row.stage, row.stage),
            sum=_sum_words(row, row.Index == parts.index[-1], lang)) for row in parts.itertuples())
    alt = say("whereabouts.alt", lang, place=place, title=title, detail=detail)
    caption = say("whereabouts.caption", lang, cohort=said)
    if gone:
        caption += say("whereabouts.unlisted", lang, n=number(gone))
    if parts["unknown"].any():
        caption += say("whereabouts.odd", lang, n=number(parts["unknown"].sum()))
    return Picture("waterfall", figure, title, alt, data, labels, caption, as_of, say("funnel.unit", lang))


def _parts(table: pd.DataFrame) -> pd.DataFrame:
    """Those who reached each stage, parted: gone on, waiting, suspended, terminated, unknown; at the last stage all others have arrived."""
    counts = ["reached", "waiting", "suspended", "terminated"]
    parts = table[["stage", *counts]].reset_index(drop=True).astype(dict.fromkeys(counts, "int64"))
    onward = parts["reached"].shift(-1)
    last = parts.index[-1]
    parts.loc[last, "waiting"] = 0
    onward.loc[last] = parts.loc[last, "reached"] - parts.loc[last, ["suspended", "terminated"]].sum()
    parts.insert(2, "onward", onward.astype("int64"))
    return parts.assign(unknown=parts["reached"] - parts[["onward", "waiting", "suspended", "terminated"]].sum(axis=1))


def _waterfall_title(parts: pd.DataFrame, names: Mapping[str, str], lang: str) -> str:
    first, last, most = parts.iloc[0], parts.iloc[-1], parts.loc[parts["waiting"].idxmax()]
    told = {key: number(parts[key].sum()) for key in ("waiting", "suspended", "terminated")}
    told |= {"total": number(first["reached"]), "done": number(last["onward"]), "most": number(most["waiting"])}
    told |= {"first": names.get(first["stage"], first["stage"]), "last": names.get(last["stage"], last["stage"]),
             "stage": names.get(most["stage"], most["stage"])}
    return say("whereabouts.title" if most["waiting"] else "whereabouts.title.none", lang, **told)


def _sum_words(row: object, last: bool, lang: str) -> str:
    """The parts of a bar as a sum: 60 = 40 went on + 15 waiting + 5 terminated."""
    found = [(key, getattr(row, key)) for key in ("onward", "waiting", "suspended", "terminated", "unknown")]
    keys = {"onward": "arrived"} if last else {}
    said = [say(f"whereabouts.part.{keys.get(key, key)}", lang, n=number(count)) for key, count in found if count]
    return f"{number(row.reached)} = {' + '.join(said)}" if said else number(row.reached)


def _waterfall_figure(parts: pd.DataFrame, title: str, subtitle: str, names: Mapping[str, str], lang: str) -> Figure:
    step = 0.66
    labels = [wrap(names.get(stage, stage), 1.5, TEXT + 1, bold=True) for stage in parts["stage"]]
    left = max(width(part, TEXT + 1, bold=True) for text in labels for part in text.split("\n")) + MARGIN + 0.16
    legend = _stay_legend(parts, lang)
    sheet = new_figure(title, subtitle, step * len(parts) + 0.08 + legend_height([patch.get_label() for patch in legend]))
    room = WIDTH - left - MARGIN - 0.6
    axes = sheet.axes(left, 0.08, room, step * len(parts))
    axes.set_xlim(0, parts["reached"].max())
    axes.set_ylim(len(parts) - 0.5, -0.5)
    axes.set_xticks([])
    axes.set_yticks([])
    quiet(axes)
    axes.spines["bottom"].set_visible(False)
    _stay_bars(axes, parts, room)
    for place, (label, row) in enumerate(zip(labels, parts.itertuples(), strict=True)):
        middle = 0.08 + step * (len(parts) - place - 0.5) + 0.1
        sheet.write(left - 0.14, middle, label, size=TEXT + 1, weight="bold", ha="right", va="center", linespacing=1.0)
        sheet.write(left, middle - 0.31, _sum_words(row, place == len(parts) - 1, lang), size=SMALLEST, color=palette.GREY, va="center")
    put_legend(sheet, legend)
    return sheet.figure


def _stay_bars(axes: Axes, parts: pd.DataFrame, room: float) -> None:
    most = parts["reached"].max()
    for place, row in enumerate(parts.itertuples()):
        start = 0
        for key in (*palette.STAYS, "unknown"):
            count = max(getattr(row, key), 0)
            if not count:
                continue
            dress = _stay_dress(key)
            axes.barh(place - 0.15, count, 0.5, left=start, linewidth=0.7, **dress)
            if width(number(count), TEXT, bold=True) + 0.12 < count / most * room:
                axes.text(start + count / 2, place - 0.16, number(count), ha="center", va="center", weight="bold",
                          color=palette.ink_on(dress["facecolor"]), bbox={"facecolor": dress["facecolor"], "edgecolor": "none", "pad": 1.2})
            start += count
        axes.annotate(number(row.reached), (row.reached, place - 0.15), (6, 0), textcoords="offset points", va="center", weight="bold",
                      size=TEXT + 3, annotation_clip=False)


def _stay_dress(key: str) -> dict[str, str]:
    colour = palette.STAYS.get(key, palette.PAPER)
    return {"facecolor": colour, "edgecolor": palette.INK, "hatch": palette.STAY_HATCHES.get(key, ".."),
            "hatchcolor": palette.ink_on(colour)}


def _stay_legend(parts: pd.DataFrame, lang: str) -> list[Patch]:
    shown = [*palette.STAYS, *(["unknown"] if parts["unknown"].any() else [])]
    return [Patch(linewidth=0.7, label=say(f"whereabouts.{key}", lang), **_stay_dress(key)) for key in shown]


# --- one rate by group


def rates_by_group_chart(table: pd.DataFrame, rate: str, lang: str, as_of: dt.date, simulated: bool, place: str,
                         names: Mapping[str, str] | None = None, source_note: str = "", by: str = "", level: float = 0.9) -> Picture:
    """One rate by county, chain, origin or size class: a dot and its interval for each group; groups of fewer than 10 projects grey.

    `table` as from `liantu.progress.funnel_rates`; `rate` one of RATES; `by` names the grouping, `level` is that of the intervals. Groups
    stand in the order in which they come: no rank is drawn. The title names groups only where the intervals of two with 10 projects or
    more do not meet.
    """
    rows = table[(table["rate"] == rate) & (table["base"] > 0)].reset_index(drop=True)
    called = say(f"funnel.rate.{rate}", lang)
    if rows.empty:
        return empty_picture(f"rates_{rate}", called, lang, as_of, simulated, source_note)
    printed = [named(group, names, lang) for group in rows["group"]]
    title = _groups_title(rows.assign(name=printed), rate, lang)
    with figure_style():
        subtitle = say("funnel.subtitle_groups", lang, place=place, by=by or called, level=f"{level:.0%}")
        figure = _groups_figure(rows, printed, title, subtitle, lang)
        stamp(figure, lang, as_of, simulated, source_note)
    detail = say("semicolon", lang).join(_rate_words(row, names, lang) for row in rows.itertuples(index=False))
    data = _rate_table(rows, names, lang)
    labels = {column: say(f"funnel.column.{column}", lang) for column in data.columns}
    alt = say("funnel.alt.groups", lang, place=place, title=title, detail=detail)
    caption = _rate_caption(lang) + say("funnel.caption_groups", lang, few=FEW)
    return Picture(f"rates_{rate}", figure, title, alt, data, labels, caption, as_of, say("funnel.unit", lang))


def _groups_title(rows: pd.DataFrame, rate: str, lang: str) -> str:
    """Who surely differs from whom; where nobody does, that there is no order."""
    sure = rows[rows["base"] >= FEW]
    told = {"rate": say(f"funnel.rate.{rate}", lang), "n": len(sure)}
    if sure.empty:
        return say("funnel.title.few", lang, **told | {"n": len(rows)}, few=FEW)
    told |= {"low": percent(sure["share"].min()), "high": percent(sure["share"].max())}
    above = sure.loc[sure["low"].idxmax()]
    below = sure[sure["high"] < above["low"]]
    if len(sure) == 1:
        return say("funnel.title.one", lang, **told, group=sure["name"].iloc[0])
    if below.empty:
        return say("funnel.title.tied", lang, **told)
    sides = {"below": _some(below.sort_values("share", kind="stable"), lang), "above": _some(above.to_frame().T, lang)}
    return say("funnel.title.apart", lang, **told, **sides)


def _some(rows: pd.DataFrame, lang: str) -> str:
    """The first groups by name, the others by their number."""
    said = [say("funnel.group", lang, group=row.name, share=percent(row.share)) for row in
            rows.head(_NAMED)[["name", "share"]].itertuples(index=False)]
    text = say("separator", lang).join(said)
    return text + say("funnel.more", lang, n=len(rows) - _NAMED) if len(rows) > _NAMED else text


def _groups_figure(rows: pd.DataFrame, printed: Sequence[str], title: str, subtitle: str, lang: str) -> Figure:
    few = (rows["base"] < FEW).to_numpy()
    legend = [] if few.all() else [whisker_legend(say("funnel.legend.group", lang), False)]
    legend += [whisker_legend(say("funnel.legend.few", lang, few=FEW), True)] if few.any() else []
    notes = [percent(share) for share in rows["share"]]
    small = [say("funnel.counts", lang, reached=number(row.reached), base=number(row.base)) for row in rows.itertuples()]
    sheet, axes = row_sheet(printed, notes, small, title, subtitle, [entry.get_label() for entry in legend], 0.36)
    share_axis(axes)
    for place, row in enumerate(rows.itertuples()):
        whisker(axes, place, float(row.share), float(row.low), float(row.high), bool(few[place]))
    axes.set_xlabel(say(f"funnel.axis.{rows['rate'].iloc[0]}", lang))
    _grey_names(axes, few)
    put_legend(sheet, legend)
    return sheet.figure


def _grey_names(axes: Axes, few: Sequence[bool]) -> None:
    for label, grey in zip(axes.get_yticklabels(), few, strict=True):
        label.set_color(palette.GREY if grey else palette.INK)


