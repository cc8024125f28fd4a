"""What a notebook shows of targets and milestones: one call for each part of the page."""

from __future__ import annotations

import pandas as pd

from liantu import progress
from liantu.figures.display import Answer, Headline, PageTable, Picture
from liantu.figures.ledger_charts import reporting_delay_chart
from liantu.figures.milestone_charts import county_chart, pace_chart, target_chart
from liantu.figures.wording import day, number, percent, say
from liantu.reference import elapsed_share
from liantu.report import Report

WAN_IN_YI = 10_000
_LEAD = {1: "q1_started", 2: "q2_at_capacity", 3: "year_introduced", 4: "year_at_work"}  # the target that leads, by quarter


def theme_answer(report: Report) -> Answer:
    """The question of the quarter's theme, and its answer from the data."""
    theme = progress.theme(report)
    question = theme.question_zh if report.lang == "zh" else theme.question_en
    return Answer(question=question, answer=progress.answer(report), theme=theme.name(report.lang))


def headlines(report: Report) -> list[Headline]:
    """One headline value for each target: the number as known, the target, and what time asks for."""
    rows = progress.against_targets(report)
    return [
        Headline(name=row["target"], label=row["label"], value=row["actual"], unit=row["unit"], target=row["value"],
                 elapsed=row["share_elapsed"], note=_note(row, report), status=row["status"], order=order)
        for order, row in enumerate(rows.to_dict("records"), 1)]


def against_targets(report: Report) -> list[Picture]:
    """A chart for each target: target, actual by quarter, what the elapsed share of time asks for, the gap, and late reports."""
    targets = {target.id: target for target in report.targets.targets}
    rows = progress.against_targets(report).to_dict("records")
    return [
        target_chart(row, progress.by_quarter(report, targets[row["target"]]), **report.stamp)
        for row in rows]


def pace(report: Report) -> list[Picture | PageTable]:
    """Share of each target done against the share of its time gone (where there are targets), and investment against the year's plan."""
    rows, lang = progress.against_targets(report), report.lang
    pictures = [] if rows["value"].isna().all() else [pace_chart(rows, **report.stamp)]
    money = progress.investment_by_county(report)
    table = pd.DataFrame({
        "county_name": money["county_name"], "projects": money["projects"], "plan": money["plan_wan"] / WAN_IN_YI,
        "done": money["done_wan"] / WAN_IN_YI, "share": [percent(share) for share in money["share"]]})
    labels = {column: say(f"money.column.{column}", lang) for column in table.columns}
    title = say("money.title", lang, share=percent(money["share"].iloc[-1]), elapsed=percent(elapsed_share(report.as_of)))
    return [*pictures, PageTable("investment", title, table, labels, say("money.caption", lang), {"share": "right"})]


def counties(report: Report) -> Picture:
    """What counts toward each target, by county; always all seven."""
    city = report.whole_city
    return county_chart(progress.by_county(city), lead=_LEAD[report.quarter.number], **city.stamp)


def reporting_delay(report: Report) -> Picture:
    """Days from an event to the first ledger that reports it, by stage."""
    first = report.table("observations")["snapshot"].min()
    delays = progress.reporting_delays(report.milestones, first)
    terms = report.city.vocabulary.terms("stages")
    return reporting_delay_chart(delays, names={stage: term.name(report.lang) for stage, term in terms.items()}, **report.stamp)


def _note(row: dict, report: Report) -> str:
    lang, parts = report.lang, []
    if row["demanded"] is not None and not pd.isna(row["demanded"]):
        parts.append(say("target.fact.demanded", lang, demanded=number(row["demanded"])))
    if row["late"]:
        parts.append(say("target.fact.late", lang, late=number(row["late"])))
    if row["undated"]:
        parts.append(say("target.fact.undated", lang, undated=number(row["undated"])))
    return say("sentence.join", lang).join(parts) or day(report.as_of)
