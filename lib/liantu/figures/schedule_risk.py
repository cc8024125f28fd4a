"""What a notebook shows of schedules, of the city or one county: one call for each part of the page.

How long steps take, how plans slip and what is forecast is learnt from the whole city, so a county's page opens more than its own ledgers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from liantu.figures import behind
from liantu.figures.display import BESIDE_THE_INDEX, Answer, Headline, PageTable, Picture, WatchItem, WatchList
from liantu.figures.forecast_charts import county_forecast_chart
from liantu.figures.forecast_words import notes_text
from liantu.figures.gap_words import labels, nothing
from liantu.figures.schedule_charts import late_steps_chart, slack_chart, wall_chart
from liantu.figures.slip_charts import plan_versions_chart, slip_chart, uplift_chart
from liantu.figures.wording import chance_text, day, number, say
from liantu.progress.plan_versions import plan_versions
from liantu.progress.scheduling.project_schedules import ProjectSchedules, project_schedules
from liantu.progress.scheduling.step_rules import step_rules
from liantu.progress.slips import QUANTILES, reference_class, slip_summary
from liantu.progress.slips import slips as plan_slips
from liantu.progress.target_forecasts import target_forecasts
from liantu.progress.targets import counted_targets
from liantu.report import Report

WATCHED = 6
_LISTED = 60
_STAGES = ("started", "completed", "producing", "at_capacity")  # that have plan dates
_OPEN = ("late", "tight", "on_track", "unknown")


def answer(report: Report) -> list[Answer | Headline]:
    """How many open projects are late, tight and on track, how many will make their date, and which step holds most of them up."""
    made, lang, question = project_schedules(report), report.lang, say("schedule.question", report.lang)
    projects = made.projects[made.projects["verdict"] != "done"]
    counts = projects["verdict"].value_counts().reindex(_OPEN, fill_value=0)
    if projects.empty or counts["unknown"] == len(projects):
        return [Answer(question, say("schedule.answer.none", lang, n=number(len(projects))))]
    dated = projects[projects["chance"].notna()]
    first = say("schedule.answer", lang, place=report.place, n=number(len(projects)), dated=number(len(projects) - counts["unknown"]),
                late=number(counts["late"]), tight=number(counts["tight"]), on_track=number(counts["on_track"]),
                unknown=number(counts["unknown"]))
    second = "" if dated.empty else say(
        "schedule.answer.expected", lang, n=number(len(dated)), expected=number(round(dated["chance"].sum())))
    return [Answer(question, "\n".join(line for line in (first, second, _stuck(report, made)) if line)), *_cards(report, projects, counts)]


def _stuck(report: Report, made: ProjectSchedules) -> str:
    lang = report.lang
    late = made.steps[made.steps["late"] & ~made.steps["overtaken"]]
    if late.empty:
        return ""
    counts = late["step"].value_counts()
    return say("schedule.answer.stuck", lang, step=step_names(report)[counts.index[0]], n=number(counts.iloc[0]))


def _cards(report: Report, projects: pd.DataFrame, counts: pd.Series) -> list[Headline]:
    lang, unit = report.lang, say("schedule.unit", report.lang)
    dated = len(projects) - int(counts["unknown"])
    return [
        Headline("schedule_late", say("schedule.card.late", lang), int(counts["late"]), unit,
                 note=say("schedule.card.of", lang, n=number(dated)), order=BESIDE_THE_INDEX),
        Headline("schedule_expected", say("schedule.card.expected", lang), round(float(projects["chance"].sum())), unit,
                 note=say("schedule.card.chance", lang, n=number(projects["chance"].notna().sum())), order=BESIDE_THE_INDEX + 1)]


def step_names(report: Report) -> dict[str, str]:
    """The steps as readers call them, in their order."""
    return {step.id: step.name(report.lang) for step in step_rules(report.city).steps}


def _names(report: Report) -> dict[str, str]:
    stages = {stage: term.name(report.lang) for stage, term in report.city.vocabulary.terms("stages").items()}
    return stages | step_names(report)


def _counties(report: Report) -> dict[str, str]:
    codes = [report.parameters.county] if report.parameters.county else [*report.city.divisions.codes, report.city.divisions.city.code]
    return {code: behind.county_name(report, code) for code in codes}


def wall(report: Report) -> list[Picture | PageTable]:
    """The wall chart of the most pressing projects, and the list of all that are late."""
    made = project_schedules(report)
    pause = report.city.calendar.winter_pause
    rest = ((pause.start_month, pause.start_day), (pause.end_month, pause.end_day))
    chart = wall_chart(made.projects, made.steps, **report.stamp, names=_names(report), counties=_counties(report), pause=rest)
    return [chart, *_late_list(report, made)]


def _late_list(report: Report, made: ProjectSchedules) -> list[PageTable]:
    lang, names = report.lang, _names(report)
    rows = made.projects[made.projects["verdict"].isin(["late", "tight"])].sort_values(["slack_days", "project_id"])
    shown = rows if report.parameters.county else rows.head(_LISTED)
    table = pd.DataFrame({
        "name": shown["name"], "county": behind.county_names(report, shown["county"]), "department": shown["department"],
        "stage": [names.get(stage, stage) for stage in shown["stage"]],
        "due": [day(date) for date in shown["due"]], "due_from": [say(f"schedule.due_from.{source}", lang) for source in shown["due_from"]],
        "next_step": [names.get(step, "–") for step in shown["next_step"]], "slack_days": shown["slack_days"].round(),
        "late_steps": shown["late_steps"], "chance": [chance_text(value) for value in shown["chance"]],
        "likely": [day(date) if pd.notna(date) else "–" for date in shown["likely"]]})
    title = say("schedule.list.title", lang, n=number(len(rows)), shown=number(len(shown)))
    align = {"chance": "right", "due": "center", "likely": "center"}
    caption = "\n".join([say("schedule.list.caption", lang), *notes_text(made.notes, "schedule", lang)])
    return [PageTable("late_projects", title, table, labels(table, "schedule.list", lang), caption, align)] if len(rows) else []


def slack(report: Report) -> Picture:
    """Late, tight and on track by county, the spread of slack, and how many are expected to make their dates."""
    return slack_chart(project_schedules(report).projects, **report.stamp, names=_counties(report))


def late_steps(report: Report) -> list[Picture | PageTable]:
    """Which steps are late, by county, and how long steps take: by law, as observed, and what is used."""
    made, names = project_schedules(report), step_names(report)
    chart = late_steps_chart(made.steps, made.projects, **report.stamp, names=names, groups=_counties(report))
    return [chart, _lengths(report, made, names)]


def _lengths(report: Report, made: ProjectSchedules, names: dict[str, str]) -> PageTable:
    lang, table = report.lang, made.durations
    table = table.assign(step=[names[step] for step in table["step"]])
    return PageTable("step_lengths", say("schedule.lengths.title", lang), table, labels(table, "schedule.lengths", lang),
                     say("schedule.lengths.caption", lang))


def expected(report: Report) -> Picture:
    """What each target's count will be at its due date, by county or of the one county, with 90 % bands."""
    if report.card.kind == "public":
        return nothing(report, "county_forecasts", "scorecard.subject")
    rows = target_forecasts(report).table
    own = report.parameters.county
    rows = rows[rows["county"] == own] if own else rows[rows["county"] != ""]
    targets = {target.id: target.name(report.lang) for target in counted_targets(report)}
    return county_forecast_chart(rows, **report.stamp, counties=_counties(report), names=targets)


def plans(report: Report) -> list[Picture]:
    """Starts and completions by month: as first planned, as planned now, and as happened."""
    versions = plan_versions(report)
    names = {stage: term.name(report.lang) for stage, term in report.city.vocabulary.terms("stages").items()}
    return [plan_versions_chart(versions, stage, **report.stamp, names=names) for stage in ("started", "completed")]


def slips(report: Report) -> list[Picture]:
    """How far plan dates moved, by county and by department, and how many moves give no reason."""
    counties = _counties(report)
    made = [] if report.parameters.county else [_slips_by(report, "county", counties)]
    stages = {stage: term.name(report.lang) for stage, term in report.city.vocabulary.terms("stages").items()}
    if report.parameters.county:
        made.append(_slips_by(report, "stage", stages))
    return [*made, _slips_by(report, "department", {})]


def _slips_by(report: Report, by: str, names: Mapping[str, str]) -> Picture:
    chart = slip_chart(slip_summary(report, by), **report.stamp, names=names)
    return replace(chart, name=f"{chart.name}_{by}")


def uplift(report: Report) -> Picture:
    """The days to add to an original plan so that it is kept with a chance of 50, 80 and 90 %, by stage."""
    rows, county = plan_slips(report.whole_city), report.parameters.county
    table = pd.concat([reference_class(rows, stage, QUANTILES, county) for stage in _STAGES], ignore_index=True)
    stages = {stage: term.name(report.lang) for stage, term in report.city.vocabulary.terms("stages").items()}
    return uplift_chart(table, **report.stamp, names=stages)


def watch(report: Report) -> list[WatchList]:
    """The projects with most money whose date has slipped away, and what they wait for."""
    made, lang = project_schedules(report), report.lang
    rows = made.projects[made.projects["verdict"] == "late"]
    if rows.empty:
        return []
    money = report.projects.set_index("project_id")["total_investment_wan"]
    rows = rows.assign(money=rows["project_id"].map(money)).sort_values(["money", "project_id"], ascending=[False, True])
    names = _names(report)
    items = tuple(WatchItem(
        say("schedule.watch.what", lang, name=row["name"], due=day(row["due"])),
        say("schedule.watch.why", lang, step=names.get(row["next_step"], "–"), days=number(abs(round(row["slack_days"]))),
            chance=chance_text(row["chance"])),
        behind.county_name(report, row["county"]), row["due"]) for row in rows.head(WATCHED).to_dict("records"))
    note = say("schedule.watch.note", lang, n=number(len(rows)), shown=number(len(items)))
    return [WatchList("schedules", say("schedule.watch.title", lang), items, note, 15)]
