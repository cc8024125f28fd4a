"""What a notebook shows of one chain, of the whole city or cut to one county: one call for each part of the page."""

from __future__ import annotations

import pandas as pd

from liantu.assess.chain_gaps import ChainGaps, chain_gaps, gaps_before
from liantu.chains.history import gap_changes
from liantu.chains.inputoutput import link_linkages
from liantu.chains.overview import ENDED
from liantu.chains.states import sticking_points
from liantu.chains.structure import chain_concentration
from liantu.chains.structure import structure as graph_structure
from liantu.figures import attraction_book, behind
from liantu.figures.chain_map import chain_map as draw_map
from liantu.figures.display import BESIDE_THE_INDEX, Answer, Headline, PageTable, Picture, Workbook
from liantu.figures.gap_charts import coverage_chart, covered_share, targets_chart
from liantu.figures.gap_words import in_yi, labels, no_register, nothing, state_name, target_table, yi
from liantu.figures.wording import WAN_IN_YI, number, percent, quarter_name, say
from liantu.reference import Chain, Chains
from liantu.reference.input_output import input_output, input_output_form
from liantu.report import Report
from liantu.tables.fold import RANK

_COUNTED = {"repair": "broken_in_repair", "blocked": "blocked", "weak": "weak"}


def answer(report: Report) -> list[Answer | Headline]:
    """Where the chain is broken, blocked and held back, and what filling its best gap gives, in two sentences; its key numbers."""
    gaps, chain, lang = chain_gaps(report), report.chain, report.lang
    states, question = gaps.of(chain), say("profile.question", lang, chain=chain.name(lang))
    if not gaps.registered:
        return [Answer(question, no_register(report))]
    counts = states["state"].value_counts()
    broken = int(counts.get("broken_open", 0) + counts.get("broken_in_repair", 0))
    first = say("profile.answer.states", lang, links=number(len(states)), broken=number(broken),
                **{name: number(counts.get(state, 0)) for name, state in _COUNTED.items()})
    return [Answer(question, "\n".join([first, _bottleneck(report, gaps), _best(report, gaps)])), *_cards(report, gaps)]


def _bottleneck(report: Report, gaps: ChainGaps) -> str:
    chain, lang = report.chain, report.lang
    total = gaps.total(chain)
    stuck = sticking_points(gaps.of(chain))
    if not total["final_wan"]:
        return say("profile.answer.nothing", lang)
    if stuck.empty:
        return say("profile.answer.free", lang, final=yi(total["final_wan"]))
    names = say("separator", lang).join(stuck[lang].head(3))
    return say("profile.answer.cut", lang, final=yi(total["final_wan"]), links=names, n=number(len(stuck)))


def _best(report: Report, gaps: ChainGaps) -> str:
    lang, found = report.lang, gaps.targets_of(report.chain)
    if found.empty:
        return say("profile.answer.no_target", lang)
    best = found.sort_values("unlock_wan", ascending=False).iloc[0]
    return say("profile.answer.best", lang, link=best[lang], unlock=yi(best["unlock_wan"]), low=yi(best["unlock_low"]),
               high=yi(best["unlock_high"]), invest=yi(best["invest_wan"]))


def _cards(report: Report, gaps: ChainGaps) -> list[Headline]:
    chain, lang = report.chain, report.lang
    states, total, found = gaps.of(chain), gaps.total(chain), gaps.targets_of(chain)
    values = {"final": total["final_wan"] / WAN_IN_YI, "unlock": found["unlock_wan"].max() / WAN_IN_YI if len(found) else None,
              "gaps": len(found), "firms": int(states["suppliers"].sum())}
    return [Headline(f"profile_{name}", say(f"profile.card.{name}", lang), None if pd.isna(value) else round(value, 1),
                     say(f"profile.card.{name}.unit", lang), note=say(f"profile.card.{name}.note", lang), order=BESIDE_THE_INDEX + place)
            for place, (name, value) in enumerate(values.items())]


def chain_map(report: Report) -> Picture:
    """The map of the chain: its links by tier and state, flows, the minimum cut, firms and projects on it."""
    gaps, before, chain, county = chain_gaps(report), gaps_before(report), report.chain, report.parameters.county
    states, total = gaps.of(chain), gaps.total(chain)
    own = None
    if county:
        firms = gaps.firms[(gaps.firms["chain"] == chain.zh) & (gaps.firms["county"] == county)]
        own = firms.groupby("link")["supply_wan"].sum().to_dict()
    then = None if before is None else before.of(chain).set_index("link")["state"].to_dict()
    picture = draw_map(states, chain, **report.stamp, county=county, county_supply=own, before=then, final_wan=total["final_wan"])
    return picture.backed_by(_behind_map(report, gaps, chain))


def _behind_map(report: Report, gaps: ChainGaps, chain: Chain) -> behind.Behind:
    """Every firm and every project on the links of the map, with the ledger row of each."""
    lang = report.lang
    names = {link.id: link.name(lang) for link in chain.links}
    firms, projects = _on_chain(report, gaps.firms, chain), _on_chain(report, gaps.known.projects, chain)
    where = behind.last_of_table(report.whole_city, "enterprises"), behind.last_of_table(report.whole_city, "projects")
    stages = {stage: term.name(lang) for stage, term in report.city.vocabulary.terms("stages").items()}
    made = [pd.DataFrame({
        "bar": part["link"].map(names), "holder": part["name"], "county": behind.county_names(report, part["county"]),
        "stage": [say("profile.firm", lang)] * len(part) if key == "enterprise_id" else part["stage"].map(stages)}).assign(
            **{name: place.reindex(part[key])[name].array for name in behind.WHERE})
        for key, part, place in zip(("enterprise_id", "project_id"), (firms, projects), where, strict=True)]
    rows = pd.concat(made, ignore_index=True)
    order = {name: place for place, name in enumerate(names.values())}
    rows = rows.iloc[rows["bar"].map(order).argsort(kind="stable")].reset_index(drop=True).astype({"row": "Int64"})
    told = {"bar": say("behind.link", lang), "holder": say("profile.behind.holder", lang)}
    told |= {name: say(f"behind.column.{name}", lang) for name in ("county", "stage", *behind.WHERE)}
    return behind.Behind(say("profile.behind.title", lang, firms=number(len(firms)), projects=number(len(projects))), rows, told)


def _on_chain(report: Report, table: pd.DataFrame, chain: Chain) -> pd.DataFrame:
    """Rows of a placed table on links of the chain, of the report's county where it has one."""
    rows = table[(table["chain"] == chain.zh) & table["link"].notna()]
    return rows[rows["county"] == report.parameters.county] if report.parameters.county else rows


def coverage(report: Report) -> Picture:
    """Supply, what is coming, and demand of each link."""
    gaps = chain_gaps(report)
    if not gaps.registered:
        return nothing(report, "coverage", "profile.coverage.subject")
    return coverage_chart(gaps.of(report.chain), **report.whole_city.stamp, covered=gaps.rules.covered)


def links(report: Report) -> PageTable:
    """Each link with its state, suppliers, supply, expected capacity, demand, concentration, price and problems."""
    gaps, lang = chain_gaps(report), report.lang
    states = gaps.of(report.chain)
    table = pd.DataFrame({
        "link": states[lang] + states["key"].map({True: " ★", False: ""}), "tier": [say(f"tier.{tier}", lang) for tier in states["tier"]],
        "state": [state_name(row, lang) for row in states.to_dict("records")], "suppliers": states["suppliers"],
        "supply": in_yi(states["supply_wan"]), "expected": in_yi(states["expected_wan"]), "demand": in_yi(states["demand_wan"]),
        "coverage": [covered_share(share) for share in states["coverage"]], "hhi": states["hhi"].round(2),
        "price": states["price"].round(2), "projects": states["preparing"] + states["building"] + states["completed"],
        "problems": states["open_problems"]})
    title = say("profile.links.title", lang, n=len(table))
    return PageTable("links", title, table, labels(table, "profile.links", lang), say("profile.links.caption", lang), {"coverage": "right"})


def targets(report: Report) -> list[Picture | PageTable | Workbook]:
    """The gaps of the chain as targets: a chart, a table and the workbook to work through."""
    gaps, lang, chain = chain_gaps(report), report.lang, report.chain
    if not gaps.registered:
        return [nothing(report, "targets", "targets.subject")]
    found = gaps.targets_of(chain)
    title = say("profile.targets.title", lang, chain=chain.name(lang), n=len(found))
    shown = [targets_chart(found, report.chains, **report.whole_city.stamp), target_table("targets", title, found, report)]
    return [*shown, attraction_book.of_chain(report, gaps, chain)] if len(found) else shown


def firms(report: Report) -> PageTable:
    """Firms of the register on the chain, the largest first, masters marked."""
    gaps, lang, chain = chain_gaps(report), report.lang, report.chain
    names = {link.id: link.name(lang) for link in chain.links}
    rows = _on_chain(report, gaps.firms, chain).sort_values("supply_wan", ascending=False)
    table = pd.DataFrame({
        "name": rows["name"], "county": behind.county_names(report, rows["county"]), "link": rows["link"].map(names),
        "supply": in_yi(rows["supply_wan"]), "master": ["★" if master else "" for master in rows["master"]]})
    named = say("separator", lang).join(rows.loc[rows["master"].astype(bool), "name"])
    caption = say("profile.firms.masters", lang, names=named) if named else say("profile.firms.no_master", lang)
    if chain.masters:
        caption += say("profile.firms.named", lang, names=say("separator", lang).join(chain.masters))
    if gaps.registered:
        held = chain_concentration(Chains(gaps.chains.edition, (chain,)), gaps.firms).iloc[0]
        caption += say("profile.firms.concentration", lang, hhi=f"{held['hhi']:.2f}", share=percent(held["top_share"]),
                       alone=number(held["one_supplier_links"]), links=number(held["supplied_links"])) if held["firms"] else ""
    title = say("profile.firms.title", lang, n=len(table))
    return PageTable("firms", title, table, labels(table, "profile.firms", lang), caption, {"master": "center"})


def projects(report: Report) -> PageTable:
    """Projects on the chain that are not terminated, the furthest first."""
    gaps, lang, chain = chain_gaps(report), report.lang, report.chain
    rows = gaps.known.projects
    rows = rows[(rows["chain"] == chain.zh) & (rows["stage"] != "terminated")]
    rows = rows[rows["county"] == report.parameters.county] if report.parameters.county else rows
    rows = rows.assign(_rank=rows["stage"].map(RANK)).sort_values(["_rank", "total_investment_wan"], ascending=[False, False])
    stages = {stage: term.name(lang) for stage, term in report.city.vocabulary.terms("stages").items()}
    names = {link.id: link.name(lang) for link in chain.links}
    table = pd.DataFrame({
        "name": rows["name"], "county": behind.county_names(report, rows["county"]), "link": rows["link"].map(names),
        "stage": rows["stage"].map(stages), "investment": in_yi(rows["total_investment_wan"]),
        "confidence": rows["link_confidence"].round(2)})
    title = say("profile.projects.title", lang, n=len(table), open=number((~rows["stage"].isin(ENDED)).sum()),
                loose=number(rows["link"].isna().sum()))
    return PageTable("projects", title, table, labels(table, "profile.projects", lang), say("profile.projects.caption", lang))


def structure(report: Report) -> PageTable:
    """Links without which the chain stands still, and those through which most ways lead."""
    gaps, lang, chain = chain_gaps(report), report.lang, report.chain
    found, table = graph_structure(chain, gaps.of(chain)), input_output(report.city)
    if table is not None:
        linked = link_linkages(Chains(gaps.chains.edition, (chain,)), table)[["link", "backward", "forward"]]
        found = found.merge(linked, on="link", how="left")
    form = input_output_form(report.city)
    return _structure_table(found, chain, lang, form.status_zh if lang == "zh" else form.status_en)


def _structure_table(found: pd.DataFrame, chain: Chain, lang: str, linkages: str) -> PageTable:
    names = {link.id: link.name(lang) for link in chain.links}
    rows = found.sort_values(["risk_share", "betweenness"], ascending=False, kind="stable")
    yes = say("said.yes", lang)
    table = pd.DataFrame({
        "link": rows["link"].map(names), "risk": [percent(share) for share in rows["risk_share"]],
        "single": rows["single_point"].map({True: yes, False: ""}), "every": rows["on_every_path"].map({True: yes, False: ""}),
        "betweenness": rows["betweenness"].round(2), "depth": rows["depth"],
        **{name: rows[name].round(2) for name in ("backward", "forward") if name in rows}})
    alone = say("separator", lang).join(rows.loc[rows["single_point"], "link"].map(names))
    title = say("profile.structure.title", lang, n=int(rows["single_point"].sum())) if alone else say("profile.structure.none", lang)
    caption = f"{say('profile.structure.caption', lang)} {linkages}"
    align = {"risk": "right", "single": "center", "every": "center"}
    return PageTable("structure", title, table, labels(table, "profile.structure", lang), caption, align)


def since(report: Report) -> list[Answer | PageTable]:
    """Links of the chain whose state is another one than at the end of last quarter."""
    now, before, lang, chain = chain_gaps(report), gaps_before(report), report.lang, report.chain
    last = quarter_name(str(report.quarter.previous), lang)
    if before is None:
        return [Answer(say("profile.since.question", lang), say("profile.since.none", lang, last=last))]
    changes = gap_changes(before.of(chain), now.of(chain))
    moved = changes[changes["before"] != changes["now"]]
    names = {link.id: link.name(lang) for link in chain.links}
    table = pd.DataFrame({
        "link": moved["link"].map(names), "before": [say(f"gap.{state}", lang) for state in moved["before"]],
        "now": [say(f"gap.{state}", lang) for state in moved["now"]],
        "change": [say(f"gap.change.{kind}", lang) for kind in moved["change"]]})
    title = say("profile.since.title", lang, n=len(table), last=last)
    return [PageTable("since", title, table, labels(table, "profile.since", lang), say("profile.since.caption", lang))]
