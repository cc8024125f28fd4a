"""What a notebook shows of one county to its leaders: where it stands, plans and claims, what to do first, praise, its four lists."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pandas as pd

from liantu.assess.evidence import evidence_of
from liantu.assess.ranking import rank_sets
from liantu.assess.standings import (
    Standings,
    advice_text,
    county_facts,
    indicator_rules,
    indicator_values,
    praise_and_watch,
    standings,
    three_things,
    watch_text,
)
from liantu.assess.standings.indicator_rules import Indicator
from liantu.figures import lists_book
from liantu.figures.county_strips import STRIPS, possible_places, standing_strips
from liantu.figures.display import BESIDE_THE_INDEX, Answer, Headline, PageTable, Picture, WatchItem, WatchList, Workbook
from liantu.figures.gap_words import labels
from liantu.figures.wording import WAN_IN_YI, number, percent, say
from liantu.progress.pace import county_pace
from liantu.progress.targets import counted_targets
from liantu.reference.opened import kept
from liantu.report import Report

_DRAWS = 1_000
_AHEAD = 3  # of seven: wholly among so many first or last places counts as ahead or behind
_SCORES = ("county_overall", "project_construction", "attraction")
_SECTIONS = {
    "progress": ("new_starts", "started_of_plan", "investment_progress", "at_capacity", "on_time"),
    "attraction": ("introduced", "spill_over_share", "fits_chain_share", "gaps_filled"),
    "evidence": ("evidence_rate", "notices"),
}
_NAMED = 4  # matters named in a row
_QUALITY = {
    "introduced": "introduced", "from_jjj": "from_jjj", "spill_over": "spill_over", "squeezed_out": "squeezed_out", "stop": "stop",
    "attention": "attention", "fits_chain": "fits_chain", "fills_gap": "fills_gap", "problems_open": "open",
    "problems_overdue": "overdue", "median_days": "median_days"}
"""What the table of quality says, and the column of `county_facts` that tells it."""


def answer(report: Report) -> list[Answer | Headline]:
    """Where the county stands in all, what its claims rest on, and the first thing to do."""
    lang, question = report.lang, say("county.question", report.lang, place=report.place)
    overall, claims = _overall(report), _claims(report)
    lines = [_place_line(report, overall)]
    if claims["claimed"]:
        lines.append(say("county.answer.evidence", lang, **{key: number(value) for key, value in claims.items()}))
    first = three_things(report.whole_city, report.parameters.county)
    if len(first):
        lines.append(say("county.answer.first", lang, what=_what(report, first.iloc[0])))
    return [Answer(question, "\n".join(lines)), *_cards(report, overall, claims)]


def _overall(report: Report) -> pd.Series | None:
    """The county's row of the overall standing; None when it is not ranked."""
    table = standings(report.whole_city, "county_overall").table
    row = table[(table["unit"] == report.parameters.county) & table["total"].notna()]
    return None if row.empty else row.iloc[0]


def _place_line(report: Report, overall: pd.Series | None) -> str:
    lang = report.lang
    if overall is None:
        return say("county.answer.none", lang, place=report.place)
    rows = _strip_rows(report)
    mine = rows[(rows["county"] == report.parameters.county) & (rows["section"] != say("county.section.scores", lang))]
    best, worst = (list(mine.loc[chosen, "label"])[:2] for chosen in (_ahead(mine), _behind(mine, rows)))
    comma = "、" if lang == "zh" else ", "
    kind = "drivers" if best and worst else "only_best" if best else "only_worst" if worst else "level"
    drivers = say(f"county.answer.{kind}", lang, best=comma.join(best), worst=comma.join(worst))
    return say("county.answer.place", lang, place=report.place, total=number(overall["total"], tenths=True), n=_ranked(report),
               places=possible_places(overall["rank_low"], overall["rank_high"], lang), drivers=drivers)


def _ranked(report: Report) -> int:
    return int(standings(report.whole_city, "county_overall").table["total"].notna().sum())


def _claims(report: Report) -> dict[str, int]:
    counts = evidence_of(report.whole_city).counts
    own = counts[counts["county"] == report.parameters.county]
    return {name: int(own[name].sum()) for name in ("claimed", "supported", "unsupported", "contradicted")}


def _cards(report: Report, overall: pd.Series | None, claims: dict[str, int]) -> list[Headline]:
    lang, made = report.lang, []
    if overall is not None:
        places = possible_places(overall["rank_low"], overall["rank_high"], lang)
        note = say("county.card.total_note", lang, places=places, n=_ranked(report))
        made.append(Headline("county_total", say("county.card.total", lang), round(float(overall["total"]), 1),
                             say("county.card.points", lang), note=note, order=BESIDE_THE_INDEX))
    if claims["claimed"]:
        note = say("county.card.evidence_note", lang, claimed=number(claims["claimed"]))
        made.append(Headline("county_contradicted", say("county.card.evidence", lang), claims["contradicted"],
                             say("county.card.items", lang), note=note, order=BESIDE_THE_INDEX + 1))
    return made


# --- where it stands


def standing(report: Report) -> Picture:
    """The county among all counties in every assessment and the main measures, with intervals and the places that it may hold."""
    lang, rows, own = report.lang, _strip_rows(report), report.parameters.county
    mine = rows[(rows["county"] == own) & rows["value"].notna()]
    measures = mine[mine["section"] != say("county.section.scores", lang)]
    overall = _overall(report)
    told = {"place": report.place, "k": len(measures), "good": int(_ahead(measures).sum()), "bad": int(_behind(measures, rows).sum())}
    if overall is None:
        title = say("county.strips.title_unranked", lang, **told)
    else:
        title = say("county.strips.title", lang, places=possible_places(overall["rank_low"], overall["rank_high"], lang), **told)
    counties = {code: report.county_name(code) for code in report.city.divisions.codes}
    return standing_strips(rows, own, title, **report.stamp, counties=counties)


def _ahead(rows: pd.DataFrame) -> pd.Series:
    return rows["rank_high"].le(_AHEAD).fillna(False)


def _behind(rows: pd.DataFrame, everyone: pd.DataFrame) -> pd.Series:
    ranked = everyone[everyone["value"].notna()].groupby("measure").size()
    return rows["rank_low"].gt(rows["measure"].map(ranked) - _AHEAD).fillna(False)


@kept(maxsize=2)
def _strip_rows(report: Report) -> pd.DataFrame:
    city = report.whole_city
    scored = [_scored(report, standings(city, name), name) for name in _SCORES]
    values = indicator_values(city, "county")
    known = indicator_rules(report.city)
    measured = [_measured(report, values, section, known.by_id(name)) for section, ids in _SECTIONS.items() for name in ids]
    return pd.concat([*scored, *measured], ignore_index=True)[STRIPS]


def _scored(report: Report, made: Standings, name: str) -> pd.DataFrame:
    table, lang = made.table, report.lang
    own = table.loc[table["unit"] == report.parameters.county, "total"]
    shown = say("county.strips.points", lang, value=number(own.iloc[0], tenths=True)) if len(own) and pd.notna(own.iloc[0]) else "–"
    return pd.DataFrame({
        "section": say("county.section.scores", lang), "measure": name, "label": made.rules.name(lang), "county": table["unit"],
        "value": table["total"], "low": table["low"], "high": table["high"], "rank_low": table["rank_low"], "rank_high": table["rank_high"],
        "shown": shown, "better": "up"})


def _measured(report: Report, values: pd.DataFrame, section: str, known: Indicator) -> pd.DataFrame:
    rows = values[values["indicator"] == known.id].set_index("unit").reindex([*report.city.divisions.codes])
    value, error = rows["value"].astype("float64"), rows["se"].astype("float64")
    level, sign = indicator_rules(report.city).uncertainty.level, -1 if known.direction == "down" else 1
    # a value without an error comes from a full register
    sets = rank_sets(sign * value, error.fillna(0), level=level, draws=_DRAWS).astype("float64")
    reach, own = NormalDist().inv_cdf(0.5 + level / 2) * error, value.get(report.parameters.county, np.nan)
    least, most = -np.inf if known.kind == "difference" else 0.0, 1.0 if known.kind == "share" else np.inf
    return pd.DataFrame({
        "section": say(f"county.section.{section}", report.lang), "measure": known.id, "label": known.name(report.lang),
        "county": rows.index, "value": value.to_numpy(), "low": (value - reach).clip(lower=least).to_numpy(),
        "high": (value + reach).clip(upper=most).to_numpy(),
        "rank_low": sets["lower"].to_numpy(), "rank_high": sets["upper"].to_numpy(), "shown": shown_value(own, known, report.lang),
        "better": known.direction})


def shown_value(value: object, known: Indicator, lang: str) -> str:
    """An indicator's value as people read it: a share as per cents, money in 亿元, others as a number."""
    if value is None or pd.isna(value):
        return "–"
    if known.unit == "share":
        return percent(value)
    if known.unit == "wan":
        return say("county.yi", lang, value=number(float(value) / WAN_IN_YI, tenths=True))
    return number(value)


# --- plans, claims, quality


def targets(report: Report) -> PageTable:
    """The county's counts against its own plans and elapsed time, and what its claims rest on."""
    lang, own = report.lang, report.parameters.county
    pace = county_pace(report).set_index("target")
    counts = evidence_of(report.whole_city).counts
    claims = counts[counts["county"] == own].set_index("target")
    ids = [target.id for target in counted_targets(report)]
    pace, claims = pace.reindex(ids), claims.reindex(ids)
    table = pd.DataFrame({
        "target": [target.name(lang) for target in counted_targets(report)],
        "planned": pace["planned"].where(pace["planned"] > 0), "claimed": pace["done"],
        "share_done": [percent(share) for share in pace["share_done"]],
        "share_elapsed": [percent(share) for share in pace["share_elapsed"]],
        "points": pace["points"], "per_month_needed": pace["per_month_needed"].round(1),
        **{name: claims[name] for name in ("supported", "unsupported", "contradicted")}}).reset_index(drop=True)
    align = {"share_done": "right", "share_elapsed": "right"}
    return PageTable("county_targets", say("county.targets.title", lang, place=report.place), table,
                     labels(table, "county.targets", lang), say("county.targets.caption", lang), align)


def quality(report: Report) -> PageTable:
    """What was introduced, gaps filled and problems: the county beside the city."""
    lang, facts = report.lang, county_facts(report).set_index("county")
    own, city = (facts.reindex([code]).iloc[0] for code in (report.parameters.county, ""))
    table = pd.DataFrame({"what": [say(f"county.quality.{key}", lang) for key in _QUALITY],
                          **{name: [number(row[column]) for column in _QUALITY.values()] for name, row in (("own", own), ("city", city))}})
    return PageTable("county_quality", say("county.quality.title", lang, place=report.place), table,
                     labels(table, "county.quality", lang), say("county.quality.caption", lang), {"own": "right", "city": "right"})


# --- what to do, whom to praise


def to_do(report: Report) -> list[PageTable]:
    """The three most useful things to do, with reasons, what can be gained and the first matters behind them."""
    lang = report.lang
    found = three_things(report.whole_city, report.parameters.county)
    if found.empty:
        return []
    comma = "、" if lang == "zh" else ", "
    names = [comma.join(str(item["name"]) for item in items[:_NAMED]) for items in found["items"]]
    table = pd.DataFrame({
        "order": found["order"].to_numpy(), "what": [_what(report, row) for _, row in found.iterrows()],
        "why": [advice_text(row, report) for _, row in found.iterrows()], "gain": found["points"].round(1).to_numpy(), "items": names})
    return [PageTable("to_do", say("county.todo.title", lang, place=report.place, n=len(table)), table, labels(table, "county.todo", lang),
                      say("county.todo.caption", lang))]


def _what(report: Report, row: pd.Series) -> str:
    """What to do: settle the matters behind an indicator, or the indicator itself where none stand behind it."""
    lang, rules = report.lang, indicator_rules(report.city)
    if not row["n_items"]:
        return say("county.todo.measure", lang, measure=rules.by_id(row["indicator"]).name(lang))
    words = next(entry for entry in rules.advice.matters if entry.id == row["items"][0]["kind"]).name(lang)
    return say("county.todo.matters", lang, matters=words, n=number(row["n_items"]))


def praise(report: Report) -> list[PageTable | WatchList]:
    """What the county is to be praised for, talked to about or watched for, with reasons; where there is nothing, that."""
    lang, kinds = report.lang, {entry.id: entry.name(report.lang) for entry in indicator_rules(report.city).watch.kinds}
    found = praise_and_watch(report)
    told = [(kinds[row["kind"]], watch_text(row, report)) for _, row in found.iterrows()]
    table = pd.DataFrame(told or [("–", say("county.praise.none", lang))], columns=["kind", "why"])
    shown = PageTable("county_named", say("county.praise.title", lang, place=report.place), table, labels(table, "county.praise", lang))
    if not told:
        return [shown]
    items = tuple(WatchItem(kind, why, report.place) for kind, why in told)
    title = say("county.watch.title", lang, place=report.place)
    return [shown, WatchList("county_watch", title, items, say("county.watch.note", lang), 14)]


def lists(report: Report) -> Workbook:
    """The county's four lists as a workbook to fill in and send back."""
    return lists_book.of_report(report)
