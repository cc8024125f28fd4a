"""What a notebook shows of targets and milestones: one call for each part of the page."""

from __future__ import annotations

import pandas as pd

from liantu import progress
from liantu.figures import behind
from liantu.figures.display import Answer, Behind, Headline, PageTable, Picture, TrendPoint, WatchItem, WatchList
from liantu.figures.ledger_charts import reporting_delay_chart
from liantu.figures.milestone_charts import county_chart, pace_chart, target_chart
from liantu.figures.wording import WAN_IN_YI, day, number, percent, quarter_name, say
from liantu.progress.targets import counted, counted_targets
from liantu.reference import Quarter, Target, elapsed_share
from liantu.report import Report

_LEAD = {1: "q1_started", 2: "q2_at_capacity", 3: "year_introduced", 4: "year_at_work"}  # the target that leads, by quarter


def theme_answer(report: Report) -> Answer:
    """The question of the quarter's theme, and its answer from the data."""
    theme = progress.theme(report)
    question = theme.question_zh if report.lang == "zh" else theme.question_en
    return Answer(question=question, answer=progress.answer(report), theme=theme.name(report.lang))


def headlines(report: Report) -> list[Headline]:
    """One headline value for each target: the number as known, the target, what time asks for, and the values of the quarters before."""
    rows, trend = progress.against_targets(report), progress.trends(report)
    points = {target: tuple(TrendPoint(row.quarter, row.value, row.target_value) for row in part.itertuples())
              for target, part in trend.groupby("target")}
    return [
        Headline(name=row["target"], label=row["label"], value=row["actual"], unit=row["unit"], target=row["value"],
                 elapsed=row["share_elapsed"], note=_note(row, report), status=row["status"], order=order,
                 trend=points.get(row["target"], ()))
        for order, row in enumerate(rows.to_dict("records"), 1)]


def against_targets(report: Report) -> list[Picture]:
    """A chart for each target: target, actual by quarter, what the elapsed share of time asks for, the gap, and late reports."""
    targets = {target.id: target for target in counted_targets(report)}
    rows = progress.against_targets(report).to_dict("records")
    return [
        target_chart(row, progress.by_quarter(report, target), **report.stamp).backed_by(_behind_quarters(report, target))
        for row in rows for target in (targets[row["target"]],)]


def pace(report: Report) -> list[Picture | PageTable]:
    """Share of each target done against the share of its time gone (where there are targets), and investment against the year's plan."""
    rows, lang = progress.against_targets(report), report.lang
    pictures = [] if rows["value"].isna().all() else [pace_chart(rows, **report.stamp).backed_by(_behind_targets(report))]
    money = progress.investment_by_county(report)
    table = pd.DataFrame({
        "county_name": money["county_name"], "projects": money["projects"], "plan": money["plan_wan"] / WAN_IN_YI,
        "done": money["done_wan"] / WAN_IN_YI, "share": [percent(share) for share in money["share"]]})
    labels = {column: say(f"money.column.{column}", lang) for column in table.columns}
    title = say("money.title.county" if report.parameters.county else "money.title", lang, place=report.place,
                share=percent(money["share"].iloc[-1]), elapsed=percent(elapsed_share(report.as_of)))
    return [*pictures, PageTable("investment", title, table, labels, say("money.caption", lang), {"share": "right"})]


def counties(report: Report) -> Picture:
    """What counts toward each target, by county, always all seven; on a county's page the county alone, for the others have their own."""
    table, own = progress.by_county(report), report.parameters.county
    table = table[table["county"] == own].reset_index(drop=True) if own else table
    picture = county_chart(table, lead=_LEAD[report.quarter.number], **report.stamp)
    return picture.backed_by(_behind_counties(report))


def reporting_delay(report: Report) -> Picture:
    """Days from an event to the first ledger that reports it, by stage."""
    first = report.table("observations")["snapshot"].min()
    delays = progress.reporting_delays(report.milestones, first)
    terms = report.city.vocabulary.terms("stages")
    return reporting_delay_chart(delays, names={stage: term.name(report.lang) for stage, term in terms.items()}, **report.stamp)


def watch(report: Report) -> list[WatchList]:
    """The targets that are behind time or were missed, with the quarter since whose end they are; none where there are no targets."""
    lang, targets, items = report.lang, {target.id: target for target in counted_targets(report)}, []
    rows = progress.against_targets(report)
    for row in rows[rows["status"].isin(["behind", "missed"])].sort_values("gap").to_dict("records"):
        what = say("watch.targets.what", lang, label=row["label"], actual=number(row["actual"]), value=number(row["value"]))
        why = say(f"watch.targets.{row['status']}", lang, gap=number(abs(row["gap"])), pace=number(row["pace_needed"]))
        items.append(WatchItem(what, why, "", _behind_since(progress.by_quarter(report, targets[row["target"]]), row["due"])))
    return [WatchList("targets", say("watch.targets.title", lang), tuple(items), say("watch.targets.note", lang), 10)] if items else []


def _behind_since(quarters: pd.DataFrame, due: object) -> object:
    """The last day of the first quarter since which the count, as known now, was below what time demands at every quarter's end."""
    known = quarters[quarters["known"]]
    short = (known["cumulative"] < known["demanded_cumulative"].astype("float64"))[::-1].cumprod()[::-1].astype(bool)
    return Quarter.parse(known.loc[short, "quarter"].iloc[0]).end if short.any() else due


def _behind_quarters(report: Report, target: Target) -> Behind:
    """Each project counted, by the quarter in which its event lies and whether it was reported in time."""
    rows, times = counted(report, target), _times(report)
    parts = list(zip(rows["quarter"], rows["late"], strict=True))
    bar = {part: say("behind.bar.quarter", report.lang, quarter=quarter_name(part[0], report.lang), time=times[part[1]])
           for part in dict.fromkeys(parts)}
    made = rows.assign(bar=[bar[part] for part in parts], told=behind.TOLD[target.measure])
    made = made.sort_values(["quarter", "late", "date", "project_id"])
    return behind.rows(report, made)


def _behind_targets(report: Report) -> Behind:
    """Each project counted toward each target."""
    made = [counted(report, target).assign(bar=target.name(report.lang), told=behind.TOLD[target.measure])
            for target in counted_targets(report)]
    return behind.rows(report, pd.concat(made, ignore_index=True))


def _behind_counties(report: Report) -> Behind:
    """Each project counted toward each target by county; on a county's page only its own, for the others have pages of their own."""
    lang, times, made = report.lang, _times(report), []
    home = report.projects.set_index("project_id")["county"]
    for target in counted_targets(report):
        rows = counted(report, target).assign(told=behind.TOLD[target.measure])
        rows = rows.assign(county=rows["project_id"].map(home)).dropna(subset=["county"]).sort_values(["county", "late", "date"])
        label, parts = target.name(lang), list(zip(rows["county"], rows["late"], strict=True))
        bar = {part: say("behind.bar.county", lang, label=label, county=behind.county_name(report, part[0]), time=times[part[1]])
               for part in dict.fromkeys(parts)}
        made.append(rows.assign(bar=[bar[part] for part in parts]))
    found = pd.concat(made, ignore_index=True)
    title = say("behind.own_county", lang, place=report.place, n=number(len(found))) if report.parameters.county else ""
    return behind.rows(report, found, title=title)


def _times(report: Report) -> dict[bool, str]:
    return {late: say("target.late" if late else "target.in_time", report.lang) for late in (False, True)}


def _note(row: dict, report: Report) -> str:
    lang, parts = report.lang, []
    if row["demanded"] is not None and not pd.isna(row["demanded"]):
        parts.append(say("target.fact.demanded", lang, demanded=number(row["demanded"])))
    if row["late"]:
        parts.append(say("target.fact.late", lang, late=number(row["late"])))
    if row["undated"]:
        parts.append(say("target.fact.undated", lang, undated=number(row["undated"])))
    return say("sentence.join", lang).join(parts) or day(report.as_of)
