"""The question of each quarter's theme, answered from data in one or two sentences."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from liantu.progress.targets import against_targets, investment_progress, without_targets
from liantu.reference import Theme
from liantu.report import Report

HALF = 0.5  # what 双过半 asks of a year's task at mid-year


def theme(report: Report) -> Theme:
    """The theme of the report's quarter."""
    return report.city.calendar.theme(report.quarter.number)


def answer(report: Report) -> str:
    """The theme's question answered from the counts as known at `report.as_of`, in the report's language.

    Where counts cannot be held against targets (`without_targets`) it gives counts and investment progress only.
    """
    table = against_targets(report)
    if table["value"].isna().any():
        return _counts_only(report, table)
    sentences = {1: _strong_start, 2: _half_way, 3: _what_is_missing, 4: _year_close}[report.quarter.number]
    return sentences(report, table)


def _strong_start(report: Report, table: pd.DataFrame) -> str:
    row = table.set_index("target").loc["q1_started"]
    short = row["value"] - row["actual"]
    if report.lang == "zh":
        verdict = "达到" if short <= 0 else "还差" + _number(short) + "个，未达到"
        return (f"{_day(report.as_of, 'zh')}所知，一季度开工{row['actual']}个，目标{_number(row['value'])}个，{verdict}目标。"
                f"台账有迟报，这一数字以后各期还会上修。")
    verdict = "the target is met" if short <= 0 else f"{_number(short)} short of it"
    return (f"As known on {_day(report.as_of, 'en')}, {row['actual']} projects started in the first quarter against a target of "
            f"{_number(row['value'])}: {verdict}. Ledgers report late, so later ledgers will raise this number.")


def _half_way(report: Report, table: pd.DataFrame) -> str:
    year = table[[due.month == 12 for due in table["due"]]]
    past = year[year["share_done"] >= HALF]
    capacity = table.set_index("target").loc["q2_at_capacity"]
    money = investment_progress(report)
    if report.lang == "zh":
        tasks = "、".join(f"{row.label}完成{_percent(row.share_done)}" for row in year.itertuples())
        return (f"时间过半，{len(year)}项年度任务中{len(past)}项过半：{tasks}；二季度达产{capacity['actual']}个，"
                f"为目标{_number(capacity['value'])}个的{_percent(capacity['share_done'])}。"
                f"年度计划投资完成{_percent(money['share'])}（{money['projects']}个报了年度计划的项目）。")
    tasks = "; ".join(f"{_label(row, 'en')} {_percent(row.share_done)}" for row in year.itertuples())
    return (f"Half the year is gone and {len(past)} of {len(year)} year targets are half done: {tasks}. "
            f"At capacity by Q2: {capacity['actual']}, {_percent(capacity['share_done'])} of the target of {_number(capacity['value'])}. "
            f"Investment stands at {_percent(money['share'])} of the year's plan ({money['projects']} projects with a plan).")


def _what_is_missing(report: Report, table: pd.DataFrame) -> str:
    zh, parts = report.lang == "zh", []
    for row in table.itertuples():
        short = row.value - row.actual
        if short <= 0:
            parts.append(f"{row.label}已完成（{row.actual}个）" if zh else f"{_label(row, 'en')} is met ({row.actual})")
        elif row.due <= report.as_of:
            parts.append(f"{row.label}到期未完成，差{_number(short)}个" if zh else f"{_label(row, 'en')} fell due {_number(short)} short")
        else:
            parts.append(f"{row.label}差{_number(short)}个，此后每月需{row.pace_needed:.1f}个" if zh else
                         f"{_label(row, 'en')} lacks {_number(short)}, {row.pace_needed:.1f} a month from now")
    return ("；".join(parts) + "。") if zh else _sentence("; ".join(parts) + ".")


def _year_close(report: Report, table: pd.DataFrame) -> str:
    met, missed = table[table["status"] == "met"], table[table["status"] != "met"]
    if report.lang == "zh":
        listed = "；".join(f"{row.label}{row.actual}个（目标{_number(row.value)}个）" for row in missed.itertuples())
        return f"{len(table)}项目标中完成{len(met)}项。" + (f"未完成：{listed}。" if listed else "") + "迟报会在下一年的台账中补上。"
    listed = "; ".join(f"{_label(row, 'en')} {row.actual} of {_number(row.value)}" for row in missed.itertuples())
    missing = f"Not met: {listed}. " if listed else ""
    return f"{len(met)} of {len(table)} targets were met. {missing}Late reports will still come in next year's ledgers."


def _counts_only(report: Report, table: pd.DataFrame) -> str:
    money = investment_progress(report)
    zh, why = report.lang == "zh", without_targets(report)
    join = "、" if zh else "; "
    counts = join.join(f"{row.label}{row.actual}个" if zh else f"{_label(row, 'en')} {row.actual}" for row in table.itertuples())
    if zh:
        invested = f"；年度计划投资完成{_percent(money['share'])}，时间已过{_percent(_elapsed(table))}" if money["projects"] else ""
        return f"{report.place}：{counts}{invested}。{why}"
    invested = (f" Investment stands at {_percent(money['share'])} of the year's plan with {_percent(_elapsed(table))} of the year gone."
                if money["projects"] else "")
    return f"{report.place}: {counts}.{invested} {why}"


def _elapsed(table: pd.DataFrame) -> float:
    return float(table["share_elapsed"].iloc[-1])


def _percent(share: float) -> str:
    return "—" if pd.isna(share) else f"{100 * share:.1f}%"


def _number(value: float) -> str:
    return f"{value:,.0f}"


def _day(day: dt.date, lang: str) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if lang == "zh" else f"{day.day} {day:%B %Y}"


def _label(row: object, lang: str) -> str:
    """A target's label inside a sentence."""
    return row.label if lang == "zh" else row.label[0].lower() + row.label[1:]


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
