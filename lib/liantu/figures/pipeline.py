"""What a notebook shows of the pipeline from signing to capacity: one call for each part of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from liantu.figures import behind
from liantu.figures.curve_charts import curves_chart, share_at
from liantu.figures.display import BESIDE_THE_INDEX, Answer, Headline, PageTable, Picture, WatchItem, WatchList
from liantu.figures.forecast_words import notes_text
from liantu.figures.funnel_charts import funnel_chart, rates_by_group_chart, waterfall_chart
from liantu.figures.gap_words import chain_names, labels, nothing
from liantu.figures.stage_time_charts import permit_chart, time_in_stage_chart
from liantu.figures.wording import day, number, percent, say
from liantu.progress.pipeline import PipelineMeasures, pipeline_of
from liantu.report import Report

RATES = ("landing", "start", "completion", "capacity")
WATCHED = 5
_YEAR = 365
_CURVES = ("approved", "started")  # the stages whose curves are drawn: until the start, until the completion
_GROUPS = (("county", "start"), ("county", "completion"), ("chain", "start"), ("origin", "landing"), ("size", "completion"))


def stage_names(report: Report) -> dict[str, str]:
    """The stages as readers call them."""
    return {stage: term.name(report.lang) for stage, term in report.city.vocabulary.terms("stages").items()}


def answer(report: Report) -> list[Answer | Headline]:
    """The four rates as known now, how long works usually take, and who waits longest; a card for each rate."""
    made, lang, question = pipeline_of(report), report.lang, say("pipeline.question", report.lang)
    if not _told_through(report) or made.snapshots.empty or not made.snapshots["base"].sum():
        return [Answer(question, say("pipeline.answer.none" if _told_through(report) else "pipeline.answer.public", lang))]
    newest = made.snapshots[made.snapshots["group"] == made.snapshots["group"].iloc[-1]].set_index("rate")
    told = say("comma", lang).join(
        say("pipeline.answer.rate", lang, rate=say(f"pipeline.rate.{rate}", lang), share=percent(newest.loc[rate, "share"]))
        for rate in RATES if rate in newest.index and pd.notna(newest.loc[rate, "share"]))
    lines = [say("pipeline.answer", lang, rates=told), _times(report, made), _longest(report, made)]
    return [Answer(question, "\n".join(line for line in lines if line)), *_cards(newest, lang)]


def _told_through(report: Report) -> bool:
    """Whether the data follow projects through their stages; a public record names each once, in the stage of that day."""
    return report.card.kind != "public"


def _times(report: Report, made: PipelineMeasures) -> str:
    lang, names = report.lang, stage_names(report)
    rows = made.times.dropna(subset=["median"]).to_dict("records")
    told = [say("pipeline.answer.time", lang, stage=names[row["stage"]], days=number(round(row["median"]))) for row in rows]
    return say("pipeline.answer.times", lang, times=say("comma", lang).join(told)) if told else ""


def _longest(report: Report, made: PipelineMeasures) -> str:
    over = made.waiting[made.waiting["over"] > 0]
    if over.empty:
        return ""
    worst = over["stage"].value_counts()
    return say("pipeline.answer.waiting", report.lang, n=number(len(over)), stage=stage_names(report)[worst.index[0]],
               most=number(worst.iloc[0]))


def _cards(newest: pd.DataFrame, lang: str) -> list[Headline]:
    found = []
    for order, rate in enumerate(rate for rate in RATES if rate in newest.index):
        row = newest.loc[rate]
        note = say("pipeline.card.note", lang, reached=number(row["reached"]), base=number(row["base"]), low=percent(row["low"]),
                   high=percent(row["high"]))
        found.append(Headline(f"rate_{rate}", say(f"pipeline.rate.{rate}", lang), percent(row["share"]), note=note,
                              order=BESIDE_THE_INDEX + order))
    return found


def rates(report: Report) -> Picture:
    """The four conversion rates by cohort (year of entry) and by snapshot, with intervals."""
    if not _told_through(report):
        return nothing(report, "funnel", "pipeline.rates.subject")
    made = pipeline_of(report)
    return funnel_chart(made.cohorts, made.snapshots, **report.stamp, names=made.names)


def waterfall(report: Report) -> Picture:
    """Where those are now that were introduced, and where they stopped."""
    if not _told_through(report):
        return nothing(report, "waterfall", "pipeline.waterfall.subject")
    made, names = pipeline_of(report), stage_names(report)
    cohort = say("pipeline.cohort", report.lang, stage=names[made.waterfall_first])
    return waterfall_chart(made.waterfall, **report.stamp, names=names, cohort=cohort)


def groups(report: Report) -> list[Picture]:
    """One rate each by county, chain, origin and size, with intervals."""
    if not _told_through(report):
        return [nothing(report, "rates_by_group", "pipeline.rates.subject")]
    made, lang, found = pipeline_of(report), report.lang, []
    for by, rate in _GROUPS:
        chart = rates_by_group_chart(made.by[by], rate, **report.stamp, names=_group_names(report, made, by),
                                     by=say(f"pipeline.by.{by}", lang))
        found.append(replace(chart, name=f"{chart.name}_{by}"))
    return found


def _group_names(report: Report, made: PipelineMeasures, by: str) -> Mapping[str, str]:
    if by == "county":
        city = report.city.divisions.city.code
        return made.names | {code: behind.county_name(report, code) for code in (*report.city.divisions.codes, city)}
    if by == "origin":
        return made.names | {origin: term.name(report.lang) for origin, term in report.city.vocabulary.terms("origins").items()}
    return made.names | (chain_names(report) if by == "chain" else {})


def curves(report: Report) -> list[Picture]:
    """How long until the start of works and until the completion, with termination competing; by county where that is told apart."""
    made, names = pipeline_of(report), stage_names(report)
    found = [curves_chart(made.curves, **report.stamp, names=names, stage=stage) for stage in _CURVES]
    by_size = made.curves_by["size"]
    if len(by_size):
        chart = curves_chart(by_size[by_size["to"] != "terminated"], **report.stamp, names=names, stage="started",
                             groups=_group_names(report, made, "size"))
        found.append(replace(chart, name=f"{chart.name}_size"))
    return found


def waiting(report: Report) -> list[Picture | PageTable]:
    """The usual time in each stage and those who still wait; the permits; whether counties and sizes differ."""
    made, lang, names = pipeline_of(report), report.lang, stage_names(report)
    approvals = {name: term.name(lang) for name, term in report.city.vocabulary.terms("approvals").items()}
    tests = made.differ.dropna(subset=["p"])
    table = pd.DataFrame({
        "by": [say(f"pipeline.by.{by}", lang) for by in tests["by"]], "stage": tests["stage"].map(names), "chi2": tests["chi2"].round(1),
        "p": [say("pipeline.p.small", lang) if p < 0.001 else f"{p:.3f}" for p in tests["p"]],
        "year": [_done_in_a_year(made, stage) for stage in tests["stage"]]})
    differ = PageTable("differ", say("pipeline.differ.title", lang), table, labels(table, "pipeline.differ", lang),
                       say("pipeline.differ.caption", lang), {"p": "right", "year": "right"})
    return [time_in_stage_chart(made.times, **report.stamp, names=names, waiting=made.waiting),
            permit_chart(made.permits, **report.stamp, names=approvals), *([differ] if len(table) else [])]


def _done_in_a_year(made: PipelineMeasures, stage: str) -> str:
    rows = made.curves[(made.curves["stage"] == stage) & (made.curves["to"] != "terminated")]
    return percent(share_at(rows, _YEAR)["share"]) if len(rows) else "–"


def longest(report: Report) -> list[PageTable | WatchList]:
    """The projects that stand in a stage longest beyond the usual, and what was left out of all this."""
    made, lang, names = pipeline_of(report), report.lang, stage_names(report)
    rows = made.longest
    table = pd.DataFrame({
        "name": rows["name"], "county": behind.county_names(report, rows["county"]), "department": rows["department"],
        "stage": [names.get(stage, stage) for stage in rows["stage"]], "entered": rows["entered"].map(day), "days": rows["days"],
        "usual": rows["usual"].round(), "over": rows["over"].round(), "shorter": [percent(value) for value in rows["shorter"]],
        "open_problems": rows["open_problems"]})
    title = say("pipeline.longest.title", lang, n=number(len(made.waiting)), shown=number(len(table)))
    left_out = notes_text([(row.note, {"n": row.n}) for row in made.notes.itertuples() if row.n or row.note == "no_spells"], "spells", lang)
    caption = "\n".join([say("pipeline.longest.caption", lang), *left_out])
    listed = PageTable("longest_waiting", title, table, labels(table, "pipeline.longest", lang), caption,
                       {"entered": "center", "shorter": "right"})
    return [listed, *_watch(report, rows[rows["over"] > 0], names)]


def _watch(report: Report, rows: pd.DataFrame, names: Mapping[str, str]) -> list[WatchList]:
    lang = report.lang
    items = tuple(WatchItem(
        row["name"], say("pipeline.watch.why", lang, stage=names.get(row["stage"], row["stage"]), days=number(row["days"]),
                         usual=number(round(row["usual"]))),
        behind.county_name(report, row["county"]), row["entered"]) for row in rows.head(WATCHED).to_dict("records"))
    return [WatchList("waiting", say("pipeline.watch.title", lang), items, "", 25)] if items else []
