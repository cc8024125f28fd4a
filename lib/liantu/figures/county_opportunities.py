"""What a notebook shows of the gaps that a county could fill: one call for each part of the page."""

from __future__ import annotations

import pandas as pd

from liantu.assess.chain_gaps import chain_gaps, strengths_of
from liantu.chains.target_brief import brief_of_target
from liantu.figures import attraction_book
from liantu.figures.display import BESIDE_THE_INDEX, Answer, Headline, PageTable, Picture, Workbook
from liantu.figures.gap_words import chain_names, in_yi, labels, no_register, nothing, partners, yi
from liantu.figures.nearness_charts import nearness_chart
from liantu.figures.wording import number, percent, say
from liantu.report import Report

LISTED = 30
DESCRIBED = 8
STRONG = 15
_NAMED = 3


def answer(report: Report) -> list[Answer | Headline]:
    """The gaps that no other beats in both gain and nearness for this county, and how many there are."""
    lang, question = report.lang, say("opportunities.question", report.lang, place=report.place)
    if not chain_gaps(report).registered:
        return [Answer(question, no_register(report))]
    rows = _own(report)
    front = rows[rows["front"]].sort_values("front_share", ascending=False, kind="stable")
    if front.empty:
        return [Answer(question, say("opportunities.none", lang))]
    names = chain_names(report)
    named = say("separator", lang).join(
        say("chains.answer.link", lang, chain=names[row.chain], link=getattr(row, lang)) for row in front.head(_NAMED).itertuples())
    text = say("opportunities.answer", lang, all=number(len(rows)), n=number(len(front)), links=named,
               more="" if len(front) <= _NAMED else say("chains.answer.more", lang))
    best = Headline("front_targets", say("opportunities.card", lang), len(front), say("chains.card.links", lang),
                    note=say("opportunities.card.note", lang), order=BESIDE_THE_INDEX)
    return [Answer(question, text), best]


def nearness(report: Report) -> Picture:
    """Gain against nearness: each gap of the city for this county."""
    rows = _own(report)
    if rows.empty:
        return nothing(report, "nearness", "opportunities.subject")
    return nearness_chart(rows, report.chains, **report.stamp)


def listed(report: Report) -> PageTable:
    """The gaps for this county: those on the front first, then by how often they are."""
    lang, rows = report.lang, _ordered(report)
    shown = rows.head(LISTED)
    table = pd.DataFrame({
        "front": shown["front"].map({True: "★", False: ""}), "chain": shown["chain"].map(chain_names(report)), "link": shown[lang],
        "state": [say(f"gap.{state}", lang) for state in shown["state"]], "density": [percent(share) for share in shown["density"]],
        "interval": [_shares(row) for row in shown.to_dict("records")], "linked": [percent(share) for share in shown["linked"]],
        "unlock": in_yi(shown["unlock_wan"]), "invest": in_yi(shown["invest_wan"]), "per_yuan": shown["per_yuan"].astype(float).round(2),
        "share": [percent(share) for share in shown["front_share"]]})
    title = say("opportunities.title", lang, n=len(table), all=number(len(rows)))
    right = dict.fromkeys(("density", "interval", "linked", "share"), "right")
    return PageTable("opportunities", title, table, labels(table, "opportunities", lang), say("opportunities.caption", lang),
                     {"front": "center", **right})


def whom(report: Report) -> PageTable:
    """What kind of firm to look for: for the gaps on the front what it makes, how large, what it would buy and sell here."""
    lang, gaps = report.lang, chain_gaps(report)
    rows = _ordered(report).head(DESCRIBED)
    county = report.parameters.county
    briefs = [brief_of_target(row["chain"], row["link"], county, gaps.firms, gaps.chains) for row in rows.to_dict("records")]
    comma = say("separator", lang)
    table = pd.DataFrame({
        "link": [say("chains.answer.link", lang, chain=name, link=link)
                 for name, link in zip(rows["chain"].map(chain_names(report)), rows[lang], strict=True)],
        "products": [comma.join(brief.products) for brief in briefs], "codes": [comma.join(brief.gb_codes) for brief in briefs],
        "plant": [yi(brief.plant_wan) for brief in briefs], "buys": [partners(brief.buys, lang) for brief in briefs],
        "sells": [partners(brief.sells, lang) for brief in briefs]})
    title = say("whom.title", lang, n=len(table))
    return PageTable("whom", title, table, labels(table, "whom", lang), say("whom.caption", lang), {"plant": "right"})


def strengths(report: Report) -> PageTable:
    """The links in which the county has an advantage: a larger part of its capacity than of the city's."""
    lang, gaps = report.lang, chain_gaps(report)
    rows = strengths_of(gaps, report.parameters.county)
    shown, names = rows.head(STRONG), chain_names(report)
    links = {(chain.zh, link.id): link.name(lang) for chain in gaps.chains.chains for link in chain.links}
    table = pd.DataFrame({
        "chain": shown["chain"].map(names), "link": [links[pair] for pair in zip(shown["chain"], shown["link"], strict=True)],
        "firms": shown["firms"], "supply": in_yi(shown["supply_wan"]), "rca": shown["rca"].round(1)})
    title = say("strengths.title", lang, n=number(len(rows)), place=report.place)
    return PageTable("strengths", title, table, labels(table, "strengths", lang), say("strengths.caption", lang, n=len(shown)))


def attraction_list(report: Report) -> list[Workbook | Picture]:
    """The workbook of the county's targets, to be worked through."""
    rows = _ordered(report)
    if rows.empty:
        return [nothing(report, "attraction_list", "opportunities.subject")]
    return [attraction_book.of_county(report, chain_gaps(report), rows)]


def _own(report: Report) -> pd.DataFrame:
    rows = chain_gaps(report).by_county
    return rows[rows["county"] == report.parameters.county].reset_index(drop=True)


def _ordered(report: Report) -> pd.DataFrame:
    return _own(report).sort_values(["front", "front_share", "per_yuan"], ascending=False, kind="stable").reset_index(drop=True)


def _shares(row: dict) -> str:
    return "–" if pd.isna(row["density_low"]) else f"{percent(row['density_low'])}–{percent(row['density_high'])}"
