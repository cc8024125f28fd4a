"""What a notebook shows of how good the forecasts were: one call for each part of the page."""

from __future__ import annotations

import pandas as pd

from liantu.figures.display import BESIDE_THE_INDEX, Answer, Headline, PageTable, Picture
from liantu.figures.forecast_words import notes_text
from liantu.figures.gap_words import in_yi, labels, nothing, yi
from liantu.figures.score_charts import chances_chart, past_forecasts_chart, scores_chart
from liantu.figures.wording import day, number, percent, say
from liantu.progress.investment_curve import investment_backtest
from liantu.progress.scheduling.chance_record import chance_scores, chances_against_outcomes
from liantu.progress.target_forecasts import TargetForecasts, target_forecasts
from liantu.progress.targets import comparable, counted_targets
from liantu.report import Report

METHODS = ("plan", "flow", "kaplan_meier", "model", "headline")


def answer(report: Report) -> list[Answer | Headline]:
    """Which method leads for each target, by how much, and how many bands of 90 % held what became known."""
    lang, question = report.lang, say("scorecard.question", report.lang)
    if not comparable(report):
        return [Answer(question, say("forecast.elsewhere.public", lang))]
    forecasts = target_forecasts(report)
    if forecasts.past.empty:
        return [Answer(question, say("scorecard.answer.none", lang))]
    names = {target.id: target.name(lang) for target in counted_targets(report)}
    told = [_chosen(row, names, lang) for row in forecasts.headline.to_dict("records") if row["target"] in names]
    held, n = _held(forecasts)
    last = say("scorecard.answer.held", lang, held=number(held), n=number(n), share=percent(held / n))
    lead = forecasts.past[forecasts.past["method"] == "headline"]
    card = Headline("forecast_coverage", say("scorecard.card.held", lang), percent(held / n), note=say(
        "scorecard.card.note", lang, n=number(n), snapshots=number(lead["made"].nunique())), order=BESIDE_THE_INDEX)
    return [Answer(question, "\n".join([*told, last])), card]


def _chosen(row: dict, names: dict[str, str], lang: str) -> str:
    chosen = say(f"method.{row['chosen']}", lang)
    gain = "–" if pd.isna(row["gain"]) else percent(row["gain"])
    return say(f"scorecard.why.{row['why']}", lang, target=names[row["target"]], chosen=chosen, gain=gain)


def _notes(report: Report) -> list[str]:
    """The notes of the forecasts, targets by their names."""
    names = {target.id: target.name(report.lang) for target in counted_targets(report)}
    found = [(code, values | ({"target": names.get(values["target"], values["target"])} if "target" in values else {}))
             for code, values in target_forecasts(report).notes]
    return notes_text(found, "forecast", report.lang)


def _held(forecasts: TargetForecasts) -> tuple[int, int]:
    past = forecasts.past[forecasts.past["method"] == "headline"]
    return int(past["truth"].between(past["q05"], past["q95"]).sum()), len(past)


def scores(report: Report) -> list[Picture | PageTable]:
    """CRPS against the base rate, coverage of the bands and Brier scores, by target and method."""
    forecasts, lang = target_forecasts(report), report.lang
    if forecasts.scores.empty:
        return [nothing(report, "scores", "scorecard.subject")]
    names = {target.id: target.name(lang) for target in counted_targets(report)}
    rows = forecasts.scores[forecasts.scores["target"].isin(names)]
    table = pd.DataFrame({
        "target": rows["target"].map(names), "method": [say(f"method.{name}", lang) for name in rows["method"]], "n": rows["n"],
        "crps": rows["crps"].round(1), "skill": [percent(value) for value in rows["skill"]],
        "cover50": [percent(value) for value in rows["cover50"]], "cover90": [percent(value) for value in rows["cover90"]],
        "brier": rows["brier"].round(3)})
    chart = scores_chart(forecasts.scores, forecasts.past, names=names, **report.stamp)
    title = say("scorecard.scores.title", lang, n=number(rows["n"].max()))
    align = dict.fromkeys(("skill", "cover50", "cover90"), "right")
    return [chart, PageTable("scores", title, table, labels(table, "scores", lang), say("scorecard.scores.caption", lang), align)]


def past(report: Report) -> list[Picture | PageTable]:
    """Each forecast of the past beside what became known, and those that missed most."""
    forecasts, lang = target_forecasts(report), report.lang
    if forecasts.past.empty:
        return [nothing(report, "past_forecasts", "scorecard.subject")]
    names = {target.id: target.name(lang) for target in counted_targets(report)}
    return [past_forecasts_chart(forecasts.past, names=names, **report.stamp), _missed(report, forecasts, names)]


def _missed(report: Report, forecasts: TargetForecasts, names: dict[str, str]) -> PageTable:
    lang, rows = report.lang, forecasts.past
    rows = rows[rows["target"].isin(names)]
    out = rows[~rows["truth"].between(rows["q05"], rows["q95"])]
    off = (out["truth"] - out["mean"]) / out["truth"].clip(lower=1)
    out = out.assign(off=off)[out["method"] == "headline"].sort_values("off", key=abs, ascending=False)
    table = pd.DataFrame({
        "target": out["target"].map(names), "made": out["made"].map(day), "horizon": out["horizon"].map(day), "mean": out["mean"].round(),
        "band": [f"{number(round(low))}–{number(round(high))}" for low, high in zip(out["q05"], out["q95"], strict=True)],
        "truth": out["truth"], "off": [percent(value) for value in out["off"]]})
    n = int((rows["method"] == "headline").sum())
    title = say("scorecard.missed.title" if len(out) else "scorecard.missed.none", lang, missed=number(len(out)), n=number(n))
    align = dict.fromkeys(("band", "off"), "right")
    return PageTable("missed", title, table, labels(table, "missed", lang), say("scorecard.missed.caption", lang), align)


def weights(report: Report) -> PageTable | Picture:
    """The weight of each method in the headline of each target, and why it was chosen."""
    forecasts, lang = target_forecasts(report), report.lang
    names = {target.id: target.name(lang) for target in counted_targets(report)}
    rows = forecasts.weights[forecasts.weights["target"].isin(names)]
    if rows.empty:
        return nothing(report, "weights", "scorecard.subject")
    wide = rows.pivot_table(index="target", columns="method", values="weight", aggfunc="first", sort=False)
    table = pd.DataFrame({"target": [names[target] for target in wide.index]})
    for method in (name for name in METHODS if name in wide):
        table[f"weight_{method}"] = [percent(value) for value in wide[method]]
    why = forecasts.headline.set_index("target")
    table["chosen"] = [say(f"method.{why.loc[target, 'chosen']}", lang) for target in wide.index]
    heads = {"target": say("scores.column.target", lang), "chosen": say("weights.column.chosen", lang)}
    heads |= {name: say(f"method.{name.removeprefix('weight_')}", lang) for name in table if name.startswith("weight_")}
    align = {name: "right" for name in table if name.startswith("weight_")}
    return PageTable("weights", say("weights.title", lang), table, heads, say("weights.caption", lang), align)


def chances(report: Report) -> list[Picture | PageTable]:
    """Chances of projects to make their dates against how many of them did, and their Brier scores by what was asked for."""
    lang, rows = report.lang, chance_scores(report)
    rows = rows[rows["n"] > 0]
    table = pd.DataFrame({
        "goal": [say(f"goal.{goal}", lang) for goal in rows["goal"]], "n": rows["n"],
        "expected": [percent(share) for share in rows["expected"]],
        "made": [percent(share) for share in rows["made"]], "brier": rows["brier"].round(3), "base": rows["base"].round(3),
        "skill": [percent(value) for value in rows["skill"]]})
    align = dict.fromkeys(("expected", "made", "skill"), "right")
    told = PageTable("chance_scores", say("goal.title", lang), table, labels(table, "goal", lang), say("goal.caption", lang), align)
    return [chances_chart(chances_against_outcomes(report), **report.stamp), *([told] if len(table) else [])]


def money(report: Report) -> PageTable | Picture:
    """Each forecast of the city's investment made at an earlier ledger, beside what later ledgers show and a straight line."""
    lang, rows = report.lang, investment_backtest(report)
    rows = rows[rows["county"] == ""]
    if rows.empty:
        return nothing(report, "money_forecasts", "money.past.subject")
    table = pd.DataFrame({
        "made": rows["made"].map(day), "at": rows["at"].map(day), "forecast": in_yi(rows["forecast_wan"]).round(1),
        "band": [f"{yi(low)}–{yi(high)}" for low, high in zip(rows["low_wan"], rows["high_wan"], strict=True)],
        "truth": in_yi(rows["truth_wan"]).round(1), "error": [percent(value) for value in rows["error"]],
        "line": [percent(value) for value in rows["linear_error"]]})
    title = say("money.past.title", lang, n=number(len(rows)), held=number(int(rows["inside90"].sum())))
    align = dict.fromkeys(("band", "error", "line"), "right")
    return PageTable("money_forecasts", title, table, labels(table, "money.past", lang), say("money.past.caption", lang), align)


def notes(report: Report) -> PageTable:
    """What was thin or wrong in the data of these forecasts, one line each."""
    lang = report.lang
    told = _notes(report) if comparable(report) else [say("forecast.elsewhere.public", lang)]
    table = pd.DataFrame({"note": pd.Series(told or [say("notes.none", lang)], dtype="str")})
    return PageTable("notes", say("notes.title", lang), table, {"note": say("notes.column.note", lang)})


