"""The wall chart (挂图作战): the most pressing projects with their permits, bars between latest dates, slack and chance, on one page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from liantu.figures import palette
from liantu.figures.display import Picture
from liantu.figures.empty import empty_picture
from liantu.figures.fonts import drawable, width
from liantu.figures.style import MARGIN, SMALLEST, TEXT, WIDTH, Sheet, figure_style, legend_columns, new_figure, quiet, stamp
from liantu.figures.wording import day, number, percent, say

PERMITS = ("siting", "land", "energy", "environment", "safety", "filing")
_SHORT = ("permit", "start", "works", "completion", "trial", "capacity")  # steps with a short word too
_WORKS, _AFTER = ("works",), ("trial", "capacity")
_ROW, _NAME, _CELL = 0.355, 2.3, 0.185  # inches: a project's line, the widest name, a permit
_CLIP = (pd.Timedelta(days=300), pd.Timedelta(days=480))  # what lies further from today is cut at the edge
_TALL = {"before": 0.26, "works": 0.5, "after": 0.26}  # of a line
MARKS = {
    "done": {"marker": "s", "color": palette.WORK["done"], "s": 42}, "late": {"marker": "^", "color": palette.WORK["overdue"], "s": 60},
    "missing": {"marker": "x", "color": palette.WORK["overdue"], "linewidth": 2.0, "s": 38},
    "pending": {"marker": "o", "facecolor": palette.PAPER, "edgecolor": palette.INK, "linewidth": 1.2, "s": 38},
    "not_needed": {"marker": "_", "color": palette.GREY, "linewidth": 1.4, "s": 40}}
_WALL = ("name", "county", "department", "stage", "next_step", "goal", "due", "due_from", "planned_date", "slack_days",
         "chance", "likely", "late_steps", "missing_papers", "verdict")


def wall_chart(projects: pd.DataFrame, steps: pd.DataFrame, lang: str, as_of: dt.date, simulated: bool, place: str,
               names: Mapping[str, str], counties: Mapping[str, str] | None = None, source_note: str = "",
               pause: tuple[tuple[int, int], tuple[int, int]] | None = None, most: int = 24) -> Picture:
    """The wall chart (挂图作战): a line for each of the most pressing projects, at most a page of A4.

    `projects` and `steps` are those of `liantu.progress.project_schedules`; finished projects are left out. Optional columns
    of `projects`: `planned_date` (the newest plan), `likely` and `missing_papers`; of `steps`: `overtaken` (open though a later step is
    done). `names` has the words of steps and stages, `counties` those of county codes (drawn only where
    there are several counties), `pause` the first and the last (month, day) of the winter pause. At most `most` projects are drawn, the
    least slack first; the data have all of them.
    """
    rows = pressing(projects, as_of)
    if rows.empty:
        return empty_picture("wall", say("wall.subject", lang), lang, as_of, simulated, source_note)
    if rows["slack_days"].isna().all():
        return empty_picture("wall", say("wall.no_dates", lang, n=number(len(rows))), lang, as_of, simulated, source_note)
    shown = rows.head(most).reset_index(drop=True)
    title = _wall_title(rows, place, lang)
    key = "wall.subtitle" if len(shown) == len(rows) else "wall.subtitle_some"
    subtitle = say(key, lang, place=place, n=len(shown), total=len(rows), passed=number(int(rows["passed"].sum())))
    local = {} if counties is None or shown["county"].nunique() < 2 else counties
    with figure_style():
        figure = _wall_figure(shown, steps, title, subtitle, lang, as_of, names, local, pause)
        stamp(figure, lang, as_of, simulated, source_note)
    data = _wall_data(rows, lang, names, counties or {})
    labels = {column: say(f"wall.column.{column}", lang) for column in data.columns}
    detail = say("semicolon", lang).join(_wall_words(row, lang, names) for row in shown.head(5).to_dict("records"))
    alt = say("wall.alt", lang, title=title, n=len(shown), detail=detail)
    return Picture("wall", figure, title, alt, data, labels, say("wall.caption", lang), as_of, say("wall.unit", lang))


def pressing(projects: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """The projects that are not done: first those whose required date is still to come, which can yet be kept, the least slack first.

    Then those whose date has passed, then those without one; `passed` tells which these are.
    """
    rows = projects[projects["verdict"] != "done"]
    rows = rows.assign(passed=rows["due"] < pd.Timestamp(as_of), _undated=rows["slack_days"].isna())
    rows = rows.sort_values(["_undated", "passed", "slack_days", "project_id"], kind="stable")
    return rows.drop(columns="_undated").reset_index(drop=True)


def _wall_title(rows: pd.DataFrame, place: str, lang: str) -> str:
    found = rows["verdict"].value_counts()
    first = rows.iloc[0]
    told = {"place": place, "n": number(len(rows)), "late": number(found.get("late", 0)), "tight": number(found.get("tight", 0)),
            "days": number(abs(first["slack_days"]))}
    return say("wall.title.late" if first["slack_days"] < 0 else "wall.title.in_time", lang, **told)


def _wall_words(row: Mapping[str, object], lang: str, names: Mapping[str, str]) -> str:
    told = {"name": row["name"], "slack": _slack_words(row["slack_days"], lang), "chance": percent(row["chance"]),
            "step": names.get(str(row["next_step"]), str(row["next_step"]))}
    return say("wall.alt.row" if _given(row["next_step"]) else "wall.alt.row_none", lang, **told)


def _slack_words(slack: object, lang: str) -> str:
    if pd.isna(slack):
        return say("wall.no_date", lang)
    return say("wall.behind" if float(slack) < 0 else "wall.left", lang, days=number(abs(float(slack))))


def _given(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _wall_data(rows: pd.DataFrame, lang: str, names: Mapping[str, str], counties: Mapping[str, str]) -> pd.DataFrame:
    data = rows[[column for column in _WALL if column in rows]].copy()
    data["county"] = [counties.get(code, code) for code in data["county"]]
    for column in {"stage", "next_step", "goal"} & set(data.columns):
        data[column] = [names.get(value, value) if _given(value) else None for value in data[column]]
    data["verdict"] = [say(f"verdict.{verdict}", lang) for verdict in data["verdict"]]
    data["due_from"] = [say(f"due_from.{kind}", lang) if _given(kind) else None for kind in data["due_from"]]
    data["late_steps"] = [_step_words(value, names, lang) for value in data["late_steps"]]
    return data.assign(chance=data["chance"].astype("float64").round(2))


def _step_words(value: object, names: Mapping[str, str], lang: str) -> object:
    """Steps by name, given as a list or as a text with commas; a number stays one."""
    steps = [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
    if isinstance(steps, Iterable):
        return say("separator", lang).join(names.get(step, step) for step in steps)
    return value


def _wall_figure(shown: pd.DataFrame, steps: pd.DataFrame, title: str, subtitle: str, lang: str, as_of: dt.date, names: Mapping[str, str],
                 counties: Mapping[str, str], pause: tuple[tuple[int, int], tuple[int, int]] | None) -> Figure:
    """Names, permits, bars and numbers side by side; a line for each project."""
    heads = {step: say(f"permit.{step}", lang) for step in PERMITS}
    top = 0.42 if lang == "zh" else max(width(head, SMALLEST) for head in heads.values()) + 0.12
    entries = _wall_legend(shown, pd.Timestamp(as_of), lang, pause is not None)
    columns = legend_columns([str(entry.get_label()) for entry in entries])
    deep = 0.04 + 0.23 * -(-len(entries) // columns)
    high = _ROW * len(shown)
    sheet = new_figure(title, subtitle, 0.3 + high + top + deep)
    numbers = [say("wall.head.slack", lang), say("wall.head.chance", lang)]
    wide = [max(width(line, SMALLEST) for line in head.split("\n")) + 0.14 for head in numbers]
    marks_at = MARGIN + _NAME + 0.1
    chart_at = marks_at + _CELL * len(PERMITS) + 0.14
    marks = sheet.axes(marks_at, 0.3, _CELL * len(PERMITS), high)
    chart = sheet.axes(chart_at, 0.3, WIDTH - MARGIN - sum(wide) - chart_at - 0.06, high)
    own = dict(iter(steps[steps["project_id"].isin(shown["project_id"])].groupby("project_id")))
    nothing = steps.head(0)
    parts = [own.get(project, nothing) for project in shown["project_id"]]
    _permit_marks(marks, parts, heads, lang)
    _bars(chart, shown, parts, pd.Timestamp(as_of), pause, lang)
    _wall_names(sheet, shown, names, counties, high, lang)
    _wall_numbers(sheet, shown, numbers, wide, high)
    sheet.legend(entries, columns=columns)
    return sheet.figure


def _line_at(high: float, place: int) -> float:
    return 0.3 + high - _ROW * (place + 0.5)


def _wall_names(sheet: Sheet, shown: pd.DataFrame, names: Mapping[str, str], counties: Mapping[str, str], high: float, lang: str) -> None:
    """Name and, below it in grey, county, stage and next step; a thin line under each project."""
    short = shortened(shown["name"], _NAME, TEXT)
    for place, row in enumerate(shown.to_dict("records")):
        stage = names.get(str(row["stage"]), str(row["stage"]))
        where = [counties[row["county"]]] if row["county"] in counties else []
        coming = [say("wall.next", lang, step=_short_step(row["next_step"], names, lang))] if _given(row["next_step"]) else []
        y = _line_at(high, place)
        sheet.write(MARGIN, y + 0.075, short[place], va="center")
        sheet.write(MARGIN, y - 0.085, clipped(" · ".join([*where, stage, *coming]), _NAME, SMALLEST), va="center", size=SMALLEST,
                    color=palette.GREY)
    for place in range(len(shown) + 1):
        y = 0.3 + high - _ROW * place
        ends = [MARGIN / WIDTH, 1 - MARGIN / WIDTH]
        sheet.figure.add_artist(Line2D(ends, [(y + 0.42) / sheet.height] * 2, color=palette.RULE, linewidth=0.5, zorder=0))


def _short_step(step: str, names: Mapping[str, str], lang: str) -> str:
    return say(f"permit.{step}", lang) if step in (*PERMITS, *_SHORT) else names.get(step, step)


def shortened(names: Sequence[str], inches: float, size: float) -> list[str]:
    """Names cut to a width; where two would read the same, they are cut in the middle, as the end mostly tells them apart."""
    cut = [clipped(str(name), inches, size) for name in names]
    return [clipped(str(name), inches, size, 0.45) if cut.count(text) > 1 else text for name, text in zip(names, cut, strict=True)]


def clipped(text: str, inches: float, size: float, tail: float = 0.0) -> str:
    """`text` cut to a width with an ellipsis, keeping `tail` (a share of the width) of its end."""
    said = drawable(text)
    if width(said, size) <= inches:
        return said
    room = inches - width("…", size)
    end = _fitting(said[::-1], room * tail, size)[::-1]
    return _fitting(said, room - width(end, size), size).rstrip() + "…" + end.lstrip()


def _fitting(text: str, inches: float, size: float) -> str:
    """As many of the first characters as have room."""
    taken, used = 0, 0.0
    for character in text:
        used += width(character, size)
        if used > inches:
            break
        taken += 1
    return text[:taken]


def _wall_numbers(sheet: Sheet, shown: pd.DataFrame, heads: Sequence[str], wide: Sequence[float], high: float) -> None:
    """Slack in days and the chance to make the date, at the right edge under their heads."""
    for head, right in zip(heads, (WIDTH - MARGIN - wide[1], WIDTH - MARGIN), strict=True):
        sheet.write(right, 0.3 + high + 0.05, head, ha="right", va="bottom", size=SMALLEST, color=palette.GREY, linespacing=1.05)
    for place, row in enumerate(shown.to_dict("records")):
        late = not pd.isna(row["slack_days"]) and row["slack_days"] < 0
        colour = palette.WORK["overdue"] if late else palette.INK
        y = _line_at(high, place)
        sheet.write(WIDTH - MARGIN - wide[1], y, signed(row["slack_days"]), ha="right", va="center", weight="bold", color=colour)
        sheet.write(WIDTH - MARGIN, y, percent(row["chance"]), ha="right", va="center")


def signed(value: object) -> str:
    """A number with its sign; a dash for none."""
    return number(value) if value is None or pd.isna(value) or round(float(value), 1) <= 0 else f"+{number(value)}"


def _permit_marks(axes: Axes, parts: Sequence[pd.DataFrame], heads: Mapping[str, str], lang: str) -> None:
    """One mark for each permit, told apart by shape; a permit without a step has none."""
    axes.set(xlim=(-0.5, len(PERMITS) - 0.5), ylim=(len(parts) - 0.5, -0.5))
    found: dict[str, list[tuple[int, int]]] = {kind: [] for kind in MARKS}
    for place, part in enumerate(parts):
        for row in part[part["step"].isin(PERMITS)].itertuples():
            found[permit_state(row.state, row.late, getattr(row, "overtaken", False))].append((PERMITS.index(row.step), place))
    for kind, at in found.items():
        if at:
            axes.scatter(*zip(*at, strict=True), zorder=3, clip_on=False, **MARKS[kind])
    for place, head in enumerate(heads.values()):
        # Chinese stands upright, one character below the other; English is turned.
        turned = {"rotation": 90} if lang != "zh" else {"linespacing": 1.0}
        axes.annotate("\n".join(head) if lang == "zh" else head, (place, 1), (0, 4), xycoords=("data", "axes fraction"), ha="center",
                      textcoords="offset points", va="bottom", size=SMALLEST, color=palette.GREY, **turned)
    axes.set_axis_off()


def permit_state(state: str, late: object, overtaken: object = False) -> str:
    """How a permit is marked: done, not_needed, missing (open though a later step is done), late, or pending."""
    if state in ("done", "not_needed"):
        return state
    if not pd.isna(overtaken) and bool(overtaken):
        return "missing"
    return "late" if not pd.isna(late) and bool(late) else "pending"


def _bars(axes: Axes, shown: pd.DataFrame, parts: Sequence[pd.DataFrame], today: pd.Timestamp,
          pause: tuple[tuple[int, int], tuple[int, int]] | None, lang: str) -> None:
    """The bars of the projects between the latest dates, today's line, and the due dates."""
    spans = [_spans(part) for part in parts]
    low, high = _view(shown, spans, today)
    axes.set(xlim=(_at(low), _at(high)), ylim=(len(shown) - 0.5, -0.5), facecolor="none")  # lines between projects run through
    for place, (row, found) in enumerate(zip(shown.to_dict("records"), spans, strict=True)):
        for kind, (start, finish) in found.items():
            for state, one, other in split(start, finish, row["slack_days"], today):
                one, other = max(one, low), min(other, high)
                if one < other:
                    axes.barh(place, _at(other) - _at(one), _TALL[kind], left=_at(one), zorder=3, **_work_dress(state))
        if row["due"] < today:  # what is past its date is late up to today (NaT is not less)
            axes.plot([_at(max(row["due"], low)), _at(today)], [place] * 2, color=palette.WORK["overdue"], linewidth=2.2, zorder=2)
        _due_marks(axes, place, row, low, high)
    for one, other in pauses(low, high, pause):
        axes.axvspan(_at(one), _at(other), color=palette.EMPTY, linewidth=0, zorder=0)
    axes.axvline(_at(today), color=palette.INK, linewidth=1.8, zorder=5)
    axes.annotate(day(today), (_at(today), 0), (0, -4), xycoords=("data", "axes fraction"), ha="center",
                  textcoords="offset points", va="top", size=SMALLEST, weight="bold", annotation_clip=False)
    _month_ticks(axes, low, high)


def _at(date: pd.Timestamp) -> float:
    return date.toordinal()


def _work_dress(state: str) -> dict[str, object]:
    return {"facecolor": palette.WORK[state], "hatch": palette.WORK_HATCHES[state], "edgecolor": palette.INK, "linewidth": 0.6}


def _spans(part: pd.DataFrame) -> dict[str, tuple[pd.Timestamp, pd.Timestamp]]:
    """From when to when a project's preparation, works and what follows should be done at the latest."""
    part = part[(part["state"] != "not_needed") & part["latest_start"].notna() & part["latest_finish"].notna()]
    kinds = np.where(part["step"].isin(_WORKS), "works", np.where(part["step"].isin(_AFTER), "after", "before"))
    ends = np.where(part["step"] == "completion", "after", kinds)  # acceptance follows the works
    return {str(kind): (group["latest_start"].min(), group["latest_finish"].max()) for kind, group in part.groupby(ends)}


def split(start: pd.Timestamp, finish: pd.Timestamp, slack: object, today: pd.Timestamp
          ) -> list[tuple[str, pd.Timestamp, pd.Timestamp]]:
    """A bar's parts as (state, from, to): done, overdue and to_do.

    With `slack` days a project stands where its latest dates ask it to be in `slack` days: what lies before that day is done; what
    lies between it and today is overdue. Without a slack nothing is said to be done.
    """
    if pd.isna(slack):
        return [("to_do", start, finish)]
    front = today + pd.Timedelta(days=float(slack))
    cuts = [("done", start, min(front, finish)), ("overdue", max(front, start), min(today, finish)),
            ("to_do", max(front, today, start), finish)]
    return [(state, one, other) for state, one, other in cuts if one < other]


def _view(shown: pd.DataFrame, spans: Sequence[Mapping[str, tuple[pd.Timestamp, pd.Timestamp]]], today: pd.Timestamp
          ) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The days to draw: all bars and dates, but not much further from today than a year."""
    dates = [date for found in spans for pair in found.values() for date in pair] + [today]
    dates += [date for column in ("due", "planned_date") if column in shown for date in shown[column].dropna()]
    low, high = max(min(dates), today - _CLIP[0]), min(max(dates), today + _CLIP[1])
    return min(low, today - pd.Timedelta(days=45)) - pd.Timedelta(days=8), max(high, today + pd.Timedelta(days=60)) + pd.Timedelta(days=10)


def _due_marks(axes: Axes, place: int, row: Mapping[str, object], low: pd.Timestamp, high: pd.Timestamp) -> None:
    """The due date as a filled diamond, another newest plan as a hollow one; an arrowhead at the edge where it lies beyond."""
    due, planned = row["due"], row.get("planned_date")
    for date, filled in ((planned, False), (due, True)):
        if date is None or pd.isna(date) or (not filled and date == due):
            continue
        inside = low < date < high
        marker = "D" if inside else ">" if date >= high else "<"
        axes.plot(_at(min(max(date, low), high)), place, marker, markersize=6 if inside else 7, zorder=6, clip_on=False,
                  markerfacecolor=palette.INK if filled else palette.PAPER, markeredgecolor=palette.INK, markeredgewidth=1.1)


def pauses(low: pd.Timestamp, high: pd.Timestamp, pause: tuple[tuple[int, int], tuple[int, int]] | None
           ) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """The winter pauses between two days; a pause that ends earlier in the year than it begins runs over the new year."""
    if pause is None:
        return []
    over = int(pause[1] < pause[0])
    found = [(pd.Timestamp(year, *pause[0]), pd.Timestamp(year + over, *pause[1])) for year in range(low.year - 1, high.year + 1)]
    return [(max(one, low), min(other, high)) for one, other in found if one < high and other > low]


def _month_ticks(axes: Axes, low: pd.Timestamp, high: pd.Timestamp) -> None:
    """First days of months on top, so many that their labels have room."""
    room = axes.get_position().width * WIDTH
    months = pd.date_range(low.normalize(), high, freq="MS")
    every = next((gap for gap in (1, 2, 3, 6, 12) if len(months) / gap * 0.62 <= room), 12)
    spare = 0.3 * (_at(high) - _at(low)) / room  # a label on the edge would meet its neighbour's head
    ticks = [month for month in months if (month.month - 1) % every == 0 and _at(low) + spare <= _at(month) <= _at(high) - spare]
    axes.xaxis.tick_top()
    axes.set_xticks([_at(tick) for tick in ticks], [f"{tick:%Y-%m}" for tick in ticks])
    axes.set_yticks([])
    quiet(axes, "x")
    axes.tick_params(axis="x", labelsize=SMALLEST, labelcolor=palette.GREY)
    axes.spines["bottom"].set_visible(False)


def _wall_legend(shown: pd.DataFrame, today: pd.Timestamp, lang: str, winter: bool) -> list[object]:
    entries: list[object] = [Patch(**_work_dress(state), label=say(f"work.{state}", lang)) for state in palette.WORK]
    if (shown["due"] < today).any():
        entries.append(Line2D([], [], color=palette.WORK["overdue"], linewidth=2.2, label=say("wall.past", lang)))
    entries.append(Line2D([], [], linewidth=0, marker="D", markersize=6, color=palette.INK, label=say("wall.due", lang)))
    if "planned_date" in shown and (shown["planned_date"].notna() & (shown["planned_date"] != shown["due"])).any():
        entries.append(Line2D([], [], linewidth=0, marker="D", markersize=6, markerfacecolor=palette.PAPER, markeredgecolor=palette.INK,
                              label=say("wall.planned", lang)))
    if winter:
        entries.append(Patch(facecolor=palette.EMPTY, edgecolor=palette.RULE, linewidth=0.6, label=say("wall.pause", lang)))
    for kind, dress in MARKS.items():
        face = dress.get("facecolor", dress.get("color"))
        entries.append(Line2D([], [], linewidth=0, marker=dress["marker"], markersize=dress["s"] ** 0.5, markerfacecolor=face,
                              markeredgecolor=dress.get("edgecolor", dress.get("color")), markeredgewidth=dress.get("linewidth", 1.0),
                              label=say(f"permit_state.{kind}", lang)))
    return entries
