"""Charts of development zones: results per mu and grades of firms, land and factories, shared tax of enclaves, digital upgrade."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from liantu.figures import palette
from liantu.figures.display import Picture
from liantu.figures.empty import empty_picture
from liantu.figures.fonts import width
from liantu.figures.gap_words import labels
from liantu.figures.row_sheets import legend_height, put_legend
from liantu.figures.style import MARGIN, SMALLEST, TEXT, WIDTH, Sheet, figure_style, new_figure, quiet, stamp
from liantu.figures.wording import day, number, percent, say, wrap

GRADES = ("A", "B", "C", "D")
_ROW, _BELOW, _BETWEEN = 0.44, 0.34, 0.2  # inches: a zone's line, the axis below, the space between panels
_PER_MU = ("output_per_mu", "tax_per_mu", "jobs_per_mu")
_BAR = {"height": 0.56, "linewidth": 0.8}
_CITY = {"color": palette.DEMAND, "linewidth": 1.8, "linestyle": (0, (3, 1.2)), "zorder": 4}


def _panels(names: Sequence[str], heads: Sequence[str], shares: Sequence[float], legend: Sequence[str], title: str,
            subtitle: str) -> tuple[Sheet, list[Axes]]:
    """A sheet with a line for each name and panels side by side, as wide as their shares, each under its head."""
    printed = [wrap(name, 1.68, TEXT) for name in names]
    left = max(width(line, TEXT) for name in printed for line in name.split("\n")) + MARGIN + 0.12
    high = _ROW * len(printed)
    room = WIDTH - left - MARGIN - 0.1
    wide = [room * share / sum(shares) - _BETWEEN for share in shares]
    texts = [wrap(head, inches, SMALLEST, bold=True) for head, inches in zip(heads, wide, strict=True)]
    deep = 0.17 * max(text.count("\n") + 1 for text in texts) + 0.1
    sheet = new_figure(title, subtitle, _BELOW + high + deep + legend_height(legend))
    made, at = [], left
    for text, inches in zip(texts, wide, strict=True):
        axes = sheet.axes(at, _BELOW, inches, high)
        axes.set_ylim(len(printed) - 0.5, -0.5)
        axes.set_yticks([])
        quiet(axes, "x")
        axes.tick_params(axis="x", labelsize=SMALLEST, labelcolor=palette.GREY)
        sheet.write(at, _BELOW + high + 0.05, text, size=SMALLEST, weight="bold", va="bottom", linespacing=1.1)
        at += inches + _BETWEEN * len(wide) / max(len(wide) - 1, 1)
        made.append(axes)
    made[0].set_yticks(range(len(printed)), printed)
    return sheet, made


def _bars(axes: Axes, values: Sequence[float], texts: Sequence[str], colours: Sequence[str], lang: str, line: float = float("nan"),
          end: float = 0.0, beyond: Sequence[float] = ()) -> None:
    """Bars with their values behind them (and behind the marks at `beyond`), words where none is reported, `line` through all of them."""
    known = [value for value in (*values, line) if pd.notna(value)]
    top = end or max([*known, 1e-9])
    axes.set_xlim(0, top * 1.38)
    for place, (value, text, colour) in enumerate(zip(values, texts, colours, strict=True)):
        if pd.isna(value):
            axes.text(top * 0.02, place, say("zone.not_reported", lang), size=SMALLEST, color=palette.GREY, va="center")
            continue
        axes.barh(place, value, facecolor=colour, edgecolor=palette.INK, **_BAR)
        # The city's line may pass through the text.
        back = {"facecolor": palette.PAPER, "edgecolor": "none", "pad": 0.8}
        at = max([value, *beyond[place:place + 1]])
        axes.text(at + top * 0.04, place, text, size=SMALLEST, va="center", bbox=back, zorder=5)
    if pd.notna(line):
        axes.axvline(line, **_CITY)
    axes.set_xticks([0, *_ticks(top)])


def _ticks(top: float) -> list[float]:
    """One round number below `top`."""
    power = 10.0 ** (len(str(int(top))) - 1) if top >= 1 else 0.1
    step = next((power * part for part in (5, 2, 1, 0.5, 0.2, 0.1) if power * part <= top), power * 0.1)
    return [int(step) if step == int(step) else step]


# --- results per mu


def per_mu_chart(table: pd.DataFrame, city: Mapping[str, float], lang: str, as_of: dt.date, simulated: bool, place: str,
                 source_note: str = "", low_ratio: float = 0.8, few: int = 10, alike: float = 0.01) -> Picture:
    """Output, tax and jobs per mu in use of each zone beside the city's, and the grades of its firms.

    `table`: label, county_name, note, output_per_mu and tax_per_mu (万元 a year), jobs_per_mu, n_A to n_D, firms, near_cut (firms close
    to a cut); `city`: the values of all zones together. Zones below `low_ratio` of the city's output are light; fewer than `few` firms are
    told in the caption.
    Jobs per mu that differ by less than `alike` over all zones are told to look derived.
    """
    if table.empty or table["output_per_mu"].isna().all():
        return empty_picture("zone_per_mu", say("zone.subject", lang), lang, as_of, simulated, source_note)
    rows = table.sort_values("output_per_mu", ascending=False, kind="stable", na_position="last").reset_index(drop=True)
    low = rows["output_per_mu"] < low_ratio * city["output_per_mu"]
    title = _per_mu_title(rows, low, city, low_ratio, lang)
    legend = [Patch(facecolor=palette.GRADES[grade], edgecolor=palette.INK, hatch=palette.GRADE_HATCHES[grade],
                    hatchcolor=palette.ink_on(palette.GRADES[grade]), label=say(f"zone.grade.{grade}", lang)) for grade in GRADES]
    legend += [Line2D([], [], **_CITY | {"zorder": 2}, label=say("zone.city_line", lang))]
    with figure_style():
        heads = [*(say(f"zone.head.{name}", lang) for name in _PER_MU), say("zone.head.grades", lang)]
        texts = [handle.get_label() for handle in legend]
        subtitle = say("zone.per_mu.subtitle", lang, place=place)
        sheet, axes = _panels(list(rows["label"]), heads, (1.15, 1.05, 1, 1.5), texts, title, subtitle)
        for panel, name in zip(axes, _PER_MU, strict=False):
            colours = [palette.IN_TIME if name != "output_per_mu" or not flag else palette.LATE for flag in low]
            _bars(panel, list(rows[name]), [_per_mu(value) for value in rows[name]], colours, lang, city[name])
        _grade_bars(axes[-1], rows, lang)
        put_legend(sheet, legend)
        stamp(sheet.figure, lang, as_of, simulated, source_note)
    data = rows[["label", "county_name", *_PER_MU, "firms", *(f"n_{grade}" for grade in GRADES), "near_cut", "note"]].round(
        {"output_per_mu": 1, "tax_per_mu": 2, "jobs_per_mu": 2})
    detail = say("semicolon", lang).join(
        say("zone.per_mu.alt.row", lang, zone=row.label, output=_per_mu(row.output_per_mu), tax=_per_mu(row.tax_per_mu),
            jobs=_per_mu(row.jobs_per_mu)) for row in rows.itertuples())
    alt = say("zone.per_mu.alt", lang, title=title, detail=detail)
    caption = say("zone.per_mu.caption", lang, few=number(few), low=percent(low_ratio))
    jobs = rows["jobs_per_mu"].dropna()
    if len(jobs) > 2 and jobs.max() <= jobs.min() * (1 + alike):
        caption += say("zone.per_mu.alike", lang)
    return Picture("zone_per_mu", sheet.figure, title, alt, data, labels(data, "zone", lang), caption, as_of, say("zone.per_mu.unit", lang))


def _per_mu(value: float) -> str:
    return number(None) if pd.isna(value) else number(round(value)) if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _per_mu_title(rows: pd.DataFrame, low: pd.Series, city: Mapping[str, float], low_ratio: float, lang: str) -> str:
    known = rows[rows["output_per_mu"].notna()]
    return say("zone.per_mu.title", lang, city=_per_mu(city["output_per_mu"]), top=_per_mu(known["output_per_mu"].max()),
               least=_per_mu(known["output_per_mu"].min()), k=int(low.sum()), n=len(known), low=percent(low_ratio))


def _grade_bars(axes: Axes, rows: pd.DataFrame, lang: str) -> None:
    axes.set_xlim(0, 1.3)
    axes.set_xticks([0, 0.5, 1], ["0%", "50%", "100%"])
    for place, row in enumerate(rows.to_dict("records")):
        if not row["firms"]:
            axes.text(0.02, place, say("zone.no_firms", lang), size=SMALLEST, color=palette.GREY, va="center")
            continue
        at = 0.0
        for grade in GRADES:
            share = row[f"n_{grade}"] / row["firms"]
            colour = palette.GRADES[grade]
            axes.barh(place, share, left=at, facecolor=colour, edgecolor=palette.INK, hatch=palette.GRADE_HATCHES[grade],
                      hatchcolor=palette.ink_on(colour), **_BAR)
            at += share
        axes.text(1.04, place, f"n={row['firms']}", size=SMALLEST, va="center")


# --- land and factories


def land_chart(table: pd.DataFrame, history: pd.DataFrame, city: Mapping[str, float], lang: str, as_of: dt.date, simulated: bool,
               place: str, source_note: str = "") -> Picture:
    """The share of planned land in use and the idle share of standard factories by zone, earlier ledgers as hollow dots, idle m2 beside.

    `table`: label, area_mu, used_mu, used_share, factory_m2, idle_m2, idle_share, used_change_mu, idle_change_m2, change_since, low_name,
    note; `history`: label, snapshot, used_share, idle_share of earlier ledgers; `city`: used_share, idle_share, idle_m2.
    """
    if table.empty or (table["used_share"].isna() & table["idle_share"].isna()).all():
        return empty_picture("zone_land", say("zone.subject", lang), lang, as_of, simulated, source_note)
    rows = table.sort_values("idle_m2", ascending=False, kind="stable", na_position="last").reset_index(drop=True)
    title = _land_title(rows, city, lang)
    earlier = [Line2D([], [], linewidth=0, marker="o", markersize=4.5, markerfacecolor=palette.PAPER, markeredgecolor=palette.INK,
                      label=say("zone.earlier", lang))] if len(history) else []
    legend = [Line2D([], [], **_CITY | {"zorder": 2}, label=say("zone.city_line", lang)), *earlier]
    with figure_style():
        heads = [say(f"zone.head.{name}", lang) for name in ("used_share", "idle_share", "idle_m2")]
        subtitle = say("zone.land.subtitle", lang, place=place)
        sheet, axes = _panels(list(rows["label"]), heads, (1.2, 1.2, 1), [handle.get_label() for handle in legend], title, subtitle)
        for panel, name, colour in zip(axes[:2], ("used_share", "idle_share"), (palette.IN_TIME, palette.LATE), strict=True):
            top = max(0.1, rows[name].max(), history[name].max() if len(history) else 0.0)
            most = history.groupby("label")[name].max().reindex(rows["label"]).fillna(0.0).tolist()
            texts = [percent(value) for value in rows[name]]
            _bars(panel, list(rows[name]), texts, [colour] * len(rows), lang, city[name], float(top), most)
            tick = 0.5 if top >= 0.5 else 0.2 if top >= 0.2 else 0.1
            panel.set_xticks([0, tick], [percent(0), percent(tick)])
            _earlier_dots(panel, rows, history, name)
        space = rows["idle_m2"] / 1e4
        _bars(axes[2], list(space), [number(value, tenths=True) for value in space], [palette.LATE] * len(rows), lang)
        put_legend(sheet, legend)
        stamp(sheet.figure, lang, as_of, simulated, source_note)
    data = rows[["label", "area_mu", "used_mu", "used_share", "used_change_mu", "factory_m2", "idle_m2", "idle_share", "idle_change_m2",
                 "change_since", "low_name", "note"]].round({"used_share": 3, "idle_share": 3})
    detail = say("semicolon", lang).join(
        say("zone.land.alt.row", lang, zone=row.label, used=percent(row.used_share), idle=percent(row.idle_share))
        for row in rows.itertuples())
    return Picture("zone_land", sheet.figure, title, say("zone.land.alt", lang, title=title, detail=detail), data,
                   labels(data, "zone", lang), say("zone.land.caption", lang), as_of, "%")


def _land_title(rows: pd.DataFrame, city: Mapping[str, float], lang: str) -> str:
    first = say("zone.land.title", lang, used=percent(city["used_share"]), idle=percent(city["idle_share"]),
                m2=number(city["idle_m2"]))
    told = rows[rows["idle_change_m2"].notna()]
    if told.empty:
        return first
    since = told["change_since"].mode().iloc[0]  # a zone that came later is not held against another date
    alike = told[told["change_since"] == since]
    change = alike["idle_change_m2"].sum()
    return first + say(f"zone.land.title.{'less' if change < 0 else 'more'}", lang, m2=number(abs(change)),
                       since=day(since), k=len(alike))


def _earlier_dots(axes: Axes, rows: pd.DataFrame, history: pd.DataFrame, name: str) -> None:
    places = {label: place for place, label in enumerate(rows["label"])}
    told = history[history["label"].isin(places) & history[name].notna()]
    axes.plot(told[name], [places[label] + 0.0 for label in told["label"]], "o", markersize=4.5, markerfacecolor=palette.PAPER,
              markeredgecolor=palette.INK, markeredgewidth=0.8, linewidth=0, zorder=6)


# --- enclaves


def enclave_chart(zones: pd.DataFrame, totals: Mapping[str, float], lang: str, as_of: dt.date, simulated: bool, place: str,
                  source_note: str = "") -> Picture:
    """What becomes of the tax of enclave projects in each zone: kept by the host, moved inside the city, gone out of it, not known.

    `zones` as from `liantu.assess.zones.enclaves_of` with label and place_name; `totals` of `accounts_of`.
    """
    rows = zones[zones["enclave_wan"] > 0].sort_values("enclave_wan", ascending=False, kind="stable").reset_index(drop=True)
    if rows.empty:
        return empty_picture("zone_enclaves", say("zone.enclave.subject", lang), lang, as_of, simulated, source_note)
    parts = {"host": "host_enclave_wan", "moved": "moved_wan", "leaves": "leaves_wan", "unresolved": "unresolved_wan"}
    shown = {part: column for part, column in parts.items() if part in ("host", "leaves") or rows[column].sum() > 0}
    title = say("zone.enclave.title", lang, enclave=number(totals["enclave_wan"]), leaves=number(totals["leaves_wan"]),
                stays=number(totals["enclave_wan"] - totals["leaves_wan"] - totals["unresolved_wan"]), n=len(rows))
    legend = [Patch(facecolor=palette.ENCLAVES[part], edgecolor=palette.INK, hatch=palette.ENCLAVE_HATCHES[part],
                    hatchcolor=palette.ink_on(palette.ENCLAVES[part]), label=say(f"zone.enclave.{part}", lang)) for part in shown]
    with figure_style():
        heads = [say("zone.head.enclave", lang)]
        sheet, axes = _panels(list(rows["label"]), heads, (1,), [handle.get_label() for handle in legend], title,
                              say("zone.enclave.subtitle", lang, place=place))
        top = float(rows["enclave_wan"].max())
        axes[0].set_xlim(0, top * 1.25)
        left = pd.Series(0.0, index=rows.index)
        for part, column in shown.items():
            colour = palette.ENCLAVES[part]
            axes[0].barh(range(len(rows)), rows[column], left=left, facecolor=colour, edgecolor=palette.INK,
                         hatch=palette.ENCLAVE_HATCHES[part], hatchcolor=palette.ink_on(colour), **_BAR)
            left = left + rows[column]
        for line, row in enumerate(rows.itertuples()):
            told = say("zone.enclave.beside", lang, all=number(row.enclave_wan), share=percent(row.share_used))
            axes[0].text(row.enclave_wan + top * 0.015, line, told, size=SMALLEST, va="center")
        axes[0].set_xticks([0, *_ticks(top)])
        put_legend(sheet, legend)
        stamp(sheet.figure, lang, as_of, simulated, source_note)
    data = rows[["label", "enclave_partner", "place_name", "share_used", "enclave_wan", *parts.values()]]
    detail = say("semicolon", lang).join(
        say("zone.enclave.alt.row", lang, zone=row.label, all=number(row.enclave_wan), host=number(row.host_enclave_wan),
            partner=number(row.partner_wan)) for row in rows.itertuples())
    return Picture("zone_enclaves", sheet.figure, title, say("zone.enclave.alt", lang, title=title, detail=detail), data,
                   labels(data, "zone", lang), say("zone.enclave.caption", lang), as_of, say("zone.wan", lang))


# --- digital upgrade


def digital_chart(table: pd.DataFrame, history: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str,
                  source_note: str = "") -> Picture:
    """The digital upgrade of each zone: earlier ledgers, now, where the pace leads by the due date, and the goal.

    `table`: label, digital_share, first_share, first_snapshot, per_month, goal, due, needed_per_month, at_pace, state, state_name;
    `history`: label, snapshot, digital_share of earlier ledgers.
    """
    if table.empty or table["digital_share"].isna().all():
        return empty_picture("zone_digital", say("zone.digital.subject", lang), lang, as_of, simulated, source_note)
    rows = table.sort_values("digital_share", ascending=False, kind="stable", na_position="last").reset_index(drop=True)
    title = _digital_title(rows, lang)
    goal = rows["goal"].iloc[0]
    legend = _digital_legend(lang, len(history) > 0, bool(rows["at_pace"].notna().any() and _ahead(rows)), pd.notna(goal))
    with figure_style():
        heads = [say("zone.head.digital", lang), say("zone.head.pace", lang)]
        sheet, axes = _panels(list(rows["label"]), heads, (2.2, 1), [handle.get_label() for handle in legend], title,
                              say("zone.digital.subtitle", lang, place=place))
        axes[0].set_xlim(0, 1.06)
        axes[0].set_xticks([0, 0.25, 0.5, 0.75, 1], [percent(tick) for tick in (0, 0.25, 0.5, 0.75, 1)])
        _digital_dots(axes[0], rows, history, goal, lang)
        axes[1].set_xlim(0, 1)
        axes[1].set_xticks([])
        axes[1].grid(visible=False)
        axes[1].spines["bottom"].set_visible(False)
        for line, row in enumerate(rows.itertuples()):
            told = _pace_words(row, lang)
            axes[1].text(0, line, told, size=SMALLEST, va="center")
        put_legend(sheet, legend)
        stamp(sheet.figure, lang, as_of, simulated, source_note)
    shown = ["digital_share", "first_share", "per_month", "needed_per_month", "at_pace"]
    data = rows[["label", "digital_share", "first_share", "first_snapshot", "per_month", "goal", "due", "needed_per_month", "at_pace",
                 "state_name"]].round(dict.fromkeys(shown, 3))
    detail = say("semicolon", lang).join(
        say("zone.digital.alt.row", lang, zone=row.label, now=percent(row.digital_share), state=row.state_name)
        for row in rows.itertuples())
    return Picture("zone_digital", sheet.figure, title, say("zone.digital.alt", lang, title=title, detail=detail), data,
                   labels(data, "zone", lang), say("zone.digital.caption", lang), as_of, "%")


def _ahead(rows: pd.DataFrame) -> bool:
    return bool((rows["at_pace"] > rows["digital_share"] + 1e-9).any())


def _pace_words(row: object, lang: str) -> str:
    key = "zone.digital.beside" if pd.notna(row.needed_per_month) else "zone.digital.gained"
    return say(key, lang, pace=_points(row.per_month), needed=_points(row.needed_per_month))


def _points(value: float) -> str:
    return number(None) if pd.isna(value) else f"{value * 100:.1f}"


def _digital_title(rows: pd.DataFrame, lang: str) -> str:
    known = rows[rows["digital_share"].notna()]
    low, high = percent(known["digital_share"].min()), percent(known["digital_share"].max())
    counts = known["state"].value_counts()
    told = {"low": low, "high": high, "n": len(known), "met": int(counts.get("met", 0)), "short": int(counts.get("short", 0)),
            "missed": int(counts.get("missed", 0)), "goal": percent(rows["goal"].iloc[0])}
    if rows["goal"].isna().all():
        return say("zone.digital.title.no_goal", lang, **told)
    if counts.get("missed", 0) or counts.get("met", 0) == len(known):
        return say("zone.digital.title.due", lang, **told)
    if counts.get("one_ledger", 0):
        return say("zone.digital.title.no_pace", lang, **told)
    return say("zone.digital.title", lang, **told)


def _digital_legend(lang: str, earlier: bool, ahead: bool, goal: bool) -> list[Line2D]:
    made = [Line2D([], [], linewidth=0, marker="o", markersize=8, color=palette.IN_TIME, label=say("zone.now", lang))]
    if earlier:
        made.append(Line2D([], [], linewidth=0, marker="o", markersize=4.5, markerfacecolor=palette.PAPER, markeredgecolor=palette.INK,
                           label=say("zone.earlier", lang)))
    if ahead:
        made.append(Line2D([], [], linewidth=1.4, linestyle=(0, (2, 1.5)), marker=">", markersize=6, color=palette.INK,
                           label=say("zone.at_pace", lang)))
    if goal:
        made.append(Line2D([], [], **_CITY | {"zorder": 2}, label=say("zone.goal", lang)))
    return made


def _digital_dots(axes: Axes, rows: pd.DataFrame, history: pd.DataFrame, goal: float, lang: str) -> None:
    places = {label: place for place, label in enumerate(rows["label"])}
    told = history[history["label"].isin(places) & history["digital_share"].notna()]
    for row in rows.itertuples():
        line = places[row.label]
        if pd.isna(row.digital_share):
            axes.text(0.02, line, say("zone.not_reported", lang), size=SMALLEST, color=palette.GREY, va="center")
            continue
        if pd.notna(row.at_pace) and row.at_pace > row.digital_share + 1e-9:
            axes.plot([row.digital_share, row.at_pace], [line] * 2, color=palette.INK, linewidth=1.4, linestyle=(0, (2, 1.5)), zorder=3)
            axes.plot([row.at_pace], [line], ">", color=palette.INK, markersize=6, zorder=4)
        axes.plot([row.digital_share], [line], "o", color=palette.IN_TIME, markersize=8, markeredgecolor=palette.INK, zorder=5)
        axes.text(row.digital_share, line - 0.3, percent(row.digital_share), size=SMALLEST, weight="bold", ha="center", va="center",
                  zorder=6)
    axes.plot(told["digital_share"], [places[label] for label in told["label"]], "o", markersize=4.5, markerfacecolor=palette.PAPER,
              markeredgecolor=palette.INK, markeredgewidth=0.8, linewidth=0, zorder=4)
    if pd.notna(goal):
        axes.axvline(goal, **_CITY)
