"""What a notebook shows of targets and milestones: one call for each part of the page."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from liantu import progress
from liantu.figures import behind
from liantu.figures.delay_chart import FEW, delay_chart
from liantu.figures.display import Answer, Behind, Headline, PageTable, Picture, TrendPoint, WatchItem, WatchList
from liantu.figures.forecast_charts import county_forecast_chart, methods_chart
from liantu.figures.forecast_words import notes_text, outlook
from liantu.figures.gap_words import labels
from liantu.figures.ledger_charts import reporting_delay_chart
from liantu.figures.milestone_charts import county_chart, pace_chart, target_chart
from liantu.figures.pace_charts import county_pace_chart, earned_schedule_chart, investment_chart
from liantu.figures.wording import WAN_IN_YI, day, number, percent, quarter_name, say
from liantu.progress.delays import delay_distribution
from liantu.progress.earned_schedule import schedule_performance
from liantu.progress.investment_curve import investment_curve
from liantu.progress.nowcasts import nowcast
from liantu.progress.target_forecasts import target_forecasts
from liantu.progress.targets import comparable, counted, counted_targets
from liantu.reference import Quarter, Target, elapsed_share
from liantu.report import Report

_LISTED = 40
_CUMULATIVE = {"cumulative": "reported", "cumulative_mean": "mean", "cumulative_q05": "q05", "cumulative_q95": "q95"}
_LEAD = {1: "q1_started", 2: "q2_at_capacity", 3: "year_introduced", 4: "year_at_work"}  # the target that leads, by quarter


def theme_answer(report: Report) -> Answer:
    """The question of the quarter's theme, its answer from the data, and, for the city, what the targets still to come will end at."""
    theme, lang = progress.theme(report), report.lang
    question = theme.question_zh if lang == "zh" else theme.question_en
    told = [progress.answer(report)]
    if comparable(report):
        looks = [(target, outlook(report, target_forecasts(report), target, rates=False)) for target in counted_targets(report)]
        ahead = [say("theme.forecast", lang, label=target.name(lang), text=look.text) for target, look in looks
                 if look and look.chance is not None and target.due > report.as_of]
        told += [say("theme.forecasts", lang) + "".join(ahead)] if ahead else []
    return Answer(question=question, answer="\n".join(told), theme=theme.name(lang))


def headlines(report: Report) -> list[Headline]:
    """One headline value for each target: as known, the target, what time asks for, the quarters before, and what is expected."""
    rows, trend = progress.against_targets(report), progress.trends(report)
    points = {target: tuple(TrendPoint(row.quarter, row.value, row.target_value) for row in part.itertuples())
              for target, part in trend.groupby("target")}
    looks = {}
    if comparable(report):
        looks = {target.id: outlook(report, target_forecasts(report), target) for target in counted_targets(report)}
    return [
        Headline(name=row["target"], label=row["label"], value=row["actual"], unit=row["unit"], target=row["value"],
                 elapsed=row["share_elapsed"], note=_note(row, report), status=row["status"], order=order,
                 trend=points.get(row["target"], ()), outlook=looks.get(row["target"]))
        for order, row in enumerate(rows.to_dict("records"), 1)]


def against_targets(report: Report) -> list[Picture]:
    """A chart for each target: target, actual by quarter, what the elapsed share of time asks for, the gap, and late reports."""
    targets = {target.id: target for target in counted_targets(report)}
    rows = progress.against_targets(report).to_dict("records")
    return [_with_notes(report, target, target_chart(row, progress.by_quarter(report, target), **report.stamp, **_expected(report, target))
                        ).backed_by(_behind_quarters(report, target))
            for row in rows for target in (targets[row["target"]],)]


def _with_notes(report: Report, target: Target, picture: Picture) -> Picture:
    """The picture with what is thin about its nowcast under it."""
    if not comparable(report):
        return picture
    now = nowcast(report)
    codes = dict.fromkeys(code for note in now.loc[now["target"] == target.id, "note"] for code in str(note).split())
    told = notes_text([(code, {}) for code in codes], "nowcast", report.lang)
    return replace(picture, caption="\n".join([picture.caption, *told]))


def _expected(report: Report, target: Target) -> dict[str, pd.DataFrame]:
    """What a target's chart shows beyond what is reported: quarters once reports are in, and the headline forecast; of the city only."""
    if not comparable(report):
        return {}
    now, ahead = nowcast(report), target_forecasts(report).table
    now = now[now["target"] == target.id][["quarter", *_CUMULATIVE]].rename(columns=_CUMULATIVE)
    ahead = ahead[(ahead["target"] == target.id) & (ahead["county"] == "") & (ahead["method"] == "headline")]
    return {"nowcast": now.reset_index(drop=True), "forecast": ahead.reset_index(drop=True)}


def methods(report: Report) -> list[Answer | Picture]:
    """The forecasts of plan, flow, model and headline side by side for each target, with their scores; of the city only."""
    lang = report.lang
    if not comparable(report):
        where = say("forecast.elsewhere.county" if report.parameters.county else "forecast.elsewhere.public", lang)
        return [Answer(say("forecast.elsewhere.question", lang), where)]
    forecasts = target_forecasts(report)
    names = {target.id: target.name(lang) for target in counted_targets(report)}
    return [methods_chart(forecasts.table[forecasts.table["county"] == ""], forecasts.scores, **report.stamp, names=names)]


def county_forecasts(report: Report) -> list[Picture]:
    """What each county's counts are expected to be at the due dates; a county's own stand on its page of schedule risk."""
    if not comparable(report):
        return []
    rows = target_forecasts(report).table
    names = {target.id: target.name(report.lang) for target in counted_targets(report)}
    return [county_forecast_chart(rows[rows["county"] != ""], **report.stamp, counties=_counties(report), names=names)]


def county_pace(report: Report) -> Picture:
    """Share done against share of time gone by county and target, counties against their own first plans."""
    names = {target.id: target.name(report.lang) for target in counted_targets(report)}
    return county_pace_chart(progress.county_pace(report), **report.stamp, targets=names, counties=_counties(report))


def _counties(report: Report) -> dict[str, str]:
    own = report.parameters.county
    codes = [own] if own else [*report.city.divisions.codes, report.city.divisions.city.code]
    return {code: behind.county_name(report, code) for code in codes}


def should_have(report: Report) -> list[PageTable]:
    """Projects that should have started and did not, the latest first; those that started before their first plan."""
    return [_should_have(report), _early(report)]


def _should_have(report: Report) -> PageTable:
    lang, rows = report.lang, progress.should_have(report)
    shown = rows.head(_LISTED)
    missing = progress.left_out(report).set_index("reason")["projects"]
    table = pd.DataFrame({
        "name": shown["name"], "county": behind.county_names(report, shown["county"]), "department": shown["department"],
        "original": shown["original_date"].map(day), "planned": shown["planned_date"].map(day), "days_late": shown["days_late"],
        "reason": shown["reason"], "sure": [say(f"should.sure.{sure}", lang) for sure in shown["sure"]]})
    counts = rows["sure"].value_counts()
    title = say("should.title", lang, n=number(len(rows)), shown=number(len(shown)), unsure=number(counts.get("may_be_unreported", 0)))
    caption = say("should.caption", lang, no_plan=number(missing.get("no_plan", 0)))
    align = {"original": "center", "planned": "center"}
    return PageTable("should_have_started", title, table, labels(table, "should", lang), caption, align)


def _early(report: Report) -> PageTable:
    lang, rows = report.lang, progress.started_early(report)
    shown = rows.head(_LISTED)
    table = pd.DataFrame({
        "name": shown["name"], "county": behind.county_names(report, shown["county"]), "original": shown["original_date"].map(day),
        "actual": shown["actual_date"].map(day), "days_early": shown["days_early"]})
    title = say("early.title", lang, n=number(len(rows)), shown=number(len(shown)))
    return PageTable("started_early", title, table, labels(table, "early", lang), "", {"original": "center", "actual": "center"})


def money(report: Report) -> list[Picture]:
    """The S-curve of the year's investment with its forecast, and earned schedule by county."""
    performance, county = schedule_performance(report), report.parameters.county
    own = performance[performance["county"] == county]
    spi = float(own["spi_t"].iloc[-1]) if len(own) and pd.notna(own["spi_t"].iloc[-1]) else None
    curve = investment_chart(investment_curve(report), **report.stamp, spi=spi)
    return [curve, earned_schedule_chart(performance, **report.stamp, counties=_counties(report))]


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
    """Days from an event to the first ledger that reports it, by stage, allowing for reports still to come where enough is known."""
    delays = progress.reporting_delays(report.milestones, report.table("observations")["snapshot"].min())
    names = {stage: term.name(report.lang) for stage, term in report.city.vocabulary.terms("stages").items()}
    corrected = delay_distribution(report.milestones, report.collected)
    if (corrected["n"] >= FEW).any():
        return delay_chart(delays, corrected, **report.stamp, names=names)
    return reporting_delay_chart(delays, names=names, **report.stamp)


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
