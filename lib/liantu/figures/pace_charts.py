"""Charts of pace and money: completion against elapsed time by county and target, the investment curve, and earned schedule."""

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
from liantu.figures.fonts import width
from liantu.figures.schedule_charts import group_name
from liantu.figures.style import MARGIN, SMALLEST, TEXT, WIDTH, Sheet, figure_style, legend_columns, new_figure, quiet, stamp, upright
from liantu.figures.wording import WAN_IN_YI, day, number, percent, say, wrap

_STEP = 0.31  # inches of a line
_CUT = 1.5  # shares beyond this are drawn at the edge
_CURVE = ("plan_wan", "done_wan", "forecast_wan", "low_wan", "high_wan", "low50_wan", "high50_wan")
_COUNTY = ("county", "target", "planned", "due_by_now", "done", "share_done", "share_elapsed", "points", "per_month_needed", "note")
_PLAN = {"color": palette.DEMAND, "linewidth": 2.2, "linestyle": (0, (3, 1.2))}
_DOT = {"linewidth": 0, "marker": "o", "markersize": 8, "markeredgecolor": palette.INK, "markeredgewidth": 0.8}


# --- completion against elapsed time, by county and target


def county_pace_chart(table: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, targets: Mapping[str, str],
                      counties: Mapping[str, str], source_note: str = "", notes: Mapping[str, str] | None = None) -> Picture:
    """Share done (dot) against share of time gone (upright mark) by county, a panel for each target; points and the pace needed beside.

    `table` as from `liantu.progress.county_pace`; `targets` and `counties` have the words to print, in order, `notes` those of note codes.
    The points are per cent done less per cent of time gone (双过半). Of one county the targets stand in one panel.
    """
    planned = table["share_done"].notna() & table["points"].notna()
    rows, bare = table[planned].reset_index(drop=True), table[~planned & ((table["done"] > 0) | ~table["county"].str.endswith("00"))]
    if rows.empty:
        return empty_picture("county_pace", say("county_pace.subject", lang), lang, as_of, simulated, source_note)
    rows = rows.assign(behind=rows["points"].astype("float64"), county_name=[_county(code, counties, lang) for code in rows["county"]],
                       target_name=[targets.get(code, code) for code in rows["target"]])
    alone = table["county"].nunique() == 1
    rows = _in_order(rows, targets, counties)
    by_target = rows.groupby("target_name", sort=False)
    panels = [("", "target_name", rows)] if alone else [(str(name), "county_name", part) for name, part in by_target]
    title = _county_pace_title(rows, alone, lang)
    with figure_style():
        figure = _county_pace_figure(panels, bare, title, say("county_pace.subtitle", lang, place=place), lang)
        stamp(figure, lang, as_of, simulated, source_note)
    data = _county_pace_data(table, lang, targets, counties, notes or {})
    labels = {column: say(f"county_pace.column.{column}", lang) for column in data.columns}
    detail = say("semicolon", lang).join(
        say("county_pace.alt.row", lang, county=row.county_name, target=row.target_name, done=percent(row.share_done),
            elapsed=percent(row.share_elapsed)) for row in rows.sort_values("behind", kind="stable").head(6).itertuples())
    alt = say("county_pace.alt", lang, title=title, detail=detail)
    return Picture("county_pace", figure, title, alt, data, labels, say("county_pace.caption", lang, cut=percent(_CUT)), as_of, "%")


def _county(code: str, counties: Mapping[str, str], lang: str) -> str:
    """A county's name; the row without a code is the whole city."""
    return group_name(code, counties, lang) if code or code in counties else say("schedule.whole", lang)


def _in_order(rows: pd.DataFrame, targets: Mapping[str, str], counties: Mapping[str, str]) -> pd.DataFrame:
    """Targets and counties in the order of their names' mappings, those without a name last."""
    keys = {"target": list(targets), "county": list(counties)}
    places = {name: rows[name].map(lambda code, known=known: known.index(code) if code in known else len(known))  # type: ignore[misc]
              for name, known in keys.items()}
    return rows.iloc[np.lexsort((places["county"], places["target"]))].reset_index(drop=True)


def _county_pace_title(rows: pd.DataFrame, alone: bool, lang: str) -> str:
    """How many are behind, and who is furthest behind with what; among counties, or among the targets of one."""
    own = rows[(rows["county"] != "") & ~rows["county"].str.endswith("00")]
    rows = rows if alone or own.empty else own
    behind = rows[rows["behind"] < 0]
    many = behind[behind["note"] != "few"]  # a share of a handful says little
    worst = (many if len(many) else behind if len(behind) else rows).sort_values("behind", kind="stable").iloc[0]
    told = {"county": worst["county_name"], "target": worst["target_name"], "points": number(abs(worst["behind"]), tenths=True),
            "n": rows["target" if alone else "county"].nunique(), "k": behind["target" if alone else "county"].nunique()}
    kind = "own" if alone else "all"
    return say(f"county_pace.title.{kind}" if len(behind) else f"county_pace.title.{kind}_none", lang, **told)


def _county_pace_data(table: pd.DataFrame, lang: str, targets: Mapping[str, str], counties: Mapping[str, str], notes: Mapping[str, str]
                      ) -> pd.DataFrame:
    data = table[[column for column in _COUNTY if column in table]].copy()
    data["county"] = [_county(code, counties, lang) for code in data["county"]]
    data["target"] = [targets.get(code, code) for code in data["target"]]
    data["note"] = [notes.get(code, code) if isinstance(code, str) else "" for code in data["note"]]
    return data.round({"share_done": 4, "share_elapsed": 4, "points": 2, "per_month_needed": 1, "due_by_now": 1})


def _county_pace_figure(panels: Sequence[tuple[str, str, pd.DataFrame]], bare: pd.DataFrame, title: str, subtitle: str, lang: str
                        ) -> Figure:
    """Panels side by side, two in a row; each with names, a scale of shares, and columns of numbers."""
    across, panels = 1 if len(panels) == 1 else 2, sorted(panels, key=lambda panel: -len(panel[2]))
    room = (WIDTH - 2 * MARGIN - 0.3 * (across - 1)) / across
    filled, places = [0.0] * across, []
    for _, _, part in panels:  # into the column that has more room
        column = filled.index(min(filled))
        places.append((MARGIN + column * (room + 0.3), filled[column]))
        filled[column] += _STEP * len(part) + 1.0
    sheet = new_figure(title, subtitle, 0.35 + max(filled))
    labels = [[wrap(str(name), 0.42 * room, TEXT) for name in part[names]] for _, names, part in panels]
    own = max(width(line, TEXT) for lines in labels for label in lines for line in label.split("\n")) + 0.1
    for (head, _, part), names, (left, down) in zip(panels, labels, places, strict=True):
        top, high = max(filled) - down, _STEP * len(part)
        sheet.write(left, top - 0.15, head, weight="bold", va="center")
        _pace_panel(sheet, part.reset_index(drop=True), names, (left, top - 0.45 - high, room, high), own, lang)
        without = bare[bare["target"] == part["target"].iloc[0]] if head else bare
        if len(without):
            text = say("county_pace.bare" if head else "county_pace.bare_own", lang, n=len(without), done=number(without["done"].sum()))
            sheet.write(left, top - 0.45 - high - 0.33, wrap(text, room, SMALLEST), va="top", size=SMALLEST, color=palette.GREY)
    dots = [Line2D([], [], markerfacecolor=_dot(on)[0], label=say(f"county_pace.{key}", lang), **_DOT | {"marker": _dot(on)[1]})
            for on, key in ((True, "on"), (False, "off"))]
    sheet.legend([*dots, upright(say("county_pace.elapsed", lang))])
    return sheet.figure


def _dot(on: bool) -> tuple[str, str]:
    return (palette.IN_TIME, "o") if on else (palette.LATE, "D")


def _points(value: float) -> str:
    """Points with their sign; what is far beyond a plan of a handful is not told to the last point."""
    if value > 999:
        return ">+999"
    return f"+{number(value, tenths=True)}" if value > 0 else number(value, tenths=True)


def _pace_panel(sheet: Sheet, rows: pd.DataFrame, names: Sequence[str], box: tuple[float, float, float, float], own: float,
                lang: str) -> None:
    """One target's counties (or one county's targets): a light bar to 100 %, the mark of time, the dot of what is done."""
    left, bottom, room, high = box
    columns = {"plan": [f"{number(done)}/{number(planned)}" for done, planned in zip(rows["done"], rows["planned"], strict=True)],
               "points": [_points(value) for value in rows["behind"]],
               "needed": [number(value) for value in rows["per_month_needed"]]}
    if rows["per_month_needed"].isna().all():
        del columns["needed"]
    heads = {name: say(f"county_pace.head.{name}", lang) for name in columns}
    wide = {name: max(width(heads[name], SMALLEST), *(width(text, TEXT, bold=name == "points") for text in texts)) + 0.13
            for name, texts in columns.items()}
    axes = sheet.axes(left + own, bottom, room - own - sum(wide.values()) - 0.05, high)
    _pace_dots(axes, rows)
    axes.set_yticks(range(len(rows)), names)
    right = left + room - sum(wide.values())
    for name, texts in columns.items():
        right += wide[name]
        sheet.write(right, bottom + high + 0.03, heads[name], ha="right", va="bottom", size=SMALLEST, color=palette.GREY)
        for line, text in enumerate(texts):
            sheet.write(right, bottom + high - high / len(rows) * (line + 0.5), text, ha="right", va="center",
                        weight="bold" if name == "points" else "normal")


def _pace_dots(axes: Axes, rows: pd.DataFrame) -> None:
    limit = max(1.06, min(float(rows["share_done"].max()), _CUT) + 0.06)
    axes.set(xlim=(0, limit), ylim=(len(rows) - 0.5, -0.5))
    for place, row in enumerate(rows.itertuples()):
        done, elapsed = min(float(row.share_done), _CUT), float(row.share_elapsed)
        axes.barh(place, 1, 0.62, color=palette.EMPTY, zorder=1)
        axes.plot([done, elapsed], [place] * 2, color=palette.GREY, linewidth=1.6, zorder=3)
        axes.plot([elapsed] * 2, [place - 0.33, place + 0.33], color=palette.DEMAND, linewidth=3.2, zorder=4, solid_capstyle="butt",
                  clip_on=False)
        colour, marker = _dot(row.behind >= 0)
        axes.plot(done, place, zorder=5, clip_on=False, color=colour, **_DOT | {"marker": marker})
    axes.axvline(1, color=palette.INK, linewidth=1.2, zorder=2)
    axes.set_xticks([0, 1])
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    quiet(axes)
    axes.tick_params(axis="x", labelsize=SMALLEST, labelcolor=palette.GREY)
    axes.spines["bottom"].set_visible(False)


# --- money: plan, done, forecast


def investment_chart(curve: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, source_note: str = "",
                     spi: float | None = None) -> Picture:
    """The S-curve of the year's investment: plan, done as reported, forecast with its 90 % band (and the middle half, where given).

    `curve` as from `liantu.progress.investment_curve`: date, plan_wan, done_wan, forecast_wan, low_wan, high_wan (万元, cumulative; missing
    where not known), optional low50_wan and high50_wan. `spi` is the earned schedule's SPI(t) at the data date, for the title.
    """
    rows = curve.sort_values("date").reset_index(drop=True) if len(curve) else curve
    if rows.empty or rows["done_wan"].isna().all():
        return empty_picture("investment_curve", say("curve.subject", lang), lang, as_of, simulated, source_note)
    columns = [column for column in _CURVE if column in rows]
    money = rows[["date"]].assign(**{column.removesuffix("_wan"): rows[column].astype("float64") / WAN_IN_YI for column in columns})
    if not (money["forecast"].notna() & (money["date"] > money.loc[money["done"].notna(), "date"].max())).any():
        money = money.assign(forecast=np.nan).drop(columns=["low", "high", "low50", "high50"], errors="ignore")  # nothing is ahead
    facts = _curve_facts(money, spi)
    title = say(_curve_key(facts), lang, place=place, **{name: _said(name, value) for name, value in facts.items()})
    with figure_style():
        sheet = new_figure(title, say("curve.subtitle", lang, place=place), 4.0)
        axes = sheet.axes(0.75, 0.4, WIDTH - 0.75 - 1.45, 3.2)
        _curve_lines(axes, money, pd.Timestamp(as_of))
        _curve_ends(axes, money, lang)
        entries = _curve_legend(money, lang)
        sheet.legend(entries, columns=legend_columns([str(entry.get_label()) for entry in entries]))
        stamp(sheet.figure, lang, as_of, simulated, source_note)
    labels = {column: say(f"curve.column.{column}", lang) for column in money.columns}
    detail = say("semicolon", lang).join(
        say("curve.alt.row", lang, day=day(row.date), plan=number(row.plan, tenths=True), done=number(row.done, tenths=True))
        for row in money[money["done"].notna()].itertuples())
    alt = say("curve.alt", lang, title=title, detail=detail)
    data = money.round(dict.fromkeys(money.columns.drop("date"), 2))
    return Picture("investment_curve", sheet.figure, title, alt, data, labels, say("curve.caption", lang), as_of, say("curve.unit", lang))


def _curve_facts(money: pd.DataFrame, spi: float | None) -> dict[str, float | None]:
    """What the title tells: done and the plan by then, the year's plan, the forecast of its end with its band, SPI(t)."""
    last = money[money["done"].notna()].iloc[-1]
    known, ahead = money[money["plan"].notna()], money[money["forecast"].notna()]
    end = ahead.iloc[-1] if len(ahead) else None
    return {"done": float(last["done"]), "by_now": float(last["plan"]), "plan": float(known["plan"].iloc[-1]) if len(known) else None,
            "forecast": None if end is None else float(end["forecast"]), "low": None if end is None else float(end["low"]),
            "high": None if end is None else float(end["high"]), "spi": None if spi is None or pd.isna(spi) else float(spi)}


def _curve_key(facts: Mapping[str, float | None]) -> str:
    if facts["plan"] is None:
        return "curve.title.no_plan"
    return "curve.title" + (".now" if facts["forecast"] is None else "") + ("" if facts["spi"] is None else ".spi")


def _said(name: str, value: float | None) -> str:
    return f"{value:.2f}" if name == "spi" and value is not None else number(value, tenths=True)


def _curve_lines(axes: Axes, money: pd.DataFrame, today: pd.Timestamp) -> None:
    dates = money["date"]
    for low, high, shade in (("low", "high", palette.SEQUENTIAL[1]), ("low50", "high50", palette.SEQUENTIAL[2])):
        if low in money:
            known = money[low].notna() & money[high].notna()
            axes.fill_between(dates, money[low], money[high], where=known, color=shade, linewidth=0, zorder=1)
    zero = pd.DataFrame({"date": [pd.Timestamp(dates.min().year, 1, 1)], "plan": [0.0], "done": [0.0]})  # sums of a year begin with it
    planned = pd.concat([zero, money[money["plan"].notna()]])
    axes.plot(planned["date"], planned["plan"], zorder=3, **_PLAN)
    forecast, done = money[money["forecast"].notna()], money[money["done"].notna()]
    axes.plot(forecast["date"], forecast["forecast"], color=palette.IN_TIME, linewidth=2, linestyle=(0, (1, 1.2)), zorder=3)
    axes.plot(pd.concat([zero, done])["date"], pd.concat([zero, done])["done"], color=palette.IN_TIME, linewidth=3, zorder=4)
    axes.plot(done["date"], done["done"], color=palette.IN_TIME, linewidth=0, marker="o", markersize=7, zorder=4, clip_on=False)
    top = float(np.nanmax(money.drop(columns="date").to_numpy(dtype=float)))
    axes.set_ylim(0, max(top, 0.1) * 1.12)
    axes.set_xlim(zero["date"].iloc[0], max(dates.max(), today))
    axes.axvline(today, color=palette.INK, linewidth=1.4, zorder=2)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(lambda value, _: number(value))
    ticks = pd.date_range(zero["date"].iloc[0], max(dates.max(), today), freq="QE")
    axes.set_xticks(ticks, [day(date) for date in ticks])
    quiet(axes, "y")
    axes.tick_params(labelsize=SMALLEST, labelcolor=palette.GREY)


def _curve_ends(axes: Axes, money: pd.DataFrame, lang: str) -> None:
    """Names and values of the lines at the right edge, pushed apart where they would meet."""
    ends = []
    for name, colour in (("plan", palette.DEMAND), ("forecast", palette.IN_TIME), ("done", palette.IN_TIME)):
        known = money[money[name].notna()]
        if len(known) and (name != "done" or money["forecast"].isna().all()):
            text = say(f"curve.end.{name}", lang, value=number(known[name].iloc[-1], tenths=True))
            ends.append((float(known[name].iloc[-1]), wrap(text, 1.3, TEXT, bold=True), colour))
    ends.sort()
    inch = (axes.get_ylim()[1] - axes.get_ylim()[0]) / 3.2
    heights = [value for value, _, _ in ends]
    for place in range(1, len(ends)):
        apart = 0.11 * (ends[place - 1][1].count("\n") + ends[place][1].count("\n") + 2) * inch
        heights[place] = max(heights[place], heights[place - 1] + apart)
    for height, (_, text, colour) in zip(heights, ends, strict=True):
        axes.annotate(text, (1, height), (8, 0), xycoords=("axes fraction", "data"), textcoords="offset points", va="center", weight="bold",
                      color=colour, linespacing=1.1)


def _curve_legend(money: pd.DataFrame, lang: str) -> list[object]:
    entries: list[object] = [
        Line2D([], [], **_PLAN, label=say("curve.plan", lang)),
        Line2D([], [], color=palette.IN_TIME, linewidth=3, marker="o", markersize=7, label=say("curve.done", lang))]
    if money["forecast"].notna().any():
        entries.append(Line2D([], [], color=palette.IN_TIME, linewidth=2, linestyle=(0, (1, 1.2)), label=say("curve.forecast", lang)))
        entries += [Patch(color=shade, label=say(f"curve.{kind}", lang)) for kind, low, shade in
                    (("band90", "low", palette.SEQUENTIAL[1]), ("band50", "low50", palette.SEQUENTIAL[2])) if low in money]
    return [*entries, Line2D([], [], color=palette.INK, linewidth=1.4, label=say("curve.today", lang))]


# --- earned schedule


def earned_schedule_chart(table: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str, counties: Mapping[str, str],
                          source_note: str = "") -> Picture:
    """SPI(t) of each county (and the city) at the newest ledger, around the line of 1; what it was at earlier ledgers small beside it.

    `table` as from `liantu.progress.schedule_performance` (one row for each county and date; county "": the whole city); `counties` has
    the words of county codes in order.
    """
    rows = table[table["spi_t"].notna()].sort_values("date", kind="stable").reset_index(drop=True)
    if rows.empty:
        return empty_picture("earned_schedule", say("earned.subject", lang), lang, as_of, simulated, source_note)
    newest = rows.drop_duplicates("county", keep="last")
    order = [code for code in [*counties, *newest["county"].unique()] if code]
    order = [code for code in dict.fromkeys([*order, ""]) if code in set(newest["county"])]
    newest = newest.set_index("county").loc[order].reset_index()
    newest = newest.assign(label=[_county(code, counties, lang) for code in newest["county"]])
    title = _earned_title(newest, place, lang)
    with figure_style():
        figure = _earned_figure(newest, rows, title, say("earned.subtitle", lang, place=place), lang)
        stamp(figure, lang, as_of, simulated, source_note)
    data = _earned_data(table, counties, lang)
    labels = {column: say(f"earned.column.{column}", lang) for column in data.columns}
    detail = say("separator", lang).join(say("earned.alt.row", lang, county=row.label, spi=_two(row.spi_t)) for row in newest.itertuples())
    alt = say("earned.alt", lang, title=title, detail=detail)
    return Picture("earned_schedule", figure, title, alt, data, labels, say("earned.caption", lang), as_of, "SPI(t)")


def _two(value: float) -> str:
    return number(None) if pd.isna(value) else f"{value:.2f}"


def _earned_data(table: pd.DataFrame, counties: Mapping[str, str], lang: str) -> pd.DataFrame:
    money = {name: table[f"{name}_wan"].astype("float64") / WAN_IN_YI for name in ("planned", "done", "earned")}
    shown = ["es_months", "at_months", "sv_months", "spi_t", "spi", "ieac_months", "tspi"]
    notes = [say(f"earned.note.{note}", lang) if isinstance(note, str) and note else "" for note in table["note"]]
    numbers = pd.DataFrame(money | {name: table[name].astype("float64") for name in shown}).round(2)
    data = numbers.assign(county=[_county(code, counties, lang) for code in table["county"]], date=table["date"], note=notes)
    return data[["county", "date", *numbers.columns, "note"]].reset_index(drop=True)


def _earned_title(newest: pd.DataFrame, place: str, lang: str) -> str:
    city, own = newest[newest["county"] == ""], newest[newest["county"] != ""]
    if len(newest) == 1:
        row = newest.iloc[0]
        return say("earned.title.own", lang, county=row["label"] if row["county"] else place, es=number(row["es_months"], tenths=True),
                   at=number(row["at_months"]), spi=_two(row["spi_t"]))
    worst = own.loc[own["spi_t"].idxmin()]
    told = {"n": len(own), "k": int((own["spi_t"].round(2) < 1).sum()), "county": worst["label"], "least": _two(worst["spi_t"])}
    if city.empty:
        return say("earned.title.counties", lang, **told)
    whole = city.iloc[0]
    return say("earned.title", lang, place=place, es=number(whole["es_months"], tenths=True), at=number(whole["at_months"]),
               spi=_two(whole["spi_t"]), **told)


def _earned_figure(newest: pd.DataFrame, rows: pd.DataFrame, title: str, subtitle: str, lang: str) -> Figure:
    names = [wrap(str(label), 1.9, TEXT) for label in newest["label"]]
    left = max(width(line, TEXT) for name in names for line in name.split("\n")) + MARGIN + 0.12
    cells = [[_two(value) for value in newest["spi_t"]], [number(value, tenths=True) for value in newest["es_months"]],
             [number(value, tenths=True) for value in newest["ieac_months"]]]
    heads = [wrap(say(f"earned.head.{name}", lang), 0.9, SMALLEST) for name in ("spi", "months", "ends")]
    wide = [max(*(width(line, SMALLEST) for line in head.split("\n")), *(width(cell, TEXT, bold=True) for cell in column)) + 0.18
            for head, column in zip(heads, cells, strict=True)]
    deep = 0.16 * max(head.count("\n") + 1 for head in heads)
    high = 0.36 * len(newest)
    sheet = new_figure(title, subtitle, high + 0.9 + deep)
    axes = sheet.axes(left, 0.45, WIDTH - left - sum(wide) - MARGIN - 0.1, high)
    _earned_dots(axes, newest, rows)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel(say("earned.axis", lang))
    for place, (head, column) in enumerate(zip(heads, cells, strict=True)):
        right = WIDTH - MARGIN - sum(wide[place + 1:])
        sheet.write(right, 0.45 + high + 0.05, head, ha="right", va="bottom", size=SMALLEST, color=palette.GREY, linespacing=1.05)
        for line, cell in enumerate(column):
            sheet.write(right, 0.45 + high - 0.36 * (line + 0.5), cell, ha="right", va="center", weight="normal" if place else "bold")
    dots = [Line2D([], [], markerfacecolor=_dot(on)[0], label=say(f"earned.{key}", lang), **_DOT | {"marker": _dot(on)[1]})
            for on, key in ((True, "on"), (False, "off"))]
    small = Line2D([], [], color=palette.GREY, linewidth=0, marker="o", markersize=4, label=say("earned.before", lang))
    earlier = [small] if len(rows) > len(newest) else []
    sheet.legend([*dots, *earlier, Line2D([], [], color=palette.INK, linewidth=1.6, label=say("earned.line", lang))])
    return sheet.figure


def _earned_dots(axes: Axes, newest: pd.DataFrame, rows: pd.DataFrame) -> None:
    values = rows["spi_t"].astype("float64").clip(0, 2)
    axes.set(xlim=(min(0.5, values.min()) - 0.03, max(1.1, values.max()) + 0.05), ylim=(len(newest) - 0.5, -0.5))
    axes.axvline(1, color=palette.INK, linewidth=1.6, zorder=2)
    for place, row in enumerate(newest.itertuples()):
        before = rows[(rows["county"] == row.county) & (rows["date"] < row.date)]
        axes.plot(before["spi_t"].clip(0, 2), [place] * len(before), "o", color=palette.GREY, markersize=4, zorder=3)
        value = min(float(row.spi_t), 2.0)
        axes.plot([1, value], [place] * 2, color=palette.GREY, linewidth=1.6, zorder=3)
        colour, marker = _dot(round(float(row.spi_t), 2) >= 1)
        axes.plot(value, place, zorder=5, color=colour, **_DOT | {"marker": marker})
    axes.xaxis.set_major_locator(MaxNLocator(6))
    quiet(axes, "x")
    axes.tick_params(axis="x", labelsize=SMALLEST, labelcolor=palette.GREY)
