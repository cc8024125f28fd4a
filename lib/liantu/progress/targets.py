"""Actual counts held against the year's targets: by quarter, by county, against the elapsed share of time (序时进度)."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import numpy as np
import pandas as pd

from liantu.progress.counts import events, undated
from liantu.reference import Quarter, Target, elapsed_share
from liantu.reference.opened import kept
from liantu.report import Report
from liantu.tables.runs import among


def counted_targets(report: Report) -> list[Target]:
    """The targets of the year that are counted from the project ledgers, in their order."""
    return year_targets(report, report.quarter.year)


def year_targets(report: Report, year: int) -> list[Target]:
    """The targets of another year that are counted from the project ledgers, in their order."""
    return [target for target in report.city.targets(year).targets if target.measure]


def counted_in(report: Report, target: Target) -> pd.DataFrame:
    """The projects that count toward a target, of any year, as known at `as_of`: project_id, date, first_reported."""
    return _events(report, target, min(report.as_of, target.due))


@kept(maxsize=4)
def against_targets(report: Report) -> pd.DataFrame:
    """One row for each counted target, as known at `report.as_of`.

    Columns: target, label, value (None where there is a `reason`, see `without_targets`), reason, unit, due, window_start, counting,
    actual, late (of the actual, not known at the end of the quarter they fell in), withdrawn, undated, demanded (value x elapsed share
    of the window), gap (actual - demanded), share_done, share_elapsed, pace_needed (a month, to the due date), status, base_rates.
    It is kept, so the caller must not change it.
    """
    return pd.DataFrame([_row(report, target) for target in counted_targets(report)])


@kept(maxsize=16)
def by_quarter(report: Report, target: Target) -> pd.DataFrame:
    """One row for each quarter of the target's window, past and to come.

    Columns: quarter, in_time (known at that quarter's own end and still counted), late (known only later), withdrawn (counted then, no
    longer), cumulative_in_time, cumulative, demanded_cumulative (None without a value), known (the quarter has ended by `as_of`).
    It is kept, so the caller must not change it.
    """
    now, value = counted(report, target), _value(report, target)
    rows = []
    counts = Counter(zip(now["quarter"], now["late"], strict=True))
    for quarter in _quarters(target):
        rows.append({
            "quarter": str(quarter), "in_time": counts[str(quarter), False], "late": counts[str(quarter), True],
            "withdrawn": _withdrawn(report, target, quarter, now), "known": quarter.end <= report.as_of,
            "demanded_cumulative": None if value is None else value * window_share(target, quarter.end)})
    table = pd.DataFrame(rows)
    table["cumulative_in_time"] = table["in_time"].cumsum()
    table["cumulative"] = (table["in_time"] + table["late"]).cumsum()
    return table


def by_county(report: Report) -> pd.DataFrame:
    """Counted events by county and target as known at `as_of`, every county with every target, and the city's own projects if any count.

    Columns: county, county_name, measure (target id), label, actual, late (of the actual, see `by_quarter`).
    """
    city = report.city.divisions.city.code
    names = {code: report.county_name(code) for code in report.city.divisions.codes}
    names[city] = "市本级" if report.lang == "zh" else "City's own"
    home = report.projects.set_index("project_id")["county"]
    rows = []
    for target in counted_targets(report):
        now = counted(report, target)
        county = now["project_id"].map(home)
        actual = county.value_counts().reindex(list(names), fill_value=0)
        late = county[now["late"]].value_counts().reindex(list(names), fill_value=0)
        rows += [{"county": code, "county_name": name, "measure": target.id, "label": target.name(report.lang),
                  "actual": int(actual[code]), "late": int(late[code])} for code, name in names.items()]
    table = pd.DataFrame(rows)
    return table if table.loc[table["county"] == city, "actual"].any() else table[table["county"] != city].reset_index(drop=True)


@kept(maxsize=16)
def counted(report: Report, target: Target) -> pd.DataFrame:
    """The projects that count toward a target as known at `as_of`: project_id, date, first_reported, quarter, late.

    `late` is True when the project was not yet counted at the end of the quarter in which its event lies. A quarter that ended before the
    first ledger was collected tells no lateness: nothing in it is late. It is kept, so the caller must not change it.
    """
    now = counted_in(report, target)
    names = {day: str(Quarter.of(day)) for day in now["date"].unique()}
    now = now.assign(quarter=[names[day] for day in now["date"]])
    late, collected = np.zeros(len(now), dtype=bool), report.table("observations")["snapshot"].min()
    for past in _quarters(target):
        if past.end < report.as_of and pd.Timestamp(past.end) >= collected:
            then = _events(report.known_at(past.end), target, past.end)
            late |= (now["quarter"] == str(past)).to_numpy() & ~among(now["project_id"], then["project_id"])
    return now.assign(late=late)


def window_share(target: Target, day: dt.date) -> float:
    """Share of the target's window that has passed at the end of `day`, 0 to 1, whole quarters counted as quarters."""
    start = _start(target)
    before = elapsed_share(start) if start.day != 1 else (start.month - 1) / 12
    whole = elapsed_share(target.due) - before
    passed = elapsed_share(day) + (day.year - start.year) - before
    return min(max(passed / whole, 0.0), 1.0)


def investment_progress(report: Report) -> dict[str, float]:
    """Investment done in the year against the year's plan, from the newest ledger of the year of each project that gives a plan.

    Returns plan_wan, done_wan, share (done / plan, NaN without a plan), projects (with a plan).
    """
    newest = investment_rows(report)
    plan, done = newest["plan_year_wan"].sum(), newest["done_year_wan"].sum()
    return {"plan_wan": plan, "done_wan": done, "share": done / plan if plan else float("nan"), "projects": len(newest)}


@kept(maxsize=16)
def investment_rows(report: Report) -> pd.DataFrame:
    """The newest row of `investments` in the year of each project that gives a plan; it is kept, so the caller must not change it."""
    rows = report.investments
    rows = rows[rows["snapshot"].dt.year == report.quarter.year].sort_values("snapshot")
    return rows.drop_duplicates("project_id", keep="last").dropna(subset=["plan_year_wan"])


def investment_by_county(report: Report) -> pd.DataFrame:
    """`investment_progress` of each county and, last, the city (211300): county, county_name, projects, plan_wan, done_wan, share.

    Of a county's report only the county itself.
    """
    own, city = report.parameters.county, report.city.divisions.city.code
    all_of_them = [(code, report.known_in(code)) for code in report.city.divisions.codes]
    parts = [(own, report)] if own else [*all_of_them, (city, report.whole_city)]
    return pd.DataFrame([{"county": code, "county_name": report.county_name(code), **investment_progress(part)} for code, part in parts])


@kept(maxsize=256)  # one page asks for the same counts in its text, its cards and its charts
def _events(report: Report, target: Target, until: dt.date) -> pd.DataFrame:
    return events(report.tables, target.measure, _start(target), until)


def _withdrawn(report: Report, target: Target, quarter: Quarter, now: pd.DataFrame) -> int:
    """Projects that counted in `quarter` at its own end and no longer do."""
    if quarter.end >= report.as_of:
        return 0
    then = _events(report.known_at(quarter.end), target, quarter.end)
    then = then[then["date"] >= pd.Timestamp(quarter.start)]
    return len(then) - int(among(then["project_id"], now["project_id"]).sum())


def _quarters(target: Target) -> list[Quarter]:
    start = _start(target)
    return [quarter for quarter in Quarter.of(target.due).of_year if start <= quarter.start and quarter.end <= target.due]


def _start(target: Target) -> dt.date:
    return target.window_start or dt.date(target.due.year, 1, 1)


def _row(report: Report, target: Target) -> dict[str, object]:
    quarters = by_quarter(report, target)
    actual = int(quarters["cumulative"].iloc[-1])
    elapsed = window_share(target, report.as_of)
    value = _value(report, target)
    demanded = None if value is None else value * elapsed
    lang = report.lang
    rates = [{"value": rate.value, "label": rate.name(lang), "source": rate.source}
             for rate in report.targets.base_rates if rate.target == target.id and value]
    return {
        "target": target.id, "label": target.name(lang), "value": value, "reason": without_targets(report),
        "unit": "个" if lang == "zh" else "projects",
        "due": target.due, "window_start": target.window_start, "counting": target.counting_zh if lang == "zh" else target.counting_en,
        "actual": actual, "late": int(quarters["late"].sum()), "withdrawn": int(quarters["withdrawn"].sum()),
        "undated": undated(report.tables, target.measure),
        "demanded": demanded, "gap": None if demanded is None else actual - demanded,
        "share_done": None if value is None else actual / value,
        "share_elapsed": elapsed, "pace_needed": _pace_needed(target, value, actual, report.as_of),
        "status": _status(value, actual, demanded, report.as_of, target.due), "base_rates": rates}


def _value(report: Report, target: Target) -> float | None:
    """The target's number; None where `without_targets` names a reason."""
    return None if without_targets(report) else target.value


def comparable(report: Report) -> bool:
    """Whether counts can be held against targets at all: neither for a county nor for a public record."""
    return report.card.kind != "public" and not report.parameters.county


def without_targets(report: Report) -> str:
    """Why the counts cannot be held against targets, in the report's language; empty when they can."""
    zh = report.lang == "zh"
    if report.card.kind == "public":
        return "公开记录不是台账，不能与目标比较。" if zh else "A public record is no ledger and cannot be held against targets."
    if report.parameters.county:
        return "讲话没有给各县（市）区分解目标。" if zh else "The speech sets no targets by county."
    if all(target.value is None for target in counted_targets(report)):
        return f"{report.quarter.year}年没有可用的目标。" if zh else f"No targets are on record for {report.quarter.year}."
    return ""


def months_left(due: dt.date, day: dt.date) -> int:
    """Whole calendar months after `day` to `due`; a month counts until its 28th. Zero or less: none is left."""
    return (due.year - day.year) * 12 + due.month - day.month + (0 if day.day >= 28 else 1)


def _pace_needed(target: Target, value: float | None, actual: int, day: dt.date) -> float | None:
    """Events a month needed from `day` to the due date; None without a target or after the due date."""
    months = months_left(target.due, day)
    return None if value is None or months <= 0 else max(value - actual, 0) / months


def _status(value: float | None, actual: int, demanded: float | None, day: dt.date, due: dt.date) -> str:
    if value is None:
        return "unknown"
    if actual >= value:
        return "met"
    if day >= due:
        return "missed"
    return "ahead" if actual >= demanded else "behind"
